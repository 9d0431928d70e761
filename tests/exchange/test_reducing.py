from decimal import Decimal

from tui.exchange.commands import Executed, Placed
from tui.exchange.events import OrderChanged
from tui.exchange.exchange import Engine

from .engines import crowd_takes, of, quotes, send, size_of, still_engine

D = Decimal
PF = "PF_XBTUSD"


def long_one() -> Engine:
    engine = still_engine()
    quotes(engine, PF, [("84001", "5")], [("84005", "5")])
    send(engine, PF, "buy", "1")
    return engine


def test_without_a_position_it_is_refused() -> None:
    engine = still_engine()
    assert send(engine, PF, "sell", "1", "90000", reduce_only=True).status == "wouldNotReducePosition"
    assert send(long_one(), PF, "buy", "1", "80000", reduce_only=True).status == "wouldNotReducePosition"


def test_a_larger_order_is_cut_to_the_position() -> None:
    engine = long_one()
    answer = send(engine, PF, "sell", "3", "85000", reduce_only=True)
    (event,) = answer.order_events
    assert isinstance(event, Placed)
    assert (event.order.quantity, event.reduced_quantity) == (D(1), D(2))
    taker = send(long_one(), PF, "sell", "3", reduce_only=True).order_events[0]
    assert isinstance(taker, Executed)
    assert (taker.amount, taker.taker_reduced_quantity) == (D(1), D(2))


def test_together_they_never_exceed_the_position() -> None:
    engine = long_one()
    send(engine, PF, "sell", "0.6", "85000", reduce_only=True)
    answer = send(engine, PF, "sell", "0.6", "86000", reduce_only=True)
    (event,) = answer.order_events
    assert isinstance(event, Placed)
    assert event.order.quantity == D("0.4")
    assert send(engine, PF, "sell", "0.6", "87000", reduce_only=True).status == "wouldNotReducePosition"


def test_a_more_aggressive_one_takes_the_room_of_the_others() -> None:
    engine = long_one()
    far = send(engine, PF, "sell", "1", "86000", reduce_only=True)
    near = send(engine, PF, "sell", "0.7", "85000", reduce_only=True)
    live = {order.order_id: order.remaining for order in engine.account().open_orders()}
    assert live == {far.order_id: D("0.3"), near.order_id: D("0.7")}


def test_they_shrink_with_the_position() -> None:
    engine = long_one()
    send(engine, PF, "sell", "0.5", "85000", reduce_only=True)
    send(engine, PF, "sell", "0.5", "86000", reduce_only=True)
    send(engine, PF, "sell", "0.7")
    (order,) = engine.account().open_orders()
    assert (order.limit_price, order.remaining) == (D(85_000), D("0.3"))
    send(engine, PF, "sell", "0.3")
    assert engine.account().open_orders() == ()
    assert engine.book(PF).asks == ((D(84_005), D(4)),)


def test_a_maker_fill_shrinks_the_others() -> None:
    engine = long_one()
    send(engine, PF, "sell", "0.6", "84004")
    send(engine, PF, "sell", "1", "85000", reduce_only=True)
    events = crowd_takes(engine, PF, "buy", "0.6", "84004")
    assert [change.reason for change in of(events, OrderChanged)] == ["full_fill", "would_not_reduce_position"]
    assert (size_of(engine, PF), engine.account().open_orders()[0].remaining) == (D("0.4"), D("0.4"))
