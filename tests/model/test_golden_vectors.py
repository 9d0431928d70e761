"""Numbers the desk must reproduce: official samples, live records, and worked cases of the margin rules.

The ids are those of the venue rules' list of golden vectors; vectors of the mark price itself are the exchange's.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.model.contracts import FF_XBT, OLD_PF_XBT, PF_XBT, PI_XBT, PI_XRP, dec, hold
from tui.model.enums import DeviationUnit, Side
from tui.model.funding import accrual
from tui.model.liquidation import inverse_threshold, linear_threshold
from tui.model.margin import (
    Claim,
    Requirement,
    initial_with_orders,
    ladder,
    level,
    max_leverage,
    netted,
    position_requirement,
    requirement,
)
from tui.model.pnl import FLAT, after_fill, average_entry, break_even, fee, profit, unrealised, value
from tui.model.sizing import largest_fitting
from tui.model.triggers import trailing_stop

MARK = Decimal("84004.11362574516")
FUNDING_RATE = Decimal("0.912482213835")
TAKER, MAKER = Decimal("0.0005"), Decimal("0.0002")
MINUTE = 60_000


def places(value_: Decimal | None, digits: int) -> Decimal:
    assert value_ is not None
    return round(value_, digits)


def test_v1_linear_average() -> None:
    assert average_entry(PF_XBT, dec("0.5"), dec(84_000), dec("0.25"), dec(85_200)) == 84_400


def test_v2_linear_unrealised() -> None:
    assert places(unrealised(PF_XBT, hold("0.75", 84_400), MARK), 8) == dec("-296.91478069")


def test_v3_inverse_average_is_harmonic() -> None:
    entry = average_entry(PI_XBT, dec(10_000), dec(80_000), dec(5_000), dec(90_000))
    assert places(entry, 9) == dec("83076.923076923")


def test_v4_inverse_unrealised() -> None:
    entry = average_entry(PI_XBT, dec(10_000), dec(80_000), dec(5_000), dec(90_000))
    assert places(profit(PI_XBT, dec(15_000), entry, dec(85_000)), 15) == dec("0.004084967320261")


def test_v5_inverse_live_record() -> None:
    held, mark = hold(1, "40012.5"), dec("40022.5")
    gained = unrealised(PI_XBT, held, mark)
    assert places(gained, 19) == dec("6.2445349343E-9")
    margin = position_requirement(PI_XBT, held, mark).initial
    assert places(gained / margin, 13) == places(dec("0.012496094970327"), 13), "a float at the venue"


def test_v6_linear_tiers() -> None:
    assert ladder(PF_XBT.tiers, dec(3_360_000)) == Requirement(dec(64_400), dec(32_200))


def test_v7_inverse_tiers() -> None:
    assert ladder(PI_XBT.tiers, dec(1_000_000)) == Requirement(dec(30_000), dec(15_000))


def test_v8_official_linear_sample() -> None:
    held, mark = hold("0.04", "26911.75"), dec("29900.81124638736")
    needed = position_requirement(OLD_PF_XBT, held, mark)
    gained = unrealised(OLD_PF_XBT, held, mark)
    assert places(gained, 8) == dec("119.56244986")
    assert needed == Requirement(dec("21.5294"), dec("10.7647"))
    assert places(gained / needed.initial, 8) == dec("5.55345016")


def test_v9_official_inverse_sample() -> None:
    held, mark = hold(-500, "0.3985"), dec("0.4925844")
    needed = position_requirement(PI_XRP, held, mark)
    assert places(unrealised(PI_XRP, held, mark), 5) == dec("-239.65067")
    assert (places(needed.initial, 5), places(needed.maintenance, 5)) == (dec("101.50545"), dec("50.75272"))


def test_v10_inverse_liquidation() -> None:
    legs = [(PI_XBT, hold(1_000, 8_000))]
    assert places(inverse_threshold(legs, backing=dec("0.01"), required_usd=dec(10)), 6) == dec("7481.481481")
    assert places(inverse_threshold(legs, backing=dec("0.01"), required_usd=dec(0)), 6) == dec("7407.407407")


def test_v11_inverse_liquidation_live_record() -> None:
    legs = [(PI_XBT, hold(1, "40012.5"))]
    price = inverse_threshold(legs, backing=dec("0.39999997908344"), required_usd=dec("0.01"))
    assert places(price, 13) == dec("2.5248423786768")


def isolated(size: str, entry: int, leverage: int) -> Decimal | None:
    held = hold(size, entry)
    backing = position_requirement(PF_XBT, held, dec(entry), dec(leverage)).initial
    required = position_requirement(PF_XBT, held, dec(entry)).maintenance
    return linear_threshold(PF_XBT, held, backing=backing, required=required)


@pytest.mark.parametrize(
    ("leverage", "long", "short"),
    [(5, 67_620, 100_380), (10, 76_020, 91_980), (25, 81_060, 86_940), (50, 82_740, 85_260)],
)
def test_v12_isolated(leverage: int, long: int, short: int) -> None:
    assert isolated("0.5", 84_000, leverage) == long
    assert isolated("-0.5", 84_000, leverage) == short


@pytest.mark.parametrize(("leverage", "bankruptcy"), [(5, 67_200), (10, 75_600), (25, 80_640), (50, 82_320)])
def test_isolated_bankruptcy(leverage: int, bankruptcy: int) -> None:
    held = hold("0.5", 84_000)
    assert linear_threshold(PF_XBT, held, backing=dec(42_000) / leverage, required=dec(0)) == bankruptcy


def test_v13_isolated_over_a_rung() -> None:
    assert isolated("20", 84_000, 20) == 80_390


def cross(size: str, coin: str) -> Decimal | None:
    rest = dec(10_000) + (dec("0.1") * dec("83995.76") * dec("0.98") if coin == "0" else dec(0))
    return linear_threshold(PF_XBT, hold(size, 84_400), backing=rest - dec("1.60"), required=dec(1688), coin=dec(coin))


def test_v14_cross_coupled_and_what_ignoring_the_coin_would_say() -> None:
    assert places(cross("4", "0.098"), 4) == dec("80353.7335")
    assert places(cross("-4", "0.098"), 4) == dec("88649.5131")
    assert places(cross("4", "0"), 2) == dec("80264.50")
    assert places(cross("-4", "0"), 2) == dec("88535.50")


def test_v15_funding() -> None:
    assert places(accrual(dec(4), FUNDING_RATE), 8) == dec("-3.64992886")
    assert places(accrual(dec(4), FUNDING_RATE, 17 * MINUTE), 8) == dec("-1.03414651")


def test_v16_funding_split() -> None:
    total = accrual(dec(4), FUNDING_RATE, 17 * MINUTE) + accrual(dec(1), FUNDING_RATE, 43 * MINUTE)
    assert places(total, 8) == dec("-1.68809210")


def test_negative_rate_pays_the_long_of_an_inverse_contract() -> None:
    assert places(accrual(dec(-100_000), dec("-6.2604214e-11")), 8) == dec("-6.26e-6")


def test_v17_fee_ceiling() -> None:
    assert fee(PI_XBT, dec(1), dec("38660.5"), MAKER) == dec("5.18e-9")


def test_v18_fill_that_would_cause_liquidation() -> None:
    equity, held, mark = dec(5_000), hold(4, 84_840), dec(84_000)
    after = equity + unrealised(PF_XBT, held, mark) - fee(PF_XBT, dec(4), dec(84_840), TAKER)
    needed = position_requirement(PF_XBT, held, mark)
    assert (after, needed) == (dec("1470.32"), Requirement(dec("3393.60"), dec("1696.80")))


def test_v19_max_size() -> None:
    equity, price = dec("18231.58"), dec(84_000)

    def fits(size: Decimal) -> bool:
        worth = value(PF_XBT, size, price)
        return requirement(PF_XBT, size, worth).initial + fee(PF_XBT, size, price, TAKER) <= equity

    assert largest_fitting(fits, PF_XBT.lot_step, dec(1200)) == dec("16.3946")


def test_v20_netting() -> None:
    longs = position_requirement(PF_XBT, hold(3, 84_000), MARK)
    shorts = position_requirement(FF_XBT, hold(-2, 85_000), MARK)
    assert (longs.initial, shorts.initial) == (dec(2_520), dec(3_400))
    assert netted(longs, shorts) == Requirement(dec(3_400), dec(1_700))


def test_v21_trailing() -> None:
    stop, seen = None, []
    for signal in (84_000, 85_500, 84_600):
        stop = trailing_stop(Side.SELL, dec(signal), dec(2), DeviationUnit.PERCENT, stop)
        seen.append(stop)
    assert seen == [82_320, 83_790, 83_790]


def test_v23_live_balances_of_2023() -> None:
    collateral, initial = dec("93.49"), dec("9.75216")
    equity = collateral + dec("-23.62614981")
    assert (equity, equity - initial) == (dec("69.86385019"), dec("60.11169019"))
    assert places(initial / dec("0.02") / equity, 8) == dec("6.97940349")


def test_v24_margin_of_a_resting_order() -> None:
    order = Claim(Side.BUY, dec(1), dec("17.2539"))
    assert initial_with_orders(OLD_PF_XBT, FLAT, dec(18), [order]) == dec("0.345078")


@pytest.mark.parametrize(("below_mark", "percent"), [("0", "111.1"), ("0.00878", "92.5")])
def test_v25_one_step_of_partial_liquidation(below_mark: str, percent: str) -> None:
    at, held = dec("80353.7335"), hold(4, 84_400)
    left, realised = after_fill(PF_XBT, held, dec("-0.4"), at * (1 - dec(below_mark)))
    change = realised + unrealised(PF_XBT, left, at) - unrealised(PF_XBT, held, at)
    maintenance = position_requirement(PF_XBT, left, at).maintenance
    assert maintenance == dec("1519.20")
    assert places(level(dec(1688) + change, maintenance), 1) == dec(percent)


# --- worked tables ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notional", "initial", "maintenance", "leverage"),
    [
        (500_000, 5_000, 2_500, "100"),
        (1_000_000, 10_000, 5_000, "100"),
        (1_680_000, 23_600, 11_800, "71.19"),
        (2_500_000, 40_000, 20_000, "62.5"),
        (3_000_000, 50_000, 25_000, "60"),
        (3_360_000, 64_400, 32_200, "52.17"),
    ],
)
def test_linear_ladder_table(notional: int, initial: int, maintenance: int, leverage: str) -> None:
    assert ladder(PF_XBT.tiers, dec(notional)) == Requirement(dec(initial), dec(maintenance))
    assert places(max_leverage(PF_XBT, dec(notional)), 2) == dec(leverage)


@pytest.mark.parametrize(
    ("contracts", "initial", "coin"),
    [
        (15_000, 300, "0.00357143"),
        (500_000, 10_000, "0.11904762"),
        (1_000_000, 30_000, "0.35714286"),
        (3_000_000, 150_000, "1.78571429"),
        (12_000_000, 1_350_000, "16.07142857"),
        (75_000_000, 22_350_000, "266.07142857"),
    ],
)
def test_inverse_ladder_table(contracts: int, initial: int, coin: str) -> None:
    assert ladder(PI_XBT.tiers, dec(contracts)) == Requirement(dec(initial), dec(initial) / 2)
    needed = position_requirement(PI_XBT, hold(contracts, 90_000), dec(84_000))
    assert places(needed.initial, 8) == dec(coin)


def test_linear_trades_one_after_another() -> None:
    held, _ = after_fill(PF_XBT, FLAT, dec("0.5"), dec(84_000))
    held, _ = after_fill(PF_XBT, held, dec("0.25"), dec(85_200))
    held, first = after_fill(PF_XBT, held, dec("-0.30"), dec(86_000))
    assert (held, first) == (hold("0.45", 84_400), dec(480))
    assert after_fill(PF_XBT, held, dec("-0.80"), dec(86_000)) == (hold("-0.35", 86_000), dec(720))


def test_inverse_trades_one_after_another() -> None:
    held, _ = after_fill(PI_XBT, FLAT, dec(10_000), dec(80_000))
    held, _ = after_fill(PI_XBT, held, dec(5_000), dec(90_000))
    left, first = after_fill(PI_XBT, held, dec(-6_000), dec(86_000))
    assert (left.size, places(left.entry, 2), places(first, 8)) == (dec(9_000), dec("83076.92"), dec("0.00245478"))
    flipped, second = after_fill(PI_XBT, left, dec(-14_000), dec(86_000))
    assert (flipped, places(second, 8)) == (hold(-5_000, 86_000), dec("0.00368217"))
    _, closed = after_fill(PI_XBT, hold(-4_000, 80_000), dec(4_000), dec(78_000))
    assert places(closed, 8) == dec("0.00128205")


def test_fees() -> None:
    assert fee(PF_XBT, dec("0.5"), dec(84_000), TAKER) == 21
    assert fee(PF_XBT, dec("0.5"), dec(84_000), MAKER) == dec("8.40")
    assert fee(PI_XBT, dec(10_000), dec(80_000), TAKER) == dec("0.0000625")


@pytest.mark.parametrize(
    ("size", "rate_in", "rate_out", "price"),
    [
        (1, TAKER, TAKER, "84084.04"),
        (1, MAKER, TAKER, "84058.83"),
        (1, MAKER, MAKER, "84033.61"),
        (-1, TAKER, TAKER, "83916.04"),
    ],
)
def test_break_even(size: int, rate_in: Decimal, rate_out: Decimal, price: str) -> None:
    assert places(break_even(PF_XBT, hold(size, 84_000), rate_in, rate_out), 2) == dec(price)


@pytest.mark.parametrize(
    ("size", "balance", "required", "liquidation"),
    [
        (100_000, "0.1", 1_000, "78265.68"),
        (-100_000, "0.1", 1_000, "90786.03"),
        (100_000, "0.1", 0, "77490.77"),
        (-100_000, "0.1", 0, "91703.06"),
        (1_000_000, "1", 15_000, "78653.14"),
        (-1_000_000, "1", 15_000, "90327.51"),
    ],
)
def test_inverse_prices(size: int, balance: str, required: int, liquidation: str) -> None:
    price = inverse_threshold([(PI_XBT, hold(size, 84_000))], backing=dec(balance), required_usd=dec(required))
    assert places(price, 2) == dec(liquidation)


def test_inverse_wallet_table() -> None:
    held, mark = hold(100_000, 84_000), dec(82_000)
    needed, gained = position_requirement(PI_XBT, held, mark), unrealised(PI_XBT, held, mark)
    equity = dec("0.1") + gained
    assert (places(gained, 7), places(equity, 7)) == (dec("-0.0290360"), dec("0.0709640"))
    assert (places(needed.initial, 7), places(needed.maintenance, 7)) == (dec("0.0243902"), dec("0.0121951"))
    assert places(equity - needed.initial, 7) == dec("0.0465738")
    assert places(level(equity, needed.maintenance), 1) == dec("581.9")
    assert places(value(PI_XBT, held.size, mark) / equity, 2) == dec("17.18")


@pytest.mark.parametrize(
    ("mark", "percent"), [(84_000, "2000.0"), (80_000, "1047.6"), (77_000, "333.3"), (76_020, "100.0"), (75_600, "0.0")]
)
def test_isolated_level_table(mark: int, percent: str) -> None:
    held = hold("0.5", 84_000)
    equity = position_requirement(PF_XBT, held, dec(mark), dec(10)).initial + unrealised(PF_XBT, held, dec(mark))
    assert places(level(equity, position_requirement(PF_XBT, held, dec(mark)).maintenance), 1) == dec(percent)


def test_worked_cross_account() -> None:
    held = hold(4, 84_400)
    gained = unrealised(PF_XBT, held, MARK)
    collateral = 10_000 + dec("0.1") * dec("83995.76") * dec("0.98")
    equity = collateral + gained - dec("1.60")
    needed = position_requirement(PF_XBT, held, MARK)
    assert (places(gained, 2), places(equity, 2)) == (dec("-1583.55"), dec("16646.44"))
    assert needed == Requirement(dec(3_376), dec(1_688))
    assert places(level(equity, needed.maintenance), 2) == dec("986.16")
    order = Claim(Side.BUY, dec(1), dec(83_000))
    with_orders = initial_with_orders(PF_XBT, held, MARK, [order])
    assert (with_orders, places(equity - with_orders, 2)) == (dec(4_206), dec("12440.44"))
