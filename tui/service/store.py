"""The one place where state is read: an immutable ``State``, made when somebody looks.

Changes mark nothing but themselves; a reader pays for the slices that moved since its last look, and slices that did
not move are the same objects. Invariant: subscribers hear of a change at most once between two looks, and once more if
it turned urgent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from tui.model.enums import Environment
from tui.model.events import Event
from tui.model.state import EndpointHealth, Health, RateBudget, State
from tui.service.ledger import Ledger
from tui.service.reduce import reduce

Clock = Callable[[], int]
Subscriber = Callable[[bool], None]
T = TypeVar("T")


class Store:
    """Single-threaded. ``clock`` gives local epoch milliseconds. Whoever changes ``ledger`` calls ``announce``.

    ``wished`` is set when the ledger wants something asked, ``recordable`` when it has something for the journal,
    ``changed`` at every change, for the one who clears it.
    """

    def __init__(
        self, environment: Environment, url: str, *, clock: Clock, profile: str = "", keys_from: str = ""
    ) -> None:
        self.ledger = Ledger()
        self.clock = clock
        self.queue_depth = 0
        self.permissions = ""
        self.wished = asyncio.Event()
        self.recordable = asyncio.Event()
        self.changed = asyncio.Event()
        self._n = 0
        self._state = State(environment, url, profile=profile, keys_from=keys_from)
        self._dirty = False
        self._told: bool | None = None  # None: nothing since the last look; else whether it was told as urgent
        self._subscribers: list[Subscriber] = []
        self._endpoints: Callable[[], tuple[EndpointHealth, ...]] = tuple
        self._budget: Callable[[], RateBudget] = RateBudget

    @property
    def state(self) -> State:
        """The desk's knowledge now. The same object until something changes."""
        if self._dirty:
            self._dirty = False
            self._state = self._build()
        self._told = None
        return self._state

    @property
    def view_only(self) -> str | None:
        """Why nothing may be sent, or None. Cheaper than a look at the state."""
        return None if self._state.can_trade else self._state.view_reason or "this desk only looks"

    def venue_now(self) -> int:
        """The venue's clock as far as it is known."""
        return self.clock() + (self.ledger.clock_skew_ms or 0)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call ``callback(urgent)`` after changes; it must only take a note. Returns the way to unsubscribe."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def read_budget_from(
        self, budget: Callable[[], RateBudget], endpoints: Callable[[], tuple[EndpointHealth, ...]]
    ) -> None:
        """Where the rate budget and the endpoints' health are read, at each look."""
        self._budget, self._endpoints = budget, endpoints

    def forbid_trading(self, reason: str) -> None:
        """View only, and why."""
        self._permit(False, reason)

    def allow_trading(self) -> None:
        self._permit(True, "")

    def next_n(self) -> int:
        """The next number of the evidence counter: for a frame received, a question sent, an answer received."""
        self._n += 1
        return self._n

    def apply(self, event: Event) -> None:
        """Take one event from the stream."""
        self._n += 1
        reduce(self.ledger, event, self.clock(), self._n)
        self.announce()

    def announce(self) -> None:
        """Something changed: tell those who have looked since they were last told."""
        ledger = self.ledger
        self._dirty = True
        self.changed.set()
        if ledger.wishes.waiting:
            self.wished.set()
        if ledger.settled or ledger.fills.has_changed:
            self.recordable.set()
        if self._told is None or (ledger.urgent and not self._told):
            self._told = ledger.urgent
            for callback in tuple(self._subscribers):
                callback(self._told)
        ledger.urgent = False

    def _permit(self, allowed: bool, reason: str) -> None:
        self._state = replace(self._state, can_trade=allowed, view_reason=reason)
        self.ledger.urgent = True
        self.announce()

    def _build(self) -> State:
        ledger, state = self.ledger, self._state
        return replace(
            state,
            link=ledger.link.view(),
            budget=_same(state.budget, self._budget()),
            dead_man=ledger.dead_man,
            instruments=ledger.instruments,
            tickers=ledger.market.tickers(),
            books=ledger.market.books(),
            tape=ledger.market.tape(),
            candles=ledger.market.candles(),
            orders=ledger.orders.working(),
            closed=ledger.orders.closed(),
            programs=ledger.programs,
            unresolved=ledger.doubts.view(),
            fills=ledger.fills.view(),
            positions=ledger.positions.view(),
            account=ledger.account.view(),
            leverage=ledger.leverage,
            log=ledger.log,
            notifications=ledger.notifications,
            ages=ledger.ages.view(),
            health=_same(state.health, self._health()),
            alarms=ledger.alarms.view(),
        )

    def _health(self) -> Health:
        ledger = self.ledger
        return Health(
            feeds=ledger.feeds.view(),
            endpoints=self._endpoints(),
            differences=ledger.differences(),
            clock_skew_ms=ledger.clock_skew_ms,
            queue_depth=self.queue_depth,
            messages=ledger.feeds.messages,
            permissions=self.permissions,
        )


def _same(old: T, new: T) -> T:
    return old if old == new else new
