"""Writes down what goes over the wire while the desk works, for ``kftui replay`` and for bug reports.

Invariant: the recorder never disturbs what it watches. No method raises; a disk that is full ends the recording, never
the desk, and ``ending`` says so. Nothing is written that was not redacted; request headers, where signatures are, are
never looked at.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, Self

from tui.client.derivatives.failures import Reply
from tui.model.errors import DeskError, Sent
from tui.wire.recording import (
    Answered,
    Asked,
    Failed,
    Frame,
    Header,
    Lost,
    Note,
    Opened,
    Pulse,
    Row,
    Slept,
    Writer,
)
from tui.wire.redaction import redact

FLUSH_S: Final = 0.25
SLEEP_MS: Final = 1_000
_HEADERS: Final = ("retry-after", "rate-limit-reset")


class Recorder:
    """``clock`` gives local epoch milliseconds, the ones that the desk lives by; ``steady_s`` the seconds that its
    timers go by, which stand still while the machine sleeps. ``secrets`` are literal texts that must not be written.
    Use as an async context with ``keep`` running beside it.
    """

    def __init__(
        self,
        file: BinaryIO,
        header: Header,
        *,
        clock: Callable[[], int],
        secrets: tuple[str, ...],
        limit_bytes: int,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = file
        self._clock = clock
        self._steady_s = steady_s
        self._ahead_ms = self._ahead()
        self._awake_ms: int | None = None
        self._secrets = secrets
        self._limit_bytes = limit_bytes
        self._number = 0
        self._writer = Writer(file, header, limit_bytes)
        self._ended = asyncio.Event()
        self.ending = ""

    @classmethod
    def open(
        cls,
        path: Path,
        header: Header,
        *,
        clock: Callable[[], int],
        secrets: tuple[str, ...],
        limit_bytes: int,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Make the file, for the owner only. Raises ``DeskError`` if it exists or cannot be made."""
        try:
            file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)
            return cls(file, header, clock=clock, secrets=secrets, limit_bytes=limit_bytes, steady_s=steady_s)
        except FileExistsError:
            raise DeskError(f"{path} is there already", "Nothing is overwritten: give another name") from None
        except OSError as error:
            raise DeskError(f"{path} cannot be written: {error.strerror}", "Give another place for it") from None

    @property
    def written(self) -> int:
        """Compressed bytes in the file."""
        return self._writer.written

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._end("stopped")

    async def keep(self) -> str:
        """Flush now and then until the recording ends by itself. Returns why it did."""
        while not self.ending:
            self._look_at_the_time()
            self._awake_ms = self._clock()
            self.flush()
            try:
                async with asyncio.timeout(FLUSH_S):
                    await self._ended.wait()
            except TimeoutError:
                continue
        return self.ending

    async def wait_ended(self) -> None:
        """Until the recording has ended, by itself or by the context."""
        await self._ended.wait()

    def flush(self) -> None:
        if not self.ending:
            try:
                self._writer.flush()
            except OSError as error:
                self._broke(error)

    # --- the socket ---------------------------------------------------------------------------------------------

    def opened(self) -> None:
        self._write(Opened(self._clock()))

    def received(self, raw: bytes) -> None:
        self._write(Frame(self._clock(), "in", self._clean(raw)))

    def sent(self, raw: bytes) -> None:
        self._write(Frame(self._clock(), "out", self._clean(raw)))

    def pulse(self, round_trip_ms: int) -> None:
        self._write(Pulse(self._clock(), round_trip_ms))

    def lost(self, reason: str) -> None:
        self._write(Lost(self._clock(), reason))

    # --- calls --------------------------------------------------------------------------------------------------

    def asked(self, method: str, path: str, query: str, form: str | None) -> int:
        """Returns the number by which the outcome is told."""
        self._number += 1
        self._write(Asked(self._clock(), self._number, method, path, query, form))
        return self._number

    def answered(self, number: int, reply: Reply) -> None:
        headers = {name: reply.headers[name] for name in _HEADERS if name in reply.headers}
        self._write(Answered(self._clock(), number, reply.status, headers, self._clean(reply.body)))

    def failed(self, number: int, error: DeskError) -> None:
        self._write(Failed(self._clock(), number, sent=error.sent is not Sent.NO, gave_up=False, reason=error.what))

    def gave_up(self, number: int) -> None:
        self._write(Failed(self._clock(), number, sent=True, gave_up=True, reason="no answer was waited for"))

    # --- the desk itself ----------------------------------------------------------------------------------------

    def note(self, name: str, text: str) -> None:
        self._write(Note(self._clock(), name, self._clean(text.encode())))

    # --- inside -------------------------------------------------------------------------------------------------

    def _clean(self, raw: bytes) -> str:
        """Bytes that are no UTF-8 become backslashed: as unreadable to a replay as they were."""
        return redact(raw.decode("utf-8", "backslashreplace"), self._secrets)

    def _ahead(self) -> int:
        """How far the wall clock is ahead of the timers."""
        return self._clock() - round(self._steady_s() * 1000)

    def _write(self, row: Row) -> None:
        if self.ending:
            return
        self._look_at_the_time()
        self._put(row)

    def _look_at_the_time(self) -> None:
        """Write down if nothing happened for longer than ``keep`` ever waits."""
        now_ms, ahead_ms = self._clock(), self._ahead()
        stood_ms, self._ahead_ms = ahead_ms - self._ahead_ms, ahead_ms
        if stood_ms < SLEEP_MS:
            stood_ms = 0
        leapt_ms = 0
        if self._awake_ms is not None:
            leapt_ms = now_ms - self._awake_ms - stood_ms
            self._awake_ms = now_ms
        if leapt_ms < SLEEP_MS:
            leapt_ms = 0
        if stood_ms or leapt_ms:
            self._put(Slept(now_ms, stood_ms, leapt_ms))

    def _put(self, row: Row) -> None:
        if self.ending:
            return
        try:
            self._writer.write(row)
        except OSError as error:
            self._broke(error)
            return
        if self._writer.is_full:
            self._end(f"full: it has reached {self._limit_bytes // 1_000_000} MB")

    def _broke(self, error: OSError) -> None:
        self._finish(f"it cannot be written any more: {error.strerror}")

    def _end(self, reason: str) -> None:
        if self.ending:
            return
        try:
            self._writer.close(self._clock(), reason)
        except OSError as error:
            self._broke(error)
            return
        self._finish(reason)

    def _finish(self, reason: str) -> None:
        self.ending = reason
        self._ended.set()
        self._file.close()
