"""Short ways to make the values of trading in tests of the service."""

from __future__ import annotations

from decimal import Decimal

from tui.model.account import MarginPool
from tui.model.enums import CloseReason, ContractKind, MarginMode, OrderState, OrderType, PositionSide, Side
from tui.model.events import FillsArrived, OrderRemoved, OrderUpdated
from tui.model.fill import Fill
from tui.model.instrument import Instrument, MarginTier
from tui.model.order import Order, OrderRequest, OrderStatusReport
from tui.model.position import Position

XBT = "PF_XBTUSD"
ETH = "PF_ETHUSD"
T0 = 1_790_000_000_000


def dec(text: str | int) -> Decimal:
    return Decimal(text)


def instrument(symbol: str = XBT, kind: ContractKind = ContractKind.LINEAR) -> Instrument:
    return Instrument(
        symbol, kind, "XBT", "USD", dec("0.5"), dec("0.0001"), (MarginTier(dec(0), dec("0.01"), dec("0.005")),)
    )


def order(
    order_id: str = "o1",
    remaining: str | int = 10,
    *,
    filled: str | int = 0,
    at: int = T0,
    symbol: str = XBT,
    side: Side = Side.BUY,
    type: OrderType = OrderType.LIMIT,  # noqa: A002 the field's own name
    price: str | int = 100,
    client: str | None = None,
    stop: str | None = None,
    created: int = T0,
    state: OrderState = OrderState.OPEN,
) -> Order:
    return Order(
        order_id,
        symbol,
        side,
        type,
        dec(remaining),
        dec(filled),
        client,
        limit_price=dec(price),
        stop_price=dec(stop) if stop else None,
        created_ms=created,
        updated_ms=at,
        state=state,
    )


def updated(row: Order, reason: str = "new_placed_order_by_user") -> OrderUpdated:
    return OrderUpdated(row, reason)


def removed(
    order_id: str = "o1",
    reason: CloseReason = CloseReason.CANCELLED,
    *,
    filled: str | int | None = None,
    client: str | None = None,
    row: Order | None = None,
) -> OrderRemoved:
    """The short form, or the long one when ``row`` is given."""
    if row is not None:
        return OrderRemoved(row.order_id, row.client_order_id, reason, reason, row.filled, row.updated_ms, row)
    return OrderRemoved(order_id, client, reason, reason, None if filled is None else dec(filled))


def fill(
    fill_id: str = "f1",
    size: str | int = 1,
    *,
    order_id: str = "o1",
    at: int = T0 + 1,
    side: Side = Side.BUY,
    price: str | int = 100,
    left: str | int | None = None,
    symbol: str = XBT,
    client: str | None = None,
) -> Fill:
    return Fill(
        fill_id,
        order_id,
        symbol,
        side,
        dec(size),
        dec(price),
        at,
        client_order_id=client,
        remaining=None if left is None else dec(left),
    )


def filled(*fills: Fill, snapshot: bool = False) -> FillsArrived:
    return FillsArrived(fills, snapshot)


def position(size: str | int, entry: str | int = 100, symbol: str = XBT) -> Position:
    signed = dec(size)
    side = PositionSide.LONG if signed > 0 else PositionSide.SHORT
    return Position(symbol, side, abs(signed), dec(entry), unrealised_pnl=dec(1), liquidation_price=dec(50))


def pool(
    name: str = "cross", currency: str = "USD", equity: str | int = 1000, maintenance: str | int = 0
) -> MarginPool:
    return MarginPool(name, currency, MarginMode.CROSS, dec(equity), dec(0), dec(maintenance), dec(equity), dec(equity))


def request(
    client: str = "c1",
    size: str | int = 10,
    *,
    symbol: str = XBT,
    type: OrderType = OrderType.LIMIT,  # noqa: A002 the field's own name
    price: str | int | None = 100,
    process_before_ms: int | None = None,
) -> OrderRequest:
    return OrderRequest(
        client,
        symbol,
        Side.BUY,
        type,
        dec(size),
        limit_price=None if price is None else dec(price),
        process_before_ms=process_before_ms,
    )


def ended(row: Order, reason: CloseReason) -> OrderStatusReport:
    return OrderStatusReport(row, OrderState.CLOSED, reason)
