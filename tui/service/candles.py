"""One-minute candles: history from REST, the running ones from public trades.

Invariant: a trade counts once. Trades at or before the moment REST answered are in its candles already; those after
it extend them. A later answer replaces what trades built, so that a lost trade does not stay lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tui.model.market import Candle, PublicTrade

MINUTE_MS = 60_000
KEPT = 400


class CandleHolder:
    """One contract's candles, oldest first. ``view`` is the same object until something changes."""

    def __init__(self) -> None:
        self._candles: list[Candle] = []
        self._counted_ms = 0  # trades up to this venue time are in the candles
        self._view: tuple[Candle, ...] | None = ()

    def seed(self, candles: Iterable[Candle], answered_ms: int, since_then: Iterable[PublicTrade]) -> None:
        """History as REST said it at venue time ``answered_ms``, and the trades that may have come later."""
        self._candles = sorted(candles, key=lambda candle: candle.time_ms)[-KEPT:]
        self._counted_ms = answered_ms
        self._view = None
        for trade in since_then:
            self.trade(trade)

    def trade(self, trade: PublicTrade) -> None:
        """Extend the running candle, or open the next. Nothing before history is known."""
        if not self._candles or trade.time_ms <= self._counted_ms:
            return
        opened_ms = trade.time_ms - trade.time_ms % MINUTE_MS
        last = self._candles[-1]
        if opened_ms > last.time_ms:
            self._candles.append(_flat(opened_ms, trade.price, trade.size))
            del self._candles[:-KEPT]
        elif opened_ms == last.time_ms:
            self._candles[-1] = _with(last, trade)
        self._view = None

    def view(self) -> tuple[Candle, ...]:
        if self._view is None:
            self._view = tuple(self._candles)
        return self._view


def _flat(time_ms: int, price: Decimal, volume: Decimal) -> Candle:
    return Candle(time_ms, price, price, price, price, volume)


def _with(candle: Candle, trade: PublicTrade) -> Candle:
    return Candle(
        candle.time_ms,
        candle.open,
        max(candle.high, trade.price),
        min(candle.low, trade.price),
        trade.price,
        candle.volume + trade.size,
    )
