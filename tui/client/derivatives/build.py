"""Model to wire: the parameters of every request, and their text.

Invariant: ``encode`` makes the text once; that text is signed and sent. Numbers are plain digits, never exponents.
Source of names and of which order type takes which field: Kraken docs, sendorder, editorder, cancelorder.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, urlencode

from tui.model.enums import DeviationUnit, OrderType, TriggerSignal
from tui.model.errors import BadArgument, Sent
from tui.model.order import CancelRequest, EditRequest, OrderRequest
from tui.wire.derivatives import codes
from tui.wire.derivatives.codec import encode as to_json
from tui.wire.derivatives.codec import plain
from tui.wire.derivatives.times import to_iso

Params = list[tuple[str, str]]

_TYPES: Final = {
    OrderType.LIMIT: codes.OrderType.LMT,
    OrderType.POST: codes.OrderType.POST,
    OrderType.MARKET: codes.OrderType.MKT,
    OrderType.IOC: codes.OrderType.IOC,
    OrderType.FOK: codes.OrderType.FOK,
    OrderType.STOP: codes.OrderType.STP,
    OrderType.TAKE_PROFIT: codes.OrderType.TAKE_PROFIT,
    OrderType.TRAILING_STOP: codes.OrderType.TRAILING_STOP,
}
_PRICED: Final = frozenset({OrderType.LIMIT, OrderType.POST, OrderType.IOC, OrderType.FOK})
_STOPPED: Final = frozenset({OrderType.STOP, OrderType.TAKE_PROFIT})
_UNITS: Final = {
    DeviationUnit.PERCENT: codes.DeviationUnit.PERCENT,
    DeviationUnit.QUOTE: codes.DeviationUnit.QUOTE_CURRENCY,
}
DEFAULT_SIGNAL: Final = TriggerSignal.MARK
"""Sent when a trigger names none: what the venue would take is not documented."""


def encode(params: Iterable[tuple[str, str]]) -> str:
    """Percent-encoded ``a=b&c=d``; a space is ``%20``. Since 2024-02 the encoded form is what is signed."""
    return urlencode(list(params), quote_via=quote, safe="")


def send_order(request: OrderRequest) -> Params:
    """Raises ``BadArgument`` (nothing was sent) if a field is missing or does not belong to the order type."""
    refuse_nonsense(request)
    params: Params = [
        ("orderType", _TYPES[request.type]),
        ("symbol", request.symbol),
        ("side", request.side.value),
        ("size", plain(request.size)),
    ]
    if request.limit_price is not None:
        params.append(("limitPrice", plain(request.limit_price)))
    if request.stop_price is not None:
        params.append(("stopPrice", plain(request.stop_price)))
    if request.type.is_trigger:
        params.append(("triggerSignal", (request.trigger_signal or DEFAULT_SIGNAL).value))
    params += _trailing(request)
    params.append(("cliOrdId", request.client_order_id))
    if request.reduce_only:
        params.append(("reduceOnly", "true"))
    return params + _deadline(request.process_before_ms)


def refuse_nonsense(request: OrderRequest) -> None:
    """What the venue would read in another way than it was meant is not sent at all."""
    kind = request.type
    if kind not in _TYPES:
        raise _bad("This order type cannot be sent")
    if not request.client_order_id:
        raise _bad("An order needs a client order id")
    if not (request.size.is_finite() and request.size > 0):
        raise _bad("The size must be a positive number")
    if kind in _PRICED and request.limit_price is None:
        raise _bad(f"A {kind} order needs a limit price")
    if kind not in _PRICED | _STOPPED and request.limit_price is not None:
        raise _bad(f"A {kind} order takes no limit price")
    if (kind in _STOPPED) != (request.stop_price is not None):
        raise _bad(f"A {kind} order {'needs a' if kind in _STOPPED else 'takes no'} stop price")
    if (kind is OrderType.TRAILING_STOP) != (request.deviation is not None):
        raise _bad("A trailing stop, and no other order, needs its distance")


def edit_order(request: EditRequest) -> Params:
    """``size`` is the new open size, which the venue calls relative."""
    params: Params = _identity("orderId", request.order_id or None, request.client_order_id)
    if request.size is not None:
        params += [("size", plain(request.size)), ("qtyMode", codes.QtyMode.RELATIVE)]
    if request.limit_price is not None:
        params.append(("limitPrice", plain(request.limit_price)))
    if request.stop_price is not None:
        params.append(("stopPrice", plain(request.stop_price)))
    return params + _trailing(request) + _deadline(request.process_before_ms)


def cancel_order(request: CancelRequest) -> Params:
    return _identity("order_id", request.order_id, request.client_order_id)


def batch(requests: Iterable[OrderRequest | EditRequest | CancelRequest]) -> Params:
    """One form field of JSON. Tags are positions, so that rows can be matched even if the venue reorders them. One
    deadline holds for all; it stands beside the JSON, with a capital letter (Kraken docs, REST batchorder).
    """
    rows = [_instruction(i, r) for i, r in enumerate(requests)]
    deadlines = [deadline for row in rows if (deadline := row.pop("processBefore", None))]
    params: Params = [("json", to_json({"batchOrder": rows}).decode())]
    return [*params, ("ProcessBefore", min(deadlines))] if deadlines else params


def _instruction(position: int, request: OrderRequest | EditRequest | CancelRequest) -> dict[str, str]:
    tag = {"order_tag": str(position)}
    if isinstance(request, OrderRequest):
        return {"order": "send", **tag, **dict(send_order(request))}
    if isinstance(request, EditRequest):
        fields = dict(edit_order(request))
        if order_id := fields.pop("orderId", None):  # a batch spells it differently from the single call
            fields["order_id"] = order_id
        return {"order": "edit", **tag, **fields}
    return {"order": "cancel", **tag, **dict(cancel_order(request))}


def _identity(name: str, order_id: str | None, client_order_id: str | None) -> Params:
    if order_id:
        return [(name, order_id)]
    if client_order_id:
        return [("cliOrdId", client_order_id)]
    raise _bad("The order's id is missing")


def _trailing(request: OrderRequest | EditRequest) -> Params:
    if request.deviation is None:
        return []
    unit = _UNITS[request.deviation_unit or DeviationUnit.PERCENT]
    return [("trailingStopMaxDeviation", plain(request.deviation)), ("trailingStopDeviationUnit", unit)]


def _deadline(process_before_ms: int | None) -> Params:
    return [] if process_before_ms is None else [("processBefore", to_iso(process_before_ms))]


def _bad(what: str) -> BadArgument:
    return BadArgument(what, "Nothing was sent; correct the order", sent=Sent.NO)
