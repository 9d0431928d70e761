"""The socket under the session: connect, move bytes, ping, and reconnect for ever.

Invariant: one connection at a time, and its loss is told at once, with the time until the next attempt. The only
module that knows websockets. Pings are protocol pings; the venue takes a JSON ping for nonsense (measured 2026-09).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, Protocol

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from tui.client.credentials import Credentials
from tui.client.derivatives.backoff import Backoff
from tui.client.derivatives.clock import Clock
from tui.client.derivatives.recorder import Recorder
from tui.client.derivatives.session import Session
from tui.client.venue import Emit
from tui.model.events import LinkPulse

OPEN_TIMEOUT_S: Final = 10.0
SEND_TIMEOUT_S: Final = 10.0
CLOSE_TIMEOUT_S: Final = 0.5
PING_EVERY_S: Final = 20.0
PONG_WITHIN_S: Final = 15.0
TICK_S: Final = 0.5
FRAME_LIMIT: Final = 16 * 1024 * 1024
QUEUE: Final = 64

_socket_log = logging.getLogger("tui.client.socket")
_socket_log.setLevel(logging.INFO)  # at DEBUG the library writes whole frames down, signed challenges too


class _DroppedError(Exception):
    """This side gave the connection up, or the venue closed it; the text is the reason."""


_LOSSES: Final = (_DroppedError, ConnectionClosed, OSError, TimeoutError)


class Socket(Protocol):
    """What is used of a connection of websockets. Methods raise ``ConnectionClosed`` or ``OSError`` when it is gone."""

    @property
    def transport(self) -> Any:
        """``abort()`` lets go of it at once."""

    async def recv(self, decode: bool | None = None) -> str | bytes: ...
    async def send(self, message: bytes, *, text: bool | None = None) -> None: ...
    async def ping(self) -> Awaitable[float]:
        """The round trip in seconds, once the answer is here."""


Dial = Callable[[str], Awaitable[Socket]]
"""From the stream's URL to an open socket; raises ``OSError`` and what websockets raises."""


async def dial_websocket(url: str) -> Socket:
    return await connect(
        url,
        open_timeout=OPEN_TIMEOUT_S,
        close_timeout=CLOSE_TIMEOUT_S,
        ping_interval=None,
        max_size=FRAME_LIMIT,
        max_queue=QUEUE,
        compression=None,
        proxy=None,
        logger=_socket_log,
    )


class Feed:
    """``session`` decides everything; this class waits. ``recorder`` is told of every frame."""

    def __init__(
        self,
        url: str,
        credentials: Credentials | None,
        clock: Clock,
        rng: random.Random,
        *,
        dial: Dial | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        self._url = url
        self._dial = dial or dial_websocket
        self._recorder = recorder
        self._clock = clock
        self._session = Session(credentials)
        self._backoff = Backoff(rng)
        self._socket: Socket | None = None

    async def watch(self, tickers: Iterable[str], depth: Iterable[str]) -> None:
        self._session.watch(tickers, depth, self._clock.wall_ms())
        if self._socket is not None:
            try:
                await self._flush(self._socket)
            except (ConnectionClosed, OSError, TimeoutError):
                return  # the reader sees the loss too and reconnects with the new wishes

    async def run(self, emit: Emit) -> None:
        """Ends only by cancellation, or by an error of ``emit``."""
        while True:
            reason = await self._connection(emit)
            if self._recorder is not None:
                self._recorder.lost(reason)
            if self._session.ready:
                self._backoff.reset()
            delay_s = self._backoff.next_s()
            await emit(self._session.lost(reason, int(delay_s * 1000)))
            await self._clock.sleep(delay_s)

    async def _connection(self, emit: Emit) -> str:
        """One connection from its opening to its loss. Returns why it ended."""
        try:
            socket = await self._dial(self._url)
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            return f"no connection: {str(error) or type(error).__name__}"
        self._socket = socket
        try:
            return await self._until_lost(socket, emit)
        finally:
            self._socket = None
            socket.transport.abort()

    async def _until_lost(self, socket: Socket, emit: Emit) -> str:
        """Why it ended. Not a task group: one that is cancelled while a part of it fails tells of the failure alone
        (Python 3.11), and whoever waited for this feed to end would wait for ever.
        """
        parts = [
            asyncio.create_task(part)
            for part in (self._read(socket, emit), self._tick(socket), self._ping(socket, emit))
        ]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in parts:
                part.cancel()
            ends = await asyncio.gather(*parts, return_exceptions=True)
        errors = [end for end in ends if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError)]
        for error in errors:
            if not isinstance(error, _LOSSES):
                raise error
        return _words(errors[0])

    async def _read(self, socket: Socket, emit: Emit) -> None:
        session, wall_ms, recorder = self._session, self._clock.wall_ms, self._recorder
        if recorder is not None:
            recorder.opened()
        for event in session.opened(wall_ms()):
            await emit(event)
        await self._flush(socket)
        while True:
            raw = await socket.recv(decode=False)
            assert isinstance(raw, bytes)  # noqa: S101 -- what decode=False means
            if recorder is not None:
                recorder.received(raw)
            for event in session.receive(raw, wall_ms()):
                await emit(event)
            await self._flush(socket)

    async def _tick(self, socket: Socket) -> None:
        while True:
            await self._clock.sleep(TICK_S)
            self._session.tick(self._clock.wall_ms())
            if self._session.broken is not None:
                raise _DroppedError(self._session.broken)
            await self._flush(socket)

    async def _ping(self, socket: Socket, emit: Emit) -> None:
        while True:
            async with asyncio.timeout(PONG_WITHIN_S):
                latency_s = await (await socket.ping())
            round_trip_ms = round(latency_s * 1000)
            if self._recorder is not None:
                self._recorder.pulse(round_trip_ms)
            await emit(LinkPulse(round_trip_ms))
            await self._clock.sleep(PING_EVERY_S)

    async def _flush(self, socket: Socket) -> None:
        for frame in self._session.outgoing(self._clock.wall_ms()):
            if self._recorder is not None:
                self._recorder.sent(frame)
            async with asyncio.timeout(SEND_TIMEOUT_S):
                await socket.send(frame, text=True)


def _words(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "the venue does not answer"
    if isinstance(error, ConnectionClosed):
        return f"the venue closed the connection ({error.rcvd})" if error.rcvd else "the connection broke"
    return str(error) or type(error).__name__
