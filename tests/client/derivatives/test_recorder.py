"""What the recorder writes, what it never writes, and that it never disturbs."""

from __future__ import annotations

import asyncio
import errno
import io
import random
from pathlib import Path
from typing import BinaryIO, cast

import httpx
import pytest
from websockets.asyncio.server import serve

from tests.client.derivatives.parts import BASE, KEYS, NOW_MS, Time, said
from tests.client.derivatives.test_feed import Ear, Naps, answer_all
from tui.client.derivatives.feed import Feed
from tui.client.derivatives.recorder import Recorder
from tui.client.derivatives.transport import Lane, Message, Transport
from tui.client.derivatives.urls import venue_url
from tui.client.derivatives.venue import DerivativesVenue
from tui.model.errors import DeskError, OutcomeUnknown, Unreachable
from tui.model.events import LinkReady
from tui.wire.recording import (
    Answered,
    Asked,
    End,
    Failed,
    Frame,
    Header,
    Lost,
    Note,
    Opened,
    Recording,
    Row,
    Slept,
)

HEADER = Header(program="0", venue=BASE, environment="paper", started_ms=NOW_MS)


def recorder(path: Path, time: Time | None = None, limit_bytes: int = 1 << 30) -> Recorder:
    now = time or Time()
    return Recorder.open(path, HEADER, clock=lambda: now.now_ms, secrets=(KEYS.api_key,), limit_bytes=limit_bytes)


def rows(path: Path) -> list[Row]:
    return list(Recording(path).rows())


def road(recorder: Recorder, answer: httpx.Response | BaseException) -> Transport:
    def reply(_: httpx.Request) -> httpx.Response:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    return Transport(BASE, {lane: httpx.MockTransport(reply) for lane in Lane}, recorder)


async def test_calls_are_kept_with_their_answers(tmp_path: Path) -> None:
    async with recorder(tmp_path / "a") as kept:
        await road(kept, said('{"a":1}', 429, retry_after="3", set_cookie="x")).send(
            Message("POST", "/p", "q=1", "form=2"), lambda *_: {"APIKey": KEYS.api_key, "Authent": "signature"}
        )
    assert rows(tmp_path / "a") == [
        Asked(NOW_MS, 1, "POST", "/p", "q=1", "form=2"),
        Answered(NOW_MS, 1, 429, {"retry-after": "3"}, '{"a":1}'),
        End(NOW_MS, "stopped"),
    ]


@pytest.mark.parametrize(
    ("trouble", "raised", "sent", "gave_up"),
    [
        (httpx.ConnectError("refused"), Unreachable, False, False),
        (httpx.ReadTimeout("late"), OutcomeUnknown, True, False),
        (asyncio.CancelledError(), asyncio.CancelledError, True, True),
    ],
)
async def test_so_is_what_became_of_those_without(
    tmp_path: Path, trouble: BaseException, raised: type[BaseException], sent: bool, gave_up: bool
) -> None:
    async with recorder(tmp_path / "a") as kept:
        with pytest.raises(raised):
            await road(kept, trouble).send(Message("GET", "/p"))
    failed = rows(tmp_path / "a")[1]
    assert isinstance(failed, Failed)
    assert (failed.number, failed.sent, failed.gave_up) == (1, sent, gave_up)


async def test_a_whole_connection_is_kept_and_its_keys_are_not(tmp_path: Path) -> None:
    naps, ear = Naps(), Ear()
    async with (
        serve(lambda socket: answer_all(socket, 1), "127.0.0.1", 0, ping_interval=None) as server,
        recorder(tmp_path / "a") as kept,
    ):
        port = next(iter(server.sockets)).getsockname()[1]
        where = venue_url(f"http://127.0.0.1:{port}")
        async with DerivativesVenue(where, KEYS, clock=naps.clock, recorder=kept) as venue:
            await venue.watch(tickers=["PF_XBTUSD"], depth=())
            running = asyncio.create_task(venue.stream(ear.emit))
            await ear.hears(LinkReady)
            running.cancel()
    found = rows(tmp_path / "a")
    assert isinstance(found[0], Opened)
    frames = [row for row in found if isinstance(row, Frame)]
    assert any("PF_XBTUSD" in row.text for row in frames if row.way == "out")
    assert sum("open_positions" in row.text for row in frames if row.way == "in") == 1
    told = "".join(row.text for row in frames)
    assert "challenge-1" not in told
    assert KEYS.api_key not in told
    assert '"signed_challenge":"redacted"' in told


async def test_a_connection_that_fails_is_kept_too(tmp_path: Path) -> None:
    async def refuse(_: str) -> object:
        raise OSError("refused")

    naps, ear = Naps(), Ear()
    naps.delays = _StopAfter(2)
    async with recorder(tmp_path / "a") as kept:
        feed = Feed("ws://x", KEYS, naps.clock, random.Random(1), dial=refuse, recorder=kept)  # type: ignore[arg-type]
        with pytest.raises(_Enough):
            await feed.run(ear.emit)
    lost = [row for row in rows(tmp_path / "a") if isinstance(row, Lost)]
    assert [row.reason for row in lost] == ["no connection: refused"] * 2


class _Enough(Exception):
    pass


class _StopAfter(list[float]):
    def __init__(self, count: int) -> None:
        super().__init__()
        self._count = count

    def append(self, item: float) -> None:
        super().append(item)
        if len(self) == self._count:
            raise _Enough


async def test_a_full_disk_ends_the_recording_and_nothing_else() -> None:
    class Disk(io.RawIOBase):
        room = 300

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            assert isinstance(data, bytes)
            if len(data) > self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.room -= len(data)
            return len(data)

    kept = Recorder(cast("BinaryIO", Disk()), HEADER, clock=lambda: NOW_MS, secrets=(), limit_bytes=1 << 30)
    keeping = asyncio.create_task(kept.keep())
    for number in range(200):
        kept.received(f'{{"feed":"ticker","n":"{number * 7919}"}}'.encode())
        kept.flush()
    assert await keeping == "it cannot be written any more: No space left on device"
    kept.received(b"{}")
    async with kept:
        pass


async def test_it_stops_at_its_bound_with_a_whole_file(tmp_path: Path) -> None:
    kept = recorder(tmp_path / "a", limit_bytes=3_000)
    for number in range(500):
        kept.note("noise", f'"{hash(str(number))}"')
        kept.flush()
    assert kept.ending.startswith("full")
    assert kept.written < 3_200
    found = rows(tmp_path / "a")
    assert isinstance(found[0], Note)
    assert isinstance(found[-1], End)
    assert found[-1].reason == kept.ending


async def test_the_last_moment_is_on_disk_without_a_word_from_anybody(tmp_path: Path) -> None:
    time = Time()
    async with recorder(tmp_path / "a", time) as kept:
        kept.opened()
        keeping = asyncio.create_task(kept.keep())
        await asyncio.sleep(0)
        assert rows(tmp_path / "a") == [Opened(NOW_MS)]
        keeping.cancel()


async def test_frames_that_are_no_text_stay_unreadable(tmp_path: Path) -> None:
    async with recorder(tmp_path / "a") as kept:
        kept.received(b'{"feed":"\xff"}')
    assert rows(tmp_path / "a")[0] == Frame(NOW_MS, "in", '{"feed":"\\xff"}')


async def test_nothing_is_overwritten_and_nobody_else_may_read(tmp_path: Path) -> None:
    path = tmp_path / "a"
    async with recorder(path):
        assert path.stat().st_mode & 0o777 == 0o600
        with pytest.raises(DeskError, match="there already"):
            recorder(path)
    with pytest.raises(DeskError, match="cannot be written"):
        recorder(path / "below")


@pytest.mark.parametrize(("timers_too", "stood_ms", "leapt_ms"), [(False, 600_000, 0), (True, 0, 600_000)])
async def test_a_sleep_is_written_before_what_comes_after_it(
    tmp_path: Path, timers_too: bool, stood_ms: int, leapt_ms: int
) -> None:
    """A laptop's lid, and a program that was stopped: in the first the timers stand still."""
    time, steady_s = Time(), [0.0]
    kept = Recorder.open(
        tmp_path / "a",
        HEADER,
        clock=lambda: time.now_ms,
        secrets=(),
        limit_bytes=1 << 30,
        steady_s=lambda: steady_s[0],
    )
    async with kept:
        keeping = asyncio.create_task(kept.keep())
        await asyncio.sleep(0)
        time.now_ms += 200
        steady_s[0] += 0.2
        kept.opened()
        time.now_ms += 600_000
        steady_s[0] += 600 if timers_too else 0
        kept.lost("asleep")
        keeping.cancel()
    at_ms = NOW_MS + 600_200
    assert rows(tmp_path / "a")[1:3] == [Slept(at_ms, stood_ms, leapt_ms), Lost(at_ms, "asleep")]


async def test_silence_is_no_sleep_where_nobody_keeps_time(tmp_path: Path) -> None:
    time = Time()
    steady = Recorder.open(
        tmp_path / "a",
        HEADER,
        clock=lambda: time.now_ms,
        secrets=(),
        limit_bytes=1 << 30,
        steady_s=lambda: time.now_ms / 1000,
    )
    async with steady as kept:
        kept.opened()
        time.now_ms += 600_000
        kept.lost("after a long silence")
    assert [type(row) for row in rows(tmp_path / "a")] == [Opened, Lost, End]
