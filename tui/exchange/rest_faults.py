"""What the faults on the dial do to calls.

A shell around an endpoint: what strikes before the engine acts, the call itself, what strikes after it. Invariant:
while nothing is on the dial no call passes through here.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tui.exchange.commands import SetMarketMode
from tui.exchange.endpoint import Act, Endpoint, Reply, refused, serve
from tui.exchange.faults import (
    Crash,
    Exponents,
    Fault,
    GatewayError,
    LateAnswer,
    LateRequest,
    LostAnswer,
    LostRequest,
    Maintenance,
    Nonce,
    RateLimit,
    StaleAnswer,
    call_name,
)
from tui.exchange.line import LINE
from tui.exchange.mishaps import Mishaps
from tui.exchange.numerals import with_exponents
from tui.exchange.params import Params
from tui.exchange.refusals import WordRefusal
from tui.exchange.shelf import Shelf
from tui.exchange.venue import Venue, Visitor
from tui.wire.derivatives.outcomes import WordError

_PAGE: Final = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>nginx</body></html>"
_PHRASES: Final[Mapping[int, str]] = {
    405: "405 Not Allowed",
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
    520: "520 Web server is returning an unknown error",
    522: "522 Connection timed out",
}


class CallFaults:
    """Of one venue. ``tick`` keeps what faults need between calls."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._shelf = Shelf(venue)
        self._post_only = False

    async def serve(self, endpoint: Endpoint, request: Request) -> Response:
        mishaps = self._venue.mishaps
        route = endpoint.route
        struck = mishaps.on_call(call_name(route.path), route.access, self._venue.steady_s()) if mishaps else []
        if mishaps is None or not struck:
            return await serve(endpoint, self._venue, request)
        for fault in struck:
            instead = await self._before(fault, mishaps, request)
            if instead is not None:
                return instead
        response = await serve(self._lagging(endpoint, struck, request), self._venue, request)
        for fault in struck:
            response = await self._after(fault, mishaps, request, response)
        return response

    def tick(self) -> None:
        """Call after every tick of the venue."""
        mishaps = self._venue.mishaps
        self._shelf.tick(mishaps)
        post_only = mishaps is not None and mishaps.is_post_only(self._venue.steady_s())
        if post_only != self._post_only:
            self._post_only = post_only
            for instrument in self._venue.engine.instruments():
                suspended = not self._venue.engine.is_tradeable(instrument.symbol)
                self._venue.apply(SetMarketMode(instrument.symbol, suspended=suspended, post_only=post_only))

    async def _before(self, fault: Fault, mishaps: Mishaps, request: Request) -> Response | None:
        """What is answered instead of acting, or None to go on."""
        match fault:
            case LateRequest():
                await asyncio.sleep(mishaps.delay_s(fault.ms, fault.tail_ms))
            case LostRequest():
                return await _hang_up(request)
            case Crash(acted=False):
                self._venue.crash()
            case GatewayError(acted=False):
                return _page(fault.http)
            case RateLimit():
                headers = {} if fault.retry_after_s is None else {"Retry-After": str(fault.retry_after_s)}
                return self._refuse(WordError.API_LIMIT_EXCEEDED, fault.http, headers)
            case Maintenance():
                return self._refuse(WordError.UNAVAILABLE, fault.http)
            case Nonce():
                return self._refuse(fault.word)
        return None

    async def _after(self, fault: Fault, mishaps: Mishaps, request: Request, response: Response) -> Response:
        """What is answered in the end."""
        match fault:
            case LateAnswer():
                await asyncio.sleep(mishaps.delay_s(fault.ms, fault.tail_ms))
            case LostAnswer():
                return await _hang_up(request)
            case Crash(acted=True):
                self._venue.crash()
            case GatewayError(acted=True):
                return _page(fault.http)
            case Exponents() if response.media_type == "application/json":
                text = with_exponents(bytes(response.body).decode())
                return Response(text, response.status_code, media_type=response.media_type)
        return response

    def _lagging(self, endpoint: Endpoint, struck: list[Fault], request: Request) -> Endpoint:
        """The endpoint, or one that answers from the shelf; credentials and budget are looked at all the same."""
        fault = next((one for one in struck if isinstance(one, StaleAnswer)), None)
        if fault is None or request.url.query or not self._shelf.holds(endpoint):
            return endpoint

        def prepare(venue: Venue, params: Params) -> Act:
            act = endpoint.prepare(venue, params)
            return lambda visitor: self._old(endpoint, fault, visitor) or act(visitor)

        return replace(endpoint, prepare=prepare)

    def _old(self, endpoint: Endpoint, fault: StaleAnswer, visitor: Visitor) -> Reply | None:
        found = self._shelf.find(endpoint, visitor, fault.age_s)
        if found is None:
            return None
        told, reply = found
        return Reply({**reply.payload, "serverTime": told}, reply.headers) if fault.dated == "then" else reply

    def _refuse(self, word: str, http: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        return refused(WordRefusal(word, http=http, headers=headers), self._venue)


def _page(http: int) -> Response:
    return HTMLResponse(_PAGE.format(_PHRASES[http]), http)


async def _hang_up(request: Request) -> Response:
    """End the connection without an answer."""
    line = request.scope.get("state", {}).get(LINE)
    if line is not None:
        line.cut()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return _Silence()


class _Silence(Response):
    """No answer at all, on a connection that has ended."""

    async def __call__(self, *_: object) -> None:
        return
