"""Tells the trader what happened: the desk's alarms and the trader's own alerts, each once, on the screen and beyond.

Invariant: whatever is told stands in the log, also where a toast would only echo what was said already.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from tui.model.state import State
from tui.screens.alerts import Alerts
from tui.screens.echo import Echoes
from tui.screens.ring import Ringer
from tui.screens.stage import Severity


class Herald:
    """``toast`` shows, ``emit`` writes to the terminal; ``kinds`` are those that ring."""

    def __init__(
        self,
        alerts: Alerts,
        echoes: Echoes,
        ringer: Ringer,
        kinds: Collection[str],
        *,
        toast: Callable[[str, Severity], None],
        emit: Callable[[str], None],
    ) -> None:
        self._alerts = alerts
        self._echoes = echoes
        self._ringer = ringer
        self._kinds = kinds
        self._toast = toast
        self._emit = emit
        self._number = 0

    def tell(self, state: State, now_ms: int) -> bool:
        """Whatever is new. True: alerts of the trader's own were among it."""
        place = f"kftui {state.environment.upper()}"
        for alarm in state.alarms:
            if alarm.number <= self._number:
                continue
            self._number = alarm.number
            self._alerts.note(alarm)
            self._ring(alarm.kind, place, alarm.text, now_ms)
            if self._echoes.admits(alarm, now_ms):
                self._toast(alarm.text, severity(alarm.severity))
        told = self._alerts.look(state, now_ms)
        for said in told:
            self._ring(said.kind, place, said.text, now_ms)
            self._toast(f"ALERT {said.text}", severity(said.severity))
        return bool(told)

    def _ring(self, kind: str, place: str, text: str, now_ms: int) -> None:
        if kind in self._kinds and (sequence := self._ringer.ring(place, text, now_ms)):
            self._emit(sequence)


def severity(word: str) -> Severity:
    return "error" if word == "error" else "warning" if word == "warning" else "information"
