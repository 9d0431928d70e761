"""The WebSocket door: moves text between a socket and a ``Session``.

Invariant: one writer per connection, in order; a connection ends when the peer leaves, falls behind its bound, or is
silent for too long, and then nothing of it is left in the hub.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Sized
from typing import Final

from starlette.types import Receive, Scope, Send

from tui.exchange.board import Subscriber
from tui.exchange.line import LINE, Line
from tui.exchange.road import Fate, Road
from tui.exchange.session import Session
from tui.exchange.venue import Venue
from tui.wire.derivatives.feeds import CONNECTION_LIMIT

_TRY_LATER: Final = 1013
_GOING_AWAY: Final = 1001
_CLOSE_TIMEOUT_S: Final = 1.0
_EXCESS_LIMIT: Final = 1_000
"""Frames beyond the allowed rate after which a client is taken for hostile and cut off."""


_WRITES_PER_SECOND: Final = 2_000
"""All streams together; a system call costs more than a frame. One that wrote just now collects frames for its share of
the time: half a millisecond if it is alone, 50 ms among a hundred.
"""


class StreamDoor:
    """An ASGI application for ``/ws/v1``."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._open: set[_Conversation] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # the connect message; the handshake is answered below
        await send({"type": "websocket.accept"})
        if len(self._open) >= CONNECTION_LIMIT:
            await send({"type": "websocket.close", "code": _TRY_LATER})
            return
        conversation = _Conversation(self._venue, scope["extensions"][LINE], receive, send, self._open)
        self._open.add(conversation)
        try:
            await conversation.run()
        finally:
            self._open.discard(conversation)

    def disconnect(self, which: str) -> int:
        """Cut the streams that hold private feeds (``private``), those that do not (``public``), or ``all``. Returns
        how many.
        """
        chosen = [one for one in self._open if which in ("all", "private" if one.is_private else "public")]
        for conversation in chosen:
            conversation.cut()
        return len(chosen)


class _Conversation:
    """``streams``: all that are open."""

    def __init__(self, venue: Venue, line: Line, receive: Receive, send: Send, streams: Sized) -> None:
        self._venue = venue
        self._streams = streams
        self._line = line
        self._receive = receive
        self._send = send
        self._silence_s = venue.options.silence_s
        self._wake = asyncio.Event()
        self._subscriber = Subscriber(venue.options.feed_queue, self._woken)
        self._session = Session(
            venue.engine,
            venue.hub,
            venue.client,
            self._subscriber,
            ignores_garbage=venue.options.ignores_garbage,
        )
        self._road = Road(venue.options.feed_queue)

    @property
    def is_private(self) -> bool:
        return self._venue.hub.holds_private(self._subscriber)

    def cut(self) -> None:
        self._line.cut()

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
        if self._line.is_dead:
            self._subscriber.outbox.clear()
        elif self._subscriber.overflowed:
            self._line.cut()
        self._wake.set()

    async def _read(self) -> None:
        """Until the peer, the server or this side has closed. Others get their turn between any two frames."""
        loop = asyncio.get_running_loop()
        while True:
            message = await self._receive()
            if message["type"] != "websocket.receive" or not self._line.is_open:
                return
            text = message.get("text")
            self._venue.flush()  # a snapshot shows no more than the deltas before it told
            self._session.receive(message["bytes"] if text is None else text, loop.time())
            if self._session.excess > _EXCESS_LIMIT:
                self._line.cut()
            await asyncio.sleep(0)

    async def _write(self) -> None:
        while True:
            await self._something_to_send()
            await self._line.send(self._leaving())
            if self._road.fate is Fate.DEAD:
                self._line.die()
            elif self._road.fate is Fate.CUT:
                self._line.cut()
            await asyncio.sleep(len(self._streams) / _WRITES_PER_SECOND)

    async def _something_to_send(self) -> None:
        """A new frame, or the end of one's wait."""
        if self._road.is_free:
            await self._wake.wait()
        else:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._road.due_s):
                    await self._wake.wait()
        self._wake.clear()

    def _leaving(self) -> Iterator[str]:
        """What is to be sent now: all there is, but for the faults on the dial."""
        subscriber, road = self._subscriber, self._road
        now_s = asyncio.get_running_loop().time
        while subscriber.outbox and road.fate is None:
            frame, mishaps = subscriber.pop(), self._venue.mishaps
            if mishaps is None and road.is_free:
                yield frame
            else:
                yield from road.take(frame, mishaps, now_s())
        yield from road.release(now_s())

    async def _watch(self) -> None:
        """Close a connection from which nothing came for too long, not even a ping."""
        loop = asyncio.get_running_loop()
        # bytes come in below ASGI and set no event; this sleeps until the earliest moment that could matter
        while (quiet_s := loop.time() - self._line.heard_s) < self._silence_s:  # noqa: ASYNC110 - see above
            await asyncio.sleep(self._silence_s - quiet_s)
        if self._line.is_dead:
            return
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._send({"type": "websocket.close", "code": _GOING_AWAY})
        except (TimeoutError, OSError):
            self._line.cut()
