"""One mirrored contract: the upstream's prices and funding, and a book that paper orders share with its depth.

It trades only while both its book and its quote have come over the present connection, the quote within half a minute;
until then, or when the upstream or the operator says so, it is suspended.
Invariant: mark, index and funding are the upstream's words, never made here.
"""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from tui.exchange import funding
from tui.exchange.instruments import Instrument
from tui.exchange.market import Market, Underlying
from tui.exchange.mirror.news import PastCandles, PastFunding
from tui.exchange.mirror.quote import Quote
from tui.exchange.mirror.shown import ShownBook
from tui.exchange.views import FundingRow, Ticker

STALE_MS: Final = 30_000
"""Tickers are throttled to one a second (docs); whether they also come while nothing moves is not documented."""


class MirroredMarket(Market):
    """``leads``: its index is the underlying's; contracts of one coin may disagree on the wire."""

    def __init__(self, instrument: Instrument, underlying: Underlying, quote: Quote, *, leads: bool) -> None:
        self._held = False
        self._closed = False
        self._has_book = self._has_quote = False
        price = quote.last or quote.mark or underlying.index
        super().__init__(instrument, underlying, last=float(price))
        self.shown = ShownBook(self.book)
        self.leads = leads
        self.seen_trade = -1
        self._quote = quote
        self._quoted_ms = 0

    # --- whether it trades ---------------------------------------------------------------------------------

    @property
    def suspended(self) -> bool:
        return self._held or self._closed or not (self._has_book and self._has_quote)

    @suspended.setter
    def suspended(self, held: bool) -> None:
        """The operator's word; the upstream's own stays beside it."""
        self._held = held

    def doubt(self, *, quote: bool = False) -> None:
        """The book (and with ``quote`` the prices too) may be old."""
        self._has_book = False
        self._has_quote = self._has_quote and not quote

    def age(self, now_ms: int) -> None:
        """Time has passed."""
        self._has_quote = self._has_quote and now_ms - self._quoted_ms <= STALE_MS

    # --- what the upstream says ----------------------------------------------------------------------------

    def ticks(self, price: Decimal) -> int:
        """The nearest tick; prices off the grid would be no prices of this contract."""
        return round(price / self.instrument.tick)

    def lots(self, size: Decimal) -> int:
        return int(size / self.instrument.lot)

    def rebook(self) -> None:
        """Its whole book has come."""
        self._has_book = True

    def requote(self, quote: Quote, now_ms: int) -> None:
        """New prices. What the upstream left out keeps its last value."""
        self._quote, self._quoted_ms = quote, now_ms
        self._has_quote, self._closed, self.post_only = True, quote.suspended, quote.post_only
        if self.leads and quote.index is not None:
            self.underlying.take_index(quote.index, now_ms)
        if quote.mark is not None:
            self.take_mark(quote.mark, now_ms)
        if quote.open_interest is not None:
            self.open_interest = float(quote.open_interest)
        if self.instrument.perpetual:
            self._fund(quote, now_ms)

    def _fund(self, quote: Quote, now_ms: int) -> None:
        """The rate that rules now is the one the upstream shows now."""
        hour = now_ms // funding.HOUR_MS * funding.HOUR_MS
        row = FundingRow(hour, quote.funding, quote.relative_funding)
        if self.funding_rows and self.funding_rows[-1].time_ms >= hour:
            self.funding_rows[-1] = row
        else:
            self.funding_rows.append(row)
        self.funding_next_ms = quote.next_funding_ms or hour + funding.HOUR_MS

    def predicted_rate(self) -> Decimal:
        return self._quote.relative_funding_prediction

    # --- what the upstream remembers -----------------------------------------------------------------------

    def recall_candles(self, past: PastCandles) -> None:
        bars = {"trade": self.trade_bars, "mark": self.mark_bars, "spot": self.underlying.bars}[past.kind]
        bars.recall(past.rows)

    def recall_funding(self, past: PastFunding) -> None:
        room = (self.funding_rows.maxlen or 0) - len(self.funding_rows)
        if self.instrument.perpetual and room:
            first = self.funding_rows[0].time_ms if self.funding_rows else None
            older = [row for row in past.rows if first is None or row.time_ms < first]
            self.funding_rows.extendleft(reversed(older[-room:]))

    # --- views ---------------------------------------------------------------------------------------------

    def ticker(self, now_ms: int) -> Ticker:
        """Quotes, last price and mode are those of this exchange; day figures are the upstream's where it gave them."""
        row, quote = super().ticker(now_ms), self._quote
        return replace(
            row,
            volume=row.volume if quote.volume is None else quote.volume,
            volume_quote=row.volume_quote if quote.volume_quote is None else quote.volume_quote,
            open_24h=quote.open or row.open_24h,
            high_24h=quote.high or row.high_24h,
            low_24h=quote.low or row.low_24h,
            change_24h=row.change_24h if quote.change is None else quote.change,
            funding_rate_prediction=quote.funding_prediction if self.instrument.perpetual else None,
        )
