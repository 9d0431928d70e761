"""What the state wants done: questions for the venue that only the service may ask.

The reducer is pure and cannot ask; it leaves wishes here and the refresher takes them. Invariant: a wish is taken
once; whoever took it and failed wishes it again.
"""

from __future__ import annotations

from msgspec import Struct


class Duties(Struct, frozen=True):
    """``refresh``: ask orders, positions, account and fills again. ``fills``: the newest fills only. ``ask``: ids
    of orders whose status is in doubt. ``backfill_since_ms``: fills may be missing since this venue time.
    """

    refresh: bool = False
    fills: bool = False
    ask: tuple[str, ...] = ()
    backfill_since_ms: int | None = None

    def __bool__(self) -> bool:
        return self.refresh or self.fills or bool(self.ask) or self.backfill_since_ms is not None


class Wishes:
    """Collects duties until they are taken; equal wishes merge."""

    def __init__(self) -> None:
        self._refresh = False
        self._fills = False
        self._ask: dict[str, None] = {}
        self._since_ms: int | None = None

    def refresh(self) -> None:
        self._refresh = True

    def fills(self) -> None:
        self._fills = True

    def ask(self, order_id: str) -> None:
        self._ask[order_id] = None

    def backfill(self, since_ms: int) -> None:
        self._since_ms = since_ms if self._since_ms is None else min(since_ms, self._since_ms)

    def add(self, duties: Duties) -> None:
        """Wish for all of ``duties`` again, after an attempt that failed."""
        self._refresh |= duties.refresh
        self._fills |= duties.fills
        self._ask.update(dict.fromkeys(duties.ask))
        if duties.backfill_since_ms is not None:
            self.backfill(duties.backfill_since_ms)

    def __bool__(self) -> bool:
        return self._refresh or self._fills or bool(self._ask) or self._since_ms is not None

    def take(self) -> Duties:
        duties = Duties(self._refresh, self._fills, tuple(self._ask), self._since_ms)
        self._refresh = self._fills = False
        self._ask.clear()
        self._since_ms = None
        return duties
