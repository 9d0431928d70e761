"""The WebSocket door over a real loopback socket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

from tests.exchange.doors import API_KEY, LISTED, SECRET, Hands, still_venue, with_options
from tui.exchange.app import build
from tui.exchange.commands import SendOrder
from tui.exchange.options import Options
from tui.exchange.server import Server, listen
from tui.exchange.venue import Venue
from tui.wire.derivatives import feeds
from tui.wire.derivatives.signing import sign_challenge


@asynccontextmanager
async def serving(options: Options = LISTED) -> AsyncIterator[tuple[Venue, str]]:
    """A venue behind a real server on a free port, and its ``host:port``."""
    venue = still_venue(Hands(), options)
    ready = asyncio.Event()
    listener = listen("127.0.0.1", 0)
    server = Server(build(venue), ready.set)
    task = asyncio.create_task(server.serve([listener]))
    async with asyncio.timeout(20):
        await ready.wait()
        try:
            yield venue, f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.stop()
            await task


@asynccontextmanager
async def connected(options: Options = LISTED) -> AsyncIterator[tuple[Venue, ClientConnection]]:
    """One greeted client."""
    async with serving(options) as (venue, place), connect(f"ws://{place}/ws/v1", proxy=None) as client:
        assert await said(client) == {"event": "info", "version": 1}
        yield venue, client


async def said(client: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(await client.recv())
    return frame


async def ask(client: ClientConnection, **frame: object) -> dict[str, Any]:
    await client.send(json.dumps(frame))
    return await said(client)


async def test_a_client_signs_in_and_sees_its_fill() -> None:
    async with connected() as (venue, client):
        challenge = (await ask(client, event="challenge", api_key=API_KEY))["message"]
        signed = {"original_challenge": challenge, "signed_challenge": sign_challenge(challenge, SECRET)}
        ack = await ask(client, event="subscribe", feed="fills", api_key=API_KEY, **signed)
        assert ack == {"event": "subscribed", "feed": "fills"}
        assert (await said(client))["feed"] == "fills_snapshot"
        venue.apply(SendOrder("PF_XBTUSD", "buy", "mkt", Decimal("0.0001")))
        assert (await said(client))["fills"][0]["qty"] == 0.0001


async def test_protocol_pings_are_answered_and_nothing_is_compressed() -> None:
    async with connected() as (_, client):
        assert await (await client.ping()) >= 0
        assert client.protocol.extensions == []


async def test_a_client_that_leaves_is_forgotten() -> None:
    async with serving() as (venue, place):
        async with connect(f"ws://{place}/ws/v1", proxy=None) as client:
            await said(client)
            await ask(client, event="subscribe", feed="heartbeat")
            assert venue.hub._board._topics
        await forgotten(venue)


async def test_silence_ends_a_connection_and_pings_keep_it() -> None:
    async with serving(with_options(silence_s=0.3)) as (_, place):
        silent = await connect(f"ws://{place}/ws/v1", proxy=None, ping_interval=None)
        pinging = await connect(f"ws://{place}/ws/v1", proxy=None, ping_interval=0.1)
        with pytest.raises(ConnectionClosed) as caught:
            await read_on(silent)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1001
        with pytest.raises(ConnectionClosed):
            await read_on(await connect(f"ws://{place}/ws/v1", proxy=None, ping_interval=None))
        assert await ask_after_greeting(pinging) == {"event": "subscribed", "feed": "heartbeat"}
        await pinging.close()


async def forgotten(venue: Venue) -> None:
    async with asyncio.timeout(5):
        while venue.hub._board._topics:  # noqa: ASYNC110 - the hub has no reason to announce that it is empty
            await asyncio.sleep(0)


async def read_on(client: ClientConnection) -> None:
    while True:
        await client.recv()


async def ask_after_greeting(client: ClientConnection) -> dict[str, Any]:
    await said(client)
    return await ask(client, event="subscribe", feed="heartbeat")


async def test_a_reader_that_does_not_read_is_cut_off() -> None:
    async with serving(with_options(feed_queue=50)) as (venue, place):
        client = await connect(f"ws://{place}/ws/v1", proxy=None, max_queue=1)
        await ask_after_greeting(client)
        (subscriber,) = venue.hub._board._topics[("heartbeat", None)]
        for _ in range(2_000):  # nobody reads: the sockets fill, then the queue, then the line is cut
            subscriber.push("x" * 10_000)
            await asyncio.sleep(0)
        assert subscriber.overflowed
        await forgotten(venue)
        client.transport.abort()


async def test_there_is_a_limit_to_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.stream.CONNECTION_LIMIT", 1)
    assert feeds.CONNECTION_LIMIT == 100
    async with connected() as (_, client):
        host, port = client.remote_address[:2]
        async with connect(f"ws://{host}:{port}/ws/v1", proxy=None) as second:
            with pytest.raises(ConnectionClosed):
                await second.recv()
        assert (await ask(client, event="subscribe", feed="heartbeat"))["event"] == "subscribed"


async def test_other_paths_are_no_streams_and_the_stream_is_no_page() -> None:
    async with serving() as (_, place):
        with pytest.raises(InvalidStatus):
            await connect(f"ws://{place}/ws/v2", proxy=None)
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"http://{place}/ws/v1")).status_code == 404
            assert (await client.get(f"http://{place}/derivatives/api/v3/tickers")).status_code == 200


async def test_a_flood_of_nonsense_is_cut_and_others_are_served_meanwhile() -> None:
    async with serving() as (_, place):
        flooding = await connect(f"ws://{place}/ws/v1", proxy=None, compression=None)
        frame = Frame(Opcode.TEXT, b"x").serialize(mask=True)
        flooding.transport.write(frame * 30_000)
        async with connect(f"ws://{place}/ws/v1", proxy=None) as other:
            assert await ask_after_greeting(other) == {"event": "subscribed", "feed": "heartbeat"}
            with pytest.raises(ConnectionClosed):
                await read_on(flooding)
            assert await (await other.ping()) >= 0


async def test_what_nests_without_end_is_a_bad_message_and_what_is_too_long_ends_the_stream() -> None:
    async with connected() as (_, client):
        await client.send('{"event":"subscribe","nested":' + "[" * 90_000)
        assert (await said(client))["message"] == "Bad websocket message"
        with pytest.raises(ConnectionClosed):
            await ask(client, event="x" * 100_000)
