"""Whoever breaks a bound loses his connection, and nobody else notices."""

import asyncio
import contextlib
import json
import os
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import httpx
import pytest

from tests.exchange.doors import D, with_options
from tests.exchange.test_stream import serving
from tui.exchange.board import Subscriber
from tui.exchange.commands import SendOrder
from tui.exchange.line import LineProtocol
from tui.wire.derivatives.routes import Budget

_GET = f"GET {D}/instruments/status HTTP/1.1\r\nHost: x\r\n"
_TEXT, _CONTINUED, _PING = 1, 0, 9


class Peer:
    """A raw connection; ``cut`` waits until the other side has ended it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, data: bytes | str) -> None:
        self.writer.write(data.encode() if isinstance(data, str) else data)

    async def cut(self) -> bytes:
        """What came before the end."""
        heard = b""
        async with asyncio.timeout(10):
            with contextlib.suppress(ConnectionError):
                while more := await self.reader.read(65_536):
                    heard += more
        return heard

    async def pour(self, data: bytes, megabytes: int) -> None:
        """Until so much is said or nobody listens any more."""
        with contextlib.suppress(ConnectionError):
            for _ in range(megabytes * 1_000_000 // len(data)):
                self.writer.write(data)
                await self.writer.drain()

    def frame(self, kind: int, payload: bytes = b"", *, last: bool = True) -> bytes:
        head = bytes(((0x80 if last else 0) | kind,))
        size = len(payload)
        length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + size.to_bytes(2)
        return head + length + bytes(4) + payload


@asynccontextmanager
async def peer(place: str) -> AsyncIterator[Peer]:
    host, port = place.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Peer(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def stream(place: str) -> AsyncIterator[Peer]:
    async with peer(place) as one:
        key = b64encode(os.urandom(16)).decode()
        one.say(
            "GET /ws/v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await one.reader.readuntil(b"\r\n\r\n")
        yield one


async def is_served(place: str) -> bool:
    async with httpx.AsyncClient() as other, asyncio.timeout(2):
        return (await other.get(f"http://{place}{D}/tickers")).status_code == 200


# --- calls -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        _GET + "X-Long: " + "a" * 40_000 + "\r\n\r\n",
        _GET + "".join(f"X-{n}: {'a' * 100}\r\n" for n in range(400)) + "\r\n",
        _GET + "X-Endless: " + "a" * 300_000,
        f"GET {D}/tickers?{'a' * 40_000} HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["one long header", "many headers", "a header without end", "a long query"],
)
async def test_a_head_that_is_too_large_is_refused(call: str) -> None:
    async with serving() as (_, place), peer(place) as one:
        one.say(call)
        assert (await one.cut()).startswith(b"HTTP/1.1 400 ")
        assert await is_served(place)


@pytest.mark.parametrize(
    "call",
    [
        "\x00\x01\x02\x03 what is this\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "CONNECT other:80 HTTP/1.1\r\nHost: other\r\n\r\n",
        _GET + "Content-Length: -1\r\n\r\n",
        _GET + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        _GET + "Transfer-Encoding: chunked\r\n\r\nnot a number\r\n",
        _GET + "Bad Header\x00: 1\r\n\r\n",
    ],
    ids=["no HTTP", "HTTP/2", "a proxy's word", "less than nothing", "two lengths", "a bad chunk", "a bad header"],
)
async def test_what_is_not_http_is_refused(call: str) -> None:
    async with serving() as (_, place), peer(place) as one:
        one.say(call)
        answer = await one.cut()
        assert answer.startswith(b"HTTP/1.1 400 ") or not answer
        assert await is_served(place)


async def test_a_body_without_end_is_refused_and_then_cut() -> None:
    async with serving() as (_, place), peer(place) as one:
        one.say(f"POST {D}/sendorder HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        pouring = asyncio.create_task(one.pour(b"8000\r\n" + b"a" * 0x8000 + b"\r\n", 50))
        assert (await one.cut()).startswith(b"HTTP/1.1 413 ")
        async with asyncio.timeout(5):
            await pouring
        assert await is_served(place)


@pytest.mark.parametrize("body", [b"size=\xff\xfe", b"json={", b'json={"batchOrder":' + b"[" * 50_000, b"\x00" * 500])
async def test_a_body_that_nobody_can_read_is_refused_in_words(body: bytes) -> None:
    async with serving() as (_, place), httpx.AsyncClient() as client:
        for call in ("sendorder", "batchorder", "editorder"):
            answer = await client.post(f"http://{place}{D}/{call}", content=body)
            assert answer.status_code < 500
            assert answer.json()["result"] == "error"


async def test_calls_sent_in_one_go_are_answered_in_their_order() -> None:
    async with serving() as (_, place), peer(place) as one:
        paths = [f"{D}/tickers/PF_XBTUSD", f"{D}/nowhere", f"{D}/tickers/PF_ETHUSD"] * 4
        one.say("".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths[:-1]))
        one.say(f"GET {paths[-1]} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answers = (await one.cut()).split(b"HTTP/1.1 ")[1:]
        asked = [path.rpartition("/")[2].encode() for path in paths]
        assert [answer[:3] for answer in answers] == [b"404" if name == b"nowhere" else b"200" for name in asked]
        assert all(name in answer for name, answer in zip(asked, answers, strict=True) if name != b"nowhere")


async def test_too_many_calls_sent_in_one_go_end_the_connection() -> None:
    async with serving() as (_, place), peer(place) as one:
        pouring = asyncio.create_task(one.pour((_GET + "\r\n").encode() * 100, 20))
        await one.cut()
        async with asyncio.timeout(5):
            await pouring
        assert await is_served(place)


async def test_there_is_an_end_to_how_many_may_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.line.MOST_CONNECTIONS", 3)
    async with serving() as (_, place), contextlib.AsyncExitStack() as stack:
        first = [await stack.enter_async_context(peer(place)) for _ in range(3)]
        for one in first:
            one.say(_GET + "\r\n")
            assert (await one.reader.readline()).startswith(b"HTTP/1.1 200")
        assert await (await stack.enter_async_context(peer(place))).cut() == b""
        first[0].writer.transport.abort()
        first[1].say(_GET + "Connection: close\r\n\r\n")
        await first[1].cut()
        assert await is_served(place)


# --- streams -----------------------------------------------------------------------------------------------


async def test_a_flood_of_pings_is_cut() -> None:
    async with serving() as (_, place), stream(place) as one:
        pouring = asyncio.create_task(one.pour(one.frame(_PING, b"x") * 500, 20))
        assert await is_served(place)
        await one.cut()
        async with asyncio.timeout(5):
            await pouring


async def test_pings_of_a_peer_that_does_not_read_are_not_answered_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.line.PINGS", Budget(10**9, 1))
    lines: list[LineProtocol] = []

    class Watched(LineProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            lines.append(self)
            super().connection_made(transport)

    monkeypatch.setattr("tui.exchange.server.LineProtocol", Watched)
    async with serving() as (_, place), stream(place) as one:
        one.writer.transport.pause_reading()  # type: ignore[attr-defined] # a plain socket's transport
        await one.pour(one.frame(_PING, b"x" * 100) * 100, 8)
        assert lines[0].transport.get_write_buffer_size() < 200_000
        assert not lines[0].transport.is_closing()


@pytest.mark.parametrize("size", [0, 1, 30_000], ids=["empty", "tiny", "large"])
async def test_a_message_of_pieces_without_end_is_cut(size: int) -> None:
    async with serving() as (_, place), stream(place) as one:
        one.say(one.frame(_TEXT, b"x", last=False))
        piece = one.frame(_CONTINUED, b"x" * size, last=False)
        pouring = asyncio.create_task(one.pour(piece * (1 if size > 1 else 500), 20))
        await one.cut()
        async with asyncio.timeout(5):
            await pouring
        assert await is_served(place)


async def test_a_frame_that_announces_too_much_is_cut_before_it_comes() -> None:
    async with serving() as (_, place), stream(place) as one:
        one.say(b"\x81\xff" + (2**62).to_bytes(8) + bytes(4))
        assert b"\x03\xf1" in await one.cut()


async def test_frames_faster_than_they_are_read_are_cut() -> None:
    async with serving() as (_, place), stream(place) as one:
        pouring = asyncio.create_task(one.pour(one.frame(_TEXT, b"{}") * 1_000, 20))
        assert await is_served(place)
        await one.cut()
        async with asyncio.timeout(5):
            await pouring


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"{", b"[" * 60_000, b"null", b'"text"', b'{"event":[]}'])
async def test_a_frame_that_nobody_can_read_is_answered_or_ends_the_stream(payload: bytes) -> None:
    async with serving() as (_, place), stream(place) as one, stream(place) as other:
        one.say(one.frame(_TEXT, payload))
        async with asyncio.timeout(5):
            heard = await one.reader.read(1_000)
            if b'"info"' in heard and len(heard) < 40:
                heard = await one.reader.read(1_000)
        assert b'"alert"' in heard or heard.startswith(b"\x88") or not heard
        other.say(other.frame(_PING, b"still here"))
        assert b"still here" in await other.reader.readuntil(b"still here")


def subscription(feed: str, *products: str) -> bytes:
    return json.dumps({"event": "subscribe", "feed": feed, "product_ids": products}).encode()


async def test_a_contract_named_a_thousand_times_is_one_subscription() -> None:
    async with serving() as (_, place), stream(place) as one:
        one.say(one.frame(_TEXT, subscription("book", *["PF_XBTUSD"] * 1_000)))
        one.say(one.frame(_TEXT, b'{"event":"challenge","api_key":"any"}'))
        heard = await one.reader.readuntil(b'"challenge"')
        assert heard.count(b'"subscribed"') == heard.count(b'"book_snapshot"') == 1
        assert b'"alert"' not in heard


async def test_snapshots_cannot_be_asked_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.session._SUBSCRIPTIONS", Budget(5, 20))
    async with serving() as (_, place), stream(place) as one:
        for _ in range(9):
            one.say(one.frame(_TEXT, subscription("book", "PF_XBTUSD")))
        one.say(one.frame(_TEXT, b'{"event":"unsubscribe","feed":"book","product_ids":["PF_XBTUSD"]}'))
        heard = await one.reader.readuntil(b'"unsubscribed"')
        assert heard.count(b'"book_snapshot"') == 5
        assert heard.count(b"limit") == 4


def test_few_frames_that_are_large_overflow_too() -> None:
    subscriber = Subscriber(5_000, lambda: None)
    for _ in range(8):
        subscriber.push("x" * 1_000_000)
    assert not subscriber.overflowed
    assert len(subscriber.pop()) == 1_000_000
    subscriber.push("x" * 1_000_000)
    assert not subscriber.overflowed
    subscriber.push("x")
    assert subscriber.overflowed
    assert not subscriber.outbox


async def test_a_peer_that_never_reads_is_cut_and_others_go_on() -> None:
    async with serving(with_options(feed_queue=50)) as (venue, place), stream(place) as deaf, stream(place) as other:
        deaf.writer.transport.pause_reading()  # type: ignore[attr-defined] # a plain socket's transport
        for peer_ in (deaf, other):
            peer_.say(peer_.frame(_TEXT, subscription("book", "PF_XBTUSD")))
        await other.reader.readuntil(b'"book_snapshot"')
        async with asyncio.timeout(10):
            while not deaf.writer.is_closing():
                for one in ("buy", "sell"):
                    venue.apply(SendOrder("PF_XBTUSD", one, "mkt", Decimal("0.0001")))
                assert b'"feed":"book"' in await other.reader.readuntil(b'"feed":"book"')
                with contextlib.suppress(ConnectionError):
                    deaf.say(deaf.frame(_PING))
                    await deaf.writer.drain()
                await asyncio.sleep(0)
        assert await is_served(place)


async def test_streams_that_come_back_at_once_have_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.exchange.server.STREAMS", Budget(2, 1_000))
    async with serving() as (_, place), stream(place), stream(place) as second:
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            async with stream(place):
                raise AssertionError("a third stream began")
        second.say(second.frame(_PING, b"still here"))
        assert b"still here" in await second.reader.readuntil(b"still here")
        assert await is_served(place)


async def test_callers_who_leave_or_talk_nonsense_are_not_written_about(caplog: pytest.LogCaptureFixture) -> None:
    async with serving() as (_, place):
        for beginning in (
            "POST /derivatives/api/v3/sendorder HTTP/1.1\r\nContent-Length: 9\r\n\r\nsize",
            "what\r\n\r\n",
        ):
            async with peer(place) as one:
                one.say(beginning)
                await one.writer.drain()
                assert await is_served(place)
        assert await is_served(place)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
