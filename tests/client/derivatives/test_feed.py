"""The socket shell against a scripted server on loopback. Its naps end when the test says so."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.client.derivatives import wires
from tests.client.derivatives.parts import KEYS
from tui.client.derivatives import feed as module
from tui.client.derivatives.clock import Clock
from tui.client.derivatives.feed import PING_EVERY_S, TICK_S, Feed
from tui.model.events import Event, LinkLost, LinkOpened, LinkPulse, LinkReady, TickerUpdated

WAIT_S = 5.0

T = TypeVar("T")

Script = Callable[[ServerConnection, int], Awaitable[None]]


class Naps:
    """Ticks and pings sleep until ``ticks`` or ``pings`` are given; reconnecting never waits."""

    def __init__(self) -> None:
        self.ticks: asyncio.Queue[None] = asyncio.Queue()
        self.pings: asyncio.Queue[None] = asyncio.Queue()
        self.now_ms = 1_790_000_000_000
        self.delays: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(wall_ns=lambda: self.now_ms * 1_000_000, steady_ms=lambda: self.now_ms, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        if seconds == TICK_S:
            await self.ticks.get()
        elif seconds == PING_EVERY_S:
            await self.pings.get()
        else:
            self.delays.append(seconds)


class Ear:
    def __init__(self) -> None:
        self._events: asyncio.Queue[Event] = asyncio.Queue()

    async def emit(self, event: Event) -> None:
        await self._events.put(event)

    async def hears(self, kind: type[T]) -> T:
        """The next event of a kind; others are passed over."""
        async with asyncio.timeout(WAIT_S):
            while not isinstance(event := await self._events.get(), kind):
                pass
            return event


class Bench:
    def __init__(self, feed: Feed, naps: Naps, ear: Ear) -> None:
        self.feed, self.naps, self.ear = feed, naps, ear


@asynccontextmanager
async def bench(script: Script) -> AsyncIterator[Bench]:
    """A feed running against a server that plays ``script`` on each connection, numbered from 1."""
    connections = 0

    async def play(socket: ServerConnection) -> None:
        nonlocal connections
        connections += 1
        await script(socket, connections)

    async with serve(play, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        naps, ear = Naps(), Ear()
        feed = Feed(f"ws://127.0.0.1:{port}/ws/v1", KEYS, naps.clock, random.Random(1))
        task = asyncio.create_task(feed.run(ear.emit))
        try:
            yield Bench(feed, naps, ear)
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def answer_all(socket: ServerConnection, connection: int, *, and_close: bool = False) -> None:
    """A venue that gives each connection its own challenge and, once all feeds are asked for, their first frames."""
    challenge = f"challenge-{connection}"
    asked = 0
    async for raw in socket:
        request = json.loads(raw)
        if request["event"] == "challenge":
            await socket.send(json.dumps({"event": "challenge", "message": challenge}))
        elif "signed_challenge" in request:
            assert request["original_challenge"] == challenge
            asked += 1
            if asked == 6:
                for frame in wires.PRIVATE_FIRST:
                    await socket.send(frame)
                if and_close:
                    await socket.close()


async def test_it_connects_proves_itself_pings_and_is_ready() -> None:
    async with bench(answer_all) as desk:
        assert (await desk.ear.hears(LinkOpened)).epoch == 1
        assert (await desk.ear.hears(LinkReady)).epoch == 1


async def test_the_venues_pong_is_told_and_asked_for_again() -> None:
    async with bench(answer_all) as desk:
        assert (await desk.ear.hears(LinkPulse)).round_trip_ms >= 0
        desk.naps.pings.put_nowait(None)
        await desk.ear.hears(LinkPulse)


async def test_a_lost_connection_is_told_with_its_retry_and_cured_with_a_new_challenge() -> None:
    async def script(socket: ServerConnection, connection: int) -> None:
        if connection < 3:
            await socket.close(1001, "going away")
        else:
            await answer_all(socket, connection)

    async with bench(script) as desk:
        lost = await desk.ear.hears(LinkLost)
        assert lost.retry_in_ms > 0
        assert "going away" in lost.reason
        assert (await desk.ear.hears(LinkReady)).epoch == 3
        assert len(desk.naps.delays) == 2


async def test_after_a_good_link_the_waits_are_short_again() -> None:
    async def script(socket: ServerConnection, connection: int) -> None:
        if connection == 6:
            await answer_all(socket, connection, and_close=True)
        else:
            await socket.close()

    async with bench(script) as desk:
        assert (await desk.ear.hears(LinkReady)).epoch == 6
        await desk.ear.hears(LinkLost)
        await desk.ear.hears(LinkOpened)
        assert desk.naps.delays[4] >= 4.0
        assert desk.naps.delays[5] <= 0.5


async def test_wishes_are_sent_at_once_and_survive_a_reconnect() -> None:
    async def script(socket: ServerConnection, connection: int) -> None:
        async for raw in socket:
            request = json.loads(raw)
            if request.get("feed") == "ticker" and request["event"] == "subscribe":
                await socket.send(wires.TICKER)
                if connection == 1:
                    await socket.close()

    async with bench(script) as desk:
        await desk.ear.hears(LinkOpened)
        await desk.feed.watch(["PF_ETHUSD"], [])
        await desk.ear.hears(TickerUpdated)
        await desk.ear.hears(LinkLost)
        await desk.ear.hears(TickerUpdated)


async def test_a_verdict_of_the_session_ends_the_connection() -> None:
    async with bench(answer_all) as desk:
        await desk.ear.hears(LinkReady)
        desk.naps.now_ms += 3_600_000
        desk.naps.ticks.put_nowait(None)
        assert "clock jumped" in (await desk.ear.hears(LinkLost)).reason
        assert (await desk.ear.hears(LinkOpened)).epoch == 2


async def test_a_venue_that_answers_no_ping_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PONG_WITHIN_S", 0.05)

    async def deaf(socket: ServerConnection, _connection: int) -> None:
        socket.transport.pause_reading()
        await socket.wait_closed()

    async with bench(deaf) as desk:
        assert (await desk.ear.hears(LinkLost)).reason == "the venue does not answer"


async def test_a_venue_that_is_not_there_is_tried_for_ever_with_growing_waits() -> None:
    naps, ear = Naps(), Ear()
    feed = Feed("ws://127.0.0.1:1/ws/v1", KEYS, naps.clock, random.Random(1))
    task = asyncio.create_task(feed.run(ear.emit))
    for _ in range(8):
        assert "no connection" in (await ear.hears(LinkLost)).reason
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert naps.delays[0] <= 0.5
    assert naps.delays[6] >= 7.5


async def test_waits_grow_again_when_a_good_link_is_lost_for_long() -> None:
    naps, ear = Naps(), Ear()
    async with serve(answer_all_once, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        feed = Feed(f"ws://127.0.0.1:{port}/ws/v1", KEYS, naps.clock, random.Random(1))
        task = asyncio.create_task(feed.run(ear.emit))
        await ear.hears(LinkReady)
    for _ in range(8):
        await ear.hears(LinkLost)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert naps.delays[0] <= 0.5
    assert naps.delays[6] >= 7.5


async def test_an_error_of_the_listener_is_not_taken_for_a_lost_connection() -> None:
    async def broken(_event: Event) -> None:
        raise ZeroDivisionError

    async with serve(answer_all_once, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        feed = Feed(f"ws://127.0.0.1:{port}/ws/v1", KEYS, Naps().clock, random.Random(1))
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(feed.run(broken), WAIT_S)


async def answer_all_once(socket: ServerConnection) -> None:
    await answer_all(socket, 1)


class Breakable:
    """A socket on which nothing happens until it breaks."""

    def __init__(self) -> None:
        self.broken: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.transport = self

    def abort(self) -> None:
        return

    async def recv(self, decode: bool | None = None) -> bytes:
        assert decode is False
        return await self.broken

    async def send(self, message: bytes, *, text: bool | None = None) -> None:
        assert text
        assert message

    async def ping(self) -> Awaitable[float]:
        return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("steps", range(6))
async def test_a_feed_cancelled_in_the_moment_of_a_loss_ends(steps: int) -> None:
    naps, ear, dialled = Naps(), Ear(), list[Breakable]()

    async def dial(_url: str) -> Breakable:
        dialled.append(Breakable())
        return dialled[-1]

    task = asyncio.create_task(Feed("ws://venue", KEYS, naps.clock, random.Random(1), dial=dial).run(ear.emit))
    await ear.hears(LinkOpened)
    dialled[0].broken.set_exception(OSError("gone"))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=WAIT_S)
    assert done, "it went on as if nobody had said anything"
    assert task.cancelled()
