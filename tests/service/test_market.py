"""Books that are shown are whole and uncrossed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.service.build import ETH, T0, XBT, dec
from tui.model.book import Book, Level
from tui.model.enums import Side
from tui.model.events import BookDelta, BookSnapshot, TradesArrived
from tui.model.market import PublicTrade
from tui.model.ticker import Ticker
from tui.service.market import MarketLedger


def snapshot(symbol: str = XBT, seq: int = 10) -> BookSnapshot:
    bids = (Level(dec(99), dec(1)), Level(dec(98), dec(2)), Level(dec(97), dec(0)))
    asks = (Level(dec(101), dec(1)), Level(dec(102), dec(2)))
    return BookSnapshot(symbol, bids, asks, seq, T0)


def delta(seq: int, side: Side, price: int, size: int, at: int = T0 + 1) -> BookDelta:
    return BookDelta(XBT, side, dec(price), dec(size), seq, at)


def book(market: MarketLedger) -> Book | None:
    return market.books().get(XBT)


def prices(market: MarketLedger) -> tuple[list[int], list[int]]:
    shown = book(market)
    assert shown is not None
    return [int(level.price) for level in shown.bids], [int(level.price) for level in shown.asks]


def test_levels_come_best_first_without_empty_ones() -> None:
    market = MarketLedger()
    market.book_snapshot(snapshot())
    assert prices(market) == ([99, 98], [101, 102])


def test_a_delta_sets_moves_and_removes_a_level() -> None:
    market = MarketLedger()
    market.book_snapshot(snapshot())
    market.book_delta(delta(11, Side.BUY, 100, 5))
    market.book_delta(delta(12, Side.SELL, 101, 0))
    market.book_delta(delta(13, Side.SELL, 500, 0))
    assert prices(market) == ([100, 99, 98], [102])


def test_the_book_is_the_same_object_until_it_changes() -> None:
    market = MarketLedger()
    market.book_snapshot(snapshot())
    shown = book(market)
    assert book(market) is shown
    market.book_snapshot(snapshot(ETH))
    assert book(market) is shown
    market.book_delta(delta(11, Side.BUY, 100, 5))
    assert book(market) is not shown


def test_a_lost_frame_takes_the_book_away_until_its_snapshot() -> None:
    market = MarketLedger()
    market.book_snapshot(snapshot())
    market.book_delta(delta(12, Side.BUY, 100, 5))
    assert book(market) is None
    market.book_delta(delta(13, Side.BUY, 100, 5))
    assert book(market) is None
    market.book_snapshot(snapshot(seq=20))
    assert prices(market) == ([99, 98], [101, 102])


def test_an_old_or_repeated_delta_changes_nothing() -> None:
    market = MarketLedger()
    market.book_snapshot(snapshot())
    market.book_delta(delta(10, Side.BUY, 100, 5))
    assert prices(market) == ([99, 98], [101, 102])


def test_a_crossed_moment_shows_the_last_uncrossed_book_and_not_for_long() -> None:
    market = MarketLedger()
    market.book_snapshot(snapshot())
    before = book(market)
    market.book_delta(delta(11, Side.BUY, 101, 5))
    assert book(market) is before
    market.book_delta(delta(12, Side.BUY, 90, 1, at=T0 + 5_000))
    assert book(market) is None
    market.book_delta(delta(13, Side.SELL, 101, 0, at=T0 + 5_001))
    assert prices(market) == ([101, 99, 98, 90], [102])


def test_a_lost_connection_keeps_the_last_book_and_takes_no_delta_on_it() -> None:
    market = MarketLedger()
    market.book_snapshot(snapshot())
    market.disconnect()
    market.book_delta(delta(11, Side.BUY, 100, 5))
    assert prices(market) == ([99, 98], [101, 102])
    market.book_snapshot(snapshot(seq=50))
    market.book_delta(delta(51, Side.BUY, 100, 5))
    assert prices(market) == ([100, 99, 98], [101, 102])


def test_only_watched_contracts_have_a_book_and_a_tape() -> None:
    market = MarketLedger()
    market.watch([XBT, ETH])
    trade = PublicTrade(ETH, "t1", Side.BUY, dec(1), dec(1), T0)
    market.book_snapshot(snapshot(ETH))
    market.trades(TradesArrived(ETH, (trade,), snapshot=False))
    market.watch([XBT])
    market.trades(TradesArrived(ETH, (trade,), snapshot=False))
    market.book_snapshot(snapshot(ETH))
    assert dict(market.books()) == {}
    assert dict(market.tape()) == {}


def test_the_tape_takes_a_snapshot_without_doubling() -> None:
    market = MarketLedger()
    trades = tuple(PublicTrade(XBT, f"t{number}", Side.BUY, dec(1), dec(1), T0) for number in range(4))
    market.trades(TradesArrived(XBT, trades[:2], snapshot=True))
    market.trades(TradesArrived(XBT, trades[2:3], snapshot=False))
    market.trades(TradesArrived(XBT, trades, snapshot=True))
    assert [trade.trade_id for trade in market.tape()[XBT]] == ["t0", "t1", "t2", "t3"]


def test_an_older_ticker_does_not_replace_a_newer_one() -> None:
    market = MarketLedger()
    market.ticker(Ticker(XBT, T0 + 1, last=dec(2)))
    market.ticker(Ticker(XBT, T0, last=dec(1)))
    assert market.tickers()[XBT].last == 2


def test_a_venue_that_came_back_with_an_earlier_clock_is_believed() -> None:
    market = MarketLedger()
    market.ticker(Ticker(XBT, T0, last=dec(1)))
    market.disconnect()
    market.ticker(Ticker(XBT, T0 - 60_000, last=dec(2)))
    assert market.tickers()[XBT].last == 2


@given(st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 30), st.integers(0, 3)), max_size=60))
def test_a_book_equals_the_levels_that_were_set(changes: list[tuple[Side, int, int]]) -> None:
    market = MarketLedger()
    market.book_snapshot(BookSnapshot(XBT, (), (), 0, T0))
    truth: dict[Side, dict[int, int]] = {Side.BUY: {}, Side.SELL: {}}
    for seq, (side, price, size) in enumerate(changes, 1):
        at = price if side is Side.BUY else price + 100  # sides apart: never crossed
        market.book_delta(delta(seq, side, at, size))
        truth[side].pop(at, None)
        if size:
            truth[side][at] = size
    shown = book(market)
    assert shown is not None
    assert [(int(level.price), int(level.size)) for level in shown.bids] == sorted(
        truth[Side.BUY].items(), reverse=True
    )
    assert [(int(level.price), int(level.size)) for level in shown.asks] == sorted(truth[Side.SELL].items())
