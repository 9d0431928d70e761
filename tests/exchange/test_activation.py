from decimal import Decimal
from typing import Any

import pytest

from tui.exchange.commands import SetMarketMode
from tui.exchange.events import Filled, OrderChanged
from tui.exchange.exchange import Engine
from tui.exchange.orders import Offset

from .engines import best, move, of, send, size_of, still_engine, wait

D = Decimal
PF = "PF_XBTUSD"


def long_engine() -> Engine:
    engine = still_engine()
    send(engine, PF, "buy", "0.5")
    return engine


def test_a_stop_market_closes_through_a_new_child() -> None:
    engine = long_engine()
    stop = send(
        engine, PF, "sell", "0.5", order_type="stp", stop_price=D(87_000), trigger_signal="mark", cli_ord_id="guard"
    )
    assert of(move(engine, "XBT", "87100"), OrderChanged) == []
    events = move(engine, "XBT", "86900")
    (change,) = of(events, OrderChanged)
    assert (change.order.order_id, change.reason, change.removed) == (stop.order_id, "stop_order_triggered", True)
    fills = [event.fill for event in of(events, Filled)]
    assert {fill.cli_ord_id for fill in fills} == {"guard"}
    assert all(fill.order_id != stop.order_id and fill.order.parent_id == stop.order_id for fill in fills)
    assert size_of(engine, PF) == 0
    (status,) = engine.account().order_statuses([str(stop.order_id)])
    assert (status.update_reason, status.trigger_ms) == ("STOP_ORDER_TRIGGERED", engine.now_ms)


def test_a_stop_limit_leaves_a_resting_child() -> None:
    engine = long_engine()
    stop = send(
        engine,
        PF,
        "sell",
        "0.5",
        "87500",
        order_type="stp",
        stop_price=D(87_000),
        trigger_signal="index",
        cli_ord_id="x",
    )
    changes = of(move(engine, "XBT", "86900"), OrderChanged)
    assert [change.reason for change in changes] == ["stop_order_triggered", "limit_order_from_stop"]
    (child,) = engine.account().open_orders()
    assert (child.limit_price, child.cli_ord_id, child.parent_id) == (D(87_500), "x", stop.order_id)
    assert child.trigger is None
    assert send(engine, PF, "buy", "0.1", "80000", cli_ord_id="x").status == "clientOrderIdAlreadyExist"


def test_a_take_profit_waits_for_the_other_direction() -> None:
    engine = long_engine()
    send(
        engine,
        PF,
        "sell",
        "0.5",
        order_type="take_profit",
        stop_price=D(89_000),
        trigger_signal="mark",
        reduce_only=True,
    )
    move(engine, "XBT", "86000")
    assert size_of(engine, PF) == D("0.5")
    move(engine, "XBT", "89100")
    assert size_of(engine, PF) == 0


def test_last_price_triggers_see_trades_only() -> None:
    engine = long_engine()
    send(engine, PF, "sell", "0.5", order_type="stp", stop_price=D(87_000), trigger_signal="last")
    move(engine, "XBT", "86000")
    assert len(engine.account().open_orders()) == 1
    send(engine, PF, "sell", "0.0001")
    wait(engine, 100)
    assert engine.account().open_orders() == ()


def test_a_trailing_stop_follows_and_fires() -> None:
    engine = long_engine()
    send(engine, PF, "sell", "0.5", order_type="trailing_stop", trailing=Offset(D(1), "PERCENT"), trigger_signal="mark")
    (change,) = of(move(engine, "XBT", "90000"), OrderChanged)
    assert (change.reason, change.removed) == ("trailing_stop_price_updated", False)
    assert change.order.trigger is not None
    assert change.order.trigger.price == pytest.approx(D(89_108), abs=10)
    assert of(move(engine, "XBT", "89500"), OrderChanged) == []
    move(engine, "XBT", "89000")
    assert size_of(engine, PF) == 0


def test_an_offset_sets_the_childs_limit_from_the_trigger() -> None:
    engine = long_engine()
    send(
        engine,
        PF,
        "sell",
        "0.5",
        order_type="stp",
        stop_price=D(87_000),
        trigger_signal="mark",
        limit_offset=Offset(D(1_000), "QUOTE_CURRENCY"),
    )
    move(engine, "XBT", "86900")
    (child,) = engine.account().open_orders()
    assert child.limit_price == 88_000
    assert best(engine, PF)[1] < 88_000


@pytest.mark.parametrize(
    ("size", "more", "reason", "error"),
    [
        ("0.5", {"reduce_only": True}, "would_not_reduce_position", "WOULD_NOT_REDUCE_POSITION"),
        ("100", {}, "not_enough_margin", "INSUFFICIENT_MARGIN"),
    ],
)
def test_a_refused_child_ends_the_trigger(size: str, more: dict[str, Any], reason: str, error: str) -> None:
    engine = still_engine()
    stop = send(engine, PF, "sell", size, order_type="stp", stop_price=D(87_000), trigger_signal="mark", **more)
    (change,) = of(move(engine, "XBT", "86900"), OrderChanged)
    assert (change.reason, change.removed) == (reason, True)
    (status,) = engine.account().order_statuses([str(stop.order_id)])
    assert (status.status, status.error) == ("TRIGGER_ACTIVATION_FAILURE", error)
    assert engine.account().open_orders() == ()


def test_two_reduce_only_stops_close_once() -> None:
    engine = long_engine()
    for price in (87_000, 87_100):
        send(engine, PF, "sell", "0.5", order_type="stp", stop_price=D(price), trigger_signal="mark", reduce_only=True)
    move(engine, "XBT", "86000")
    assert size_of(engine, PF) == 0
    assert engine.account().open_orders() == ()


def test_triggers_of_a_suspended_market_sleep_on() -> None:
    engine = long_engine()
    send(engine, PF, "sell", "0.5", order_type="stp", stop_price=D(87_000), trigger_signal="mark", reduce_only=True)
    engine.step(SetMarketMode(PF, suspended=True), engine.now_ms)
    move(engine, "XBT", "86000")
    assert len(engine.account().open_orders()) == 1
    engine.step(SetMarketMode(PF), engine.now_ms)
    wait(engine, 100)
    assert size_of(engine, PF) == 0
