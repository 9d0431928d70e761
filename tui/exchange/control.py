"""The operator's hands under ``/paper/v1/``: faults, prices, markets, time, notices, disconnects, a crash.

Not a thing of the venue. Open only with ``--control``, only to callers on this machine, and not to web pages (which
name their origin). Invariant: what follows a command is the engine's ordinary course; nothing is faked beside it.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tui.exchange import faults
from tui.exchange.commands import MovePrice, SetMarketMode, UnknownSymbol
from tui.exchange.driver import NotMovable
from tui.exchange.faults import Dial, DialError
from tui.exchange.notices import Notice
from tui.exchange.stream import StreamDoor
from tui.exchange.venue import Venue
from tui.wire.derivatives.codec import encode

BASE: Final = "/paper/v1/"
_BODY_LIMIT: Final = 100_000

_PUBLIC: Final = (
    "WARNING: other machines can reach this exchange (--public-network); it is made for tests, not for strangers"
)

S = TypeVar("S", bound=Struct)
Act = Callable[[Request], Awaitable[dict[str, Any]]]
_DEAREST: Final = Decimal(10) ** 9


class _Command(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class _Move(_Command, frozen=True, kw_only=True):
    underlying: str
    price: Decimal


class _Mode(_Command, frozen=True, kw_only=True, rename="camel"):
    symbol: str
    suspended: bool = False
    post_only: bool = False


class _Advance(_Command, frozen=True, kw_only=True):
    seconds: Annotated[float, Meta(gt=0, le=30 * 86_400)]


class _Tell(_Command, frozen=True, kw_only=True, rename="camel"):
    note: Annotated[str, Meta(min_length=1, max_length=2_000)]
    type: Literal["market", "general", "new_feature", "bug_fix", "maintenance", "settlement"] = "general"
    priority: Literal["low", "medium", "high"] = "low"
    in_seconds: Annotated[float, Meta(ge=0, le=30 * 86_400)] = 0.0
    expected_downtime_minutes: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class _Disconnect(_Command, frozen=True, kw_only=True):
    which: Literal["all", "private", "public"] = "all"


class _Nothing(_Command, frozen=True, kw_only=True):
    pass


class BadCommand(Exception):
    """What the operator asked cannot be done; the text says why."""


INDEX: Final[Mapping[str, str]] = {
    f"GET {BASE}": "this page",
    f"GET {BASE}faults": "the dial, how often each fault has struck, and what a dial may hold",
    f"PUT {BASE}faults": 'set the dial: {"faults": [{"kind": "late_answer", "on": "sendorder", "ms": 800}]}; '
    "{} turns everything off",
    f"POST {BASE}price": "underlying (XBT) jumps to price (USD); books, index and marks follow before the answer",
    f"POST {BASE}market": "symbol, suspended, postOnly: what is left out becomes false",
    f"POST {BASE}clock/advance": "let seconds pass at once",
    f"POST {BASE}notification": "tell all clients: note, type, priority, inSeconds, expectedDowntimeMinutes",
    f"POST {BASE}disconnect": "cut streams; which: all (default), private or public",
    f"POST {BASE}crash": "die on the spot, without an answer and with nothing more saved",
}


class Control:
    """``stream`` is the door whose connections can be cut."""

    def __init__(self, venue: Venue, stream: StreamDoor) -> None:
        self._venue = venue
        self._stream = stream

    def routes(self) -> list[Route]:
        """The page that explains is always there; the rest only where the operator was let in."""
        routes = [Route(path, self._door(self._index), methods=["GET"]) for path in (BASE, BASE.rstrip("/"))]
        if not self._venue.options.control:
            return routes
        acts: dict[str, Act] = {
            "price": self._price,
            "market": self._market,
            "clock/advance": self._advance,
            "notification": self._notify,
            "disconnect": self._disconnect,
            "crash": self._crash,
        }
        return [
            *routes,
            Route(BASE + "faults", self._door(self._faults), methods=["GET"]),
            Route(BASE + "faults", self._door(self._set_faults), methods=["PUT"]),
            *(Route(BASE + name, self._door(act), methods=["POST"]) for name, act in acts.items()),
        ]

    def _door(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            if not _is_local(request):
                return _answer({"error": "only programs on the exchange's own machine may do this"}, 403)
            try:
                return _answer(await act(request))
            except (BadCommand, DialError) as error:
                return _answer({"error": str(error)}, 400)

        return handle

    # --- what can be asked ---------------------------------------------------------------------------------

    async def _index(self, _request: Request) -> dict[str, Any]:
        is_open, is_public = self._venue.options.control, self._venue.options.public_network
        return {
            "what": "a paper exchange that speaks the wire of Kraken Futures; this page and those below it are its own",
            "control": "open" if is_open else "closed: start the exchange with --control to open what is listed here",
            "network": _PUBLIC if is_public else "only this machine can reach it",
            "arguments": "as JSON body or as query",
            "commands": INDEX,
            "time": self._venue.now_iso(),
            "market": self._venue.options.market,
            "seed": self._venue.options.seed,
            "speed": self._venue.options.speed,
        }

    async def _faults(self, _request: Request) -> dict[str, Any]:
        mishaps = self._venue.mishaps
        dial = mishaps.dial if mishaps is not None else Dial()
        struck = [mishaps.struck[place] for place in range(len(dial.faults))] if mishaps is not None else []
        return {"dial": faults.plain(dial), "struck": struck, "kinds": faults.kinds()}

    async def _set_faults(self, request: Request) -> dict[str, Any]:
        self._venue.set_dial(faults.of_json(await _body(request) or b"{}"))
        return await self._faults(request)

    async def _price(self, request: Request) -> dict[str, Any]:
        move = await _arguments(request, _Move)
        underlying = move.underlying.upper()
        if not move.price.is_finite() or not 0 < move.price <= _DEAREST:
            raise BadCommand(f"price: {move.price} is not between 0 and {_DEAREST:f}")
        try:
            self._venue.apply(MovePrice(underlying, move.price))
        except UnknownSymbol:
            raise BadCommand(f"underlying: there is no {move.underlying!r}") from None
        except NotMovable as error:
            raise BadCommand(str(error)) from None
        return {"underlying": underlying, "price": move.price}

    async def _market(self, request: Request) -> dict[str, Any]:
        mode = await _arguments(request, _Mode)
        try:
            symbol = self._venue.engine.instrument(mode.symbol).symbol
        except UnknownSymbol:
            raise BadCommand(f"symbol: there is no {mode.symbol!r}") from None
        self._venue.apply(SetMarketMode(symbol, suspended=mode.suspended, post_only=mode.post_only))
        return {"symbol": symbol, "suspended": mode.suspended, "postOnly": mode.post_only}

    async def _advance(self, request: Request) -> dict[str, Any]:
        advance = await _arguments(request, _Advance)
        self._venue.advance(int(advance.seconds * 1000))
        return {"time": self._venue.now_iso()}

    async def _notify(self, request: Request) -> dict[str, Any]:
        told = await _arguments(request, _Tell)
        notice = Notice(
            number=self._venue.hub.notified + 1,
            note=told.note,
            type=told.type,
            priority=told.priority,
            effective_ms=self._venue.now_ms() + int(told.in_seconds * 1000),
            expected_downtime_minutes=told.expected_downtime_minutes,
        )
        self._venue.hub.notify(notice)
        return notice.in_answer()

    async def _disconnect(self, request: Request) -> dict[str, Any]:
        return {"disconnected": self._stream.disconnect((await _arguments(request, _Disconnect)).which)}

    async def _crash(self, request: Request) -> dict[str, Any]:
        await _arguments(request, _Nothing)
        self._venue.crash()
        return {}


def _is_local(request: Request) -> bool:
    host = request.client.host if request.client is not None else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback) and "origin" not in request.headers


async def _arguments(request: Request, shape: type[S]) -> S:
    """Query and JSON object together, the object wins; numbers and booleans may be text."""
    body = await _body(request)
    try:
        given = msgspec.json.decode(body) if body else {}
        if not isinstance(given, dict):
            raise BadCommand("the body must be a JSON object")
        return msgspec.convert({**request.query_params, **given}, shape, strict=False)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise BadCommand(str(error).replace("$.", "")) from None


async def _body(request: Request) -> bytes:
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > _BODY_LIMIT:
            raise BadCommand("the body is too long")
    return bytes(chunks)


def _answer(content: Mapping[str, Any], http: int = 200) -> Response:
    return Response(encode(content), http, {"cache-control": "no-store"}, "application/json")
