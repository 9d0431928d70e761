"""Positions and fills: properties that hold for both kinds of contract."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.contracts import PF_XBT, PI_XBT, dec, hold
from tui.model.decimals import ZERO
from tui.model.instrument import Instrument
from tui.model.pnl import FLAT, after_fill, break_even, fee, profit, unrealised, value

KINDS = pytest.mark.parametrize("instrument", [PF_XBT, PI_XBT], ids=["linear", "inverse"])
PRICES = st.integers(10_000, 200_000).map(Decimal)
CHANGES = st.integers(-500, 500).filter(bool).map(Decimal)
TINY = Decimal("1e-15")


@KINDS
@settings(max_examples=60)
@given(fills=st.lists(st.tuples(CHANGES, PRICES), min_size=1, max_size=8), mark=PRICES)
def test_realised_and_unrealised_add_up_to_the_profit_of_each_fill(
    instrument: Instrument, fills: list[tuple[Decimal, Decimal]], mark: Decimal
) -> None:
    held, realised = FLAT, ZERO
    for change, price in fills:
        held, gained = after_fill(instrument, held, change, price)
        realised += gained
    each = sum((profit(instrument, change, price, mark) for change, price in fills), ZERO)
    assert held.size == sum(change for change, _ in fills)
    assert abs(realised + unrealised(instrument, held, mark) - each) < Decimal("1e-12")


@KINDS
@given(size=CHANGES, entry=PRICES, exit_=PRICES)
def test_a_fill_and_its_opposite_at_one_price_net_to_nothing(
    instrument: Instrument, size: Decimal, entry: Decimal, exit_: Decimal
) -> None:
    held, _ = after_fill(instrument, FLAT, size, entry)
    grown, none = after_fill(instrument, held, size, exit_)
    back, realised = after_fill(instrument, grown, -size, exit_)
    assert none == 0
    assert back.size == held.size
    assert abs(realised + unrealised(instrument, back, exit_) - unrealised(instrument, held, exit_)) < Decimal("1e-12")


@KINDS
def test_closing_exactly_is_flat(instrument: Instrument) -> None:
    assert after_fill(instrument, hold(-5, 80_000), dec(5), dec(80_000)) == (FLAT, ZERO)


@KINDS
@pytest.mark.parametrize("size", [3, -3])
def test_break_even_pays_both_fees(instrument: Instrument, size: int) -> None:
    held, rate_in, rate_out = hold(size, 80_000), dec("0.0002"), dec("0.0005")
    price = break_even(instrument, held, rate_in, rate_out)
    assert price is not None
    costs = value(instrument, held.size, held.entry) * rate_in + value(instrument, held.size, price) * rate_out
    assert abs(profit(instrument, held.size, held.entry, price) - costs) < TINY * 80_000


def test_flat_has_neither_break_even_nor_profit() -> None:
    assert break_even(PF_XBT, FLAT, ZERO, ZERO) is None
    assert unrealised(PF_XBT, FLAT, dec(1)) == 0


def test_a_rebate_is_negative_and_rounds_towards_the_venue() -> None:
    assert fee(PF_XBT, dec(1), dec(80_000), dec("-0.0001")) == -8
    assert fee(PI_XBT, dec(1), dec(30_000), dec("-0.0001")) == dec("-3.33e-9")
