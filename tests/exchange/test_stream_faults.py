"""What a raw client sees of a stream that a fault befell, over loopback."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.exchange.doors import API_KEY, SECRET, with_options
from tests.exchange.test_faults import dial
from tests.exchange.test_stream import ask, ask_after_greeting, connected, forgotten, said, serving
from tui.exchange.commands import SendOrder, SetMarketMode
from tui.exchange.venue import Venue
from tui.wire.derivatives.signing import sign_challenge

MARKET = SendOrder("PF_XBTUSD", "buy", "mkt", Decimal("0.0001"))


@asynccontextmanager
async def failing(**fault: object) -> AsyncIterator[tuple[Venue, ClientConnection]]:
    async with connected(with_options(faults=dial(dict(fault)))) as found:
        yield found


async def sign_in(client: ClientConnection, *feeds: str) -> None:
    challenge = (await ask(client, event="challenge", api_key=API_KEY))["message"]
    signed = {"original_challenge": challenge, "signed_challenge": sign_challenge(challenge, SECRET)}
    for feed in feeds:
        await client.send(json.dumps({"event": "subscribe", "feed": feed, "api_key": API_KEY, **signed}))


async def watch_book(client: ClientConnection) -> None:
    await client.send(json.dumps({"event": "subscribe", "feed": "book", "product_ids": ["PF_XBTUSD"]}))


async def heard(client: ClientConnection, number: int) -> list[dict[str, Any]]:
    return [await said(client) for _ in range(number)]


async def test_private_feeds_are_dead_while_public_ones_flow() -> None:
    async with failing(kind="skip_frame", on="private") as (venue, client):
        await sign_in(client, "fills", "open_positions")
        assert [frame["event"] for frame in await heard(client, 2)] == ["subscribed", "subscribed"]
        await watch_book(client)
        assert (await said(client))["event"] == "subscribed"
        assert (await said(client))["feed"] == "book_snapshot"
        venue.apply(MARKET)
        assert (await said(client))["feed"] == "book"


async def test_a_number_of_the_book_is_missing() -> None:
    async with failing(kind="skip_frame", on="book", times=1, start_s=0) as (venue, client):
        venue.set_dial(dial())
        await watch_book(client)
        _, snapshot = await heard(client, 2)
        venue.set_dial(dial({"kind": "skip_frame", "on": "book", "times": 1}))
        venue.apply(MARKET)
        venue.apply(MARKET)
        assert (await said(client))["seq"] == snapshot["seq"] + 2


async def test_frames_come_twice() -> None:
    async with failing(kind="duplicate_frame", on="fills") as (venue, client):
        await sign_in(client, "fills")
        await heard(client, 3)
        venue.apply(MARKET)
        one, again = await heard(client, 2)
        assert one == again
        assert len(one["fills"]) == 1


async def test_feeds_overtake_each_other() -> None:
    async with failing(kind="reorder_frames", on="fills", ms=80) as (venue, client):
        await sign_in(client, "fills")
        await heard(client, 2)
        await watch_book(client)
        await heard(client, 2)
        venue.apply(MARKET)
        assert [frame["feed"] for frame in await heard(client, 2)] == ["book", "fills"]


async def test_a_snapshot_is_late_and_overtaken() -> None:
    async with failing(kind="late_snapshot", on="book", ms=80, overtaken=True) as (venue, client):
        await watch_book(client)
        await said(client)
        venue.apply(MARKET)
        assert [frame["feed"] for frame in await heard(client, 2)] == ["book", "book_snapshot"]


async def test_a_half_open_stream_says_nothing_and_stays_open() -> None:
    async with failing(kind="half_open", on="ticker", times=1) as (venue, client):
        await client.send(json.dumps({"event": "subscribe", "feed": "ticker", "product_ids": ["PF_XBTUSD"]}))
        assert (await said(client))["event"] == "subscribed"
        pong = await client.ping()
        venue.apply(SetMarketMode("PF_XBTUSD"))
        for wait in (client.recv(), pong):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(wait, 0.1)
        venue.apply(SetMarketMode("PF_XBTUSD"))
        host, port = client.remote_address[:2]
        async with connect(f"ws://{host}:{port}/ws/v1", proxy=None) as second:
            assert (await ask_after_greeting(second))["event"] == "subscribed"
        client.transport.abort()
        await forgotten(venue)


async def test_a_stream_is_cut() -> None:
    async with failing(kind="cut", on="subscribed") as (venue, client):
        await client.send(json.dumps({"event": "subscribe", "feed": "heartbeat"}))
        with pytest.raises(ConnectionClosed):
            await said(client)
        await forgotten(venue)


async def test_the_operator_disconnects_private_streams_only() -> None:
    async with serving(with_options(control=True)) as (venue, place):
        async with (
            connect(f"ws://{place}/ws/v1", proxy=None) as public,
            connect(f"ws://{place}/ws/v1", proxy=None) as private,
        ):
            await ask_after_greeting(public)
            await said(private)
            await sign_in(private, "fills")
            await heard(private, 2)
            async with httpx.AsyncClient() as operator:
                answer = await operator.post(f"http://{place}/paper/v1/disconnect", params={"which": "private"})
            assert answer.json() == {"disconnected": 1}
            with pytest.raises(ConnectionClosed):
                await said(private)
            assert (await ask(public, event="subscribe", feed="heartbeat"))["event"] == "alert"
        await forgotten(venue)


async def test_a_notice_reaches_the_stream() -> None:
    async with connected(with_options(control=True)) as (_, client):
        await sign_in(client, "notifications_auth")
        assert (await heard(client, 2))[1]["notifications"] == []
        host, port = client.remote_address[:2]
        async with httpx.AsyncClient() as operator:
            await operator.post(f"http://{host}:{port}/paper/v1/notification", json={"note": "hello"})
        (notice,) = (await said(client))["notifications"]
        assert (notice["id"], notice["note"], notice["priority"]) == (1, "hello", "low")
