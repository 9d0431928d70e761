"""The server's side of one connection: its bounds, and what ASGI does not show of it.

A caller may take only so long, say only so much and ask only so many things at once; a stream may not flood. Whoever
breaks a bound loses the connection, without an answer where one would have to wait for him. Invariant: nothing that a
peer sends or refuses to read takes more than a bounded amount of memory, or the loop for more than a moment.

ASGI hides protocol pings, closing politely waits for the peer to read, and a call cannot be left without an answer;
``Line`` and ``CallLine`` give those to the doors.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from tui.exchange.cork import Cork
from tui.exchange.limits import Bucket
from tui.wire.derivatives.routes import Budget

LINE: Final = "kftui.line"
"""Name under which a stream's scope ``extensions`` hold the ``Line``, and a call's scope ``state`` the ``CallLine``."""

REQUEST_S: Final = 20.0
"""How long a caller may take from the connection's opening, or from a request's first byte, to the last one."""

MOST_CONNECTIONS: Final = 1_000
HEAD_LIMIT: Final = 32_768
CALL_LIMIT: Final = 2_000_000
"""Bytes of one request, chunk marks included; a body is refused in words long before."""

PIPELINE_LIMIT: Final = 16
"""Requests that may wait for the one before them on the same connection."""

UNREAD_LIMIT: Final = 300
"""Frames, or pieces of one, that a stream may send ahead of our reading: three seconds of what it may ask."""

STREAMS: Final = Budget(100, 1)
"""How many streams may begin. Whoever is cut and comes back at once costs no more than that."""

PINGS: Final = Budget(200, 1)
_SLICE: Final = 1_024
"""Bytes of a stream looked at before the bounds are; small enough that tiny frames cannot hold the loop."""

_BUNCH: Final = 65_536


class LimitError(Exception):
    """A bound was broken while a request was being read."""


class Line:
    """One stream: when it was last heard of, how to write to it, and the ways to end it."""

    def __init__(self, protocol: "LineProtocol") -> None:
        self._protocol = protocol

    @property
    def heard_s(self) -> float:
        """Time of the event loop at which bytes last came in, protocol pings included."""
        return self._protocol.heard_s

    @property
    def is_dead(self) -> bool:
        return self._protocol.is_dead

    @property
    def is_open(self) -> bool:
        return not self._protocol.transport.is_closing()

    async def send(self, texts: Iterable[str]) -> None:
        """Text frames, as many at a time as go into one write; waits while the peer does not read."""
        await self._protocol.send_texts(texts)

    def cut(self) -> None:
        """Drop the connection without waiting for what is still unsent."""
        self._protocol.transport.abort()

    def die(self) -> None:
        """Leave the connection open and never react to it again, not even to pings; whoever sends must stop too."""
        self._protocol.is_dead = True


class LineProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, which answers pings by itself, with a ``Line`` in the scope."""

    heard_s = 0.0
    is_dead = False
    _pings: Bucket | None = None

    def data_received(self, data: bytes) -> None:
        if self.is_dead:
            return
        self.heard_s = self.loop.time()
        for start in range(0, len(data), _SLICE):
            super().data_received(data[start : start + _SLICE])
            if self.queue.qsize() + len(self.frames) > UNREAD_LIMIT:
                self.transport.abort()
            if self.transport.is_closing():
                return

    def handle_ping(self) -> None:
        """A peer that does not read gets no answer either: it would only wait in memory."""
        now_s = self.loop.time()
        self._pings = self._pings or Bucket(PINGS, now_s)
        if self._pings.take(1, now_s):
            self.transport.abort()
        elif self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_connect(self, event: Any) -> None:  # a websockets Request; that package is not ours to import
        super().handle_connect(event)
        scope = getattr(self, "scope", None)  # absent when the handshake was refused
        if scope is not None:
            scope["extensions"][LINE] = Line(self)

    async def send_texts(self, texts: Iterable[str]) -> None:
        bunch, size = [], 0
        for text in texts:
            frame = _text_frame(text)
            bunch.append(frame)
            size += len(frame)
            if size >= _BUNCH:
                await self._write(b"".join(bunch))
                bunch, size = [], 0
        if bunch:
            await self._write(b"".join(bunch))

    async def _write(self, data: bytes) -> None:
        await self.writable.wait()
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.transport.write(data)


def _text_frame(text: str) -> bytes:
    """A whole, unmasked text frame with a length of 7, 16 or 64 bits (RFC 6455, 5.2)."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((size,)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2) + payload
    return b"\x81\x7f" + size.to_bytes(8) + payload


class CallLine:
    """The connection under a call."""

    def __init__(self, protocol: "CallProtocol") -> None:
        self._protocol = protocol

    def cut(self) -> None:
        """Drop the connection; what was asked on it stays unanswered."""
        self._protocol.transport.abort()


class CallProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with a ``CallLine`` in the scope and an end to its patience. ``streams``: what all
    connections of a server have left of ``STREAMS``; None: no bound.
    """

    streams: Bucket | None = None

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.app_state = {**self.app_state, LINE: CallLine(self)}
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = True
        self._size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        super().connection_made(cast("asyncio.Transport", Cork(transport, self.loop)))
        if len(self.connections) > MOST_CONNECTIONS:
            self.transport.abort()
        else:
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > CALL_LIMIT:
            self.transport.abort()
            return
        self._expect()
        super().data_received(data)
        if self.transport.get_protocol() is not self:
            self._relax()  # the connection has become a stream, which has its own rules
        elif self._in_head and self._size > HEAD_LIMIT and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def handle_websocket_upgrade(self) -> None:
        if self.streams is not None and self.streams.take(1, self.loop.time()):
            self.transport.abort()
        else:
            super().handle_websocket_upgrade()

    # --- as the parser calls it ----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= PIPELINE_LIMIT:
            raise LimitError
        self._in_head = True
        self._expect()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_LIMIT:
            raise LimitError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._size = 0
        self._relax()
        super().on_message_complete()

    def _expect(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_S, self.transport.abort)

    def _relax(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
