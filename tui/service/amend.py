"""Verdicts on changes: an edit of a working order, and a leverage preference.

Invariant: an edit is judged as the order it would become, with the old one out of the way.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import msgspec

from tui.model import margin
from tui.model.decimals import HUNDRED, ONE, ZERO
from tui.model.describe import number
from tui.model.draft import EditAssessment, FieldError, Impact, LeverageAssessment
from tui.model.enums import DeviationUnit, OrderType, TriggerSignal
from tui.model.limits import Limits
from tui.model.order import EditRequest, Order, OrderRequest
from tui.model.pnl import value
from tui.model.state import LinkStatus, State
from tui.service import entry
from tui.service.ground import Ground, ground_of
from tui.service.marking import mark_to_market
from tui.service.standing import stand, unchanged
from tui.service.ticket import judge


def assess_edit(
    state: State, order: Order, size: str, limit_price: str, stop_price: str, *, limits: Limits, now_ms: int
) -> EditAssessment:
    """Texts as typed; an empty one leaves its field as it is. ``size`` is the remaining size.

    ``request`` is None also when nothing would change.
    """
    marked = mark_to_market(state)
    ground = ground_of(marked, order.symbol)
    if ground is None:
        return EditAssessment(None, errors=(FieldError("", f"there is no contract {order.symbol}"),))
    errors: list[FieldError] = []

    def read(field: str, text: str, now: Decimal | None, parse: Callable[[], Decimal]) -> Decimal | None:
        """The new value of a field, None if it stays."""
        if not text.strip():
            return None
        try:
            new = parse()
        except entry.EntryError as error:
            errors.append(FieldError(field, str(error)))
            return None
        return None if new == now else new

    side = order.side
    new_limit = read("limit_price", limit_price, order.limit_price, lambda: entry.price(limit_price, ground, side))
    new_stop = read("stop_price", stop_price, order.stop_price, lambda: entry.price(stop_price, ground, side))
    new_size = read("size", size, order.remaining, lambda: _remaining(size, ground, order, new_limit))
    request = EditRequest(
        symbol=order.symbol,
        order_id=order.order_id,
        client_order_id=order.client_order_id,
        size=new_size,
        limit_price=new_limit,
        stop_price=new_stop,
    )
    changes = any(value is not None for value in (new_size, new_limit, new_stop))
    errors += _fixed_fields(order, request)
    if errors or not changes:
        return EditAssessment(None, errors=tuple(errors))
    verdict = judge(marked, ground, _becomes(order, request), limits, now_ms, replaces=order.order_id)
    return EditAssessment(
        request=request if verdict.request is not None else None,
        errors=verdict.errors,
        warnings=(*verdict.warnings, *_queue_words(order, request)),
        doubts=verdict.doubts,
        preview=verdict.preview,
    )


def assess_leverage(state: State, symbol: str, max_leverage: Decimal | None) -> LeverageAssessment:
    """What isolated margin at ``max_leverage``, or cross with None, does to the contract's margin and liquidation
    price.
    """
    marked = mark_to_market(state)
    ground = ground_of(marked, symbol)
    if ground is None:
        return LeverageAssessment(symbol, max_leverage, error=f"there is no contract {symbol}")
    if max_leverage is not None and max_leverage <= 0:
        return LeverageAssessment(symbol, max_leverage, error="a leverage must be above zero")
    now = unchanged(ground)
    before, after = stand(ground, now), stand(ground, msgspec.structs.replace(now, leverage=max_leverage))
    highest = _highest_leverage(ground)
    return LeverageAssessment(
        symbol,
        max_leverage,
        currency=ground.currency,
        before=before,
        after=after,
        error=_leverage_error(marked, ground, max_leverage, highest, after),
        warnings=tuple(_leverage_warnings(marked, ground, max_leverage, after)),
        highest=highest,
    )


def _remaining(text: str, ground: Ground, order: Order, new_limit: Decimal | None) -> Decimal:
    """A new remaining size; percentages are of what remains now."""
    price = new_limit or order.working_price or ground.mark
    return entry.size(text, ground, order.side, at=price, largest=order.remaining, closing=False)


def _becomes(order: Order, edit: EditRequest) -> OrderRequest:
    """The order after the edit, as if sent anew. What the venue did not say of the old order is filled in with what
    judges it most simply, because an edit does not touch it.
    """
    trails = order.type is OrderType.TRAILING_STOP
    return OrderRequest(
        client_order_id=order.client_order_id or order.order_id,
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        size=edit.size if edit.size is not None else order.remaining,
        limit_price=edit.limit_price if edit.limit_price is not None else order.limit_price,
        stop_price=edit.stop_price if edit.stop_price is not None else order.stop_price,
        trigger_signal=(order.trigger_signal or TriggerSignal.LAST) if order.type.is_trigger else None,
        reduce_only=order.reduce_only,
        deviation=(order.deviation or ONE) if trails else None,
        deviation_unit=(order.deviation_unit or DeviationUnit.PERCENT) if trails else None,
    )


def _fixed_fields(order: Order, edit: EditRequest) -> list[FieldError]:
    """What an order of this type has not, or the venue does not let be edited."""
    errors = []
    if order.type is OrderType.TRAILING_STOP:
        if edit.stop_price is not None:
            errors.append(FieldError("stop_price", "a trailing stop moves its own price; cancel it to place another"))
        if edit.limit_price is not None:
            errors.append(FieldError("limit_price", "a trailing stop has no price of its own to edit"))
    elif edit.stop_price is not None and not order.type.is_trigger:
        errors.append(FieldError("stop_price", "this order has no stop price"))
    return errors


def _queue_words(order: Order, edit: EditRequest) -> list[str]:
    grows = edit.size is not None and edit.size > order.remaining
    if order.type.can_rest and (edit.limit_price is not None or grows):
        return ["it goes to the back of the queue at its price"]
    return []


def _highest_leverage(ground: Ground) -> Decimal | None:
    held, instrument = ground.holding, ground.instrument
    if instrument.is_inverse:
        return None
    return margin.max_leverage(instrument, value(instrument, held.size, held.entry) if held.size else ZERO)


def _leverage_error(
    state: State, ground: Ground, wanted: Decimal | None, highest: Decimal | None, after: Impact
) -> str:
    if not state.can_trade:
        return state.view_reason or "this desk only views; nothing can be sent"
    if ground.instrument.is_inverse:
        return "an inverse contract is always cross inside its own wallet"
    if wanted is not None and highest is not None and wanted > highest:
        return f"at this size the ladder allows at most {number(round(highest, 2))}x"
    if ground.holding.size and after.level_pct is not None and after.level_pct <= HUNDRED:
        return f"it would cause liquidation: margin level {number(round(after.level_pct, 1))} % after"
    if wanted is not None and after.available is not None and after.available < 0:
        return f"insufficient margin: {number(round(-after.available, 2))} {ground.currency} short"
    return ""


def _leverage_warnings(state: State, ground: Ground, wanted: Decimal | None, after: Impact) -> list[str]:
    words = []
    if (wanted is None) is not (ground.leverage is None):
        old, new = ("cross", "isolated") if ground.leverage is None else ("isolated", "cross")
        words.append(f"moves {'the position' if ground.holding.size else 'new positions'} from {old} to {new} margin")
    if wanted == ground.leverage:
        words.append("nothing changes")
    if state.link.status is not LinkStatus.LIVE:
        words.append(f"the stream is {state.link.status}: the figures may be old")
    grade = margin.band(after.level_pct)
    if ground.holding.size and grade not in (None, margin.Band.HEALTHY) and after.level_pct is not None:
        words.append(f"margin level after: {number(round(after.level_pct, 1))} %, {grade}")
    return words
