"""The server's side of one WebSocket, as far as ASGI does not show it.

ASGI hides protocol pings, and closing politely waits for the peer to read. The venue's rules need both: silence is
counted from the last bytes of any kind, and a reader that does not read is cut off.
"""

from typing import Any, Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

LINE: Final = "kftui.line"
"""Name under which the scope's ``extensions`` hold the ``Line``."""


class Line:
    """One connection: when it was last heard of, and the way to cut it."""

    def __init__(self, protocol: "LineProtocol") -> None:
        self._protocol = protocol

    @property
    def heard_s(self) -> float:
        """Time of the event loop at which bytes last came in, protocol pings included."""
        return self._protocol.heard_s

    def cut(self) -> None:
        """Drop the connection without waiting for what is still unsent."""
        self._protocol.transport.abort()


class LineProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, which answers pings by itself, with a ``Line`` in the scope."""

    heard_s = 0.0

    def data_received(self, data: bytes) -> None:
        self.heard_s = self.loop.time()
        super().data_received(data)

    def handle_connect(self, event: Any) -> None:  # a websockets Request; that package is not ours to import
        super().handle_connect(event)
        scope = getattr(self, "scope", None)  # absent when the handshake was refused
        if scope is not None:
            scope["extensions"][LINE] = Line(self)
