from decimal import Decimal
from itertools import pairwise

import pytest

from tui.exchange.commands import Tick
from tui.exchange.config import EngineConfig
from tui.exchange.events import (
    AccountLogged,
    ContractExpired,
    FundingSet,
    MarksChanged,
    OrderChanged,
    TickerChanged,
)
from tui.exchange.exchange import Engine
from tui.exchange.funding import HOUR_MS, next_hour

from .engines import START_MS, best, move, of, send, size_of, still_engine, wait

D = Decimal
PF = "PF_XBTUSD"


def test_funding_accrues_continuously_and_moves_into_the_balance_at_the_hour() -> None:
    engine = still_engine()
    send(engine, PF, "buy", "2")
    rate = engine.ticker(PF).funding_rate
    assert rate is not None
    balance = engine.account().flex_account().balance_value
    to_hour = next_hour(engine.now_ms) - engine.now_ms
    wait(engine, to_hour // 2)
    accrued = engine.account().positions()[0].unrealized_funding
    assert accrued == pytest.approx(-2 * rate * (to_hour // 2) / HOUR_MS)
    assert engine.account().flex_account().balance_value == balance
    events = wait(engine, to_hour - to_hour // 2)
    paid = -2 * rate * to_hour / HOUR_MS
    assert engine.account().flex_account().balance_value - balance == pytest.approx(paid)
    assert engine.account().positions()[0].unrealized_funding == 0
    (entry,) = [event.entry for event in of(events, AccountLogged)]
    assert (entry.info, entry.funding_rate) == ("funding rate change", rate)
    assert entry.new_balance - entry.old_balance == entry.realized_funding
    assert {event.symbol for event in of(events, FundingSet)} >= {PF, "PI_XBTUSD"}


def test_funding_is_realised_when_the_position_changes() -> None:
    engine = still_engine()
    send(engine, PF, "buy", "4")
    rate = engine.ticker(PF).funding_rate or D(0)
    wait(engine, 17 * 60_000)
    send(engine, PF, "sell", "3")
    realised = [fill.realized_funding for fill in engine.account().fills() if fill.side == "sell"]
    assert sum(realised) == pytest.approx(-4 * rate * 17 / 60)
    assert engine.account().positions()[0].unrealized_funding == 0


def test_one_late_tick_equals_many_for_funding() -> None:
    def after(ticks: int) -> Decimal:
        engine = still_engine()
        send(engine, PF, "buy", "2")
        for _ in range(ticks):
            wait(engine, 4 * HOUR_MS // ticks)
        return engine.account().flex_account().cross.portfolio_value

    assert after(1) == pytest.approx(after(16), rel=D("1e-12"))


def test_each_hour_gets_its_rate() -> None:
    engine = still_engine()
    rows = engine.funding_history(PF)
    assert len(rows) > 300
    assert all(later.time_ms - earlier.time_ms == HOUR_MS for earlier, later in pairwise(rows))
    assert rows[-1].time_ms <= START_MS < rows[-1].time_ms + HOUR_MS
    wait(engine, 2 * HOUR_MS)
    assert engine.ticker(PF).next_funding_ms == next_hour(engine.now_ms)
    assert engine.funding_history("FI_XBTUSD_260925") == ()


def test_a_dated_contract_settles_at_the_index() -> None:
    engine = still_engine()
    dated = next(row for row in engine.instruments() if row.symbol.startswith("FI_"))
    assert dated.last_trading_ms is not None
    send(engine, dated.symbol, "buy", "10000")
    send(engine, dated.symbol, "buy", "5000", "80000")
    (position,) = engine.account().positions()
    balance = engine.account().wallets()[0].balance
    events = wait(engine, dated.last_trading_ms - engine.now_ms)
    index = engine.ticker(dated.symbol).index
    fee = 10_000 / index * D("0.0005")
    assert of(events, ContractExpired) == [
        ContractExpired(row.symbol, engine.ticker(row.symbol).index) for row in engine.instruments(expired=True)
    ]
    assert of(events, OrderChanged)[0].reason == "contract_expired"
    assert size_of(engine, dated.symbol) == 0
    change = engine.account().wallets()[0].balance - balance
    assert change == pytest.approx(10_000 * (1 / position.entry_price - 1 / index) - fee)
    assert [row.info for row in engine.account().account_log()][-2:] == ["settlement", "settlement"]
    assert send(engine, dated.symbol, "buy", "1", "80000").status == "marketInactive"
    assert dated not in engine.instruments()
    assert not engine.is_tradeable(dated.symbol)


def test_tickers_are_announced_once_a_second() -> None:
    engine = still_engine()
    counts: dict[str, int] = {}
    for _ in range(50):
        for event in of(wait(engine, 100), TickerChanged):
            counts[event.symbol] = counts.get(event.symbol, 0) + 1
    assert set(counts) == {row.symbol for row in engine.instruments()}
    assert set(counts.values()) <= {5, 6}


def test_a_jump_moves_book_mark_and_index_together() -> None:
    engine = still_engine()
    events = move(engine, "XBT", "80000")
    assert "PI_XBTUSD" in of(events, MarksChanged)[0].symbols
    for symbol in (PF, "PI_XBTUSD", "FF_XBTUSD_260925"):
        ticker = engine.ticker(symbol)
        bid, ask = best(engine, symbol)
        assert ticker.index == 80_000
        assert abs(ticker.mark / 80_000 - 1) < D("0.01")
        assert 79_900 < bid < ask < 80_300


def test_time_never_runs_backwards() -> None:
    engine = still_engine()
    wait(engine, 1_000)
    engine.step(Tick(), START_MS)
    assert engine.now_ms == START_MS + 1_000


def test_the_market_lives_by_itself() -> None:
    engine = Engine(EngineConfig(warm_start_hours=1), seed=5, now_ms=START_MS)
    first = {row.symbol: engine.ticker(row.symbol) for row in engine.instruments()}
    trades = 0
    for _ in range(600):
        trades += sum(1 for event in wait(engine, 100) if type(event).__name__ == "TradePrinted")
        for symbol in (PF, "PF_XRPUSD", "PI_ETHUSD"):
            bid, ask = best(engine, symbol)
            assert bid < ask
    assert trades > 100
    for symbol, ticker in first.items():
        now = engine.ticker(symbol)
        assert now.mark != ticker.mark
        assert abs(now.mark / ticker.mark - 1) < D("0.02"), "a minute is not a crash"
        assert abs(now.mark / now.index - 1) < D("0.02")
        assert len(engine.book(symbol).bids) >= 25


def test_the_account_is_run_over_by_the_market_not_forgotten() -> None:
    engine = still_engine()
    send(engine, PF, "buy", "0.5", "87000")
    move(engine, "XBT", "86000")
    (fill,) = engine.account().fills()
    assert (fill.fill_type, fill.price, fill.size) == ("maker", D(87_000), D("0.5"))
    bid, ask = best(engine, PF)
    assert bid < ask


@pytest.mark.parametrize("kind", ["trade", "mark", "spot"])
def test_charts_are_not_empty_at_the_start(kind: str) -> None:
    engine = Engine(EngineConfig(activity=0, warm_start_hours=6), seed=5, now_ms=START_MS)
    minutes = engine.candles(kind, PF, 1)
    assert len(minutes) >= 360
    assert [row.time_ms for row in minutes] == sorted({row.time_ms for row in minutes})
    assert all(row.low <= min(row.open, row.close) <= max(row.open, row.close) <= row.high for row in minutes)
    hours = engine.candles(kind, PF, 60, since_ms=START_MS - 3 * HOUR_MS)
    assert len(hours) == 3
    assert all(row.time_ms % HOUR_MS == 0 for row in hours)
    volume = sum(row.volume for row in engine.candles(kind, PF, 60))
    assert volume == pytest.approx(sum(row.volume for row in minutes), rel=D("1e-6"))
    ticker = engine.ticker(PF)
    assert ticker.low_24h <= ticker.last <= ticker.high_24h
