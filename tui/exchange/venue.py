"""The engine with a clock, a listener and a guard: what every door shares.

Invariant: each change goes through ``apply``, which steps the engine once and publishes all its events before anyone
else can look; nothing here awaits, so a request sees its own effect and no half of another's.
"""

import os
import time
import uuid
from collections.abc import Callable
from typing import Final, TypeVar

from tui.exchange.auth import Credentials, Leniency, NonceWindow, SignedRequest, signature_fits
from tui.exchange.commands import Command, Tick
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.faults import Dial
from tui.exchange.feeds import Hub
from tui.exchange.limits import Budgets
from tui.exchange.mishaps import Mishaps
from tui.exchange.options import Options
from tui.exchange.refusals import ObjectRefusal, WordRefusal
from tui.wire.derivatives.outcomes import WordError
from tui.wire.derivatives.routes import Access, Pool, Route
from tui.wire.derivatives.times import to_iso

A = TypeVar("A")

CRASHED: Final = 70
"""Exit code of a crash on request."""

_ACCOUNT_SPACE: Final = uuid.UUID("6f0f2b5e-5a3c-4c53-9c57-6a3f5f0d9a11")
_HISTORY_REFUSAL: Final = {
    "status": "unauthorized",
    "reason": "You are not authorized to access this endpoint.",
}
_KEY_CHECK_REFUSAL: Final = {"error": "api_key_not_found", "message": "API key not found", "suberror": None}


def account_uid(api_key: str) -> str:
    """Whose account it is; follows from the key, so that it survives restarts."""
    return str(uuid.uuid5(_ACCOUNT_SPACE, api_key))


class Venue:
    """``on_change`` is called when the account has changed and is worth saving, ``on_tick`` after each tick.
    ``mishaps`` is None while no fault is on the dial. ``crash`` ends the program at once, with nothing more saved.
    """

    def __init__(
        self,
        engine: Engine,
        config: EngineConfig,
        options: Options,
        credentials: Credentials,
        clock: Callable[[], int],
        *,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine
        self.config = config
        self.options = options
        self.credentials = credentials
        self.account_uid = account_uid(credentials.api_key)
        self.hub = Hub(engine, self.account_uid, options.full_fill)
        self.steady_s = steady_s
        self.on_change: Callable[[], None] = lambda: None
        self.on_tick: Callable[[], None] = lambda: None
        self.crash: Callable[[], None] = lambda: os._exit(CRASHED)
        self.mishaps: Mishaps | None = None
        self._clock = clock
        self._ahead_ms = 0
        self._latest_ms = 0
        self.set_dial(options.faults)
        self.started_ms = self.now_ms()
        self._leniency = Leniency(options.decoded_signatures, options.empty_get_signatures)
        self._nonces = NonceWindow(options.nonce_window_s)
        self._budgets = Budgets(steady_s())

    # --- the engine ----------------------------------------------------------------------------------------

    def apply(self, command: Command[A]) -> A:
        """The command's answer; its events have been published when this returns."""
        before = self.engine.revision
        outcome = self.engine.step(command, self.now_ms())
        self.hub.publish(outcome.events)
        if self.engine.revision != before:
            self.on_change()
        return outcome.answer

    def tick(self) -> None:
        """Let time pass."""
        self.apply(Tick())
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

    def admit(self, route: Route, cost: int, request: SignedRequest) -> None:
        """Credentials, then nonce, then budget. Raises the ``Refusal`` that this service answers with."""
        if route.access is Access.PUBLIC:
            return
        if not self._is_known(route, request):
            raise _unauthorized(route)
        nonce_error = self._nonces.check(request.nonce)
        if nonce_error is not None:
            raise WordRefusal(nonce_error)
        self._charge(route, cost)

    def _is_known(self, route: Route, request: SignedRequest) -> bool:
        """An unknown key, a wrong signature and a missing right look the same, as they do at the venue."""
        known = request.api_key == self.credentials.api_key
        fits = signature_fits(request, self.credentials.secret, self._leniency)
        allowed = route.access is not Access.FULL or not self.credentials.read_only
        return known and fits and allowed

    def _charge(self, route: Route, cost: int) -> None:
        if self.options.rate_limit == "off":
            return
        wait_s = self._budgets.take(route.pool, cost, self.steady_s())
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
