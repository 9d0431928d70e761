"""Acts whose outcome nobody has said: shown as UNRESOLVED, and settled by asking, never by sending again.

Evidence that an act took effect settles it at once. That it did *not* can only be shown by a whole round of questions
asked after its bound: the venue refuses to handle an order later than its ``process_before``, so what is nowhere to be
found then never reached the book. Invariant: no doubt ends without evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import assert_never

from msgspec import Struct

from tui.journal.records import CancelAllRequest, Intent, Kind, LeverageRequest, Verdict
from tui.model.enums import CloseReason
from tui.model.order import CancelRequest, EditRequest, Order, OrderRequest, Unresolved
from tui.service.orders import OrderLedger
from tui.service.tracked import Closure, Tracked

MARGIN_MS = 5_000
UNBOUNDED_SEND_MS = 60_000
UNBOUNDED_ACT_MS = 30_000
LONGEST_VALID_MS = 60_000  # no bound is sent that lies further ahead
CLOCK_ERROR_MS = 250  # how far the known skew may be off: half of a slow round trip


class Settled(Struct, frozen=True):
    """How an act ended. ``text`` completes the sentence 'The outcome is known now: ...'. ``status``: the venue's word,
    or that it had to be asked.
    """

    intent: Intent
    verdict: Verdict
    text: str
    order_id: str | None = None
    status: str = "asked"


def bound_ms(intent: Intent, skew_ms: int) -> int:
    """Venue time after which the act can no longer take effect."""
    request = intent.request
    if isinstance(request, (OrderRequest, EditRequest)) and request.process_before_ms is not None:
        return request.process_before_ms + MARGIN_MS
    wait_ms = UNBOUNDED_SEND_MS if isinstance(request, OrderRequest) else UNBOUNDED_ACT_MS
    return intent.at_ms + skew_ms + wait_ms


def since_ms(intent: Intent, skew_ms: int) -> int:
    """Venue time before which nothing of it can have happened. The clock of an earlier run may have been wrong; the
    bound that was sent along is the venue's own time.
    """
    sent_ms = intent.at_ms + skew_ms - MARGIN_MS
    bound = getattr(intent.request, "process_before_ms", None)
    return sent_ms if bound is None else min(sent_ms, bound - LONGEST_VALID_MS)


class Doubts:
    """Owned by the reducer. Keyed by the journal's number of the act."""

    def __init__(self) -> None:
        self._doubts: dict[int, Intent] = {}
        self._rounds: dict[int, int] = {}
        self._view: tuple[Unresolved, ...] | None = ()

    def __bool__(self) -> bool:
        return bool(self._doubts)

    def add(self, intent: Intent) -> None:
        self._doubts[intent.number] = intent
        self._rounds[intent.number] = 0
        self._view = None

    def intents(self) -> tuple[Intent, ...]:
        """Oldest first."""
        return tuple(self._doubts.values())

    def touching(self, symbol: str) -> tuple[Intent, ...]:
        """Doubts that a new act on ``symbol`` could repeat; one without a contract touches all."""
        return tuple(intent for intent in self._doubts.values() if intent.symbol in (None, symbol))

    def view(self) -> tuple[Unresolved, ...]:
        if self._view is None:
            self._view = tuple(_shown(intent, self._rounds[number]) for number, intent in self._doubts.items())
        return self._view

    def asked(self) -> None:
        """Another round of questions was asked."""
        self._rounds = {number: rounds + 1 for number, rounds in self._rounds.items()}
        self._view = None

    def judge(
        self,
        orders: OrderLedger,
        leverage: Mapping[str, Decimal],
        *,
        asked_ms: int | None = None,
        skew_ms: int = 0,
    ) -> tuple[Settled, ...]:
        """End the doubts that evidence settles. ``asked_ms``: venue time at which a whole round of questions, all
        answered, was asked; None between rounds.
        """
        ended = []
        for intent in self.intents():
            found = _judge(intent, orders, leverage, asked_ms, skew_ms)
            if found is not None:
                ended.append(found)
                del self._doubts[intent.number], self._rounds[intent.number]
                self._view = None
        return tuple(ended)


def _judge(
    intent: Intent, orders: OrderLedger, leverage: Mapping[str, Decimal], asked_ms: int | None, skew_ms: int
) -> Settled | None:
    over = asked_ms is not None and asked_ms > bound_ms(intent, skew_ms)
    asked = asked_ms is not None and asked_ms >= intent.at_ms + skew_ms
    request = intent.request
    match request:
        case OrderRequest():
            return _judge_send(intent, orders.by_client(request.client_order_id), over)
        case EditRequest():
            return _judge_edit(intent, request, orders.get(request.order_id), over)
        case CancelRequest():
            known = orders.get(request.order_id) if request.order_id else None
            return _judge_cancel(intent, known or orders.by_client(request.client_order_id), over)
        case CancelAllRequest():
            return _judge_cancel_all(intent, orders, asked, over, skew_ms)
        case LeverageRequest():
            done = asked and leverage.get(request.symbol) == request.max_leverage
            return _found(intent, done, "the preference is set", over, "the preference was not changed")
        case _:
            assert_never(request)


def _judge_send(intent: Intent, order: Tracked | None, over: bool) -> Settled | None:
    if order is None:
        text = "it never reached the book: the venue has no trace of it, and its time is over"
        return Settled(intent, Verdict.NOT_SENT, text) if over else None
    verdict = Verdict.REFUSED if order.is_closed and _never_worked(order.order) else Verdict.ACCEPTED
    return Settled(intent, verdict, _state(order), order.order.order_id)


def _never_worked(order: Order) -> bool:
    """Refused at the door. The stream says of both, an order that would have met our own and one that worked and made
    way for it, that they ended by self-trade; the first ended in the moment it was made.
    """
    at_once = order.created_ms == order.updated_ms and not order.filled
    return order.close_reason is CloseReason.REJECTED or (order.close_reason is CloseReason.SELF_TRADE and at_once)


def _judge_edit(intent: Intent, request: EditRequest, order: Tracked | None, over: bool) -> Settled | None:
    if order is not None and order.is_closed:
        return Settled(intent, Verdict.SETTLED, f"the order {_state(order)}", order.order.order_id)
    done = order is not None and _is_edited(order, request)
    return _found(intent, done, "the edit took effect", over, "the edit did not take effect")


def _judge_cancel(intent: Intent, order: Tracked | None, over: bool) -> Settled | None:
    if order is not None and order.is_closed:
        return Settled(intent, Verdict.ACCEPTED, _state(order), order.order.order_id)
    works = order is not None and order.closure is Closure.OPEN
    text = "the order still works: the cancel did not arrive" if works else "the venue does not know the order"
    return Settled(intent, Verdict.SETTLED, text) if over else None


def _judge_cancel_all(intent: Intent, orders: OrderLedger, asked: bool, over: bool, skew_ms: int) -> Settled | None:
    """Orders know when they were made by the venue's clock, the act when it was sent by ours."""
    sent_ms = intent.at_ms + skew_ms + CLOCK_ERROR_MS
    left = [
        order
        for order in orders.open_orders()
        if intent.symbol in (None, order.order.symbol) and order.order.created_ms <= sent_ms
    ]
    return _found(intent, asked and not left, "nothing works any more", over, f"{len(left)} orders still work")


def _found(intent: Intent, done: bool, yes: str, over: bool, no: str) -> Settled | None:
    if done:
        return Settled(intent, Verdict.ACCEPTED, yes)
    return Settled(intent, Verdict.SETTLED, no) if over else None


def _is_edited(tracked: Tracked, request: EditRequest) -> bool:
    order = tracked.order
    wanted = (
        (request.size, order.remaining),
        (request.limit_price, order.limit_price),
        (request.stop_price, order.stop_price),
        (request.deviation, order.deviation),
    )
    return all(asked is None or asked == now for asked, now in wanted)


def _state(tracked: Tracked) -> str:
    if tracked.closure is Closure.OPEN:
        return "it works at the venue"
    if tracked.closure is Closure.UNSEEN:
        return "it was executed"
    reason = tracked.order.close_reason
    if reason in (None, CloseReason.UNKNOWN):
        return "it reached the venue and works no more; why is being asked"
    return f"it reached the venue and ended: {str(reason).replace('_', ' ')}"


def _shown(intent: Intent, rounds: int) -> Unresolved:
    request = intent.request
    shown = request if isinstance(request, (OrderRequest, EditRequest, CancelRequest)) else None
    asking = "asking the venue (status, fills, open orders)"
    return Unresolved(
        client_order_id=intent.client_order_id or f"act {intent.number}",
        symbol=intent.symbol or "",
        kind=Kind(intent.kind).replace("_", " "),
        what=intent.what,
        since_ms=intent.at_ms,
        asking=f"{asking}, asked {rounds} times" if rounds > 1 else asking,
        request=shown,
    )
