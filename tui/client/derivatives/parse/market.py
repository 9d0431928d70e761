"""Contracts, tickers, books, trades, candles and funding from public REST answers.

No list's order is trusted (bids and public trades contradict the documents in captures): everything is sorted here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tui.client.derivatives.parse import words
from tui.client.derivatives.results import FundingRate
from tui.model.book import Book, Level
from tui.model.enums import ContractKind
from tui.model.instrument import Instrument, MarginTier
from tui.model.market import Candle, PublicTrade
from tui.model.ticker import Ticker
from tui.wire.derivatives import market as wire
from tui.wire.derivatives.codes import InstrumentType

_KINDS: Final = {InstrumentType.FLEXIBLE: ContractKind.LINEAR, InstrumentType.INVERSE: ContractKind.INVERSE}
_KIND_OF_WORD: Final = {str(word): kind for word, kind in _KINDS.items()}
_ONE: Final = Decimal(1)


def instrument(row: wire.Instrument, multiplier: Decimal = _ONE) -> Instrument | None:
    """None for what the desk does not trade (options, vanilla futures, kinds yet to come) and for expired ones."""
    kind = _KIND_OF_WORD.get(row.type)
    tick_size = words.number(row.tick_size)
    if kind is None or row.is_expired or tick_size <= 0:
        return None
    symbol = words.symbol(row.symbol)
    base, quote = _pair(symbol, row)
    return Instrument(
        symbol=symbol,
        kind=kind,
        base=base,
        quote=quote,
        tick_size=tick_size,
        lot_step=_ONE.scaleb(-row.contract_value_trade_precision),
        tiers=_tiers(row),
        contract_size=words.number(row.contract_size),
        max_position=words.nonzero(row.max_position_size),
        expiry_ms=words.time_ms(row.last_trading_time),
        tradeable=row.tradeable,
        post_only=row.post_only,
        initial_multiplier=max(words.number(multiplier), _ONE),
    )


def ticker(row: wire.Ticker, server_ms: int) -> Ticker | None:
    """None for index rows, which are no contracts. ``server_ms``: when the venue answered."""
    if row.symbol.lower().startswith(("in_", "rr_")):
        return None
    return Ticker(
        symbol=words.symbol(row.symbol),
        time_ms=server_ms,
        bid=words.nonzero(row.bid),
        bid_size=words.optional(row.bid_size),
        ask=words.nonzero(row.ask),
        ask_size=words.optional(row.ask_size),
        last=words.nonzero(row.last),
        mark=words.nonzero(row.mark_price),
        index=words.nonzero(row.index_price),
        change_24h=words.optional(row.change24h),
        volume_24h=words.optional(row.vol24h),
        volume_quote=words.optional(row.volume_quote),
        open_interest=words.optional(row.open_interest),
        high_24h=words.nonzero(row.high24h),
        low_24h=words.nonzero(row.low24h),
        funding_rate=words.optional(row.funding_rate),
        funding_rate_prediction=words.optional(row.funding_rate_prediction),
        relative_funding_rate=words.optional(row.relative_funding_rate),
        relative_funding_rate_prediction=words.optional(row.relative_funding_rate_prediction),
        suspended=row.suspended,
        post_only=row.post_only,
    )


def book(symbol: str, sides: wire.BookSides, server_ms: int) -> Book:
    return Book(
        symbol=symbol,
        bids=_levels(sides.bids, best_is_highest=True),
        asks=_levels(sides.asks, best_is_highest=False),
        time_ms=server_ms,
    )


def trades(symbol: str, rows: list[wire.PublicTrade]) -> tuple[PublicTrade, ...]:
    """Newest last. A row without a side tells nothing about a taker and is left out."""
    parsed = [
        PublicTrade(
            symbol=symbol,
            trade_id=row.uid or f"{row.time}/{row.trade_id}",
            side=words.side(row.side),
            price=words.number(row.price),
            size=words.amount(row.size),
            time_ms=words.vital_time_ms(row.time),
            type=row.type,
        )
        for row in rows
        if row.side
    ]
    return tuple(sorted(parsed, key=lambda trade: trade.time_ms))


def candle(row: wire.Candle) -> Candle:
    return Candle(
        time_ms=row.time,
        open=words.number(row.open),
        high=words.number(row.high),
        low=words.number(row.low),
        close=words.number(row.close),
        volume=words.number(row.volume),
    )


def funding_rates(rows: list[wire.FundingRate]) -> tuple[FundingRate, ...]:
    """Oldest first."""
    parsed = [
        FundingRate(
            time_ms=words.vital_time_ms(row.timestamp),
            rate=words.number(row.funding_rate),
            relative_rate=words.optional(row.relative_funding_rate),
        )
        for row in rows
    ]
    return tuple(sorted(parsed, key=lambda rate: rate.time_ms))


def _pair(symbol: str, row: wire.Instrument) -> tuple[str, str]:
    """Coin and quote currency; older payloads name neither, then the symbol does (``PF_XBTUSD``)."""
    if row.base and row.quote:
        return words.coin(row.base), row.quote.upper()
    name = symbol.split("_")[1] if "_" in symbol else symbol
    return words.coin(name[:-3]), name[-3:].upper()


def _tiers(row: wire.Instrument) -> tuple[MarginTier, ...]:
    tiers = (
        MarginTier(
            words.number(level.threshold), words.number(level.initial_margin), words.number(level.maintenance_margin)
        )
        for level in row.margin_levels or ()
    )
    return tuple(sorted(tiers, key=lambda tier: tier.threshold))


def _levels(rows: list[tuple[Decimal, Decimal]], *, best_is_highest: bool) -> tuple[Level, ...]:
    levels = (Level(words.number(price), words.number(size)) for price, size in rows if size)
    return tuple(sorted(levels, key=lambda level: level.price, reverse=best_is_highest))
