"""The journal's keeper: recalls what an earlier run left open, and writes what this run learns.

Invariants: an act of an earlier run that nobody answered is unresolved from the first moment of this one; what was
learnt is kept until it is on disk.
"""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from tui.journal.journal import Journal
from tui.model.errors import JournalError
from tui.model.fill import Fill
from tui.model.order import OrderRequest
from tui.model.state import AlarmKind
from tui.service.doubts import Settled
from tui.service.store import Store

RETRY_S = 5.0
KEPT_FILLS = 10_000


class Recorder:
    """``recall`` once, then ``run`` until cancelled."""

    def __init__(self, journal: Journal, store: Store, *, recall_fills: bool = True) -> None:
        self._journal = journal
        self._store = store
        self._recall_fills = recall_fills
        self._settled: list[Settled] = []
        self._fills: dict[str, Fill] = {}

    async def recall(self) -> None:
        """Raises ``JournalError`` if the journal cannot be read."""
        ledger, now_ms = self._store.ledger, self._store.clock()
        for entry in await self._journal.pending():
            intent = replace(entry.intent, at_ms=min(entry.intent.at_ms, now_ms))  # the clock may have been set back
            if isinstance(intent.request, OrderRequest):
                ledger.orders.submit(intent.request, -1, intent.at_ms, unresolved=True)
            ledger.doubts.add(intent)
            ledger.alarms.warning(AlarmKind.UNRESOLVED, f"From an earlier run, no answer: {intent.what}", now_ms)
        if self._recall_fills:
            ledger.seed_fills(await self._journal.fills())
        ledger.judge(now_ms)
        self._store.announce()

    async def run(self) -> None:
        """Write what was settled and which fills are new. What cannot be written is told once, kept, and tried again:
        a full disk may have room again.
        """
        told = False
        while True:
            await self._store.recordable.wait()
            self._store.recordable.clear()
            try:
                await self._write()
                told = False
            except JournalError as error:
                if not told:
                    self._store.ledger.alarms.error(AlarmKind.NOTICE, str(error), self._store.clock())
                    self._store.announce()
                told = True
                await asyncio.sleep(RETRY_S)
                self._store.recordable.set()

    async def _write(self) -> None:
        ledger = self._store.ledger
        self._settled += ledger.settled
        ledger.settled = []
        self._fills |= {fill.fill_id: fill for fill in ledger.fills.take_changed()}
        for fill_id in list(self._fills)[:-KEPT_FILLS]:
            del self._fills[fill_id]
        while self._settled:
            ended = self._settled[0]
            await self._journal.settle(
                ended.intent.number,
                ended.verdict,
                status=ended.status,
                text=ended.text,
                order_id=ended.order_id,
                at_ms=self._store.clock(),
            )
            del self._settled[0]
        if self._fills:
            await self._journal.add_fills(self._fills.values())
            self._fills = {}
