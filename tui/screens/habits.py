"""What the desk remembers of its trader between sessions: alerts, their log, how tables were arranged, the tour.

Invariant: this file is a convenience. One that cannot be read is set aside and one that cannot be written is logged;
neither ever stops the desk.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
from msgspec import Struct

from tui.model.alert import Alert, Said
from tui.widgets.table import Arrangement

log = logging.getLogger(__name__)


class Habits(Struct, frozen=True):
    """``tables``: arrangements by ``screen/table``. ``has_toured``: the first-run tour was shown."""

    alerts: tuple[Alert, ...] = ()
    said: tuple[Said, ...] = ()
    tables: dict[str, Arrangement] = {}
    has_toured: bool = False


class HabitsFile:
    """``path`` None keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def is_kept(self) -> bool:
        return self._path is not None

    def load(self) -> Habits:
        if self._path is None:
            return Habits()
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=Habits)
        except FileNotFoundError:
            return Habits()
        except (OSError, msgspec.DecodeError) as error:
            log.warning("habits in %s cannot be read: %s", self._path, error)
            self._set_aside(self._path)
            return Habits()

    def save(self, habits: Habits) -> None:
        """Whole or not at all: written beside and put in place."""
        if self._path is None:
            return
        beside = self._path.with_suffix(".new")
        try:
            beside.touch(mode=0o600)
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(habits), indent=1))
            beside.replace(self._path)
        except OSError as error:
            log.warning("habits cannot be written to %s: %s", self._path, error)

    @staticmethod
    def _set_aside(path: Path) -> None:
        try:
            path.replace(path.with_suffix(".damaged"))
        except OSError as error:
            log.warning("%s cannot be set aside: %s", path, error)
