"""Waking triggers: a stop whose signal has reached it becomes an order.

Life on the wire: the trigger is removed with ``stop_order_triggered``; a child with a limit price then
appears with ``limit_order_from_stop``, a market child only shows its fills. The child has a new id and the
trigger's client id. If the child is refused, the trigger ends as TRIGGER_ACTIVATION_FAILURE.
Invariant: a trigger wakes at most once.
"""

from dataclasses import replace

from tui.exchange import checks, words
from tui.exchange.market import Market
from tui.exchange.orders import BUY, Order, Trigger
from tui.exchange.placement import refusal_of, submit
from tui.exchange.seat import Seat
from tui.exchange.triggers import child_limit, follow


def watch(seat: Seat) -> None:
    """Move trailing stops and wake every trigger whose signal has reached it, oldest first. Triggers of a
    suspended market sleep on.
    """
    for order in [order for order in seat.blotter.live.values() if order.trigger is not None]:
        if order.order_id not in seat.blotter.live or order.trigger is None:
            continue
        market = seat.markets[order.symbol]
        if market.suspended:
            continue
        signal = market.signal(order.trigger.signal)
        trigger = follow(order.trigger, signal, market.instrument.tick)
        if trigger.reached(signal):
            _wake(seat, market, order, trigger)
        elif trigger is not order.trigger:
            moved = replace(order, trigger=trigger, updated_ms=seat.now_ms)
            seat.blotter.update(moved, "trailing_stop_price_updated")
            seat.note()


def _wake(seat: Seat, market: Market, order: Order, trigger: Trigger) -> None:
    instrument = market.instrument
    limit = child_limit(trigger, order.limit_price, instrument.tick, buy=order.side == BUY)
    child = replace(
        order,
        order_id=seat.floor.new_id(),
        order_type="mkt" if limit is None else "lmt",
        limit_price=limit,
        trigger=None,
        parent_id=order.order_id,
        created_ms=seat.now_ms,
        updated_ms=seat.now_ms,
    )
    refusal = checks.mode(market, child.order_type)
    if refusal is None and limit is not None and limit <= 0:
        refusal = words.INVALID_PRICE
    woken = replace(order, trigger=trigger, updated_ms=seat.now_ms)
    if refusal is None:
        refusal = refusal_of(seat, market, child)
    if refusal is not None:
        seat.blotter.fail_trigger(woken, refusal, seat.now_ms)
        return
    seat.blotter.end(woken, "stop_order_triggered", "CANCELLED", seat.now_ms)
    submit(seat, market, child, "limit_order_from_stop")
    seat.touch(instrument)
