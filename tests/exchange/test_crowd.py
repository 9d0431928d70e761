from decimal import Decimal

import pytest

from tui.exchange.config import EngineConfig
from tui.exchange.crowd import PROFILES
from tui.exchange.events import BookChanged, TradePrinted
from tui.exchange.exchange import Engine

from .engines import START_MS, made_up, of, quotes, send, still_engine, wait

D = Decimal
PF = "PF_XBTUSD"


def requote(engine: Engine, symbol: str) -> None:
    floor = engine._floor
    market = floor.markets[symbol]
    made_up(engine).quote(floor, market)
    floor.flush()


@pytest.mark.parametrize("symbol", sorted(PROFILES))
def test_books_are_deep_tight_and_grow_away_from_the_touch(symbol: str) -> None:
    engine = still_engine()
    book = engine.book(symbol)
    tick = engine.instrument(symbol).tick
    widest = max(PROFILES[symbol].spreads)
    assert tick <= book.asks[0][0] - book.bids[0][0] <= widest * tick
    for levels in (book.bids, book.asks):
        assert len(levels) >= 25
        near = sum(size for _, size in levels[:8])
        far = sum(size for _, size in levels[-8:])
        assert far > 3 * near


def test_a_swept_touch_is_refilled() -> None:
    engine = still_engine()
    ask = engine.book(PF).asks[0][0]
    for _ in range(3):
        send(engine, PF, "buy", "0.5")
    assert engine.book(PF).asks[0][0] > ask
    requote(engine, PF)
    assert engine.book(PF).asks[0][0] - engine.book(PF).bids[0][0] <= 3
    assert len(engine.book(PF).asks) >= 25


def test_the_crowd_leaves_the_accounts_orders_alone() -> None:
    engine = still_engine()
    bid = engine.book(PF).bids[3][0]
    send(engine, PF, "buy", "0.0007", str(bid))
    for _ in range(50):
        requote(engine, PF)
    (order,) = engine.account().open_orders()
    assert order.remaining == D("0.0007")
    assert dict(engine.book(PF).bids)[bid] >= D("0.0007")


def test_buying_pressure_lifts_the_quotes_for_a_while() -> None:
    engine = still_engine(flex={"USD": D(10_000_000)})
    fair = made_up(engine).crowds[PF].fair_ticks(88_000.0)
    send(engine, PF, "buy", "20")
    assert made_up(engine).crowds[PF].fair_ticks(88_000.0) > fair


def test_an_empty_book_is_survived() -> None:
    engine = Engine(EngineConfig(warm_start_hours=0), seed=2, now_ms=START_MS)
    quotes(engine, PF, [], [])
    engine._floor.flush()
    assert engine.ticker(PF).bid is None
    assert send(engine, PF, "buy", "1").status == "iocWouldNotExecute"
    wait(engine, 1_000)
    assert engine.ticker(PF).bid is not None


def test_public_events_are_numbered_without_gaps() -> None:
    engine = Engine(EngineConfig(warm_start_hours=0), seed=2, now_ms=START_MS)
    book_seq = {row.symbol: engine.book(row.symbol).seq for row in engine.instruments()}
    trade_seq = {row.symbol: engine.trades(row.symbol)[0].seq for row in engine.instruments()}
    levels = {row.symbol: dict(engine.book(row.symbol).bids) for row in engine.instruments()}
    for _ in range(100):
        events = wait(engine, 100)
        for change in of(events, BookChanged):
            book_seq[change.symbol] += 1
            assert change.seq == book_seq[change.symbol]
            if change.side == "buy":
                levels[change.symbol][change.price] = change.qty
        for printed in of(events, TradePrinted):
            trade_seq[printed.trade.symbol] += 1
            assert printed.trade.seq == trade_seq[printed.trade.symbol]
    for symbol, bids in levels.items():
        assert {price: size for price, size in bids.items() if size} == dict(engine.book(symbol).bids)
