"""When the next frame is due.

Invariant: frames keep their interval; an urgent one comes early, but never sooner than ``EARLY_S`` after the last, so a
storm of fills cannot eat the desk. Times are seconds of any steady clock, given as arguments.
"""

from __future__ import annotations

from tui.model.view import Pulse

EARLY_S = 0.004


class Pacer:
    def __init__(self, frames_per_s: int) -> None:
        self._interval_s = 1 / frames_per_s
        self._last_s = float("-inf")
        self._due_s: float | None = None

    def ask(self, now_s: float, *, urgent: bool) -> float | None:
        """Something changed. The time to draw at, if that is new or earlier than what was asked for before."""
        wait = EARLY_S if urgent else self._interval_s
        due = max(now_s, self._last_s + wait)
        if self._due_s is not None and self._due_s <= due:
            return None
        self._due_s = due
        return due

    def drawn(self, now_s: float) -> float:
        """A frame begins now. Returns how late it is against what was asked, in ms."""
        late_ms = 0.0 if self._due_s is None else max(0.0, now_s - self._due_s) * 1000
        self._last_s = now_s
        self._due_s = None
        return late_ms


class PulseMeter:
    """Frames and the event loop's lateness, summed up once a tick."""

    def __init__(self) -> None:
        self._frames = 0
        self._cost_ms = 0.0
        self._late_ms = 0.0
        self._tick_s: float | None = None

    def frame(self, late_ms: float, cost_ms: float) -> None:
        self._frames += 1
        self._cost_ms = cost_ms
        self._late_ms = max(self._late_ms, late_ms)

    def tick(self, now_s: float, interval_s: float) -> Pulse:
        """Called every ``interval_s``; how late it is counts as the loop's lateness too."""
        elapsed_s = interval_s if self._tick_s is None else max(now_s - self._tick_s, 1e-9)
        late_ms = max(self._late_ms, (elapsed_s - interval_s) * 1000, 0.0)
        pulse = Pulse(self._cost_ms, late_ms, self._frames / elapsed_s)
        self._tick_s, self._frames, self._late_ms = now_s, 0, 0.0
        return pulse
