"""The desk as a machine that can die: feed, REST client, service, journal and trading as they are, on simulated time.

Invariant: after ``crash`` nothing of that life reaches the disk or the network any more; what had left is on its way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from uuid import UUID

from tests.simulation.exchange import SECRET
from tests.simulation.loop import Disk
from tests.simulation.market import SYMBOLS
from tests.simulation.network import Network, Transport
from tui.client.credentials import Credentials
from tui.client.derivatives.clock import Clock, LocalTime
from tui.client.derivatives.transport import Lane
from tui.client.derivatives.transport import Transport as Road
from tui.client.derivatives.urls import venue_url
from tui.client.derivatives.venue import DerivativesVenue
from tui.journal.file import JournalFile
from tui.journal.journal import Journal
from tui.journal.records import Entry
from tui.model.errors import JournalError
from tui.service.data import DataService
from tui.service.store import Store
from tui.service.trading import Trading

URL = "http://127.0.0.1:1"
IDENTITY = "simulated"
PAGE = 4_096
ANY_SIZE = 1_000_000


class Desk:
    """One computer: its clock, its disk, and the program that runs on it, life after life.

    ``asked_ids``: every client order id that was made here.
    """

    def __init__(self, network: Network, rng: Random, journal: Path, api_key: str) -> None:
        self._network = network
        self._rng = rng
        self._api_key = api_key
        self.journal_path = journal
        self.has_lost_journal = False
        self._disk_is_full = False
        self.skew_ms = 0
        self.lives = 0
        self.asked_ids: list[str] = []
        self._disk: Disk | None = None
        self._journal: Journal | None = None
        self._main: asyncio.Task[None] | None = None
        self._acts: set[asyncio.Task[None]] = set()
        self.store: Store
        self.trading: Trading
        self.data: DataService
        self.is_up = self.is_ready = False
        self._failure: BaseException | None = None

    def _wall_ns(self) -> int:
        return self._true_ns() + self.skew_ms * 1_000_000

    def _true_ns(self) -> int:
        return self._network.exchange.now_ms() * 1_000_000

    def new_id(self) -> str:
        made = str(UUID(int=self._rng.getrandbits(128), version=4))
        self.asked_ids.append(made)
        return made

    # --- life and death -----------------------------------------------------------------------------------------

    def start(self) -> None:
        self.lives += 1
        self.is_up = True
        self._disk = Disk(self._network.loop, lambda: self._rng.expovariate(1 / 0.004))
        self._main = asyncio.create_task(self._run(self._disk))

    async def crash(self) -> None:
        """As by SIGKILL: no last words."""
        assert self._disk is not None
        assert self._main is not None
        self.is_up = self.is_ready = False
        self._disk.is_dead = True
        for task in (*self._acts, self._main):
            task.cancel()
        await asyncio.gather(*self._acts, self._main, return_exceptions=True)
        self._acts.clear()
        if self._journal is not None and self._journal._opened is not None:
            self._journal._opened.close()
        self._journal = None

    def act(self, what: Callable[[Trading], object]) -> None:
        """The trader presses a key: done in the background."""

        async def do() -> None:
            await what(self.trading)  # type: ignore[misc] # every act is awaitable

        task = asyncio.create_task(do())
        self._acts.add(task)
        task.add_done_callback(self._acted)

    def _acted(self, task: asyncio.Task[None]) -> None:
        self._acts.discard(task)
        if not task.cancelled() and task.exception() is not None and self._main is not None:
            self._failure = task.exception()

    @property
    def is_busy(self) -> bool:
        return bool(self._acts)

    def check(self) -> None:
        """Raises what ended the program, if anything did."""
        if self._failure is not None:
            raise self._failure
        if self._main is not None and self._main.done() and self.is_up:
            self._main.result()
            raise AssertionError("the desk ended")

    async def _run(self, disk: Disk) -> None:
        rng = Random(self._rng.getrandbits(64))
        loop = self._network.loop
        local_ns = LocalTime(self._wall_ns, self._true_ns)  # as the runtime makes it
        clock = Clock(wall_ns=local_ns, steady_ms=lambda: round(loop.time() * 1000))
        lane = Transport(self._network)
        road = Road(URL, {Lane.COMMON: lane, Lane.CANCEL: lane})
        where = venue_url(URL)
        credentials, dial = Credentials(self._api_key, SECRET), self._network.dial
        venue = DerivativesVenue(where, credentials, clock=clock, rng=rng, transport=road, dial=dial)

        journal = await self._open_journal(disk)
        self.store = Store(where.environment, where.base, clock=lambda: local_ns() // 1_000_000)
        self.data = DataService(venue, self.store, journal)
        self.trading = Trading(venue, self.store, journal, new_id=self.new_id)
        self.is_ready = True
        async with asyncio.TaskGroup() as group:
            group.create_task(self.data.run())
            group.create_task(self.trading.keep_dead_man())
            await self.data.watch(tickers=SYMBOLS, depth=())

    # --- the journal ----------------------------------------------------------------------------------------------

    async def _open_journal(self, disk: Disk) -> Journal:
        """A damaged one is put aside, as the desk's own advice says."""
        journal = self._journal = Journal(self.journal_path, IDENTITY, executor=disk)
        try:
            await journal.__aenter__()
        except JournalError:
            self.has_lost_journal = True
            for path in self.journal_path.parent.glob(f"{self.journal_path.name}*"):
                path.unlink()
            await journal.__aenter__()
        self.fill_disk(full=self._disk_is_full)
        return journal

    def damage_journal(self) -> None:
        """A page of the file is lost, while nobody has it open."""
        content = bytearray(self.journal_path.read_bytes())
        if content:
            place = self._rng.randrange(len(content) // PAGE) * PAGE
            content[place : place + PAGE] = bytes(PAGE)
            self.journal_path.write_bytes(content)

    def fill_disk(self, *, full: bool) -> None:
        """No more room for new pages, or again as much as wanted."""
        self._disk_is_full = full
        if self._journal is not None and self._journal._opened is not None:
            connection = self._journal._opened._connection
            pages = connection.execute("PRAGMA page_count").fetchone()[0] if full else ANY_SIZE
            connection.execute(f"PRAGMA max_page_count = {pages}")

    def read_journal(self) -> tuple[Entry, ...]:
        journal = JournalFile.open(self.journal_path, IDENTITY)
        try:
            return journal.entries(10_000)
        finally:
            journal.close()
