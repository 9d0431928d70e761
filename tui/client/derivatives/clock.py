"""The clocks a connection is given. Tests hand in their own, so nothing else here reads time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from msgspec import Struct


class Clock(Struct, frozen=True):
    """``wall_ns``: epoch nanoseconds, may jump. ``steady_ms``: milliseconds that only rise. ``sleep`` takes seconds."""

    wall_ns: Callable[[], int] = time.time_ns
    steady_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    def wall_ms(self) -> int:
        return self.wall_ns() // 1_000_000
