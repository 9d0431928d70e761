"""The journal's keeper: recalls what an earlier run left open, and writes what this run learns.

Invariant: an act of an earlier run that nobody answered is unresolved from the first moment of this one.
"""

from __future__ import annotations

from msgspec.structs import replace

from tui.journal.journal import Journal
from tui.model.errors import JournalError
from tui.model.order import OrderRequest
from tui.model.state import AlarmKind
from tui.service.store import Store


class Recorder:
    """``recall`` once, then ``run`` until cancelled."""

    def __init__(self, journal: Journal, store: Store, *, recall_fills: bool = True) -> None:
        self._journal = journal
        self._store = store
        self._recall_fills = recall_fills

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
        """Write what was settled and which fills are new. What cannot be written is told and not kept back: pending
        acts are asked about again at the next start, and fills come again from the venue.
        """
        while True:
            await self._store.recordable.wait()
            self._store.recordable.clear()
            try:
                await self._write()
            except JournalError as error:
                self._store.ledger.alarms.error(AlarmKind.NOTICE, str(error), self._store.clock())
                self._store.announce()

    async def _write(self) -> None:
        ledger = self._store.ledger
        settled, ledger.settled = ledger.settled, []
        fills = ledger.fills.take_changed()
        for ended in settled:
            await self._journal.settle(
                ended.intent.number,
                ended.verdict,
                status="asked",
                text=ended.text,
                order_id=ended.order_id,
                at_ms=self._store.clock(),
            )
        if fills:
            await self._journal.add_fills(fills)
