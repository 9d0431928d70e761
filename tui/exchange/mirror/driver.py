"""The driver of mirrored markets: news of the upstream in, books, prices and fills of paper orders out.

A paper order is filled only by what the upstream shows or trades now: while a book is in doubt or the link is lost its
market is suspended and nothing there is filled. After the link is back, the first whole book may stand beyond a paper
order; then the price has passed it, and it is filled at its own price, as far as the new depth goes. Trades told of the
time in between are shown on the tape and fill nothing.
Invariant: what the upstream repeats or sends late is harmless, and an unknown symbol is ignored.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tui.exchange.collateral import COINS
from tui.exchange.driver import Levels, NotMovable
from tui.exchange.events import TickerChanged
from tui.exchange.execution import settle_hits
from tui.exchange.floor import Floor
from tui.exchange.instruments import Instrument
from tui.exchange.market import Market, Underlying, index_digits
from tui.exchange.matching import Hit
from tui.exchange.mirror import quote
from tui.exchange.mirror.contracts import Upstream, UpstreamError
from tui.exchange.mirror.market import MirroredMarket
from tui.exchange.mirror.news import BookInDoubt, LinkLost, LinkOpened, News, PastCandles, PastFunding
from tui.exchange.orders import BUY, SELL
from tui.exchange.views import PublicTrade
from tui.wire.derivatives.frames import (
    BookFrame,
    BookLevel,
    BookSnapshotFrame,
    TickerFrame,
    Trade,
    TradeFrame,
    TradeSnapshotFrame,
)

_BOOK_TRADES: Final = frozenset({"fill", "liquidation", "partial liquidation"})
"""Types of trades that went through the book; blocks, assignments and terminations did not."""
_SIDES: Final = frozenset({BUY, SELL})


class Mirror:
    """See the module."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._priced = upstream.priced
        self._markets: dict[str, MirroredMarket] = {}

    # --- the driver's part ---------------------------------------------------------------------------------

    def contracts(self, _now_ms: int) -> Sequence[Instrument]:
        return [one.instrument for one in self._upstream.contracts]

    def enlist(
        self, floor: Floor, contracts: Iterable[Instrument], _levels: Levels, trade_seqs: Mapping[str, int]
    ) -> None:
        """Markets that wait for their books; the prices are the upstream's own."""
        for coin, leader in self._upstream.leaders.items():
            index = leader.quote.index
            assert index is not None  # noqa: S101 - only priced contracts are listed
            underlying = floor.underlyings[coin] = Underlying(coin, float(index), index_digits(leader.instrument))
            underlying.take_index(index, floor.now_ms)
        quotes = {one.instrument.symbol: one.quote for one in self._upstream.contracts}
        for instrument in contracts:
            symbol = instrument.symbol
            market = self._market(floor, instrument, quotes.get(symbol))
            market.trade_seq = trade_seqs.get(symbol, 0)
            market.book.seq = floor.rng.randrange(1_000_000, 90_000_000)
            floor.markets[symbol] = self._markets[symbol] = market

    def open(self, floor: Floor) -> None:
        """Their past and their depth come as news. Raises ``UpstreamError`` if an account holds what has no price."""
        for seat in floor.seats.values():
            for coin in COINS & {*seat.account.flex, *seat.account.holding}:
                if coin not in floor.underlyings:
                    raise UpstreamError(f"account {seat.name} holds {coin}, of which the upstream has no price")

    def _market(self, floor: Floor, instrument: Instrument, last: quote.Quote | None) -> MirroredMarket:
        """``last`` None: an account still holds the contract, but the upstream lists it no longer."""
        leader = self._upstream.leaders[instrument.underlying]
        leads = leader.instrument.symbol == instrument.symbol
        market = MirroredMarket(instrument, floor.underlyings[instrument.underlying], last or leader.quote, leads=leads)
        market.trade_bars.add(floor.now_ms, float(market.last))
        market.requote(last or leader.quote, floor.now_ms)
        market.doubt(quote=True)
        return market

    def tick(self, floor: Floor, _elapsed_ms: int, news: Iterable[News]) -> None:
        """Nothing moves but by ``news``; without any, prices get old."""
        for one in news:
            self._hear(floor, one)
        for symbol, market in self._markets.items():
            was = market.suspended
            market.age(floor.now_ms)
            if market.suspended != was:
                floor.emit(TickerChanged(symbol))

    def jump(self, _floor: Floor, underlying: str, _price: float) -> None:
        raise NotMovable(f"the price of {underlying} is the upstream's")

    def felt(self, market: Market, side: str, hits: Sequence[Hit]) -> None:
        self._markets[market.instrument.symbol].shown.took(side, hits)

    @property
    def levels(self) -> Levels:
        """The upstream's, not ours to keep."""
        return Levels()

    # --- news ----------------------------------------------------------------------------------------------

    def _hear(self, floor: Floor, news: News) -> None:
        if isinstance(news, LinkLost | LinkOpened):
            for one in self._markets.values():
                self._doubt(floor, one)
            return
        symbol = news.product_id
        market = self._markets.get(symbol)
        if market is not None:
            was = market.suspended
            self._tell(floor, market, news)
            if market.suspended != was or isinstance(news, TickerFrame):
                floor.emit(TickerChanged(symbol))
        elif isinstance(news, TickerFrame) and symbol in self._priced:
            index = quote.of_frame(news).index
            if index is not None:
                floor.underlyings[self._priced[symbol]].take_index(index, floor.now_ms)

    def _tell(self, floor: Floor, market: MirroredMarket, news: News) -> None:
        match news:
            case BookFrame():
                _level(floor, market, news)
            case TradeFrame():
                _trade(floor, market, news)
            case TickerFrame():
                market.requote(quote.of_frame(news), floor.now_ms)
                floor.marked[market.instrument.symbol] = None
            case BookSnapshotFrame():
                _book(floor, market, news)
            case TradeSnapshotFrame():
                _tape(floor, market, news)
            case PastCandles():
                market.recall_candles(news)
            case PastFunding():
                market.recall_funding(news)
            case BookInDoubt():
                market.doubt()

    @staticmethod
    def _doubt(floor: Floor, market: MirroredMarket) -> None:
        was = market.suspended
        market.doubt(quote=True)
        if not was:
            floor.emit(TickerChanged(market.instrument.symbol))


# --- books and trades --------------------------------------------------------------------------------------


def _book(floor: Floor, market: MirroredMarket, frame: BookSnapshotFrame) -> None:
    hits = market.shown.replace(_rows(market, frame.bids), _rows(market, frame.asks), floor.now_ms)
    market.rebook()
    for side, met in hits.items():
        settle_hits(floor, market, side, met)


def _rows(market: MirroredMarket, levels: Iterable[BookLevel]) -> dict[int, int]:
    """Levels of size zero may come (seen live) and are none."""
    rows = {market.ticks(level.price): market.lots(level.qty) for level in levels if _is_level(level)}
    return {tick: lots for tick, lots in rows.items() if lots}


def _level(floor: Floor, market: MirroredMarket, frame: BookFrame) -> None:
    if frame.side in _SIDES and _is_level(frame):
        tick, lots = market.ticks(frame.price), market.lots(frame.qty)
        settle_hits(floor, market, frame.side, market.shown.show(frame.side, tick, lots, floor.now_ms))


def _trade(floor: Floor, market: MirroredMarket, frame: TradeFrame) -> None:
    """A trade that was told before is not told again: it has filled what it could."""
    if frame.seq <= market.seen_trade or not _is_trade(frame):
        return
    market.seen_trade = frame.seq
    floor.print_trade(market, frame.side, frame.price, frame.qty, uid=frame.uid, kind=frame.type)
    if frame.type in _BOOK_TRADES and not market.suspended:
        lots = market.lots(frame.qty)
        hits = market.shown.printed(frame.side, market.ticks(frame.price), lots, floor.now_ms)
        settle_hits(floor, market, frame.side, hits, printed=True)


def _tape(floor: Floor, market: MirroredMarket, frame: TradeSnapshotFrame) -> None:
    """The first snapshot is the past; of a later one, what was missed. An upstream that counts anew begins anew."""
    first = market.seen_trade < 0
    newest = max((row.seq for row in frame.trades), default=market.seen_trade)
    market.seen_trade = min(market.seen_trade, newest)
    for row in sorted(frame.trades, key=lambda row: row.seq):
        if row.seq <= market.seen_trade or not _is_trade(row):
            continue
        market.seen_trade = row.seq
        if first:
            symbol, seq = market.instrument.symbol, market.trade_seq + 1
            at_ms = min(row.time, floor.now_ms)
            market.recall_trade(PublicTrade(row.uid, symbol, row.side, row.price, row.qty, at_ms, seq, row.type))
        else:
            floor.print_trade(market, row.side, row.price, row.qty, uid=row.uid, kind=row.type)


def _is_level(level: BookLevel | BookFrame) -> bool:
    return level.price.is_finite() and level.price > 0 and level.qty.is_finite() and level.qty >= 0


def _is_trade(trade: Trade | TradeFrame) -> bool:
    finite = trade.price.is_finite() and trade.qty.is_finite()
    return finite and trade.price > 0 and trade.qty > 0 and trade.side in _SIDES
