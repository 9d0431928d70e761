"""The reader of a mirrored venue over real loopback sockets, with another exchange of ours as that venue."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.exchange.doors import LISTED, SECRET, Hands, still_venue
from tests.exchange.engines import send
from tui.exchange import upstream
from tui.exchange.app import build
from tui.exchange.auth import Credentials
from tui.exchange.clients import one_client
from tui.exchange.commands import MovePrice, SendOrder, SetMarketMode
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.markets import choose
from tui.exchange.mirror.contracts import UpstreamError
from tui.exchange.options import Options
from tui.exchange.server import Server, listen
from tui.exchange.venue import Venue

D = Decimal
PF = "PF_XBTUSD"
WAIT_S = 20


@pytest.fixture(autouse=True)
def _without_the_past(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked for in one test only, which waits for all of it: httpx leaves a socket open when a call is cut short."""

    async def nothing(*_: object) -> None:
        return

    if "the_past" not in request.node.name:
        monkeypatch.setattr(upstream.Follower, "_recall", nothing)


class Origin:
    """The venue that is mirrored; it can go away and come back on its port."""

    def __init__(self) -> None:
        self.hands = Hands()
        self.venue = still_venue(self.hands)
        self.port = 0
        self._server: Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        ready = asyncio.Event()
        listener = listen("127.0.0.1", self.port)
        self.port = listener.getsockname()[1]
        self._server = Server(build(self.venue), ready.set)
        self._task = asyncio.create_task(self._server.serve([listener]))
        await ready.wait()

    async def stop(self) -> None:
        if self._server is not None and self._task is not None:
            self._server.stop()
            await self._task
            self._server = None

    def turn(self, seconds: float) -> None:
        self.hands.turn(seconds)
        self.venue.tick()


@asynccontextmanager
async def mirrored(*contracts: str) -> AsyncIterator[tuple[Origin, Venue]]:
    """An exchange that mirrors another one, both in this process."""
    origin = Origin()
    await origin.start()
    try:
        async with asyncio.timeout(WAIT_S):
            options = Options(market="live", upstream=origin.url, contracts=contracts or (PF, "PF_ETHUSD"))
            choice = await asyncio.to_thread(choose, options)
            assert choice.beside is not None
            engine = Engine(EngineConfig(), 1, origin.hands.now_ms, driver=choice.driver)
            clients = one_client(Credentials("paper", SECRET))
            venue = Venue(engine, EngineConfig(), options, clients, lambda: origin.hands.now_ms)
            beside = asyncio.create_task(choice.beside(venue))
            try:
                yield origin, venue
            finally:
                beside.cancel()
                await asyncio.gather(beside, return_exceptions=True)
    finally:
        await origin.stop()


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for lies beyond two sockets
        await asyncio.sleep(0.005)


def is_open(venue: Venue) -> bool:
    return all(venue.engine.is_tradeable(row.symbol) for row in venue.engine.instruments())


def same_books(origin: Origin, venue: Venue) -> bool:
    pairs = [
        (origin.venue.engine.book(row.symbol), venue.engine.book(row.symbol)) for row in venue.engine.instruments()
    ]
    return all((theirs.bids, theirs.asks) == (ours.bids, ours.asks) for theirs, ours in pairs)


async def test_books_prices_and_the_past_are_those_of_the_other_exchange() -> None:
    async with mirrored(PF) as (origin, venue):
        await until(lambda: is_open(venue) and same_books(origin, venue))
        origin.venue.apply(MovePrice("XBT", D(90_000)))
        origin.turn(1.1)
        await until(lambda: venue.engine.ticker(PF).index == 90_000 and same_books(origin, venue))
        theirs, ours = origin.venue.engine, venue.engine
        assert ours.ticker(PF).mark == theirs.ticker(PF).mark
        assert [row.uid for row in ours.trades(PF)] == [row.uid for row in theirs.trades(PF)]
        for kind in ("trade", "mark", "spot"):
            await until(lambda kind=kind: len(ours.candles(kind, PF, 1)) == len(theirs.candles(kind, PF, 1)))  # type: ignore[misc] # bound now
        await until(lambda: len(ours.funding_history(PF)) == len(theirs.funding_history(PF)))
        first, second = ours.candles("trade", PF, 60)[0], theirs.candles("trade", PF, 60)[0]
        assert replace(first, volume=D(0)) == replace(second, volume=D(0))
        assert first.volume == pytest.approx(second.volume)


async def test_paper_orders_trade_here_and_leave_the_other_exchange_alone() -> None:
    async with mirrored() as (origin, venue):
        await until(lambda: is_open(venue))
        theirs = origin.venue.engine.book(PF)
        venue.apply(SendOrder(PF, "buy", "mkt", D("0.5")))
        bid = theirs.bids[0][0]
        venue.apply(SendOrder(PF, "buy", "lmt", D("0.01"), limit_price=bid))
        assert origin.venue.engine.book(PF) == theirs
        send(origin.venue.engine, PF, "sell", str(theirs.bids[0][1]))
        origin.venue.apply(SendOrder(PF, "sell", "mkt", D("0.02")))
        await until(lambda: len(venue.engine.account().fills()) >= 2 and not venue.engine.account().open_orders())
        assert venue.engine.account().fills()[0].is_maker
        assert venue.engine.account().fills()[0].price == bid


async def test_an_upstream_that_goes_away_suspends_and_its_return_opens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "_FIRST_WAIT_S", 0.01)
    async with mirrored() as (origin, venue):
        await until(lambda: is_open(venue))
        await origin.stop()
        await until(lambda: not venue.engine.is_tradeable(PF))
        assert venue.apply(SendOrder(PF, "buy", "mkt", D("0.1"))).status == "marketSuspended"
        (lost,) = venue.hub.notices
        assert "suspended" in lost.note
        origin.venue = still_venue(origin.hands)
        origin.venue.apply(MovePrice("XBT", D(70_000)))
        await origin.start()
        await until(lambda: is_open(venue) and same_books(origin, venue))
        assert [notice.number for notice in venue.hub.notices] == [1, 2]
        assert "back" in venue.hub.notices[-1].note
        assert venue.apply(SendOrder(PF, "buy", "mkt", D("0.1"))).status == "placed"
        assert venue.engine.account().fills()[0].price < 70_500


async def test_an_upstream_that_says_nothing_any_more_is_left_and_called_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sockets still answer pings; only prices are missing."""
    monkeypatch.setattr(upstream, "_FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("tui.exchange.mirror.session.SILENCE_MS", 150)
    async with mirrored() as (origin, venue):
        await until(lambda: is_open(venue))
        await until(lambda: len(venue.hub.notices) >= 1)
        assert "silent for" in venue.hub.notices[0].note
        origin.turn(1.1)
        await until(lambda: len(venue.hub.notices) >= 2)


async def test_what_the_other_exchange_suspends_is_suspended() -> None:
    async with mirrored() as (origin, venue):
        await until(lambda: is_open(venue))
        origin.venue.apply(SetMarketMode(PF, suspended=True))
        await until(lambda: not venue.engine.is_tradeable(PF))
        assert venue.engine.is_tradeable("PF_ETHUSD")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_an_upstream_that_is_not_there_is_told_in_words(url: str) -> None:
    with pytest.raises(UpstreamError, match=f"no answer from {url}/derivatives/api/v3/instruments"):
        choose(Options(market="live", upstream=url))


async def test_an_upstream_of_another_kind_is_told_in_words() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, asyncio.timeout(WAIT_S):
        place = upstream.Place(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(UpstreamError, match="no venue of this kind"):
            await upstream.read_contracts(place, ())


def test_the_socket_is_beside_rest() -> None:
    assert upstream.Place(LISTED.upstream).socket == "wss://futures.kraken.com/ws/v1"
    assert upstream.Place("http://127.0.0.1:8750/").socket == "ws://127.0.0.1:8750/ws/v1"
