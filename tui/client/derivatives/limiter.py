"""The account's request budget, counted here so that the venue need not say no.

Invariant: reads never use up what orders need, and neither what cancels need: reads stop at both reserves, orders at
the reserve of cancels, cancels always go; and while the venue has told us to wait, only cancels go out.
Source of pools and refill: Kraken docs, futures rate limits; the venue counts per account, so another program may
use tokens that this count believes to be there.
"""

from __future__ import annotations

import math
from enum import Enum

from tui.model.state import RateBudget
from tui.wire.derivatives.routes import BUDGETS, Budget, Pool

CANCEL_RESERVE = 75  # three cancel-alls, or one and five single cancels
ORDER_RESERVE = 100  # ten orders, so that filling a gap in history page by page does not hold up a trader
FIRST_WAIT_MS = 1_000
LONGEST_WAIT_MS = 16_000


class Priority(Enum):
    READ = "read"
    ORDER = "order"
    CANCEL = "cancel"


_FLOORS = {Priority.READ: CANCEL_RESERVE + ORDER_RESERVE, Priority.ORDER: CANCEL_RESERVE}


class _Bucket:
    def __init__(self, budget: Budget) -> None:
        self.total = budget.tokens
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

    def __init__(self) -> None:
        self._buckets = {pool: _Bucket(budget) for pool, budget in BUDGETS.items()}

    def take(self, pool: Pool, cost: int, now_ms: int, priority: Priority = Priority.READ) -> int:
        """Spend ``cost`` and return 0, or spend nothing and return the milliseconds to wait."""
        bucket = self._buckets.get(pool)
        if bucket is None or cost == 0:
            return 0
        bucket.refill(now_ms)
        if priority is Priority.CANCEL:
            bucket.level = max(0.0, bucket.level - cost)
            return 0
        wait_ms = bucket.wait_for(cost, _FLOORS[priority] if pool is Pool.DERIVATIVES else 0, now_ms)
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
