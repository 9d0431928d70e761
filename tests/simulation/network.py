"""The road between a desk and the exchange: calls and streams that are late, lost, doubled, broken.

A call that has left travels on by itself, whatever becomes of the desk that sent it. Invariant: without faults every
call is carried out once and answered, and a stream delivers every frame once, in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosedError

from tests.simulation.exchange import Exchange
from tests.simulation.faults import NONE, Faults

READ_TIMEOUT_S = 10.0
LISTS = ("/openorders", "/openpositions", "/accounts", "/fills")
PAGE = b"<html><body>Bad Gateway</body></html>"

Reply = tuple[int, list[tuple[bytes, bytes]], bytes]


class Network:
    """``log`` is told of everything that arrives anywhere."""

    def __init__(self, exchange: Exchange, rng: Random, log: Callable[[str, bytes], None]) -> None:
        self.exchange = exchange
        self.rng = rng
        self.log = log
        self.loop = asyncio.get_running_loop()
        self.faults: Faults = NONE
        self.maintenance = False
        self.travelling = 0
        self.sent_ids: dict[str, int] = {}  # how often a request to place this order has left
        self._stale: dict[str, list[tuple[float, Reply]]] = {}
        self.sockets: set[Socket] = set()

    def chance(self, probability: float) -> bool:
        return probability > 0 and self.rng.random() < probability

    def latency_s(self) -> float:
        return 0.005 + self.rng.expovariate(1 / 0.03)

    # --- calls --------------------------------------------------------------------------------------------------

    async def call(self, request: httpx.Request) -> httpx.Response:
        faults, chance = self.faults, self.chance
        if not self.exchange.is_up or chance(faults.call_refused):
            await asyncio.sleep(self.latency_s())
            raise httpx.ConnectError("refused")
        if request.url.path.endswith("/sendorder"):
            client_id = httpx.QueryParams(request.content.decode())["cliOrdId"]
            self.sent_ids[client_id] = self.sent_ids.get(client_id, 0) + 1
        answered: asyncio.Future[Reply | Exception] = self.loop.create_future()
        out_s = self.latency_s()
        if chance(faults.call_late):
            out_s += self.rng.uniform(0.2, 40.0)
        if not chance(faults.call_lost):
            self._travel(out_s, request, answered)
        try:
            async with asyncio.timeout(READ_TIMEOUT_S):
                reply = await answered
        except TimeoutError:
            raise httpx.ReadTimeout("no answer") from None
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply[0], headers=reply[1], content=reply[2])

    def _travel(self, out_s: float, request: httpx.Request, answered: asyncio.Future[Reply | Exception] | None) -> None:
        self.travelling += 1
        self.loop.call_later(out_s, self._arrive, request, answered)

    def _arrive(self, request: httpx.Request, answered: asyncio.Future[Reply | Exception] | None) -> None:
        self.travelling -= 1
        reply: Reply | Exception
        self.log("call", b" ".join((request.method.encode(), request.url.raw_path, request.content)))
        if not self.exchange.is_up:
            reply = httpx.ReadError("the connection broke")
        elif self.maintenance:
            reply = (503, [(b"content-type", b"text/html")], PAGE)
        else:
            reply = self._served(request)
        if answered is None:
            return
        if isinstance(reply, tuple) and reply[0] == 200 and self.chance(self.faults.call_doubled):
            self._travel(self.latency_s(), request, None)
        reply = self._spoilt(reply)
        if self.chance(self.faults.answer_lost):
            return
        back_s = self.latency_s() + (self.rng.uniform(0.2, 15.0) if self.chance(self.faults.answer_late) else 0.0)
        self.loop.call_later(back_s, self._answer, answered, reply)

    def _answer(self, answered: asyncio.Future[Reply | Exception], reply: Reply | Exception) -> None:
        self.log("answer", repr(reply).encode() if isinstance(reply, Exception) else b"%d %b" % (reply[0], reply[2]))
        if not answered.done():
            answered.set_result(reply)

    def _served(self, request: httpx.Request) -> Reply:
        faults, chance = self.faults, self.chance
        if chance(faults.answer_429):
            return 429, [(b"retry-after", b"2")], b""
        if chance(faults.answer_5xx / 2):
            return self.rng.choice((500, 502, 503, 504)), [], PAGE
        reply = self.exchange.call(request)
        if chance(faults.answer_5xx / 2):
            return self.rng.choice((500, 502, 504)), [], PAGE
        return self._maybe_stale(request, reply)

    def _maybe_stale(self, request: httpx.Request, reply: Reply) -> Reply:
        """A list from a cache: as it was up to two seconds before it was asked for, and so dated."""
        path = request.url.path
        if not self.faults.answer_stale or not path.endswith(LISTS) or request.url.query or reply[0] != 200:
            return reply
        now_s = self.loop.time()
        kept = [entry for entry in self._stale.get(path, ()) if now_s - entry[0] < 2.0]
        self._stale[path] = [*kept, (now_s, reply)]
        return self.rng.choice(kept)[1] if kept and self.chance(self.faults.answer_stale) else reply

    def _spoilt(self, reply: Reply | Exception) -> Reply | Exception:
        if isinstance(reply, Exception) or len(reply[2]) < 2:
            return reply
        if self.chance(self.faults.answer_broken):
            return httpx.RemoteProtocolError("the connection ended within the body")
        if self.chance(self.faults.answer_garbled):
            return reply[0], reply[1], reply[2][: self.rng.randrange(len(reply[2]))]
        return reply

    # --- streams ------------------------------------------------------------------------------------------------

    async def dial(self, _url: str) -> Socket:
        """Open a stream. Raises ``OSError``."""
        await asyncio.sleep(self.latency_s())
        if not self.exchange.is_up or self.maintenance or self.chance(self.faults.call_refused):
            raise OSError("refused")
        return Socket(self)


class Transport(httpx.AsyncBaseTransport):
    """Calls go by the network instead of by sockets."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._network.call(request)


class Socket:
    """The desk's end of one stream, as far as the feed uses it; the exchange's end is in here too."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._loop = network.loop
        self._inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._is_closed = False
        self._is_dead = False
        self._last_s = {"in": 0.0, "out": 0.0}
        self._swapped: bytes | None = None
        self._left = network.rng.randrange(1, 20) if network.chance(network.faults.cut_early) else None
        self.transport: Any = self
        self._session, self._subscriber = network.exchange.listen(self._woken, self.cut)
        network.sockets.add(self)
        self._session.open()

    # --- what the feed uses ---------------------------------------------------------------------------------------

    async def recv(self, decode: bool | None = None) -> bytes:
        assert decode is False
        frame = await self._inbox.get()
        if frame is None:
            self._inbox.put_nowait(None)
            raise ConnectionClosedError(None, None)
        return frame

    async def send(self, message: bytes, *, text: bool | None = None) -> None:
        assert text
        if self._is_closed:
            raise ConnectionClosedError(None, None)
        self._later("out", self._take, message)

    async def ping(self) -> asyncio.Future[float]:
        if self._is_closed:
            raise ConnectionClosedError(None, None)
        pong: asyncio.Future[float] = self._loop.create_future()
        asked_s = self._loop.time()

        def answer() -> None:
            if not (pong.done() or self._is_dead or self._is_closed):
                pong.set_result(self._loop.time() - asked_s)

        self._later("in", answer)
        return pong

    def abort(self) -> None:
        """The desk lets go."""
        self._is_closed = True
        self._network.sockets.discard(self)
        self._later("out", self._network.exchange.hang_up, self._session)

    # --- what happens to it -----------------------------------------------------------------------------------------

    def cut(self) -> None:
        """The connection ends; what was on its way is lost, and both ends learn it."""
        if self._is_closed or self._is_dead:
            return
        self._is_closed = True
        self._network.sockets.discard(self)
        self._inbox.put_nowait(None)
        self._network.exchange.hang_up(self._session)

    def die(self) -> None:
        """Nothing arrives any more, in either direction."""
        self._is_dead = True
        self._network.exchange.hang_up(self._session)

    def _woken(self) -> None:
        outbox = self._subscriber.outbox
        while outbox:
            self._later("in", self._deliver, outbox.popleft().encode())

    def _later(self, way: str, act: Callable[..., object], *arguments: Any) -> None:
        """In order, each way."""
        network = self._network
        at_s = self._loop.time() + network.latency_s()
        if network.chance(network.faults.frame_late):
            at_s += network.rng.uniform(0.2, 8.0)
        self._last_s[way] = at_s = max(at_s, self._last_s[way])
        self._loop.call_at(at_s, act, *arguments)

    def _take(self, frame: bytes) -> None:
        if self._is_dead or self._is_closed or not self._network.exchange.is_up:
            return
        self._network.log("said", frame)
        self._session.receive(frame, self._loop.time())

    def _deliver(self, frame: bytes) -> None:
        network = self._network
        faults, chance = network.faults, network.chance
        if self._is_dead or self._is_closed or chance(faults.frame_lost):
            return
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                self.cut()
                return
        if chance(faults.frame_cut):
            frame = frame[: network.rng.randrange(len(frame))]
        if self._swapped is None and chance(faults.frame_swapped):
            self._swapped = frame
            return
        self._hand(frame)
        if chance(faults.frame_doubled):
            self._hand(frame)
        if self._swapped is not None:
            overtaken, self._swapped = self._swapped, None
            self._hand(overtaken)

    def _hand(self, frame: bytes) -> None:
        self._network.log("frame", frame)
        self._inbox.put_nowait(frame)
