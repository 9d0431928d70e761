from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import RICH
from tui.model.enums import OrderType, Side
from tui.screens.cancels import cancel_plans, protects

STATE = RICH.state
STOP = next(order for order in STATE.orders if order.type is OrderType.STOP)


def test_a_stop_protects_only_while_its_position_is_open_and_it_would_reduce_it() -> None:
    assert protects(STOP, STATE)
    assert not protects(STOP, replace(STATE, positions=()))
    assert not protects(replace(STOP, side=Side.BUY), STATE)
    assert not protects(replace(STOP, type=OrderType.TAKE_PROFIT), STATE)
    assert protects(replace(STOP, type=OrderType.TRAILING_STOP), STATE)


def test_plans_take_what_they_say() -> None:
    plans = cancel_plans(STATE, "PF_XBTUSD")
    here = {order.order_id for order in STATE.orders if order.symbol == "PF_XBTUSD"}
    ids = {key: {order.order_id for order in plan.orders} for key, plan in plans.items()}
    assert ids["a"] == here
    assert ids["b"] | ids["s"] == here
    assert not ids["b"] & ids["s"]
    assert ids["k"] == here - {STOP.order_id}
    assert ids["A"] == {order.order_id for order in STATE.orders}


def test_only_all_is_left_to_the_venue() -> None:
    plans = cancel_plans(STATE, "PF_XBTUSD")
    assert {key: (plan.everything, plan.symbol) for key, plan in plans.items()} == {
        "a": (True, "PF_XBTUSD"),
        "A": (True, None),
        "b": (False, None),
        "s": (False, None),
        "k": (False, None),
    }


def test_stripped_stops_are_named_where_they_would_go() -> None:
    plans = cancel_plans(STATE, "PF_XBTUSD")
    assert {key for key, plan in plans.items() if STOP in plan.stripped} == {"a", "s", "A"}
