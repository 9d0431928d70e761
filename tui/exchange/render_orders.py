"""Orders, their events and fills in the words of REST v3.

Pure functions from engine values to plain mappings; amounts stay ``Decimal`` until the codec writes them. Invariant:
a key that the venue leaves out is left out, and one that it sends as null is null. Source: Kraken docs (sendorder,
openorders, orders/status, fills) and live captures 2019-2026.
"""

from collections.abc import Iterable
from typing import Any, Final

from tui.exchange.commands import (
    CancelAllAnswer,
    Cancelled,
    DeadManAnswer,
    Edited,
    Executed,
    OrderAnswer,
    OrderEvent,
    Placed,
    Rejected,
)
from tui.exchange.orders import Order, Trigger
from tui.exchange.views import Fill, OrderStatus
from tui.wire.derivatives.codes import EVENT_SIGNAL, OPEN_ORDER_SIGNAL, STATUS_SIGNAL, TriggerSignal
from tui.wire.derivatives.outcomes import EventType, SendStatus
from tui.wire.derivatives.times import to_iso

Json = dict[str, Any]

_EVENT_TYPE: Final = {"mkt": "ioc"}
_OPEN_ORDER_TYPE: Final = {"take_profit": "take_profit", "trailing_stop": "trailing_stop"}


def given(**values: object) -> Json:
    """The values that are not None, under their names."""
    return {name: value for name, value in values.items() if value is not None}


# --- order events ------------------------------------------------------------------------------------------


def event_order(order: Order) -> Json:
    return {
        "orderId": order.order_id,
        "cliOrdId": order.cli_ord_id,
        "type": _EVENT_TYPE.get(order.order_type, order.order_type),
        "symbol": order.symbol,
        "side": order.side,
        "quantity": order.quantity,
        "filled": order.filled,
        "limitPrice": order.limit_price,
        "reduceOnly": order.reduce_only,
        "timestamp": to_iso(order.created_ms),
        "lastUpdateTimestamp": to_iso(order.updated_ms),
    }


def event_trigger(order: Order, trigger: Trigger) -> Json:
    offset = trigger.limit_offset
    return {
        "uid": order.order_id,
        "clientId": order.cli_ord_id,
        "type": order.child_type,
        "symbol": order.symbol,
        "side": order.side,
        "quantity": order.quantity,
        "limitPrice": order.limit_price,
        "triggerPrice": trigger.price,
        "triggerSide": f"trigger_{trigger.side}",
        "triggerSignal": EVENT_SIGNAL[TriggerSignal(trigger.signal)],
        "reduceOnly": order.reduce_only,
        "timestamp": to_iso(order.created_ms),
        "lastUpdateTimestamp": to_iso(order.updated_ms),
        "startTime": None,
    } | given(
        limitPriceOffsetValue=offset and offset.value,
        limitPriceOffsetUnit=offset and offset.unit,
    )


def _order_or_trigger(order: Order) -> Json:
    if order.trigger is None:
        return {"order": event_order(order)}
    return {"orderTrigger": event_trigger(order, order.trigger)}


def _edited_value(order: Order) -> Json:
    return event_order(order) if order.trigger is None else event_trigger(order, order.trigger)


def order_event(event: OrderEvent) -> Json:
    match event:
        case Placed(order, reduced):
            extra = {} if order.is_trigger else {"reducedQuantity": reduced}
            return {"type": EventType.PLACE, **_order_or_trigger(order), **extra}
        case Executed():
            return {
                "type": EventType.EXECUTION,
                "executionId": event.execution_id,
                "price": event.price,
                "amount": event.amount,
                "orderPriorEdit": event.order_prior_edit and event_order(event.order_prior_edit),
                "orderPriorExecution": event_order(event.order_prior_execution),
                "takerReducedQuantity": event.taker_reduced_quantity,
            }
        case Edited(old, new, reduced):
            return {
                "type": EventType.EDIT,
                "old": _edited_value(old),
                "new": _edited_value(new),
                "reducedQuantity": reduced,
            }
        case Cancelled(order):
            return {"type": EventType.CANCEL, "uid": order.order_id, **_order_or_trigger(order)}
        case Rejected(order, reason):
            return {
                "type": EventType.REJECT,
                "uid": order.order_id,
                "reason": reason,
                **_order_or_trigger(order),
            }


def order_events(events: Iterable[OrderEvent]) -> list[Json]:
    return [order_event(event) for event in events]


# --- answers -----------------------------------------------------------------------------------------------


def send_status(answer: OrderAnswer) -> Json:
    return given(status=answer.status, order_id=answer.order_id, cliOrdId=answer.cli_ord_id) | {
        "receivedTime": to_iso(answer.received_ms),
        "orderEvents": order_events(answer.order_events),
    }


def edit_status(answer: OrderAnswer) -> Json:
    return given(status=answer.status, orderId=answer.order_id, cliOrdId=answer.cli_ord_id) | {
        "receivedTime": to_iso(answer.received_ms),
        "orderEvents": order_events(answer.order_events),
    }


def cancel_status(answer: OrderAnswer) -> Json:
    """Of an order that is not found only the word and the time are told."""
    if answer.status == SendStatus.NOT_FOUND:
        return {"status": answer.status, "receivedTime": to_iso(answer.received_ms)}
    return send_status(answer)


def batch_row(answer: OrderAnswer, tag: object) -> Json:
    row = given(status=answer.status, order_tag=tag, order_id=answer.order_id, cliOrdId=answer.cli_ord_id)
    return row | {
        "dateTimeReceived": to_iso(answer.received_ms),
        "orderEvents": order_events(answer.order_events),
    }


def cancel_all_status(answer: CancelAllAnswer) -> Json:
    return {
        "receivedTime": to_iso(answer.received_ms),
        "cancelOnly": answer.cancel_only,
        "status": answer.status,
        "cancelledOrders": [given(order_id=order.order_id, cliOrdId=order.cli_ord_id) for order in answer.cancelled],
        "orderEvents": order_events(answer.order_events),
    }


def dead_man_status(answer: DeadManAnswer) -> Json:
    trigger = answer.trigger_ms
    return {"currentTime": to_iso(answer.current_ms), "triggerTime": "0" if trigger is None else to_iso(trigger)}


# --- lists -------------------------------------------------------------------------------------------------


def open_order(order: Order, stop_word: str) -> Json:
    """``stop_word``: how a stop is called here (``stop`` live in 2023, ``stp`` in the docs' prose)."""
    kind = _OPEN_ORDER_TYPE.get(order.order_type, "lmt")
    if order.order_type == "stp":
        kind = stop_word
    trigger = order.trigger
    return given(
        order_id=order.order_id,
        cliOrdId=order.cli_ord_id,
        symbol=order.symbol,
        side=order.side,
        orderType=kind,
        limitPrice=order.limit_price,
        stopPrice=trigger and trigger.price,
        unfilledSize=order.remaining,
        receivedTime=to_iso(order.created_ms),
        status="partiallyFilled" if order.filled else "untouched",
        filledSize=order.filled,
        reduceOnly=order.reduce_only,
        triggerSignal=trigger and OPEN_ORDER_SIGNAL[TriggerSignal(trigger.signal)],
        lastUpdateTime=to_iso(order.updated_ms),
    )


def _trigger_options(trigger: Trigger) -> Json:
    options: Json = {
        "triggerPrice": trigger.price,
        "triggerSide": f"TRIGGER_{trigger.side.upper()}",
        "triggerSignal": STATUS_SIGNAL[TriggerSignal(trigger.signal)],
    }
    if trigger.trailing is not None:
        options["trailingStopOptions"] = {"maxDeviation": trigger.trailing.value, "unit": trigger.trailing.unit}
    return options


def order_status(row: OrderStatus) -> Json:
    order = row.order
    return {
        "order": {
            "type": "ORDER" if order.trigger is None else "TRIGGER_ORDER",
            "orderId": order.order_id,
            "cliOrdId": order.cli_ord_id,
            "symbol": order.symbol,
            "side": order.side,
            "quantity": order.quantity,
            "filled": order.filled,
            "limitPrice": order.limit_price,
            "reduceOnly": order.reduce_only,
            "timestamp": to_iso(order.created_ms),
            "lastUpdateTimestamp": to_iso(order.updated_ms),
            "priceTriggerOptions": order.trigger and _trigger_options(order.trigger),
            "triggerTime": None if row.trigger_ms is None else to_iso(row.trigger_ms),
        },
        "status": row.status,
        "updateReason": row.update_reason,
        "error": row.error,
    }


def fill(row: Fill, *, with_pnl: bool) -> Json:
    """``with_pnl`` False: the profit is null, as it is when ``lastFillTime`` was asked for."""
    return given(
        fill_id=row.fill_id,
        symbol=row.symbol,
        side=row.side,
        order_id=row.order_id,
        cliOrdId=row.cli_ord_id,
        size=row.size,
        price=row.price,
        fillTime=to_iso(row.time_ms),
        fillType=row.fill_type,
    ) | {"realized_pnl": row.realized_pnl if with_pnl else None}
