"""A stream that reads and costs little: frames are counted, and looked into only where ids are wanted.

Invariant: bytes are taken as they come and never kept beyond one frame; only text frames whose header starts with a
wanted feed are decoded.
"""

import asyncio
import json
import os
from base64 import b64encode
from typing import Any, Final

import msgspec

from tests.benchmarks.load_wire import Key

_TEXT: Final = 1
_MASK: Final = bytes(4)
_PING: Final = b"\x89\x80" + _MASK
_PING_EVERY_S: Final = 25.0
"""The exchange drops, as the venue does, who is silent for a minute."""


class Listener(asyncio.Protocol):
    """``topics``: ``(feed, product)`` to subscribe to, product None for private feeds, which need ``key``.

    ``fills`` holds the ids of the fills feed, snapshot left out.
    """

    def __init__(self, topics: list[tuple[str, str | None]], key: Key | None = None) -> None:
        self.frames = 0
        self.size = 0
        self.fills: list[str] = []
        self.alerts: list[str] = []
        self.lost = False
        self.opened = asyncio.Event()
        self._topics = topics
        self.key = key
        self._buffer = bytearray()
        self._is_stream = False
        self._transport: asyncio.Transport | None = None

    async def open(self, host: str, port: int) -> None:
        """Returns once everything is subscribed to."""
        await asyncio.get_running_loop().create_connection(lambda: self, host, port)
        assert self._transport is not None
        key = b64encode(os.urandom(16)).decode()
        self._transport.write(
            f"GET /ws/v1 HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        async with asyncio.timeout(30):
            await self.opened.wait()
        self._ping()

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _ping(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(_PING)
            asyncio.get_running_loop().call_later(_PING_EVERY_S, self._ping)

    # --- as asyncio calls it -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _exc: Exception | None) -> None:
        self.lost = True
        self.opened.set()

    def data_received(self, data: bytes) -> None:
        self.size += len(data)
        self._buffer += data
        if not self._is_stream:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self._is_stream = True
            del self._buffer[: end + 4]
        self._read_frames()

    def _read_frames(self) -> None:
        """Server frames: no mask; 7, 16 or 64 bits of length (RFC 6455, 5.2)."""
        buffer, place = self._buffer, 0
        while len(buffer) >= place + 2:
            length, start = buffer[place + 1], place + 2
            if length == 126:
                length, start = int.from_bytes(buffer[place + 2 : place + 4]), place + 4
            elif length == 127:
                length, start = int.from_bytes(buffer[place + 2 : place + 10]), place + 10
            if len(buffer) < start + length:
                break
            if buffer[place] & 15 == _TEXT:
                self._frame(buffer[start : start + length])
            place = start + length
        del buffer[:place]

    # --- frames --------------------------------------------------------------------------------------------

    def _frame(self, frame: bytearray) -> None:
        self.frames += 1
        if frame.startswith(b'{"event"'):
            self._control(msgspec.json.decode(frame))
        elif frame.startswith(b'{"feed":"fills",'):
            self.fills += [row["fill_id"] for row in msgspec.json.decode(frame)["fills"]]

    def _control(self, frame: dict[str, Any]) -> None:
        match frame["event"]:
            case "info" if self.key is not None:
                self._send({"event": "challenge", "api_key": self.key.api_key})
            case "info":
                self._subscribe({})
            case "challenge" if self.key is not None:
                signed = self.key.sign_challenge(frame["message"])
                names = {"api_key": self.key.api_key, "original_challenge": frame["message"]}
                self._subscribe({**names, "signed_challenge": signed})
            case "subscribed":
                self._topics.pop()
                if not self._topics:
                    self.opened.set()
            case "alert" | "error":
                self.alerts.append(str(frame.get("message")))

    def _subscribe(self, proof: dict[str, str]) -> None:
        for feed, product in self._topics:
            wanted = {} if product is None else {"product_ids": [product]}
            self._send({"event": "subscribe", "feed": feed, **wanted, **proof})

    def _send(self, frame: dict[str, Any]) -> None:
        """Clients must mask; a mask of zeros leaves the text as it is."""
        text = json.dumps(frame).encode()
        length = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2)
        assert self._transport is not None
        self._transport.write(b"\x81" + length + _MASK + text)
