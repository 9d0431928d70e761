"""Golden figures of the margin mathematics: the venue's samples, live records and worked examples."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.instruments import Instrument, contract_table, ladder
from tui.exchange.margin import (
    Claim,
    Margin,
    initial_with_orders,
    inverse_threshold,
    isolated_threshold,
    ladder_margin,
    linear_threshold,
    netted,
    position_margin,
)
from tui.exchange.positions import profit

from .engines import START_MS

D = Decimal

TABLE = {instrument.symbol: instrument for instrument in contract_table(START_MS)}
PF = replace(TABLE["PF_XBTUSD"], rungs=ladder("0:1 1e6:2 3e6:4"))
PI = TABLE["PI_XBTUSD"]


def with_first_rung(instrument: Instrument, percent: str) -> Instrument:
    return replace(instrument, rungs=ladder(f"0:{percent}"))


@pytest.mark.parametrize(
    ("notional", "initial"),
    [(500_000, 5_000), (1_000_000, 10_000), (1_680_000, 23_600), (3_000_000, 50_000), (3_360_000, 64_400)],
)
def test_linear_ladder_is_progressive(notional: int, initial: int) -> None:
    assert ladder_margin(PF.rungs, D(notional)) == Margin(D(initial), D(initial) / 2)


@pytest.mark.parametrize(
    ("contracts", "initial"),
    [(15_000, 300), (1_000_000, 30_000), (3_000_000, 150_000), (12_000_000, 1_350_000), (75_000_000, 22_350_000)],
)
def test_inverse_ladder_is_progressive(contracts: int, initial: int) -> None:
    assert ladder_margin(PI.rungs, D(contracts)) == Margin(D(initial), D(initial) / 2)


def test_inverse_margin_is_coin_at_mark() -> None:
    margin = position_margin(PI, D(1_000_000), D(80_000), D(84_000))
    assert round(margin.initial, 8) == D("0.35714286")


def test_live_return_on_equity_of_an_inverse_position() -> None:
    mark, entry = D("40022.5"), D("40012.5")
    roe = profit(inverse=True, size=D(1), entry=entry, price=mark) / position_margin(PI, D(1), entry, mark).initial
    assert abs(roe - D("0.012496094970327")) < D("1e-13")  # the recorded mark is rounded


def test_official_linear_sample_stands_on_entry() -> None:
    contract, entry = with_first_rung(PF, "2"), D("26911.75")
    margin = position_margin(contract, D("0.04"), entry, D("29900.81124638736"))
    pnl = profit(inverse=False, size=D("0.04"), entry=entry, price=D("29900.81124638736"))
    assert margin == Margin(D("21.5294"), D("10.7647"))
    assert round(pnl / margin.initial, 8) == D("5.55345016")


def test_official_inverse_sample_stands_on_mark() -> None:
    margin = position_margin(with_first_rung(PI, "10"), D(-500), D("0.3985"), D("0.4925844"))
    assert round(margin.initial, 5) == D("101.50545")
    assert round(margin.maintenance, 5) == D("50.75272")


# --- thresholds --------------------------------------------------------------------------------------------


def test_official_inverse_liquidation_and_bankruptcy() -> None:
    legs = [(D(1_000), D(8_000))]
    assert round(inverse_threshold(legs, backing=D("0.01"), required_usd=D(10)) or D(0), 6) == D("7481.481481")
    assert round(inverse_threshold(legs, backing=D("0.01"), required_usd=D(0)) or D(0), 6) == D("7407.407407")


def test_live_inverse_liquidation_threshold() -> None:
    price = inverse_threshold([(D(1), D("40012.5"))], backing=D("0.39999997908344"), required_usd=D("0.01"))
    assert price is not None
    assert abs(price - D("2.5248423786768")) < D("1e-13")


@pytest.mark.parametrize(
    ("size", "backing", "required", "expected"),
    [
        (100_000, "0.1", 1_000, "78265.68"),
        (100_000, "0.1", 0, "77490.77"),
        (-100_000, "0.1", 1_000, "90786.03"),
        (-100_000, "0.1", 0, "91703.06"),
        (1_000_000, "1", 15_000, "78653.14"),
        (-1_000_000, "1", 15_000, "90327.51"),
    ],
)
def test_inverse_thresholds(size: int, backing: str, required: int, expected: str) -> None:
    price = inverse_threshold([(D(size), D(84_000))], backing=D(backing), required_usd=D(required))
    assert round(price or D(0), 2) == D(expected)


def test_a_fully_backed_inverse_short_has_no_liquidation_price() -> None:
    assert inverse_threshold([(D(-84_000), D(84_000))], backing=D("1.5"), required_usd=D(840)) is None


@pytest.mark.parametrize(
    ("size", "leverage", "required", "expected"),
    [
        ("0.5", 10, 210, 76_020),
        ("-0.5", 10, 210, 91_980),
        ("0.5", 5, 210, 67_620),
        ("0.5", 25, 210, 81_060),
        ("0.5", 50, 210, 82_740),
        ("-0.5", 50, 210, 85_260),
        ("0.5", 10, 0, 75_600),
        ("20", 20, 11_800, 80_390),
    ],
)
def test_isolated_thresholds(size: str, leverage: int, required: int, expected: int) -> None:
    price = isolated_threshold(D(size), D(84_000), D(leverage), funding=D(0), required=D(required))
    assert price == expected


def test_coin_collateral_moves_the_cross_threshold() -> None:
    backing, required = D("9998.40"), D(1_688)
    coupled = linear_threshold(D(4), D(84_400), backing=backing, required=required, coin=D("0.098"))
    assert round(coupled or D(0), 4) == D("80353.7335")


def test_a_short_covered_by_coin_collateral_has_no_liquidation_price() -> None:
    assert linear_threshold(D("-0.05"), D(84_000), backing=D(100), required=D(5), coin=D("0.098")) is None


def test_a_long_that_cannot_lose_enough_has_no_liquidation_price() -> None:
    assert linear_threshold(D("0.1"), D(84_000), backing=D(50_000), required=D(42)) is None


# --- orders ------------------------------------------------------------------------------------------------


def test_a_resting_order_adds_margin_at_its_limit() -> None:
    with_order = initial_with_orders(PF, D(4), D(84_400), D(84_004), claims=[Claim("buy", D(1), D(83_000))])
    assert with_order == D("4206.00")


def test_live_order_margin() -> None:
    contract = with_first_rung(PF, "2")
    claim = Claim("buy", D("0.0001"), D(172_539))
    assert initial_with_orders(contract, D(0), D(0), D(84_000), claims=[claim]) == D("0.345078")


def test_orders_that_close_are_free_and_the_rest_counts_on_its_own_side() -> None:
    sells = [Claim("sell", D(3), D(85_000)), Claim("sell", D(3), D(86_000))]
    flat = initial_with_orders(PF, D(4), D(84_400), D(84_000), claims=sells)
    assert flat == position_margin(PF, D(4), D(84_400), D(84_000)).initial
    deeper = initial_with_orders(PF, D(1), D(84_400), D(84_000), claims=sells)
    assert deeper == ladder_margin(PF.rungs, D(2) * 85_000 + D(3) * 86_000).initial


def test_opposite_perpetual_and_dated_net_to_the_dearer_side() -> None:
    long, short = Margin(D(2_520), D(1_260)), Margin(D(3_400), D(1_700))
    assert netted([long], [short]) == Margin(D(3_400), D(1_700))


sizes = st.decimals(min_value="-50", max_value="50", places=4)
claims = st.lists(
    st.builds(
        Claim,
        st.sampled_from(["buy", "sell"]),
        st.decimals(min_value="0.0001", max_value="20", places=4),
        st.decimals(min_value=70_000, max_value=100_000, places=0),
    ),
    max_size=6,
)


@given(sizes, claims)
def test_margin_with_orders_is_never_below_the_positions(size: D, orders: list[Claim]) -> None:
    for contract in (PF, PI):
        position = position_margin(contract, size, D(84_000), D(85_000)).initial if size else D(0)
        assert initial_with_orders(contract, size, D(84_000), D(85_000), claims=orders) >= position


@given(sizes.filter(bool), st.integers(1, 40_000), claims)
def test_an_added_order_never_lowers_margin(size: D, limit: int, orders: list[Claim]) -> None:
    more = [*orders, Claim("buy", D(1), D(60_000 + limit))]
    base = initial_with_orders(PF, size, D(84_000), D(85_000), claims=orders)
    assert initial_with_orders(PF, size, D(84_000), D(85_000), claims=more) >= base - D("1e-15")
