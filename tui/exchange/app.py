"""All doors of the exchange as one ASGI application.

Invariant: every path the venue knows is one ``Endpoint``; what no endpoint knows is refused with the venue's own shape.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

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


def build(venue: Venue) -> Starlette:
    """The application; it holds no state but ``venue``."""
    doors: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        for method, path in endpoint.places:
            doors.setdefault(path, {})[method] = endpoint
    exact_first = sorted(doors, key=lambda path: path.count("{"))
    faults = CallFaults(venue)
    venue.on_tick = faults.tick
    routes = [Route(path, _handler(venue, faults, doors[path]), methods=list(doors[path])) for path in exact_first]
    stream = StreamDoor(venue)
    app = Starlette(
        routes=[*routes, *Control(venue, stream).routes(), WebSocketRoute(WS_PATH, stream)],
        exception_handlers={
            404: _refuser(venue, CodedRefusal(ErrorCode.GENERAL, "404 NOT_FOUND", http=404)),
            405: _refuser(venue, CodedRefusal(ErrorCode.GENERAL, "405 METHOD_NOT_ALLOWED", http=405)),
            Exception: _refuser(venue, WordRefusal(WordError.SERVER_ERROR, http=500)),
        },
    )
    app.router.redirect_slashes = False
    return app


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
