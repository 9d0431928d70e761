"""Recordings are written by one side and read by two; what was flushed must be readable whatever happened then."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    Pulse,
    Recording,
    RecordingError,
    Row,
    Said,
    Told,
    Writer,
    public_part,
)

T0 = 1_790_000_000_000
HEADER = Header(
    program="1.2.3", venue="http://127.0.0.1:1", environment="paper", started_ms=T0, contracts=("PF_XBTUSD",)
)
ROWS: tuple[Row, ...] = (
    Asked(T0, 1, "GET", "/derivatives/api/v3/tickers"),
    Opened(T0 + 1),
    Frame(T0 + 2, "out", '{"event":"subscribe","feed":"heartbeat"}'),
    Frame(T0 + 3, "in", '{"feed":"heartbeat","time":1}'),
    Answered(T0 + 4, 1, 200, {"retry-after": "1"}, '{"result":"success","tickers":["\u20bf"]}'),
    Asked(T0 + 5, 2, "POST", "/derivatives/api/v3/sendorder", "", "size=1&symbol=PF_XBTUSD"),
    Failed(T0 + 6, 2, sent=True, gave_up=False, reason="no answer"),
    Pulse(T0 + 7, 12),
    Note(T0 + 8, "act", '{"type":"watch"}'),
    Lost(T0 + 9, "the connection broke"),
)


def written(path: Path, rows: tuple[Row, ...] = ROWS, *, whole: bool = True, limit: int = 1 << 30) -> Path:
    with path.open("wb", buffering=0) as file:
        writer = Writer(file, HEADER, limit)
        for row in rows:
            writer.write(row)
            writer.flush()
        if whole:
            writer.close(T0 + 10, "stopped")
    return path


def test_what_was_written_is_read(tmp_path: Path) -> None:
    recording = Recording(written(tmp_path / "a.rec"))
    assert recording.header == HEADER
    assert tuple(recording.rows()) == (*ROWS, End(T0 + 10, "stopped"))
    assert recording.ending == "stopped"
    assert tuple(recording.rows())[:-1] == ROWS, "and read again"


def test_any_gunzip_reads_it(tmp_path: Path) -> None:
    lines = gzip.decompress(written(tmp_path / "a.rec").read_bytes()).splitlines()
    assert len(lines) == len(ROWS) + 2
    assert lines[4] == b'["frame",1790000000003,"in","{\\"feed\\":\\"heartbeat\\",\\"time\\":1}"]'


@given(st.data())
def test_cut_anywhere_it_reads_up_to_there(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path = tmp_path_factory.getbasetemp() / "cut.rec"
    whole = written(path).read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 9))  # within the last nine bytes only the checksum is missing
    path.write_bytes(whole[:cut])
    try:
        recording = Recording(path)
    except RecordingError:
        assert cut < 200
        return
    found = tuple(recording.rows())
    assert found == (*ROWS, End(T0 + 10, "stopped"))[: len(found)]
    assert recording.ending == "stopped" or "cut off" in recording.ending


@given(st.data())
def test_a_damaged_file_never_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.rec"
    raw = bytearray(written(path).read_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    try:
        recording = Recording(path)
    except RecordingError:
        return
    for _ in recording.rows():
        pass
    assert recording.ending


def test_what_was_flushed_outlives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "killed.rec"
    program = (
        "import sys; from pathlib import Path; from tests.wire.test_recording import *\n"
        f"file = Path({str(path)!r}).open('wb', buffering=0); writer = Writer(file, HEADER, 1 << 30)\n"
        "for row in ROWS: writer.write(row)\n"
        "writer.flush(); writer.write(Lost(T0 + 99, 'x' * 9)); print('ready', flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == b"ready\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)
    child.stdin.close()
    child.stdout.close()
    recording = Recording(path)
    assert tuple(recording.rows()) == ROWS
    assert "cut off" in recording.ending


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a recording"),
        (b"not gzip at all", "is not a recording"),
        (gzip.compress(b"hello\n", mtime=0), "is not a recording"),
        (gzip.compress(b'{"format":"x","program":"","venue":"","environment":"","started_ms":1}\n', mtime=0), "'x'"),
        (
            gzip.compress(
                b'{"format":"kftui recording","version":9,"program":"","venue":"","environment":"","started_ms":1}\n',
                mtime=0,
            ),
            "newer kftui",
        ),
    ],
)
def test_another_file_is_one_clear_error(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(RecordingError, match=words):
        Recording(path)


def test_a_missing_file_is_too(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        Recording(tmp_path / "none")


def test_a_row_of_a_later_version_ends_it_and_is_said(tmp_path: Path) -> None:
    path = tmp_path / "later"
    lines = gzip.decompress(written(tmp_path / "a.rec").read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join([*lines[:3], b'["telepathy",1]\n', *lines[3:]])))
    recording = Recording(path)
    assert tuple(recording.rows()) == ROWS[:2]
    assert "telepathy" in recording.ending


def test_the_writer_knows_when_it_is_full(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb", buffering=0) as file:
        writer = Writer(file, HEADER, 400)
        number = 0
        while not writer.is_full:
            number += 1
            writer.write(Lost(T0, os.urandom(30).hex()))
            writer.flush()
        writer.close(T0, "full")
        writer.close(T0, "full")
    assert 1 <= number < 20
    assert (tmp_path / "a").stat().st_size < 600
    with pytest.raises(ValueError, match="closed"):
        writer.write(ROWS[0])


def test_the_public_part_is_the_market_only() -> None:
    rows: list[Row] = [
        Frame(1, "in", '{"feed":"ticker","product_id":"PF_XBTUSD"}'),
        Frame(2, "in", '{"feed":"book_snapshot","product_id":"PF_XBTUSD"}'),
        Frame(3, "out", '{"event":"subscribe","feed":"book"}'),
        Frame(4, "in", '{"event":"subscribed","feed":"book"}'),
        Frame(5, "in", '{"feed":"open_orders_verbose_snapshot","orders":[]}'),
        Frame(6, "in", '{"feed":"account_balances_and_margins"}'),
        Frame(7, "in", '{"feed":"ticker"'),
        Asked(8, 1, "GET", "/derivatives/api/v3/instruments"),
        Asked(8, 2, "GET", "/derivatives/api/v3/accounts"),
        Asked(8, 3, "GET", "/api/charts/v1/trade/PF_XBTUSD/1m", "from=1"),
        Asked(8, 4, "GET", "/derivatives/api/v3/tickers/PF_XBTUSD"),
        Answered(9, 3, 200, {}, "{3}"),
        Answered(9, 2, 200, {}, "{2}"),
        Answered(9, 1, 200, {}, "{1}"),
        Answered(9, 4, 503, {}, ""),
    ]
    assert list(public_part(rows)) == [
        Said(1, rows[0].text),  # type: ignore[union-attr] # the first two are frames
        Said(2, rows[1].text),  # type: ignore[union-attr]
        Told(9, "/api/charts/v1/trade/PF_XBTUSD/1m", "from=1", "{3}"),
        Told(9, "/derivatives/api/v3/instruments", "", "{1}"),
    ]
