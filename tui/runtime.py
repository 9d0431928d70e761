"""One account opened: credentials, venue, journal and service as one async context. Knows nothing of Textual.

The same runtime carries the desk and the headless commands. Invariant: whatever runs in the background runs in one
task group; if a part of it dies, the context ends with that error and nothing fails in silence.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

from msgspec.structs import replace

from tui.client.derivatives.clock import Clock, LocalTime
from tui.client.derivatives.recorder import Recorder
from tui.client.derivatives.venue import DerivativesVenue
from tui.client.venue import Venue
from tui.journal.journal import Journal
from tui.journal.records import Entry
from tui.model.draft import Assessment, EditAssessment, LeverageAssessment, OrderDraft
from tui.model.enums import Side
from tui.model.errors import DeskError, Unreachable
from tui.model.limits import Limits
from tui.model.order import (
    Accepted,
    CancelAllResult,
    CancelRequest,
    EditRequest,
    Order,
    OrderRequest,
    Outcome,
    Refused,
    Unknown,
)
from tui.model.program import Program, Scale
from tui.model.state import AlarmKind, State
from tui.model.view import Risk
from tui.paper import PaperExchange
from tui.service import acted, amend, answers, ticket
from tui.service.data import DataService, Pace
from tui.service.programs.runner import Programs
from tui.service.risk import appraise, risk
from tui.service.store import Store
from tui.service.trading import Trading
from tui.settings import Settings
from tui.target import Target

log = logging.getLogger(__name__)

TAIL = 12
PATIENCE_S = 5.0
FOLLOW_S = 1.0
USABLE_S = 15.0

T = TypeVar("T")

_local_ns = LocalTime()


def wall_ms() -> int:
    """Local time, epoch milliseconds, free of jumps. The only clock that the service is given."""
    return _local_ns() // 1_000_000


class Runtime:
    """What the screens' port asks for, over store, trading and the pure judges of the service. ``recorder`` is told
    of every act before it is done.
    """

    def __init__(
        self,
        store: Store,
        trading: Trading,
        data: DataService,
        *,
        venue: Venue,
        journal: Journal,
        limits: Limits,
        recorder: Recorder | None = None,
        keeps_programs: bool = False,
    ) -> None:
        self.store = store
        self.trading = trading
        self.data = data
        self.now_ms = store.clock
        self.programs = Programs(store, journal, self, self._allow, lambda: data.is_usable)
        self._keeps_programs = keeps_programs
        self._recorder = recorder
        self._venue = venue
        self._journal = journal
        self._limits = limits
        self._wanted: asyncio.Queue[str | None] = asyncio.Queue(maxsize=1)
        self._acted = asyncio.Event()
        self._tail: tuple[str, ...] = ()
        self._raw: State | None = None
        self._seen: State | None = None

    # --- reading ------------------------------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The state for the eye: positions and pools at the latest marks. The same object until something changes."""
        raw = self.store.state
        if self._seen is None or raw is not self._raw:
            self._raw, self._seen = raw, appraise(raw)
        return self._seen

    def risk(self, state: State) -> Risk:
        return risk(state)

    def journal_tail(self) -> tuple[str, ...]:
        return self._tail

    def subscribe(self, callback: Callable[[bool], None]) -> Callable[[], None]:
        return self.store.subscribe(callback)

    def watch(self, symbol: str | None) -> None:
        """Follow every contract's ticker, and book and tape of one contract (None: of none)."""
        self._note(acted.Watched(symbol))
        if self._wanted.full():
            self._wanted.get_nowait()
        self._wanted.put_nowait(symbol)

    # --- judging ------------------------------------------------------------------------------------------------

    def new_client_order_id(self) -> str:
        return self.trading.new_client_order_id()

    def join_draft(self, symbol: str, side: Side, clip: Decimal, better_ticks: int = 0) -> OrderDraft:
        return ticket.join_draft(self.store.state, symbol, side, clip, better_ticks)

    def assess(self, draft: OrderDraft) -> Assessment:
        return ticket.assess(self.store.state, draft, self._limits, self.now_ms(), self.new_client_order_id)

    def assess_flatten(self, symbol: str) -> Assessment:
        return ticket.assess_flatten(self.store.state, symbol, self._limits, self.now_ms(), self.new_client_order_id)

    def assess_reverse(self, symbol: str) -> Assessment:
        return ticket.assess_reverse(self.store.state, symbol, self._limits, self.now_ms(), self.new_client_order_id)

    def assess_edit(self, order: Order, size: str, limit_price: str, stop_price: str) -> EditAssessment:
        return amend.assess_edit(
            self.store.state, order, size, limit_price, stop_price, limits=self._limits, now_ms=self.now_ms()
        )

    def assess_leverage(self, symbol: str, max_leverage: Decimal | None) -> LeverageAssessment:
        return amend.assess_leverage(self.store.state, symbol, max_leverage)

    # --- acting -------------------------------------------------------------------------------------------------

    async def submit(self, request: OrderRequest, *, accept_doubts: bool = False) -> Outcome:
        self._note(acted.Submitted(request, accept_doubts))
        return self._noted(await self.trading.submit(request, accept_doubts=accept_doubts))

    async def submit_batch(
        self, requests: tuple[OrderRequest, ...], *, accept_doubts: bool = False
    ) -> tuple[Outcome, ...]:
        self._note(acted.SubmittedBatch(requests, accept_doubts))
        return self._noted(await self.trading.submit_batch(requests, accept_doubts=accept_doubts))

    async def run_program(self, program: Program, *, accept_doubts: bool = False) -> Outcome:
        """Send what a program begins with, and look after it from here on."""
        if isinstance(program, Scale):
            return together(await self.submit_batch(program.orders, accept_doubts=accept_doubts))
        return await self.programs.start(program, accept_doubts=accept_doubts)

    async def edit(self, request: EditRequest, *, accept_doubts: bool = False) -> Outcome:
        self._note(acted.Edited(request, accept_doubts))
        return self._noted(await self.trading.edit(request, accept_doubts=accept_doubts))

    async def cancel(self, request: CancelRequest) -> Outcome:
        self._note(acted.Cancelled(request))
        return self._noted(await self.trading.cancel(request))

    async def cancel_all(self, symbol: str | None = None) -> CancelAllResult | Refused | Unknown:
        self._note(acted.CancelledAll(symbol))
        return self._noted(await self.trading.cancel_all(symbol))

    async def flatten(self, symbol: str) -> Outcome:
        self._note(acted.Flattened(symbol))
        return self._noted(await self.trading.flatten(symbol, accept_doubts=True))

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> Refused | Unknown | None:
        self._note(acted.LeverageSet(symbol, max_leverage))
        return self._noted(await self.trading.set_leverage(symbol, max_leverage))

    async def arm_dead_man(self, timeout_s: int, *, keep: bool = True) -> Refused | Unknown | None:
        self._note(acted.DeadManArmed(timeout_s, keep))
        return self._noted(await self.trading.arm_dead_man(timeout_s, keep=keep))

    async def knock(self) -> None:
        """Ask for the account once, so that a refused key or a dead address is an error now. Raises ``DeskError``."""
        await self._venue.account()

    async def usable(self) -> None:
        """Wait until the account is known. A refused key or an address where nobody answers is said at once, as a
        ``DeskError``.
        """
        await self.knock()
        try:
            async with asyncio.timeout(USABLE_S):
                await self.data.wait_usable()
        except TimeoutError:
            reason = next((one.error for one in self.state.health.endpoints if one.error), "no answer")
            raise Unreachable(
                f"The account could not be read within {USABLE_S:g} s: {reason}", "kftui check says which step fails"
            ) from None

    # --- in the background --------------------------------------------------------------------------------------

    async def run(self, paper: PaperExchange | None) -> None:
        """Everything that goes on while the account is open. Ends by cancellation, or by an error nobody expected."""
        async with asyncio.TaskGroup() as group:
            if paper is not None:
                group.create_task(paper.keep())
                await paper.started.wait()
            group.create_task(self.data.run())
            group.create_task(self._follow())
            group.create_task(self._learn_permissions())
            group.create_task(self._keep_tail())
            group.create_task(self.trading.keep_dead_man())
            if self._keeps_programs:
                group.create_task(self.programs.run())
            if self._recorder is not None:
                group.create_task(self._keep_recording(self._recorder))

    def _allow(self, request: OrderRequest) -> Refused | None:
        """The trader's limits, for an order of a program."""
        errors = ticket.assess_request(self.store.state, request, self._limits, self.now_ms()).errors
        if not errors:
            return None
        refusal = Refused("not allowed", "; ".join(error.message for error in errors), by_desk=True)
        answers.complain(self.store.ledger, refusal, self.now_ms())
        self.store.announce()
        return refusal

    def _note(self, act: acted.Act) -> None:
        if self._recorder is not None:
            self._recorder.note(acted.NOTE, acted.to_text(act))

    def _noted(self, outcome: T) -> T:
        self._acted.set()
        return outcome

    async def _follow(self) -> None:
        """Serve ``watch``. Contracts become known and positions change, so what to follow is looked at again now and
        then; the feeds are told only of changes.
        """
        symbol, followed = await self._wanted.get(), None
        while True:
            depth = _depth(symbol, self.store.state)
            wanted = (frozenset((*self.store.ledger.instruments, *depth)), depth)
            if wanted != followed:
                await self.data.watch(tickers=wanted[0], depth=depth)
                followed = wanted
            with suppress(TimeoutError):
                symbol = await asyncio.wait_for(self._wanted.get(), FOLLOW_S)

    async def _learn_permissions(self) -> None:
        """What the key may do decides whether this desk can send at all. Asked until the venue has answered."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    told = await self._venue.check_key()
            except (DeskError, TimeoutError) as error:
                log.info("key permissions are not known yet: %s", error)
                await asyncio.sleep(PATIENCE_S)
                continue
            self.store.permissions = f"{told.general}, withdrawals {told.transfer}"
            if told.general != "full":
                self.store.forbid_trading("this key may read, not trade")
            return

    async def _keep_recording(self, recorder: Recorder) -> None:
        """A recording that cannot go on is told; the desk does not need it."""
        reason = await recorder.keep()
        self.store.ledger.alarms.warning(AlarmKind.NOTICE, f"The recording has ended, {reason}", self.now_ms())
        self.store.announce()

    async def _keep_tail(self) -> None:
        """The journal's last lines, read again after each act."""
        while True:
            entries = await self._journal.entries(TAIL)
            self._tail = tuple(entry_line(entry) for entry in reversed(entries))
            self.store.announce()
            await self._acted.wait()
            self._acted.clear()


@asynccontextmanager
async def open_runtime(
    target: Target,
    settings: Settings,
    *,
    paper: PaperExchange | None = None,
    recorder: Recorder | None = None,
    keeps_programs: bool = False,
) -> AsyncIterator[Runtime]:
    """Open the account and keep it running inside the context. ``keeps_programs``: go on with the brackets and other
    programs of the journal; one program on a journal may do so. Raises ``DeskError``, bare, for what can be said in
    words: a journal that cannot be used, an exchange that does not start.
    """
    clock = Clock(wall_ns=_local_ns)
    async with (
        Journal(target.journal, target.identity) as journal,
        DerivativesVenue(target.where, target.credentials, clock=clock, recorder=recorder) as venue,
    ):
        began = acted.Began(refresh_s=float(settings.desk.refresh_s), lasting=target.lasting)
        if recorder is not None:
            recorder.note(acted.NOTE, acted.to_text(await _recalled(began, journal)))
        store = Store(
            target.where.environment,
            target.where.base,
            clock=wall_ms,
            profile=target.profile,
            keys_from=target.keys_from,
        )
        trading = Trading(venue, store, journal)
        account = account_of(
            began,
            store,
            trading,
            venue,
            journal,
            limits=settings.limits,
            recorder=recorder,
            keeps_programs=keeps_programs,
        )
        async with running(account, paper) as runtime:
            yield runtime


def account_of(
    began: acted.Began,
    store: Store,
    trading: Trading,
    venue: Venue,
    journal: Journal,
    *,
    limits: Limits,
    recorder: Recorder | None = None,
    keeps_programs: bool = False,
    service: Callable[..., DataService] = DataService,
) -> Runtime:
    """The parts put together; nothing runs yet."""
    data = service(venue, store, journal, pace=Pace(refresh_s=began.refresh_s), recall_fills=began.lasting)
    return Runtime(
        store,
        trading,
        data,
        venue=venue,
        journal=journal,
        limits=limits,
        recorder=recorder,
        keeps_programs=keeps_programs,
    )


@asynccontextmanager
async def running(runtime: Runtime, paper: PaperExchange | None = None) -> AsyncIterator[Runtime]:
    """Inside the context everything in the background runs. Raises ``DeskError``, bare, if that is what ended it."""
    try:
        async with asyncio.TaskGroup() as group:
            background = group.create_task(runtime.run(paper))
            yield runtime
            background.cancel()
    except BaseExceptionGroup as failed:
        raise _plainest(failed) from failed


async def _recalled(began: acted.Began, journal: Journal) -> acted.Began:
    """What the journal knows from earlier runs, for the recording."""
    pending = tuple(acted.OpenAct.of(entry.intent) for entry in await journal.pending())
    return replace(began, pending=pending, fills=await journal.fills() if began.lasting else ())


def _depth(symbol: str | None, state: State) -> tuple[str, ...]:
    """The contract in hand and one more that money is in: those whose book, tape and chart can be on the screen."""
    if symbol is None:
        return ()
    held = [position.symbol for position in state.positions] + [order.symbol for order in state.orders]
    return (symbol, *[one for one in held if one != symbol][:1])


def together(outcomes: tuple[Outcome, ...]) -> Outcome:
    """What came of orders that were sent in one call, as one answer: unknown if any is, refused if all were."""
    refused = [one for one in outcomes if isinstance(one, Refused)]
    for one in outcomes:
        if isinstance(one, Unknown):
            return one
    if len(refused) == len(outcomes):
        return refused[0]
    filled = sum((one.filled for one in outcomes if isinstance(one, Accepted)), Decimal(0))
    why = f", {len(refused)} refused: {refused[0].explanation}" if refused else ""
    return Accepted(f"{len(outcomes) - len(refused)} of {len(outcomes)} placed{why}", None, None, filled, resting=True)


def entry_line(entry: Entry) -> str:
    """One act and what came of it, for people."""
    verdict = entry.verdict.replace("_", " ") if entry.verdict else "no answer yet"
    words = ": ".join(part for part in (verdict, entry.text or entry.status) if part)
    at = datetime.fromtimestamp(entry.intent.at_ms / 1000, UTC)
    return f"{at:%Y-%m-%d %H:%M:%S}  {entry.intent.what}  {words}"


def _plainest(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error inside a group that can be said in words, or the group itself."""
    told = failed.subgroup(DeskError)
    inner: BaseException = told if told is not None else failed
    while isinstance(inner, BaseExceptionGroup) and len(inner.exceptions) == 1:
        inner = inner.exceptions[0]
    return inner
