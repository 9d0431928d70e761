"""A program on a terminal of its own, as a person sees and types it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from types import TracebackType
from typing import Self

WAIT_S = 60.0
_POLL_S = 0.02


class Terminal:
    """``async with Terminal("login", env=...) as terminal``: ``shown`` is every byte that the program wrote."""

    def __init__(self, *arguments: str, env: dict[str, str]) -> None:
        self._arguments = arguments
        self._env = {**env, "TERM": "xterm-256color"}
        self.shown = b""

    async def __aenter__(self) -> Self:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        os.set_blocking(self._ours, False)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui", *self._arguments),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=self._env,
            start_new_session=True,  # a question must not reach the terminal of whoever runs the tests
        )
        os.close(theirs)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        os.close(self._ours)

    @property
    def pid(self) -> int:
        return self._process.pid

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    async def until(self, words: str, after: int = 0) -> int:
        """Wait until the words were shown after so many bytes; returns how many were shown by then."""
        async with asyncio.timeout(WAIT_S):
            while words.encode() not in self.shown[after:]:
                assert self._process.returncode is None, self.shown[-3_000:].decode(errors="replace")
                self._read()
                await asyncio.sleep(_POLL_S)
        return len(self.shown)

    async def ended(self) -> int:
        """Wait for the program's own end; returns its exit code."""
        async with asyncio.timeout(WAIT_S):
            while self._process.returncode is None:
                self._read()
                await asyncio.sleep(_POLL_S)
        self._read()
        return self._process.returncode

    def _read(self) -> None:
        with suppress(OSError):
            while chunk := os.read(self._ours, 65536):
                self.shown += chunk


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and theirs."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(row.split()[0]): int(row.split()[1]) for row in listed.splitlines()}
    found, fresh = [], [pid]
    while fresh:
        fresh = [child for child, parent in parents.items() if parent in fresh]
        found += fresh
    return found
