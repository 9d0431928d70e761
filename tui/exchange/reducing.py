"""Reduce-only orders: they never add to a position, alone or together.

The sum of resting reduce-only orders on one side is kept within the position they close; the least
aggressive give way first (the venue documents this for spot margin; assumed here).
"""

from dataclasses import replace
from decimal import Decimal

from tui.exchange.book import Key
from tui.exchange.market import Market
from tui.exchange.orders import Order, sign_of
from tui.exchange.positions import ZERO
from tui.exchange.seat import Seat


def closable(seat: Seat, symbol: str, side: str) -> Decimal:
    """Contracts an order of ``side`` could close now."""
    return max(ZERO, -seat.account.size(symbol) * sign_of(side))


def room_for(seat: Seat, order: Order) -> Decimal:
    """How much of a reduce-only order may stand: the position less what resting reduce-only orders at least
    as aggressive will close first.
    """
    room = closable(seat, order.symbol, order.side)
    for other in seat.blotter.resting(order.symbol, order.side):
        if other.reduce_only and other.order_id != order.order_id and not _beats(order, other):
            room -= other.remaining
    return max(ZERO, room)


def _beats(order: Order, other: Order) -> bool:
    """Strictly the better price (an order without a limit price takes any)."""
    if order.limit_price is None or other.limit_price is None:
        return order.limit_price is None
    return (order.limit_price - other.limit_price) * sign_of(order.side) > 0


def trim_reduce_only(seat: Seat, market: Market) -> None:
    """Shrink or cancel resting reduce-only orders that no longer fit the position."""
    symbol = market.instrument.symbol
    for side in ("buy", "sell"):
        orders = [order for order in seat.blotter.resting(symbol, side) if order.reduce_only]
        if not orders:
            continue
        room = closable(seat, symbol, side)
        for order in sorted(orders, key=lambda order: -sign_of(side) * (order.limit_price or ZERO)):
            if order.remaining > room:
                _cut(seat, market, order, room)
            room -= min(room, order.remaining)


def _cut(seat: Seat, market: Market, order: Order, remaining: Decimal) -> None:
    instrument = market.instrument
    assert order.limit_price is not None  # noqa: S101 - resting orders have one
    tick = int(order.limit_price / instrument.tick)
    market.book.side(order.side).resize(tick, Key(seat.name, order.order_id), int(remaining / instrument.lot))
    if remaining:
        cut = replace(order, quantity=order.filled + remaining, updated_ms=seat.now_ms)
        seat.blotter.update(cut, "would_not_reduce_position")
    else:
        gone = replace(order, updated_ms=seat.now_ms)
        seat.blotter.end(gone, "would_not_reduce_position", "CANCELLED", seat.now_ms)
    seat.touch(instrument)
