"""Which faults of the dial strike, and when.

Pure: the time is an argument (seconds on any steady clock), the chances come from the dial's seed. Invariants: the
same dial asked the same way strikes the same way; a fault that is out of season or used up never strikes.
"""

import random
from collections import Counter
from typing import TypeVar

from tui.exchange.faults import (
    CallFault,
    ClockSkew,
    Dial,
    Exponents,
    Fault,
    FrameFault,
    LateSnapshot,
    Maintenance,
    Nonce,
)
from tui.wire.derivatives.feeds import LEGACY_PRIVATE_FEEDS, PRIVATE_FEEDS
from tui.wire.derivatives.routes import Access

F = TypeVar("F", bound=Fault)

LONGEST_S = 60.0
_PRIVATE = PRIVATE_FEEDS | LEGACY_PRIVATE_FEEDS
_CALL_GROUPS = {
    Access.PUBLIC: frozenset({"all", "public"}),
    Access.READ: frozenset({"all", "private", "reads"}),
    Access.FULL: frozenset({"all", "private", "acts"}),
}


class Mishaps:
    """One dial, set at ``now_s``. ``struck`` counts by the fault's place on it."""

    def __init__(self, dial: Dial, now_s: float) -> None:
        self.dial = dial
        self.struck: Counter[int] = Counter()
        self._since_s = now_s
        self._rng = random.Random(dial.seed)  # noqa: S311 - chances that repeat are the point
        self._faults = tuple(enumerate(dial.faults))

    def on_call(self, name: str, access: Access, now_s: float) -> list[Fault]:
        """What befalls one call, in the order of the dial."""
        names = _CALL_GROUPS[access] | {name}
        return [
            fault
            for place, fault in self._faults
            if isinstance(fault, (CallFault, Exponents))
            and fault.on in names
            and not (isinstance(fault, Nonce) and access is Access.PUBLIC)
            and self._strikes(place, fault, now_s)
        ]

    def on_frame(self, name: str, now_s: float, *, snapshot: bool) -> list[Fault]:
        """What befalls one frame: ``name`` is its feed, or its event where it has none."""
        group = "private" if name in _PRIVATE else "public"
        return [
            fault
            for place, fault in self._faults
            if isinstance(fault, (FrameFault, Exponents))
            and fault.on in ("all", group, name)
            and (snapshot or not isinstance(fault, LateSnapshot))
            and self._strikes(place, fault, now_s)
        ]

    def delay_s(self, ms: float, tail_ms: float) -> float:
        """A travelling time: at least ``ms``, on average ``tail_ms`` more."""
        tail = self._rng.expovariate(1 / tail_ms) if tail_ms else 0.0
        return min((ms + tail) / 1000, LONGEST_S)

    def clock_skew_ms(self, now_s: float) -> int:
        """How far the venue's whole clock is ahead now."""
        return sum(fault.ms for fault in self._in_season(ClockSkew, now_s) if not fault.told_only)

    def told_skew_ms(self, now_s: float) -> int:
        """How far ``serverTime`` is ahead of the venue's own clock."""
        return sum(fault.ms for fault in self._in_season(ClockSkew, now_s) if fault.told_only)

    def is_post_only(self, now_s: float) -> bool:
        """Whether a maintenance has just ended and markets take resting orders only."""
        return any(
            _follows(fault, now_s - self._since_s) for _, fault in self._faults if isinstance(fault, Maintenance)
        )

    def of_kind(self, kind: type[F]) -> list[F]:
        return [fault for _, fault in self._faults if isinstance(fault, kind)]

    def _in_season(self, kind: type[F], now_s: float) -> list[F]:
        return [fault for fault in self.of_kind(kind) if fault.is_active(now_s - self._since_s)]

    def _strikes(self, place: int, fault: Fault, now_s: float) -> bool:
        if not fault.is_active(now_s - self._since_s):
            return False
        if fault.times is not None and self.struck[place] >= fault.times:
            return False
        if fault.probability < 1 and self._rng.random() >= fault.probability:
            return False
        self.struck[place] += 1
        return True


def _follows(fault: Maintenance, elapsed_s: float) -> bool:
    since_s = elapsed_s - fault.start_s
    if fault.for_s is None or since_s < 0:
        return False
    if fault.every_s is not None:
        since_s %= fault.every_s
    return fault.for_s <= since_s < fault.for_s + fault.post_only_s
