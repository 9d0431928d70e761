"""What came back to our own requests, applied to what the desk knows.

The stream may have spoken first: then the answer merges into what is there. Invariant: an answer never brings back an
order that ended, and an unknown outcome changes nothing but what is in doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from typing import TypeVar

from tui.journal.records import Intent
from tui.model.decimals import ZERO
from tui.model.enums import CloseReason
from tui.model.errors import DeskError, Sent
from tui.model.order import Accepted, CancelAllResult, CancelRequest, EditRequest, OrderRequest, Refused, Unknown
from tui.model.state import AlarmKind
from tui.service.ledger import Ledger
from tui.service.tracked import Closure, Tracked

A = TypeVar("A")

FILLED_WORD = "filled"  # the venue's word when a cancel comes too late


async def within(answer_s: float, answer: Awaitable[A | Refused | Unknown]) -> A | Refused | Unknown:
    """The venue's answer to something sent. What could not be said, or came too late, is a value like any other."""
    try:
        async with asyncio.timeout(answer_s):
            return await answer
    except TimeoutError:
        return Unknown(f"no answer within {answer_s:g} s")
    except DeskError as error:
        if error.sent is Sent.NO:
            return Refused("not sent", error.what, error.advice, by_desk=True)
        return Unknown(str(error))


def doubt(ledger: Ledger, intent: Intent, now_ms: int) -> None:
    """Nobody said what became of ``intent``: it is unresolved until evidence settles it."""
    request = intent.request
    if isinstance(request, OrderRequest):
        ledger.orders.doubt(request.client_order_id)
    ledger.doubts.add(intent)
    ledger.alarms.error(AlarmKind.UNRESOLVED, f"No answer: {intent.what}. Asking what became of it", now_ms)
    ledger.wishes.refresh()
    ledger.urgent = True
    ledger.judge(now_ms)


def submitted(ledger: Ledger, request: OrderRequest, accepted: Accepted, n: int, now_ms: int) -> None:
    """The venue took an order."""
    orders = ledger.orders
    order_id = accepted.order_id
    if order_id is None:
        orders.doubt(request.client_order_id)
        ledger.wishes.refresh()
        return
    known = orders.get(order_id)
    is_news = known is None or known.closure is Closure.UNSEEN
    tracked = orders.bind(order_id, request.client_order_id, n)
    if tracked is None and accepted.order is not None:
        tracked = orders.track_row(accepted.order, n)
    ledger.count_executions(accepted.fills, n, now_ms)
    if tracked is not None:
        _merge(ledger, tracked, accepted, n, now_ms)
        if is_news and tracked.born_n < orders.snapshot_n:
            orders.suspect(tracked)  # the stream listed all orders meanwhile, without this one: it may be over
            ledger.wishes.refresh()
    ledger.urgent = True


def _merge(ledger: Ledger, tracked: Tracked, accepted: Accepted, n: int, now_ms: int) -> None:
    orders = ledger.orders
    if tracked.closure is Closure.UNSEEN:
        orders.reopen(tracked)
    if tracked.closure is Closure.OPEN:
        tracked.seen_n = max(tracked.seen_n, n)
        row = accepted.order
        if accepted.resting and row is not None and row.updated_ms >= tracked.order.updated_ms:
            orders.take(tracked, row)
    orders.raise_filled(tracked, accepted.filled, now_ms)
    if accepted.resting:
        return
    if tracked.order.filled > ZERO:
        done = tracked.order.filled >= tracked.total
        orders.close(tracked, CloseReason.FILLED if done else CloseReason.REMAINDER_DROPPED, n)
    else:
        orders.suspect(tracked)  # taken, but neither resting nor filled: an answer without events says no more


def refused(ledger: Ledger, request: OrderRequest, refusal: Refused, n: int, now_ms: int) -> None:
    """The venue (or the road to it) said no: nothing works because of this request."""
    ledger.orders.forget(request.client_order_id)
    if refusal.order_id is not None:
        known = ledger.orders.get(refusal.order_id)
        if known is not None:
            ledger.orders.close(known, CloseReason.REJECTED, n)
    complain(ledger, refusal, now_ms)


def complain(ledger: Ledger, refusal: Refused, now_ms: int) -> None:
    """Tell the trader of a refusal."""
    text = f"{refusal.explanation}. {refusal.advice}" if refusal.advice else refusal.explanation
    ledger.alarms.warning(AlarmKind.REFUSED, text, now_ms)
    ledger.urgent = True


def edited(ledger: Ledger, request: EditRequest, accepted: Accepted, n: int, now_ms: int) -> None:
    """The venue took an edit; the id stays."""
    ledger.count_executions(accepted.fills, n, now_ms)
    tracked = ledger.orders.get(request.order_id)
    row = accepted.order
    if tracked is None or row is None:
        ledger.wishes.refresh()
    elif tracked.closure is Closure.OPEN and row.updated_ms >= tracked.order.updated_ms:
        tracked.seen_n = max(tracked.seen_n, n)
        ledger.orders.take(tracked, row)
        ledger.orders.raise_filled(tracked, row.filled, now_ms)
    ledger.urgent = True


def cancelled(ledger: Ledger, request: CancelRequest, accepted: Accepted, n: int, now_ms: int) -> None:
    """The venue says the order is off its book: cancelled, or filled before the cancel came."""
    order_id = accepted.order_id or request.order_id
    reason = CloseReason.FILLED if accepted.status == FILLED_WORD else CloseReason.CANCELLED
    orders = ledger.orders
    known = orders.bind(order_id, request.client_order_id, n) if order_id else orders.by_client(request.client_order_id)
    _off(ledger, known, reason, n, now_ms)
    ledger.urgent = True


def cancelled_all(ledger: Ledger, result: CancelAllResult, n: int, now_ms: int) -> None:
    for order_id in result.order_ids:
        _off(ledger, ledger.orders.get(order_id), CloseReason.CANCELLED, n, now_ms)
    ledger.wishes.refresh()
    ledger.urgent = True


def leverage_set(ledger: Ledger, symbol: str, max_leverage: Decimal | None) -> None:
    """A preference was changed; margin and liquidation prices follow with the next refresh."""
    others = {known: cap for known, cap in ledger.leverage.items() if known != symbol}
    ledger.leverage = others if max_leverage is None else {**others, symbol: max_leverage}
    ledger.wishes.refresh()


def not_found(ledger: Ledger, order_id: str | None) -> None:
    """The venue does not know an order we think works: ask what became of it."""
    known = ledger.orders.get(order_id) if order_id else None
    if known is not None:
        ledger.orders.suspect(known)
    ledger.wishes.refresh()


def _off(ledger: Ledger, tracked: Tracked | None, reason: CloseReason, n: int, now_ms: int) -> None:
    if tracked is None:
        ledger.wishes.refresh()
        return
    ledger.orders.close(tracked, reason, n)
    if reason is CloseReason.FILLED:
        ledger.orders.expect_fills(tracked, now_ms)
