"""A recording: everything that went over the wire, in one compressed file that a crash cannot spoil.

gzip around JSON lines: a header, then one row a line in the order of time; ``zcat`` shows it. The writer flushes whole
rows, so a file that was cut anywhere reads up to its last flushed row. Invariant: rows hold what was said and never how
it was signed; whoever writes passes text through ``redact`` first. Times are epoch milliseconds of the recording
machine, by a clock that does not jump.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec
from msgspec import Struct

from tui.wire.derivatives.feeds import LEGACY_PRIVATE_FEEDS, PRIVATE_FEEDS

FORMAT: Final = "kftui recording"
VERSION: Final = 1
_CHUNK: Final = 64 * 1024
_LONGEST_ROW: Final = 64 * 1024 * 1024


class RecordingError(Exception):
    """The file is no recording, or one that this program cannot read; the text says which."""


class Header(Struct, frozen=True, kw_only=True):
    """``venue`` is the base URL, ``environment`` ``live`` or ``paper``, ``contracts`` those whose book and tape were
    followed at the start. ``started_ms`` is where the recording's time begins.
    """

    program: str
    venue: str
    environment: str
    started_ms: int
    contracts: tuple[str, ...] = ()
    format: str = FORMAT
    version: int = VERSION


class _Row(Struct, frozen=True, array_like=True):
    """``at_ms`` comes first in every row."""

    at_ms: int


class Opened(_Row, frozen=True, array_like=True, tag="opened"):
    """The socket is connected."""


class Frame(_Row, frozen=True, array_like=True, tag="frame"):
    """One WebSocket frame, received (``in``) or sent (``out``)."""

    way: Literal["in", "out"]
    text: str


class Pulse(_Row, frozen=True, array_like=True, tag="pulse"):
    """The answer to a ping arrived."""

    round_trip_ms: int


class Lost(_Row, frozen=True, array_like=True, tag="lost"):
    """The socket is gone, or could not be opened."""

    reason: str


class Asked(_Row, frozen=True, array_like=True, tag="asked"):
    """A REST request left. ``number`` pairs it with what came of it; ``form`` None is a request without a body."""

    number: int
    method: str
    path: str
    query: str = ""
    form: str | None = None


class Answered(_Row, frozen=True, array_like=True, tag="answered"):
    """The whole answer was read. ``headers`` are those that say when to come again."""

    number: int
    status: int
    headers: dict[str, str]
    body: str


class Failed(_Row, frozen=True, array_like=True, tag="failed"):
    """No answer. ``sent`` False: nothing can have left. ``gave_up``: whoever asked waits no longer."""

    number: int
    sent: bool
    gave_up: bool
    reason: str


class Slept(_Row, frozen=True, array_like=True, tag="slept"):
    """The desk did nothing for a while; ``at_ms`` is when it woke. ``stood_ms``: its timers stood still, as when a
    laptop sleeps; ``leapt_ms``: they went on, and all that was due came at once, as when a program was stopped.
    """

    stood_ms: int
    leapt_ms: int


class Note(_Row, frozen=True, array_like=True, tag="note"):
    """What the desk wrote down for its own replay, such as a key of the trader; ``text`` is JSON by ``name``."""

    name: str
    text: str


class End(_Row, frozen=True, array_like=True, tag="end"):
    """The recorder stopped, and why. A file without this row was cut."""

    reason: str


Row = Opened | Frame | Pulse | Lost | Asked | Answered | Failed | Slept | Note | End

_ENCODER = msgspec.json.Encoder()
_ROWS: msgspec.json.Decoder[Row] = msgspec.json.Decoder(Row)
_HEADER = msgspec.json.Decoder(Header)


class Writer:
    """Writes rows to ``file`` (opened unbuffered) until ``limit_bytes`` are reached. ``OSError`` passes through."""

    def __init__(self, file: BinaryIO, header: Header, limit_bytes: int) -> None:
        self._file = file
        self._limit = limit_bytes
        self._press = zlib.compressobj(6, zlib.DEFLATED, 31)
        self._pending = False
        self.written = 0
        self.is_closed = False
        self._line(header)
        self.flush()

    @property
    def is_full(self) -> bool:
        return self.written >= self._limit

    def write(self, row: Row) -> None:
        if self.is_closed:
            raise ValueError("the recording is closed")
        self._line(row)

    def flush(self) -> None:
        """Everything written so far can be read, whatever happens to this process."""
        if self._pending:
            self._pending = False
            self._put(self._press.flush(zlib.Z_SYNC_FLUSH))

    def close(self, at_ms: int, reason: str) -> None:
        """Write the last row and end the file. The caller closes ``file``."""
        if not self.is_closed:
            self._line(End(at_ms, reason))
            self.is_closed = True
            self._put(self._press.flush(zlib.Z_FINISH))

    def _line(self, value: Row | Header) -> None:
        self._pending = True
        self._put(self._press.compress(_ENCODER.encode(value) + b"\n"))

    def _put(self, data: bytes) -> None:
        self.written += len(data)
        while data:
            data = data[self._file.write(data) :]


class Recording:
    """A file to read. Raises ``RecordingError`` at once if it is none.

    After ``rows`` has run out, ``ending`` says how the file ended: the recorder's reason, or that it was cut.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.ending = ""
        first = next(self._lines(), None)
        self.header = self._judged(first)

    def rows(self) -> Iterator[Row]:
        """From the first to the last that can be read. Can be called again."""
        self.ending = "cut off: the recorder did not come to an end"
        lines = self._lines()
        next(lines)
        for line in lines:
            try:
                row = _ROWS.decode(line)
            except msgspec.MsgspecError as error:
                self.ending = f"damaged: {error}"
                return
            yield row
            if isinstance(row, End):
                self.ending = row.reason
                return

    def _judged(self, line: bytes | None) -> Header:
        if line is None:
            raise RecordingError(f"{self.path} is not a recording of kftui{': ' if self.ending else ''}{self.ending}")
        try:
            header = _HEADER.decode(line)
        except msgspec.MsgspecError as error:
            raise RecordingError(f"{self.path} is not a recording of kftui: {error}") from None
        if header.format != FORMAT:
            raise RecordingError(f"{self.path} is not a recording of kftui but {header.format!r}")
        if header.version > VERSION:
            raise RecordingError(
                f"{self.path} was made by a newer kftui (format {header.version}, this one reads {VERSION})"
            )
        return header

    def _lines(self) -> Iterator[bytes]:
        """Whole lines only; what follows the last newline was cut."""
        rest = b""
        try:
            for data in self._inflated():
                *whole, rest = (rest + data).split(b"\n")
                yield from whole
                if len(rest) > _LONGEST_ROW:
                    self.ending = "damaged: a row without end"
                    return
        except zlib.error as error:
            self.ending = f"damaged: {error}"

    def _inflated(self) -> Iterator[bytes]:
        press = zlib.decompressobj(31)
        try:
            with self.path.open("rb") as file:
                while not press.eof and (data := press.unconsumed_tail or file.read(_CHUNK)):
                    yield press.decompress(data, _CHUNK)
                if not press.eof:
                    yield press.flush()
        except OSError as error:
            raise RecordingError(f"{self.path} cannot be read: {error.strerror}") from None


class Said(Struct, frozen=True):
    """A frame of a public feed as it was received."""

    at_ms: int
    text: str


class Told(Struct, frozen=True):
    """A public REST question that was answered with HTTP 200, at the time of the answer."""

    at_ms: int
    path: str
    query: str
    body: str


class _Head(Struct):
    feed: str = ""
    event: str | None = None


_HEAD = msgspec.json.Decoder(_Head)
_PRIVATE_NAMES: Final = frozenset({*map(str, PRIVATE_FEEDS), *LEGACY_PRIVATE_FEEDS})
_PUBLIC_PATHS: Final = re.compile(
    r"/derivatives/api/v\d/(instruments|tickers|orderbook|history|feeschedules|historical-?funding-?rates)(/|$)"
    r"|/api/charts/|/api/history/v\d/market/"
)


def public_part(rows: Iterable[Row]) -> Iterator[Said | Told]:
    """What a recording knows of the market and nothing of the account: data frames and answers, in order of time."""
    asked: dict[int, Asked] = {}
    for row in rows:
        if isinstance(row, Frame):
            if row.way == "in" and _is_public(row.text):
                yield Said(row.at_ms, row.text)
        elif isinstance(row, Asked):
            if _PUBLIC_PATHS.match(row.path):
                asked[row.number] = row
        elif isinstance(row, Failed):
            asked.pop(row.number, None)
        elif isinstance(row, Answered):
            question = asked.pop(row.number, None)
            if question is not None and row.status == 200:
                yield Told(row.at_ms, question.path, question.query, row.body)


def _is_public(text: str) -> bool:
    try:
        head = _HEAD.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return head.event is None and head.feed != "" and head.feed.removesuffix("_snapshot") not in _PRIVATE_NAMES
