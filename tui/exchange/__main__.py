"""``python -m tui.exchange``."""

import sys

from tui.exchange.main import main

if __name__ == "__main__":
    sys.exit(main())
