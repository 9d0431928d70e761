"""Changing a live order in place: same id, new values.

The venue does not document queue priority; assumed here: a smaller size at the same price keeps its place,
anything else goes to the back and may trade at once (fills of type ``takerAfterEdit``). An edit that would
meet an order of the same account first is refused whole. Invariant: a refused edit changes nothing.
"""

from dataclasses import replace
from decimal import Decimal

from tui.exchange import checks, words
from tui.exchange.commands import Edited, EditOrder, OrderAnswer, OrderEvent, Rejected
from tui.exchange.core import Core
from tui.exchange.execution import take
from tui.exchange.market import Market
from tui.exchange.orders import Order, Trigger
from tui.exchange.placement import put_in_book, take_from_book
from tui.exchange.reducing import room_for, trim_reduce_only
from tui.exchange.triggers import trailing_error, trailing_price
from tui.exchange.words import Refusal


def edit(core: Core, command: EditOrder) -> OrderAnswer:
    """Answer to ``EditOrder``: ``edited``, ``filled`` if the edit executed the rest, or a refusal."""
    refusal = checks.late(command.process_before_ms, core.now_ms)
    old = core.blotter.find(command.order_id, command.cli_ord_id)
    if refusal or old is None:
        return OrderAnswer((refusal or words.EDIT_NOT_FOUND).status, core.now_ms, command.order_id, command.cli_ord_id)
    market = core.markets[old.symbol]
    new = _wanted(core, market, old, command)
    if isinstance(new, Refusal):
        return _refuse(core, old, old, new)
    if _same(old, new) and command.trailing is None:
        return _answer(core, "edited", old, (Rejected(old, "EDIT_HAS_NO_EFFECT"),))
    if old.is_trigger:
        core.blotter.update(new, "edited_by_user")
        core.revision += 1
        return _answer(core, "edited", new, (Edited(old, new),))
    return _edit_resting(core, market, old, new)


def _answer(core: Core, status: str, order: Order, events: tuple[OrderEvent, ...] = ()) -> OrderAnswer:
    return OrderAnswer(status, core.now_ms, order.order_id, order.cli_ord_id, events)


def _refuse(core: Core, old: Order, attempted: Order, refusal: Refusal) -> OrderAnswer:
    core.blotter.reject_edit(old, attempted, refusal.error, core.now_ms)
    return _answer(core, refusal.status, old)


def _same(old: Order, new: Order) -> bool:
    return replace(new, updated_ms=old.updated_ms) == old


def _wanted(core: Core, market: Market, old: Order, command: EditOrder) -> Order | Refusal:
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
        updated_ms=core.now_ms,
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


def _edit_resting(core: Core, market: Market, old: Order, new: Order) -> OrderAnswer:
    reduced = None
    if new.reduce_only:
        room = room_for(core, new)
        if not room:
            return _refuse(core, old, new, words.NOT_REDUCING)
        if new.remaining > room:
            reduced = new.remaining - room
            new = replace(new, quantity=new.filled + room)
    keeps_place = new.limit_price == old.limit_price and new.quantity <= old.quantity
    if not keeps_place:
        refusal = checks.mode(market, new.order_type) or checks.money(core, market, new) or _meeting(core, market, new)
        if refusal:
            return _refuse(core, old, new, refusal)
    edited = Edited(old, new, reduced)
    if keeps_place:
        _shrink(core, market, new)
        return _answer(core, "edited", new, (edited,))
    take_from_book(market, old)
    core.blotter.update(new, "edited_by_user")
    core.touch(market.instrument)
    taken = take(core, market, new, fill_type="takerAfterEdit", prior_edit=old)
    _settle(core, market, taken.order, traded=bool(taken.executions))
    status = "edited" if taken.order.remaining else "filled"
    return _answer(core, status, taken.order, (edited, *taken.executions))


def _meeting(core: Core, market: Market, new: Order) -> Refusal | None:
    if new.order_type == "post":
        assert new.limit_price is not None  # noqa: S101 - resting orders have one
        return words.POST if market.book.crosses(new.side, int(new.limit_price / market.instrument.tick)) else None
    return words.SELF if checks.expected_match(core, market, new).self_hit else None


def _shrink(core: Core, market: Market, new: Order) -> None:
    assert new.limit_price is not None  # noqa: S101 - resting orders have one
    tick = int(new.limit_price / market.instrument.tick)
    market.book.side(new.side).resize(tick, new.order_id, int(new.remaining / market.instrument.lot))
    core.blotter.update(new, "edited_by_user")
    core.touch(market.instrument)


def _settle(core: Core, market: Market, order: Order, *, traded: bool) -> None:
    """After matching: the remainder rests again, or the order is done."""
    if not order.remaining:
        core.blotter.end(order, "full_fill", "FULLY_EXECUTED", core.now_ms)
    else:
        put_in_book(market, order)
        if traded:
            core.blotter.update(order, "partial_fill")
    trim_reduce_only(core, market)
