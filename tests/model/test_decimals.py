"""Grids and digits: exact, and rounded only where the name says so."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.contracts import PF_XBT, PI_XBT, dec
from tui.model.decimals import ceil_to, floor_to, on_grid, parse_decimal, places, plain, round_to
from tui.model.enums import Side

STEPS = st.sampled_from(["1000", "1", "0.5", "0.05", "0.0001", "0.0000000001"]).map(Decimal)
VALUES = st.decimals(min_value=-(10**9), max_value=10**9, places=10)


@given(value=VALUES, step=STEPS)
def test_grid_values_surround_the_value(value: Decimal, step: Decimal) -> None:
    low, high, near = floor_to(value, step), ceil_to(value, step), round_to(value, step)
    assert low <= value <= high
    assert high - low == (0 if on_grid(value, step) else step)
    assert near in (low, high)
    assert all(on_grid(item, step) for item in (low, high, near))


@given(value=VALUES)
def test_plain_digits_read_back_as_the_same_number(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert text != "-0"


@pytest.mark.parametrize(("step", "digits"), [("0.5", 1), ("0.00001", 5), ("1000", 0), ("1E-10", 10), ("1.0", 0)])
def test_places(step: str, digits: int) -> None:
    assert places(dec(step)) == digits


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "1.2.3", "-"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_decimal(text)


def test_thousands_separators() -> None:
    assert parse_decimal(" 1,234_567.5 ") == dec("1234567.5")


def test_a_contracts_grid() -> None:
    assert PF_XBT.passive_price(Side.BUY, dec("84000.9")) == 84_000
    assert PF_XBT.passive_price(Side.SELL, dec("84000.1")) == 84_001
    assert PF_XBT.whole_lots(dec("0.00019")) == dec("0.0001")
    assert (PF_XBT.price_places, PF_XBT.size_places, PI_XBT.price_places) == (0, 4, 1)
    assert not PF_XBT.price_on_tick(dec(0))
    assert not PF_XBT.size_on_lot(dec("-0.0001"))
    assert PI_XBT.notional_usd(dec(500), dec(84_000)) == 500
    assert PF_XBT.notional_usd(dec("0.5"), dec(84_000)) == 42_000
    assert (PF_XBT.settlement_currency, PI_XBT.settlement_currency) == ("USD", "XBT")
