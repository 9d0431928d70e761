"""The account's past over the history API: executions, orders and triggers.

Amounts leave as text, times as milliseconds. Invariant: reads only, and only what this account did. Source: Kraken docs
and live captures 2025-2026.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.history_pages import EventQuery, envelope
from tui.exchange.orders import Order
from tui.exchange.params import Params
from tui.exchange.render_orders import Json
from tui.exchange.venue import Venue, Visitor
from tui.exchange.views import Fill, OrderRecord
from tui.wire.derivatives import routes
from tui.wire.derivatives.codec import plain
from tui.wire.derivatives.codes import HISTORY_SIGNAL, TriggerSignal

_ALL_ROWS: Final = 1_000_000

_ORDER_TYPE: Final = {
    "lmt": "Limit",
    "post": "Post",
    "ioc": "IoC",
    "mkt": "Market",
    "fok": "FillOrKill",
    "liquidation": "Liquidation",
}
_PRIVATE_FIELDS: Final = frozenset({"accountUid", "filled", "clientId", "spotData"})
_TRIGGER_UNIT: Final = {"PERCENT": "Percent", "QUOTE_CURRENCY": "QuoteCurrency"}
_ORDER_EVENT: Final = {
    "placed": "OrderPlaced",
    "updated": "OrderUpdated",
    "cancelled": "OrderCancelled",
    "rejected": "OrderRejected",
    "edit_rejected": "OrderEditRejected",
}
_TRIGGER_EVENT: Final = {
    "placed": "OrderTriggerPlaced",
    "updated": "OrderTriggerUpdated",
    "cancelled": "OrderTriggerCancelled",
    "activated": "OrderTriggerActivated",
    "rejected": "OrderTriggerCancelled",
    "edit_rejected": "OrderTriggerEditRejected",
}


def _own(venue: Venue, visitor: Visitor, elements: list[Json], token: str | None) -> Reply:
    return envelope(elements, token, server_time=venue.now_iso(), account_uid=visitor.client.uid)


# --- executions --------------------------------------------------------------------------------------------


def _executions(venue: Venue, params: Params) -> Act:
    query = EventQuery.of(params)

    def act(visitor: Visitor) -> Reply:
        oldest_first = reversed(visitor.account.fills(limit=_ALL_ROWS))
        fills = [row for row in oldest_first if query.wants(row.time_ms, row.symbol)]
        page, token = query.page(fills, lambda row: row.fill_id)
        return _own(venue, visitor, [_execution(visitor.client.uid, row) for row in page], token)

    return act


def _execution(account_uid: str, row: Fill) -> Json:
    order_data = {
        "fee": plain(row.fee),
        "positionSize": plain(row.position_after),
        "feeCalculationInfo": [{"percentageFee": plain(row.fee_rate * 100)}],
        "realizedPnl": plain(row.realized_pnl),
    }
    execution = {
        "uid": row.fill_id,
        "order": _order(account_uid, row.order),
        "timestamp": row.time_ms,
        "quantity": plain(row.size),
        "price": plain(row.price),
        "markPrice": plain(row.mark_price),
        "executionType": "maker" if row.is_maker else "taker",
        "limitFilled": row.remaining == 0,
        "usdValue": plain(row.usd_value),
        "orderData": order_data,
    }
    event = {"Execution": {"execution": execution, "takerReducedQuantity": ""}}
    return {"uid": row.fill_id, "timestamp": row.time_ms, "event": event}


# --- orders and triggers -----------------------------------------------------------------------------------


def _records(*, triggers: bool) -> Callable[[Venue, Params], Act]:
    def prepare(venue: Venue, params: Params) -> Act:
        query = EventQuery.of(params)

        def act(visitor: Visitor) -> Reply:
            rows = [
                row
                for row in visitor.account.order_history()
                if row.order.is_trigger == triggers and query.wants(row.time_ms, row.order.symbol)
            ]
            page, token = query.page(rows, lambda row: row.uid)
            return _own(venue, visitor, [order_event(visitor.client.uid, row) for row in page], token)

        return act

    return prepare


def order_event(account_uid: str, row: OrderRecord, *, public: bool = False) -> Json:
    """One element of a list; ``public`` leaves out whose order it is and how it was called."""
    names = _TRIGGER_EVENT if row.order.is_trigger else _ORDER_EVENT
    body = _trigger_change(account_uid, row) if row.order.is_trigger else _order_change(account_uid, row)
    if public:
        body = {name: _anonymous(value) if isinstance(value, dict) else value for name, value in body.items()}
    return {"uid": row.uid, "timestamp": row.time_ms, "event": {names[row.kind]: body}}


def _anonymous(order: Json) -> Json:
    return {name: value for name, value in order.items() if name not in _PRIVATE_FIELDS}


def _order_change(account_uid: str, row: OrderRecord) -> Json:
    order = _order(account_uid, row.order)
    old = _order(account_uid, row.old or row.order)
    match row.kind:
        case "updated":
            return {"oldOrder": old, "newOrder": order, "reason": row.reason, "reducedQuantity": _reduced(row)}
        case "rejected":
            return {"order": order, "orderError": row.error, "reason": row.reason}
        case "edit_rejected":
            return {"oldOrder": old, "attemptedOrder": order, "orderError": row.error}
        case "cancelled":
            return {"order": order, "reason": row.reason}
        case _:
            return {"order": order, "reason": row.reason, "reducedQuantity": _reduced(row)}


def _trigger_change(account_uid: str, row: OrderRecord) -> Json:
    order = _trigger(account_uid, row.order)
    if row.kind in {"updated", "edit_rejected"}:
        old = _trigger(account_uid, row.old or row.order)
        return {"oldOrderTrigger": old, "newOrderTrigger": order, "reason": row.reason}
    return {"order": order, "reason": row.reason}


def _reduced(row: OrderRecord) -> str:
    return "" if row.reduced_quantity is None else plain(row.reduced_quantity)


def _text(amount: Decimal | None) -> str:
    return "0" if amount is None else plain(amount)


def _order(account_uid: str, order: Order) -> Json:
    """``quantity`` is what remains, as in the open-orders feed (live capture 2024-02: filled 0.1, quantity 0)."""
    return {
        "uid": order.order_id,
        "accountUid": account_uid,
        "tradeable": order.symbol,
        "direction": order.side.capitalize(),
        "quantity": plain(order.remaining),
        # some clients compare this text with "0" to learn whether anything was filled
        "filled": plain(order.filled) if order.filled else "0",
        "timestamp": order.created_ms,
        "limitPrice": _text(order.limit_price),
        "orderType": _ORDER_TYPE.get(order.order_type, "Unknown"),
        "clientId": order.cli_ord_id or "",
        "reduceOnly": order.reduce_only,
        "lastUpdateTimestamp": order.updated_ms,
        "spotData": None,
    }


def _trigger(account_uid: str, order: Order) -> Json:
    """A trigger has no ``filled``; some clients take one that is not "0", an absent one too, for done."""
    shown = _order(account_uid, order) | {"orderType": _ORDER_TYPE.get(order.child_type, "Unknown")}
    shown = {name: value for name, value in shown.items() if name not in {"filled", "spotData"}}
    shown["accountId"] = shown.pop("accountUid")
    trigger = order.trigger
    if trigger is None:
        return shown
    options: Json = {
        "triggerPrice": plain(trigger.price),
        "triggerSignal": HISTORY_SIGNAL[TriggerSignal(trigger.signal)],
        "triggerSide": trigger.side.capitalize(),
    }
    if trigger.trailing is not None:
        options["trailingStopOptions"] = {
            "maxDeviation": plain(trigger.trailing.value),
            "unit": _TRIGGER_UNIT[trigger.trailing.unit],
        }
    return shown | {"triggerOptions": options}


ENDPOINTS: Final = (
    Endpoint(routes.HISTORY_EXECUTIONS, _executions),
    Endpoint(routes.HISTORY_ORDERS, _records(triggers=False)),
    Endpoint(routes.HISTORY_TRIGGERS, _records(triggers=True)),
)
