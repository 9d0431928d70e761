"""Changing a live order in place: same id, new values.

The venue does not document queue priority; assumed here: a smaller size at the same price keeps its place,
anything else goes to the back and may trade at once (fills of type ``takerAfterEdit``). An edit that would
meet an order of the same account first is refused whole. Invariant: a refused edit changes nothing.
"""

from dataclasses import replace
from decimal import Decimal

from tui.exchange import checks, words
from tui.exchange.book import Key
from tui.exchange.commands import Edited, EditOrder, OrderAnswer, OrderEvent, Rejected
from tui.exchange.execution import take
from tui.exchange.market import Market
from tui.exchange.orders import Order, Trigger
from tui.exchange.placement import put_in_book, take_from_book
from tui.exchange.reducing import room_for, trim_reduce_only
from tui.exchange.seat import Seat
from tui.exchange.triggers import trailing_error, trailing_price
from tui.exchange.words import Refusal


def edit(seat: Seat, command: EditOrder) -> OrderAnswer:
    """Answer to ``EditOrder``: ``edited``, ``filled`` if the edit executed the rest, or a refusal."""
    refusal = checks.late(command.process_before_ms, seat.now_ms)
    old = seat.blotter.find(command.order_id, command.cli_ord_id)
    if refusal or old is None:
        return OrderAnswer((refusal or words.EDIT_NOT_FOUND).status, seat.now_ms, command.order_id, command.cli_ord_id)
    market = seat.markets[old.symbol]
    new = _wanted(seat, market, old, command)
    if isinstance(new, Refusal):
        return _refuse(seat, old, old, new)
    if _same(old, new) and command.trailing is None:
        return _answer(seat, "edited", old, (Rejected(old, "EDIT_HAS_NO_EFFECT"),))
    if old.is_trigger:
        seat.blotter.update(new, "edited_by_user")
        seat.note()
        return _answer(seat, "edited", new, (Edited(old, new),))
    return _edit_resting(seat, market, old, new)


def _answer(seat: Seat, status: str, order: Order, events: tuple[OrderEvent, ...] = ()) -> OrderAnswer:
    return OrderAnswer(status, seat.now_ms, order.order_id, order.cli_ord_id, events)


def _refuse(seat: Seat, old: Order, attempted: Order, refusal: Refusal) -> OrderAnswer:
    seat.blotter.reject_edit(old, attempted, refusal.error, seat.now_ms)
    return _answer(seat, refusal.status, old)


def _same(old: Order, new: Order) -> bool:
    return replace(new, updated_ms=old.updated_ms) == old


def _wanted(seat: Seat, market: Market, old: Order, command: EditOrder) -> Order | Refusal:
    """The order as it should become, or why it may not."""
    quantity = old.quantity
    if command.size is not None:
        quantity = command.size if command.absolute_size else old.filled + command.size
    prices = (command.limit_price, command.stop_price)
    refusal = checks.grid(market.instrument, quantity, prices)
    if refusal is None and quantity <= old.filled:
        refusal = words.INVALID_SIZE
    if refusal:
        return refusal
    new = replace(
        old,
        quantity=quantity,
        limit_price=old.limit_price if command.limit_price is None else command.limit_price,
        updated_ms=seat.now_ms,
    )
    if old.trigger is None:
        return words.EDIT_NOT_A_STOP if command.stop_price is not None or command.trailing is not None else new
    trigger = _wanted_trigger(market, old.trigger, command)
    return trigger if isinstance(trigger, Refusal) else replace(new, trigger=trigger)


def _wanted_trigger(market: Market, trigger: Trigger, command: EditOrder) -> Trigger | Refusal:
    if trigger.trailing is None:
        if command.trailing is not None:
            return words.EDIT_NOT_A_STOP
        price: Decimal = trigger.price if command.stop_price is None else command.stop_price
        return replace(trigger, price=price)
    if command.stop_price is not None:
        return words.TRAILING_TRIGGER_FIXED
    if command.limit_price is not None:
        return words.TRAILING_LIMIT_FIXED
    if command.trailing is None:
        return trigger
    tick = market.instrument.tick
    error = trailing_error(command.trailing, tick)
    if error:
        return Refusal("invalidPrice", error)
    price = trailing_price(trigger.side, command.trailing, market.signal(trigger.signal), tick)
    return replace(trigger, price=price, trailing=command.trailing)


def _edit_resting(seat: Seat, market: Market, old: Order, new: Order) -> OrderAnswer:
    reduced = None
    if new.reduce_only:
        room = room_for(seat, new)
        if not room:
            return _refuse(seat, old, new, words.NOT_REDUCING)
        if new.remaining > room:
            reduced = new.remaining - room
            new = replace(new, quantity=new.filled + room)
    keeps_place = new.limit_price == old.limit_price and new.quantity <= old.quantity
    if not keeps_place:
        refusal = checks.mode(market, new.order_type) or checks.money(seat, market, new) or _meeting(seat, market, new)
        if refusal:
            return _refuse(seat, old, new, refusal)
    edited = Edited(old, new, reduced)
    if keeps_place:
        _shrink(seat, market, new)
        return _answer(seat, "edited", new, (edited,))
    take_from_book(seat, market, old)
    seat.blotter.update(new, "edited_by_user")
    seat.touch(market.instrument)
    taken = take(seat, market, new, fill_type="takerAfterEdit", prior_edit=old)
    _settle(seat, market, taken.order, traded=bool(taken.executions))
    status = "edited" if taken.order.remaining else "filled"
    return _answer(seat, status, taken.order, (edited, *taken.executions))


def _meeting(seat: Seat, market: Market, new: Order) -> Refusal | None:
    if new.order_type == "post":
        assert new.limit_price is not None  # noqa: S101 - resting orders have one
        return words.POST if market.book.crosses(new.side, int(new.limit_price / market.instrument.tick)) else None
    return words.SELF if checks.expected_match(seat, market, new).self_hit else None


def _shrink(seat: Seat, market: Market, new: Order) -> None:
    assert new.limit_price is not None  # noqa: S101 - resting orders have one
    tick = int(new.limit_price / market.instrument.tick)
    market.book.side(new.side).resize(tick, Key(seat.name, new.order_id), int(new.remaining / market.instrument.lot))
    seat.blotter.update(new, "edited_by_user")
    seat.touch(market.instrument)


def _settle(seat: Seat, market: Market, order: Order, *, traded: bool) -> None:
    """After matching: the remainder rests again, or the order is done."""
    if not order.remaining:
        seat.blotter.end(order, "full_fill", "FULLY_EXECUTED", seat.now_ms)
    else:
        put_in_book(seat, market, order)
        if traded:
            seat.blotter.update(order, "partial_fill")
    trim_reduce_only(seat, market)
