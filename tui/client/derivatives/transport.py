"""The road to the venue's REST: pooled connections, signed requests, and what failed on the way.

Invariant: a failure is ``Unreachable`` only if nothing can have left this machine; anything later is
``OutcomeUnknown``. Nothing is retried here. The only module that knows httpx; it uses httpx's connection pool
without its client (no redirects, cookies or proxies), which halves the time to a signed order on the wire.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol, Self

import httpx
from msgspec import Struct

from tui.client.derivatives.failures import Reply
from tui.client.derivatives.recorder import Recorder
from tui.model.errors import OutcomeUnknown, Unreachable

NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_TIMEOUTS: Final = {"connect": 5.0, "read": 10.0, "write": 5.0, "pool": 3.0}
_TOTAL_S: Final = 20.0
_KEEP_ALIVE_S: Final = 120.0
_BODY_LIMIT: Final = 32 * 1024 * 1024


class Lane(Enum):
    """Cancels have their own connections, so that no queue of reads or orders stands before them."""

    COMMON = "common"
    CANCEL = "cancel"


class Message(Struct, frozen=True):
    """One request. ``query`` and ``form`` are encoded text, sent byte for byte."""

    method: str
    path: str
    query: str = ""
    form: str | None = None


Sign = Callable[[str, bytes, bytes], dict[str, str]]
"""(path, query, body) as they leave -> headers."""


class Road(Protocol):
    """Where a request goes: the venue's sockets, or a recording."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    async def send(self, message: Message, sign: Sign | None = None, lane: Lane = Lane.COMMON) -> Reply:
        """Send once, read the whole answer. Raises ``Unreachable`` or ``OutcomeUnknown``."""


class Transport:
    """Use as an async context. ``transports`` replaces the sockets in tests. ``recorder`` is told of every call."""

    def __init__(
        self,
        base_url: str,
        transports: dict[Lane, httpx.AsyncBaseTransport] | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self._base = base_url
        self._lanes = transports or _sockets(base_url)
        self._recorder = recorder

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        for lane in set(self._lanes.values()):
            await lane.aclose()

    async def send(self, message: Message, sign: Sign | None = None, lane: Lane = Lane.COMMON) -> Reply:
        """Send once, read the whole answer. Raises ``Unreachable`` or ``OutcomeUnknown``."""
        recorder = self._recorder
        if recorder is None:
            return await self._send(message, sign, lane)
        number = recorder.asked(message.method, message.path, message.query, message.form)
        try:
            reply = await self._send(message, sign, lane)
        except (Unreachable, OutcomeUnknown) as error:
            recorder.failed(number, error)
            raise
        except asyncio.CancelledError:
            recorder.gave_up(number)
            raise
        recorder.answered(number, reply)
        return reply

    async def _send(self, message: Message, sign: Sign | None, lane: Lane) -> Reply:
        request = self._request(message, sign)
        try:
            async with asyncio.timeout(_TOTAL_S):
                response = await self._lanes[lane].handle_async_request(request)
                try:
                    body = await _read(response)
                finally:
                    await response.aclose()
        except NEVER_SENT as error:
            raise Unreachable(f"No connection to {self._base} ({_words(error)})", "Check network and address") from None
        except (httpx.HTTPError, TimeoutError, OSError, ssl.SSLError) as error:
            raise OutcomeUnknown(
                f"No answer from {self._base} ({_words(error)})", "The desk asks what became of it"
            ) from None
        return Reply(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

    def _request(self, message: Message, sign: Sign | None) -> httpx.Request:
        headers = {"User-Agent": "kftui", "Accept": "application/json", "Accept-Encoding": "gzip"}
        if message.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        url = _url(self._base + message.path) if not message.query else f"{self._base}{message.path}?{message.query}"
        content = message.form.encode() if message.form is not None else None
        request = httpx.Request(
            message.method, url, headers=headers, content=content, extensions={"timeout": dict(_TIMEOUTS)}
        )
        if sign is not None:
            path = request.url.raw_path.partition(b"?")[0].decode("ascii")
            request.headers.update(sign(path, request.url.query, request.content))
        return request


@functools.lru_cache(maxsize=256)
def _url(text: str) -> httpx.URL:
    """Parsed once: an order goes to the same address each time, and parsing costs a tenth of its way out."""
    return httpx.URL(text)


async def _read(response: httpx.Response) -> bytes:
    chunks = bytearray()
    async for chunk in response.aiter_bytes():
        chunks += chunk
        if len(chunks) > _BODY_LIMIT:
            raise httpx.ReadError("the answer is too long")
    return bytes(chunks)


def _sockets(base_url: str) -> dict[Lane, httpx.AsyncBaseTransport]:
    verify: ssl.SSLContext | bool = httpx.create_ssl_context() if base_url.startswith("https") else False
    common = httpx.Limits(max_connections=8, max_keepalive_connections=8, keepalive_expiry=_KEEP_ALIVE_S)
    spare = httpx.Limits(max_connections=2, max_keepalive_connections=2, keepalive_expiry=_KEEP_ALIVE_S)
    return {
        Lane.COMMON: httpx.AsyncHTTPTransport(verify=verify, limits=common),
        Lane.CANCEL: httpx.AsyncHTTPTransport(verify=verify, limits=spare),
    }


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
