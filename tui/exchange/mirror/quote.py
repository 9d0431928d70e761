"""What an upstream says of a contract beside its book: prices, day figures and funding, from the feed or from REST.

Both say the same in other words; absent is None. Source: Kraken docs, ticker feed and tickers, with live captures of
2026. Invariant: every number is finite, and a price is positive.
"""

from dataclasses import dataclass
from decimal import Decimal

from tui.wire.derivatives import market as wire
from tui.wire.derivatives.frames import TickerFrame


@dataclass(frozen=True, slots=True)
class Quote:
    """``change`` is percent. Funding rates as the venue gives them: absolute per contract and hour, and relative."""

    mark: Decimal | None
    index: Decimal | None
    last: Decimal | None
    volume: Decimal | None
    volume_quote: Decimal | None
    open: Decimal | None
    high: Decimal | None
    low: Decimal | None
    change: Decimal | None
    open_interest: Decimal | None
    funding: Decimal
    funding_prediction: Decimal
    relative_funding: Decimal
    relative_funding_prediction: Decimal
    next_funding_ms: int | None
    suspended: bool
    post_only: bool
    tag: str | None


def of_frame(frame: TickerFrame) -> Quote:
    return Quote(
        mark=_price(frame.mark_price),
        index=_price(frame.index),
        last=_price(frame.last),
        volume=_finite(frame.volume),
        volume_quote=_finite(frame.volume_quote),
        open=_price(frame.open),
        high=_price(frame.high),
        low=_price(frame.low),
        change=_finite(frame.change),
        open_interest=_finite(frame.open_interest),
        funding=_or_zero(frame.funding_rate),
        funding_prediction=_or_zero(frame.funding_rate_prediction),
        relative_funding=_or_zero(frame.relative_funding_rate),
        relative_funding_prediction=_or_zero(frame.relative_funding_rate_prediction),
        next_funding_ms=frame.next_funding_rate_time,
        suspended=frame.suspended,
        post_only=frame.post_only,
        tag=frame.tag,
    )


def of_row(row: wire.Ticker) -> Quote:
    return Quote(
        mark=_price(row.mark_price),
        index=_price(row.index_price),
        last=_price(row.last),
        volume=_finite(row.vol24h),
        volume_quote=_finite(row.volume_quote),
        open=_price(row.open24h),
        high=_price(row.high24h),
        low=_price(row.low24h),
        change=_finite(row.change24h),
        open_interest=_finite(row.open_interest),
        funding=_or_zero(row.funding_rate),
        funding_prediction=_or_zero(row.funding_rate_prediction),
        relative_funding=_or_zero(row.relative_funding_rate),
        relative_funding_prediction=_or_zero(row.relative_funding_rate_prediction),
        next_funding_ms=None,
        suspended=row.suspended,
        post_only=row.post_only,
        tag=row.tag,
    )


def _finite(number: Decimal | None) -> Decimal | None:
    return number if number is not None and number.is_finite() else None


def _price(number: Decimal | None) -> Decimal | None:
    return number if number is not None and number.is_finite() and number > 0 else None


def _or_zero(number: Decimal | None) -> Decimal:
    """Funding of zero is left out on the wire."""
    return _finite(number) or Decimal(0)
