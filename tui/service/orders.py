"""Every order the desk has heard of, and the rules by which the stream changes it.

An order is *open*; *unseen* (known from its fills alone, so neither working nor gone); closed *softly* (inferred from
its absence, which the venue may contradict); or closed *hard* (the venue said so). Invariants: the cumulative filled
size of an order never falls; a hard close is never undone; whatever the venue says has ended stays known as ended,
so that a late row cannot bring it back. The one new life is a triggered stop whose child order keeps the id.

``n`` is the evidence counter: it orders what was received and when questions were sent, without any clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import islice

from msgspec.structs import replace

from tui.model.decimals import ZERO
from tui.model.enums import CloseReason, OrderState, OrderType, Side
from tui.model.events import OrderRemoved
from tui.model.fill import Fill
from tui.model.order import Order, OrderRequest
from tui.service.duties import Wishes
from tui.service.tracked import Closure, Submission, Tracked, as_order, contradicts, from_fill, is_child, type_of

TOMBSTONES = 5_000
CLOSED_SHOWN = 100
OWED_AFTER_MS = 2_000
OWED_PULLS = 3


class OrderLedger:
    """Owned by the reducer; ``reconcile`` applies REST answers through the same few operations.

    ``rest_n``: when the newest answered list was asked; ``snapshot_n``: when the stream last listed all orders.
    """

    def __init__(self, wishes: Wishes) -> None:
        self.rest_n = -1
        self.snapshot_n = -1
        self._connection = 0
        self._opened_n = -1
        self._wishes = wishes
        self._tracked: dict[str, Tracked] = {}
        self._fading: dict[str, None] = {}  # closed and unseen ones, oldest first: what may be forgotten
        self._by_client: dict[str, str] = {}
        self._submitting: dict[str, Submission] = {}
        self._owing: set[str] = set()
        self._working_view: tuple[Order, ...] | None = ()
        self._closed_view: tuple[Order, ...] | None = ()

    # --- reading ------------------------------------------------------------------------------------------------

    def get(self, order_id: str) -> Tracked | None:
        return self._tracked.get(order_id)

    def by_client(self, client_order_id: str | None) -> Tracked | None:
        order_id = self._by_client.get(client_order_id) if client_order_id else None
        return self._tracked.get(order_id) if order_id else None

    def open_orders(self) -> list[Tracked]:
        return [tracked for tracked in self._tracked.values() if tracked.closure is Closure.OPEN]

    def working(self) -> tuple[Order, ...]:
        """Orders that work or are being submitted, newest first. While it is being submitted an order has no id of
        the venue's; its own client id stands in ``order_id``.
        """
        if self._working_view is None:
            sending = [as_order(sent) for sent in self._submitting.values() if not sent.unresolved]
            known = [tracked.order for tracked in self.open_orders()]
            self._working_view = tuple(sorted(sending + known, key=lambda order: (-order.created_ms, order.order_id)))
        return self._working_view

    def closed(self) -> tuple[Order, ...]:
        """The last orders that ended, latest first."""
        if self._closed_view is None:
            latest = (self._tracked[order_id] for order_id in reversed(self._fading))
            told = (tracked.order for tracked in latest if tracked.is_closed and tracked.order.symbol)
            self._closed_view = tuple(islice(told, CLOSED_SHOWN))
        return self._closed_view

    # --- our own requests ---------------------------------------------------------------------------------------

    def submit(self, request: OrderRequest, n: int, now_ms: int, *, unresolved: bool = False) -> None:
        """A request is about to leave (or left before a crash: ``unresolved``). Its client id now means an order."""
        self._submitting[request.client_order_id] = Submission(request, now_ms, n, unresolved)
        self._working_view = None

    def is_submitting(self, client_order_id: str) -> bool:
        return client_order_id in self._submitting

    def doubt(self, client_order_id: str) -> None:
        """No answer came: the order is no longer 'being submitted', but whatever we hear of it still belongs to it."""
        sent = self._submitting.get(client_order_id)
        if sent is not None:
            sent.unresolved = True
            self._working_view = None

    def forget(self, client_order_id: str) -> None:
        """The request ended without an order."""
        self._submitting.pop(client_order_id, None)
        self._working_view = None

    def bind(self, order_id: str, client_order_id: str | None, n: int) -> Tracked | None:
        """The order of this id, made from our own request if its client id shows that it is ours."""
        tracked = self._tracked.get(order_id)
        sent = self._submitting.pop(client_order_id, None) if client_order_id else None
        if tracked is None and sent is not None:
            order = replace(as_order(sent), order_id=order_id, state=OrderState.OPEN)
            tracked = self._track(Tracked(order, Closure.OPEN, born_n=sent.n, seen_n=n, total=sent.request.size))
        elif tracked is not None and sent is not None:
            tracked.order = replace(tracked.order, type=type_of(tracked.order.type, sent.request.type))
        if tracked is not None and client_order_id:
            self._name(tracked, client_order_id)
        self._changed()
        return tracked

    # --- the stream's rules -------------------------------------------------------------------------------------

    def new_connection(self, n: int) -> None:
        """The stream begins anew; its snapshot will be newer than all that was known before."""
        self._connection += 1
        self._opened_n = n

    def updated(self, row: Order, n: int, now_ms: int) -> None:
        """The stream says an order works, was edited or was partly filled."""
        tracked = self.bind(row.order_id, row.client_order_id, n)
        if tracked is None:
            tracked = self.track_row(row, n)
        elif tracked.closure is Closure.HARD and not is_child(tracked, row):
            self.raise_filled(tracked, row.filled, now_ms)
            return
        elif tracked.closure is not Closure.OPEN:
            self.reopen(tracked)
        tracked.seen_n = n
        tracked.misses = 0
        self.raise_filled(tracked, row.filled, now_ms)
        if row.updated_ms >= tracked.order.updated_ms:
            self.take(tracked, row)

    def removed(self, event: OrderRemoved, n: int, now_ms: int) -> None:
        """The stream says an order works no more. An id never heard of becomes a tombstone all the same."""
        tracked = self.bind(event.order_id, event.client_order_id, n)
        if tracked is None:
            if event.order is None:
                self.bury(event.order_id, event.client_order_id, event.reason, n)
                return
            tracked = self.track_row(event.order, n)
        tracked.seen_n = n
        if event.order is not None and tracked.closure is not Closure.HARD:
            self.take(tracked, event.order)
        self.close(tracked, event.reason, n)
        self.raise_filled(tracked, event.filled or ZERO, now_ms)
        if event.filled is None and event.reason is CloseReason.FILLED:
            self.expect_fills(tracked, now_ms)

    def snapshot(self, rows: Iterable[Order], n: int, now_ms: int) -> tuple[Order, ...]:
        """All working orders at subscription. What is missing vanished while nobody looked, unless it was placed
        after this connection opened: the snapshot may be older than it.

        Returns rows that contradict what was known before the connection: the venue has gone back in time (an exchange
        that was killed and lost its last moment), and its word now rules.
        """
        self.snapshot_n = n
        listed, gone_back = set(), []
        for row in rows:
            listed.add(row.order_id)
            known = self._tracked.get(row.order_id)
            if known is not None and known.connection < self._connection and contradicts(row, known):
                gone_back.append(row)
                self._start_again(known, row, n)
            else:
                self.updated(row, n, now_ms)
        for tracked in self.open_orders():
            if tracked.order.order_id not in listed and tracked.born_n < self._opened_n:
                self.vanish(tracked, n)
        return tuple(gone_back)

    def fill(self, fill: Fill, n: int, now_ms: int, *, live: bool) -> Tracked:
        """Count a new fill towards its order. ``live``: the stream brought it, so the order was there just now."""
        is_new = fill.order_id not in self._tracked
        is_ours = fill.client_order_id in self._submitting
        tracked = self.bind(fill.order_id, fill.client_order_id, n)
        if tracked is None:
            tracked = self._track(Tracked(from_fill(fill), Closure.UNSEEN, born_n=n))
        if is_new and (tracked.closure is Closure.UNSEEN or not live):
            tracked.closure = Closure.UNSEEN  # a fill of the past does not show that its order still works
            self._fade(tracked)
            if live or is_ours:
                self._wishes.ask(fill.order_id)
        tracked.executed += fill.size
        if live:
            tracked.seen_n = n
        order = tracked.order
        remaining = (fill.remaining or ZERO) if tracked.closure is Closure.UNSEEN else order.remaining
        if fill.remaining is not None and fill.time_ms >= order.updated_ms:
            remaining = min(remaining, fill.remaining)
        tracked.order = replace(order, remaining=remaining, symbol=fill.symbol, side=fill.side)
        self.raise_filled(tracked, tracked.executed, now_ms)
        if fill.remaining == 0:
            self.close(tracked, CloseReason.FILLED, n)
        elif tracked.closure is Closure.SOFT and tracked.executed >= tracked.total > 0:
            self._explain(tracked, CloseReason.FILLED)
        return tracked

    # --- operations ---------------------------------------------------------------------------------------------

    def track_row(self, row: Order, n: int) -> Tracked:
        """A working order nobody here knew."""
        tracked = self._track(Tracked(row, Closure.OPEN, born_n=n, seen_n=n, total=row.size))
        if row.client_order_id:
            self._name(tracked, row.client_order_id)
        return tracked

    def take(self, tracked: Tracked, row: Order) -> None:
        """Adopt a description that is at least as new as ours; what it does not say stays."""
        known = tracked.order
        filled = max(known.filled, row.filled)
        tracked.connection = self._connection
        tracked.total = row.size
        tracked.order = replace(
            row,
            filled=filled,
            remaining=max(row.size - filled, ZERO),
            type=type_of(row.type, known.type),
            client_order_id=row.client_order_id or known.client_order_id,
            trigger_signal=row.trigger_signal or known.trigger_signal,
            deviation=known.deviation if row.deviation is None else row.deviation,
            deviation_unit=row.deviation_unit or known.deviation_unit,
            created_ms=row.created_ms or known.created_ms,
            updated_ms=max(known.updated_ms, row.updated_ms),
            state=known.state,
            close_reason=known.close_reason,
        )
        self._changed()

    def raise_filled(self, tracked: Tracked, filled: Decimal, now_ms: int) -> None:
        """Cumulative filled is a maximum, never a sum of reports. Fills not counted yet become owed."""
        order = tracked.order
        if filled > order.filled:
            tracked.connection = self._connection
            tracked.order = replace(order, filled=filled)
        if tracked.total:
            left = max(tracked.total - tracked.order.filled, ZERO)
            if left < tracked.order.remaining:
                tracked.order = replace(tracked.order, remaining=left)
        if tracked.order.filled > tracked.executed:
            if tracked.owed_since_ms is None:
                tracked.owed_since_ms = now_ms
                self._owing.add(order.order_id)
        else:
            tracked.owed_since_ms, tracked.pulls = None, 0
            self._owing.discard(order.order_id)
        self._changed()

    def expect_fills(self, tracked: Tracked, now_ms: int) -> None:
        """All of it was filled, and nobody said how much that is: an edit may have changed the size unseen. The fills
        tell, and are asked for if they do not come.
        """
        if tracked.executed < tracked.total and tracked.owed_since_ms is None:
            tracked.owed_since_ms = now_ms
            self._owing.add(tracked.order.order_id)

    def close(self, tracked: Tracked, reason: CloseReason, n: int) -> None:
        """The venue said so: final. Only the word FILLED may still replace another: fills carry the truth."""
        if tracked.closure is Closure.HARD:
            if reason is CloseReason.FILLED:
                self._explain(tracked, reason)
            return
        self._end(tracked, Closure.HARD, reason, n)

    def vanish(self, tracked: Tracked, n: int) -> None:
        """Inferred from absence: it may come back, and somebody must be asked."""
        complete = tracked.executed >= tracked.total > 0
        self._end(tracked, Closure.SOFT, CloseReason.FILLED if complete else CloseReason.UNKNOWN, n)
        self.suspect(tracked)
        if not complete:
            self._wishes.explain(tracked.order.updated_ms)

    def suspect(self, tracked: Tracked) -> None:
        self._wishes.ask(tracked.order.order_id)
        self._wishes.fills()

    def reopen(self, tracked: Tracked) -> None:
        """The venue contradicts what we inferred, or an unseen order showed itself, or a child took the id over."""
        tracked.closure = Closure.OPEN
        tracked.misses = 0
        self._fading.pop(tracked.order.order_id, None)
        tracked.order = replace(tracked.order, state=OrderState.OPEN, close_reason=None)
        self._changed()

    def bury(self, order_id: str, client_order_id: str | None, reason: CloseReason, n: int) -> None:
        """A tombstone for an order known by nothing but its id: a later row about it is a ghost.

        It has no contract and is not shown; its fills, if any, are fetched.
        """
        blank = Order(order_id=order_id, symbol="", side=Side.BUY, type=OrderType.UNKNOWN, remaining=ZERO)
        tracked = self._track(Tracked(blank, Closure.OPEN, born_n=n, seen_n=n))
        if client_order_id:
            self._name(tracked, client_order_id)
        self._end(tracked, Closure.HARD, reason, n)
        self.suspect(tracked)

    def overdue(self, now_ms: int) -> tuple[Order, ...]:
        """Ask for fills that are owed for too long. Returns the orders whose fills nobody could show."""
        given_up = []
        for order_id in tuple(self._owing):
            tracked = self._tracked.get(order_id)
            if tracked is None or tracked.owed_since_ms is None:
                self._owing.discard(order_id)
            elif now_ms - tracked.owed_since_ms >= OWED_AFTER_MS << tracked.pulls:
                tracked.pulls += 1
                if tracked.pulls > OWED_PULLS:
                    self._owing.discard(order_id)
                    given_up.append(tracked.order)
                else:
                    self._wishes.fills()
        return tuple(given_up)

    # --- inside -------------------------------------------------------------------------------------------------

    def _start_again(self, known: Tracked, row: Order, n: int) -> None:
        self._fading.pop(row.order_id, None)
        self._owing.discard(row.order_id)
        row = replace(row, type=type_of(row.type, known.order.type))
        executed = min(known.executed, row.filled)
        self._track(Tracked(row, Closure.OPEN, known.born_n, seen_n=n, total=row.size, executed=executed))

    def _track(self, tracked: Tracked) -> Tracked:
        tracked.connection = self._connection
        self._tracked[tracked.order.order_id] = tracked
        self._changed()
        return tracked

    def _name(self, tracked: Tracked, client_order_id: str) -> None:
        current = self.by_client(client_order_id)
        if current is None or current.is_closed or not tracked.is_closed:
            self._by_client[client_order_id] = tracked.order.order_id
        if tracked.order.client_order_id is None:
            tracked.order = replace(tracked.order, client_order_id=client_order_id)

    def _end(self, tracked: Tracked, closure: Closure, reason: CloseReason, n: int) -> None:
        tracked.closure = closure
        tracked.close_n = n
        tracked.connection = self._connection
        tracked.order = replace(tracked.order, state=OrderState.CLOSED, close_reason=reason)
        self._fade(tracked)
        self._changed()

    def _fade(self, tracked: Tracked) -> None:
        self._fading.pop(tracked.order.order_id, None)
        self._fading[tracked.order.order_id] = None
        while len(self._fading) > TOMBSTONES:
            gone = next(iter(self._fading))
            del self._fading[gone]
            client_order_id = self._tracked.pop(gone).order.client_order_id
            if client_order_id and self._by_client.get(client_order_id) == gone:
                del self._by_client[client_order_id]

    def _explain(self, tracked: Tracked, reason: CloseReason) -> None:
        tracked.order = replace(tracked.order, close_reason=reason)
        self._changed()

    def _changed(self) -> None:
        self._working_view = self._closed_view = None
