"""The market of the scenes: contracts, tickers, books, tape and candles, all fixed."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal

from tui.model.book import Book, Level
from tui.model.enums import ContractKind, Side
from tui.model.instrument import Instrument, MarginTier
from tui.model.market import Candle, PublicTrade
from tui.model.ticker import Ticker

NOW_MS = int(datetime(2026, 10, 14, 14, 58, 2, 412_000, UTC).timestamp() * 1000)
FOCUS = "PF_XBTUSD"
_HOUR_END_MS = NOW_MS - NOW_MS % 3_600_000 + 3_600_000

_TIERS = (
    MarginTier(Decimal(0), Decimal("0.01"), Decimal("0.005")),
    MarginTier(Decimal(1_000_000), Decimal("0.02"), Decimal("0.01")),
    MarginTier(Decimal(3_000_000), Decimal("0.04"), Decimal("0.02")),
)

# symbol, base, tick, lot, last, change in percent, funding in percent per hour, volume in USD, open interest
_MARKETS = (
    ("PF_XBTUSD", "BTC", "1", "0.0001", "87959", "1.34", "0.0011", "1841220000", "2914.5"),
    ("PF_ETHUSD", "ETH", "0.1", "0.001", "2920.5", "-0.62", "0.0010", "912480000", "41280.2"),
    ("PF_SOLUSD", "SOL", "0.01", "0.01", "138.09", "2.91", "-0.0004", "214770000", "318004.7"),
    ("PF_XRPUSD", "XRP", "0.0001", "1", "2.2373", "0.18", "0.0009", "98112000", "18211004"),
    ("PF_DOGEUSD", "DOGE", "0.00001", "1", "0.15092", "-1.77", "0.0013", "41220000", "91200455"),
    ("PF_ADAUSD", "ADA", "0.0001", "1", "0.4216", "0.44", "0.0008", "18844000", "22810077"),
    ("PF_LINKUSD", "LINK", "0.001", "0.1", "12.953", "-0.09", "0.0006", "12208000", "488210.4"),
    ("PF_BCHUSD", "BCH", "0.1", "0.001", "533.3", "0.00", "0.0005", "8844000", "9120.55"),
    ("PF_ZECUSD", "ZEC", "0.01", "0.01", "521.48", "4.82", "-0.0021", "22018000", "20114.7"),
)
_INVERSE = (
    ("PI_XBTUSD", "XBT", "0.5", "87950.0", "1.31", "0.0010", "120400000", "38112004"),
    ("PI_ETHUSD", "ETH", "0.05", "2920.15", "-0.60", "0.0012", "31180000", "11204771"),
    ("FI_XBTUSD_261225", "XBT", "0.5", "88912.5", "1.22", None, "9120400", "4811200"),
)


def _linear(symbol: str, base: str, tick: str, lot: str) -> Instrument:
    return Instrument(
        symbol=symbol,
        kind=ContractKind.LINEAR,
        base=base,
        quote="USD",
        tick_size=Decimal(tick),
        lot_step=Decimal(lot),
        tiers=_TIERS,
        max_position=Decimal(1200),
    )


def _inverse(symbol: str, base: str, tick: str) -> Instrument:
    return Instrument(
        symbol=symbol,
        kind=ContractKind.INVERSE,
        base=base,
        quote="USD",
        tick_size=Decimal(tick),
        lot_step=Decimal(1),
        tiers=(MarginTier(Decimal(0), Decimal("0.02"), Decimal("0.01")),),
        expiry_ms=None if symbol.startswith("PI_") else NOW_MS + 72 * 86_400_000,
    )


def _ticker(  # noqa: PLR0917 - one row of the table above
    symbol: str, tick: Decimal, last: Decimal, change: str, funding: str | None, volume: str, interest: str
) -> Ticker:
    rate = None if funding is None else Decimal(funding) / 100
    return Ticker(
        symbol=symbol,
        time_ms=NOW_MS - 14,
        bid=last,
        bid_size=Decimal("1.92"),
        ask=last + tick,
        ask_size=Decimal("0.31"),
        last=last,
        mark=last + tick * Decimal("2.2"),
        index=last - tick * Decimal("3.2"),
        change_24h=Decimal(change),
        volume_24h=Decimal(volume) / last,
        volume_quote=Decimal(volume),
        open_interest=Decimal(interest),
        funding_rate=None if rate is None else (rate * last if symbol.startswith("PF_") else rate / last),
        relative_funding_rate=rate,
        next_funding_ms=None if rate is None else _HOUR_END_MS,
    )


INSTRUMENTS = {row[0]: _linear(*row[:4]) for row in _MARKETS} | {row[0]: _inverse(*row[:3]) for row in _INVERSE}
TICKERS = {
    symbol: _ticker(symbol, Decimal(tick), Decimal(last), change, funding, volume, interest)
    for symbol, _, tick, _, last, change, funding, volume, interest in _MARKETS
} | {
    symbol: _ticker(symbol, Decimal(tick), Decimal(last), change, funding, volume, interest)
    for symbol, _, tick, last, change, funding, volume, interest in _INVERSE
}


def _book(symbol: str, lot: str, seed: int, scale: float) -> Book:
    """Forty levels a side, a few ticks missing further out, sizes that grow away from the touch."""
    dice = random.Random(seed)
    step, best = INSTRUMENTS[symbol].tick_size, TICKERS[symbol].last or Decimal(0)

    def side(start: Decimal, sign: int) -> tuple[Level, ...]:
        levels = []
        for away in range(40):
            if away > 2 and dice.random() < 0.12:
                continue
            size = Decimal(str(round(scale * dice.uniform(0.05, 0.8) * (1 + away / 8), 6))).quantize(Decimal(lot))
            levels.append(Level(start + sign * away * step, max(size, Decimal(lot))))
        return tuple(levels)

    return Book(symbol, bids=side(best, -1), asks=side(best + step, 1), seq=88_412, time_ms=NOW_MS - 14)


BOOKS = {
    "PF_XBTUSD": _book("PF_XBTUSD", "0.0001", 3, 2.2),
    "PF_ETHUSD": _book("PF_ETHUSD", "0.001", 5, 40.0),
}


def _tape(symbol: str, seed: int) -> tuple[PublicTrade, ...]:
    dice = random.Random(seed)
    step, price = INSTRUMENTS[symbol].tick_size, TICKERS[symbol].last or Decimal(0)
    at, trades = NOW_MS - 380, []
    for number in range(60):
        side = Side.BUY if dice.random() < 0.55 else Side.SELL
        size = Decimal(str(round(dice.expovariate(4.0), 3))) + Decimal("0.001")
        trades.append(PublicTrade(symbol, f"t{number}", side, price, size, at, "fill"))
        at -= dice.randint(90, 1900)
        price += step * dice.choice((-1, -1, 0, 0, 0, 1, 1))
    return tuple(reversed(trades))


TAPE = {FOCUS: _tape(FOCUS, 11)}


def _candles(symbol: str, seed: int) -> tuple[Candle, ...]:
    """Two hours of minutes that end at the last price."""
    dice = random.Random(seed)
    close = int(TICKERS[symbol].last or 0)
    start = NOW_MS - NOW_MS % 60_000
    candles = []
    for minute in range(180):
        opened = close + dice.randint(-26, 23)
        high, low = max(opened, close) + dice.randint(0, 14), min(opened, close) - dice.randint(0, 14)
        volume = Decimal(dice.randint(1, 400)) / 10
        at = start - minute * 60_000
        candles.append(Candle(at, Decimal(opened), Decimal(high), Decimal(low), Decimal(close), volume))
        close = opened
    return tuple(reversed(candles))


CANDLES = {FOCUS: _candles(FOCUS, 17)}
