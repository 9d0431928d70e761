"""What the answer to a send, edit or cancel says became of the order.

Invariant: executions count whatever the status word is: a request that traded was never merely refused.
A fully filled order still says ``placed``, an order that rests says so by a PLACE event (live captures 2019-2026).
"""

from __future__ import annotations

from decimal import Decimal

from tui.client.derivatives.parse import words
from tui.client.derivatives.parse.orders import taker_fill
from tui.client.derivatives.refusals import Kind, is_success, order_error_text, refusal
from tui.client.derivatives.results import OrderEvent, OrderResult
from tui.model.enums import OrderState
from tui.model.fill import Fill
from tui.model.order import EditRequest, Order, OrderRequest
from tui.wire.derivatives import trading
from tui.wire.derivatives.outcomes import EventType


def result(
    kind: Kind,
    outcome: trading.Outcome,
    request: OrderRequest | EditRequest | None,
    server_ms: int | None,
) -> OrderResult:
    """The result of a carried-out request. Raises the typed error of a refusal or of a word not known."""
    received_ms = words.time_ms(outcome.received) or server_ms or 0
    side = request.side if isinstance(request, OrderRequest) else None
    told = (taker_fill(event, side, received_ms) for event in outcome.events if event.type == EventType.EXECUTION)
    fills = tuple(fill for fill in told if fill is not None)
    order_id = outcome.order_id or _id_in_events(outcome)
    client_order_id = outcome.cli_ord_id or (request.client_order_id if request else None)
    if not is_success(kind, outcome.status) and not fills:
        raise refusal(kind, outcome.status, order_id=order_id, client_order_id=client_order_id)
    return OrderResult(
        status=outcome.status,
        order_id=order_id,
        client_order_id=client_order_id,
        filled=sum((fill.size for fill in fills), Decimal(0)),
        order=_working(outcome, request, fills, received_ms),
        fills=fills,
        events=tuple(_event(event) for event in outcome.events),
        server_ms=server_ms,
    )


def _id_in_events(outcome: trading.Outcome) -> str | None:
    for event in outcome.events:
        holder = event.order or event.order_trigger or event.order_prior_execution
        if holder is not None:
            return holder.order_id
    return None


def _working(
    outcome: trading.Outcome, request: OrderRequest | EditRequest | None, fills: tuple[Fill, ...], received_ms: int
) -> Order | None:
    placed = next((event for event in outcome.events if event.type == EventType.PLACE), None)
    if placed is not None and isinstance(request, OrderRequest):
        return _placed(placed, request, fills, received_ms)
    edited = next((event.new for event in outcome.events if event.type == EventType.EDIT), None)
    return _edited(edited, received_ms) if edited is not None else None


def _placed(
    event: trading.OrderEvent, request: OrderRequest, fills: tuple[Fill, ...], received_ms: int
) -> Order | None:
    """The request says type and prices; the event the id, and how much rests if the venue reduced it."""
    holder = event.order or event.order_trigger
    if holder is None:
        return None
    filled = sum((fill.size for fill in fills), Decimal(0))
    rest = request.size - filled
    if holder.quantity is not None:
        rest = min(rest, words.number(holder.quantity))
    trigger = event.order_trigger
    return Order(
        order_id=holder.order_id,
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        remaining=max(rest, Decimal(0)),
        filled=filled,
        client_order_id=request.client_order_id,
        limit_price=request.limit_price,
        stop_price=request.stop_price or (words.nonzero(trigger.trigger_price) if trigger else None),
        trigger_signal=request.trigger_signal or (words.signal(trigger.trigger_signal) if trigger else None),
        reduce_only=request.reduce_only,
        deviation=request.deviation,
        deviation_unit=request.deviation_unit,
        created_ms=words.time_ms(holder.timestamp) or received_ms,
        updated_ms=words.time_ms(holder.last_update_timestamp) or received_ms,
        state=OrderState.OPEN,
    )


def _edited(new: trading.EditedValue, received_ms: int) -> Order | None:
    """None for a trigger: its event does not say which kind of trigger it is. The stream tells it whole."""
    order_id = new.order_id or new.uid
    if order_id is None or not new.side or new.quantity is None or new.trigger_price is not None:
        return None
    filled = words.amount(new.filled)
    return Order(
        order_id=order_id,
        symbol=words.symbol(new.symbol),
        side=words.side(new.side),
        type=words.order_type(new.type),
        remaining=max(words.number(new.quantity) - filled, Decimal(0)),
        filled=filled,
        client_order_id=new.cli_ord_id or new.client_id,
        limit_price=words.nonzero(new.limit_price),
        reduce_only=new.reduce_only,
        updated_ms=words.time_ms(new.last_update_timestamp) or received_ms,
    )


def _event(event: trading.OrderEvent) -> OrderEvent:
    if event.type == EventType.EXECUTION:
        prior = event.order_prior_execution
        return OrderEvent(
            event.type,
            prior.order_id if prior else None,
            prior.cli_ord_id if prior else None,
            words.optional(event.amount),
            words.optional(event.price),
            event.execution_id,
        )
    holder = event.order or event.order_trigger
    new = event.new
    size = holder.quantity if holder else (new.quantity if new else None)
    price = holder.limit_price if holder else (new.limit_price if new else None)
    return OrderEvent(
        type=event.type,
        order_id=event.uid or (holder.order_id if holder else None) or (new.order_id or new.uid if new else None),
        client_order_id=holder.cli_ord_id if holder else (new.cli_ord_id if new else None),
        size=words.optional(size),
        price=words.optional(price),
        reason=order_error_text(event.reason),
    )
