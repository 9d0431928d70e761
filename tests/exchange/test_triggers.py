from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.orders import Offset, Trigger
from tui.exchange.triggers import child_limit, follow, offset_error, trailing_error, trailing_price, trigger_side

D = Decimal
TICK = D(1)


def test_a_trailing_sell_ratchets_up_and_stays() -> None:
    two_percent = Offset(D(2), "PERCENT")
    trigger = Trigger(trailing_price("below", two_percent, D(84_000), TICK), "below", "mark", two_percent)
    seen = [trigger.price]
    for signal in (D(85_500), D(84_600)):
        trigger = follow(trigger, signal, TICK)
        seen.append(trigger.price)
    assert seen == [82_320, 83_790, 83_790]
    assert not trigger.reached(D(83_791))
    assert trigger.reached(D(83_790))


def test_a_trailing_buy_is_the_mirror() -> None:
    distance = Offset(D(500), "QUOTE_CURRENCY")
    trigger = Trigger(trailing_price("above", distance, D(84_000), TICK), "above", "last", distance)
    assert trigger.price == 84_500
    assert follow(trigger, D(83_000), TICK).price == 83_500
    assert follow(trigger, D(85_000), TICK) is trigger


@given(st.lists(st.integers(80_000, 90_000), min_size=1, max_size=30))
def test_a_trailing_stop_never_steps_back(signals: list[int]) -> None:
    distance = Offset(D("1.5"), "PERCENT")
    trigger = Trigger(trailing_price("below", distance, D(signals[0]), TICK), "below", "mark", distance)
    for signal in signals:
        moved = follow(trigger, D(signal), TICK)
        assert moved.price >= trigger.price
        trigger = moved
    assert trigger.price == trailing_price("below", distance, D(max(signals)), TICK)


@pytest.mark.parametrize(
    ("order_type", "side", "expected"),
    [
        ("stp", "buy", "above"),
        ("stp", "sell", "below"),
        ("take_profit", "buy", "below"),
        ("take_profit", "sell", "above"),
        ("trailing_stop", "sell", "below"),
    ],
)
def test_trigger_directions(order_type: str, side: str, expected: str) -> None:
    assert trigger_side(order_type, side) == expected


@pytest.mark.parametrize(
    ("value", "unit", "word"),
    [
        ("0.05", "PERCENT", "TRAILING_STOP_MAX_DEVIATION_TOO_SMALL"),
        ("51", "PERCENT", "TRAILING_STOP_MAX_DEVIATION_TOO_LARGE"),
        ("0.1", "PERCENT", None),
        ("50", "PERCENT", None),
        ("0", "QUOTE_CURRENCY", "TRAILING_STOP_MAX_DEVIATION_TOO_SMALL"),
        ("1.5", "QUOTE_CURRENCY", "TRAILING_STOP_QUOTE_DEVIATION_NOT_MULTIPLE_OF_TICK_SIZE"),
        ("2", "QUOTE_CURRENCY", None),
    ],
)
def test_trailing_bounds(value: str, unit: str, word: str | None) -> None:
    assert trailing_error(Offset(D(value), unit), TICK) == word


def test_a_limit_may_be_set_relative_to_the_trigger() -> None:
    trigger = Trigger(D(84_000), "below", "mark", limit_offset=Offset(D("-0.5"), "PERCENT"))
    assert child_limit(trigger, None, TICK, buy=False) == 83_580
    plain = Trigger(D(84_000), "below", "mark")
    assert child_limit(plain, D(83_900), TICK, buy=False) == 83_900
    assert child_limit(plain, None, TICK, buy=False) is None


def test_offset_refusals() -> None:
    assert offset_error(Offset(D(1), "PERCENT"), D(84_000), TICK) == "LIMIT_PRICE_SET_AS_ABSOLUTE_AND_RELATIVE"
    assert offset_error(Offset(D("0.5"), "QUOTE_CURRENCY"), None, TICK) is not None
    assert offset_error(Offset(D(60), "PERCENT"), None, TICK) == "LIMIT_PRICE_OFFSET_TOO_HIGH"
    assert offset_error(Offset(D(-60), "PERCENT"), None, TICK) == "LIMIT_PRICE_OFFSET_TOO_LOW"
    assert offset_error(Offset(D(-5), "QUOTE_CURRENCY"), None, TICK) is None
