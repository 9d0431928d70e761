"""The account's request budget, counted here so that the venue need not say no.

Invariant: a part of the trading pool is kept for cancels. Reads and new orders stop at the reserve, cancels go on to
zero; and while the venue has told us to wait, only cancels go out.
Source of pools and refill: Kraken docs, futures rate limits; the venue counts per account, so another program may
use tokens that this count believes to be there.
"""

from __future__ import annotations

import math

from tui.model.state import RateBudget
from tui.wire.derivatives.routes import BUDGETS, Budget, Pool

CANCEL_RESERVE = 75  # three cancel-alls, or one and five single cancels
FIRST_WAIT_MS = 1_000
LONGEST_WAIT_MS = 16_000


class _Bucket:
    def __init__(self, budget: Budget, reserve: int) -> None:
        self.total = budget.tokens
        self.reserve = reserve
        self.level = float(budget.tokens)
        self.wait_until_ms = 0
        self.refusals = 0
        self._per_ms = budget.tokens / (budget.period_s * 1000)
        self._at_ms: int | None = None

    def refill(self, now_ms: int) -> None:
        if self._at_ms is not None and now_ms > self._at_ms:
            self.level = min(float(self.total), self.level + (now_ms - self._at_ms) * self._per_ms)
        self._at_ms = now_ms

    def wait_for(self, cost: int, floor: int, now_ms: int) -> int:
        missing = cost + floor - self.level
        refill_ms = math.ceil(missing / self._per_ms) if missing > 0 else 0
        return max(refill_ms, self.wait_until_ms - now_ms, 0)


class Limiter:
    """Both pools. Time is an argument, in milliseconds of one clock; a clock that jumps back only refills later."""

    def __init__(self, reserve: int = CANCEL_RESERVE) -> None:
        self._buckets = {
            pool: _Bucket(budget, reserve if pool is Pool.DERIVATIVES else 0) for pool, budget in BUDGETS.items()
        }

    def take(self, pool: Pool, cost: int, now_ms: int, *, urgent: bool = False) -> int:
        """Spend ``cost`` and return 0, or spend nothing and return the milliseconds to wait. ``urgent``: a cancel."""
        bucket = self._buckets.get(pool)
        if bucket is None or cost == 0:
            return 0
        bucket.refill(now_ms)
        if urgent:
            bucket.level = max(0.0, bucket.level - cost)
            return 0
        wait_ms = bucket.wait_for(cost, bucket.reserve, now_ms)
        if wait_ms == 0:
            bucket.level -= cost
        return wait_ms

    def refused(self, pool: Pool, now_ms: int, retry_after_s: float | None = None) -> int:
        """The venue said we ask too much. Returns the wait in ms: what it named, else a second, doubling."""
        bucket = self._buckets.get(pool) or self._buckets[Pool.DERIVATIVES]
        bucket.refill(now_ms)
        bucket.level = 0.0
        guess_ms = min(FIRST_WAIT_MS << min(bucket.refusals, 8), LONGEST_WAIT_MS)
        bucket.refusals += 1
        wait_ms = guess_ms if retry_after_s is None else math.ceil(retry_after_s * 1000)
        bucket.wait_until_ms = max(bucket.wait_until_ms, now_ms + wait_ms)
        return wait_ms

    def answered(self, pool: Pool) -> None:
        """The venue served a request of this pool: the next refusal starts with the short wait again."""
        if bucket := self._buckets.get(pool):
            bucket.refusals = 0

    def budget(self, now_ms: int) -> RateBudget:
        """The trading pool as the screens show it."""
        bucket = self._buckets[Pool.DERIVATIVES]
        bucket.refill(now_ms)
        waiting = bucket.wait_until_ms > now_ms
        return RateBudget(
            available=int(bucket.level),
            total=bucket.total,
            wait_until_ms=bucket.wait_until_ms if waiting else None,
            reason="Kraken asked to wait" if waiting else "",
        )
