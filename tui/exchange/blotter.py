"""Every live order, and what is remembered of the dead: five seconds of statuses, the order history.

Invariant: an id is live in exactly one place, client ids are unique among the live, and each change is told
once on the stream, once in the history.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from typing import Final

from tui.exchange.events import Event, OrderChanged, OrderRecorded
from tui.exchange.keeping import Kept
from tui.exchange.margin import Claim
from tui.exchange.orders import Order
from tui.exchange.views import OrderRecord, OrderStatus
from tui.exchange.words import UPDATE_REASONS, Refusal

STATUS_KEPT_MS: Final = 5_000
KEPT_RECORDS: Final = 1_000
_KEPT_STATUSES: Final = 2_000


class Blotter:
    """See the module. ``unsaved`` are ids of orders that changed, arrived or left since they were written down."""

    def __init__(self, emit: Callable[[Event], None], new_id: Callable[[], str]) -> None:
        self._emit = emit
        self._new_id = new_id
        self.live: dict[str, Order] = {}
        self._by_symbol: dict[str, dict[str, Order]] = {}
        self._claims: dict[str, tuple[Claim, ...]] = {}
        self.unsaved: dict[str, None] = {}
        self.records: Kept[OrderRecord] = Kept(KEPT_RECORDS)
        self._by_client: dict[str, str] = {}
        self._last_reason: dict[str, str] = {}
        self._ended: deque[OrderStatus] = deque(maxlen=_KEPT_STATUSES)

    # --- reading -----------------------------------------------------------------------------------------

    def find(self, order_id: str | None, cli_ord_id: str | None) -> Order | None:
        """The live order by id, else by client id."""
        if order_id is None and cli_ord_id is not None:
            order_id = self._by_client.get(cli_ord_id)
        return self.live.get(order_id) if order_id is not None else None

    def has_client_id(self, cli_ord_id: str) -> bool:
        return cli_ord_id in self._by_client

    @property
    def symbols(self) -> Collection[str]:
        """Contracts with live orders."""
        return self._by_symbol.keys()

    def of(self, symbol: str) -> list[Order]:
        return list(self._by_symbol.get(symbol, {}).values())

    def claims(self, symbol: str) -> tuple[Claim, ...]:
        """What resting orders could add to a position; the same tuple for as long as nothing changes it."""
        known = self._claims.get(symbol)
        if known is None:
            found = (_claim(order) for order in self._by_symbol.get(symbol, {}).values())
            known = self._claims[symbol] = tuple(claim for claim in found if claim is not None)
        return known

    def resting(self, symbol: str, side: str | None = None) -> list[Order]:
        """Orders in the book (not waiting triggers), oldest first."""
        return [order for order in self.of(symbol) if not order.is_trigger and side in {None, order.side}]

    def ended(self, order_id: str | None, cli_ord_id: str | None, now_ms: int) -> OrderStatus | None:
        """The newest status of an order that ended in the last five seconds."""
        for status in reversed(self._ended):
            if status.changed_ms < now_ms - STATUS_KEPT_MS:
                return None
            match = status.order.order_id == order_id if order_id else status.order.cli_ord_id == cli_ord_id
            if match:
                return status
        return None

    def statuses(self, order_ids: Iterable[str], cli_ord_ids: Iterable[str], now_ms: int) -> tuple[OrderStatus, ...]:
        """Live orders and those ended in the last five seconds; no ids = all live."""
        ids, clients = set(order_ids), set(cli_ord_ids)
        live = [self._live_status(order) for order in self.live.values()]
        if not ids and not clients:
            return tuple(live)
        recent = [status for status in self._ended if status.changed_ms >= now_ms - STATUS_KEPT_MS]
        return tuple(
            status
            for status in live + recent
            if status.order.order_id in ids
            or (status.order.cli_ord_id is not None and status.order.cli_ord_id in clients)
        )

    def _live_status(self, order: Order) -> OrderStatus:
        reason = UPDATE_REASONS[self._last_reason[order.order_id]]
        status = "TRIGGER_PLACED" if order.is_trigger else "ENTERED_BOOK"
        return OrderStatus(order, status, reason, None, order.updated_ms)

    def claims_without(self, leaving: Order) -> tuple[Claim, ...]:
        """The same as if ``leaving`` were not there."""
        found = (_claim(order) for order in self.of(leaving.symbol) if order.order_id != leaving.order_id)
        return tuple(claim for claim in found if claim is not None)

    # --- writing -----------------------------------------------------------------------------------------

    def accept(self, order: Order, reduced: Decimal | None = None) -> None:
        """A new order passed every check and has met the book; ``order`` is its value after that. Tells the history.

        The venue's own record of a placed order says what it filled on arrival (live capture 2024-02).
        """
        self._record("placed", order, "new_placed_order_by_user", reduced=reduced)

    def rest(self, order: Order, reason: str) -> None:
        """An accepted order becomes live. Tells the stream."""
        self.restore(order, reason)
        self.unsaved[order.order_id] = None
        self._emit(OrderChanged(order, reason, removed=False))

    def update(self, order: Order, reason: str) -> None:
        """A live order has a new value. Tells both."""
        old = self.live[order.order_id]
        self.rest(order, reason)
        self._record("updated", order, reason, old=old)

    def restore(self, order: Order, reason: str = "new_placed_order_by_user") -> None:
        """Live again after a restart: tells nobody."""
        self._set(order)
        self._last_reason[order.order_id] = reason
        if order.cli_ord_id is not None:
            self._by_client[order.cli_ord_id] = order.order_id

    def amend(self, order: Order) -> None:
        """A live order's value changed in a way nobody is told of."""
        self._set(order)
        self.unsaved[order.order_id] = None

    def _set(self, order: Order) -> None:
        self.live[order.order_id] = order
        self._by_symbol.setdefault(order.symbol, {})[order.order_id] = order
        self._claims.pop(order.symbol, None)

    def _drop(self, order_id: str) -> Order:
        order = self.live.pop(order_id)
        others = self._by_symbol[order.symbol]
        del others[order_id]
        if not others:
            del self._by_symbol[order.symbol]
        self._claims.pop(order.symbol, None)
        return order

    def end(self, order: Order, reason: str, status: str, now_ms: int) -> None:
        """A live order leaves; ``order`` is its last value. ``status`` is the order-status word."""
        old = self._drop(order.order_id)
        self.unsaved[order.order_id] = None
        self._last_reason.pop(order.order_id)
        if order.cli_ord_id is not None:
            self._by_client.pop(order.cli_ord_id, None)
        self._emit(OrderChanged(order, reason, removed=True))
        self.remember(order, reason, status, now_ms, old=old)

    def drop(self, order: Order, reason: str, now_ms: int) -> None:
        """What is left of an accepted order that never rested is gone. Tells both."""
        self._emit(OrderChanged(order, reason, removed=True))
        self.remember(order, reason, "CANCELLED", now_ms)

    def complete(self, order: Order, now_ms: int) -> None:
        """An accepted order was filled on arrival: its placing has told the history so."""
        self._ended.append(OrderStatus(order, "FULLY_EXECUTED", UPDATE_REASONS["full_fill"], None, now_ms))

    def remember(self, order: Order, reason: str, status: str, now_ms: int, *, old: Order | None = None) -> None:
        """Status and history of an order that has ended."""
        trigger_ms = now_ms if reason == "stop_order_triggered" else None
        self._ended.append(OrderStatus(order, status, UPDATE_REASONS[reason], None, now_ms, trigger_ms))
        kind = "activated" if trigger_ms else ("updated" if status == "FULLY_EXECUTED" else "cancelled")
        self._record(kind, order, reason, old=old, time_ms=now_ms)

    def reject(self, order: Order, refusal: Refusal, now_ms: int) -> None:
        """An order that got an id and no further."""
        self._emit(OrderChanged(order, refusal.reason, removed=True, verbose_only=True))
        reason = UPDATE_REASONS[refusal.reason]
        self._ended.append(OrderStatus(order, "REJECTED", reason, refusal.error, now_ms))
        self._record("rejected", order, refusal.reason, error=refusal.error, time_ms=now_ms)

    def reject_edit(self, old: Order, attempted: Order, error: str, now_ms: int) -> None:
        """An edit was refused. Tells the history."""
        self._record("edit_rejected", attempted, "edited_by_user", old=old, error=error, time_ms=now_ms)

    def fail_trigger(self, trigger: Order, refusal: Refusal, now_ms: int) -> None:
        """A trigger woke and its order was refused: the trigger is gone all the same."""
        self.end(trigger, refusal.reason, "TRIGGER_ACTIVATION_FAILURE", now_ms)
        reason = UPDATE_REASONS[refusal.reason]
        self._ended[-1] = OrderStatus(trigger, "TRIGGER_ACTIVATION_FAILURE", reason, refusal.error, now_ms, now_ms)

    def _record(
        self,
        kind: str,
        order: Order,
        reason: str,
        *,
        old: Order | None = None,
        error: str | None = None,
        time_ms: int | None = None,
        reduced: Decimal | None = None,
    ) -> None:
        word = UPDATE_REASONS[reason].lower()
        at = order.updated_ms if time_ms is None else time_ms
        record = OrderRecord(self._new_id(), at, kind, order, word, old, error, reduced)
        self.records.append(record)
        self._emit(OrderRecorded(record))


def _claim(order: Order) -> Claim | None:
    """None for an order that waits as a trigger or can only reduce."""
    if order.is_trigger or order.reduce_only or order.limit_price is None:
        return None
    return Claim(order.side, order.remaining, order.limit_price)
