"""The public feeds: books, trades, tickers, candles and the heartbeat, as frames for those who listen.

Invariant: the frames of one feed leave in the order of the engine's events.
"""

from typing import Final

from tui.exchange import render_frames, render_legacy
from tui.exchange.board import Board, text
from tui.exchange.events import BookChanged, TickerChanged, TradePrinted
from tui.exchange.exchange import Engine
from tui.exchange.render_legacy import CANDLE_MINUTES
from tui.exchange.render_orders import Json
from tui.wire.derivatives.feeds import Feed

HEARTBEAT_MS: Final = 1_000
CANDLE_PERIOD_MS: Final = 1_000
SNAPSHOT_ROWS: Final = 100


class MarketFeeds:
    """See the module."""

    def __init__(self, engine: Engine, board: Board) -> None:
        self._engine = engine
        self._board = board
        self._heartbeat_ms = 0
        self._candles_sent_ms = 0
        self._traded: set[str] = set()
        self._books: dict[str, tuple[int, str]] = {}

    def snapshot(self, feed: str, symbol: str) -> str | None:
        """What a new subscriber gets first, as text."""
        if feed == Feed.BOOK:
            return self._book(symbol)
        frame = self._snapshot(feed, symbol)
        return None if frame is None else text(frame)

    def _book(self, symbol: str) -> str:
        """Written once for all who ask before it changes: a book is long, and asking for it costs nothing."""
        seq = self._engine.book_seq(symbol)
        known = self._books.get(symbol)
        if known is None or known[0] != seq:
            known = self._books[symbol] = (seq, text(render_frames.book_snapshot(self._engine.book(symbol))))
        return known[1]

    def _snapshot(self, feed: str, symbol: str) -> Json | None:
        match feed:
            case Feed.TICKER | Feed.TICKER_LITE:
                return self._ticker(feed, symbol)
            case Feed.TRADE:
                return render_frames.trade_snapshot(symbol, self._engine.trades(symbol, limit=SNAPSHOT_ROWS))
            case _:
                return self._candle(feed, symbol, f"{feed}_snapshot")

    def publish(self, event: BookChanged | TradePrinted | TickerChanged) -> None:
        match event:
            case BookChanged(symbol):
                self._board.send((Feed.BOOK, symbol), render_frames.book_delta, event)
            case TradePrinted(trade):
                self._traded.add(trade.symbol)
                self._board.send((Feed.TRADE, trade.symbol), render_frames.trade, trade)
            case TickerChanged(symbol):
                for feed in (Feed.TICKER, Feed.TICKER_LITE):
                    self._board.send((feed, symbol), self._ticker, feed, symbol)

    def tick(self, now_ms: int) -> None:
        """Cheap when nobody listens."""
        if now_ms - self._heartbeat_ms >= HEARTBEAT_MS:
            self._heartbeat_ms = now_ms
            self._board.send((Feed.HEARTBEAT, None), render_frames.heartbeat, now_ms)
        if now_ms - self._candles_sent_ms >= CANDLE_PERIOD_MS:
            self._candles_sent_ms = now_ms
            self._send_candles()

    def _ticker(self, feed: str, symbol: str) -> Json:
        render = render_frames.ticker if feed == Feed.TICKER else render_frames.ticker_lite
        return render(self._engine.ticker(symbol), self._engine.instrument(symbol))

    def _send_candles(self) -> None:
        """The running candle of every market that has traded since the last time."""
        traded, self._traded = self._traded, set()
        for feed, symbol in self._board.topics_of(CANDLE_MINUTES):
            frame = self._candle(feed, symbol, feed) if symbol in traded else None
            if frame is not None:
                self._board.send((feed, symbol), dict, frame)

    def _candle(self, feed: str, symbol: str, name: str) -> Json | None:
        """None while nothing has traded."""
        rows = self._engine.candles("trade", symbol, CANDLE_MINUTES[feed])
        return render_legacy.running_candle(name, symbol, rows[-1]) if rows else None
