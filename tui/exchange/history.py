"""What a market remembers: minute candles of trade, mark and index, public trades, 24-hour figures.

Bounded: two days of minutes, the newest few hundred trades, a month of funding rows. Wider candles are added
up from minutes on request. Prices are floats here because a chart is not money; queries hand out decimals.
Invariant: candles ascend by minute and never overlap.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tui.exchange.views import Candle

MINUTE_MS = 60_000
DAY_MS = 86_400_000
_KEPT_MINUTES = 2 * 24 * 60


class Bar:
    """One minute: open, high, low, close, volume and turnover (price x volume)."""

    __slots__ = ("close", "high", "low", "open", "time_ms", "turnover", "volume")

    def __init__(self, time_ms: int, price: float) -> None:
        self.time_ms = time_ms
        self.open = self.high = self.low = self.close = price
        self.volume = 0.0
        self.turnover = 0.0

    def add(self, price: float, volume: float) -> None:
        self.close = price
        if price > self.high:
            self.high = price
        elif price < self.low:
            self.low = price
        self.volume += volume
        self.turnover += price * volume


@dataclass(frozen=True, slots=True)
class DayStats:
    """The last 24 hours."""

    open: float
    high: float
    low: float
    volume: float
    turnover: float


class Bars:
    """Minute bars of one price series."""

    def __init__(self) -> None:
        self._bars: deque[Bar] = deque(maxlen=_KEPT_MINUTES)
        self._settled: tuple[int, DayStats] | None = None

    def add(self, now_ms: int, price: float, volume: float = 0.0) -> None:
        minute = now_ms - now_ms % MINUTE_MS
        if not self._bars or self._bars[-1].time_ms < minute:
            self._bars.append(Bar(minute, price))
        self._bars[-1].add(price, volume)

    def recall(self, past: Iterable[Candle]) -> None:
        """Put minutes before the oldest one known; those that overlap are left out."""
        first = self._bars[0].time_ms if self._bars else None
        older = [_bar(row) for row in past if first is None or row.time_ms < first]
        room = _KEPT_MINUTES - len(self._bars)
        self._bars.extendleft(reversed(sorted(older, key=lambda bar: bar.time_ms)[max(0, len(older) - room) :]))
        self._settled = None

    def day(self, now_ms: int) -> DayStats:
        """Figures over the last 24 hours; the finished minutes are summed once a minute."""
        current = self._bars[-1]
        if self._settled is None or self._settled[0] != current.time_ms:
            self._settled = (current.time_ms, self._sum_finished(now_ms - DAY_MS, current))
        past = self._settled[1]
        return DayStats(
            open=past.open,
            high=max(past.high, current.high),
            low=min(past.low, current.low),
            volume=past.volume + current.volume,
            turnover=past.turnover + current.turnover,
        )

    def _sum_finished(self, since_ms: int, current: Bar) -> DayStats:
        bars = [bar for bar in self._bars if bar.time_ms >= since_ms and bar is not current]
        if not bars:
            return DayStats(current.open, current.open, current.open, 0.0, 0.0)
        return DayStats(
            open=bars[0].open,
            high=max(bar.high for bar in bars),
            low=min(bar.low for bar in bars),
            volume=sum(bar.volume for bar in bars),
            turnover=sum(bar.turnover for bar in bars),
        )

    def candles(self, minutes: int, since_ms: int | None, until_ms: int | None, digits: int) -> tuple[Candle, ...]:
        """Candles ``minutes`` wide whose open lies in ``[since_ms, until_ms]``, oldest first."""
        width = minutes * MINUTE_MS
        groups: dict[int, list[Bar]] = {}
        for bar in self._bars:
            start = bar.time_ms - bar.time_ms % width
            if (since_ms is None or start >= since_ms) and (until_ms is None or start <= until_ms):
                groups.setdefault(start, []).append(bar)
        return tuple(_candle(start, bars, digits) for start, bars in groups.items())


def _bar(row: Candle) -> Bar:
    bar = Bar(row.time_ms - row.time_ms % MINUTE_MS, float(row.open))
    bar.high, bar.low, bar.close = float(row.high), float(row.low), float(row.close)
    bar.volume = float(row.volume)
    bar.turnover = bar.volume * (bar.high + bar.low + bar.close) / 3
    return bar


def _candle(start: int, bars: list[Bar], digits: int) -> Candle:
    return Candle(
        time_ms=start,
        open=decimal(bars[0].open, digits),
        high=decimal(max(bar.high for bar in bars), digits),
        low=decimal(min(bar.low for bar in bars), digits),
        close=decimal(bars[-1].close, digits),
        volume=decimal(sum(bar.volume for bar in bars), 8),
    )


def decimal(value: float, digits: int) -> Decimal:
    """A float as a decimal of at most ``digits`` places."""
    return Decimal(repr(round(value, digits)))
