"""``python -m tui`` is ``kftui``."""

from tui.cli import main

raise SystemExit(main())
