"""What the state wants done: questions for the venue that only the service may ask.

The reducer is pure and cannot ask; it leaves wishes here and the refresher takes them. Invariant: a wish is taken
once; whoever took it and failed wishes it again.
"""

from __future__ import annotations

from msgspec import Struct


class Duties(Struct, frozen=True):
    """``refresh``: ask orders, positions, account and fills again. ``fills``: the newest fills only. ``ask``: ids
    of orders whose status is in doubt. ``backfill_since_ms``: fills may be missing since this venue time.
    ``explain_since_ms``: orders ended since this venue time, and nobody has said why.
    """

    refresh: bool = False
    fills: bool = False
    ask: tuple[str, ...] = ()
    backfill_since_ms: int | None = None
    explain_since_ms: int | None = None


class Wishes:
    """Collects duties until they are taken; equal wishes merge. ``waiting``: there is something to take."""

    def __init__(self) -> None:
        self.waiting = False
        self._refresh = False
        self._fills = False
        self._ask: dict[str, None] = {}
        self._since_ms: int | None = None
        self._ended_ms: int | None = None

    def refresh(self) -> None:
        self._refresh = self.waiting = True

    def fills(self) -> None:
        self._fills = self.waiting = True

    def ask(self, order_id: str) -> None:
        self._ask[order_id] = None
        self.waiting = True

    def backfill(self, since_ms: int) -> None:
        self.waiting = True
        self._since_ms = since_ms if self._since_ms is None else min(since_ms, self._since_ms)

    def explain(self, since_ms: int) -> None:
        self.waiting = True
        self._ended_ms = since_ms if self._ended_ms is None else min(since_ms, self._ended_ms)

    def add(self, duties: Duties) -> None:
        """Wish for all of ``duties`` again, after an attempt that failed."""
        if duties.refresh:
            self.refresh()
        if duties.fills:
            self.fills()
        for order_id in duties.ask:
            self.ask(order_id)
        if duties.backfill_since_ms is not None:
            self.backfill(duties.backfill_since_ms)
        if duties.explain_since_ms is not None:
            self.explain(duties.explain_since_ms)

    def take(self) -> Duties:
        duties = Duties(self._refresh, self._fills, tuple(self._ask), self._since_ms, self._ended_ms)
        self._refresh = self._fills = self.waiting = False
        self._ask.clear()
        self._since_ms = self._ended_ms = None
        return duties
