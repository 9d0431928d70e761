"""Callers who do not come to the point are shown out, and nobody else waits for them."""

import asyncio
import contextlib

import httpx
import pytest

from tests.exchange.doors import D
from tests.exchange.test_stream import ask, connected, serving


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /derivatives/api/v3/tickers HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /derivatives/api/v3/sendorder HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsize=",
    ],
    ids=["nothing", "headers", "body"],
)
async def test_a_request_that_does_not_end_is_cut(beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.line.REQUEST_S", 0.2)
    async with serving() as (_, place):
        host, port = place.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(beginning)
        async with httpx.AsyncClient() as other:
            assert (await other.get(f"http://{place}{D}/tickers")).status_code == 200
        async with asyncio.timeout(5):
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()


async def test_a_stream_outlives_the_time_a_request_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.line.REQUEST_S", 0.05)
    async with connected() as (_, client):
        await asyncio.sleep(0.15)
        assert (await ask(client, event="challenge", api_key="any"))["event"] == "challenge"


async def test_a_connection_that_rests_between_requests_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.line.REQUEST_S", 0.05)
    async with serving() as (_, place), httpx.AsyncClient() as client:
        await client.get(f"http://{place}{D}/tickers")
        (kept,) = client._transport._pool.connections  # type: ignore[attr-defined] # to see that it is the same one
        await asyncio.sleep(0.15)
        await client.get(f"http://{place}{D}/tickers")
        assert client._transport._pool.connections == [kept]  # type: ignore[attr-defined] # as above
