from decimal import Decimal

import pytest

from tui.exchange.commands import SetLeverage
from tui.exchange.events import Filled, OrderChanged, TradePrinted
from tui.exchange.exchange import Engine

from .engines import START_MS, mark_at, move, of, quotes, send, size_of, still_engine, wait

D = Decimal
PF = "PF_XBTUSD"


def leveraged(**config: object) -> Engine:
    """1,000 USD carrying 0.9 BTC: 79 x."""
    engine = still_engine(flex={"USD": D(1_000)}, **config)
    assert send(engine, PF, "buy", "0.9").status == "placed"
    return engine


def equity(engine: Engine) -> Decimal:
    return engine.account().flex_account().cross.margin_equity


def test_short_margin_cancels_what_adds_risk_and_keeps_what_closes() -> None:
    engine = leveraged()
    adding = send(engine, PF, "buy", "0.1", "80000")
    closing = send(engine, PF, "sell", "0.9", "90000")
    stop = send(engine, PF, "sell", "0.9", order_type="stp", stop_price=D(70_000), trigger_signal="mark")
    (change,) = of(move(engine, "XBT", "87700"), OrderChanged)
    assert (change.order.order_id, change.reason, change.removed) == (adding.order_id, "not_enough_margin", True)
    assert {order.order_id for order in engine.account().open_orders()} == {closing.order_id, stop.order_id}
    assert size_of(engine, PF) == D("0.9")


def test_partial_liquidation_sells_a_tenth_a_tick_until_the_level_is_back() -> None:
    engine = leveraged()
    events = move(engine, "XBT", "87130")
    fills = [event.fill for event in of(events, Filled)]
    assert {fill.fill_type for fill in fills} == {"partialLiquidation"}
    assert sum(fill.size for fill in fills) == D("0.09")
    assert {trade.trade.kind for trade in of(events, TradePrinted)} >= {"liquidation"}
    infos = {entry.info for entry in engine.account().account_log() if entry.execution == fills[0].fill_id}
    assert infos == {"futures liquidation"}
    for _ in range(40):
        wait(engine, 100)
    cross = engine.account().flex_account().cross
    assert 0 < size_of(engine, PF) < D("0.81")
    assert cross.margin_equity > cross.margin.maintenance_margin


def test_a_gap_closes_everything_and_leaves_no_debt() -> None:
    engine = leveraged()
    send(engine, PF, "sell", "0.9", "90000")
    events = move(engine, "XBT", "80000")
    fills = [event.fill for event in of(events, Filled)]
    assert fills[-1].fill_type == "assignor"
    assert size_of(engine, PF) == 0
    assert "liquidation" in [change.reason for change in of(events, OrderChanged)]
    assert 0 <= equity(engine) < 1
    assert "assignment" in {trade.trade.kind for trade in of(events, TradePrinted)}


def test_a_liquidation_that_beats_bankruptcy_leaves_the_rest_to_the_trader() -> None:
    engine = leveraged(full_liquidation_at=D(1))
    events = move(engine, "XBT", "87250")
    assert {event.fill.fill_type for event in of(events, Filled)} == {"liquidation"}
    assert size_of(engine, PF) == 0
    assert equity(engine) > 100


def test_an_isolated_position_takes_only_its_own_margin_with_it() -> None:
    engine = still_engine(flex={"USD": D(10_000)})
    engine.step(SetLeverage(PF, D(50)), START_MS)
    send(engine, PF, "buy", "0.5")
    (position,) = engine.account().positions()
    locked = position.initial_margin
    assert position.liquidation_price == pytest.approx(position.entry_price * D("0.985"), rel=D("0.0001"))
    move(engine, "XBT", "80000")
    assert size_of(engine, PF) == 0
    assert equity(engine) == pytest.approx(10_000 - locked, abs=30)
    assert engine.account().flex_account().isolated == {}


def test_a_cross_crash_leaves_the_isolated_position_alone() -> None:
    engine = still_engine(flex={"USD": D(3_000)})
    engine.step(SetLeverage("PF_ETHUSD", D(5)), START_MS)
    send(engine, "PF_ETHUSD", "buy", "2")
    send(engine, PF, "buy", "1")
    move(engine, "XBT", "80000")
    assert size_of(engine, PF) == 0
    assert size_of(engine, "PF_ETHUSD") == 2


def test_an_inverse_wallet_is_closed_whole() -> None:
    engine = still_engine(wallets={"fi_xbtusd": D("0.02"), "fi_ethusd": D(5)})
    send(engine, "PI_XBTUSD", "buy", "60000")
    (position,) = engine.account().positions()
    assert 0 < position.liquidation_price < position.mark_price
    move(engine, "XBT", str(round(position.liquidation_price) + 100))
    assert size_of(engine, "PI_XBTUSD") == 60_000
    events = move(engine, "XBT", str(round(position.liquidation_price) - 100))
    assert {event.fill.fill_type for event in of(events, Filled)} <= {"liquidation", "assignor"}
    assert size_of(engine, "PI_XBTUSD") == 0
    wallet = engine.account().wallets()[0]
    assert 0 <= wallet.balance < D("0.02")


def test_a_linear_position_lives_until_its_liquidation_price() -> None:
    engine = leveraged()
    (position,) = engine.account().positions()
    threshold = position.liquidation_price
    quotes(engine, PF, [("80000", "5")], [("95000", "5")])
    mark_at(engine, PF, str(threshold + 1))
    wait(engine, 1_000)
    assert size_of(engine, PF) == D("0.9")
    mark_at(engine, PF, str(threshold - 1))
    quotes(engine, PF, [(str(round(threshold) - 5), "5")], [("95000", "5")])
    wait(engine, 1_000)
    assert size_of(engine, PF) < D("0.9")


def test_losses_beyond_usd_convert_other_collateral() -> None:
    engine = still_engine(flex={"USD": D(100), "XBT": D("0.1")})
    send(engine, PF, "buy", "0.5")
    move(engine, "XBT", "85000")
    send(engine, PF, "sell", "0.5")
    flex = {row.currency: row.quantity for row in engine.account().flex_account().currencies}
    assert flex["USD"] == 0
    assert 0 < flex["XBT"] < D("0.1")
    conversions = [entry for entry in engine.account().account_log() if entry.info == "conversion"]
    assert {entry.asset for entry in conversions} == {"xbt", "usd"}
