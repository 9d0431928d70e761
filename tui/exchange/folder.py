"""Where the exchange keeps what belongs to no state file: keys and certificates.

The same place as the desk's data, in a folder of its own; ``KFTUI_HOME`` moves both. Invariant: nothing is made here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

_APP: Final = "kftui"


def own_folder(environ: Mapping[str, str]) -> Path:
    home = environ.get("KFTUI_HOME")
    data = Path(home) / "data" if home else platformdirs.user_data_path(_APP, appauthor=False)
    return data / "exchange"
