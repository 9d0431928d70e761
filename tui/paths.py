"""Where kftui keeps its files on this system: settings, journals, the paper account, logs.

``KFTUI_HOME`` puts everything under one folder instead, which is what tests and a second set-up use.
Folders are made for the owner only (0700): journals and keys are nobody else's business.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Mapping

APP = "kftui"


@dataclass(frozen=True, slots=True)
class Paths:
    """Folders, none of which need exist yet. ``make`` creates the ones that are written to."""

    config: Path
    data: Path
    logs: Path

    @property
    def settings(self) -> Path:
        return self.config / "settings.toml"

    @property
    def keys(self) -> Path:
        """Live keys, where the system has no keyring."""
        return self.config / "keys.json"

    @property
    def paper_state(self) -> Path:
        """The desk's own paper account; its keys stand beside it."""
        return self.data / "paper" / "state.sqlite3"

    @property
    def paper_running(self) -> Path:
        """Says where the desk's paper exchange listens while it runs, for ``kftui watch`` and friends."""
        return self.data / "paper" / "running.json"

    @property
    def recordings(self) -> Path:
        """The desk's own recordings, made when the settings ask for it."""
        return self.data / "recordings"

    @property
    def log(self) -> Path:
        return self.logs / "kftui.log"

    @property
    def exchange_log(self) -> Path:
        return self.logs / "exchange.log"

    def journal(self, name: str) -> Path:
        """One journal per account, so that paper and live never mix."""
        return self.data / f"journal-{name}.sqlite3"

    def make(self) -> None:
        """Create the folders that are written to. Raises OSError."""
        for folder in (self.data, self.paper_state.parent, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def find_paths(environ: Mapping[str, str] = os.environ) -> Paths:
    home = environ.get("KFTUI_HOME")
    if home:
        root = Path(home)
        return Paths(config=root, data=root / "data", logs=root / "logs")
    dirs = platformdirs.PlatformDirs(APP, appauthor=False)
    return Paths(config=dirs.user_config_path, data=dirs.user_data_path, logs=dirs.user_log_path)
