"""The public summary of one contract: best prices, reference prices, funding, volume."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct


class Ticker(Struct, frozen=True, gc=False):
    """``change_24h`` in percent; ``funding_rate`` absolute (settlement currency per contract per hour);
    ``relative_funding_rate`` a fraction per hour. Absent fields are None, never zero.
    """

    symbol: str
    time_ms: int
    bid: Decimal | None = None
    bid_size: Decimal | None = None
    ask: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    mark: Decimal | None = None
    index: Decimal | None = None
    change_24h: Decimal | None = None
    volume_24h: Decimal | None = None
    volume_quote: Decimal | None = None
    open_interest: Decimal | None = None
    high_24h: Decimal | None = None
    low_24h: Decimal | None = None
    funding_rate: Decimal | None = None
    funding_rate_prediction: Decimal | None = None
    relative_funding_rate: Decimal | None = None
    relative_funding_rate_prediction: Decimal | None = None
    next_funding_ms: int | None = None
    suspended: bool = False
    post_only: bool = False

    @property
    def mid(self) -> Decimal | None:
        if self.bid is None or self.ask is None:
            return None
        return (self.bid + self.ask) / 2
