"""Sending and cancelling orders: from a request to its answer.

Invariant: an order that is refused leaves nothing behind but its record; an order that is accepted is in the
book, waiting as a trigger, or finished by the end of the step.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tui.exchange import checks, words
from tui.exchange.book import Key
from tui.exchange.commands import (
    CancelAll,
    CancelAllAfter,
    CancelAllAnswer,
    Cancelled,
    CancelOrder,
    DeadManAnswer,
    OrderAnswer,
    OrderEvent,
    Placed,
    Rejected,
    SendOrder,
)
from tui.exchange.execution import Taken, take
from tui.exchange.market import Market
from tui.exchange.orders import BUY, IMMEDIATE_TYPES, TRIGGER_TYPES, Order, Trigger
from tui.exchange.positions import ZERO
from tui.exchange.reducing import room_for, trim_reduce_only
from tui.exchange.seat import Seat
from tui.exchange.triggers import offset_error, round_to_tick, trailing_error, trailing_price, trigger_side
from tui.exchange.words import Refusal


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of an order: its last value, the events of the answer, or why it was refused."""

    order: Order
    events: tuple[OrderEvent, ...] = ()
    refusal: Refusal | None = None


def send(seat: Seat, command: SendOrder) -> OrderAnswer:
    """Answer to ``SendOrder``. Raises ``UnknownSymbol``."""
    market = seat.floor.market(command.symbol)
    refusal = checks.late(command.process_before_ms, seat.now_ms) or checks.form(seat, market, command)
    if refusal:
        return OrderAnswer(refusal.status, seat.now_ms, cli_ord_id=command.cli_ord_id)
    order = _draft(seat, command)
    if command.order_type in TRIGGER_TYPES:
        done = _place_trigger(seat, market, order, command)
    else:
        done = submit(seat, market, order)
        if done.refusal and done.refusal.with_id:
            seat.blotter.reject(done.order, done.refusal, seat.now_ms)
    return _answer(seat, done)


def _answer(seat: Seat, done: Submission) -> OrderAnswer:
    order, refusal = done.order, done.refusal
    if refusal is None:
        return OrderAnswer("placed", seat.now_ms, order.order_id, order.cli_ord_id, done.events)
    if not refusal.with_id:
        return OrderAnswer(refusal.status, seat.now_ms, cli_ord_id=order.cli_ord_id)
    events = (Rejected(order, refusal.error),)
    return OrderAnswer(refusal.status, seat.now_ms, order.order_id, order.cli_ord_id, events)


def _draft(seat: Seat, command: SendOrder) -> Order:
    trailing = command.order_type == "trailing_stop"
    return Order(
        order_id=seat.floor.new_id(),
        cli_ord_id=command.cli_ord_id,
        symbol=command.symbol,
        side=command.side,
        order_type=command.order_type,
        quantity=command.size,
        filled=ZERO,
        limit_price=None if command.order_type == "mkt" or trailing else command.limit_price,
        reduce_only=command.reduce_only,
        created_ms=seat.now_ms,
        updated_ms=seat.now_ms,
        max_fixed_leverage=seat.account.leverage.get(command.symbol),
    )


# --- orders that trade or rest -----------------------------------------------------------------------------


def submit(seat: Seat, market: Market, order: Order, reason: str = "new_placed_order_by_user") -> Submission:
    """Check, match and rest an order that is not a trigger. Refusals change nothing; a remainder that may
    not rest is dropped (the venue still says ``placed``).
    """
    order, reduced, refusal = _prepare(seat, market, order)
    if refusal:
        return Submission(order, refusal=refusal)
    taken = take(seat, market, order) if order.order_type != "post" else Taken(order, (), self_hit=False)
    seat.blotter.accept(taken.order, reduced)
    executions: tuple[OrderEvent, ...] = tuple(
        replace(event, taker_reduced_quantity=reduced) for event in taken.executions
    )
    order, rests = taken.order, False
    if not order.remaining:
        seat.blotter.complete(order, seat.now_ms)
    elif taken.self_hit or order.order_type in IMMEDIATE_TYPES:
        seat.blotter.drop(order, "would_execute_self" if taken.self_hit else "partial_fill", seat.now_ms)
    else:
        rests = True
        put_in_book(seat, market, order)
        seat.blotter.rest(order, reason)
        seat.touch(market.instrument)
    trim_reduce_only(seat, market)
    return Submission(order, (*executions, Placed(order, reduced)) if rests else executions)


def refusal_of(seat: Seat, market: Market, order: Order) -> Refusal | None:
    """Why ``submit`` would refuse this order now, or None."""
    return _prepare(seat, market, order)[2]


def _prepare(seat: Seat, market: Market, order: Order) -> tuple[Order, Decimal | None, Refusal | None]:
    """The order as it would go to the book (protected, reduced), how much was cut, or the refusal."""
    if order.order_type == "mkt":
        limit = protected_price(seat, market, order.side)
        if limit is None:
            return order, None, words.IOC
        order = replace(order, limit_price=limit)
    reduced = None
    if order.reduce_only:
        room = room_for(seat, order)
        if not room:
            return order, None, words.NOT_REDUCING
        if order.quantity > room:
            reduced = order.quantity - room
            order = replace(order, quantity=room)
    return order, reduced, checks.money(seat, market, order) or _match_refusal(seat, market, order)


def protected_price(seat: Seat, market: Market, side: str) -> Decimal | None:
    """A market order's limit: 1 % through the best opposite quote, rounded towards it; None if no quote.

    The venue names the 1 % but not its reference price; the best opposite quote is assumed.
    """
    best = market.book.against(side).best
    if best is None:
        return None
    slip = seat.config.market_protection
    price = market.price(best) * (1 + slip if side == BUY else 1 - slip)
    return max(market.instrument.tick, round_to_tick(price, market.instrument.tick, up=side != BUY))


def _match_refusal(seat: Seat, market: Market, order: Order) -> Refusal | None:
    """Post-only that would trade, fill-or-kill that would not, an order that would meet nobody but itself."""
    assert order.limit_price is not None  # noqa: S101 - every order here is priced by now
    if order.order_type == "post":
        tick = int(order.limit_price / market.instrument.tick)
        return words.POST if market.book.crosses(order.side, tick) else None
    meeting = checks.expected_match(seat, market, order)
    if order.order_type == "fok":
        return words.IOC if meeting.remaining else None
    if meeting.hits:
        return None
    if meeting.self_hit:
        return words.SELF
    return words.IOC if order.order_type in IMMEDIATE_TYPES else None


def put_in_book(seat: Seat, market: Market, order: Order) -> None:
    """Join the back of the queue at the order's price."""
    assert order.limit_price is not None  # noqa: S101 - only priced orders rest
    tick = int(order.limit_price / market.instrument.tick)
    market.book.side(order.side).add(tick, int(order.remaining / market.instrument.lot), Key(seat.name, order.order_id))


# --- triggers ----------------------------------------------------------------------------------------------


def _place_trigger(seat: Seat, market: Market, order: Order, command: SendOrder) -> Submission:
    """Park a stop, take-profit or trailing stop. Margin and position are asked when it wakes."""
    instrument = market.instrument
    side = trigger_side(command.order_type, command.side)
    error = None
    if command.limit_offset is not None:
        error = offset_error(command.limit_offset, command.limit_price, instrument.tick)
    price = command.stop_price
    if command.trailing is not None:
        error = error or trailing_error(command.trailing, instrument.tick)
        price = trailing_price(side, command.trailing, market.signal(command.trigger_signal), instrument.tick)
    if error or price is None or price <= 0:
        refusal = Refusal("invalidPrice", error or "INVALID_PRICE", with_id=True)
        return Submission(order, refusal=refusal)
    trigger = Trigger(price, side, command.trigger_signal, command.trailing, command.limit_offset)
    order = replace(order, trigger=trigger)
    seat.blotter.accept(order)
    seat.blotter.rest(order, "new_placed_order_by_user")
    seat.note()
    return Submission(order, (Placed(order),))


# --- cancelling --------------------------------------------------------------------------------------------


def cancel(seat: Seat, command: CancelOrder) -> OrderAnswer:
    """Answer to ``CancelOrder``: ``cancelled``, ``filled`` (a moment ago) or ``notFound``."""
    refusal = checks.late(command.process_before_ms, seat.now_ms)
    if refusal:
        return OrderAnswer(refusal.status, seat.now_ms, command.order_id, command.cli_ord_id)
    order = seat.blotter.find(command.order_id, command.cli_ord_id)
    if order is not None:
        gone = withdraw(seat, order, "cancelled_by_user")
        return OrderAnswer("cancelled", seat.now_ms, gone.order_id, gone.cli_ord_id, (Cancelled(gone),))
    past = seat.blotter.ended(command.order_id, command.cli_ord_id, seat.now_ms)
    if past is not None and past.status == "FULLY_EXECUTED":
        return OrderAnswer("filled", seat.now_ms, past.order.order_id, past.order.cli_ord_id)
    return OrderAnswer("notFound", seat.now_ms)


def answer_cancel_all(seat: Seat, command: CancelAll) -> CancelAllAnswer:
    """Answer to ``CancelAll``. Raises ``UnknownSymbol``."""
    if command.symbol is not None:
        seat.floor.market(command.symbol)
    return cancel_all(seat, command.symbol)


def cancel_all_after(seat: Seat, command: CancelAllAfter) -> DeadManAnswer:
    """Answer to ``CancelAllAfter``: the dead man's switch is set, or (0 s) off."""
    seat.dead_man_ms = seat.now_ms + command.timeout_s * 1000 if command.timeout_s > 0 else None
    seat.note()
    return DeadManAnswer(seat.now_ms, seat.dead_man_ms)


def cancel_all(seat: Seat, symbol: str | None, reason: str = "cancelled_by_user") -> CancelAllAnswer:
    """Every live order, or every one of ``symbol``."""
    orders = [order for order in seat.blotter.live.values() if symbol in {None, order.symbol}]
    gone = tuple(withdraw(seat, order, reason) for order in orders)
    return CancelAllAnswer("cancelled" if gone else "noOrdersToCancel", seat.now_ms, symbol or "all", gone)


def withdraw(seat: Seat, order: Order, reason: str) -> Order:
    """Take a live order out of the book and the blotter; returns its last value."""
    market = seat.markets[order.symbol]
    take_from_book(seat, market, order)
    gone = replace(order, updated_ms=seat.now_ms)
    seat.blotter.end(gone, reason, "CANCELLED", seat.now_ms)
    seat.touch(market.instrument)
    return gone


def take_from_book(seat: Seat, market: Market, order: Order) -> None:
    """Nothing to do for a trigger: it is not in the book."""
    if not order.is_trigger and order.limit_price is not None:
        tick = int(order.limit_price / market.instrument.tick)
        market.book.side(order.side).resize(tick, Key(seat.name, order.order_id), 0)
