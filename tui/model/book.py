"""An order book as a value: levels sorted best first on both sides, and the walk a taker would make."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from tui.model.decimals import ZERO
from tui.model.enums import Side


class Level(Struct, frozen=True, gc=False):
    price: Decimal
    size: Decimal


class Book(Struct, frozen=True):
    """``bids`` best (highest) first, ``asks`` best (lowest) first; no zero sizes. ``seq`` is the venue's counter."""

    symbol: str
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    seq: int = 0
    time_ms: int = 0

    def opposite(self, side: Side) -> tuple[Level, ...]:
        """The levels an order of ``side`` would take from, best first."""
        return self.asks if side is Side.BUY else self.bids

    def best(self, side: Side) -> Decimal | None:
        """Best resting price of ``side``: the bid for BUY, the offer for SELL."""
        levels = self.bids if side is Side.BUY else self.asks
        return levels[0].price if levels else None


class Sweep(Struct, frozen=True):
    """What a taker of some size would get: size filled, size-weighted average and worst price."""

    filled: Decimal
    average: Decimal | None
    worst: Decimal | None


def walk(levels: Sequence[Level], side: Side, size: Decimal, limit: Decimal | None = None) -> tuple[Level, ...]:
    """What an order of ``side`` and ``size`` would take from ``levels`` (best first), not beyond ``limit``."""
    parts, left = [], size
    for level in levels:
        if left <= 0 or (limit is not None and (level.price - limit) * side.sign > 0):
            break
        parts.append(level if level.size <= left else Level(level.price, left))
        left -= level.size
    return tuple(parts)


def sweep(levels: Sequence[Level], side: Side, size: Decimal, limit: Decimal | None = None) -> Sweep:
    """``walk`` in three numbers. The average is the plain size-weighted mean of prices, which is what a linear
    contract's cost is made of.
    """
    parts = walk(levels, side, size, limit)
    if not parts:
        return Sweep(ZERO, None, None)
    filled = sum((part.size for part in parts), ZERO)
    return Sweep(filled, sum((part.size * part.price for part in parts), ZERO) / filled, parts[-1].price)
