"""Our executions, each counted once whatever road it came by: stream, snapshot, REST, history, an order's answer.

Identity is ``fill_id``. Invariant: a fill that was counted is never counted again while its id is remembered; ids are
forgotten one by one, oldest first, never wholesale.

The executions inside a placement's answer are *provisional*: their ids are very likely fill ids, which the venue does
not promise. Until one id was seen on both roads, a provisional fill also matches a fill of the same order, price and
size, once.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable

from msgspec.structs import replace

from tui.model.fill import Fill

REMEMBERED = 10_000
SHOWN = 500


def _when(fill: Fill) -> int:
    return fill.time_ms


def oldest_first(fills: Iterable[Fill]) -> list[Fill]:
    return sorted(fills, key=_when)


def enriched(known: Fill, other: Fill) -> Fill:
    """``known`` with what only ``other`` says: no single source carries fee, fee currency and profit together."""
    return replace(
        known,
        client_order_id=known.client_order_id or other.client_order_id,
        fee=other.fee if known.fee is None else known.fee,
        fee_currency=known.fee_currency or other.fee_currency,
        remaining=other.remaining if known.remaining is None else known.remaining,
        realised_pnl=other.realised_pnl if known.realised_pnl is None else known.realised_pnl,
    )


class FillLedger:
    """The set of known fills and the newest of them in order. Owned by the reducer.

    ``newest_ms``: venue time of the newest known fill; ``has_changed``: ``take_changed`` has something to give.
    """

    def __init__(self, remembered: int = REMEMBERED, shown: int = SHOWN) -> None:
        self._known: dict[str, Fill] = {}
        self._newest: list[Fill] = []
        self._provisional: dict[str, Fill] = {}
        self._matched: dict[str, None] = {}
        self._same_ids = False
        self._remembered = remembered
        self._shown = shown
        self._view: tuple[Fill, ...] | None = ()
        self._to_keep: dict[str, Fill] = {}
        self.has_changed = False
        self.newest_ms: int | None = None

    def __contains__(self, fill_id: object) -> bool:
        return fill_id in self._known

    def __len__(self) -> int:
        return len(self._known)

    def view(self) -> tuple[Fill, ...]:
        """Newest first, bounded; the same object until something changes."""
        if self._view is None:
            self._view = tuple(reversed(self._newest))
        return self._view

    def ids_at(self, time_ms: int) -> frozenset[str]:
        """Ids of the fills of one millisecond: what a page of older fills must reach to close a gap there."""
        return frozenset(fill.fill_id for fill in self._newest if fill.time_ms == time_ms)

    def take_changed(self) -> tuple[Fill, ...]:
        """Fills that are new or better known since the last call. Provisional ones are not among them."""
        changed = tuple(self._to_keep.values())
        self._to_keep.clear()
        self.has_changed = False
        return changed

    def add(self, fill: Fill) -> bool:
        """Take a fill from the stream, REST or history. True if it is new and must be counted."""
        known = self._known.get(fill.fill_id)
        if known is not None:
            self._confirm(known, fill)
            return False
        twin = None if self._same_ids else self._twin(fill, self._provisional.values())
        if twin is not None:
            del self._provisional[twin.fill_id]
            self._replace(twin, enriched(fill, twin))
            return False
        self._insert(fill)
        self._keep(fill)
        return True

    def add_execution(self, fill: Fill) -> bool:
        """Take an execution from an order's own answer. True if it is new and must be counted."""
        if fill.fill_id in self._known:
            self._same_ids = True
            return False
        if not self._same_ids:
            candidates = (known for known in reversed(self._newest) if known.fill_id not in self._provisional)
            twin = self._twin(fill, (known for known in candidates if known.fill_id not in self._matched))
            if twin is not None:
                self._matched[twin.fill_id] = None
                self._known[fill.fill_id] = twin  # an alias: the execution's id must not count later either
                self._forget_oldest()
                return False
        self._provisional[fill.fill_id] = fill
        self._insert(fill)
        return True

    def _twin(self, fill: Fill, among: Iterable[Fill]) -> Fill | None:
        wanted = (fill.order_id, fill.side, fill.price, fill.size)
        return next((other for other in among if (other.order_id, other.side, other.price, other.size) == wanted), None)

    def _confirm(self, known: Fill, fill: Fill) -> None:
        if self._provisional.pop(fill.fill_id, None) is not None:
            self._same_ids = True
            self._replace(known, enriched(fill, known))
            return
        better = enriched(known, fill)
        if better != known:
            self._replace(known, better)

    def _insert(self, fill: Fill) -> None:
        self._known[fill.fill_id] = fill
        insort(self._newest, fill, key=_when)
        if len(self._newest) > self._shown:
            del self._newest[0]
        self.newest_ms = fill.time_ms if self.newest_ms is None else max(fill.time_ms, self.newest_ms)
        self._forget_oldest()
        self._view = None

    def _replace(self, old: Fill, new: Fill) -> None:
        """Put ``new`` where ``old`` was; the old id stays known, so that it cannot count again."""
        self._known[old.fill_id] = new
        self._known[new.fill_id] = new
        self._keep(new)
        self._newest = [fill for fill in self._newest if fill.fill_id != old.fill_id]
        insort(self._newest, new, key=_when)
        self._view = None

    def _keep(self, fill: Fill) -> None:
        self._to_keep[fill.fill_id] = fill
        self.has_changed = True

    def _forget_oldest(self) -> None:
        while len(self._known) > self._remembered:
            gone = next(iter(self._known))
            del self._known[gone]
            self._provisional.pop(gone, None)
            self._matched.pop(gone, None)


class FillGap:
    """Whether fills may be missing, and since which venue time. Open from the moment the stream is lost until a list
    of the newest fills reaches back to it.

    The stream brings fills in their order, so up to its last one nothing is missing. Fills that come by other roads
    say nothing of that: older ones may be missing all the same.
    """

    def __init__(self) -> None:
        self.since_ms: int | None = None
        self._complete_ms: int | None = None

    def complete(self, fills: Iterable[Fill]) -> None:
        """Nothing is missing up to the last of these."""
        self._complete_ms = max((fill.time_ms for fill in fills), default=self._complete_ms)

    def open(self) -> None:
        if self.since_ms is None:
            self.since_ms = self._complete_ms or 0

    def page(self, fills: tuple[Fill, ...], known: FillLedger, *, streaming: bool) -> int | None:
        """The newest fills, from the stream's snapshot (``streaming``: nothing is lost from here on) or from REST.

        Returns the time to page back to if they do not reach the gap. To be asked before the fills are added.
        """
        since_ms = self.since_ms
        if since_ms is None:
            if streaming:
                self.complete(fills)
            return None
        reaches = any(fill.time_ms < since_ms or (fill.time_ms == since_ms and fill.fill_id in known) for fill in fills)
        self.complete(fills)
        self.since_ms = None if streaming else self._complete_ms or 0
        return since_ms if fills and not reaches else None
