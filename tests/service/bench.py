"""The whole service on a fake venue, in virtual time, with a real journal on disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from tests.service.fake_venue import FakeVenue
from tests.service.virtual_time import clock
from tui.journal.journal import Journal
from tui.model.events import LinkOpened, LinkReady, OrdersSnapshot, PositionsFrame
from tui.model.state import LinkStatus, State
from tui.replay.loop import InlineExecutor
from tui.service.data import DataService
from tui.service.store import Store
from tui.service.trading import Trading


class Bench:
    def __init__(self, venue: FakeVenue, journal: Journal) -> None:
        self.venue = venue
        self.journal = journal
        self.store = Store(venue.environment, venue.url, clock=clock)
        self.data = DataService(venue, self.store, journal)
        numbers = count(1)
        self.trading = Trading(venue, self.store, journal, new_id=lambda: f"new-{next(numbers)}")

    @property
    def state(self) -> State:
        return self.store.state

    async def until(self, holds: Callable[[State], object], within_s: float = 300) -> None:
        """Virtual time passes until the state is so."""
        async with asyncio.timeout(within_s):
            while not holds(self.state):  # noqa: ASYNC110 virtual time costs nothing, and any change may be meant
                await asyncio.sleep(0.05)

    async def go_live(self, epoch: int = 1) -> None:
        self.venue.say(
            LinkOpened(epoch),
            OrdersSnapshot(self.venue.open),
            PositionsFrame(self.venue.held, self.venue.server_ms()),
            LinkReady(epoch),
        )
        await self.until(lambda state: state.link.status is LinkStatus.LIVE and state.link.epoch == epoch)

    def alarms(self) -> list[str]:
        return [alarm.kind for alarm in self.state.alarms]


@asynccontextmanager
async def bench(path: Path, venue: FakeVenue | None = None, *, start: bool = True) -> AsyncIterator[Bench]:
    """Running when entered; leaving cancels everything, as the end of the program does."""
    async with Journal(path / "journal.sqlite", "paper", InlineExecutor()) as journal:
        desk = Bench(venue or FakeVenue(), journal)
        if not start:
            yield desk
            return
        running = asyncio.create_task(desk.data.run())
        try:
            await asyncio.wait_for(desk.data.wait_usable(), 60)
            yield desk
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
