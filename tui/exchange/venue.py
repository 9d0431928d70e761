"""The engine with a clock, a listener and a guard: what every door shares.

Invariants: each change is one step of the engine, whole before anyone else can look; nobody hears of it, by answer or
by stream, before it is written down. What callers ask in one turn of the loop is written down together, since writing
costs more than an order does.
"""

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from tui.exchange.auth import Leniency, NonceWindow, SignedRequest, signature_fits
from tui.exchange.clients import Client
from tui.exchange.commands import Command, Tick
from tui.exchange.config import EngineConfig
from tui.exchange.events import Told
from tui.exchange.exchange import MAIN, Engine
from tui.exchange.faults import Dial
from tui.exchange.hub import Hub
from tui.exchange.limits import Budgets
from tui.exchange.mirror.news import News
from tui.exchange.mishaps import Mishaps
from tui.exchange.options import Options
from tui.exchange.refusals import ObjectRefusal, WordRefusal
from tui.exchange.statement import Statement
from tui.wire.derivatives.outcomes import WordError
from tui.wire.derivatives.routes import Access, Pool, Route
from tui.wire.derivatives.times import to_iso

A = TypeVar("A")

CRASHED: Final = 70
"""Exit code of a crash on request."""

_HISTORY_REFUSAL: Final = {
    "status": "unauthorized",
    "reason": "You are not authorized to access this endpoint.",
}
_KEY_CHECK_REFUSAL: Final = {"error": "api_key_not_found", "message": "API key not found", "suberror": None}


class Visitor:
    """Who asks: the owner of a key, or (``client`` None, on public paths) anybody."""

    def __init__(self, venue: "Venue", client: Client | None) -> None:
        self._venue = venue
        self._client = client

    @property
    def client(self) -> Client:
        """Raises ``LookupError`` for a guest: no act of a public endpoint may ask for it."""
        if self._client is None:
            raise LookupError("a guest has no account")
        return self._client

    @property
    def account(self) -> Statement:
        return self._venue.engine.account(self.client.account)

    def apply(self, command: Command[A]) -> A:
        """See ``Venue.apply_soon``; for the visitor's account."""
        return self._venue.apply_soon(command, self.client.account)


class Venue:
    """``keep`` writes down what has changed of accounts, before anybody hears of it; ``on_tick`` comes after each tick.
    ``later`` runs something once the loop's present turn is over; None: at once. ``mishaps`` is None while no fault is
    on the dial. ``crash`` ends the program at once, with nothing more saved.
    """

    def __init__(
        self,
        engine: Engine,
        config: EngineConfig,
        options: Options,
        clients: tuple[Client, ...],
        clock: Callable[[], int],
        *,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self.config = config
        self.options = options
        self.clients = clients
        self.hub = Hub(engine, {client.account: client.uid for client in clients}, options.full_fill)
        self.steady_s = steady_s
        self.keep: Callable[[], None] = engine.settle
        self.later: Callable[[Callable[[], None]], object] | None = None
        self.on_tick: Callable[[], None] = lambda: None
        self.crash: Callable[[], None] = lambda: os._exit(CRASHED)
        self.mishaps: Mishaps | None = None
        self._clock = clock
        self._told: list[Told] = []
        self._kept: asyncio.Event | None = None
        self._ahead_ms = 0
        self._latest_ms = 0
        self.set_dial(options.faults)
        self.started_ms = self.now_ms()
        self._leniency = Leniency(options.decoded_signatures, options.empty_get_signatures)
        self._by_key = {client.credentials.api_key: client for client in clients}
        self._nonces = {key: NonceWindow(options.nonce_window_s) for key in self._by_key}
        self._budgets = {client.account: Budgets(steady_s()) for client in clients}

    # --- the engine ----------------------------------------------------------------------------------------

    def apply(self, command: Command[A], account: str = MAIN) -> A:
        """The command's answer; it is written down and its events have been published when this returns."""
        answer = self._step(command, account)
        self.flush()
        return answer

    def apply_soon(self, command: Command[A], account: str) -> A:
        """The command's answer, which nobody may hear before ``kept`` has been awaited."""
        answer = self._step(command, account)
        if self.later is None:
            self.flush()
        elif self._kept is None:
            self._kept = asyncio.Event()
            self.later(self.flush)
        return answer

    def _step(self, command: Command[A], account: str) -> A:
        outcome = self.engine.step(command, self.now_ms(), account)
        self._told.extend(outcome.told)
        return outcome.answer

    def flush(self) -> None:
        """Write down what has changed, then tell of it."""
        if self.engine.has_changes:
            self.keep()
        told, self._told = self._told, []
        self.hub.publish(told)
        if self._kept is not None:
            self._kept.set()
            self._kept = None

    async def kept(self) -> None:
        """Until everything that has happened so far is written down."""
        if self._kept is not None:
            await self._kept.wait()

    def tick(self, news: Sequence[News] = ()) -> None:
        """Let time pass; ``news`` was heard of a market that is mirrored."""
        self.apply(Tick(news))
        self.hub.tick(self.engine.now_ms)
        self.on_tick()

    # --- time and trouble ----------------------------------------------------------------------------------

    def now_ms(self) -> int:
        """The venue's time. It never runs backwards: set back, it stands still until the clock has caught up."""
        now_ms = self._clock() + self._ahead_ms
        if self.mishaps is not None:
            now_ms += self.mishaps.clock_skew_ms(self.steady_s())
        self._latest_ms = max(self._latest_ms, now_ms)
        return self._latest_ms

    def now_iso(self) -> str:
        """What answers tell as the venue's time."""
        told_ms = self.mishaps.told_skew_ms(self.steady_s()) if self.mishaps is not None else 0
        return to_iso(self.now_ms() + told_ms)

    def advance(self, ms: int) -> None:
        """Let ``ms`` pass at once."""
        self._ahead_ms += ms
        self.tick()

    def set_dial(self, dial: Dial) -> None:
        """From now on these faults and no others."""
        self.mishaps = Mishaps(dial, self.steady_s()) if dial else None

    # --- the guard -----------------------------------------------------------------------------------------

    def client(self, api_key: str) -> Client | None:
        return self._by_key.get(api_key)

    def admit(self, route: Route, cost: int, request: SignedRequest) -> Visitor:
        """Credentials, then nonce, then budget. Raises the ``Refusal`` that this service answers with."""
        if route.access is Access.PUBLIC:
            return Visitor(self, None)
        client = self._known(route, request)
        nonce_error = self._nonces[client.credentials.api_key].check(request.nonce)
        if nonce_error is not None:
            raise WordRefusal(nonce_error)
        self._charge(self._budgets[client.account], route, cost)
        return Visitor(self, client)

    def _known(self, route: Route, request: SignedRequest) -> Client:
        """An unknown key, a wrong signature and a missing right look the same, as they do at the venue."""
        client = self._by_key.get(request.api_key)
        if client is None or (route.access is Access.FULL and client.credentials.read_only):
            raise _unauthorized(route)
        if not signature_fits(request, client.credentials.secret, self._leniency):
            raise _unauthorized(route)
        return client

    def _charge(self, budgets: Budgets, route: Route, cost: int) -> None:
        if self.options.rate_limit == "off":
            return
        wait_s = budgets.take(route.pool, cost, self.steady_s())
        if not wait_s:
            return
        seconds = str(int(wait_s) + 1)
        if route.pool is Pool.HISTORY:
            raise WordRefusal(WordError.API_LIMIT_EXCEEDED, http=429, headers={"rate-limit-reset": seconds})
        if self.options.rate_limit == "http":
            raise WordRefusal(WordError.API_LIMIT_EXCEEDED, http=429, headers={"Retry-After": seconds})
        raise WordRefusal(WordError.API_LIMIT_EXCEEDED)


def _unauthorized(route: Route) -> WordRefusal | ObjectRefusal:
    if route.path.startswith("/derivatives"):
        return WordRefusal(WordError.AUTHENTICATION_ERROR)
    return ObjectRefusal(_HISTORY_REFUSAL if route.pool is Pool.HISTORY else _KEY_CHECK_REFUSAL, http=401)
