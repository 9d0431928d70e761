"""Moves a whole desk through a recording: runtime, service, client and journal as they are, on the recording's clock.

The recording says what the venue said and what the trader did; everything else the desk does itself, as it did then.
Invariant: between two rows the desk comes to rest, so that what it makes of them does not depend on how fast they are
played.
"""

from __future__ import annotations

import asyncio
import random
from base64 import b64encode
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self
from uuid import uuid4

import msgspec

from tui.client.credentials import credentials
from tui.client.derivatives.clock import Clock
from tui.client.derivatives.urls import VenueUrl
from tui.client.derivatives.venue import DerivativesVenue
from tui.journal.journal import Journal
from tui.model.enums import Environment
from tui.model.errors import DeskError
from tui.model.limits import Limits
from tui.replay.data import ReplayData
from tui.replay.index import Index, key_of
from tui.replay.loop import InlineExecutor, ReplayLoop
from tui.replay.wire import PlayedRoad, PlayedStream
from tui.runtime import Runtime, account_of, running
from tui.service import acted
from tui.service.store import Store
from tui.service.trading import Trading
from tui.wire.derivatives.routes import OPEN_ORDERS
from tui.wire.recording import Answered, Failed, Note, Recording, Row, Slept

MOMENT_S: Final = 1e-6
"""A timer so far ahead fires when everything else at this time has been done."""
_WITHIN_MS_S: Final = 1e-5
_REFRESH: Final = key_of(OPEN_ORDERS.method, OPEN_ORDERS.path, "", None)
_KEYS: Final = credentials("replay", b64encode(bytes(64)).decode())


class Player:
    """Use as a context; ``runtime`` is there from the start. Raises ``DeskError`` if the desk itself breaks."""

    def __init__(self, recording: Recording) -> None:
        self.index = Index(recording)
        self.runtime: Runtime
        self._recording = recording
        self._loop = ReplayLoop()
        self._road = PlayedRoad(self.index, self.now_ms)
        self._stream = PlayedStream()
        self._rows = 0
        self._slept_ms = 0
        self._acts: set[asyncio.Task[object]] = set()
        self._main: asyncio.Task[None] | None = None
        self._folder = TemporaryDirectory(prefix="kftui-replay-")

    def __enter__(self) -> Self:
        self._main = self._loop.create_task(self._live())
        self._advance(0)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.end()
        self._folder.cleanup()

    def now_ms(self) -> int:
        """The recording's time, epoch milliseconds."""
        return self._now_ns() // 1_000_000

    @property
    def position_ms(self) -> int:
        return min(self.now_ms() - self.index.first_ms, self.index.length_ms)

    @property
    def ending(self) -> str:
        """How the recording ended, once the end is reached; empty before."""
        return self.index.ending if self.position_ms >= self.index.length_ms else ""

    def play_to(self, position_ms: int, go_on: Callable[[], bool] = lambda: True) -> None:
        """Go on to a position, at most to the end; ``go_on`` may stop it at any time between two moments."""
        self._advance(min(position_ms, self.index.length_ms), go_on)

    def step(self) -> None:
        """Play one row."""
        before = self._rows
        self._advance(self.index.length_ms, lambda: self._rows == before)

    # --- the past -----------------------------------------------------------------------------------------------

    def _advance(self, position_ms: int, go_on: Callable[[], bool] = lambda: True) -> None:
        self._loop.advance(lambda: self._timers_at(position_ms) + _WITHIN_MS_S, go_on)
        if self._main is not None and self._main.done():
            self._main.result()

    def _timers_at(self, position_ms: int) -> float:
        """What the timers show at a position, just within its millisecond: they stand still while a machine sleeps."""
        return (position_ms - self._slept_ms) / 1000 + _WITHIN_MS_S

    def _now_ns(self) -> int:
        return (self.index.first_ms + self._slept_ms) * 1_000_000 + int(self._loop.time() * 1e9)

    async def _live(self) -> None:
        header = self._recording.header
        where = VenueUrl(header.venue, "", Environment.REPLAY)
        clock = Clock(wall_ns=self._now_ns, steady_ms=lambda: int(self._loop.time() * 1000))
        rows = self._recording.rows()
        began, first = _beginning(rows)
        async with AsyncExitStack() as stack:
            journal = await stack.enter_async_context(
                Journal(Path(self._folder.name) / "journal.sqlite3", "replay", InlineExecutor())
            )
            await _remember(journal, began)
            venue = await stack.enter_async_context(
                DerivativesVenue(
                    where,
                    _KEYS,
                    clock=clock,
                    rng=_Eager(),
                    transport=self._road,
                    dial=self._stream.dial,
                )
            )
            store = Store(where.environment, where.base, clock=self.now_ms)
            trading = Trading(venue, store, journal, new_id=self._new_id)
            self.runtime = account_of(
                began,
                store,
                trading,
                venue,
                journal,
                limits=Limits(),
                service=partial(ReplayData, asked_in_ms=self._refresh_in_ms),
            )
            await stack.enter_async_context(running(self.runtime))
            for row in chain(first, rows):
                await self._play(row)
            await asyncio.Event().wait()

    async def _play(self, row: Row) -> None:
        asleep_ms = row.stood_ms + row.leapt_ms if isinstance(row, Slept) else 0
        wait_s = self._timers_at(row.at_ms - self.index.first_ms - asleep_ms) - self._loop.time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        self._rows += 1
        match row:
            case Slept():
                self._slept_ms += row.stood_ms
                self._loop.leap(row.leapt_ms / 1000)
            case Answered() | Failed():
                self._road.play(row)
            case Note(name=acted.NOTE):
                self._again(row.text)
            case _:
                self._stream.play(row)
        await asyncio.sleep(MOMENT_S)

    def _again(self, text: str) -> None:
        """What the trader did, done again: the desk sends into the recording."""
        act = _read_act(text)
        if isinstance(act, acted.Began):
            return
        if isinstance(act, acted.Watched):
            self.runtime.watch(act.symbol)
            return
        task = self._loop.create_task(_done_again(act, self.runtime))
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)

    def _refresh_in_ms(self) -> int | None:
        now_ms = self.now_ms()
        recorded = self.index.next(_REFRESH, now_ms)
        return None if recorded is None else max(0, recorded.asked_ms - now_ms)

    def _new_id(self) -> str:
        return self.index.next_client_order_id(self.now_ms()) or str(uuid4())


def _read_act(text: str) -> acted.Act:
    try:
        return acted.from_text(text)
    except msgspec.MsgspecError as error:
        raise DeskError(f"The recording holds an act that cannot be read: {error}") from None


def _done_again(act: acted.Act, runtime: Runtime) -> Coroutine[Any, Any, object]:
    match act:
        case acted.Began() | acted.Watched():
            raise ValueError("nothing that is waited for")
        case acted.Submitted(request, accept_doubts):
            return runtime.submit(request, accept_doubts=accept_doubts)
        case acted.SubmittedBatch(requests, accept_doubts):
            return runtime.submit_batch(requests, accept_doubts=accept_doubts)
        case acted.Edited(request, accept_doubts):
            return runtime.edit(request, accept_doubts=accept_doubts)
        case acted.Cancelled(request):
            return runtime.cancel(request)
        case acted.CancelledAll(symbol):
            return runtime.cancel_all(symbol)
        case acted.Flattened(symbol):
            return runtime.flatten(symbol)
        case acted.LeverageSet(symbol, max_leverage):
            return runtime.set_leverage(symbol, max_leverage)
        case acted.DeadManArmed(timeout_s, keep):
            return runtime.arm_dead_man(timeout_s, keep=keep)


def _beginning(rows: Iterator[Row]) -> tuple[acted.Began, tuple[Row, ...]]:
    """What the desk knew at first, and the rows that were read to find it."""
    first = next(rows, None)
    if isinstance(first, Note) and first.name == acted.NOTE:
        act = _read_act(first.text)
        if isinstance(act, acted.Began):
            return act, ()
    return acted.Began(refresh_s=10.0, lasting=False), () if first is None else (first,)


async def _remember(journal: Journal, began: acted.Began) -> None:
    for one in began.pending:
        await journal.intent(one.kind, one.symbol, one.what, one.asked(), one.at_ms)
    await journal.add_fills(began.fills)


class _Eager(random.Random):
    """Waits as short as they can be: whatever is done again is done no later than the recording did it, and the
    recording's answer is waited for.
    """

    def uniform(self, a: float, b: float) -> float:
        return min(a, b)
