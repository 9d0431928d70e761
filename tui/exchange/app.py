"""All doors of the exchange as one ASGI application.

Invariant: every path the venue knows is one ``Endpoint``; what no endpoint knows is refused with the venue's own shape.
A path without a name in it is looked up, not matched against every pattern: orders come by it.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from tui.exchange import (
    rest_account,
    rest_analytics,
    rest_funds,
    rest_history,
    rest_log,
    rest_market,
    rest_positions,
    rest_tape,
    rest_trading,
)
from tui.exchange.control import Control
from tui.exchange.endpoint import Endpoint, refused, serve
from tui.exchange.refusals import CodedRefusal, WordRefusal
from tui.exchange.rest_faults import CallFaults
from tui.exchange.stream import StreamDoor
from tui.exchange.venue import Venue
from tui.wire.derivatives.outcomes import ErrorCode, WordError
from tui.wire.derivatives.routes import WS_PATH

ENDPOINTS: Final = (
    *rest_market.ENDPOINTS,
    *rest_trading.ENDPOINTS,
    *rest_account.ENDPOINTS,
    *rest_funds.ENDPOINTS,
    *rest_history.ENDPOINTS,
    *rest_positions.ENDPOINTS,
    *rest_log.ENDPOINTS,
    *rest_tape.ENDPOINTS,
    *rest_analytics.ENDPOINTS,
)

Handler = Callable[[Request], Awaitable[Response]]
Refuser = Callable[[Request, Exception], Awaitable[Response]]


def build(venue: Venue) -> ASGIApp:
    """The application; it holds no state but ``venue``."""
    doors: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        for method, path in endpoint.places:
            doors.setdefault(path, {})[method] = endpoint
    exact_first = sorted(doors, key=lambda path: path.count("{"))
    faults = CallFaults(venue)
    venue.on_tick = faults.tick
    handlers = {path: _handler(venue, faults, doors[path]) for path in exact_first}
    routes = [Route(path, handler, methods=list(doors[path])) for path, handler in handlers.items()]
    stream = StreamDoor(venue)
    broken = _refuser(venue, WordRefusal(WordError.SERVER_ERROR, http=500))
    app = Starlette(
        routes=[*routes, *Control(venue, stream).routes(), WebSocketRoute(WS_PATH, stream)],
        exception_handlers={
            404: _refuser(venue, CodedRefusal(ErrorCode.GENERAL, "404 NOT_FOUND", http=404)),
            405: _refuser(venue, CodedRefusal(ErrorCode.GENERAL, "405 METHOD_NOT_ALLOWED", http=405)),
            Exception: broken,
        },
    )
    app.router.redirect_slashes = False
    straight = {(method, path): handlers[path] for path in exact_first if "{" not in path for method in doors[path]}
    return _Entrance(straight, app, broken)


class _Entrance:
    """``straight``: handlers by method and path; all else goes the long way through ``patterns``."""

    def __init__(self, straight: dict[tuple[str, str], Handler], patterns: ASGIApp, broken: Refuser) -> None:
        self._straight = straight
        self._patterns = patterns
        self._broken = broken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._straight.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if handler is None:
            await self._patterns(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await handler(request)
        except ClientDisconnect:
            return
        except Exception as error:
            response = await self._broken(request, error)
            await response(scope, receive, send)
            raise
        await response(scope, receive, send)


def _handler(venue: Venue, faults: CallFaults, by_method: dict[str, Endpoint]) -> Handler:
    async def handle(request: Request) -> Response:
        endpoint = by_method.get(request.method) or by_method["GET"]  # HEAD is asked as GET
        if venue.mishaps is not None:
            return await faults.serve(endpoint, request)
        return await serve(endpoint, venue, request)

    return handle


def _refuser(venue: Venue, refusal: CodedRefusal | WordRefusal) -> Refuser:
    async def refuse(_request: Request, _error: Exception) -> Response:
        return refused(refusal, venue)

    return refuse
