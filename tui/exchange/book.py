"""One contract's order book in whole ticks and lots, price first, then time.

Integers keep it exact and fast. A level is a queue of entries; an entry's key says whose order it is, or is None for
the anonymous crowd, whose sizes at a level are one amount that may sit in several places of the
queue. Both sides are kept as ascending keys ``tick * sign`` so that the best is always last.
Invariant: no empty level is kept, and a level's total is the sum of its queue.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from tui.exchange.orders import BUY


class Key(NamedTuple):
    """A resting order: whose it is, and its id."""

    account: str
    order_id: str


class Level:
    """``queue`` holds ``[key, lots]`` pairs, oldest first."""

    __slots__ = ("queue", "total")

    def __init__(self) -> None:
        self.queue: list[tuple[Key | None, int]] = []
        self.total = 0

    def crowd(self) -> int:
        return sum(lots for key, lots in self.queue if key is None)

    def append(self, key: Key | None, lots: int) -> None:
        if key is None and self.queue and self.queue[-1][0] is None:
            self.queue[-1] = (None, self.queue[-1][1] + lots)
        else:
            self.queue.append((key, lots))
        self.total += lots

    def shrink_crowd(self, lots: int) -> None:
        """Take ``lots`` of the crowd away, the youngest first."""
        self.total -= lots
        for number in range(len(self.queue) - 1, -1, -1):
            key, size = self.queue[number]
            if key is not None or not lots:
                continue
            taken = min(size, lots)
            lots -= taken
            if taken == size:
                del self.queue[number]
            else:
                self.queue[number] = (None, size - taken)


class BookSide:
    """Bids (``sign`` +1) or asks (-1). ``changed`` collects the ticks whose total moved."""

    __slots__ = ("changed", "keys", "levels", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign
        self.keys: list[int] = []
        self.levels: dict[int, Level] = {}
        self.changed: dict[int, None] = {}

    @property
    def best(self) -> int | None:
        return self.keys[-1] * self.sign if self.keys else None

    def ticks(self) -> Iterator[int]:
        """Best first."""
        sign = self.sign
        return (key * sign for key in reversed(self.keys))

    def total(self, tick: int) -> int:
        level = self.levels.get(tick)
        return level.total if level else 0

    def crowd(self, tick: int) -> int:
        level = self.levels.get(tick)
        return level.crowd() if level else 0

    def add(self, tick: int, lots: int, key: Key | None = None) -> None:
        """Join the back of the queue at ``tick``."""
        level = self.levels.get(tick)
        if level is None:
            level = self.levels[tick] = Level()
            place = tick * self.sign
            self.keys.insert(bisect_left(self.keys, place), place)
        level.append(key, lots)
        self.changed[tick] = None

    def set_crowd(self, tick: int, lots: int) -> None:
        """Make the crowd's amount at ``tick`` equal ``lots``: more joins the back, less leaves the back."""
        present = self.crowd(tick)
        if lots > present:
            self.add(tick, lots - present)
        elif lots < present:
            self.levels[tick].shrink_crowd(present - lots)
            self._touched(tick)

    def resize(self, tick: int, key: Key, lots: int) -> None:
        """Shrink an order where it stands (0 = take it out); it keeps its place."""
        level = self.levels[tick]
        number = next(n for n, (owner, _) in enumerate(level.queue) if owner == key)
        level.total += lots - level.queue[number][1]
        if lots:
            level.queue[number] = (key, lots)
        else:
            del level.queue[number]
        self._touched(tick)

    def take_front(self, tick: int, lots: int) -> tuple[Key | None, int]:
        """Trade up to ``lots`` with the oldest entry at ``tick``; returns its key and the lots traded."""
        level = self.levels[tick]
        key, size = level.queue[0]
        taken = min(size, lots)
        if taken == size:
            del level.queue[0]
        else:
            level.queue[0] = (key, size - taken)
        level.total -= taken
        self._touched(tick)
        return key, taken

    def front(self, tick: int) -> Key | None:
        return self.levels[tick].queue[0][0]

    def _touched(self, tick: int) -> None:
        self.changed[tick] = None
        if not self.levels[tick].total:
            del self.levels[tick]
            place = tick * self.sign
            del self.keys[bisect_left(self.keys, place)]


class Book:
    """Both sides of one contract. ``seq`` counts published level changes."""

    __slots__ = ("asks", "bids", "seq")

    def __init__(self, seq: int = 0) -> None:
        self.bids = BookSide(1)
        self.asks = BookSide(-1)
        self.seq = seq

    def side(self, side: str) -> BookSide:
        """Where an order of this side rests."""
        return self.bids if side == BUY else self.asks

    def against(self, side: str) -> BookSide:
        """What an order of this side trades with."""
        return self.asks if side == BUY else self.bids

    def crosses(self, side: str, tick: int) -> bool:
        """Whether an order at ``tick`` would trade at once."""
        best = self.against(side).best
        if best is None:
            return False
        return tick >= best if side == BUY else tick <= best

    def average_tick(self, side: str, lots: int) -> float | None:
        """Size-weighted price in ticks of taking ``lots``, or None if the book holds less."""
        resting = self.against(side)
        left, cost = lots, 0
        for tick in resting.ticks():
            taken = min(left, resting.levels[tick].total)
            cost += taken * tick
            left -= taken
            if not left:
                return cost / lots
        return None
