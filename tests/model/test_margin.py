"""Ladders, orders' margin, netting and bands."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.contracts import PF_XBT, PI_XBT, dec, hold
from tui.model.decimals import ZERO
from tui.model.enums import Side
from tui.model.instrument import Instrument
from tui.model.margin import (
    Band,
    Claim,
    Requirement,
    band,
    initial_with_orders,
    ladder,
    level,
    max_leverage,
    position_requirement,
    requirement,
    rung,
)
from tui.model.pnl import FLAT, Holding, after_fill

MARK = dec(84_000)
NOTIONALS = st.integers(0, 200_000_000).map(Decimal)
SIZES = st.integers(1, 40).map(Decimal)
PRICES = st.integers(60_000, 100_000).map(Decimal)
CLAIMS = st.lists(st.builds(Claim, st.sampled_from(list(Side)), SIZES, PRICES), max_size=5)
HOLDINGS = st.builds(Holding, st.integers(-40, 40).filter(bool).map(Decimal), PRICES)


@given(first=NOTIONALS, second=NOTIONALS)
def test_a_ladder_grows_and_never_shrinks_its_rate(first: Decimal, second: Decimal) -> None:
    low, high = sorted((first, second))
    assert ladder(PI_XBT.tiers, low).initial <= ladder(PI_XBT.tiers, high).initial
    both = ladder(PI_XBT.tiers, low + high).initial
    assert both >= ladder(PI_XBT.tiers, low).initial + ladder(PI_XBT.tiers, high).initial


@pytest.mark.parametrize(("notional", "index"), [(0, 0), (1_000_000, 0), ("1000000.01", 1), (9_000_000, 2)])
def test_a_threshold_itself_still_belongs_to_the_rung_below(notional: str, index: int) -> None:
    assert rung(PF_XBT.tiers, dec(notional)) == index


def test_linear_margin_stands_on_entry_and_inverse_on_mark() -> None:
    assert position_requirement(PF_XBT, hold(1, 80_000), MARK) == position_requirement(PF_XBT, hold(1, 80_000), dec(1))
    near, far = (position_requirement(PI_XBT, hold(1_000, 80_000), dec(mark)).initial for mark in (80_000, 40_000))
    assert far == 2 * near


def test_leverage_sets_initial_margin_only() -> None:
    held = hold("0.5", 84_000)
    assert position_requirement(PF_XBT, held, MARK, dec(10)) == Requirement(dec(4_200), dec(210))


def test_extreme_volatility_multiplies_initial_margin_only() -> None:
    wild = msgspec.structs.replace(PF_XBT, initial_multiplier=dec(3))
    calm = position_requirement(PF_XBT, hold(1, 84_000), MARK)
    assert position_requirement(wild, hold(1, 84_000), MARK) == Requirement(calm.initial * 3, calm.maintenance)
    assert max_leverage(wild, ZERO) == max_leverage(PF_XBT, ZERO) / 3  # type: ignore[operator]  # both are known


@pytest.mark.parametrize("instrument", [PF_XBT, PI_XBT], ids=["linear", "inverse"])
@settings(max_examples=60)
@given(held=HOLDINGS, claims=CLAIMS)
def test_orders_never_lower_the_requirement(instrument: Instrument, held: Holding, claims: list[Claim]) -> None:
    alone = position_requirement(instrument, held, MARK).initial
    assert initial_with_orders(instrument, held, MARK, claims) >= alone
    assert initial_with_orders(instrument, held, MARK, []) == alone


@settings(max_examples=60)
@given(held=HOLDINGS, size=SIZES, price=PRICES)
def test_an_adding_order_needs_what_the_position_will_need_once_it_fills(
    held: Holding, size: Decimal, price: Decimal
) -> None:
    side = Side.BUY if held.size > 0 else Side.SELL
    filled, _ = after_fill(PF_XBT, held, size * side.sign, price)
    reserved = initial_with_orders(PF_XBT, held, MARK, [Claim(side, size, price)])
    assert abs(reserved - position_requirement(PF_XBT, filled, MARK).initial) < dec("1e-15")


def test_an_order_that_closes_is_free_and_the_rest_of_it_is_not() -> None:
    held = hold(-2, 84_000)
    assert initial_with_orders(PF_XBT, held, MARK, [Claim(Side.BUY, dec(2), dec(80_000))]) == 1_680
    assert initial_with_orders(PF_XBT, held, MARK, [Claim(Side.BUY, dec(5), dec(80_000))]) == 2_400


def test_the_best_priced_order_closes_first() -> None:
    claims = [Claim(Side.BUY, dec(1), dec(70_000)), Claim(Side.BUY, dec(1), dec(90_000))]
    worst = initial_with_orders(PF_XBT, hold(-1, 10_000), MARK, claims)
    assert worst == 700, "the order at 90,000 closes, the one at 70,000 opens"


def test_both_sides_are_not_summed() -> None:
    claims = [Claim(Side.BUY, dec(2), dec(80_000)), Claim(Side.SELL, dec(1), dec(90_000))]
    assert initial_with_orders(PF_XBT, FLAT, MARK, claims) == 1_600


def test_isolated_orders_are_charged_at_the_cap() -> None:
    claims = [Claim(Side.BUY, dec(1), dec(80_000))]
    assert initial_with_orders(PF_XBT, hold(1, 84_000), MARK, claims, dec(10)) == 16_400


@pytest.mark.parametrize(
    ("percent", "name"),
    [
        ("333", Band.HEALTHY),
        ("332.999", Band.CAUTION),
        ("200", Band.CAUTION),
        ("199.999", Band.WARNING),
        ("143", Band.WARNING),
        ("142.999", Band.CRITICAL),
        ("100.001", Band.CRITICAL),
        ("100", Band.LIQUIDATION),
        ("-5", Band.LIQUIDATION),
    ],
)
def test_bands_at_their_edges(percent: str, name: Band) -> None:
    assert band(dec(percent)) is name


def test_no_position_has_no_level_and_no_band() -> None:
    assert level(dec(100), ZERO) is None
    assert band(None) is None


def test_unknown_ladder_knows_no_leverage_and_nothing_needs_nothing() -> None:
    assert max_leverage(msgspec.structs.replace(PF_XBT, tiers=()), dec(1)) is None
    assert requirement(PF_XBT, ZERO, ZERO) == Requirement()
