"""The account on disk: one JSON file, replaced whole or not at all.

Invariants: at any instant the file is either the previous account or the new one, whole; a file that cannot be read is
refused and left as it is; two exchanges never share one file (a lock beside it is held while one runs).
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

FORMAT: Final = 1
COALESCE_S: Final = 0.1
LONGEST_WAIT_S: Final = 0.8
"""After a change, how long to wait for more before writing; a long history, which takes long to write, waits longer."""

_SHARE: Final = 20
"""Making the bytes takes at most one part in so many of the time."""
RETRY_S: Final = 1.0
LOCK_WAIT_S: Final = 3.0
_LOCK_RETRY_S: Final = 0.05
PERIOD_S: Final = 10.0
"""Prices and time are kept at least this often."""


WAY_OUT: Final = "Move it away to start with a fresh account, or name another file with --state"


class _Head(msgspec.Struct):
    format: int


class Kept(msgspec.Struct, kw_only=True):
    """The file's content: ``engine`` as ``Engine.snapshot`` gave it at ``saved_ms`` (venue time)."""

    format: int = FORMAT
    version: str = ""
    saved_ms: int
    engine: dict[str, Any]


class StateError(Exception):
    """The state file cannot be used; the text names the file, the reason and the way out."""


class StateFile:
    """Reads and writes ``path``; ``lock`` must be held meanwhile."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Held for as long as an exchange runs on this file; one that is just ending is waited for.

        Raises ``StateError`` if another keeps it.
        """
        lock_path = self.path.with_name(self.path.name + ".lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = lock_path.open("a")
        except OSError as error:
            raise StateError(f"{self.path}: {error.strerror}") from None
        with handle:
            patience = time.monotonic() + LOCK_WAIT_S
            while not _locked(handle.fileno()) and time.monotonic() < patience:
                time.sleep(_LOCK_RETRY_S)
            if not _locked(handle.fileno()):
                raise StateError(f"{self.path} is in use by another exchange; stop that one or name another file")
            yield

    def load(self) -> Kept | None:
        """What ``save`` wrote, or None if there is no file yet. Raises ``StateError``."""
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError(f"{self.path} cannot be read: {error.strerror}") from None
        try:
            written = msgspec.json.decode(raw, type=_Head).format
            if written == FORMAT:
                return msgspec.json.decode(raw, type=Kept)
        except (msgspec.MsgspecError, UnicodeError):
            raise StateError(f"{self.path} is damaged; it was left as it is. {WAY_OUT}") from None
        raise StateError(
            f"{self.path} was written by another version (format {written}, this one reads {FORMAT}); it was left "
            f"as it is. {WAY_OUT}"
        )

    def save(self, content: bytes) -> None:
        """Replace the file. Raises ``StateError``; the old file then stands."""
        partial = self.path.with_name(self.path.name + ".tmp")
        try:
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path)
        except OSError as error:
            raise StateError(f"{self.path} cannot be written: {error.strerror}") from None


class Saver:
    """Writes after every change of the account, and now and then for the prices.

    ``content`` makes the bytes on the loop, in one piece; only the writing is done beside it.
    """

    def __init__(self, file: StateFile, content: Callable[[], bytes], complain: Callable[[str], None]) -> None:
        self._file = file
        self._content = content
        self._complain = complain
        self._changed = asyncio.Event()
        self._failing = False
        self._cost_s = 0.0

    def touch(self) -> None:
        """The account has changed."""
        self._changed.set()

    async def run(self) -> None:
        """Ends only by cancellation."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), PERIOD_S)
            await asyncio.sleep(max(COALESCE_S, min(_SHARE * self._cost_s, LONGEST_WAIT_S)))
            self._changed.clear()
            await self._save()

    async def _save(self) -> None:
        """A full disk must not stop the market: complain once, and try again next time."""
        began = time.perf_counter()
        content = self._content()
        self._cost_s = time.perf_counter() - began
        try:
            await self._write(content)
        except StateError as error:
            if not self._failing:
                self._complain(str(error))
            self._failing = True
            self._changed.set()
            await asyncio.sleep(RETRY_S)
        else:
            self._failing = False

    async def _write(self, content: bytes) -> None:
        """Cancelled or not, ends only when the file does: two writers would spoil each other's work."""
        writing = asyncio.ensure_future(asyncio.to_thread(self._file.save, content))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])
            raise


def encode(kept: Kept) -> bytes:
    return msgspec.json.encode(kept)


def _locked(descriptor: int) -> bool:
    """Take the lock if it is free. The operating system releases it however the process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists there only

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - exists elsewhere only

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
