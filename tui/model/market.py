"""Public trades and candles: what the tape and the chart show."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.enums import Side


class PublicTrade(Struct, frozen=True, gc=False):
    """One trade of anybody's. ``side`` is the taker's. ``type`` is the venue's word (``fill``, ``liquidation`` ...)."""

    symbol: str
    trade_id: str
    side: Side
    price: Decimal
    size: Decimal
    time_ms: int
    type: str = "fill"


class Candle(Struct, frozen=True, gc=False):
    """``time_ms`` is the open of the interval."""

    time_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
