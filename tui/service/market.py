"""Tickers, books and the tape: kept mutable inside because they change thousands of times a second.

Snapshots are made only when somebody looks. Invariant: a book that is shown is whole and uncrossed: a lost frame
takes the book away until its next snapshot, a crossed moment shows the last uncrossed one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice

from tui.model.book import Book, Level
from tui.model.enums import Side
from tui.model.events import BookDelta, BookSnapshot, TradesArrived
from tui.model.market import Candle, PublicTrade
from tui.model.ticker import Ticker
from tui.service.candles import CandleHolder

DEPTH = 250
TAPE = 200
CROSSED_FOR_MS = 2_000


class BookHolder:
    """One contract's book by price level; prices are kept sorted, ascending on both sides."""

    def __init__(self, snapshot: BookSnapshot) -> None:
        self.symbol = snapshot.symbol
        self.seq = snapshot.seq
        self.time_ms = snapshot.time_ms
        self._levels: dict[Side, dict[Decimal, Level]] = {
            Side.BUY: {level.price: level for level in snapshot.bids if level.size > 0},
            Side.SELL: {level.price: level for level in snapshot.asks if level.size > 0},
        }
        self._prices = {side: sorted(levels) for side, levels in self._levels.items()}
        self._dirty = True
        self._view: Book | None = None
        self._crossed_since_ms: int | None = None

    def apply(self, delta: BookDelta) -> bool:
        """False if a frame was lost before this one. An old frame changes nothing."""
        if delta.seq <= self.seq:
            return True
        if delta.seq != self.seq + 1:
            return False
        self.seq, self.time_ms, self._dirty = delta.seq, delta.time_ms, True
        levels, prices, price = self._levels[delta.side], self._prices[delta.side], delta.price
        if delta.size > 0:
            if price not in levels:
                insort(prices, price)
            levels[price] = Level(price, delta.size)
        elif levels.pop(price, None) is not None:
            del prices[bisect_left(prices, price)]
        return True

    def view(self) -> Book | None:
        """The last uncrossed book; None if it has been crossed for too long to be believed."""
        if self._dirty:
            self._dirty = False
            if self._is_crossed():
                if self._crossed_since_ms is None:
                    self._crossed_since_ms = self.time_ms
            else:
                self._crossed_since_ms = None
                self._view = self._build()
        since_ms = self._crossed_since_ms
        return None if since_ms is not None and self.time_ms - since_ms > CROSSED_FOR_MS else self._view

    def _is_crossed(self) -> bool:
        bids, asks = self._prices[Side.BUY], self._prices[Side.SELL]
        return bool(bids and asks) and bids[-1] >= asks[0]

    def _build(self) -> Book:
        bids, asks = self._levels[Side.BUY], self._levels[Side.SELL]
        best_bids = islice(reversed(self._prices[Side.BUY]), DEPTH)
        best_asks = islice(self._prices[Side.SELL], DEPTH)
        return Book(
            self.symbol,
            tuple(bids[price] for price in best_bids),
            tuple(asks[price] for price in best_asks),
            self.seq,
            self.time_ms,
        )


class MarketLedger:
    """Owned by the reducer. Books, tape and candles exist for watched symbols; tickers for all that arrive."""

    def __init__(self) -> None:
        self._tickers: dict[str, Ticker] = {}
        self._tickers_view: Mapping[str, Ticker] | None = {}
        self._ticker_fences: dict[str, int] = {}
        self._books: dict[str, BookHolder] = {}
        self._books_dirty = False
        self._books_view: Mapping[str, Book] = {}
        self._last_books: dict[str, Book] = {}
        self._tapes: dict[str, deque[PublicTrade]] = {}
        self._tape_view: dict[str, tuple[PublicTrade, ...]] = {}
        self._tape_dirty: set[str] = set()
        self._candles: dict[str, CandleHolder] = {}
        self._candles_view: Mapping[str, tuple[Candle, ...]] = {}
        self._watched: frozenset[str] | None = None

    def watch(self, symbols: Iterable[str]) -> None:
        """Keep books, tape and candles for these only."""
        self._watched = frozenset(symbols)
        for symbol in (self._books.keys() | self._last_books.keys()) - self._watched:
            self._books.pop(symbol, None)
            self._last_books.pop(symbol, None)
            self._books_dirty = True
        for symbol in self._tapes.keys() - self._watched:
            del self._tapes[symbol]
            self._tape_dirty.add(symbol)
        for symbol in self._candles.keys() - self._watched:
            del self._candles[symbol]

    def ticker(self, ticker: Ticker) -> None:
        """Taken unless a newer one came on the same connection; another's times are no fence for this one."""
        if ticker.time_ms >= self._ticker_fences.get(ticker.symbol, ticker.time_ms):
            self._ticker_fences[ticker.symbol] = ticker.time_ms
            self._tickers[ticker.symbol] = ticker
            self._tickers_view = None

    def book_snapshot(self, snapshot: BookSnapshot) -> None:
        if self._wants(snapshot.symbol):
            self._books[snapshot.symbol] = BookHolder(snapshot)
            self._books_dirty = True

    def book_delta(self, delta: BookDelta) -> None:
        holder = self._books.get(delta.symbol)
        if holder is None:
            return
        if not holder.apply(delta):
            self.break_book(delta.symbol)
        self._books_dirty = True

    def break_book(self, symbol: str) -> None:
        """Frames were lost: there is no book until the next snapshot."""
        self._books.pop(symbol, None)
        self._last_books.pop(symbol, None)
        self._books_dirty = True

    def disconnect(self) -> None:
        """The connection is gone. Books stay as last seen, for the link says how old they are; deltas of the next
        connection wait for its snapshots.
        """
        self._last_books.update(self.books())
        self._books.clear()
        self._ticker_fences.clear()
        self._books_dirty = True

    def trades(self, event: TradesArrived) -> None:
        if not self._wants(event.symbol):
            return
        tape = self._tapes.setdefault(event.symbol, deque(maxlen=TAPE))
        known = {trade.trade_id for trade in tape} if event.snapshot else frozenset()
        new = [trade for trade in event.trades if trade.trade_id not in known]
        tape.extend(new)
        self._tape_dirty.add(event.symbol)
        if (candles := self._candles.get(event.symbol)) is not None:
            for trade in new:
                candles.trade(trade)

    def history(self, symbol: str, candles: Iterable[Candle], answered_ms: int) -> None:
        """One-minute candles as REST said them at venue time ``answered_ms``."""
        if self._wants(symbol):
            holder = self._candles.setdefault(symbol, CandleHolder())
            holder.seed(candles, answered_ms, self._tapes.get(symbol, ()))

    def tickers(self) -> Mapping[str, Ticker]:
        if self._tickers_view is None:
            self._tickers_view = dict(self._tickers)
        return self._tickers_view

    def books(self) -> Mapping[str, Book]:
        """The same mapping, and the same books in it, until something changes."""
        if self._books_dirty:
            self._books_dirty = False
            views = {symbol: book for symbol, holder in self._books.items() if (book := holder.view()) is not None}
            self._books_view = {**self._last_books, **views}
            for symbol in views:
                self._last_books.pop(symbol, None)
        return self._books_view

    def tape(self) -> Mapping[str, tuple[PublicTrade, ...]]:
        """Newest last."""
        if self._tape_dirty:
            fresh = {symbol: tuple(self._tapes[symbol]) for symbol in self._tape_dirty & self._tapes.keys()}
            kept = {symbol: trades for symbol, trades in self._tape_view.items() if symbol in self._tapes}
            self._tape_view = {**kept, **fresh}
            self._tape_dirty.clear()
        return self._tape_view

    def candles(self) -> Mapping[str, tuple[Candle, ...]]:
        """One-minute candles, oldest first. The same mapping until something changes."""
        views = {symbol: holder.view() for symbol, holder in self._candles.items()}
        shown = self._candles_view
        if views.keys() != shown.keys() or any(views[symbol] is not shown[symbol] for symbol in views):
            self._candles_view = views
        return self._candles_view

    def watched(self) -> frozenset[str]:
        return self._watched or frozenset()

    def _wants(self, symbol: str) -> bool:
        return self._watched is None or symbol in self._watched
