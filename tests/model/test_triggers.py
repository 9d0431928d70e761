"""When stops wake and how trailing stops follow."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.contracts import dec
from tui.model.enums import DeviationUnit, OrderType, Side
from tui.model.triggers import trailing_stop, would_trigger

STOP, TAKE = OrderType.STOP, OrderType.TAKE_PROFIT


@pytest.mark.parametrize(
    ("type_", "side", "below", "at", "above"),
    [
        (STOP, Side.SELL, True, True, False),
        (STOP, Side.BUY, False, True, True),
        (TAKE, Side.SELL, False, True, True),
        (TAKE, Side.BUY, True, True, False),
    ],
)
def test_directions(type_: OrderType, side: Side, below: bool, at: bool, above: bool) -> None:
    assert [would_trigger(type_, side, dec(100), dec(signal)) for signal in (99, 100, 101)] == [below, at, above]


@given(signals=st.lists(st.integers(50_000, 100_000).map(Decimal), min_size=1, max_size=12))
def test_a_trailing_sell_stop_follows_the_highest_signal_and_a_buy_the_lowest(signals: list[Decimal]) -> None:
    sell = buy = None
    for signal in signals:
        sell = trailing_stop(Side.SELL, signal, dec(500), DeviationUnit.QUOTE, sell)
        buy = trailing_stop(Side.BUY, signal, dec(500), DeviationUnit.QUOTE, buy)
    assert (sell, buy) == (max(signals) - 500, min(signals) + 500)
