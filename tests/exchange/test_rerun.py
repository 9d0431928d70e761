import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.doors import SECRET
from tests.exchange.engines import START_MS, still_engine
from tests.exchange.mirror import frames
from tests.exchange.mirror.worlds import told
from tui.exchange import rerun
from tui.exchange.auth import Credentials
from tui.exchange.clients import one_client
from tui.exchange.commands import SendOrder
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.markets import choose
from tui.exchange.mirror.contracts import UpstreamError
from tui.exchange.options import Options
from tui.exchange.venue import Venue
from tui.wire.derivatives import routes
from tui.wire.derivatives.codec import encode
from tui.wire.recording import Answered, Asked, Frame, Header, Row, Writer

D = Decimal
PF = "PF_XBTUSD"
T0 = START_MS - 86_400_000
PRIVATE = '{"feed":"fills_snapshot","account":"somebody","fills":[]}'


def question(at_ms: int, number: int, route: routes.Route, payload: dict[str, Any]) -> Iterator[Row]:
    yield Asked(at_ms, number, route.method, route.path)
    yield Answered(at_ms + 5, number, 200, {}, encode(payload).decode())


def heard(at_ms: int, *raw: bytes) -> Iterator[Row]:
    return (Frame(T0 + at_ms, "in", frame.decode()) for frame in raw)


def recorded(path: Path, *rows: Row, listed: bool = True) -> Path:
    """A recording of a venue with every contract of ours, and these rows after it."""
    instruments, tickers = told(still_engine())
    with path.open("wb", buffering=0) as file:
        writer = Writer(file, Header(program="kftui", venue="there", environment="live", started_ms=T0), 10**9)
        head = [*question(T0, 1, routes.INSTRUMENTS, instruments), *question(T0, 2, routes.TICKERS, tickers)]
        for row in (*(head if listed else ()), *rows):
            writer.write(row)
        writer.close(T0 + 60_000, "that was all")
    return path


def market(bid: float, ask: float, seq: int = 1) -> tuple[bytes, bytes]:
    return frames.snapshot(seq, [(bid, 10)], [(ask, 10)]), frames.ticker(markPrice=bid, index=bid)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "PAUSE_S", 0.0)


class Turning:
    """A clock that is a little later each time it is asked, until ``end_ms`` after its start."""

    def __init__(self, start_ms: int, end_ms: int = 10**9) -> None:
        self.now_ms = start_ms
        self.end_ms = start_ms + end_ms

    def __call__(self) -> int:
        self.now_ms = min(self.now_ms + 10, self.end_ms)
        return self.now_ms


async def played(path: Path, *, until_ms: int = 10**9, first: SendOrder | None = None) -> Venue:
    """The exchange after the recording, or ``until_ms`` of it. ``first`` is sent as soon as the market is open."""
    options = Options(market="replay", recording=path, speed=1_000)
    choice = choose(options)
    assert choice.beside is not None
    assert choice.start_ms == T0
    clock = Turning(choice.start_ms, until_ms)
    engine = Engine(EngineConfig(), 1, choice.start_ms, driver=choice.driver)
    venue = Venue(engine, EngineConfig(), options, one_client(Credentials("paper", SECRET)), clock)
    playing = asyncio.create_task(choice.beside(venue))
    async with asyncio.timeout(20):
        while not playing.done() and clock.now_ms < clock.end_ms:
            await asyncio.sleep(0)
            if first is not None and engine.is_tradeable(PF):
                assert venue.apply(first).status == "placed"
                first = None
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
    return venue


async def test_a_recording_is_heard_again_at_its_own_time(tmp_path: Path) -> None:
    path = recorded(
        tmp_path / "one.kftui.gz",
        *heard(1_000, *market(88_000, 88_001)),
        Frame(T0 + 1_000, "in", PRIVATE),
        Frame(T0 + 1_000, "out", '{"event":"subscribe","feed":"book"}'),
        *heard(2_000, frames.delta(2, "buy", 88_000, 4)),
        *heard(3_000, frames.ticker(markPrice=88_555)),
    )
    early = await played(path, until_ms=1_900)
    assert early.engine.is_tradeable(PF)
    assert early.engine.book(PF).bids == ((D(88_000), D(10)),)
    assert T0 < early.engine.now_ms < T0 + 2_000
    assert not early.engine.is_tradeable("PF_ETHUSD"), "its book was not recorded"
    late = await played(path, until_ms=3_500)
    assert late.engine.book(PF).bids == ((D(88_000), D(4)),)
    assert late.engine.ticker(PF).mark == 88_555


async def test_paper_orders_are_filled_by_what_was_traded_then(tmp_path: Path) -> None:
    path = recorded(
        tmp_path / "one.kftui.gz",
        *heard(1_000, *market(88_000, 88_001)),
        *heard(3_000, frames.ticker(), frames.trade("sell", 88_000, 11)),
        *heard(3_500, frames.ticker()),
    )
    venue = await played(path, first=SendOrder(PF, "buy", "lmt", D(1), limit_price=D(88_000)))
    (fill,) = venue.engine.account().fills()
    assert (fill.price, fill.size, fill.fill_type) == (D(88_000), D(1), "maker")


async def test_at_its_end_the_markets_stand_still_and_say_so(tmp_path: Path) -> None:
    venue = await played(recorded(tmp_path / "one.kftui.gz", *heard(1_000, *market(88_000, 88_001))))
    assert not venue.engine.is_tradeable(PF)
    (notice,) = venue.hub.notices
    assert "that was all" in notice.note


async def test_a_silence_of_the_recording_is_a_silence_of_the_venue(tmp_path: Path) -> None:
    path = recorded(
        tmp_path / "one.kftui.gz",
        *heard(1_000, *market(88_000, 88_001)),
        *heard(30_000, *market(80_000, 80_001, seq=9)),
        *heard(30_500, frames.ticker(markPrice=80_000)),
    )
    assert not (await played(path, until_ms=20_000)).engine.is_tradeable(PF)
    venue = await played(path, until_ms=30_400)
    assert venue.engine.is_tradeable(PF)
    assert venue.engine.book(PF).bids[0][0] == 80_000


async def test_it_can_begin_again(tmp_path: Path) -> None:
    path = recorded(tmp_path / "one.kftui.gz", *heard(1_000, *market(88_000, 88_001)))
    options = Options(market="replay", recording=path, speed=1_000, loop=True)
    choice = choose(options)
    assert choice.beside is not None
    clock = Turning(T0)
    engine = Engine(EngineConfig(), 1, T0, driver=choice.driver)
    venue = Venue(engine, EngineConfig(), options, one_client(Credentials("paper", SECRET)), clock)
    playing = asyncio.create_task(choice.beside(venue))
    async with asyncio.timeout(20):
        while len(venue.hub.notices) < 2:  # noqa: ASYNC110 - the clock turns by being asked
            await asyncio.sleep(0)
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
    assert "begins again" in venue.hub.notices[1].note


def test_prices_are_taken_from_the_feed_where_rest_was_not_asked(tmp_path: Path) -> None:
    instruments, _ = told(still_engine())
    rows = (*question(T0, 1, routes.INSTRUMENTS, instruments), *heard(1, frames.ticker(), frames.ticker("PF_ETHUSD")))
    choice = choose(Options(market="replay", recording=recorded(tmp_path / "one.gz", *rows, listed=False)))
    assert [row.symbol for row in choice.driver.contracts(T0)] == [PF, "PF_ETHUSD"]


@pytest.mark.parametrize(("content", "word"), [(b"", "not a recording"), (b"hello", "not a recording")])
def test_what_is_no_recording_is_refused(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "one.gz"
    path.write_bytes(content)
    with pytest.raises(UpstreamError, match=word):
        choose(Options(market="replay", recording=path))
    with pytest.raises(UpstreamError, match="cannot be read"):
        choose(Options(market="replay", recording=tmp_path / "none"))


def test_a_recording_without_contracts_is_refused(tmp_path: Path) -> None:
    path = recorded(tmp_path / "one.gz", *heard(1_000, *market(1, 2)), listed=False)
    with pytest.raises(UpstreamError, match="does not hold the contract list"):
        choose(Options(market="replay", recording=path))
