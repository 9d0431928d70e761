"""The Derivatives dialect behind the seam: one feed, one REST, one account.

Invariant: a call that acts returns an outcome and never raises for what the venue said. ``Unknown`` is returned
whenever the order may live: a lost answer, a word or body nobody knows.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Iterable
from decimal import Decimal
from typing import Self

from tui.client.credentials import Credentials
from tui.client.derivatives.acting import Acting
from tui.client.derivatives.clock import Clock
from tui.client.derivatives.feed import Dial, Feed
from tui.client.derivatives.reading import Reading
from tui.client.derivatives.recorder import Recorder
from tui.client.derivatives.rest import Rest
from tui.client.derivatives.results import OrderResult
from tui.client.derivatives.transport import Road, Transport
from tui.client.derivatives.urls import VenueUrl
from tui.client.venue import Answer, Capabilities, Emit
from tui.model.account import Account, KeyPermissions, LeveragePreference, Notification
from tui.model.book import Book
from tui.model.enums import Environment
from tui.model.errors import DeskError, OutcomeUnknown, Sent, UnknownAnswer, VenueError
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.market import Candle
from tui.model.order import (
    Accepted,
    CancelAllResult,
    CancelRequest,
    EditRequest,
    Order,
    OrderEnd,
    OrderRequest,
    OrderStatusReport,
    Outcome,
    Refused,
    Unknown,
)
from tui.model.position import Position
from tui.model.state import EndpointHealth, RateBudget
from tui.model.ticker import Ticker


class DerivativesVenue:
    """Implements ``tui.client.venue.Venue``. ``credentials`` None: public data only, acts are refused. ``recorder`` is
    told of everything that goes over the wire. ``transport`` and ``dial`` replace the wire.
    """

    capabilities = Capabilities()

    def __init__(
        self,
        where: VenueUrl,
        credentials: Credentials | None,
        *,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        transport: Road | None = None,
        dial: Dial | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        clock, rng = clock or Clock(), rng or random.Random()  # noqa: S311 - jitter, not a secret
        self._where = where
        self._transport = transport or Transport(where.base, recorder=recorder)
        self._rest = Rest(self._transport, credentials, clock, rng)
        self._reading = Reading(self._rest)
        self._acting = Acting(self._rest)
        self._feed = Feed(where.stream, credentials, clock, rng, dial=dial, recorder=recorder)

    @property
    def environment(self) -> Environment:
        return self._where.environment

    @property
    def url(self) -> str:
        return self._where.base

    @property
    def budget(self) -> RateBudget:
        return self._rest.budget

    @property
    def endpoints(self) -> tuple[EndpointHealth, ...]:
        return self._rest.endpoints

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._transport.__aexit__(*exc)

    # events in

    async def stream(self, emit: Emit) -> None:
        await self._feed.run(emit)

    async def watch(self, *, tickers: Iterable[str], depth: Iterable[str]) -> None:
        await self._feed.watch(tickers, depth)

    # snapshots on request

    async def server_time(self) -> int:
        return await self._reading.server_time()

    async def check_key(self) -> KeyPermissions:
        return await self._reading.check_key()

    async def instruments(self) -> tuple[Instrument, ...]:
        return await self._reading.instruments()

    async def tickers(self) -> Answer[tuple[Ticker, ...]]:
        return await self._reading.tickers()

    async def order_book(self, symbol: str) -> Answer[Book]:
        return await self._reading.order_book(symbol)

    async def candles(self, symbol: str, resolution: str, since_ms: int) -> tuple[Candle, ...]:
        return await self._reading.candles(symbol, resolution, since_ms)

    async def open_orders(self) -> Answer[tuple[Order, ...]]:
        return await self._reading.open_orders()

    async def positions(self) -> Answer[tuple[Position, ...]]:
        return await self._reading.positions()

    async def account(self) -> Answer[Account]:
        return await self._reading.account()

    async def fills(self, before_ms: int | None = None) -> Answer[tuple[Fill, ...]]:
        return await self._reading.fills(before_ms)

    async def executions(self, since_ms: int) -> tuple[Fill, ...]:
        return await self._reading.executions(since_ms)

    async def order_ends(self, since_ms: int) -> tuple[OrderEnd, ...]:
        return await self._reading.order_ends(since_ms)

    async def order_status(
        self, *, order_ids: tuple[str, ...] = (), client_order_ids: tuple[str, ...] = ()
    ) -> tuple[OrderStatusReport, ...]:
        return await self._reading.order_status(order_ids, client_order_ids)

    async def leverage(self) -> tuple[LeveragePreference, ...]:
        return await self._reading.leverage()

    async def notifications(self) -> tuple[Notification, ...]:
        return await self._reading.notifications()

    # orders out

    async def submit(self, request: OrderRequest) -> Outcome:
        return await _outcome(self._acting.submit(request), None, request.client_order_id)

    async def submit_batch(self, requests: tuple[OrderRequest, ...]) -> tuple[Outcome, ...]:
        try:
            answers = await self._acting.batch(requests)
        except DeskError as error:
            return tuple(_verdict(error, None, request.client_order_id) for request in requests)
        return tuple(_told(one, request) for one, request in zip(answers, requests, strict=True))

    async def edit(self, request: EditRequest) -> Outcome:
        return await _outcome(self._acting.edit(request), request.order_id, request.client_order_id)

    async def cancel(self, request: CancelRequest) -> Outcome:
        return await _outcome(self._acting.cancel(request), request.order_id, request.client_order_id)

    async def cancel_all(self, symbol: str | None = None) -> CancelAllResult | Refused | Unknown:
        try:
            return await self._acting.cancel_all(symbol)
        except DeskError as error:
            return _verdict(error, None, None)

    async def cancel_all_after(self, timeout_s: int) -> int | Refused | Unknown | None:
        try:
            return await self._acting.cancel_all_after(timeout_s)
        except DeskError as error:
            return _verdict(error, None, None)

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> Refused | Unknown | None:
        try:
            await self._acting.set_leverage(symbol, max_leverage)
        except DeskError as error:
            return _verdict(error, None, None)
        return None


async def _outcome(act: Awaitable[OrderResult], order_id: str | None, client_order_id: str | None) -> Outcome:
    try:
        result = await act
    except DeskError as error:
        return _verdict(error, order_id, client_order_id)
    return _accepted(result, order_id, client_order_id)


def _told(answer: OrderResult | DeskError, request: OrderRequest) -> Outcome:
    if isinstance(answer, DeskError):
        return _verdict(answer, None, request.client_order_id)
    return _accepted(answer, None, request.client_order_id)


def _accepted(result: OrderResult, order_id: str | None, client_order_id: str | None) -> Accepted:
    return Accepted(
        status=result.status,
        order_id=result.order_id or order_id,
        client_order_id=result.client_order_id or client_order_id,
        filled=result.filled,
        resting=result.order is not None,
        fills=result.fills,
        order=result.order,
        server_ms=result.server_ms,
    )


def _verdict(error: DeskError, order_id: str | None, client_order_id: str | None) -> Refused | Unknown:
    """An error of an act as an outcome. ``by_desk``: nothing was sent."""
    if isinstance(error, (OutcomeUnknown, UnknownAnswer)):
        return Unknown(str(error), client_order_id, order_id)
    word = error.word if isinstance(error, VenueError) else type(error).__name__
    return Refused(
        status=word or type(error).__name__,
        explanation=error.what,
        advice=error.advice,
        order_id=getattr(error, "order_id", None) or order_id,
        client_order_id=client_order_id,
        by_desk=error.sent is Sent.NO,
    )
