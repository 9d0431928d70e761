"""How far the venue's clock is ahead of ours, and whether that can be relied on.

REST answers bracket the venue's time between question and answer; frames show that it has come at least so far. An
order tells the venue until when it may be handled: with a clock that drifts, jumps or runs at another speed (a paper
exchange may) such a bound would refuse good orders. Invariant: ``is_steady`` is true only if nothing in the last minute
contradicted what the clock was held to be. All times in milliseconds; ours epoch, local.
"""

from __future__ import annotations

TOLERANCE_MS = 1_000
TRUST_AFTER_MS = 60_000
LONGEST_TRIP_MS = 2_000


class VenueClock:
    """Owned by the reducer. ``skew_ms`` is None until the venue has told a time."""

    def __init__(self) -> None:
        self.skew_ms: int | None = None
        self._held_ms = 0  # the skew against which drift is judged, and since when
        self._held_since_ms = 0
        self._doubted_until_ms = 0

    def told(self, venue_ms: int, asked_ms: int, now_ms: int) -> None:
        """An answer told ``venue_ms``. One that travelled long says little, and nothing once better is known."""
        trip_ms = now_ms - asked_ms
        if self.skew_ms is None:
            self._hold(venue_ms - now_ms + trip_ms // 2, now_ms)
        elif 0 <= trip_ms <= LONGEST_TRIP_MS:
            self._take(venue_ms - now_ms + trip_ms // 2, trip_ms // 2, now_ms)

    def seen(self, venue_ms: int, now_ms: int) -> None:
        """A frame was stamped ``venue_ms``: the venue's clock is there by now, or further."""
        if self.skew_ms is not None and venue_ms - now_ms > self.skew_ms:
            self._take(venue_ms - now_ms, 0, now_ms)

    def is_steady(self, now_ms: int) -> bool:
        return self.skew_ms is not None and now_ms >= self._doubted_until_ms

    def _take(self, skew_ms: int, error_ms: int, now_ms: int) -> None:
        if abs(skew_ms - self._held_ms) > TOLERANCE_MS + error_ms:
            self._doubted_until_ms = now_ms + TRUST_AFTER_MS
            self._hold(skew_ms, now_ms)
        elif now_ms - self._held_since_ms >= TRUST_AFTER_MS:
            self._hold(skew_ms, now_ms)
        self.skew_ms = skew_ms

    def _hold(self, skew_ms: int, now_ms: int) -> None:
        self.skew_ms = self._held_ms = skew_ms
        self._held_since_ms = now_ms
