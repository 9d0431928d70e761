"""The journal as the service uses it: awaitable, with one thread that owns the file.

Invariant: ``intent`` returns only after the intent is on disk, so whoever awaits it may send. One thread does all
the writing, in the order of the calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

from tui.journal.file import JournalFile
from tui.journal.records import Entry, Intent, Kind, Request, Search, Verdict
from tui.model.fill import Fill
from tui.model.program import Kept

T = TypeVar("T")


class Journal:
    """An async context. ``identity`` names the account and URL, so that paper and live never mix in one file.

    Every method raises ``JournalError`` when the file cannot be used.
    """

    def __init__(self, path: Path, identity: str, executor: Executor | None = None) -> None:
        self.path = path
        self._identity = identity
        self._executor = executor or ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._opened: JournalFile | None = None

    async def __aenter__(self) -> Self:
        try:
            self._opened = await self._run(lambda: JournalFile.open(self.path, self._identity))
        except BaseException:
            self._executor.shutdown(wait=False)
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        try:
            await self._run(self._file.close)
        finally:
            self._executor.shutdown(wait=False)

    async def intent(self, kind: Kind, symbol: str | None, what: str, request: Request, at_ms: int) -> Intent:
        """Commit what is about to be sent."""
        return await self._run(lambda: self._file.add_intent(kind, symbol, what, request, at_ms))

    async def settle(
        self, number: int, verdict: Verdict, *, status: str, text: str, order_id: str | None, at_ms: int
    ) -> None:
        """Commit what became of it."""
        await self._run(
            lambda: self._file.settle(number, verdict, status=status, text=text, order_id=order_id, at_ms=at_ms)
        )

    async def pending(self) -> tuple[Entry, ...]:
        """Acts nobody has settled, oldest first: after a crash these may be live at the venue."""
        return await self._run(self._file.pending)

    async def entries(self, limit: int = 100, search: Search | None = None) -> tuple[Entry, ...]:
        """The newest ``limit`` acts of those searched for, newest first."""
        return await self._run(lambda: self._file.entries(limit, search))

    async def keep_program(self, kept: Kept) -> None:
        """Commit a program as it is now."""
        await self._run(lambda: self._file.keep_program(kept))

    async def programs(self) -> tuple[Kept, ...]:
        """Programs that have not ended, oldest first."""
        return await self._run(self._file.programs)

    async def accepted(self, client_order_ids: Iterable[str]) -> frozenset[str]:
        """Which of these orders the venue is known to have taken."""
        asked = tuple(client_order_ids)
        return await self._run(lambda: self._file.accepted(asked))

    async def add_fills(self, fills: Iterable[Fill]) -> None:
        kept = tuple(fills)
        await self._run(lambda: self._file.add_fills(kept))

    async def fills(
        self, limit: int = 5_000, *, since_ms: int | None = None, symbol: str | None = None
    ) -> tuple[Fill, ...]:
        """The newest kept fills, oldest first; of one contract, since a time."""
        return await self._run(lambda: self._file.fills(limit, since_ms=since_ms, symbol=symbol))

    @property
    def _file(self) -> JournalFile:
        if self._opened is None:
            raise RuntimeError("the journal is used outside its context")
        return self._opened

    async def _run(self, act: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._executor.submit(act))
