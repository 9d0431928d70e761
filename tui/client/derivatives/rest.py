"""One signed call: budget, signature, transport, and the answer as a wire shape or a typed error.

Invariant: a read may be repeated, an act never is. An act waits for nothing: if the budget is short it is refused
here, with nothing sent, because an order that leaves seconds late is another order. Cancels always leave at once.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct, structs

from tui.client.credentials import Credentials
from tui.client.derivatives.auth import Signer
from tui.client.derivatives.backoff import Backoff
from tui.client.derivatives.build import encode
from tui.client.derivatives.clock import Clock
from tui.client.derivatives.failures import Reply, failure, rate_limited
from tui.client.derivatives.limiter import Limiter, Priority
from tui.client.derivatives.transport import Lane, Message, Road
from tui.model.errors import (
    CredentialsError,
    DeskError,
    NonceRefused,
    OutcomeUnknown,
    RateLimited,
    Sent,
    Unreachable,
    VenueUnavailable,
)
from tui.model.state import EndpointHealth, RateBudget
from tui.wire.derivatives.base import Answer
from tui.wire.derivatives.codec import MalformedError, decode
from tui.wire.derivatives.routes import Access, Route

T = TypeVar("T")

READ_ATTEMPTS = 3
PATIENCE_MS = 10_000

_UNTOLD = frozenset({"", "derivatives", "api", "v1", "v3", "v4"})
_PASSING = (Unreachable, OutcomeUnknown, VenueUnavailable)


class Call(Struct, frozen=True):
    """``path`` and ``cost`` where they differ from the route's. ``urgent``: a cancel, or by the cancels' lane."""

    route: Route
    params: Sequence[tuple[str, str]] = ()
    path: str | None = None
    cost: int | None = None
    urgent: bool = False


class Rest:
    """The venue's REST under one base URL and, for private calls, one key."""

    def __init__(
        self,
        transport: Road,
        credentials: Credentials | None,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        self._transport = transport
        self._signer = Signer(credentials) if credentials is not None else None
        self._clock = clock
        self._rng = rng
        self._limiter = Limiter()
        self._endpoints: dict[str, EndpointHealth] = {}

    @property
    def budget(self) -> RateBudget:
        """``wait_until_ms`` in epoch time of this machine."""
        steady = self._clock.steady_ms()
        budget = self._limiter.budget(steady)
        if budget.wait_until_ms is None:
            return budget
        return structs.replace(budget, wait_until_ms=budget.wait_until_ms - steady + self._clock.wall_ms())

    @property
    def endpoints(self) -> tuple[EndpointHealth, ...]:
        return tuple(self._endpoints.values())

    async def read(self, call: Call, shape: type[T]) -> T:
        """Ask, and ask again with jitter if the road or the venue failed. Raises the tree of ``tui.model.errors``."""
        backoff = Backoff(self._rng, first_s=0.3, longest_s=2.0)
        for attempt in range(1, READ_ATTEMPTS + 1):
            await self._budgeted(call)
            try:
                return await self._once(call, shape, acts=False)
            except _PASSING:
                if attempt == READ_ATTEMPTS:
                    raise
            await self._clock.sleep(backoff.next_s())
        raise AssertionError  # the loop returns or raises

    async def act(self, call: Call, shape: type[T]) -> T:
        """Send once. Raises ``Unreachable`` or a ``VenueError`` if it was not carried out, ``OutcomeUnknown`` if that
        cannot be known.
        """
        wait_ms = self._take(call, Priority.CANCEL if call.urgent else Priority.ORDER)
        if wait_ms:
            raise RateLimited(
                "The request budget is used up",
                f"Nothing was sent; try again in {wait_ms / 1000:.1f} s. Cancels still go out",
                retry_after_s=wait_ms / 1000,
                sent=Sent.NO,
            )
        return await self._once(call, shape, acts=True)

    async def _budgeted(self, call: Call) -> None:
        """Wait until the budget allows the call; refuse at once if that is too far away."""
        while wait_ms := self._take(call, Priority.READ):
            if wait_ms > PATIENCE_MS:
                raise rate_limited(wait_ms / 1000)
            await self._clock.sleep(wait_ms / 1000)

    def _take(self, call: Call, priority: Priority) -> int:
        cost = call.route.cost if call.cost is None else call.cost
        return self._limiter.take(call.route.pool, cost, self._clock.steady_ms(), priority)

    async def _once(self, call: Call, shape: type[T], *, acts: bool) -> T:
        started_ms = self._clock.steady_ms()
        last_nonce = self._signer.nonces.last if self._signer is not None else 0
        try:
            reply = await self._send(call)
            value = self._value(call, reply, shape, acts=acts)
        except DeskError as error:
            if isinstance(error, NonceRefused) and self._signer is not None:
                self._signer.nonces.refused(last_nonce)
            self._note(call.route, started_ms, error)
            raise
        self._note(call.route, started_ms, None)
        return value

    async def _send(self, call: Call) -> Reply:
        text = encode(call.params)
        form = call.route.method == "POST"
        message = Message(call.route.method, call.path or call.route.path, "" if form else text, text if form else None)
        lane = Lane.CANCEL if call.urgent else Lane.COMMON
        if call.route.access is Access.PUBLIC:
            return await self._transport.send(message, lane=lane)
        signer = self._signer
        if signer is None:
            raise CredentialsError("This needs an API key", "Set KRAKEN_FUTURES_API_KEY and KRAKEN_FUTURES_PRIVATE_KEY")
        return await self._transport.send(
            message, lambda path, query, body: signer.headers(path, query, body, self._clock.wall_ns()), lane
        )

    def _value(self, call: Call, reply: Reply, shape: type[T], *, acts: bool) -> T:
        cause = ""
        if reply.status == 200:
            try:
                value = decode(shape, reply.body)
            except MalformedError as malformed:
                cause = str(malformed)
            else:
                if not isinstance(value, Answer) or (value.result != "error" and value.error is None):
                    self._limiter.answered(call.route.pool)
                    return value
        error = failure(reply, acts=acts, now_ms=self._clock.wall_ms(), cause=cause)
        if isinstance(error, RateLimited):
            wait_ms = self._limiter.refused(call.route.pool, self._clock.steady_ms(), error.retry_after_s)
            raise rate_limited(wait_ms / 1000, error.word)
        raise error

    def _note(self, route: Route, started_ms: int, error: DeskError | None) -> None:
        name = "/".join(part for part in route.path.split("/") if part not in _UNTOLD and not part.startswith("{"))
        known = self._endpoints.get(name) or EndpointHealth(name)
        self._endpoints[name] = structs.replace(
            known,
            calls=known.calls + 1,
            errors=known.errors + (error is not None),
            last_ok_ms=known.last_ok_ms if error else self._clock.wall_ms(),
            latency_ms=self._clock.steady_ms() - started_ms,
            error=error.what if error else "",
        )
