"""Orders over REST: send, edit, cancel, batch, and asking about them.

Invariant: arguments become one engine command or a refusal; what becomes of the order is the engine's word alone. A
batch runs its instructions in sequence, and a bad one spoils only its own row.
"""

from collections.abc import Mapping
from typing import Final

from tui.exchange import render_orders
from tui.exchange.commands import CancelAll, CancelAllAfter, CancelOrder, EditOrder, OrderAnswer, SendOrder
from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.orders import Offset
from tui.exchange.params import Params, batch_items
from tui.exchange.refusals import CodedRefusal, Refusal, WordRefusal, missing_argument
from tui.exchange.render_orders import Json
from tui.exchange.rest_market import contract
from tui.exchange.venue import Venue, Visitor
from tui.wire.derivatives import routes
from tui.wire.derivatives.codes import SIGNAL_OF_WORD, DeviationUnit, OrderType, QtyMode, Side
from tui.wire.derivatives.outcomes import ErrorCode, SendStatus, WordError

_ORDER_TYPES: Final = frozenset(OrderType)
_SIDES: Final = frozenset(Side)
_UNITS: Final = frozenset(DeviationUnit)
_BATCH_LIMIT: Final = 500
_TIMEOUT_LIMIT_S: Final = 4_294_967_295


# --- arguments to commands ---------------------------------------------------------------------------------


def _send_command(venue: Venue, params: Params) -> SendOrder:
    order_type, side = params.required("orderType"), params.required("side")
    size = params.required_decimal("size")
    symbol = contract(venue, params).symbol
    if order_type not in _ORDER_TYPES:
        raise CodedRefusal(ErrorCode.ARGUMENT_INVALID, "invalid order type")
    if side not in _SIDES:
        raise CodedRefusal(ErrorCode.ARGUMENT_INVALID, "Argument invalid: side")
    return SendOrder(
        symbol=symbol,
        side=side,
        order_type=order_type,
        size=size,
        limit_price=params.decimal("limitPrice"),
        stop_price=params.decimal("stopPrice"),
        trigger_signal=_signal(venue, params),
        reduce_only=params.boolean("reduceOnly"),
        cli_ord_id=params.text("cliOrdId"),
        trailing=_offset(params, "trailingStopMaxDeviation", "trailingStopDeviationUnit"),
        limit_offset=_offset(params, "limitPriceOffsetValue", "limitPriceOffsetUnit"),
        process_before_ms=params.moment("processBefore", "ProcessBefore"),
    )


def _signal(venue: Venue, params: Params) -> str:
    """The default is not documented; clients in the field take it for the last price."""
    word = params.text("triggerSignal")
    if word is None:
        return venue.options.default_signal
    signal = SIGNAL_OF_WORD.get(word.lower())
    if signal is None:
        raise CodedRefusal(ErrorCode.ARGUMENT_INVALID, "Argument invalid: triggerSignal")
    return signal


def _offset(params: Params, value_name: str, unit_name: str) -> Offset | None:
    value, unit = params.decimal(value_name), params.text(unit_name)
    if value is None and unit is None:
        return None
    if value is None or unit is None:
        raise missing_argument()
    if unit.upper() not in _UNITS:
        raise CodedRefusal(ErrorCode.ARGUMENT_INVALID, f"Argument invalid: {unit_name}")
    return Offset(value, unit.upper())


def _edit_command(params: Params) -> EditOrder:
    order_id = params.order_uuid("orderId", "order_id")
    client_id = params.text("cliOrdId")
    if order_id is None and client_id is None:
        raise missing_argument()
    return EditOrder(
        order_id=order_id,
        cli_ord_id=client_id,
        size=params.decimal("size"),
        limit_price=params.decimal("limitPrice"),
        stop_price=params.decimal("stopPrice"),
        trailing=_offset(params, "trailingStopMaxDeviation", "trailingStopDeviationUnit"),
        absolute_size=params.word("qtyMode", QtyMode) == QtyMode.ABSOLUTE,
        process_before_ms=params.moment("processBefore", "ProcessBefore"),
    )


def _cancel_command(params: Params) -> CancelOrder:
    order_id, client_id = params.text("order_id", "orderId"), params.text("cliOrdId", "cli_ord_id")
    if order_id is None and client_id is None:
        raise missing_argument()
    return CancelOrder(order_id, client_id, params.moment("processBefore", "ProcessBefore"))


# --- single requests ---------------------------------------------------------------------------------------


def _send(venue: Venue, params: Params) -> Act:
    command = _send_command(venue, params)
    return lambda visitor: Reply({"sendStatus": render_orders.send_status(visitor.apply(command))})


def _edit(_venue: Venue, params: Params) -> Act:
    command = _edit_command(params)
    return lambda visitor: Reply({"editStatus": render_orders.edit_status(visitor.apply(command))})


def _cancel(_venue: Venue, params: Params) -> Act:
    command = _cancel_command(params)
    return lambda visitor: Reply({"cancelStatus": render_orders.cancel_status(visitor.apply(command))})


def _cancel_all(venue: Venue, params: Params) -> Act:
    command = CancelAll(contract(venue, params).symbol if params.text("symbol") else None)
    return lambda visitor: Reply({"cancelStatus": render_orders.cancel_all_status(visitor.apply(command))})


def _cancel_all_after(_venue: Venue, params: Params) -> Act:
    timeout = params.integer("timeout", highest=_TIMEOUT_LIMIT_S)
    if timeout is None:
        raise missing_argument()
    command = CancelAllAfter(timeout)
    return lambda visitor: Reply({"status": render_orders.dead_man_status(visitor.apply(command))})


# --- batches -----------------------------------------------------------------------------------------------


def _batch(venue: Venue, params: Params) -> Act:
    items = batch_items(params, _BATCH_LIMIT)
    before = params.text("ProcessBefore", "processBefore")
    return lambda visitor: Reply({"batchStatus": [_batch_row(venue, visitor, item, before) for item in items]})


def _batch_row(venue: Venue, visitor: Visitor, item: Mapping[str, object], process_before: str | None) -> Json:
    tag = item.get("order_tag", item.get("orderTag"))
    params = Params.of_item({"processBefore": process_before, **item})
    try:
        return render_orders.batch_row(_instruct(venue, visitor, params), tag)
    except Refusal as refusal:
        row: Json = {"status": _item_status(refusal)}
        return row | ({} if tag is None else {"order_tag": tag}) | {"orderEvents": []}


def _instruct(venue: Venue, visitor: Visitor, params: Params) -> OrderAnswer:
    match params.required("order"):
        case "send":
            return visitor.apply(_send_command(venue, params))
        case "edit":
            return visitor.apply(_edit_command(params))
        case "cancel":
            return visitor.apply(_cancel_command(params))
        case _:
            raise missing_argument()


def _item_status(refusal: Refusal) -> str:
    """A row has no coded errors: the nearest status word stands in for them."""
    if isinstance(refusal, WordRefusal) and refusal.text == WordError.REQUIRED_ARGUMENT_MISSING:
        return SendStatus.REQUIRED_ARGUMENT_MISSING
    words = {
        "size": SendStatus.INVALID_SIZE,
        "Price": SendStatus.INVALID_PRICE,
        "order type": SendStatus.INVALID_ORDER_TYPE,
        "side": SendStatus.INVALID_SIDE,
        "UUID": SendStatus.NOT_FOUND,
        "symbol": SendStatus.MARKET_INACTIVE,
    }
    return next((word for part, word in words.items() if part in refusal.text), SendStatus.REQUIRED_ARGUMENT_MISSING)


def _batch_cost(params: Params) -> int:
    return routes.batch_cost(len(batch_items(params, _BATCH_LIMIT)))


# --- asking ------------------------------------------------------------------------------------------------


def _orders_status(_venue: Venue, params: Params) -> Act:
    """Without any id all open orders are listed (what the venue does then is not documented)."""
    order_ids, client_ids = params.all("orderIds"), params.all("cliOrdIds")

    def act(visitor: Visitor) -> Reply:
        rows = visitor.account.order_statuses(order_ids, client_ids)
        return Reply({"orders": [render_orders.order_status(row) for row in rows]})

    return act


def _open_orders(venue: Venue, _params: Params) -> Act:
    stop_word = venue.options.stop_word
    return lambda visitor: Reply(
        {"openOrders": [render_orders.open_order(order, stop_word) for order in visitor.account.open_orders()]}
    )


def _fills(_venue: Venue, params: Params) -> Act:
    before = params.moment("lastFillTime")

    def act(visitor: Visitor) -> Reply:
        rows = visitor.account.fills(before_ms=before)
        return Reply({"fills": [render_orders.fill(row, with_pnl=before is None) for row in rows]})

    return act


def _fills_cost(params: Params) -> int:
    return routes.fills_cost(paged=params.text("lastFillTime") is not None)


ENDPOINTS: Final = (
    Endpoint(routes.SEND_ORDER, _send),
    Endpoint(routes.EDIT_ORDER, _edit),
    Endpoint(routes.CANCEL_ORDER, _cancel),
    Endpoint(routes.CANCEL_ALL_ORDERS, _cancel_all),
    Endpoint(routes.CANCEL_ALL_ORDERS_AFTER, _cancel_all_after),
    Endpoint(routes.BATCH_ORDER, _batch, _batch_cost),
    Endpoint(routes.ORDERS_STATUS, _orders_status, aliases=(("GET", routes.ORDERS_STATUS.path),)),
    Endpoint(routes.OPEN_ORDERS, _open_orders),
    Endpoint(routes.FILLS, _fills, _fills_cost),
)
