from decimal import Decimal

import pytest

from tui.exchange.commands import CancelAll, Edited, EditOrder, Executed, OrderAnswer, Rejected
from tui.exchange.events import Filled, OrderChanged
from tui.exchange.exchange import Engine
from tui.exchange.orders import Offset

from .engines import START_MS, crowd_takes, mark_at, of, quotes, send, size_of, still_engine

D = Decimal
PF = "PF_XBTUSD"


def market_engine() -> Engine:
    engine = still_engine()
    quotes(engine, PF, [("84001", "1")], [("84005", "1"), ("84006", "5")])
    return engine


def edit(engine: Engine, order_id: str | None, **change: object) -> OrderAnswer:
    return engine.step(EditOrder(order_id=order_id, **change), engine.now_ms + 10).answer  # type: ignore[arg-type] # by name


def test_a_new_price_keeps_the_id_and_goes_to_the_back() -> None:
    engine = market_engine()
    first = send(engine, PF, "buy", "0.5", "84000")
    outcome = engine.step(EditOrder(order_id=first.order_id, limit_price=D(84_001)), START_MS + 10)
    assert (outcome.answer.status, outcome.answer.order_id) == ("edited", first.order_id)
    (event,) = outcome.answer.order_events
    assert isinstance(event, Edited)
    assert (event.old.limit_price, event.new.limit_price) == (D(84_000), D(84_001))
    assert (event.new.created_ms, event.new.updated_ms) == (START_MS, START_MS + 10)
    (change,) = of(outcome.events, OrderChanged)
    assert (change.reason, change.removed) == ("edited_by_user", False)
    assert of(crowd_takes(engine, PF, "sell", "1", "84001"), Filled) == []
    assert of(crowd_takes(engine, PF, "sell", "1", "84001"), Filled)


def test_a_smaller_size_keeps_its_place_and_a_larger_one_does_not() -> None:
    engine = market_engine()
    first = send(engine, PF, "buy", "0.5", "84002")
    second = send(engine, PF, "buy", "0.5", "84002")
    edit(engine, first.order_id, size=D("0.4"))
    (fill,) = of(crowd_takes(engine, PF, "sell", "0.1", "84002"), Filled)
    assert fill.fill.order_id == first.order_id
    edit(engine, first.order_id, size=D("0.6"))
    (fill,) = of(crowd_takes(engine, PF, "sell", "0.1", "84002"), Filled)
    assert fill.fill.order_id == second.order_id


def test_size_is_what_stays_open_unless_absolute() -> None:
    engine = market_engine()
    order = send(engine, PF, "buy", "0.5", "84002")
    crowd_takes(engine, PF, "sell", "0.2", "84002")
    edit(engine, order.order_id, size=D("0.5"))
    (live,) = engine.account().open_orders()
    assert (live.quantity, live.remaining) == (D("0.7"), D("0.5"))
    edit(engine, order.order_id, size=D("0.6"), absolute_size=True)
    (live,) = engine.account().open_orders()
    assert (live.quantity, live.remaining) == (D("0.6"), D("0.4"))
    assert edit(engine, order.order_id, size=D("0.2"), absolute_size=True).status == "invalidSize"


def test_an_edit_that_crosses_executes_as_taker() -> None:
    engine = market_engine()
    order = send(engine, PF, "buy", "0.5", "84000")
    outcome = engine.step(EditOrder(order_id=order.order_id, limit_price=D(84_005)), START_MS)
    assert outcome.answer.status == "filled"
    edited, executed = outcome.answer.order_events
    assert isinstance(edited, Edited)
    assert isinstance(executed, Executed)
    assert executed.order_prior_edit == edited.old
    (filled,) = of(outcome.events, Filled)
    assert filled.fill.fill_type == "takerAfterEdit"
    assert [(change.reason, change.removed) for change in of(outcome.events, OrderChanged)] == [
        ("edited_by_user", False),
        ("full_fill", True),
    ]


def test_an_edit_that_changes_nothing_says_so() -> None:
    engine = market_engine()
    order = send(engine, PF, "buy", "0.5", "84000")
    answer = edit(engine, order.order_id, limit_price=D(84_000), size=D("0.5"))
    assert answer.status == "edited"
    (event,) = answer.order_events
    assert isinstance(event, Rejected)
    assert event.reason == "EDIT_HAS_NO_EFFECT"


def test_refused_edits_change_nothing() -> None:
    engine = market_engine()
    post = send(engine, PF, "buy", "0.5", "84000", order_type="post")
    sell = send(engine, PF, "sell", "0.5", "84004")
    quotes(engine, PF, [("83999", "1")], [("84005", "1")])
    before = engine.account().open_orders()
    for change, status in (
        ({"limit_price": D(84_004)}, "postWouldExecute"),
        ({"limit_price": D("84000.5")}, "invalidPrice"),
        ({"size": D("0.00001")}, "invalidSize"),
        ({"size": D(100)}, "insufficientAvailableFunds"),
        ({"stop_price": D(83_000)}, "orderForEditNotAStop"),
        ({"limit_price": D(84_002), "process_before_ms": START_MS - 1}, "wouldProcessAfterSpecifiedTime"),
    ):
        assert edit(engine, post.order_id, **change).status == status
    assert edit(engine, sell.order_id, limit_price=D(84_000)).status == "selfFill"
    assert edit(engine, "nobody", size=D(1)).status == "orderForEditNotFound"
    assert engine.account().open_orders() == before
    rejected = [record.error for record in engine.account().order_history() if record.kind == "edit_rejected"]
    assert rejected[:2] == ["POST_WOULD_EXECUTE", "INVALID_PRICE"]
    assert engine.book(PF).bids[0] == (D(84_000), D("0.5"))


def test_stops_are_edited_where_they_wait() -> None:
    engine = market_engine()
    stop = send(engine, PF, "sell", "0.5", order_type="stp", stop_price=D(80_000))
    assert edit(engine, stop.order_id, stop_price=D(81_000), limit_price=D(80_900)).status == "edited"
    (live,) = engine.account().open_orders()
    assert live.trigger is not None
    assert (live.trigger.price, live.limit_price) == (D(81_000), D(80_900))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"stop_price": D(80_000)}, "cannotEditTriggerPriceOfTrailingStop"),
        ({"limit_price": D(80_000)}, "cannotEditLimitPriceOfTrailingStop"),
        ({"trailing": Offset(D(99), "PERCENT")}, "invalidPrice"),
    ],
)
def test_a_trailing_stop_has_fixed_prices(change: dict[str, object], status: str) -> None:
    engine = market_engine()
    stop = send(engine, PF, "sell", "0.5", order_type="trailing_stop", trailing=Offset(D(2), "PERCENT"))
    assert edit(engine, stop.order_id, **change).status == status


def test_sending_the_trailing_deviation_again_recalculates_the_stop() -> None:
    engine = market_engine()
    two = Offset(D(2), "PERCENT")
    mark_at(engine, PF, "85500")
    stop = send(engine, PF, "sell", "0.5", order_type="trailing_stop", trailing=two, trigger_signal="mark")
    mark_at(engine, PF, "84000")
    edit(engine, stop.order_id, trailing=two)
    (live,) = engine.account().open_orders()
    assert live.trigger is not None
    assert live.trigger.price == 82_320


def test_a_reduce_only_order_edited_through_the_market_closes_the_position() -> None:
    engine = market_engine()
    send(engine, PF, "buy", "1")
    close = send(engine, PF, "sell", "1", "85000", reduce_only=True)
    quotes(engine, PF, [("84001", "0.6")], [("84005", "1")])
    answer = edit(engine, close.order_id, limit_price=D(84_001))
    assert answer.status == "edited"
    assert size_of(engine, PF) == D("0.4")
    (live,) = engine.account().open_orders()
    assert (live.remaining, live.filled) == (D("0.4"), D("0.6"))
    assert engine.step(CancelAll(), START_MS).answer.status == "cancelled"
