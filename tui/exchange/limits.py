"""Budgets: how much a caller may ask within a time.

Pure: the time is an argument (seconds on any clock that does not run backwards). Invariant: a bucket never holds
more than its budget and never less than nothing.
"""

from tui.wire.derivatives.routes import BUDGETS, Budget, Pool


class Bucket:
    """Tokens that flow back evenly."""

    def __init__(self, budget: Budget, now_s: float) -> None:
        self._budget = budget
        self._tokens = float(budget.tokens)
        self._at_s = now_s

    def take(self, cost: float, now_s: float) -> float:
        """0 if ``cost`` was taken; otherwise nothing was, and it is the seconds until it could be."""
        rate = self._budget.tokens / self._budget.period_s
        self._tokens = min(float(self._budget.tokens), self._tokens + max(0.0, now_s - self._at_s) * rate)
        self._at_s = max(self._at_s, now_s)
        if cost <= self._tokens:
            self._tokens -= cost
            return 0.0
        return (cost - self._tokens) / rate


class Budgets:
    """The account's pools; all its keys share them."""

    def __init__(self, now_s: float) -> None:
        self._buckets = {pool: Bucket(budget, now_s) for pool, budget in BUDGETS.items()}

    def take(self, pool: Pool, cost: int, now_s: float) -> float:
        """Seconds to wait, or 0 if the call may go on (and was charged)."""
        bucket = self._buckets.get(pool)
        return 0.0 if bucket is None else bucket.take(cost, now_s)
