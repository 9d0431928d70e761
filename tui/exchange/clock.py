"""The exchange's time: the wall clock, or a faster one.

The only place of the exchange that reads a clock. Invariant: it never runs backwards, whatever the wall clock does.
"""

import time
from collections.abc import Callable


class Clock:
    """Milliseconds since the epoch, UTC; ``speed`` times as fast as ``wall`` (seconds) from the start on.

    ``start_ms`` None begins now; otherwise it begins there, as when a recording is replayed. ``not_before_ms``: an
    account that was kept cannot start before the time at which it was saved.
    """

    def __init__(
        self,
        speed: float = 1.0,
        not_before_ms: int = 0,
        wall: Callable[[], float] = time.time,
        *,
        start_ms: int | None = None,
    ) -> None:
        self._speed = speed
        self._wall = wall
        self._start_s = wall()
        self._start_ms = max(int(self._start_s * 1000) if start_ms is None else start_ms, not_before_ms)
        self._latest = self._start_ms

    def __call__(self) -> int:
        now = self._start_ms + int((self._wall() - self._start_s) * 1000 * self._speed)
        self._latest = max(self._latest, now)
        return self._latest
