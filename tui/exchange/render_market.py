"""Contracts, prices, books and candles in the words of REST v3 and charts v1.

Pure functions from engine values to plain mappings. Funding figures and a side of an empty book are left out, as the
venue leaves them out. Source: Kraken docs and live captures 2024-2026.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from tui.exchange.instruments import Instrument
from tui.exchange.render_orders import Json, given
from tui.exchange.views import BookView, Candle, FeeTier, FundingRow, PublicTrade, Ticker
from tui.wire.derivatives.codec import plain
from tui.wire.derivatives.times import to_iso


def instrument(row: Instrument, *, post_only: bool, expired: bool) -> Json:
    threshold = "contracts" if row.inverse else "numNonContractUnits"
    perpetual = row.perpetual
    return given(
        symbol=row.symbol,
        type=row.kind,
        underlying=f"rr_{row.underlying.lower()}usd" if row.inverse else None,
        tickSize=row.tick,
        contractSize=1,
        tradeable=True,
        impactMidSize=row.impact_mid_size,
        maxPositionSize=row.max_position,
        openingDate=to_iso(row.opening_ms),
        lastTradingTime=None if row.last_trading_ms is None else to_iso(row.last_trading_ms),
        marginLevels=[
            {threshold: rung.threshold, "initialMargin": rung.initial, "maintenanceMargin": rung.maintenance}
            for rung in row.rungs
        ],
        fundingRateCoefficient=row.funding_coefficient if perpetual else None,
        maxRelativeFundingRate=row.max_relative_funding if perpetual else None,
        isin=row.isin,
        contractValueTradePrecision=row.size_precision,
        postOnly=post_only,
        feeScheduleUid=row.fee_schedule_uid,
        mtf=True,
        base=row.base,
        quote="USD",
        pair=row.pair,
        category=row.category,
        tradfi=False,
        isExpired=expired,
    )


def instrument_status(symbol: str) -> Json:
    """Dislocation and extreme volatility are not simulated."""
    return {
        "tradeable": symbol,
        "experiencingDislocation": False,
        "priceDislocationDirection": None,
        "experiencingExtremeVolatility": False,
        "extremeVolatilityInitialMarginMultiplier": 1,
    }


def ticker(row: Ticker, contract: Instrument) -> Json:
    return given(
        symbol=row.symbol,
        last=row.last,
        lastTime=to_iso(row.last_time_ms),
        tag=contract.tag,
        pair=contract.pair,
        markPrice=row.mark,
        bid=row.bid,
        bidSize=row.bid_size,
        ask=row.ask,
        askSize=row.ask_size,
        vol24h=row.volume,
        volumeQuote=row.volume_quote,
        openInterest=row.open_interest,
        open24h=row.open_24h,
        high24h=row.high_24h,
        low24h=row.low_24h,
        vwap24h=row.vwap_24h,
        lastSize=row.last_size,
        fundingRate=row.funding_rate,
        fundingRatePrediction=row.funding_rate_prediction,
        relativeFundingRate=row.relative_funding_rate,
        relativeFundingRatePrediction=row.relative_funding_rate_prediction,
        suspended=row.suspended,
        indexPrice=row.index,
        postOnly=row.post_only,
        change24h=row.change_24h,
    )


def index_ticker(name: str, row: Ticker) -> Json:
    """Indices carry nothing but their value."""
    return {"symbol": name, "last": row.index, "lastTime": to_iso(row.time_ms)}


def order_book(book: BookView, *, bids_ascending: bool) -> Json:
    bids = reversed(book.bids) if bids_ascending else book.bids
    return {"bids": [list(level) for level in bids], "asks": [list(level) for level in book.asks]}


def public_trades(newest_first: Sequence[PublicTrade], *, ascending: bool) -> list[Json]:
    """``trade_id`` is the place in this answer, 1 being the newest."""
    rows = [
        {
            "time": to_iso(trade.time_ms),
            "trade_id": place,
            "price": trade.price,
            "size": trade.size,
            "side": trade.side,
            "type": trade.kind,
            "uid": trade.uid,
        }
        for place, trade in enumerate(newest_first, start=1)
    ]
    return rows[::-1] if ascending else rows


def fee_schedule(uid: str, name: str, tiers: Iterable[FeeTier]) -> Json:
    """Fees leave as percent."""
    return {
        "uid": uid,
        "name": name,
        "tiers": [
            {"makerFee": _percent(tier.maker), "takerFee": _percent(tier.taker), "usdVolume": tier.usd_volume}
            for tier in tiers
        ],
    }


def _percent(fraction: Decimal) -> Decimal:
    return (fraction * 100).normalize()


def funding_rate(row: FundingRow) -> Json:
    return {
        "timestamp": to_iso(row.time_ms),
        "fundingRate": row.absolute,
        "relativeFundingRate": row.relative,
    }


def candle(row: Candle) -> Json:
    """Prices and volume are text here."""
    return {
        "time": row.time_ms,
        "open": plain(row.open),
        "high": plain(row.high),
        "low": plain(row.low),
        "close": plain(row.close),
        "volume": plain(row.volume),
    }
