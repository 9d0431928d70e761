from decimal import Decimal

import pytest

from tui.exchange.commands import SetLeverage, SetPnlPreference
from tui.exchange.events import BalancesChanged, PositionsChanged
from tui.exchange.exchange import Engine

from .engines import START_MS, free_margin, mark_at, move, of, send, size_of, still_engine

D = Decimal
PF = "PF_XBTUSD"


def set_leverage(engine: Engine, leverage: str | None, symbol: str = PF) -> int | None:
    command = SetLeverage(symbol, None if leverage is None else D(leverage))
    return engine.step(command, START_MS).answer.error_code


def test_a_preference_makes_a_contract_isolated_and_back() -> None:
    engine = still_engine()
    assert set_leverage(engine, "10") is None
    assert engine.account().leverage_preferences() == {PF: D(10)}
    send(engine, PF, "buy", "0.5")
    (position,) = engine.account().positions()
    assert position.max_fixed_leverage == 10
    assert position.initial_margin == position.entry_price * D("0.05")
    assert engine.account().flex_account().isolated[PF].initial_margin == position.initial_margin
    outcome = engine.step(SetLeverage(PF, None), START_MS)
    assert outcome.answer.error_code is None
    assert of(outcome.events, PositionsChanged)
    assert of(outcome.events, BalancesChanged)
    assert engine.account().positions()[0].max_fixed_leverage is None
    assert engine.account().leverage_preferences() == {}


@pytest.mark.parametrize(
    ("symbol", "leverage", "code"),
    [("PF_NOPEUSD", "5", 87), ("PI_XBTUSD", "5", 88), (PF, "0", 98), (PF, "101", 98), ("PF_SOLUSD", "51", 98)],
)
def test_refused_preferences(symbol: str, leverage: str, code: int) -> None:
    engine = still_engine()
    assert set_leverage(engine, leverage, symbol) == code
    assert engine.account().leverage_preferences() == {}


def test_a_leverage_the_size_does_not_allow() -> None:
    engine = still_engine(flex={"USD": D(500_000)})
    assert set_leverage(engine, "100") is None
    assert send(engine, PF, "buy", "20", "88500").status == "fixedLeverageTooHigh"
    assert send(engine, PF, "buy", "5", "80000").status == "placed"


def test_isolating_needs_margin_and_a_living_position() -> None:
    engine = still_engine(flex={"USD": D(2_000)})
    send(engine, PF, "buy", "1")
    assert set_leverage(engine, "10") == 92
    move(engine, "XBT", "87100")
    assert set_leverage(engine, "100") == 41
    assert engine.account().leverage_preferences() == {}
    assert engine.account().positions()[0].max_fixed_leverage is None


def test_orders_are_charged_at_the_fixed_leverage() -> None:
    engine = still_engine(flex={"USD": D(10_000)})
    set_leverage(engine, "10")
    send(engine, PF, "buy", "0.5", "80000")
    assert free_margin(engine, PF) == 6_000
    assert engine.account().open_orders()[0].max_fixed_leverage == 10


def test_profit_may_be_paid_in_coin() -> None:
    engine = still_engine()
    answer = engine.step(SetPnlPreference(PF, "BTC"), START_MS).answer
    assert answer.error_code is None
    assert engine.account().pnl_preferences() == {PF: "BTC"}
    send(engine, PF, "buy", "1")
    mark_at(engine, PF, "88000")
    move(engine, "XBT", "90000")
    (position,) = engine.account().positions()
    assert position.pnl_currency == "BTC"
    assert position.pnl == pytest.approx(engine.account().flex_account().totals.pnl / position.index_price)
    send(engine, PF, "sell", "1")
    assert size_of(engine, PF) == 0
    coins = {row.currency: row.quantity for row in engine.account().flex_account().currencies}
    assert coins["XBT"] == pytest.approx(D(2_000) / 90_000, rel=D("0.1"))
    assert coins["USD"] < 50_000
    for row in engine.account().account_log():
        if row.asset == "xbt":
            change = row.realized_pnl - row.fee + row.realized_funding
            assert row.new_balance - row.old_balance == change or row.info == "conversion"


def test_unknown_profit_currencies_are_refused() -> None:
    engine = still_engine()
    for symbol, currency, code in ((PF, "DOGE", 89), ("PI_XBTUSD", "USD", 88), ("PF_NOPEUSD", "USD", 87)):
        assert engine.step(SetPnlPreference(symbol, currency), START_MS).answer.error_code == code
