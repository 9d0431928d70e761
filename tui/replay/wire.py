"""The recording in the venue's place: answers to requests and a socket that says what was said.

Invariant: an outcome is given at the time at which it was recorded, never before; nothing is sent anywhere. A request
that the recording does not hold fails, in so many words.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Self

from tui.client.derivatives.failures import Reply
from tui.client.derivatives.transport import Lane, Message, Sign
from tui.model.errors import DeskError, OutcomeUnknown, UnknownAnswer, Unreachable
from tui.replay.index import LATE_MS, Index, key_of
from tui.wire.derivatives.routes import ORDERS_STATUS
from tui.wire.recording import Answered, Failed, Frame, Lost, Opened, Pulse, Row

Outcome = Answered | Failed
INBOX = 10_000


class PlayedRoad:
    """Stands where ``Transport`` does. ``clock`` gives the recording's time in epoch milliseconds."""

    def __init__(self, index: Index, clock: Callable[[], int]) -> None:
        self._index = index
        self._clock = clock
        self._waiting: dict[int, asyncio.Future[Outcome]] = {}
        self._recent: deque[Outcome] = deque()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        return

    async def send(self, message: Message, sign: Sign | None = None, lane: Lane = Lane.COMMON) -> Reply:
        del sign, lane
        key = key_of(message.method, message.path, message.query, message.form)
        exchange = self._index.claim(key, self._clock())
        if exchange is None:
            raise _missing(message)
        return _reply(await self._outcome(exchange.number))

    def play(self, row: Outcome) -> None:
        waiting = self._waiting.pop(row.number, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(row)
        self._recent.append(row)
        while self._recent[0].at_ms < row.at_ms - LATE_MS:
            self._recent.popleft()

    async def _outcome(self, number: int) -> Outcome:
        over = next((row for row in self._recent if row.number == number), None)
        if over is not None:
            return over
        waiting: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            return await waiting
        finally:
            self._waiting.pop(number, None)


def _missing(message: Message) -> DeskError:
    """Asking again would not help, so a question gets an answer that makes no sense; an act was never sent."""
    what = f"{message.method} {message.path} is not in the recording"
    if message.method == "GET" or message.path == ORDERS_STATUS.path:
        return UnknownAnswer(what, "This is a replay")
    return Unreachable(what, "This is a replay")


def _reply(row: Outcome) -> Reply:
    if isinstance(row, Answered):
        return Reply(row.status, row.headers, row.body.encode())
    if row.gave_up:
        raise TimeoutError
    if row.sent:
        raise OutcomeUnknown(row.reason, "The desk asks what became of it")
    raise Unreachable(row.reason, "Check network and address")


class PlayedSocket:
    """What ``Feed`` uses of a connection."""

    def __init__(self) -> None:
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue(INBOX)
        self._pings: deque[asyncio.Future[float]] = deque()
        self._early_s: float | None = None
        self._reason = ""
        self.transport = self

    async def recv(self, decode: bool | None = None) -> bytes:
        del decode
        frame = await self._inbox.get()
        if frame is None:
            raise OSError(self._reason)
        return frame

    async def send(self, message: bytes, *, text: bool | None = None) -> None:
        del message, text

    async def ping(self) -> Awaitable[float]:
        pong: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        if self._early_s is not None:
            pong.set_result(self._early_s)
            self._early_s = None
        else:
            self._pings.append(pong)
        return pong

    def abort(self) -> None:
        """The feed lets go; the recording goes on."""

    def hear(self, text: str) -> None:
        with suppress(asyncio.QueueFull):  # only where nobody listens any more
            self._inbox.put_nowait(text.encode())

    def pulse(self, round_trip_ms: int) -> None:
        """An answer to a ping that this desk sends a moment later than the recorded one did is kept for it."""
        waiting = [pong for pong in self._pings if not pong.done()]
        self._pings.clear()
        for pong in waiting:
            pong.set_result(round_trip_ms / 1000)
        if not waiting:
            self._early_s = round_trip_ms / 1000

    def lose(self, reason: str) -> None:
        self._reason = reason
        with suppress(asyncio.QueueFull):
            self._inbox.put_nowait(None)


class PlayedStream:
    """Every connection of the recording, one after the other."""

    def __init__(self) -> None:
        self._socket: PlayedSocket | None = None
        self._is_taken = False
        self._dialling: asyncio.Future[PlayedSocket] | None = None

    async def dial(self, _url: str) -> PlayedSocket:
        """The connection that the recording opened meanwhile, or the next that it opens. Raises ``OSError`` when the
        recorded one failed.
        """
        if self._socket is not None and not self._is_taken:
            self._is_taken = True
            return self._socket
        self._dialling = asyncio.get_running_loop().create_future()
        try:
            return await self._dialling
        finally:
            self._dialling = None

    def play(self, row: Row) -> None:
        match row:
            case Opened():
                self._socket = PlayedSocket()
                self._is_taken = self._dialling is not None
                if self._dialling is not None:
                    self._dialling.set_result(self._socket)
            case Frame(way="in") if self._socket is not None:
                self._socket.hear(row.text)
            case Pulse() if self._socket is not None:
                self._socket.pulse(row.round_trip_ms)
            case Lost():
                self._lose(row.reason.removeprefix("no connection: "))
            case _:
                return

    def _lose(self, reason: str) -> None:
        if self._socket is not None:
            self._socket.lose(reason)
            self._socket = None
        elif self._dialling is not None and not self._dialling.done():
            self._dialling.set_exception(OSError(reason))
