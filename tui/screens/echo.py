"""Tells each refusal and each unknown outcome once: as the answer to the act, or as the state's alarm, not as both. And
tells once, not once for every question, that the venue cannot be asked.

Invariant: an alarm is dropped only if an answer with its very words was shown in the last moments; whatever nobody has
shown is said.
"""

from __future__ import annotations

from collections import deque

from tui.model.state import Alarm, AlarmKind

ECHO_MS = 3_000
STORM_MS = 15_000
_ANSWERS = (AlarmKind.REFUSED, AlarmKind.UNRESOLVED)


class Echoes:
    """Acts ``begin`` and ``end``; between them, alarms that may be about them wait."""

    def __init__(self) -> None:
        self._running = 0
        self._held: list[Alarm] = []
        self._storm_ms: int | None = None
        self._shown: deque[tuple[int, str]] = deque(maxlen=16)

    def begin(self) -> None:
        self._running += 1

    def shown(self, text: str, now_ms: int) -> None:
        """The trader has been shown an answer."""
        self._shown.append((now_ms, text))

    def end(self, now_ms: int) -> list[Alarm]:
        """An act has ended. Returns the alarms that waited for it and were not its echo."""
        self._running -= 1
        if self._running:
            return []
        held, self._held = self._held, []
        return [alarm for alarm in held if not self._is_echo(alarm, now_ms)]

    def admits(self, alarm: Alarm, now_ms: int) -> bool:
        """Whether to say an alarm now. False: it was said already, or ``end`` will return it."""
        if alarm.kind is AlarmKind.LINK and alarm.severity == "warning":
            return self._first_of_storm(now_ms)
        if alarm.kind not in _ANSWERS:
            return True
        if self._is_echo(alarm, now_ms):
            return False
        if self._running:
            self._held.append(alarm)
            return False
        return True

    def _first_of_storm(self, now_ms: int) -> bool:
        """When the venue is gone every question to it fails: one of them says it, the health screen has the rest."""
        first = self._storm_ms is None or now_ms - self._storm_ms > STORM_MS
        if first:
            self._storm_ms = now_ms
        return first

    def _is_echo(self, alarm: Alarm, now_ms: int) -> bool:
        core = alarm.text.removeprefix("No answer: ").partition(". ")[0].rstrip(".")
        return any(core in text for at_ms, text in self._shown if now_ms - at_ms <= ECHO_MS)
