"""A venue that does what a test says, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import Self, TypeVar

from tests.service.build import instrument, pool
from tests.service.virtual_time import clock
from tui.client.venue import Answer, Capabilities, Emit
from tui.model.account import Account, KeyPermissions, LeveragePreference, Notification
from tui.model.book import Book
from tui.model.enums import Environment
from tui.model.errors import Unreachable
from tui.model.events import Event
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

T = TypeVar("T")
PAGE = 100


class FakeVenue:
    """Truth in plain attributes. ``down`` makes every question fail, ``hanging`` names calls that never answer,
    ``answers`` gives the outcomes of acts in order: a value, an exception to raise, or a coroutine function.
    """

    environment = Environment.PAPER
    url = "http://127.0.0.1:1"

    def __init__(self) -> None:
        self.capabilities = Capabilities()
        self.budget = RateBudget()
        self.endpoints: tuple[EndpointHealth, ...] = ()
        self.skew_ms = 0
        self.latency_s = 0.01
        self.down = False
        self.hanging: set[str] = set()
        self.calls: list[tuple[str, object]] = []
        self.outcomes: list[object] = []
        self.open: tuple[Order, ...] = ()
        self.held: tuple[Position, ...] = ()
        self.executed: list[Fill] = []
        self.ended: list[OrderEnd] = []
        self.money = Account(0, (pool(),))
        self.reports: tuple[OrderStatusReport, ...] = ()
        self.preferences: tuple[LeveragePreference, ...] = ()
        self._events: asyncio.Queue[Event] = asyncio.Queue()

    def called(self, name: str) -> list[object]:
        return [argument for called, argument in self.calls if called == name]

    def say(self, *events: Event) -> None:
        for event in events:
            self._events.put_nowait(event)

    def server_ms(self) -> int:
        return clock() + self.skew_ms

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return

    async def stream(self, emit: Emit) -> None:
        self.calls.append(("stream", None))
        while True:
            await emit(await self._events.get())

    async def watch(self, *, tickers: Iterable[str], depth: Iterable[str]) -> None:
        self.calls.append(("watch", (tuple(tickers), tuple(depth))))

    async def server_time(self) -> int:
        return await self._answer("server_time", None, self.server_ms)

    async def check_key(self) -> KeyPermissions:
        return await self._answer("check_key", None, lambda: KeyPermissions("full", "none"))

    async def instruments(self) -> tuple[Instrument, ...]:
        return await self._answer("instruments", None, lambda: (instrument(),))

    async def tickers(self) -> Answer[tuple[Ticker, ...]]:
        return await self._answer("tickers", None, lambda: self._dated(()))

    async def order_book(self, symbol: str) -> Answer[Book]:
        return await self._answer("order_book", symbol, lambda: self._dated(Book(symbol)))

    async def candles(self, symbol: str, resolution: str, since_ms: int) -> tuple[Candle, ...]:
        return await self._answer("candles", (symbol, resolution, since_ms), tuple)

    async def open_orders(self) -> Answer[tuple[Order, ...]]:
        return await self._answer("open_orders", None, lambda: self._dated(self.open))

    async def positions(self) -> Answer[tuple[Position, ...]]:
        return await self._answer("positions", None, lambda: self._dated(self.held))

    async def account(self) -> Answer[Account]:
        return await self._answer("account", None, lambda: self._dated(self.money))

    async def fills(self, before_ms: int | None = None) -> Answer[tuple[Fill, ...]]:
        return await self._answer("fills", before_ms, lambda: self._dated(self._page(before_ms)))

    async def executions(self, since_ms: int) -> tuple[Fill, ...]:
        found = tuple(fill for fill in self.executed if fill.time_ms >= since_ms)
        return await self._answer("executions", since_ms, lambda: found)

    async def order_ends(self, since_ms: int) -> tuple[OrderEnd, ...]:
        found = tuple(end for end in self.ended if end.time_ms >= since_ms)
        return await self._answer("order_ends", since_ms, lambda: found)

    async def order_status(
        self, *, order_ids: tuple[str, ...] = (), client_order_ids: tuple[str, ...] = ()
    ) -> tuple[OrderStatusReport, ...]:
        def found() -> tuple[OrderStatusReport, ...]:
            wanted = {*order_ids, *client_order_ids}
            return tuple(one for one in self.reports if {one.order.order_id, one.order.client_order_id} & wanted)

        return await self._answer("order_status", (order_ids, client_order_ids), found)

    async def leverage(self) -> tuple[LeveragePreference, ...]:
        return await self._answer("leverage", None, lambda: self.preferences)

    async def notifications(self) -> tuple[Notification, ...]:
        return await self._answer("notifications", None, tuple)

    async def submit(self, request: OrderRequest) -> Outcome:
        default = Accepted("placed", f"id-{request.client_order_id}", request.client_order_id, resting=True)
        return await self._act("submit", request, default)

    async def submit_batch(self, requests: tuple[OrderRequest, ...]) -> tuple[Outcome, ...]:
        def placed(request: OrderRequest) -> Outcome:
            return Accepted("placed", f"id-{request.client_order_id}", request.client_order_id, resting=True)

        return await self._act("submit_batch", requests, tuple(placed(request) for request in requests))

    async def edit(self, request: EditRequest) -> Outcome:
        return await self._act("edit", request, Accepted("edited", request.order_id, request.client_order_id))

    async def cancel(self, request: CancelRequest) -> Outcome:
        return await self._act("cancel", request, Accepted("cancelled", request.order_id, request.client_order_id))

    async def cancel_all(self, symbol: str | None = None) -> CancelAllResult | Refused | Unknown:
        return await self._act("cancel_all", symbol, CancelAllResult("cancelled"))

    async def cancel_all_after(self, timeout_s: int) -> int | Refused | Unknown | None:
        fires_at_ms = self.server_ms() + timeout_s * 1000 if timeout_s else None
        return await self._act("cancel_all_after", timeout_s, fires_at_ms)

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> Refused | Unknown | None:
        return await self._act("set_leverage", (symbol, max_leverage), None)

    def _dated(self, value: T) -> Answer[T]:
        return Answer(value, self.server_ms())

    def _page(self, before_ms: int | None) -> tuple[Fill, ...]:
        older = [fill for fill in self.executed if before_ms is None or fill.time_ms < before_ms]
        return tuple(sorted(older, key=lambda fill: fill.time_ms, reverse=True)[:PAGE])

    async def _answer(self, name: str, argument: object, answer: Callable[[], T]) -> T:
        self.calls.append((name, argument))
        await self._travel(name)
        if self.down:
            raise Unreachable("The venue cannot be reached")
        return answer()

    async def _act(self, name: str, argument: object, default: T) -> T:
        self.calls.append((name, argument))
        await self._travel(name)
        outcome = self.outcomes.pop(0) if self.outcomes else default
        if isinstance(outcome, BaseException):
            raise outcome
        if callable(outcome):
            made: Awaitable[T] = outcome()
            return await made
        return outcome  # type: ignore[return-value] # a test gives the type its act expects

    async def _travel(self, name: str) -> None:
        if name in self.hanging:
            await asyncio.Event().wait()
        await asyncio.sleep(self.latency_s)
