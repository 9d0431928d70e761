"""The upstream's REST answers that tell of the past: candles and funding rates.

Which question an answer belongs to is known from its path, so that a shell and a recording are read alike. Source:
Kraken docs, charts v1 and historical funding rates, with live captures of 2026. Invariant: what cannot be read is no
news; nothing raises.
"""

import re
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qs, quote

from tui.exchange.mirror.news import PastCandles, PastFunding
from tui.exchange.views import Candle, FundingRow
from tui.wire.derivatives import market as wire
from tui.wire.derivatives.codec import MalformedError, decode
from tui.wire.derivatives.routes import CHARTS_BASE, FUNDING_RATES, FUNDING_RATES_V3
from tui.wire.derivatives.times import to_ms

KINDS: Final = ("trade", "mark", "spot")
_CHART: Final = re.compile(re.escape(CHARTS_BASE) + r"/(?P<kind>trade|mark|spot)/(?P<symbol>[^/]+)/1m", re.IGNORECASE)


def minutes_path(kind: str, symbol: str) -> str:
    return f"{CHARTS_BASE}/{kind}/{quote(symbol, safe='')}/1m"


def past_of(path: str, query: str, body: bytes | str) -> PastCandles | PastFunding | None:
    """What an answer tells of the past; None if it is no such answer."""
    chart = _CHART.fullmatch(path)
    try:
        if chart is not None:
            rows = tuple(_candle(row) for row in decode(wire.Candles, body).candles if _is_whole(row))
            return PastCandles(chart["symbol"], chart["kind"].lower(), rows)
        if path in {FUNDING_RATES.path, FUNDING_RATES_V3.path}:
            rates = decode(wire.FundingRates, body).rates
            symbol = parse_qs(query).get("symbol", [""])[0]
            return PastFunding(symbol, tuple(sorted((_funding(row) for row in rates), key=lambda row: row.time_ms)))
    except (MalformedError, ArithmeticError, ValueError):
        return None
    return None


def _is_whole(row: wire.Candle) -> bool:
    prices = (row.open, row.high, row.low, row.close)
    return all(price.is_finite() and price > 0 for price in prices) and row.volume.is_finite()


def _candle(row: wire.Candle) -> Candle:
    return Candle(row.time, row.open, row.high, row.low, row.close, row.volume)


def _funding(row: wire.FundingRate) -> FundingRow:
    return FundingRow(to_ms(row.timestamp), row.funding_rate, row.relative_funding_rate or Decimal(0))
