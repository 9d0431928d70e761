"""The road of one stream's frames when faults are on the dial: some wait, some come twice, some never arrive.

Pure: the time is an argument (seconds on a steady clock). Invariants: frames of one feed and product keep their order,
unless a late snapshot may be overtaken; what waits is bounded, and a road that is too full ends in a cut.
"""

import heapq
import math
import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

from tui.exchange.faults import Cut, DuplicateFrame, Exponents, Fault, HalfOpen, LateSnapshot, ReorderFrames, SkipFrame
from tui.exchange.mishaps import Mishaps
from tui.exchange.numerals import with_exponents

_FEED: Final = re.compile(r'"feed":"([^"]+)"')
_EVENT: Final = re.compile(r'"event":"([^"]+)"')
_PRODUCT: Final = re.compile(r'"product_id":"([^"]+)"')
_SNAPSHOT: Final = "_snapshot"


class Fate(Enum):
    """How the connection ended on the way."""

    DEAD = "dead"
    CUT = "cut"


class Road:
    """``fate`` is None while the connection lives. ``limit``: frames that may wait."""

    def __init__(self, limit: int) -> None:
        self.fate: Fate | None = None
        self._limit = limit
        self._waiting: list[tuple[float, int, str]] = []
        self._until: dict[tuple[str, str], float] = {}
        self._number = 0

    @property
    def is_free(self) -> bool:
        """Nothing waits, so nothing that comes now can overtake."""
        return not self._waiting

    @property
    def due_s(self) -> float | None:
        """When the next frame that waits may leave."""
        return self._waiting[0][0] if self._waiting else None

    def take(self, frame: str, mishaps: Mishaps | None, now_s: float) -> Iterator[str]:
        """Frames to send now because ``frame`` came. Sets ``fate`` where it is the last one."""
        yield from self.release(now_s)
        name, snapshot, product = _named(frame)
        wait_s, copies, queues = 0.0, 1, True
        for fault in mishaps.on_frame(name, now_s, snapshot=snapshot) if mishaps is not None else ():
            match fault:
                case HalfOpen():
                    self.fate = Fate.DEAD
                case Cut():
                    self.fate = Fate.CUT
                case SkipFrame():
                    copies = 0
                case DuplicateFrame():
                    copies = 2
                case Exponents():
                    frame = with_exponents(frame)
                case _:
                    wait_s, queues = max(wait_s, _wait_s(fault)), queues and not _is_overtaken(fault)
        if self.fate is None and copies:
            yield from self._on_its_way([frame] * copies, (name, product), now_s + wait_s, now_s, queues=queues)

    def release(self, now_s: float) -> Iterator[str]:
        """Frames that have waited long enough, in their order."""
        while self._waiting and self._waiting[0][0] <= now_s and self.fate is None:
            yield heapq.heappop(self._waiting)[2]
        if not self._waiting:
            self._until.clear()

    def _on_its_way(
        self, frames: list[str], stream: tuple[str, str], leaves_s: float, now_s: float, *, queues: bool
    ) -> Iterator[str]:
        leaves_s = max(leaves_s, self._until.get(stream, -math.inf))
        if leaves_s <= now_s:
            yield from frames
            return
        if queues:
            self._until[stream] = leaves_s
        if len(self._waiting) + len(frames) > self._limit:
            self.fate = Fate.CUT
            return
        for frame in frames:
            self._number += 1
            heapq.heappush(self._waiting, (leaves_s, self._number, frame))


def _named(frame: str) -> tuple[str, bool, str]:
    """Feed without ``_snapshot`` (or event), whether it is a snapshot, and product or nothing."""
    event = _EVENT.search(frame) if frame.startswith('{"event"') else None
    found = event or _FEED.search(frame)
    name = found[1] if found else ""
    product = _PRODUCT.search(frame)
    return name.removesuffix(_SNAPSHOT), name.endswith(_SNAPSHOT), product[1] if product else ""


def _wait_s(fault: Fault) -> float:
    return fault.ms / 1000 if isinstance(fault, (ReorderFrames, LateSnapshot)) else 0.0


def _is_overtaken(fault: Fault) -> bool:
    return isinstance(fault, LateSnapshot) and fault.overtaken
