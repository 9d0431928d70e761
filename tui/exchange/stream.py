"""The WebSocket door: moves text between a socket and a ``Session``.

Invariant: one writer per connection, in order; a connection ends when the peer leaves, falls behind its bound, or is
silent for too long, and then nothing of it is left in the hub.
"""

import asyncio
from typing import Final

from starlette.types import Receive, Scope, Send

from tui.exchange.feeds import Subscriber
from tui.exchange.line import LINE, Line
from tui.exchange.session import Session
from tui.exchange.venue import Venue
from tui.wire.derivatives.feeds import CONNECTION_LIMIT

_TRY_LATER: Final = 1013
_GOING_AWAY: Final = 1001
_CLOSE_TIMEOUT_S: Final = 1.0


class StreamDoor:
    """An ASGI application for ``/ws/v1``."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # the connect message; the handshake is answered below
        await send({"type": "websocket.accept"})
        if self._open >= CONNECTION_LIMIT:
            await send({"type": "websocket.close", "code": _TRY_LATER})
            return
        self._open += 1
        try:
            await _Conversation(self._venue, scope["extensions"][LINE], receive, send).run()
        finally:
            self._open -= 1


class _Conversation:
    def __init__(self, venue: Venue, line: Line, receive: Receive, send: Send) -> None:
        self._line = line
        self._receive = receive
        self._send = send
        self._silence_s = venue.options.silence_s
        self._wake = asyncio.Event()
        self._subscriber = Subscriber(venue.options.feed_queue, self._woken)
        self._session = Session(venue.engine, venue.hub, venue.credentials, self._subscriber)

    async def run(self) -> None:
        self._session.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                helpers = (tasks.create_task(self._write()), tasks.create_task(self._watch()))
                await self._read()
                for helper in helpers:
                    helper.cancel()
        finally:
            self._session.close()

    def _woken(self) -> None:
        if self._subscriber.overflowed:
            self._line.cut()
        self._wake.set()

    async def _read(self) -> None:
        """Until the peer, the server or this side has closed."""
        loop = asyncio.get_running_loop()
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return
            text = message.get("text")
            self._session.receive(message["bytes"] if text is None else text, loop.time())

    async def _write(self) -> None:
        outbox = self._subscriber.outbox
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                while outbox:
                    await self._send({"type": "websocket.send", "text": outbox.popleft()})
            except OSError:  # the peer has gone; the reader learns it too and ends the conversation
                return

    async def _watch(self) -> None:
        """Close a connection from which nothing came for too long, not even a ping."""
        loop = asyncio.get_running_loop()
        # bytes come in below ASGI and set no event; this sleeps until the earliest moment that could matter
        while (quiet_s := loop.time() - self._line.heard_s) < self._silence_s:  # noqa: ASYNC110 - see above
            await asyncio.sleep(self._silence_s - quiet_s)
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._send({"type": "websocket.close", "code": _GOING_AWAY})
        except (TimeoutError, OSError):
            self._line.cut()
