"""The account of the worked example: 10,000 USD and 0.1 BTC, long 4 PF_XBTUSD from 84,400, and its cousins."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from tui.exchange.instruments import contract_table, ladder
from tui.exchange.margin import Claim, ladder_margin
from tui.exchange.pools import (
    Exposure,
    exposure,
    flex_account,
    flex_threshold,
    inverse_wallet,
    wallet_requirement,
    wallet_threshold,
)
from tui.exchange.positions import Position
from tui.exchange.views import FlexAccount

from .engines import START_MS

D = Decimal

TABLE = {instrument.symbol: instrument for instrument in contract_table(START_MS)}
PF = replace(TABLE["PF_XBTUSD"], rungs=ladder("0:1 1e6:2 3e6:4"))
PI = TABLE["PI_XBTUSD"]
FF = next(instrument for symbol, instrument in TABLE.items() if symbol.startswith("FF_"))
MARK, INDEX = D("84004.11362574516"), D("83995.76")
BALANCES = {"USD": D(10_000), "XBT": D("0.1")}


def index(name: str) -> D:
    return {"XBT": INDEX}[name]


def long_four(*, claims: Iterable[Claim] = (), leverage: D | None = None, size: str = "4") -> Exposure:
    position = Position("PF_XBTUSD", D(size), D(84_400), D("-1.60"), 0)
    return exposure(PF, position, MARK, claims=claims, leverage=leverage)


def worked_account(row: Exposure) -> FlexAccount:
    return flex_account(BALANCES, [row], index)


def test_the_worked_cross_account() -> None:
    flex = worked_account(long_four())
    assert round(flex.balance_value, 2) == D("18399.58")
    assert round(flex.collateral_value, 2) == D("18231.58")
    assert round(flex.totals.pnl, 2) == D("-1583.55")
    assert round(flex.portfolio_value, 2) == D("16814.43")
    assert round(flex.margin_equity, 2) == D("16646.44")
    assert flex.totals.initial_margin == 3_376
    assert flex.totals.maintenance_margin == 1_688
    assert round(flex.available_margin, 2) == D("13270.44")
    assert round(flex.cross.margin_equity / flex.cross.margin.maintenance_margin * 100, 2) == D("986.16")
    assert round(flex.cross.effective_leverage, 2) == D("20.28")


def test_a_resting_order_takes_margin_but_not_level() -> None:
    flex = worked_account(long_four(claims=[Claim("buy", D(1), D(83_000))]))
    assert flex.totals.initial_margin == 3_376
    assert flex.totals.initial_margin_with_orders == 4_206
    assert round(flex.available_margin, 2) == D("12440.44")
    assert flex.totals.maintenance_margin == 1_688


def test_liquidation_price_moves_with_coin_collateral() -> None:
    for size, expected in (("4", "80353.7335"), ("-4", "88649.5131")):
        row = long_four(size=size)
        price = flex_threshold(row, worked_account(row), BALANCES, index)
        assert price is not None
        assert round(price, 4) == D(expected)


def test_live_balances_of_2023() -> None:
    """Collateral 93.49, unrealised -23.62614981, margin 9.75216 on 487.608 of entry notional at 2 %."""
    contract = replace(PF, rungs=ladder("0:2"))
    position = Position("PF_XBTUSD", D(1), D("487.608"), D(0), 0)
    row = exposure(contract, position, D("487.608") - D("23.62614981"), claims=(), leverage=None)
    flex = flex_account({"USD": D("93.49")}, [row], index)
    assert flex.margin_equity == D("69.86385019")
    assert flex.totals.initial_margin == D("9.75216")
    assert flex.available_margin == D("60.11169019")
    assert round(flex.cross.effective_leverage, 8) == D("6.97940349")


def test_isolated_margin_is_taken_out_of_the_cross_pool_once() -> None:
    position = Position("PF_XBTUSD", D("0.5"), D(84_000), D(0), 0)
    row = exposure(PF, position, D(80_000), claims=(), leverage=D(10))
    flex = flex_account({"USD": D(10_000)}, [row], index)
    assert row.margin.initial == 4_200
    assert row.margin.maintenance == 210
    assert row.locked + row.unrealized == 2_200
    assert flex.cross.margin_equity == 5_800
    assert flex.cross.available_margin == 5_800
    assert flex.cross.margin.initial_margin == 0
    assert flex.isolated["PF_XBTUSD"].initial_margin == 4_200
    assert flex.margin_equity == 8_000
    assert flex.available_margin == 3_800
    assert flex_threshold(row, flex, {"USD": D(10_000)}, index) is not None


def test_perpetual_and_dated_net_when_opposite_and_add_when_alike() -> None:
    perpetual = exposure(PF, Position("PF_XBTUSD", D(3), D(84_000), D(0), 0), MARK, claims=(), leverage=None)
    for size, initial in ((D(-2), D(3_400)), (D(2), D(5_920))):
        position = Position(FF.symbol, size, D(85_000), D(0), 0)
        dated = exposure(FF, position, D(85_000), claims=(), leverage=None)
        assert flex_account(BALANCES, [perpetual, dated], index).totals.initial_margin == initial


def test_gains_payable_in_coin_are_cut_as_margin() -> None:
    position = Position("PF_XBTUSD", D(1), D(80_000), D(0), 0)
    row = exposure(PF, position, D(81_000), claims=(), leverage=None, pnl_currency="BTC")
    assert row.unrealized == 1_000
    assert row.as_margin == 1_000 * D("0.98") * D("0.995")
    loss = exposure(PF, position, D(79_000), claims=(), leverage=None, pnl_currency="BTC")
    assert loss.as_margin == -1_000


def test_the_worked_coin_wallet() -> None:
    row = exposure(PI, Position("PI_XBTUSD", D(100_000), D(84_000), D(0), 0), D(82_000), claims=(), leverage=None)
    wallet = inverse_wallet("fi_xbtusd", D("0.1"), [row], index)
    assert round(wallet.pnl, 7) == D("-0.0290360")
    assert round(wallet.portfolio_value, 7) == D("0.0709640")
    assert round(wallet.initial_margin, 7) == D("0.0243902")
    assert round(wallet.maintenance_margin, 7) == D("0.0121951")
    assert round(wallet.available, 7) == D("0.0465738")
    assert round(wallet.portfolio_value / wallet.maintenance_margin * 100, 1) == D("581.9")
    assert round(wallet.estimates.mm, 2) == D("78265.68")


def test_a_coin_wallet_threshold_uses_all_its_rungs() -> None:
    row = exposure(PI, Position("PI_XBTUSD", D(1_000_000), D(84_000), D(0), 0), D(84_000), claims=(), leverage=None)
    required = wallet_requirement([row]).maintenance
    assert required == ladder_margin(PI.rungs, D(1_000_000)).maintenance == 15_000
    assert round(wallet_threshold([row], D(1), required_usd=required) or D(0), 2) == D("78653.14")


@pytest.mark.parametrize(("slip", "level"), [("0", "111.1"), ("0.00878", "92.5")])
def test_one_partial_step_may_not_be_enough(slip: str, level: str) -> None:
    """At the threshold 10 % is sold at the mark, or 0.878 % below it."""
    mark = D("80353.7335")
    equity = D(1_688) - D("0.4") * mark * D(slip)
    maintenance = ladder_margin(PF.rungs, D("3.6") * 84_400).maintenance
    assert round(equity / maintenance * 100, 1) == D(level)
