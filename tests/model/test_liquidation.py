"""Threshold prices put back into equity give the requirement."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.contracts import PF_XBT, PI_XBT, dec, hold
from tui.model.decimals import ZERO
from tui.model.liquidation import distance_pct, inverse_threshold, linear_threshold
from tui.model.margin import ladder
from tui.model.pnl import Holding, unrealised

SIZES = st.integers(-4_000, 4_000).filter(bool)
PRICES = st.integers(20_000, 150_000).map(Decimal)


@settings(max_examples=80)
@given(size=SIZES, entry=PRICES, backing=st.integers(-10_000, 10**7), coin=st.integers(0, 300))
def test_linear_equity_equals_the_requirement_there(size: int, entry: Decimal, backing: int, coin: int) -> None:
    held, shield = Holding(Decimal(size) / 100, entry), Decimal(coin) / 100
    required = ladder(PF_XBT.tiers, abs(held.size) * entry).maintenance
    price = linear_threshold(PF_XBT, held, backing=Decimal(backing), required=required, coin=shield)
    if price is not None:
        equity = backing + shield * price + unrealised(PF_XBT, held, price)
        assert abs(equity - required) < dec("1e-9")


@settings(max_examples=80)
@given(first=SIZES, second=SIZES, entries=st.tuples(PRICES, PRICES), backing=st.integers(-100, 2_000))
def test_inverse_equity_equals_the_requirement_there(
    first: int, second: int, entries: tuple[Decimal, Decimal], backing: int
) -> None:
    legs = [(PI_XBT, Holding(Decimal(size * 100), entry)) for size, entry in zip((first, second), entries, strict=True)]
    required = sum((ladder(PI_XBT.tiers, abs(held.size)).maintenance for _, held in legs), ZERO)
    price = inverse_threshold(legs, backing=Decimal(backing) / 100, required_usd=required)
    if price is not None:
        equity = Decimal(backing) / 100 + sum((unrealised(PI_XBT, held, price) for _, held in legs), ZERO)
        assert abs(equity - required / price) < dec("1e-12")


def test_a_short_with_as_much_coin_as_size_is_never_liquidated() -> None:
    held = hold(-1, 84_000)
    assert linear_threshold(PF_XBT, held, backing=dec(1000), required=dec(420), coin=dec("0.999")) is not None
    assert linear_threshold(PF_XBT, held, backing=dec(1000), required=dec(420), coin=dec(1)) is None
    assert linear_threshold(PF_XBT, held, backing=dec(-90_000), required=dec(420), coin=dec(2)) is None


def test_a_long_that_is_covered_to_zero_has_no_liquidation_price() -> None:
    held = hold(1, 84_000)
    assert linear_threshold(PF_XBT, held, backing=dec(84_420), required=dec(420)) is None
    assert linear_threshold(PF_XBT, held, backing=dec(84_419), required=dec(420)) == 1


def test_an_inverse_short_covered_by_its_coin_has_none() -> None:
    short = [(PI_XBT, hold(-84_000, 84_000))]
    assert inverse_threshold(short, backing=dec(1), required_usd=dec(840)) is None
    assert inverse_threshold(short, backing=dec("0.99"), required_usd=dec(840)) == 8_316_000


def test_flat_has_none() -> None:
    assert linear_threshold(PF_XBT, Holding(), backing=dec(1), required=ZERO) is None
    assert inverse_threshold([], backing=dec(1), required_usd=ZERO) is None


@pytest.mark.parametrize(("price", "percent"), [("90", "-10"), ("110", "10"), (None, None)])
def test_distance_is_signed(price: str | None, percent: str | None) -> None:
    wanted = dec(percent) if percent else None
    assert distance_pct(dec(price) if price else None, dec(100)) == wanted
    assert distance_pct(dec(1), None) is None
