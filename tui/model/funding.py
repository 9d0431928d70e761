"""Funding of perpetual contracts: what a position pays or receives by the hour.

Invariant: accrual is linear in time, so cutting an hour in pieces changes when money moves and not how much.
Source: contract pages and tickers of the venue: the absolute rate is USD per coin (linear) or coin per contract
(inverse), per hour; longs pay shorts when it is positive.
"""

from __future__ import annotations

from decimal import Decimal

HOUR_MS = 3_600_000


def accrual(size: Decimal, rate: Decimal, elapsed_ms: int = HOUR_MS) -> Decimal:
    """Cash to signed ``size`` contracts over ``elapsed_ms`` at the absolute hourly ``rate``: positive is received."""
    return -size * rate * elapsed_ms / HOUR_MS
