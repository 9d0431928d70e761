"""One REST endpoint: how its arguments are read, what it costs, what it answers.

An endpoint works in two steps. ``prepare`` reads the arguments and gives an ``Act``; between the two the venue checks
who is asking. So a malformed request is refused as such before its key is looked at, as measured live in 2026-09, and
nothing can happen before the key was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from tui.exchange.auth import SignedRequest
from tui.exchange.params import Params
from tui.exchange.refusals import CodedRefusal, Refusal
from tui.exchange.venue import Venue, Visitor
from tui.wire.derivatives.codec import encode
from tui.wire.derivatives.outcomes import ErrorCode
from tui.wire.derivatives.routes import HISTORY_ALIAS, HISTORY_BASE, Route

BODY_LIMIT: Final = 1_000_000
_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """``payload`` joins the envelope on ``/derivatives`` and stands alone elsewhere; if ``media`` is not JSON it is
    the whole text.
    """

    payload: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = _JSON


Act = Callable[[Visitor], Reply]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``cost`` overrides the route's where it depends on the arguments. ``aliases``: more paths of the same."""

    route: Route
    prepare: Callable[[Venue, Params], Act]
    cost: Callable[[Params], int] | None = None
    aliases: tuple[tuple[str, str], ...] = ()

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """``(method, path)`` of every way in; all of history can be reached under its older version too."""
        method, path = self.route.method, self.route.path
        older = ((method, path.replace(HISTORY_BASE, HISTORY_ALIAS)),) if path.startswith(HISTORY_BASE) else ()
        return ((method, path), *older, *self.aliases)

    def charge(self, params: Params) -> int:
        return self.route.cost if self.cost is None else self.cost(params)


async def serve(endpoint: Endpoint, venue: Venue, request: Request) -> Response:
    """Unknown path is behind us; now arguments, credentials, nonce, budget, and then the act itself."""
    try:
        body = await _read_body(request)
        signed = _signed(request, body)
        form = body if request.method in {"POST", "PUT"} else b""
        params = Params.of_request(signed.query, form).with_path(request.path_params)
        act = endpoint.prepare(venue, params)
        visitor = venue.admit(endpoint.route, endpoint.charge(params), signed)
        reply = act(visitor)
    except Refusal as refusal:
        return refused(refusal, venue)
    await venue.kept()
    return _answer(endpoint, reply, venue)


def refused(refusal: Refusal, venue: Venue) -> Response:
    body = refusal.body(venue.now_iso())
    if isinstance(body, str):
        return PlainTextResponse(body, refusal.http, dict(refusal.headers))
    return _json(body, refusal.http, refusal.headers)


def _answer(endpoint: Endpoint, reply: Reply, venue: Venue) -> Response:
    payload = reply.payload
    if reply.media != _JSON:
        return Response(payload, 200, dict(reply.headers), reply.media)
    if endpoint.route.path.startswith("/derivatives") and isinstance(payload, Mapping):
        told = payload.get("serverTime") or venue.now_iso()  # its own only where an answer is old on purpose
        payload = {"result": "success", **payload, "serverTime": told}
    return _json(payload, 200, reply.headers)


def _json(content: object, http: int, headers: Mapping[str, str]) -> Response:
    no_store = {"cache-control": "no-store", **headers}
    return Response(encode(content), http, no_store, _JSON)


async def _read_body(request: Request) -> bytes:
    """The raw body, up to a bound that no honest request reaches."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > BODY_LIMIT:
            raise CodedRefusal(ErrorCode.GENERAL, "413 PAYLOAD_TOO_LARGE", http=413)
    return bytes(chunks)


def _signed(request: Request, body: bytes) -> SignedRequest:
    raw_path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return SignedRequest(
        method=request.method,
        path=raw_path.partition(b"?")[0].decode("latin-1"),
        query=request.scope["query_string"],
        body=body,
        api_key=request.headers.get("APIKey", ""),
        authent=request.headers.get("Authent", ""),
        nonce=request.headers.get("Nonce", ""),
    )
