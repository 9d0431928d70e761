"""Funding of perpetual contracts: the rate of an hour, and what a position accrues under it.

Sources: the venue's contract pages and live tickers. The rate that rules an hour is the average premium of
the hour before, divided by the contract's coefficient and clamped. Longs pay shorts when it is positive.
Invariant: accrual is linear in time, so splitting an hour changes nothing but when money moves.
"""

from decimal import Decimal

HOUR_MS = 3_600_000


def accrued(size: Decimal, absolute_rate: Decimal, elapsed_ms: int) -> Decimal:
    """Funding of signed ``size`` over ``elapsed_ms`` under an absolute hourly rate: positive = received.
    USD for linear (rate in USD per base unit), coin for inverse (coin per contract).
    """
    return -size * absolute_rate * elapsed_ms / HOUR_MS


def relative_rate(average_premium: float, coefficient: int, cap: Decimal) -> Decimal:
    """Hourly relative rate from the average premium (a fraction), clamped to +/- ``cap``."""
    rate = Decimal(repr(round(average_premium / coefficient, 12)))
    return max(-cap, min(cap, rate))


def absolute_rate(relative: Decimal, index: Decimal, *, inverse: bool) -> Decimal:
    """USD per base unit (linear) or coin per contract (inverse), at the index of the calculation."""
    return relative / index if inverse else relative * index


def next_hour(now_ms: int) -> int:
    """The first full hour after ``now_ms``."""
    return (now_ms // HOUR_MS + 1) * HOUR_MS


def premium_cap(days_to_maturity: float | None) -> float:
    """How far mark may stand from index: 1 % for perpetuals (None); dated contracts from 1 % at one day
    linearly to 20 % at 210 days.
    """
    if days_to_maturity is None:
        return 0.01
    share = (min(max(days_to_maturity, 1.0), 210.0) - 1.0) / 209.0
    return 0.01 + 0.19 * share
