"""How an order would execute against what is displayed: what it takes now, what waits, and at which prices.

Invariant: what is taken and what waits never add up to more than the order's size, and a reduce-only order never
takes more than the position.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.book import Level, Sweep, walk
from tui.model.decimals import ONE, ZERO
from tui.model.enums import OrderType, Side
from tui.model.order import OrderRequest
from tui.model.pnl import Holding, after_fill, fee
from tui.model.triggers import trailing_stop
from tui.service.ground import Ground

MARKET_PROTECTION = Decimal("0.01")
"""A market order is an IOC at most this far through the best opposite price. The venue documents 1 % and not the
reference; the best opposite price is assumed.
"""


class Execution(Struct, frozen=True):
    """``taken`` at once as taker, one level a part; ``waiting`` rests in the book or behind a trigger."""

    side: Side
    taken: tuple[Level, ...]
    waiting: Level | None
    rests: bool
    protective_limit: Decimal | None = None

    @property
    def filled(self) -> Decimal:
        return sum((part.size for part in self.taken), ZERO)

    @property
    def parts(self) -> tuple[Level, ...]:
        """All that would trade if everything filled."""
        return (*self.taken, self.waiting) if self.waiting is not None else self.taken


def execute(ground: Ground, request: OrderRequest) -> Execution:
    """What ``request`` does against the displayed book. An order without the price it needs does nothing."""
    side, size = request.side, _tradable(ground, request)
    nothing = Execution(side, (), None, rests=False)
    if size <= 0:
        return nothing
    if request.type.is_trigger:
        price = trigger_fill_price(ground, request)
        return Execution(side, (), Level(price, size) if price is not None else None, rests=False)
    if request.type is OrderType.MARKET:
        limit = protective_limit(ground, side)
        return Execution(side, _take(ground, side, size, limit), None, rests=False, protective_limit=limit)
    if request.limit_price is None:
        return nothing
    if request.type is OrderType.POST:
        return Execution(side, (), Level(request.limit_price, size), rests=True)
    taken = _take(ground, side, size, request.limit_price)
    left = size - sum((part.size for part in taken), ZERO)
    if request.type is OrderType.FOK:
        return nothing if left else Execution(side, taken, None, rests=False)
    if request.type is OrderType.IOC or not left:
        return Execution(side, taken, None, rests=False)
    return Execution(side, taken, Level(request.limit_price, left), rests=True)


def protective_limit(ground: Ground, side: Side) -> Decimal | None:
    """The worst price a market order may pay: 1 % through the best opposite price, on the grid inside it."""
    best = ground.best(side.opposite)
    if best is None:
        return None
    return ground.instrument.passive_price(side, best * (ONE + side.sign * MARKET_PROTECTION))


def trigger_fill_price(ground: Ground, request: OrderRequest) -> Decimal | None:
    """The price a trigger order is counted at: its limit, its stop, or where a trailing stop would start from mark."""
    if request.type is OrderType.TRAILING_STOP:
        if request.deviation is None or request.deviation_unit is None or ground.mark is None:
            return None
        stop = trailing_stop(request.side, ground.mark, request.deviation, request.deviation_unit)
        return stop if stop > 0 else None
    return request.limit_price or request.stop_price


def summarise(ground: Ground, parts: tuple[Level, ...]) -> Sweep:
    """Filled size, average and worst price; the average of an inverse contract is harmonic, as its money is."""
    filled = sum((part.size for part in parts), ZERO)
    if not filled:
        return Sweep(ZERO, None, None)
    if ground.instrument.is_inverse:
        average = filled / sum((part.size / part.price for part in parts), ZERO)
    else:
        average = sum((part.size * part.price for part in parts), ZERO) / filled
    return Sweep(filled, average, parts[-1].price)


def fold(ground: Ground, side: Side, parts: tuple[Level, ...]) -> tuple[Holding, Decimal]:
    """The position after all ``parts``, and the profit they realise before fees."""
    holding, realised = ground.holding, ZERO
    for part in parts:
        holding, gained = after_fill(ground.instrument, holding, part.size * side.sign, part.price)
        realised += gained
    return holding, realised


def fees(ground: Ground, parts: tuple[Level, ...], rate: Decimal) -> Decimal:
    return sum((fee(ground.instrument, part.size, part.price, rate) for part in parts), ZERO)


def _take(ground: Ground, side: Side, size: Decimal, limit: Decimal | None) -> tuple[Level, ...]:
    return walk(ground.levels(side, size), side, size, limit)


def _tradable(ground: Ground, request: OrderRequest) -> Decimal:
    if not request.reduce_only:
        return request.size
    return min(request.size, max(-ground.holding.size * request.side.sign, ZERO))
