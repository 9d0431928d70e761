"""The questions the service asks over REST, each with a timeout, each answer taken by the rules of ``reconcile``.

A question that fails returns False and proves nothing: no list is ever taken as empty because it did not come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

from tui.client.venue import Answer, Venue
from tui.model.errors import DeskError, NotFound
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.state import AlarmKind, Slice
from tui.model.ticker import Ticker
from tui.service.backfill import backfill
from tui.service.reconcile import (
    take_account,
    take_ends,
    take_fills,
    take_older_fills,
    take_orders,
    take_positions,
    take_statuses,
)
from tui.service.store import Store

FILLS_PAGE = 100
CHART_MS = 6 * 3_600_000
CHART_RESOLUTION = "1m"

T = TypeVar("T")


class Questions:
    """``answer_s``: how long one call may take. ``fills_reach_ms``: venue time back to which the last fills answer
    was complete; None before the first.
    """

    def __init__(self, venue: Venue, store: Store, answer_s: float) -> None:
        self.fills_reach_ms: int | None = None
        self._venue = venue
        self._store = store
        self._answer_s = answer_s
        self._complained: set[str] = set()

    async def orders(self) -> bool:
        store = self._store
        return await self._ask(
            "open orders",
            self._venue.open_orders,
            lambda answer, sent_n: take_orders(store.ledger, answer.value, sent_n, store.clock()),
        )

    async def positions(self) -> bool:
        store = self._store
        return await self._ask(
            "positions",
            self._venue.positions,
            lambda answer, sent_n: take_positions(store.ledger, answer.value, answer.server_ms, sent_n, store.clock()),
        )

    async def account(self) -> bool:
        store = self._store
        return await self._ask(
            "the account",
            self._venue.account,
            lambda answer, sent_n: take_account(store.ledger, answer.value, answer.server_ms, sent_n, store.clock()),
        )

    async def fills(self) -> bool:
        return await self._ask("fills", self._venue.fills, lambda answer, _: self._take_page(answer.value))

    async def statuses(self, *, order_ids: tuple[str, ...] = (), client_order_ids: tuple[str, ...] = ()) -> bool:
        """What became of single orders."""
        if not self._venue.capabilities.order_status or not (order_ids or client_order_ids):
            return True
        store = self._store
        return await self._ask(
            "order status",
            lambda: self._venue.order_status(order_ids=order_ids, client_order_ids=client_order_ids),
            lambda reports, sent_n: take_statuses(store.ledger, reports, sent_n, store.next_n(), store.clock()),
        )

    async def executions(self, since_ms: int) -> bool:
        """Our fills since a venue time, from the venue's history."""
        return await self._ask("history", lambda: self._venue.executions(since_ms), lambda fills, _: self._take(fills))

    async def ends(self, since_ms: int) -> bool:
        """How orders stopped since a venue time. A venue without history cannot say, which is no failure."""
        if not self._venue.capabilities.history:
            return True
        store = self._store
        return await self._ask(
            "ended orders",
            lambda: self._venue.order_ends(since_ms),
            lambda ends, _: take_ends(store.ledger, ends, store.next_n(), store.clock()),
        )

    async def backfill(self, since_ms: int) -> bool:
        """Close a gap in our fills that began at a venue time."""
        known = self._store.ledger.fills.ids_at(since_ms)
        return await self._ask(
            "missed fills",
            lambda: backfill(self._venue, since_ms, known, self._take, self._answer_s),
            lambda _answer, _n: None,
            limited=False,
        )

    async def tickers(self) -> bool:
        return await self._ask("tickers", self._venue.tickers, lambda answer, _: self._take_tickers(answer.value))

    async def instruments(self) -> bool:
        return await self._ask("contracts", self._venue.instruments, lambda found, _: self._take_instruments(found))

    async def leverage(self) -> bool:
        """Leverage preferences. A venue without any has none set."""
        ledger = self._store.ledger

        async def preferences() -> dict[str, Decimal]:
            try:
                found = await self._venue.leverage()
            except NotFound:
                return {}
            return {one.symbol: one.max_leverage for one in found if one.max_leverage is not None}

        return await self._ask("leverage", preferences, lambda found, _: setattr(ledger, "leverage", found))

    async def clock(self) -> bool:
        """How far the venue's clock is ahead of ours, at half of the round trip."""
        asked_ms = self._store.clock()
        return await self._ask(
            "server time", self._venue.server_time, lambda at_ms, _: self._take_clock(at_ms, asked_ms)
        )

    async def candles(self, symbol: str) -> bool:
        """The last hours of a contract, in minutes. A venue without charts has none, which is no failure."""
        if not self._venue.capabilities.charts:
            return True
        asked_ms = self._store.venue_now()
        return await self._ask(
            f"candles of {symbol}",
            lambda: self._venue.candles(symbol, CHART_RESOLUTION, asked_ms - CHART_MS),
            lambda found, _: self._store.ledger.market.history(symbol, found, asked_ms),
        )

    # --- inside -------------------------------------------------------------------------------------------------

    async def _ask(
        self,
        name: str,
        question: Callable[[], Awaitable[T]],
        take: Callable[[T, int], None],
        *,
        limited: bool = True,
    ) -> bool:
        """``take`` gets the answer and the evidence number of the asking. ``limited`` False: calls time themselves."""
        sent_n, asked_ms = self._store.next_n(), self._store.clock()
        try:
            async with asyncio.timeout(self._answer_s if limited else None):
                answer = await question()
        except (DeskError, TimeoutError) as error:
            self._complain(name, str(error) or f"no answer within {self._answer_s:g} s")
            return False
        self._complained.discard(name)
        if isinstance(answer, Answer) and answer.server_ms is not None:
            self._take_clock(answer.server_ms, asked_ms)
        take(answer, sent_n)
        self._store.announce()
        return True

    def _complain(self, name: str, words: str) -> None:
        """Once until the same question is answered again."""
        if name not in self._complained:
            self._complained.add(name)
            self._store.ledger.alarms.warning(AlarmKind.LINK, f"Asking {name} failed: {words}", self._store.clock())
            self._store.announce()

    def _take(self, fills: tuple[Fill, ...]) -> None:
        take_older_fills(self._store.ledger, fills, self._store.next_n(), self._store.clock())

    def _take_page(self, fills: tuple[Fill, ...]) -> None:
        self.fills_reach_ms = min(fill.time_ms for fill in fills) if len(fills) >= FILLS_PAGE else 0
        take_fills(self._store.ledger, fills, self._store.next_n(), self._store.clock())

    def _take_tickers(self, tickers: tuple[Ticker, ...]) -> None:
        self._store.ledger.ages.rest(Slice.MARKET, self._store.clock())
        for ticker in tickers:
            self._store.ledger.market.ticker(ticker)

    def _take_instruments(self, instruments: tuple[Instrument, ...]) -> None:
        self._store.ledger.set_instruments(instruments)
        self._store.ledger.ages.rest(Slice.INSTRUMENTS, self._store.clock())

    def _take_clock(self, at_ms: int, asked_ms: int) -> None:
        self._store.ledger.clock.told(at_ms, asked_ms, self._store.clock())
