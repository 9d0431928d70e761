from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.engines import START_MS, move, send, size_of
from tui.exchange.commands import SetMarketMode
from tui.exchange.config import EngineConfig
from tui.exchange.driver import NotMovable
from tui.exchange.events import BookChanged, Event, Filled, TickerChanged, TradePrinted
from tui.exchange.exchange import Engine
from tui.exchange.funding import HOUR_MS
from tui.exchange.mirror.contracts import UpstreamError
from tui.exchange.mirror.driver import Mirror
from tui.exchange.mirror.news import PastCandles, PastFunding
from tui.exchange.views import Candle, Fill, FundingRow

from .frames import PF, delta, snapshot, ticker, trade, trade_snapshot
from .worlds import World, trading, upstream

D = Decimal
ETH = "PF_ETHUSD"


def fills(events: list[Event]) -> list[tuple[str, Decimal, Decimal]]:
    found: list[Fill] = [event.fill for event in events if isinstance(event, Filled)]
    return [(fill.fill_type, fill.price, fill.size) for fill in found]


def prints(events: list[Event]) -> list[tuple[str, Decimal, Decimal]]:
    trades = [event.trade for event in events if isinstance(event, TradePrinted)]
    return [(row.side, row.price, row.size) for row in trades]


def is_open(world: World, symbol: str = PF) -> bool:
    return world.engine.is_tradeable(symbol)


# --- when it trades ----------------------------------------------------------------------------------------


def test_a_market_opens_when_book_and_quote_have_come_and_not_before() -> None:
    world = World()
    assert not is_open(world)
    assert send(world.engine, PF, "buy", "1").status == "marketSuspended"
    world.hear(snapshot(5, [(88_000, 1)], [(88_001, 1)]))
    assert not is_open(world)
    events = world.hear(ticker())
    assert is_open(world)
    assert TickerChanged(PF) in events
    assert send(world.engine, PF, "buy", "1").status == "placed"


def test_a_lost_link_suspends_at_once_and_a_new_one_needs_everything_anew() -> None:
    world = trading()
    assert TickerChanged(PF) in world.lose()
    assert world.engine.ticker(PF).suspended
    assert send(world.engine, PF, "buy", "1").status == "marketSuspended"
    world.open()
    world.hear(ticker())
    assert not is_open(world)
    world.book([(88_000, 10)], [(88_001, 10)])
    assert is_open(world)


def test_a_gap_suspends_one_market_until_its_next_snapshot() -> None:
    world = World(PF, ETH)
    world.book([(88_000, 10)], [(88_001, 10)])
    world.hear(snapshot(1, [(2_900, 1)], [(2_901, 1)], ETH), ticker(ETH, index=2_900, markPrice=2_900))
    world.hear(delta(900, "buy", 88_000, 3))
    assert not is_open(world)
    assert is_open(world, ETH)
    world.hear(snapshot(901, [(88_000, 3)], [(88_001, 10)]))
    assert is_open(world)


def test_a_market_whose_prices_stay_away_is_suspended_alone() -> None:
    world = World(PF, ETH)
    eth_ticker = ticker(ETH, index=2_900, markPrice=2_900)
    world.book([(88_000, 10)], [(88_001, 10)])
    world.hear(snapshot(1, [(2_900, 1)], [(2_901, 1)], ETH), eth_ticker)
    events = [event for _ in range(7) for event in world.hear(eth_ticker, after_ms=5_000)]
    assert (is_open(world), is_open(world, ETH)) == (False, True)
    assert events.count(TickerChanged(PF)) >= 1
    world.hear(ticker())
    assert is_open(world)


def test_the_upstream_and_the_operator_can_each_suspend() -> None:
    world = trading()
    world.hear(ticker(suspended=True))
    assert not is_open(world)
    world.hear(ticker(post_only=True))
    assert is_open(world)
    assert send(world.engine, PF, "buy", "1").status == "marketIsPostOnly"
    world.engine.step(SetMarketMode(PF, suspended=True), world.engine.now_ms)
    world.hear(ticker())
    assert not is_open(world)
    world.engine.step(SetMarketMode(PF), world.engine.now_ms)
    assert is_open(world)


def test_an_account_with_a_coin_that_has_no_price_cannot_be_opened() -> None:
    found = upstream(PF)
    leaders = {coin: one for coin, one in found.leaders.items() if coin != "ZEC"}
    config = EngineConfig(flex={"USD": D(1), "ZEC": D(1)})
    with pytest.raises(UpstreamError, match="account main holds ZEC"):
        Engine(config, 1, START_MS, driver=Mirror(replace(found, leaders=leaders)))


# --- what it shows -----------------------------------------------------------------------------------------


def test_book_prices_and_funding_are_the_upstreams() -> None:
    world = trading()
    assert world.engine.book(PF).bids == ((D(88_000), D(10)), (D(87_999), D(20)))
    world.hear(delta(world.next_seq(), "buy", 88_000, 0), delta(world.next_seq(), "sell", 88_001, 2.5))
    assert world.engine.book(PF).bids == ((D(87_999), D(20)),)
    assert world.engine.book(PF).asks[0] == (D(88_001), D("2.5"))
    hour = world.engine.now_ms // HOUR_MS * HOUR_MS + HOUR_MS
    world.hear(
        ticker(
            index=88_010.25,
            markPrice=88_011.123456,
            funding_rate=1.25,
            relative_funding_rate=1.5e-5,
            funding_rate_prediction=2.5,
            relative_funding_rate_prediction=2.5e-5,
            next_funding_rate_time=hour,
            openInterest=1234.5,
            volume=77,
            volumeQuote=6_700_000,
            open=87_000,
            high=89_000,
            low=86_000,
            change=1.17,
        )
    )
    row = world.engine.ticker(PF)
    assert (row.index, row.mark, row.open_interest) == (D("88010.25"), D("88011.123456"), D("1234.5"))
    assert (row.funding_rate, row.relative_funding_rate, row.next_funding_ms) == (D("1.25"), D("0.000015"), hour)
    assert (row.funding_rate_prediction, row.relative_funding_rate_prediction) == (D("2.5"), D("0.000025"))
    assert (row.volume, row.volume_quote, row.change_24h) == (D(77), D(6_700_000), D("1.17"))
    assert (row.open_24h, row.high_24h, row.low_24h) == (D(87_000), D(89_000), D(86_000))
    assert (row.bid, row.ask) == (D(87_999), D(88_001))


def test_funding_is_paid_at_the_rate_that_the_upstream_shows() -> None:
    world = trading()
    world.hear(ticker(funding_rate=36.0, relative_funding_rate=0.0004))
    send(world.engine, PF, "buy", "1")
    world.wait(100_000)
    (position,) = world.engine.account().positions()
    assert position.unrealized_funding == -1


def test_the_leader_prices_the_coin_even_if_only_its_inverse_contract_is_mirrored() -> None:
    world = World("PI_XBTUSD")
    world.hear(ticker("PF_XBTUSD", index=91_000))
    world.hear(ticker("PI_XBTUSD", index=90_000, markPrice=90_500))
    row = world.engine.ticker("PI_XBTUSD")
    assert (row.index, row.mark) == (D(91_000), D(90_500))


def test_the_tape_begins_with_the_past_and_repeats_nothing() -> None:
    world = trading()
    assert prints(world.hear(trade_snapshot([("buy", 88_001, 1, 7), ("sell", 88_000, 2, 6)]))) == []
    assert [(row.side, row.size) for row in world.engine.trades(PF)] == [("buy", D(1)), ("sell", D(2))]
    assert world.engine.ticker(PF).last == 88_001
    assert prints(world.hear(trade("buy", 88_001, 3, seq=8))) == [("buy", D(88_001), D(3))]
    assert prints(world.hear(trade("buy", 88_001, 3, seq=8))) == []
    later = world.hear(trade_snapshot([("buy", 88_001, 4, 9), ("buy", 88_001, 3, 8)]))
    assert prints(later) == [("buy", D(88_001), D(4))], "what was missed"
    world.hear(trade_snapshot([("sell", 88_000, 9, 3)]))
    assert prints(world.hear(trade("buy", 88_001, 5, seq=4))) == [("buy", D(88_001), D(5))], "an upstream begun anew"


def test_the_past_comes_before_what_is_known() -> None:
    world = trading()
    start = world.engine.now_ms // 60_000 * 60_000
    rows = tuple(Candle(start - 60_000 * n, D(1), D(4), D(1), D(2), D(9)) for n in (2, 1, 0))
    row = FundingRow((start // HOUR_MS - 1) * HOUR_MS, D(3), D("0.00003"))
    running = replace(row, time_ms=world.engine.now_ms // HOUR_MS * HOUR_MS)
    world.tell(PastCandles(PF, "trade", rows), PastFunding(PF, (row, running)), PastCandles("PF_NONEUSD", "mark", rows))
    candles = world.engine.candles("trade", PF, 1)
    assert [candle.time_ms for candle in candles] == [start - 120_000, start - 60_000, start]
    assert (candles[0].high, candles[0].volume) == (D(4), D(9))
    assert candles[2].close > 80_000, "the running minute is our own"
    assert [past.time_ms for past in world.engine.funding_history(PF)] == [row.time_ms, running.time_ms]
    assert world.engine.funding_history(PF)[0] == row


def test_tickers_keep_the_upstreams_rhythm() -> None:
    world = trading()
    told = [event for _ in range(10) for event in (*world.hear(ticker(), after_ms=900), *world.wait(100))]
    assert told.count(TickerChanged(PF)) == 10


# --- paper orders ------------------------------------------------------------------------------------------


def test_a_taker_takes_the_mirrored_depth_and_it_stays_taken_while_it_only_shrinks() -> None:
    world = trading(flex={"USD": D(10_000_000)})
    send(world.engine, PF, "buy", "12")
    (second, first) = world.engine.account().fills()
    assert (first.price, first.size, second.price, second.size) == (D(88_001), D(10), D(88_002), D(2))
    assert world.engine.book(PF).asks == ((D(88_002), D(18)),)
    world.hear(delta(world.next_seq(), "sell", 88_002, 15))
    assert world.engine.book(PF).asks == ((D(88_002), D(13)),)
    world.hear(delta(world.next_seq(), "sell", 88_001, 11))
    assert world.engine.book(PF).asks[0] == (D(88_001), D(11)), "refilled"


def test_a_maker_is_filled_when_the_queue_before_it_has_traded() -> None:
    world = trading()
    send(world.engine, PF, "buy", "3", "88000")
    assert fills(world.hear(trade("sell", 88_000, 10, seq=1))) == []
    events = world.hear(trade("sell", 88_000, 2, seq=2))
    assert fills(events) == [("maker", D(88_000), D(2))]
    assert prints(events) == [("sell", D(88_000), D(2))], "one trade, told once"
    assert fills(world.hear(trade("sell", 87_999, 5, seq=3))) == [("maker", D(88_000), D(1))], "through it"
    assert not world.engine.account().open_orders()


def test_trades_that_went_past_the_book_fill_nobody() -> None:
    world = trading()
    send(world.engine, PF, "sell", "3", "88001")
    assert fills(world.hear(trade("buy", 88_001, 100, seq=1, kind="block"))) == []


def test_depth_that_comes_to_a_paper_order_fills_it_at_its_price() -> None:
    world = trading()
    send(world.engine, PF, "buy", "3", "88000")
    events = world.hear(
        delta(world.next_seq(), "buy", 88_000, 0),
        delta(world.next_seq(), "buy", 87_999, 0),
        delta(world.next_seq(), "sell", 87_990, 2),
    )
    assert fills(events) == [("maker", D(88_000), D(2))]
    assert prints(events) == [("sell", D(88_000), D(2))]
    book = world.engine.book(PF)
    assert book.bids == ((D(88_000), D(1)),)
    assert book.asks[0][0] == 88_001


def test_nothing_is_filled_on_old_prices() -> None:
    world = trading()
    send(world.engine, PF, "buy", "3", "88000")
    send(world.engine, PF, "sell", "1", order_type="stp", stop_price=D(87_000), trigger_signal="mark")
    world.lose()
    assert fills(world.hear(trade("sell", 80_000, 100, seq=50))) == []
    world.wait(60_000)
    assert len(world.engine.account().open_orders()) == 2
    assert not world.engine.account().fills()


def test_after_an_outage_a_price_that_has_passed_an_order_fills_it() -> None:
    world = trading()
    send(world.engine, PF, "buy", "3", "88000")
    world.lose()
    world.open()
    world.hear(trade_snapshot([("sell", 85_000, 100, 60)]))
    assert fills(world.book([(85_000, 5)], [(85_001, 2), (85_002, 9)])) == [
        ("maker", D(88_000), D(2)),
        ("maker", D(88_000), D(1)),
    ]
    assert world.engine.book(PF).asks == ((D(85_002), D(8)),)


def test_orders_outlive_a_restart_and_stand_behind_what_is_shown_then(tmp_path: Path) -> None:
    world = trading()
    send(world.engine, PF, "buy", "3", "88000")
    send(world.engine, PF, "buy", "1", "87500")
    world.restart(tmp_path)
    assert not is_open(world)
    world.book([(88_000, 5), (87_999, 1)], [(88_001, 1)])
    assert fills(world.hear(trade("sell", 88_000, 5, seq=1))) == []
    assert fills(world.hear(trade("sell", 88_000, 3, seq=2))) == [("maker", D(88_000), D(3))]
    assert [order.limit_price for order in world.engine.account().open_orders()] == [87_500]


def test_a_position_in_a_suspended_market_is_not_liquidated() -> None:
    world = trading(flex={"USD": D(20_000)})
    send(world.engine, PF, "buy", "10")
    world.lose()
    world.engine._floor.markets[PF].mark = D(86_300)
    world.wait(1_000)
    assert size_of(world.engine, PF) == 10
    world.open()
    events = world.hear(ticker(index=86_300, markPrice=86_300), snapshot(500, [(86_300, 100)], [(86_301, 5)]))
    assert fills(events)[0][0] == "partialLiquidation"


def test_a_stop_wakes_by_the_upstreams_mark() -> None:
    world = trading()
    send(world.engine, PF, "sell", "1", order_type="stp", stop_price=D(87_000), trigger_signal="mark")
    assert fills(world.hear(ticker(markPrice=86_999))) == [("taker", D(88_000), D(1))]


def test_the_operator_cannot_move_another_venues_price() -> None:
    with pytest.raises(NotMovable):
        move(trading().engine, "XBT", "80000")


# --- whatever comes ----------------------------------------------------------------------------------------

PRICES = st.integers(87_995, 88_005)
SIZES = st.integers(0, 5)
FRAMES = st.one_of(
    st.tuples(st.just("level"), st.sampled_from(("buy", "sell")), PRICES, SIZES),
    st.tuples(st.just("trade"), st.sampled_from(("buy", "sell")), PRICES, st.integers(1, 5)),
    st.tuples(st.just("order"), st.sampled_from(("buy", "sell")), PRICES, st.integers(1, 5)),
    st.tuples(st.just("market"), st.sampled_from(("buy", "sell")), PRICES, st.integers(1, 3)),
    st.tuples(st.just("whole"), st.just(""), PRICES, SIZES),
    st.tuples(st.just("lost"), st.just(""), PRICES, SIZES),
)


class Watcher:
    """Somebody who follows the book by its deltas alone."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.levels: dict[tuple[str, Decimal], Decimal] = {}

    def follow(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, BookChanged):
                self.levels.pop((event.side, event.price), None)
                if event.qty:
                    self.levels[event.side, event.price] = event.qty
                bids = [price for side, price in self.levels if side == "buy"]
                asks = [price for side, price in self.levels if side == "sell"]
                assert not bids or not asks or max(bids) < min(asks)


@settings(max_examples=150, deadline=None)
@given(st.lists(FRAMES, max_size=40))
def test_the_book_never_looks_crossed_and_fills_agree_with_positions(steps: list[tuple[str, str, int, int]]) -> None:
    world = World(flex={"USD": D(10) ** 9})
    watcher = Watcher(world)
    watcher.follow(world.book([(88_000, 3)], [(88_001, 3)]))
    for number, (what, side, price, size) in enumerate(steps):
        match what:
            case "level":
                watcher.follow(world.hear(delta(world.next_seq(), side, price, size)))
            case "trade":
                watcher.follow(world.hear(trade(side, price, size, seq=number)))
            case "whole":
                watcher.follow(world.book([(price - 1, size + 1)], [(price, 2), (price + 2, size + 1)]))
            case "lost":
                watcher.follow(world.lose())
                world.open()
            case _:
                limit = str(price) if what == "order" else None
                told = world.send(PF, side, str(size), limit)
                watcher.follow(told)
    account = world.engine.account()
    signed = sum((fill.size if fill.side == "buy" else -fill.size for fill in account.fills(limit=1000)), D(0))
    assert size_of(world.engine, PF) == signed
    book = world.engine.book(PF)
    assert watcher.levels == {("buy", p): q for p, q in book.bids} | {("sell", p): q for p, q in book.asks}
