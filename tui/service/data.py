"""The data service: brings the stream and REST together into the store, for as long as it runs.

One bounded queue with one consumer takes events; one loop asks: a whole refresh every few seconds, at once after a
(re)connect or a doubt, slower when the venue's budget is short. Invariants: state changes in the consumer or when an
answer lands, all in one thread; a question that failed changes nothing; the loop never gives up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from msgspec import Struct

from tui.client.venue import Venue
from tui.journal.journal import Journal
from tui.journal.records import LeverageRequest
from tui.model.events import Event
from tui.model.order import EditRequest, OrderRequest
from tui.model.state import AlarmKind, LinkStatus
from tui.service.doubts import bound_ms, since_ms
from tui.service.duties import Duties
from tui.service.questions import Questions
from tui.service.recorder import Recorder
from tui.service.reduce import tick
from tui.service.store import Store

QUEUE = 10_000
DRAIN = 256
HISTORY_MS = 24 * 3_600_000
EXPLAIN_EVERY_MS = 60_000


class Pace(Struct, frozen=True):
    """How often things are asked, in seconds. ``refresh``: everything, when all is well; twice that under pressure.
    ``spacing``: least time between two refreshes. ``clock``: server time and leverage. ``answer``: how long one call
    may take. ``round``: longest wait between two rounds about what is unresolved.
    """

    refresh_s: float = 10.0
    spacing_s: float = 0.5
    tick_s: float = 1.0
    clock_s: float = 60.0
    answer_s: float = 10.0
    round_s: float = 5.0


class DataService:
    """``run`` until cancelled. ``journal`` may be None for a reader that never trades. ``recall_fills``: fills kept
    from earlier runs belong to this account.
    """

    def __init__(
        self,
        venue: Venue,
        store: Store,
        journal: Journal | None,
        *,
        pace: Pace | None = None,
        recall_fills: bool = True,
    ) -> None:
        self._venue = venue
        self._store = store
        self._pace = pace or Pace()
        self._recorder = Recorder(journal, store, recall_fills=recall_fills) if journal else None
        self._questions = Questions(venue, store, self._pace.answer_s)
        self._queue: asyncio.Queue[Event] = asyncio.Queue(QUEUE)
        self._usable = asyncio.Event()
        self._was_live = False
        self._failures = 0
        self._next_refresh_ms = 0
        self._next_clock_ms = 0
        self._next_round_ms = 0
        self._next_explain_ms = 0
        self._unexplained_ms: int | None = None
        self._rounds = 0
        store.read_budget_from(lambda: venue.budget, lambda: venue.endpoints)

    async def run(self) -> None:
        """Recall the journal, then contracts, stream, account. Ends by cancellation, or by an error nobody expected."""
        async with asyncio.TaskGroup() as group:
            if self._recorder is not None:
                await self._recorder.recall()
                group.create_task(self._recorder.run())
            group.create_task(self._consume())
            await self._keep_slow()
            group.create_task(self._venue.stream(self._queue.put))
            group.create_task(self._keep_fresh())

    @property
    def is_usable(self) -> bool:
        """Contracts are known, and all that the account has was asked for at least once."""
        return self._usable.is_set()

    async def wait_usable(self) -> None:
        """Until contracts are known and the first whole refresh has landed."""
        await self._usable.wait()

    async def watch(self, *, tickers: Iterable[str], depth: Iterable[str]) -> None:
        """Choose the contracts whose ticker, and whose book and tape, are followed."""
        symbols = tuple(depth)
        self._store.ledger.market.watch(symbols)
        self._store.announce()
        await self._venue.watch(tickers=tickers, depth=symbols)
        await asyncio.gather(*(self._questions.candles(symbol) for symbol in symbols))

    async def refresh(self) -> bool:
        """Ask orders, positions, account and fills. True if all were answered."""
        store, ask = self._store, self._questions
        asked_n = store.next_n()
        asked = [ask.orders(), ask.positions(), ask.account(), ask.fills()]
        if store.ledger.link.link.status is not LinkStatus.LIVE:
            asked.append(ask.tickers())
        whole = all(await asyncio.gather(*asked))
        self._failures = 0 if whole else self._failures + 1
        if whole:
            self._landed(asked_n)
        self._next_refresh_ms = store.clock() + self._period_ms()
        return whole

    # --- the stream ---------------------------------------------------------------------------------------------

    async def _consume(self) -> None:
        queue, store = self._queue, self._store
        while True:
            store.apply(await queue.get())
            for _ in range(min(queue.qsize(), DRAIN)):
                store.apply(queue.get_nowait())
            store.queue_depth = queue.qsize()
            await asyncio.sleep(0)

    # --- asking -------------------------------------------------------------------------------------------------

    async def _keep_fresh(self) -> None:
        while True:
            self._store.wished.clear()
            tick(self._store.ledger, self._store.clock())
            self._store.announce()
            refreshed = await self._perform(self._store.ledger.wishes.take())
            if refreshed or self._store.ledger.wishes.waiting:
                await asyncio.sleep(self._pace.spacing_s)  # a wish that could not be fulfilled must not spin
            await self._pause()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._pace.tick_s):
                await self._store.wished.wait()
        except TimeoutError:
            return

    async def _perform(self, duties: Duties) -> bool:
        """Do what is wished and what is due. True if that included a refresh."""
        store = self._store
        now_ms = store.clock()
        if self._must_wait(now_ms):
            store.ledger.wishes.add(duties)
            return False
        if now_ms >= self._next_clock_ms:
            await self._keep_slow()
        if duties.ask:
            await self._questions.statuses(order_ids=duties.ask)
        since_ms = duties.backfill_since_ms
        if since_ms is not None and not await self._questions.backfill(since_ms):
            store.ledger.wishes.backfill(since_ms)
        if duties.explain_since_ms is not None:
            known_ms = duties.explain_since_ms if self._unexplained_ms is None else self._unexplained_ms
            self._unexplained_ms = min(known_ms, duties.explain_since_ms)
        if self._unexplained_ms is not None and now_ms >= self._next_explain_ms:
            await self._explain(self._unexplained_ms)
        due = now_ms >= self._next_refresh_ms or (duties.refresh and not self._failures)
        if store.ledger.doubts and now_ms >= self._next_round_ms:
            await self._ask_round()
        elif due:
            await self.refresh()
        elif duties.fills:
            await self._questions.fills()
        return due

    async def _explain(self, since_ms: int) -> None:
        """Why orders ended that vanished unseen. The venue's budget for its history is small: at most once a minute."""
        since_ms = max(since_ms, self._store.venue_now() - HISTORY_MS)
        if await self._questions.ends(since_ms):
            self._unexplained_ms = None
        self._next_explain_ms = self._store.clock() + EXPLAIN_EVERY_MS

    async def _keep_slow(self) -> None:
        """What rarely changes: the venue's clock, contracts until they are known, leverage preferences; and candles,
        to mend what trades alone built.
        """
        ask = self._questions
        questions = [ask.clock(), ask.leverage()]
        if not self._store.ledger.instruments:
            questions.append(ask.instruments())
        questions += [ask.candles(symbol) for symbol in self._store.ledger.market.watched()]
        await asyncio.gather(*questions)
        wait_s = self._pace.clock_s if self._store.ledger.instruments else self._pace.tick_s
        self._next_clock_ms = self._store.clock() + int(wait_s * 1000)

    async def _ask_round(self) -> None:
        """One round about everything unresolved: status, open orders, fills; and once its time is over, history: of
        orders that ended, and of fills where the newest reach not far enough back. Only a round that was answered in
        full can show that something never happened.
        """
        store, ask = self._store, self._questions
        asked_ms = store.venue_now()
        intents = store.ledger.doubts.intents()
        store.ledger.doubts.asked()
        whole = await ask.statuses(
            order_ids=tuple(one.request.order_id for one in intents if isinstance(one.request, EditRequest)),
            client_order_ids=tuple(
                one.request.client_order_id for one in intents if isinstance(one.request, OrderRequest)
            ),
        )
        if any(isinstance(intent.request, LeverageRequest) for intent in intents):
            whole = await ask.leverage() and whole
        whole = await self.refresh() and whole
        skew_ms = store.ledger.clock_skew_ms or 0
        began_ms = min((since_ms(intent, skew_ms) for intent in intents), default=0)
        over = any(asked_ms > bound_ms(intent, skew_ms) for intent in intents)
        if whole and over and self._venue.capabilities.history:
            whole = await ask.ends(began_ms)
            if whole and not self._fills_reach(began_ms):
                whole = await ask.executions(began_ms)
        if whole:
            store.ledger.judge(store.clock(), asked_ms)
        self._rounds = self._rounds + 1 if store.ledger.doubts else 0
        wait_s = min(self._pace.round_s, 0.5 * 2 ** min(self._rounds, 10))
        self._next_round_ms = store.clock() + int(wait_s * 1000)
        store.announce()

    def _fills_reach(self, since_ms: int) -> bool:
        reach_ms = self._questions.fills_reach_ms
        return reach_ms is not None and reach_ms < since_ms

    def _landed(self, asked_n: int) -> None:
        ledger, now_ms = self._store.ledger, self._store.clock()
        if ledger.link.refreshed(asked_n, now_ms):
            if self._was_live:
                ledger.alarms.information(AlarmKind.LINK, "The stream is back, and state was compared", now_ms)
            self._was_live = ledger.urgent = True
        if ledger.instruments:
            self._usable.set()
        self._store.announce()

    def _period_ms(self) -> int:
        if self._failures:
            return int(min(self._pace.refresh_s, 2.0 ** min(self._failures - 1, 10)) * 1000)
        budget = self._venue.budget
        pressed = budget.available * 5 < budget.total
        return int(self._pace.refresh_s * (2 if pressed else 1) * 1000)

    def _must_wait(self, now_ms: int) -> bool:
        until_ms = self._venue.budget.wait_until_ms
        return until_ms is not None and now_ms < until_ms
