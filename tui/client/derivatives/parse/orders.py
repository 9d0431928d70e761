"""Working orders, fills and what became of an order, from REST answers.

Sources: Kraken docs for openorders, fills, orders/status, history executions; ``remaining`` is ``unfilledSize`` there
and the original size is nowhere said, so it is their sum.
"""

from __future__ import annotations

from decimal import Decimal

from tui.client.derivatives.parse import words
from tui.client.derivatives.refusals import order_error_text
from tui.model.enums import CloseReason, DeviationUnit, Liquidity, OrderState, OrderType, Side
from tui.model.fill import Fill
from tui.model.order import Order, OrderEnd, OrderStatusReport
from tui.wire.derivatives import codes, history, trading


def open_order(row: trading.OpenOrder) -> Order:
    created = words.time_ms(row.received_time) or 0
    return Order(
        order_id=row.order_id,
        symbol=words.symbol(row.symbol),
        side=words.side(row.side),
        type=words.order_type(row.order_type),
        remaining=words.amount(row.unfilled_size),
        filled=words.number(row.filled_size),
        client_order_id=row.cli_ord_id,
        limit_price=words.nonzero(row.limit_price),
        stop_price=words.nonzero(row.stop_price),
        trigger_signal=words.signal(row.trigger_signal),
        reduce_only=row.reduce_only,
        created_ms=created,
        updated_ms=words.time_ms(row.last_update_time) or created,
    )


def fill(row: trading.RestFill) -> Fill:
    return Fill(
        fill_id=row.fill_id,
        order_id=row.order_id,
        symbol=words.symbol(row.symbol),
        side=words.side(row.side),
        size=words.number(row.size),
        price=words.number(row.price),
        time_ms=words.vital_time_ms(row.fill_time),
        liquidity=words.liquidity(row.fill_type),
        client_order_id=row.cli_ord_id,
        realised_pnl=words.optional(row.realized_pnl),
    )


def execution(element: history.ExecutionElement) -> Fill | None:
    """A row of the history; None for an event that is no execution. Its fee has no currency: linear contracts pay
    in their quote currency, inverse ones in the coin.
    """
    told = element.event.execution
    if told is None:
        return None
    order, data = _own_part(told)
    if order is None:
        return None
    return Fill(
        fill_id=told.uid,
        order_id=order.uid,
        symbol=words.symbol(order.tradeable),
        side=words.side(order.direction),
        size=words.number(told.quantity),
        price=words.number(told.price),
        time_ms=told.timestamp,
        liquidity=words.liquidity(told.execution_type or ""),
        client_order_id=order.client_id or None,
        fee=words.optional(data.fee) if data else None,
        realised_pnl=words.optional(data.realized_pnl) if data else None,
    )


def order_end(element: history.OrderElement) -> OrderEnd | None:
    """How an order or trigger stopped; None for an event after which it went on. History writes the reasons of
    ``orders/status`` in lower case.
    """
    event = element.event
    change = event.order_cancelled or event.order_rejected or event.order_trigger_cancelled
    if (activated := event.order_trigger_activated) is not None and activated.order is not None:
        order = activated.order
        return OrderEnd(order.uid, CloseReason.TRIGGERED, element.timestamp, client_order_id=order.client_id or None)
    if change is None or change.order is None:
        return None
    reason = CloseReason.REJECTED if event.order_rejected else words.ending((change.reason or "").upper())
    order = change.order
    return OrderEnd(order.uid, reason, element.timestamp, words.optional(order.filled), order.client_id or None)


def status_report(row: trading.OrderStatus) -> OrderStatusReport:
    state, reason = _state(row)
    return OrderStatusReport(
        order=_status_order(row.order, state, reason),
        state=state,
        close_reason=reason,
        error=order_error_text(row.error),
    )


def _own_part(told: history.Execution) -> tuple[history.HistoryOrder | None, history.OrderData | None]:
    """Our order of an execution. Older payloads carry both sides; the one with account data is ours."""
    if told.order is not None:
        return told.order, told.order_data
    if told.taker_order_data is not None or told.execution_type == codes.FillType.TAKER:
        return told.taker_order, told.taker_order_data
    return told.maker_order or told.taker_order, told.maker_order_data


_STATES = {
    codes.OrderState.ENTERED_BOOK: (OrderState.OPEN, None),
    codes.OrderState.TRIGGER_PLACED: (OrderState.OPEN, None),
    codes.OrderState.FULLY_EXECUTED: (OrderState.CLOSED, CloseReason.FILLED),
    codes.OrderState.REJECTED: (OrderState.CLOSED, CloseReason.REJECTED),
    codes.OrderState.TRIGGER_ACTIVATION_FAILURE: (OrderState.CLOSED, CloseReason.REJECTED),
}


def _state(row: trading.OrderStatus) -> tuple[OrderState, CloseReason | None]:
    """A word that is not known proves neither life nor death: unresolved."""
    if row.status == codes.OrderState.CANCELLED:
        return OrderState.CLOSED, words.ending(row.update_reason)
    known = next((state for state in codes.OrderState if state == row.status), None)
    return _STATES[known] if known else (OrderState.UNRESOLVED, None)


def _status_order(row: trading.StatusOrder, state: OrderState, reason: CloseReason | None) -> Order:
    filled = words.amount(row.filled)
    size = words.amount(row.quantity)
    if reason is CloseReason.FILLED:
        filled = max(filled, size)
    trigger = row.price_trigger_options
    trailing = trigger.trailing_stop_options if trigger else None
    side = words.side(row.side)
    return Order(
        order_id=row.order_id,
        symbol=words.symbol(row.symbol),
        side=side,
        type=_status_type(side, trigger),
        remaining=max(size - filled, Decimal(0)),
        filled=filled,
        client_order_id=row.cli_ord_id,
        limit_price=words.nonzero(row.limit_price),
        stop_price=words.nonzero(trigger.trigger_price) if trigger else None,
        trigger_signal=words.signal(trigger.trigger_signal) if trigger else None,
        reduce_only=row.reduce_only,
        deviation=words.optional(trailing.max_deviation) if trailing else None,
        deviation_unit=_unit(trailing),
        created_ms=words.time_ms(row.timestamp) or 0,
        updated_ms=words.time_ms(row.last_update_timestamp) or 0,
        state=state,
        close_reason=reason,
    )


def _unit(trailing: trading.TrailingOptions | None) -> DeviationUnit | None:
    return words.deviation_unit(trailing.unit) if trailing else None


def _status_type(side: Side, trigger: trading.TriggerOptions | None) -> OrderType:
    """A trigger does not name its type: a stop waits on the losing side, a take-profit on the winning one."""
    if trigger is None:
        return OrderType.LIMIT
    if trigger.trailing_stop_options is not None:
        return OrderType.TRAILING_STOP
    above = (trigger.trigger_side or "").casefold() == codes.TriggerSide.ABOVE
    return OrderType.STOP if above == (side is Side.BUY) else OrderType.TAKE_PROFIT


def taker_fill(event: trading.OrderEvent, request_side: Side | None, received_ms: int) -> Fill | None:
    """An EXECUTION told in the answer to a send or edit: our side took. None if it lacks what a fill needs."""
    order = event.order_prior_execution
    if order is None or event.execution_id is None or event.amount is None or event.price is None:
        return None
    side = words.side(order.side) if order.side else request_side
    if side is None:
        return None
    return Fill(
        fill_id=event.execution_id,
        order_id=order.order_id,
        symbol=words.symbol(order.symbol),
        side=side,
        size=words.number(event.amount),
        price=words.number(event.price),
        time_ms=received_ms,
        liquidity=Liquidity.TAKER,
        client_order_id=order.cli_ord_id,
    )
