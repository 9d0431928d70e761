"""The engine with a clock, a listener and a guard: what every door shares.

Invariant: each change goes through ``apply``, which steps the engine once and publishes all its events before anyone
else can look; nothing here awaits, so a request sees its own effect and no half of another's.
"""

import time
import uuid
from collections.abc import Callable
from typing import Final, TypeVar

from tui.exchange.auth import Credentials, Leniency, NonceWindow, SignedRequest, signature_fits
from tui.exchange.commands import Command, Tick
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.feeds import Hub
from tui.exchange.limits import Budgets
from tui.exchange.options import Options
from tui.exchange.refusals import ObjectRefusal, WordRefusal
from tui.wire.derivatives.outcomes import WordError
from tui.wire.derivatives.routes import Access, Pool, Route
from tui.wire.derivatives.times import to_iso

A = TypeVar("A")

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
    """``on_change`` is called when the account has changed and is worth saving."""

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
        self._clock = clock
        self.started_ms = clock()
        self._leniency = Leniency(options.decoded_signatures, options.empty_get_signatures)
        self._nonces = NonceWindow(options.nonce_window_s)
        self._budgets = Budgets(steady_s())

    # --- the engine ----------------------------------------------------------------------------------------

    def apply(self, command: Command[A]) -> A:
        """The command's answer; its events have been published when this returns."""
        before = self.engine.revision
        outcome = self.engine.step(command, self._clock())
        self.hub.publish(outcome.events)
        if self.engine.revision != before:
            self.on_change()
        return outcome.answer

    def tick(self) -> None:
        """Let time pass."""
        self.apply(Tick())
        self.hub.tick(self.engine.now_ms)

    def now_ms(self) -> int:
        return self._clock()

    def now_iso(self) -> str:
        return to_iso(self._clock())

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
