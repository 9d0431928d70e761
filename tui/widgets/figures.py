"""Small figures that several panels show, from values of the model. No money decision is made with these.

Invariant: a figure whose ingredient is unknown is None, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tui.model.account import LogEntry
from tui.model.decimals import HUNDRED, ONE, ZERO
from tui.model.enums import Side
from tui.model.funding import accrual
from tui.model.instrument import Instrument
from tui.model.order import Order
from tui.model.position import Position
from tui.model.ticker import Ticker

DAY_MS = 86_400_000


def gain_pct(position: Position) -> Decimal | None:
    """Price move in the position's favour since entry, percent of entry."""
    if position.mark_price is None or not position.entry_price:
        return None
    return (position.mark_price / position.entry_price - ONE) * HUNDRED * position.sign


def notional_usd(position: Position, instrument: Instrument | None) -> Decimal | None:
    if instrument is None or position.mark_price is None:
        return None
    return instrument.notional_usd(position.size, position.mark_price)


def funding_per_hour(position: Position, ticker: Ticker | None) -> Decimal | None:
    """What the position receives (positive) or pays an hour at the present rate, in its PnL currency."""
    if ticker is None or ticker.funding_rate is None:
        return None
    return accrual(position.signed_size, ticker.funding_rate)


def realised_today(log: Iterable[LogEntry], now_ms: int, symbol: str | None = None) -> dict[str, Decimal]:
    """Realised profit since 00:00 UTC by currency, from the account log; of one contract, or of all."""
    since = now_ms - now_ms % DAY_MS
    sums: dict[str, Decimal] = {}
    for entry in log:
        if entry.realised_pnl is None or entry.time_ms < since:
            continue
        if symbol is None or (entry.symbol or "").casefold() == symbol.casefold():
            currency = entry.asset.upper()
            sums[currency] = sums.get(currency, ZERO) + entry.realised_pnl
    return sums


def distance_ticks(order: Order, ticker: Ticker | None, instrument: Instrument | None) -> Decimal | None:
    """Whole ticks from mark to the price the order waits at; positive is above mark."""
    price = order.working_price
    if price is None or ticker is None or ticker.mark is None or instrument is None:
        return None
    return ((price - ticker.mark) / instrument.tick_size).to_integral_value()


def fires_below(order: Order) -> bool:
    """Whether a trigger order waits for its signal to fall: a stop that sells, a take-profit that buys."""
    falls = order.side is Side.SELL
    return falls if order.type != "take_profit" else not falls


def spread_ticks(ticker: Ticker, instrument: Instrument | None) -> Decimal | None:
    if ticker.bid is None or ticker.ask is None or instrument is None:
        return None
    return (ticker.ask - ticker.bid) / instrument.tick_size
