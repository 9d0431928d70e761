"""The service against the paper exchange in another process: what it believes equals what the exchange knows."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from tests.e2e.exchange_process import ExchangeProcess
from tui.client.derivatives.client import KrakenFuturesClient
from tui.client.derivatives.urls import venue_url
from tui.client.derivatives.venue import DerivativesVenue
from tui.journal.journal import Journal
from tui.journal.records import Verdict
from tui.model.enums import OrderType, Side
from tui.model.order import Accepted, CancelRequest, EditRequest, OrderRequest, Refused
from tui.model.state import LinkStatus, State
from tui.service.data import DataService, Pace
from tui.service.store import Store
from tui.service.trading import Trading

XBT = "PF_XBTUSD"
WAIT_S = 30.0


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


class Desk:
    def __init__(self, exchange: ExchangeProcess, venue: DerivativesVenue, journal: Journal) -> None:
        self.exchange = exchange
        self.store = Store(venue.environment, venue.url, clock=wall_ms)
        self.data = DataService(venue, self.store, journal, pace=Pace(refresh_s=2.0))
        self.trading = Trading(venue, self.store, journal)
        self.journal = journal
        self._changed = asyncio.Event()
        self.store.subscribe(lambda _urgent: self._changed.set())

    async def until(self, holds: Callable[[State], object]) -> State:
        async with asyncio.timeout(WAIT_S):
            while not holds(state := self.store.state):
                self._changed.clear()
                await self._changed.wait()
        return state

    async def until_live(self) -> State:
        return await self.until(lambda state: state.link.status is LinkStatus.LIVE)

    def request(self, side: Side, size: str, order_type: OrderType, price: Decimal | None = None) -> OrderRequest:
        identity = self.trading.new_client_order_id()
        return OrderRequest(identity, XBT, side, order_type, Decimal(size), limit_price=price)

    async def far_bid(self, percent: int) -> Decimal:
        state = await self.until(lambda state: XBT in state.tickers and state.tickers[XBT].bid)
        bid = state.tickers[XBT].bid
        assert bid is not None
        return state.instruments[XBT].passive_price(Side.BUY, bid * (100 - percent) / 100)

    async def agrees(self) -> bool:
        """Whether orders, fills and positions are the exchange's own, asked over another connection."""
        async with KrakenFuturesClient(self.exchange.url, self.exchange.credentials) as client:
            orders = {(one.order_id, one.remaining, one.limit_price) for one in await client.get_open_orders()}
            positions = {(one.symbol, one.signed_size) for one in await client.get_open_positions()}
            fills = {one.fill_id for one in await client.get_fills()}
        state = self.store.state
        return (
            {(one.order_id, one.remaining, one.limit_price) for one in state.orders} == orders
            and {(one.symbol, one.signed_size) for one in state.positions} == positions
            and {one.fill_id for one in state.fills} >= fills
        )


@asynccontextmanager
async def desk(exchange: ExchangeProcess, folder: Path) -> AsyncIterator[Desk]:
    async with (
        Journal(folder / "journal.sqlite", exchange.url) as journal,
        DerivativesVenue(venue_url(exchange.url), exchange.credentials) as venue,
    ):
        found = Desk(exchange, venue, journal)
        running = asyncio.create_task(found.data.run())
        try:
            await asyncio.wait_for(found.data.wait_usable(), WAIT_S)
            await found.data.watch(tickers=[XBT], depth=[XBT])
            yield found
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_orders_fills_and_a_killed_exchange(tmp_path: Path) -> None:
    async with (
        ExchangeProcess("--seed", "5", "--rate-limit", "off", state=tmp_path / "state") as exchange,
        desk(exchange, tmp_path) as found,
    ):
        await found.until_live()
        price = await found.far_bid(5)

        placed = await found.trading.submit(found.request(Side.BUY, "0.0100", OrderType.POST, price))
        assert isinstance(placed, Accepted)
        state = await found.until(lambda state: state.orders)
        order = state.orders[0]
        assert (order.order_id, order.type, order.limit_price) == (placed.order_id, OrderType.POST, price)

        lower = await found.far_bid(6)
        edited = await found.trading.edit(EditRequest(XBT, order.order_id, limit_price=lower))
        assert isinstance(edited, Accepted)
        await found.until(lambda state: state.orders[0].limit_price == lower)

        bought = await found.trading.submit(found.request(Side.BUY, "0.0200", OrderType.MARKET))
        assert isinstance(bought, Accepted)
        state = await found.until(lambda state: state.fills and state.position(XBT))
        assert sum(fill.size for fill in state.fills) == Decimal("0.02")
        assert all(fill.client_order_id for fill in state.fills)
        await found.until(lambda state: state.account and state.account.pools[0].maintenance_margin > 0)
        assert await found.agrees()

        await found.trading.edit(EditRequest(XBT, order.order_id, limit_price=price))
        await exchange.stop(signal.SIGKILL)
        state = await found.until(lambda state: state.link.status is LinkStatus.DOWN)
        assert state.orders, "the last state stays, marked as what it is"
        lost = await found.trading.submit(found.request(Side.BUY, "0.0100", OrderType.POST, price))
        assert not isinstance(lost, Accepted)

        await exchange.start()
        state = await found.until_live()
        assert state.link.reconnects == 1
        await found.until(lambda state: not state.unresolved)
        assert await found.agrees()

        flat = await found.trading.flatten(XBT)
        assert isinstance(flat, Accepted)
        gone = await found.trading.cancel(CancelRequest(XBT, order.order_id))
        assert isinstance(gone, Accepted)
        await found.until(lambda state: not state.orders and not state.positions)
        assert await found.agrees()
        entries = await found.journal.entries()
        assert len(entries) == 7
        assert [one.verdict for one in entries].count(Verdict.ACCEPTED) == 6


async def test_an_order_that_was_on_its_way_when_the_desk_died_is_found_at_the_next_start(tmp_path: Path) -> None:
    async with ExchangeProcess("--seed", "6", "--rate-limit", "off") as exchange:
        async with desk(exchange, tmp_path) as first:
            price = await first.far_bid(5)
            request = first.request(Side.BUY, "0.0100", OrderType.LIMIT, price)
            sending = asyncio.create_task(first.trading.submit(request))
            while not await first.journal.pending():  # noqa: ASYNC110 the journal is what must hold it
                await asyncio.sleep(0)
            async with KrakenFuturesClient(exchange.url, exchange.credentials) as other:
                async with asyncio.timeout(WAIT_S):
                    while not await other.get_open_orders():  # noqa: ASYNC110 the venue cannot tell us
                        await asyncio.sleep(0)
            # whether the answer was taken or not, the journal is made to look as if the program had died before it
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            (entry,) = await first.journal.entries()
            await first.journal.settle(
                entry.intent.number, Verdict.UNKNOWN, status="", text="", order_id=None, at_ms=wall_ms()
            )
        async with desk(exchange, tmp_path) as second:
            state = await second.until(lambda state: not state.unresolved and state.orders)
            assert [one.client_order_id for one in state.orders] == [request.client_order_id]
            again = await second.trading.submit(request)
            assert isinstance(again, Refused), "its client order id was used"
            assert await second.agrees()
