"""One contract's market: its book, its prices and what it remembers. The underlying's index is shared.

Sources: mark = index x (1 + smoothed, capped premium of the impact mid over the index); funding from the
hour's average premium (the venue's price and funding pages). Invariant: mark, index and last are always
positive and change only here, so that margin and triggers look at one truth.
"""

import math
from collections import deque
from dataclasses import replace
from decimal import Decimal
from typing import Final

from tui.exchange import funding
from tui.exchange.book import Book
from tui.exchange.history import Bars, decimal
from tui.exchange.instruments import Instrument
from tui.exchange.views import BookView, FundingRow, PublicTrade, Ticker

DAY_MS: Final = 86_400_000
_KEPT_TRADES: Final = 300
_KEPT_MARKS: Final = 1_000
_KEPT_FUNDING: Final = 24 * 30
_PREMIUM_HALF_LIFE_S: Final = 30.0
_INDEX_EXTRA_DIGITS: Final = 1
_MARK_EXTRA_DIGITS: Final = 5


class Underlying:
    """A coin's index price and its minute bars."""

    def __init__(self, name: str, price: float, digits: int) -> None:
        self.name = name
        self.digits = digits
        self.bars = Bars()
        self.index = decimal(price, digits)

    def set_index(self, price: float, now_ms: int) -> None:
        self.take_index(decimal(price, self.digits), now_ms)

    def take_index(self, price: Decimal, now_ms: int) -> None:
        """Exactly ``price``."""
        self.index = price
        self.bars.add(now_ms, float(price))


def index_digits(instrument: Instrument) -> int:
    """Decimal places of an index whose main contract is ``instrument``."""
    exponent = instrument.tick.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return max(2, places + _INDEX_EXTRA_DIGITS)


class Market:
    """See the module. ``premium`` is the smoothed fraction of mark over index."""

    def __init__(self, instrument: Instrument, underlying: Underlying, *, last: float, trade_seq: int = 0) -> None:
        self.instrument = instrument
        self.underlying = underlying
        self.tick = float(instrument.tick)
        self.lot = float(instrument.lot)
        self.impact_lots = int(instrument.impact_mid_size / instrument.lot)
        self.book = Book()
        self.trade_bars = Bars()
        self.mark_bars = Bars()
        self.trades: deque[PublicTrade] = deque(maxlen=_KEPT_TRADES)
        self.marks: deque[tuple[int, Decimal]] = deque(maxlen=_KEPT_MARKS)
        self.trade_seq = trade_seq
        self.last = self.price(round(last / self.tick))
        self.last_size = instrument.lot
        self.last_ms = 0
        self.premium = 0.0
        self.mark = underlying.index
        self.open_interest = 0.0
        self.suspended = False
        self.post_only = False
        self.expired = False
        self.funding_rows: deque[FundingRow] = deque(maxlen=_KEPT_FUNDING)
        self.funding_next_ms = 0
        self._premium_sum = 0.0
        self._premium_ms = 0

    # --- units -------------------------------------------------------------------------------------------

    def price(self, tick: int) -> Decimal:
        """Whole ticks as USD."""
        return tick * self.instrument.tick

    def size(self, lots: int) -> Decimal:
        """Whole lots as contracts."""
        return lots * self.instrument.lot

    def signal(self, name: str) -> Decimal:
        """The price a trigger watches: ``mark``, ``index`` or ``last``."""
        if name == "mark":
            return self.mark
        return self.underlying.index if name == "index" else self.last

    # --- prices ------------------------------------------------------------------------------------------

    def days_to_maturity(self, now_ms: int) -> float | None:
        last = self.instrument.last_trading_ms
        return None if last is None else max(0.0, (last - now_ms) / DAY_MS)

    def impact_mid(self) -> float | None:
        """USD middle of the average prices of buying and selling the impact size."""
        bid = self.book.average_tick("sell", self.impact_lots)
        ask = self.book.average_tick("buy", self.impact_lots)
        return None if bid is None or ask is None else (bid + ask) / 2 * self.tick

    def update_mark(self, now_ms: int, elapsed_s: float) -> None:
        """Smooth the premium towards the present impact mid and set the mark from the index."""
        index = float(self.underlying.index)
        middle = self.impact_mid()
        if middle is not None:
            cap = funding.premium_cap(self.days_to_maturity(now_ms))
            seen = max(-cap, min(cap, middle / index - 1))
            weight = 1 - 0.5 ** (elapsed_s / _PREMIUM_HALF_LIFE_S)
            self.premium += (seen - self.premium) * weight
            self._premium_sum += seen * elapsed_s
            self._premium_ms += int(elapsed_s * 1000)
        self.set_mark(now_ms)

    def set_mark(self, now_ms: int) -> None:
        mark = float(self.underlying.index) * (1 + self.premium)
        self.take_mark(decimal(mark, self.underlying.digits + _MARK_EXTRA_DIGITS), now_ms)

    def take_mark(self, mark: Decimal, now_ms: int) -> None:
        """Exactly ``mark``."""
        self.mark = mark
        if self.marks and self.marks[-1][0] == now_ms:
            self.marks.pop()
        self.marks.append((now_ms, mark))
        self.mark_bars.add(now_ms, float(mark))

    # --- funding -----------------------------------------------------------------------------------------

    def predicted_rate(self) -> Decimal:
        """Relative rate of the next hour, from what this hour has shown so far."""
        average = self._premium_sum * 1000 / self._premium_ms if self._premium_ms else self.premium
        return funding.relative_rate(average, self.instrument.funding_coefficient, self.instrument.max_relative_funding)

    def set_funding(self, relative: Decimal, hour_ms: int) -> FundingRow:
        """Begin the hour at ``hour_ms`` under ``relative``."""
        absolute = funding.absolute_rate(relative, self.underlying.index, inverse=self.instrument.inverse)
        row = FundingRow(hour_ms, decimal(float(absolute), 18), relative)
        self.funding_rows.append(row)
        self.funding_next_ms = hour_ms + funding.HOUR_MS
        self._premium_sum, self._premium_ms = 0.0, 0
        return row

    @property
    def funding_rate(self) -> Decimal:
        """Absolute rate running now; 0 for dated contracts."""
        return self.funding_rows[-1].absolute if self.funding_rows else Decimal(0)

    # --- trades ------------------------------------------------------------------------------------------

    def print_trade(self, trade: PublicTrade) -> None:
        """Remember a public trade as the last."""
        self.recall_trade(trade)
        self.trade_bars.add(trade.time_ms, float(trade.price), float(trade.size))

    def recall_trade(self, trade: PublicTrade) -> None:
        """Remember a trade of before the market opened; the candles of that time are known already."""
        self.trades.append(trade)
        self.trade_seq = trade.seq
        self.last, self.last_size, self.last_ms = trade.price, trade.size, trade.time_ms

    # --- views -------------------------------------------------------------------------------------------

    def book_view(self, now_ms: int) -> BookView:
        sides = []
        for side in (self.book.bids, self.book.asks):
            rows = ((self.price(tick), self.size(side.levels[tick].total)) for tick in side.ticks())
            sides.append(tuple(rows))
        return BookView(self.instrument.symbol, sides[0], sides[1], self.book.seq, now_ms)

    def ticker(self, now_ms: int) -> Ticker:
        day = self.trade_bars.day(now_ms)
        digits = self.underlying.digits
        size_digits = max(0, self.instrument.size_precision)
        volume = decimal(day.volume, size_digits)
        last = float(self.last)
        ticker = Ticker(
            symbol=self.instrument.symbol,
            time_ms=now_ms,
            bid=None,
            bid_size=None,
            ask=None,
            ask_size=None,
            last=self.last,
            last_size=self.last_size,
            last_time_ms=self.last_ms,
            mark=self.mark,
            index=self.underlying.index,
            premium=decimal((float(self.mark / self.underlying.index) - 1) * 100, 1),
            volume=volume,
            volume_quote=volume if self.instrument.inverse else decimal(day.turnover, 4),
            open_24h=decimal(day.open, digits),
            high_24h=decimal(day.high, digits),
            low_24h=decimal(day.low, digits),
            vwap_24h=decimal(day.turnover / day.volume, digits) if day.volume else self.last,
            change_24h=decimal((last / day.open - 1) * 100, 2),
            open_interest=decimal(self.open_interest, size_digits),
            funding_rate=None,
            funding_rate_prediction=None,
            relative_funding_rate=None,
            relative_funding_rate_prediction=None,
            next_funding_ms=None,
            leverage=f"{math.floor(self.instrument.max_leverage)}x",
            suspended=self.suspended or self.expired,
            post_only=self.post_only,
        )
        return self._with_funding(self._with_quotes(ticker))

    def _with_quotes(self, ticker: Ticker) -> Ticker:
        bid, ask = self.book.bids.best, self.book.asks.best
        if bid is not None:
            ticker = replace(ticker, bid=self.price(bid), bid_size=self.size(self.book.bids.total(bid)))
        if ask is not None:
            ticker = replace(ticker, ask=self.price(ask), ask_size=self.size(self.book.asks.total(ask)))
        return ticker

    def _with_funding(self, ticker: Ticker) -> Ticker:
        if not self.funding_rows:
            return ticker
        relative = self.predicted_rate()
        predicted = funding.absolute_rate(relative, self.underlying.index, inverse=self.instrument.inverse)
        return replace(
            ticker,
            funding_rate=self.funding_rows[-1].absolute,
            funding_rate_prediction=decimal(float(predicted), 18),
            relative_funding_rate=self.funding_rows[-1].relative,
            relative_funding_rate_prediction=relative,
            next_funding_ms=self.funding_next_ms,
        )
