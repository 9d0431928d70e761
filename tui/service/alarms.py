"""What the trader must hear of at once, numbered so that a screen shows each once.

Invariant: numbers rise by one and are never reused; old alarms fall off, they are not edited.
"""

from __future__ import annotations

from collections import deque

from tui.model.state import Alarm, AlarmKind

KEPT = 50


class Alarms:
    """Owned by the reducer."""

    def __init__(self) -> None:
        self._alarms: deque[Alarm] = deque(maxlen=KEPT)
        self._number = 0
        self._view: tuple[Alarm, ...] | None = ()

    def view(self) -> tuple[Alarm, ...]:
        """Oldest first."""
        if self._view is None:
            self._view = tuple(self._alarms)
        return self._view

    def information(self, kind: AlarmKind, text: str, now_ms: int) -> None:
        self._sound(kind, text, now_ms, "information")

    def warning(self, kind: AlarmKind, text: str, now_ms: int) -> None:
        self._sound(kind, text, now_ms, "warning")

    def error(self, kind: AlarmKind, text: str, now_ms: int) -> None:
        self._sound(kind, text, now_ms, "error")

    def _sound(self, kind: AlarmKind, text: str, now_ms: int, severity: str) -> None:
        self._number += 1
        self._alarms.append(Alarm(self._number, now_ms, kind, text, severity))
        self._view = None
