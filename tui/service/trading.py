"""The only road to an order: last hard checks, the intent on disk, then the venue, then the outcome.

Invariants: nothing is sent before its intent is committed; nothing is ever sent twice or again by itself; whatever was
sent and not answered is unresolved until evidence settles it. Cancels pass every doubt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar
from uuid import uuid4
from weakref import WeakValueDictionary

from msgspec.structs import replace

from tui.client.venue import Venue
from tui.journal.journal import Journal
from tui.journal.records import CancelAllRequest, Intent, Kind, LeverageRequest, Request, Verdict
from tui.model.describe import edit_line, one_line
from tui.model.enums import OrderType
from tui.model.errors import JournalError
from tui.model.order import (
    Accepted,
    CancelAllResult,
    CancelRequest,
    EditRequest,
    Order,
    OrderRequest,
    Outcome,
    Refused,
    Unknown,
)
from tui.service import answers
from tui.service.deadman import DeadManSwitch
from tui.service.doubts import Settled
from tui.service.store import Store

ANSWER_S = 10.0
VALID_MS = 12_000
NOT_FOUND = frozenset({"notFound", "orderForEditNotFound"})

A = TypeVar("A")


class Trading:
    """All times local unless they go to the venue. ``answer_s``: how long an answer is waited for. ``valid_ms``: the
    venue must refuse an order or edit that it would handle later than this after the key was pressed; that is what
    makes 'it never arrived' provable.
    """

    def __init__(
        self,
        venue: Venue,
        store: Store,
        journal: Journal,
        *,
        answer_s: float = ANSWER_S,
        valid_ms: int = VALID_MS,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._venue = venue
        self._store = store
        self._journal = journal
        self._answer_s = answer_s
        self._valid_ms = valid_ms
        self._new_id = new_id
        self._dead_man = DeadManSwitch(venue, store, answer_s=answer_s)
        self._in_flight: set[str] = set()
        self._editing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def new_client_order_id(self) -> str:
        """A UUID, which the venue's edit call insists on for client ids too."""
        return self._new_id()

    # --- orders -------------------------------------------------------------------------------------------------

    async def submit(self, request: OrderRequest, *, accept_doubts: bool = False) -> Outcome:
        """Send an assessed order once. Refused by the desk if nothing may be sent, if this very request is on its way
        already, or if an unresolved act touches the contract and ``accept_doubts`` is False.
        """
        return await self._place(Kind.SEND, request, accept_doubts)

    async def submit_batch(
        self, requests: tuple[OrderRequest, ...], *, accept_doubts: bool = False
    ) -> tuple[Outcome, ...]:
        """Send assessed orders of one contract in one call, each under an intent of its own. One outcome each."""
        denied = self._forbidden(requests[0].symbol, accept_doubts)
        if denied is None and any(one.client_order_id in self._in_flight for one in requests):
            denied = self._deny("in flight", "These orders are on their way already", "Wait for their answer")
        if denied is not None:
            return tuple(denied for _ in requests)
        bound_ms = self._bound_ms()
        requests = tuple(replace(one, process_before_ms=bound_ms) for one in requests)
        names = {one.client_order_id for one in requests}
        self._in_flight |= names
        try:
            return await self._send_batch(requests)
        finally:
            self._in_flight -= names

    async def flatten(self, symbol: str, *, accept_doubts: bool = False) -> Outcome:
        """Close a position with one reduce-only market order of its present size."""
        position = next((one for one in self._store.ledger.positions.view() if one.symbol == symbol), None)
        if position is None:
            return self._deny("flat", f"There is no position in {symbol}", "Nothing was sent")
        request = OrderRequest(
            client_order_id=self._new_id(),
            symbol=symbol,
            side=position.closing_side,
            type=OrderType.MARKET,
            size=position.size,
            reduce_only=True,
        )
        return await self._place(Kind.FLATTEN, request, accept_doubts)

    async def edit(self, request: EditRequest, *, accept_doubts: bool = False) -> Outcome:
        """Change a working order. Edits of one order go out one after the other, in the order of the keys."""
        async with self._editing.setdefault(request.order_id, asyncio.Lock()):
            denied = self._forbidden(request.symbol, accept_doubts)
            if denied is not None:
                return denied
            known = self._store.ledger.orders.get(request.order_id)
            if known is None:
                return self._deny("unknown", "The venue has not named this order yet", "Wait for it, then edit")
            request = replace(request, process_before_ms=request.process_before_ms or self._bound_ms())
            what = edit_line(request, known.order, self._store.ledger.instruments.get(request.symbol))
            return await self._act(
                Kind.EDIT,
                request.symbol,
                what,
                request,
                send=lambda: self._venue.edit(request),
                done=lambda accepted, n: answers.edited(self._store.ledger, request, accepted, n, self._store.clock()),
            )

    async def cancel(self, request: CancelRequest) -> Outcome:
        """Cancel one order. No doubt blocks it."""
        if (denied := self._view_only()) is not None:
            return denied
        ledger = self._store.ledger
        if request.order_id is not None and ledger.orders.is_submitting(request.order_id):
            request = CancelRequest(request.symbol, None, request.order_id)
        known = ledger.orders.get(request.order_id) if request.order_id else None
        known = known or ledger.orders.by_client(request.client_order_id)
        return await self._act(
            Kind.CANCEL,
            request.symbol,
            f"CANCEL {self._describe(known.order) if known else request.order_id or request.client_order_id}",
            request,
            send=lambda: self._venue.cancel(request),
            done=lambda accepted, n: answers.cancelled(ledger, request, accepted, n, self._store.clock()),
        )

    async def cancel_all(self, symbol: str | None = None) -> CancelAllResult | Refused | Unknown:
        """Cancel all working orders, of one contract or of all. No doubt blocks it."""
        if (denied := self._view_only()) is not None:
            return denied
        return await self._act(
            Kind.CANCEL_ALL,
            symbol,
            f"CANCEL ALL{' ' + symbol if symbol else ''}",
            CancelAllRequest(symbol),
            send=lambda: self._venue.cancel_all(symbol),
            done=lambda result, n: answers.cancelled_all(self._store.ledger, result, n, self._store.clock()),
        )

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> Refused | Unknown | None:
        """Isolated margin at a cap, or cross with None. None when it was done."""
        if (denied := self._view_only()) is not None:
            return denied

        async def send() -> bool | Refused | Unknown:
            answer = await self._venue.set_leverage(symbol, max_leverage)
            return True if answer is None else answer

        done = await self._act(
            Kind.LEVERAGE,
            symbol,
            f"LEVERAGE {symbol} {'cross' if max_leverage is None else f'isolated {max_leverage:f}x'}",
            LeverageRequest(symbol, max_leverage),
            send=send,
            done=lambda _, __: answers.leverage_set(self._store.ledger, symbol, max_leverage),
        )
        return done if isinstance(done, (Refused, Unknown)) else None

    async def arm_dead_man(self, timeout_s: int, *, keep: bool = True) -> Refused | Unknown | None:
        """See ``DeadManSwitch.arm``."""
        return await self._dead_man.arm(timeout_s, keep=keep)

    async def keep_dead_man(self) -> None:
        """Runs beside the data service until cancelled: renews an armed switch while the stream is live."""
        await self._dead_man.keep()

    # --- inside -------------------------------------------------------------------------------------------------

    async def _place(self, kind: Kind, request: OrderRequest, accept_doubts: bool) -> Outcome:
        denied = self._forbidden(request.symbol, accept_doubts)
        flight = f"flatten {request.symbol}" if kind is Kind.FLATTEN else request.client_order_id
        if denied is None and flight in self._in_flight:
            denied = self._deny("in flight", "This order is on its way already", "Wait for its answer")
        if denied is not None:
            return denied
        request = replace(request, process_before_ms=request.process_before_ms or self._bound_ms())
        self._in_flight.add(flight)
        try:
            return await self._act(
                kind,
                request.symbol,
                self._describe(request),
                request,
                send=lambda: self._venue.submit(request),
                done=self._when_submitted(request),
            )
        finally:
            self._in_flight.discard(flight)

    async def _send_batch(self, requests: tuple[OrderRequest, ...]) -> tuple[Outcome, ...]:
        store, intents = self._store, list[Intent]()
        for request in requests:
            try:
                intents.append(await self._intend(Kind.SEND, request.symbol, self._describe(request), request))
            except JournalError as error:
                denied = self._deny("journal", error.what, error.advice)
                for intent in intents:
                    self._take(intent, denied, lambda _, __: None)
                    await self._settle(intent, denied)
                return tuple(denied for _ in requests)
        try:
            found = await answers.within(self._answer_s, self._venue.submit_batch(requests))
        except BaseException:
            for intent in intents:
                answers.doubt(store.ledger, intent, store.clock())
            store.announce()
            raise
        outcomes = tuple(found for _ in requests) if isinstance(found, (Refused, Unknown)) else found
        for intent, request, outcome in zip(intents, requests, outcomes, strict=True):
            self._take(intent, outcome, self._when_submitted(request))
        for intent, outcome in zip(intents, outcomes, strict=True):
            await self._settle(intent, outcome)
        return outcomes

    def _when_submitted(self, request: OrderRequest) -> Callable[[Accepted, int], None]:
        ledger, clock = self._store.ledger, self._store.clock
        return lambda accepted, n: answers.submitted(ledger, request, accepted, n, clock())

    async def _act(
        self,
        kind: Kind,
        symbol: str | None,
        what: str,
        request: Request,
        *,
        send: Callable[[], Awaitable[A | Refused | Unknown]],
        done: Callable[[A, int], None],
    ) -> A | Refused | Unknown:
        """Commit the intent, send once, apply and record what came back."""
        store = self._store
        try:
            intent = await self._intend(kind, symbol, what, request)
        except JournalError as error:
            return self._deny("journal", error.what, error.advice)
        try:
            answer = await answers.within(self._answer_s, send())
        except BaseException:
            # The program is ending, or broke: what was sent is unknown, and stays pending in the journal.
            answers.doubt(store.ledger, intent, store.clock())
            store.announce()
            raise
        self._take(intent, answer, done)
        await self._settle(intent, answer)
        return answer

    async def _intend(self, kind: Kind, symbol: str | None, what: str, request: Request) -> Intent:
        """Commit what is about to be sent; from here on an order is being submitted. Raises ``JournalError``."""
        store = self._store
        intent = await self._journal.intent(kind, symbol, what, request, store.clock())
        if isinstance(request, OrderRequest):
            store.ledger.orders.submit(request, store.next_n(), store.clock())
            store.announce()
        return intent

    def _take(self, intent: Intent, answer: A | Refused | Unknown, done: Callable[[A, int], None]) -> None:
        """Apply what came back."""
        store = self._store
        if isinstance(answer, Unknown):
            answers.doubt(store.ledger, intent, store.clock())
        elif isinstance(answer, Refused):
            self._refused(intent.request, answer)
        else:
            done(answer, store.next_n())
        store.ledger.judge(store.clock())
        store.announce()

    def _refused(self, request: Request, refusal: Refused) -> None:
        ledger, now_ms = self._store.ledger, self._store.clock()
        if isinstance(request, OrderRequest):
            answers.refused(ledger, request, refusal, self._store.next_n(), now_ms)
            return
        answers.complain(ledger, refusal, now_ms)
        if refusal.status in NOT_FOUND and isinstance(request, (EditRequest, CancelRequest)):
            answers.not_found(ledger, request.order_id)

    async def _settle(self, intent: Intent, answer: object) -> None:
        verdict, status, text = _verdict(answer)
        order_id = getattr(answer, "order_id", None)
        try:
            await self._journal.settle(
                intent.number, verdict, status=status, text=text, order_id=order_id, at_ms=self._store.clock()
            )
        except JournalError:
            if verdict is not Verdict.UNKNOWN:  # without a verdict it is just as open
                self._store.ledger.settled.append(Settled(intent, verdict, text, order_id, status))
                self._store.announce()  # the recorder tries again

    def _forbidden(self, symbol: str, accept_doubts: bool) -> Refused | None:
        denied = self._view_only()
        doubts = self._store.ledger.doubts.touching(symbol)
        if denied is not None or not doubts or accept_doubts:
            return denied
        return self._deny(
            "unresolved",
            f"Nobody knows yet what became of: {doubts[0].what}",
            "Wait until it is settled, or confirm a second time",
        )

    def _view_only(self) -> Refused | None:
        reason = self._store.view_only
        return self._deny("view only", f"Nothing can be sent: {reason}", "") if reason is not None else None

    def _deny(self, status: str, explanation: str, advice: str) -> Refused:
        refusal = Refused(status, explanation, advice, by_desk=True)
        answers.complain(self._store.ledger, refusal, self._store.clock())
        self._store.announce()
        return refusal

    def _bound_ms(self) -> int | None:
        """Venue time after which the venue must refuse; None while its clock cannot be relied on."""
        store = self._store
        return store.venue_now() + self._valid_ms if store.ledger.clock.is_steady(store.clock()) else None

    def _describe(self, order: OrderRequest | Order) -> str:
        return one_line(order, self._store.ledger.instruments.get(order.symbol))


def _verdict(answer: object) -> tuple[Verdict, str, str]:
    match answer:
        case Refused():
            verdict = Verdict.NOT_SENT if answer.by_desk else Verdict.REFUSED
            return verdict, answer.status, answer.explanation
        case Unknown():
            return Verdict.UNKNOWN, "", answer.explanation
        case Accepted() | CancelAllResult():
            return Verdict.ACCEPTED, answer.status, ""
        case _:
            return Verdict.ACCEPTED, "", ""
