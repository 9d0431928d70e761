"""The seam: what the desk needs of a venue, in trading terms. Every dialect implements ``Venue``.

Three directions: events in (``stream``), snapshots on request (the reading calls), orders out (``submit``, ``edit``,
``cancel`` ...). A caller asks ``capabilities``, never the dialect's name.

Reading calls raise ``tui.model.errors``. Calls that act return an outcome: accepted, refused or unknown; they never
raise for what the venue said and never repeat themselves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from decimal import Decimal
from typing import Generic, Protocol, Self, TypeVar

from msgspec import Struct

from tui.model.account import Account, KeyPermissions, LeveragePreference, Notification
from tui.model.book import Book
from tui.model.enums import Environment
from tui.model.events import Event
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.market import Candle
from tui.model.order import (
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

Emit = Callable[[Event], Awaitable[None]]


class Answer(Struct, Generic[T], frozen=True):
    """What REST said, and when by the venue's clock (None if it did not say)."""

    value: T
    server_ms: int | None = None


class Capabilities(Struct, frozen=True):
    """What a dialect can do, so that screens never ask for its name."""

    cancel_all_by_symbol: bool = True
    order_status: bool = True
    fills_by_rest: bool = True
    mark_trigger: bool = True
    fill_or_kill: bool = True
    history: bool = True
    charts: bool = True


class Venue(Protocol):
    """One connection to one account. Use as an async context: leaving it closes sockets and pools.

    All times are epoch milliseconds of the venue unless a name says otherwise. ``Decimal`` throughout.
    """

    @property
    def environment(self) -> Environment: ...
    @property
    def url(self) -> str: ...
    @property
    def capabilities(self) -> Capabilities: ...
    @property
    def budget(self) -> RateBudget: ...
    @property
    def endpoints(self) -> tuple[EndpointHealth, ...]: ...

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

    # events in
    async def stream(self, emit: Emit) -> None:
        """Connect, subscribe, deliver events, reconnect for ever. Ends only by cancellation."""

    async def watch(self, *, tickers: Iterable[str], depth: Iterable[str]) -> None:
        """Choose public feeds: tickers for one set of symbols, book and trades for another. Cheap when unchanged."""

    # snapshots on request
    async def server_time(self) -> int: ...
    async def check_key(self) -> KeyPermissions: ...
    async def instruments(self) -> tuple[Instrument, ...]: ...
    async def tickers(self) -> Answer[tuple[Ticker, ...]]: ...
    async def order_book(self, symbol: str) -> Answer[Book]: ...
    async def candles(self, symbol: str, resolution: str, since_ms: int) -> tuple[Candle, ...]: ...
    async def open_orders(self) -> Answer[tuple[Order, ...]]: ...
    async def positions(self) -> Answer[tuple[Position, ...]]: ...
    async def account(self) -> Answer[Account]: ...
    async def fills(self, before_ms: int | None = None) -> Answer[tuple[Fill, ...]]:
        """The newest hundred, or the hundred before a time; newest first."""

    async def executions(self, since_ms: int) -> tuple[Fill, ...]:
        """Older fills, with fees, from the venue's history; oldest first."""

    async def order_ends(self, since_ms: int) -> tuple[OrderEnd, ...]:
        """How orders and triggers stopped since a time, from the venue's history; oldest first."""

    async def order_status(
        self, *, order_ids: tuple[str, ...] = (), client_order_ids: tuple[str, ...] = ()
    ) -> tuple[OrderStatusReport, ...]:
        """Orders that work now or ended seconds ago; an id that is missing proves nothing."""

    async def leverage(self) -> tuple[LeveragePreference, ...]: ...
    async def notifications(self) -> tuple[Notification, ...]: ...

    # orders out
    async def submit(self, request: OrderRequest) -> Outcome: ...
    async def submit_batch(self, requests: tuple[OrderRequest, ...]) -> tuple[Outcome, ...]:
        """All in one call; one outcome each, in their order."""

    async def edit(self, request: EditRequest) -> Outcome: ...
    async def cancel(self, request: CancelRequest) -> Outcome: ...
    async def cancel_all(self, symbol: str | None = None) -> CancelAllResult | Refused | Unknown: ...
    async def cancel_all_after(self, timeout_s: int) -> int | Refused | Unknown | None:
        """Arm (or with 0 disarm) the dead man's switch. Returns the venue time it fires at, None when disarmed."""

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> Refused | Unknown | None:
        """Isolated at a cap, or cross with None. Returns None when it was done."""
