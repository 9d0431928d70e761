"""A dozen faults that clients of this venue really had, or nearly had, each planted alone: the worlds must notice.

Every context manager here spoils one thing in the desk's own code while it is open, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from tests.simulation.faults import Faults
from tui.client.derivatives import private
from tui.client.derivatives.rest import Call, Rest
from tui.journal.journal import Journal
from tui.journal.records import Intent, Kind, Request
from tui.model.decimals import ZERO
from tui.model.enums import CloseReason
from tui.model.errors import OutcomeUnknown
from tui.model.events import LinkOpened
from tui.model.fill import Fill
from tui.model.order import Order
from tui.service import doubts, fills, orders, questions, reconcile, recorder, reduce
from tui.service.ledger import Ledger
from tui.service.tracked import Closure, Tracked
from tui.service.trading import Trading
from tui.wire.derivatives import frames as wire
from tui.wire.derivatives.feeds import Event as Word

Plant = Callable[[], AbstractContextManager[object]]

OVERTAKING = Faults(answer_late=0.3, answer_stale=0.4, cut_every_s=8.0)
LATE = Faults(call_late=0.08)
CROWDED = Faults(disk_full_every_s=4.0)
BLINKING = Faults(frame_lost=0.3, answer_stale=0.5, price_jump_every_s=4.0)


def resend_on_timeout() -> AbstractContextManager[object]:
    """An answer that did not come is taken for a failure, and the act is tried again."""
    act = Rest.act

    async def stubborn(self: Rest, call: Call, shape: type[Any]) -> Any:
        try:
            return await act(self, call, shape)
        except OutcomeUnknown:
            return await act(self, call, shape)

    return patch.object(Rest, "act", stubborn)


def rest_replaces_all() -> AbstractContextManager[object]:
    """Whatever REST lists is what works, however old the list is."""

    def take_orders(ledger: Ledger, rows: tuple[Order, ...], sent_n: int, now_ms: int) -> None:
        for tracked in ledger.orders.open_orders():
            ledger.orders._tracked.pop(tracked.order.order_id)
        for row in rows:
            known = ledger.orders.get(row.order_id)
            if known is not None:
                ledger.orders._fading.pop(row.order_id, None)
            ledger.orders.track_row(row, sent_n)
        ledger.judge(now_ms)

    return patch.object(questions, "take_orders", take_orders)


def tombstone_dropped() -> AbstractContextManager[object]:
    """An order that ended is forgotten, so that a late row brings it back."""
    end = orders.OrderLedger._end

    def forgetful(self: orders.OrderLedger, tracked: Tracked, closure: Closure, reason: CloseReason, n: int) -> None:
        end(self, tracked, closure, reason, n)
        self._tracked.pop(tracked.order.order_id, None)
        self._fading.pop(tracked.order.order_id, None)

    return patch.object(orders.OrderLedger, "_end", forgetful)


def fill_set_cleared() -> AbstractContextManager[object]:
    """A new connection begins with no memory of fills."""
    opened = reduce._HANDLERS[LinkOpened]

    def clearing(ledger: Ledger, event: LinkOpened, now_ms: int, n: int) -> None:
        ledger.fills._known.clear()
        opened(ledger, event, now_ms, n)

    return patch.dict(reduce._HANDLERS, {LinkOpened: clearing})


@contextmanager
def absence_means_cancelled() -> Iterator[None]:
    """An order that one list lacks was cancelled."""

    def vanish(self: orders.OrderLedger, tracked: Tracked, n: int) -> None:
        self._end(tracked, Closure.HARD, CloseReason.CANCELLED, n)

    with patch.object(reconcile, "MISSES_TO_VANISH", 1), patch.object(orders.OrderLedger, "vanish", vanish):
        yield


def challenge_kept() -> AbstractContextManager[object]:
    """After a reconnect the private feeds are asked for with the challenge of the connection before."""
    opened = private.PrivateFeeds.opened

    def lazy(self: private.PrivateFeeds, now_ms: int) -> list[wire.Request]:
        kept = self._challenge
        requests = opened(self, now_ms)
        if not kept:
            return requests
        self._challenge = kept
        return [self._ask(Word.SUBSCRIBE, feed) for feed in self._feeds]

    return patch.object(private.PrivateFeeds, "opened", lazy)


def filled_lowered() -> AbstractContextManager[object]:
    """The newest row rules, even if it knows of less than was filled."""

    def raise_filled(self: orders.OrderLedger, tracked: Tracked, filled: Any, _now_ms: int) -> None:
        left = max(tracked.total - filled, ZERO) if tracked.total else tracked.order.remaining
        tracked.order = replace(tracked.order, filled=filled, remaining=left)
        self._changed()

    return patch.object(orders.OrderLedger, "raise_filled", raise_filled)


def provisional_counted_twice() -> AbstractContextManager[object]:
    """Executions in an order's own answer are fills of their own."""

    def add_execution(self: fills.FillLedger, fill: Fill) -> bool:
        self._insert(replace(fill, fill_id=f"execution of {fill.fill_id}"))
        return True

    return patch.object(fills.FillLedger, "add_execution", add_execution)


def unresolved_forgotten() -> AbstractContextManager[object]:
    """A new run does not look for what an earlier one left open."""

    async def nothing(_self: Journal) -> tuple[()]:
        await asyncio.sleep(0)
        return ()

    return patch.object(Journal, "pending", nothing)


def intent_after_send() -> AbstractContextManager[object]:
    """The intent is on its way to the disk while the order leaves."""
    commit: Callable[..., Awaitable[Intent]] = Journal.intent

    async def hasty(  # noqa: PLR0917 as the original
        self: Journal, kind: Kind, symbol: str | None, what: str, request: Request, at_ms: int
    ) -> Intent:
        number = self.__dict__.setdefault("_hasty", 0) + 1
        self.__dict__["_hasty"] = number
        loop = asyncio.get_running_loop()
        loop.call_later(0.2, lambda: asyncio.ensure_future(commit(self, kind, symbol, what, request, at_ms)))
        await asyncio.sleep(0)
        return Intent(number, at_ms, kind, symbol, what, request)

    return patch.object(Journal, "intent", hasty)


@contextmanager
def bound_not_sent() -> Iterator[None]:
    """Absence is believed after the time to which the venue was to hold itself, but nobody told it."""
    with patch.object(Trading, "_bound_ms", lambda _: None), patch.object(doubts, "UNBOUNDED_SEND_MS", 17_000):
        yield


def full_disk_forgotten() -> AbstractContextManager[object]:
    """What the journal could not take is not offered again."""
    return patch.object(recorder, "RETRY_S", 1e9)


PLANTS: dict[Plant, Faults | None] = {
    resend_on_timeout: None,
    rest_replaces_all: OVERTAKING,
    tombstone_dropped: None,
    fill_set_cleared: None,
    absence_means_cancelled: BLINKING,
    challenge_kept: None,
    filled_lowered: None,
    provisional_counted_twice: None,
    unresolved_forgotten: None,
    intent_after_send: None,
    bound_not_sent: LATE,
    full_disk_forgotten: CROWDED,
}
"""With the faults of worlds in which it shows soon; None: each world's own."""
