"""The clocks a connection is given. Tests hand in their own, so nothing else here reads time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from msgspec import Struct


def awake_or_asleep_ns() -> int:
    """Nanoseconds that only rise, also while the computer sleeps, as far as the system counts those."""
    known = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC", None))
    return time.monotonic_ns() if known is None else time.clock_gettime_ns(known)


class LocalTime:
    """Epoch nanoseconds of this machine that cannot jump: the wall clock once, and from there a steady one.

    Whoever sets the wall clock while the program runs changes nothing here: what is due stays due, and how far the
    venue's clock is ahead stays true. After a sleep the time that passed has passed.
    """

    def __init__(
        self, wall_ns: Callable[[], int] = time.time_ns, steady_ns: Callable[[], int] = awake_or_asleep_ns
    ) -> None:
        self._steady_ns = steady_ns
        self._ahead_ns = wall_ns() - steady_ns()

    def __call__(self) -> int:
        return self._steady_ns() + self._ahead_ns


class Clock(Struct, frozen=True):
    """``wall_ns``: epoch nanoseconds; they may jump unless they are a ``LocalTime``. ``steady_ms``: milliseconds that
    only rise. ``sleep`` takes seconds.
    """

    wall_ns: Callable[[], int] = time.time_ns
    steady_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def wall_ms(self) -> int:
        return self.wall_ns() // 1_000_000
