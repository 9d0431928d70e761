"""The server's side of one connection, as far as ASGI does not show it.

ASGI hides protocol pings, closing politely waits for the peer to read, and a call cannot be left without an answer. The
venue's rules need more: silence is counted from the last bytes of any kind, a reader that does not read is cut off, and
so is a caller who takes for ever to say what he wants.
"""

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LINE: Final = "kftui.line"
"""Name under which a stream's scope ``extensions`` hold the ``Line``, and a call's scope ``state`` the ``CallLine``."""

REQUEST_S: Final = 20.0
"""How long a caller may take from the connection's opening, or from a request's first byte, to the last one."""


class Line:
    """One stream: when it was last heard of, and the ways to end it."""

    def __init__(self, protocol: "LineProtocol") -> None:
        self._protocol = protocol

    @property
    def heard_s(self) -> float:
        """Time of the event loop at which bytes last came in, protocol pings included."""
        return self._protocol.heard_s

    @property
    def is_dead(self) -> bool:
        return self._protocol.is_dead

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

    def data_received(self, data: bytes) -> None:
        if self.is_dead:
            return
        self.heard_s = self.loop.time()
        super().data_received(data)

    def handle_connect(self, event: Any) -> None:  # a websockets Request; that package is not ours to import
        super().handle_connect(event)
        scope = getattr(self, "scope", None)  # absent when the handshake was refused
        if scope is not None:
            scope["extensions"][LINE] = Line(self)


class CallLine:
    """The connection under a call."""

    def __init__(self, protocol: "CallProtocol") -> None:
        self._protocol = protocol

    def cut(self) -> None:
        """Drop the connection; what was asked on it stays unanswered."""
        self._protocol.transport.abort()


class CallProtocol(H11Protocol):
    """uvicorn's HTTP protocol with a ``CallLine`` in the scope and an end to its patience."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.app_state = {**self.app_state, LINE: CallLine(self)}
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._relax()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        state = self.conn.their_state
        if self.transport.get_protocol() is not self:
            self._relax()  # the connection has become a stream, which has its own rules
        elif state is h11.SEND_BODY or (state is h11.IDLE and self.conn.trailing_data[0]):
            self._expect()
        else:
            self._relax()

    def _expect(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_S, self.transport.abort)

    def _relax(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
