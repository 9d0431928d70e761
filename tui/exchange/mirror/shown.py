"""One mirrored book: what the upstream shows, what paper orders took from it, and where paper orders stand in line.

The engine's own ``Book`` holds both, the upstream's depth as the crowd and the paper orders in their queues. The rules:

* *Joining.* A paper order stands behind all that was shown at its price when it came.
* *Prints.* A trade of the upstream fills paper orders that stood at better prices, then eats the queue at its own price
  from the front. What it eats of the depth leaves by a level change too, before the print or after it (the order
  between the feeds is not documented): it is counted once.
* *Shrinking without a print* is somebody giving up. Who is not told; the youngest are assumed, so that a paper order
  never gets ahead by hope. But it is never behind more than is shown.
* *Taking.* What a paper order took stays taken (``consumed``) while the level only shrinks; once the upstream shows it
  larger, or anew after it was gone, somebody has refilled it and all of it counts. The upstream never knew of the paper
  order: without a memory the same lots could be bought for ever, and a memory beyond the level's next growth would
  leave a busy touch empty for ever.
* *Crossing.* A level that reaches a paper order trades with it, at the paper order's price. A level that reaches the
  upstream's own other side drives that out: the newest word holds.

Invariant: the book is never crossed, and at each price the crowd is what is shown less what was taken and printed.
"""

from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Final

from tui.exchange.book import Book, BookSide, Key
from tui.exchange.matching import Hit
from tui.exchange.orders import BUY, SELL, opposite

PAIRING_MS: Final = 1_000
"""A print and a level change that are further apart than this are not the same event."""


class _Level:
    """``lots`` the upstream showed last; ``printed``: traded since, its level change still to come; ``shrunk``: gone,
    its print perhaps still to come.
    """

    __slots__ = ("consumed", "lots", "printed", "shrunk", "touched_ms")

    def __init__(self) -> None:
        self.lots = self.consumed = self.printed = self.shrunk = self.touched_ms = 0

    def age(self, now_ms: int) -> None:
        if now_ms - self.touched_ms > PAIRING_MS:
            self.printed = self.shrunk = 0
        self.touched_ms = now_ms

    @property
    def free(self) -> int:
        return max(0, self.lots - self.printed - self.consumed)

    def show(self, lots: int) -> None:
        if lots > self.lots:
            self.consumed = 0
        else:
            gone = self.lots - lots
            explained = min(gone, self.printed)
            self.printed -= explained
            self.shrunk += gone - explained
        self.lots = lots

    def trade(self, lots: int) -> None:
        told = min(lots, self.shrunk)
        self.shrunk -= told
        self.printed = min(self.lots, self.printed + lots - told)


class ShownBook:
    """Times are ms, prices ticks, sizes lots. Methods return the paper orders that were hit, in order; the book is
    changed already.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self._levels: dict[str, dict[int, _Level]] = {BUY: {}, SELL: {}}
        self._ghosts: dict[tuple[str, int], tuple[int, int]] = {}

    def replace(self, bids: Mapping[int, int], asks: Mapping[int, int], now_ms: int) -> dict[str, list[Hit]]:
        """A whole new book. Queues are kept where the price is still quoted; what was taken is forgotten. The hits are
        by the side of the depth that made them. Paper orders that were there before anything was shown stand behind it:
        where they stood before a restart is not known.
        """
        first = not (self._levels[BUY] or self._levels[SELL])
        for side, rows in ((BUY, bids), (SELL, asks)):
            for tick in [tick for tick in self._levels[side] if tick not in rows]:
                self.show(side, tick, 0, now_ms)
            for level in self._levels[side].values():
                level.consumed = level.printed = 0
        hits: dict[str, list[Hit]] = {BUY: [], SELL: []}
        for side, rows in ((BUY, bids), (SELL, asks)):
            resting = self.book.side(side)
            for tick, lots in rows.items():
                waiting = _step_aside(resting, tick) if first else []
                hits[side] += self.show(side, tick, lots, now_ms)
                for key, size in waiting:
                    resting.add(tick, size, key)
        return hits

    def show(self, side: str, tick: int, lots: int, now_ms: int) -> list[Hit]:
        """The upstream now shows ``lots`` (0 = gone) at ``tick`` on ``side``."""
        levels = self._levels[side]
        level = levels.get(tick)
        if level is None:
            if not lots:
                return []
            level = levels[tick] = _Level()
        level.age(now_ms)
        level.show(lots)
        if not lots:
            del levels[tick]
        before = _ahead(self.book.side(side), tick)
        hits = self._settle(side, tick, level)
        self._bury(side, tick, before - _ahead(self.book.side(side), tick), now_ms)
        return hits

    def printed(self, taker_side: str, tick: int, lots: int, now_ms: int) -> list[Hit]:
        """The upstream tells of a trade of ``lots`` at ``tick``."""
        side = opposite(taker_side)
        resting = self.book.side(side)
        hits = _through(resting, tick, lots)
        left = lots - sum(hit.lots for hit in hits)
        hits += _eat(resting, tick, left - self._unearth(side, tick, left, now_ms))
        level = self._levels[side].get(tick)
        if level is not None:
            level.age(now_ms)
            level.trade(lots)
            hits += self._settle(side, tick, level)
        return hits

    def took(self, taker_side: str, hits: Iterable[Hit]) -> None:
        """A paper order of ``taker_side`` has taken these from the book."""
        levels = self._levels[opposite(taker_side)]
        for hit in hits:
            if hit.maker is None and hit.tick in levels:
                levels[hit.tick].consumed += hit.lots

    def _settle(self, side: str, tick: int, level: _Level) -> list[Hit]:
        """Make the book's crowd at this level what it should be."""
        hits = self._reach(side, tick, level)
        self.book.side(side).set_crowd(tick, level.free)
        return hits

    def _reach(self, side: str, tick: int, level: _Level) -> list[Hit]:
        """Clear the other side up to ``tick``: the upstream's own quotes leave, paper orders trade."""
        other = opposite(side)
        against = self.book.side(other)
        hits: list[Hit] = []
        if not self.book.crosses(side, tick):
            return hits
        for reached in list(takewhile(lambda at: (tick - at) * against.sign <= 0, against.ticks())):
            if not level.free:
                break
            if self._levels[other].pop(reached, None) is not None:
                against.set_crowd(reached, 0)
            taken = _pick(against, reached, level.free)
            level.consumed += sum(hit.lots for hit in taken)
            hits += taken
        return hits

    # --- depth that left from before a paper order, its print perhaps still to come --------------------------

    def _bury(self, side: str, tick: int, lots: int, now_ms: int) -> None:
        if lots > 0:
            lots += self._ghosts.get((side, tick), (0, 0))[0]
            self._ghosts[side, tick] = (lots, now_ms)
            self._ghosts = {place: one for place, one in self._ghosts.items() if now_ms - one[1] <= PAIRING_MS}

    def _unearth(self, side: str, tick: int, lots: int, now_ms: int) -> int:
        """How much of a print of ``lots`` went to what has left already."""
        gone, since_ms = self._ghosts.pop((side, tick), (0, now_ms))
        if now_ms - since_ms > PAIRING_MS:
            return 0
        if gone > lots:
            self._ghosts[side, tick] = (gone - lots, since_ms)
        return min(gone, lots)


def _step_aside(side: BookSide, tick: int) -> list[tuple[Key, int]]:
    """Take the paper orders at ``tick`` out of their queue, oldest first."""
    level = side.levels.get(tick)
    waiting = [(key, lots) for key, lots in level.queue if key is not None] if level else []
    for key, _ in waiting:
        side.resize(tick, key, 0)
    return waiting


def _through(side: BookSide, tick: int, lots: int) -> list[Hit]:
    """Trade up to ``lots`` with paper orders better than ``tick``; the depth there is left to its own level changes."""
    hits: list[Hit] = []
    for better in list(takewhile(lambda other: (other - tick) * side.sign > 0, side.ticks())):
        hits += _pick(side, better, lots - sum(hit.lots for hit in hits))
    return hits


def _pick(side: BookSide, tick: int, lots: int) -> list[Hit]:
    """Trade up to ``lots`` with the paper orders at ``tick``, oldest first, past the depth between them."""
    hits: list[Hit] = []
    for key, present in list(side.levels[tick].queue) if tick in side.levels else ():
        taken = min(present, lots)
        if key is not None and taken:
            side.resize(tick, key, present - taken)
            hits.append(Hit(key, tick, taken))
            lots -= taken
    return hits


def _eat(side: BookSide, tick: int, lots: int) -> list[Hit]:
    """Trade up to ``lots`` with the queue at ``tick``, front first; only paper orders are told of."""
    hits: list[Hit] = []
    while lots and tick in side.levels:
        key, taken = side.take_front(tick, lots)
        lots -= taken
        if key is not None:
            hits.append(Hit(key, tick, taken))
    return hits


def _ahead(side: BookSide, tick: int) -> int:
    """Depth in front of the last paper order at ``tick``; 0 where there is none."""
    level = side.levels.get(tick)
    if level is None or (len(level.queue) == 1 and level.queue[0][0] is None):
        return 0
    ahead = passed = 0
    for key, lots in level.queue:
        if key is None:
            passed += lots
        else:
            ahead = passed
    return ahead
