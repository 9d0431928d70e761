"""Keeps the programs: shows each the present moment, writes down what it decided, and then does it.

Invariants: a program is on disk before anything of it is sent, and again before anything new is; every act goes the
trader's own road with its limits, doubts and journal; while an act on an order is on its way the program sees that
order as busy. After a crash the journal's programs go on where they were.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Protocol

from msgspec.structs import replace

from tui.journal.journal import Journal
from tui.model.decimals import ZERO
from tui.model.enums import Side
from tui.model.errors import JournalError
from tui.model.fill import Fill
from tui.model.order import Accepted, CancelRequest, EditRequest, OrderRequest, Outcome, Refused
from tui.model.program import Chase, ChaseProgress, Kept, Linked, LinkedProgress, Progress, Standing, begin
from tui.model.state import AlarmKind, LinkStatus
from tui.service.programs import chase, linked
from tui.service.programs.lines import line
from tui.service.programs.sight import Known, Scene, sight_of
from tui.service.programs.steps import Place, Pull, Resize, Say, Step
from tui.service.programs.turnstile import only_keeper
from tui.service.store import Store

TICK_S = 0.5
ADOPT_S = 2.0
YOUNG_MS = 15_000
APART_S = 0.02  # changes closer together than this are one
MOST = 50


class Desk(Protocol):
    """The road that a program's acts go: the runtime's own."""

    async def submit(self, request: OrderRequest, *, accept_doubts: bool = False) -> Outcome: ...
    async def edit(self, request: EditRequest, *, accept_doubts: bool = False) -> Outcome: ...
    async def cancel(self, request: CancelRequest) -> Outcome: ...


Allow = Callable[[OrderRequest], Refused | None]


class Programs:
    """``allow`` judges an order by the trader's limits just before it is sent; None lets it go. ``compared`` says
    whether all open orders have been asked for in this run.
    """

    def __init__(self, store: Store, journal: Journal, desk: Desk, allow: Allow, compared: Callable[[], bool]) -> None:
        self._store = store
        self._journal = journal
        self._desk = desk
        self._allow = allow
        self._compared = compared
        self._kept: dict[str, Kept] = {}
        self._taken: set[str] = set()
        self._busy: set[str] = set()
        self._own: set[str] = set()
        self._look_ms = 0
        self._refused: list[tuple[str, int]] = []
        self._fills: tuple[Fill, ...] = ()
        self._sums: dict[str, Decimal] = {}
        self._new = asyncio.Event()
        self._decided = asyncio.Event()
        self._is_keeper = False

    async def start(self, plan: Standing, *, accept_doubts: bool = False) -> Outcome:
        """Write the program down, and send what it begins with. The outcome is that order's; an OCO, which begins
        with two, answers that it was taken over.
        """
        first = plan.entry if isinstance(plan, Linked) else plan.order
        if (denied := self._full()) is not None:
            return denied
        kept = Kept(plan, begin(plan), self._store.clock())
        name = first.client_order_id if first is not None else ""
        self._own.add(plan.id)
        self._busy.add(name)
        try:
            if (error := await self._write(kept)) is not None:
                return Refused("journal", error.what, error.advice, by_desk=True)
            self._put(kept)
            self._new.set()
            if first is None:
                return Accepted("taken over by the desk", None, None)
            return await self._desk.submit(first, accept_doubts=accept_doubts)
        finally:
            self._busy.discard(name)
            self._store.changed.set()

    async def run(self) -> None:
        """Go on with the journal's programs, until cancelled; while another program on this machine does so, only show
        them. Raises ``JournalError`` if they cannot be read.
        """
        while True:
            with only_keeper(self._journal.path) as self._is_keeper:
                self._decided.set()
                if self._is_keeper:
                    await self._keep()
            self._kept = {kept.plan.id: kept for kept in await self._journal.programs()}
            self._show()
            await asyncio.sleep(ADOPT_S)

    async def over(self, plan: Standing) -> bool:
        """Wait until a program is over: True. False at once if another program on this machine looks after it."""
        await self._decided.wait()
        while self._is_keeper and plan.id in self._kept:  # noqa: ASYNC110 - programs end seldom, and few wait for it
            await asyncio.sleep(TICK_S)
        return self._is_keeper

    async def _keep(self) -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                self._store.changed.clear()
                await self._adopt()
                await self._turn(group)
                await asyncio.sleep(APART_S)
                await self._pause()

    async def _adopt(self) -> None:
        """Take over what stands in the journal: from an earlier run, or started by another program meanwhile."""
        now_ms = self._store.clock()
        if now_ms < self._look_ms:
            return
        self._look_ms = now_ms + int(ADOPT_S * 1000)
        found = [kept for kept in await self._journal.programs() if kept.plan.id not in self._kept]
        if found:
            self._kept |= {kept.plan.id: kept for kept in found}
            self._taken |= await self._journal.accepted(self._names())
            self._show()

    async def _turn(self, group: asyncio.TaskGroup) -> None:
        refused, self._refused = self._refused, []
        pools = {(one.symbol, one.closing_side): one.size for one in self._store.ledger.positions.view()}
        for kept in tuple(self._kept.values()):
            scene = self._scene(kept, pools)
            progress, steps = _advanced(kept.plan, self._told(kept, refused), scene)
            _claim(kept.plan, progress, pools)
            now = replace(kept, progress=progress)
            if progress != kept.progress:
                if await self._write(now) is not None:
                    continue
                self._put(now)
            for step in steps:
                self._do(now.plan, step, group)

    def _told(self, kept: Kept, refused: list[tuple[str, int]]) -> Progress:
        """The progress, with the acts that were refused since the last turn."""
        progress = kept.progress
        for leg in (leg for id_, leg in refused if id_ == kept.plan.id):
            now_ms = self._store.clock()
            if isinstance(progress, ChaseProgress):
                progress = chase.refused(progress, now_ms)
            else:
                progress = linked.refused(progress, leg, now_ms)
        return progress

    async def _pause(self) -> None:
        """Until something changed, or a wait may be over; without programs nothing but a new one matters."""
        self._new.clear()
        event = self._store.changed if self._kept else self._new
        try:
            async with asyncio.timeout(TICK_S if self._kept else ADOPT_S):
                await event.wait()
        except TimeoutError:
            return

    # --- doing ----------------------------------------------------------------------------------------------------

    def _do(self, plan: Standing, step: Step, group: asyncio.TaskGroup) -> None:
        if isinstance(step, Say):
            alarms, now_ms = self._store.ledger.alarms, self._store.clock()
            (alarms.error if step.is_bad else alarms.information)(AlarmKind.NOTICE, step.text, now_ms)
            self._store.ledger.urgent = True
            self._store.announce()
            return
        name = step.request.client_order_id if isinstance(step, Place) else step.client_order_id
        self._busy.add(name)
        group.create_task(self._act(plan, step, name))

    async def _act(self, plan: Standing, step: Place | Resize | Pull, name: str) -> None:
        try:
            outcome = await self._outcome(step)
        finally:
            self._busy.discard(name)
            self._store.changed.set()
        if isinstance(outcome, Refused) and not isinstance(step, Place):
            self._refused.append((plan.id, step.leg))

    async def _outcome(self, step: Place | Resize | Pull) -> Outcome:
        match step:
            case Place(request=request):
                denied = self._allow(request)
                return denied if denied is not None else await self._desk.submit(request)
            case Resize(request=request):
                return await self._desk.edit(request)
            case Pull(request=request):
                return await self._desk.cancel(request)

    # --- knowing --------------------------------------------------------------------------------------------------

    def _scene(self, kept: Kept, pools: dict[tuple[str, Side], Decimal]) -> Scene:
        ledger, plan = self._store.ledger, kept.plan
        names = _names_of(kept)
        compared = self._compared()
        young = plan.id not in self._own and self._store.clock() - kept.at_ms < YOUNG_MS
        known = Known(self._busy, self._taken, self._executed(), compared, young)
        sights = {name: sight_of(ledger, name, known) for name in names}
        self._taken.update(name for name in names if ledger.orders.by_client(name) is not None)
        closable = pools.get((plan.symbol, plan.side), ZERO) if isinstance(plan, Linked) else ZERO
        return Scene(
            now_ms=self._store.clock(),
            orders=sights,
            live=compared and ledger.link.link.status is LinkStatus.LIVE,
            doubtful=bool(ledger.doubts.touching(plan.symbol)),
            closable=closable,
            touch=self._touch(plan),
        )

    def _executed(self) -> Mapping[str, Decimal]:
        """Sizes of fills by client id, counted again only when there is a new one."""
        fills = self._store.ledger.fills.view()
        if fills is not self._fills:
            self._fills, self._sums = fills, {}
            for fill in fills:
                if fill.client_order_id:
                    self._sums[fill.client_order_id] = self._sums.get(fill.client_order_id, ZERO) + fill.size
        return self._sums

    def _touch(self, plan: Standing) -> dict[Side, Decimal]:
        if not isinstance(plan, Chase):
            return {}
        market = self._store.ledger.market
        book, ticker = market.books().get(plan.symbol), market.tickers().get(plan.symbol)
        found = {side: book.best(side) for side in Side} if book is not None else {}
        if ticker is not None and not any(found.values()):
            found = {Side.BUY: ticker.bid, Side.SELL: ticker.ask}
        return {side: price for side, price in found.items() if price is not None}

    def _names(self) -> Iterator[str]:
        return (name for kept in self._kept.values() for name in _names_of(kept))

    def _full(self) -> Refused | None:
        if len(self._kept) < MOST:
            return None
        text = f"The desk looks after {MOST} programs already"
        return Refused("too many programs", text, "Nothing was sent", by_desk=True)

    # --- keeping --------------------------------------------------------------------------------------------------

    async def _write(self, kept: Kept) -> JournalError | None:
        """What cannot be written is not done."""
        try:
            await self._journal.keep_program(kept)
        except JournalError as error:
            self._store.ledger.alarms.error(AlarmKind.NOTICE, str(error), self._store.clock())
            self._store.announce()
            return error
        return None

    def _put(self, kept: Kept) -> None:
        if kept.progress.ended:
            self._kept.pop(kept.plan.id, None)
        else:
            self._kept[kept.plan.id] = kept
        self._show()

    def _show(self) -> None:
        ledger = self._store.ledger
        ledger.programs = tuple(line(one, ledger.instruments.get(one.plan.symbol)) for one in self._kept.values())
        self._store.announce()


def _names_of(kept: Kept) -> tuple[str, ...]:
    match kept.plan, kept.progress:
        case Linked() as plan, LinkedProgress() as progress:
            return linked.watched(plan, progress)
        case Chase() as plan, _:
            return (plan.order.client_order_id,)
        case _:
            return ()


def _advanced(plan: Standing, progress: Progress, scene: Scene) -> tuple[Progress, tuple[Step, ...]]:
    match plan, progress:
        case Linked(), LinkedProgress():
            return linked.advance(plan, progress, scene)
        case Chase(), ChaseProgress():
            return chase.advance(plan, progress, scene)
        case _:
            raise TypeError("a program of one kind with the progress of another")


def _claim(plan: Standing, progress: Progress, pools: dict[tuple[str, Side], Decimal]) -> None:
    """What an older program closes is not there for a newer one."""
    if isinstance(plan, Linked) and isinstance(progress, LinkedProgress) and plan.reduces:
        key = plan.symbol, plan.side
        if key in pools:
            pools[key] = max(pools[key] - linked.open_size(plan, progress), ZERO)
