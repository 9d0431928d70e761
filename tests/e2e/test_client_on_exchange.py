"""The client against the paper exchange in another process: two readings of one wire, held against each other."""

from __future__ import annotations

import asyncio
import base64
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_asyncio

from tests.e2e.exchange_process import API_KEY, ExchangeProcess
from tui.client.credentials import Credentials, credentials
from tui.client.derivatives.client import KrakenFuturesClient
from tui.client.derivatives.results import OrderResult
from tui.client.derivatives.urls import venue_url
from tui.client.derivatives.venue import DerivativesVenue
from tui.model.enums import CloseReason, OrderState, OrderType, PositionSide, Side, TriggerSignal
from tui.model.errors import AuthenticationRefused, BadArgument, NotFound, OrderRefused, RateLimited
from tui.model.events import (
    AccountFrame,
    BookDelta,
    BookSnapshot,
    Event,
    FeedRefused,
    FillsArrived,
    FrameUnreadable,
    LinkLost,
    LinkReady,
    LogArrived,
    OrderRemoved,
    OrderUpdated,
    PositionsFrame,
    TickerUpdated,
    TradesArrived,
)
from tui.model.order import CancelRequest, EditRequest, OrderRequest

T = TypeVar("T")

XBT = "PF_XBTUSD"
WAIT_S = 20.0

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def exchange() -> AsyncIterator[ExchangeProcess]:
    """One for all tests, without a budget; each test leaves the account flat."""
    async with ExchangeProcess("--seed", "3", "--rate-limit", "off") as process:
        yield process


@pytest_asyncio.fixture(loop_scope="module")
async def client(exchange: ExchangeProcess) -> AsyncIterator[KrakenFuturesClient]:
    async with KrakenFuturesClient(exchange.url, exchange.credentials) as found:
        yield found
        await found.cancel_all_orders()
        for position in await found.get_open_positions():
            await found.close_position(position.symbol)


class Ear:
    """Everything the stream said, and a way to wait for the next of a kind."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self._news = asyncio.Condition()

    async def emit(self, event: Event) -> None:
        async with self._news:
            self.heard.append(event)
            self._news.notify_all()

    async def hears(self, kind: type[T], such_that: Callable[[T], bool] = lambda _event: True) -> T:
        """The first event of a kind for which a thing holds, also if it came already."""

        def found() -> T | None:
            return next((event for event in self.heard if isinstance(event, kind) and such_that(event)), None)

        async with asyncio.timeout(WAIT_S), self._news:
            await self._news.wait_for(lambda: found() is not None)
        event = found()
        assert event is not None
        return event


@asynccontextmanager
async def stream(
    exchange: ExchangeProcess, keys: Credentials | None = None
) -> AsyncIterator[tuple[DerivativesVenue, Ear]]:
    ear = Ear()
    async with DerivativesVenue(venue_url(exchange.url), keys or exchange.credentials) as venue:
        await venue.watch(tickers=[XBT, "PI_XBTUSD"], depth=[XBT])
        task = asyncio.create_task(venue.stream(ear.emit))
        try:
            yield venue, ear
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def best_bid(client: KrakenFuturesClient) -> Decimal:
    bid = (await client.get_ticker(XBT)).bid
    assert bid is not None
    return bid


async def test_public_data(client: KrakenFuturesClient) -> None:
    symbols = {instrument.symbol for instrument in await client.get_instruments()}
    assert {XBT, "PF_ETHUSD", "PI_XBTUSD"} <= symbols
    assert {ticker.symbol for ticker in await client.get_tickers()} == symbols
    book = await client.get_orderbook(XBT)
    assert book.bids[0].price < book.asks[0].price
    assert await client.get_trade_history(XBT)
    assert await client.get_candles(XBT, "1h")
    assert await client.get_funding_rates(XBT)
    assert await client.get_server_time() > 0
    assert (await client.get_margin_requirements(XBT)).max_leverage == 100
    with pytest.raises(NotFound):
        await client.get_ticker("PF_NOPEUSD")


async def test_every_order_type(client: KrakenFuturesClient) -> None:
    bid = await best_bid(client)
    low, high = (bid * Decimal("0.95")).to_integral_value(), (bid * Decimal("1.05")).to_integral_value()

    market = await client.send_order(XBT, "buy", "0.02", order_type="market")
    assert market.filled == Decimal("0.02")
    assert market.order is None
    ioc = await client.send_order(XBT, "sell", "0.001", order_type="ioc", limit_price=low)
    assert ioc.filled == Decimal("0.001")
    fok = await client.send_order(XBT, "sell", "0.001", order_type="fok", limit_price=low)
    assert fok.filled == Decimal("0.001")
    with pytest.raises(OrderRefused):
        await client.send_order(XBT, "buy", "0.001", order_type="ioc", limit_price=low)

    limit = await client.send_order(XBT, "buy", "0.003", limit_price=low)
    post = await client.send_order(XBT, "buy", "0.003", order_type="post", limit_price=low)
    stop = await client.send_order(XBT, "sell", "0.004", order_type="stop", stop_price=low, trigger_signal="index")
    profit = await client.send_order(XBT, "sell", "0.004", order_type="take_profit", stop_price=high, limit_price=high)
    trailing = await client.send_order(
        XBT, "sell", "0.004", order_type="trailing_stop", trailing_stop_max_deviation="3", reduce_only=True
    )
    orders = {order.order_id: order for order in await client.get_open_orders(XBT)}
    assert set(orders) == {result.order_id for result in (limit, post, stop, profit, trailing)}
    for result in (limit, stop, profit, trailing):
        assert result.order is not None
        listed = orders[result.order.order_id]
        assert (listed.type, listed.side, listed.remaining) == (
            result.order.type,
            result.order.side,
            result.order.remaining,
        )
        assert (listed.limit_price, listed.client_order_id) == (result.order.limit_price, result.client_order_id)
    assert orders[str(stop.order_id)].trigger_signal is TriggerSignal.INDEX
    reports = await client.get_order_status(order_ids=[str(stop.order_id), str(limit.order_id)])
    assert {report.order.type for report in reports} == {OrderType.STOP, OrderType.LIMIT}
    assert {report.state for report in reports} == {OrderState.OPEN}
    assert len((await client.cancel_all_orders(XBT)).order_ids) == 5
    assert await client.get_open_orders() == ()


async def test_edit_cancel_and_a_cancel_too_late(client: KrakenFuturesClient) -> None:
    low = (await best_bid(client) * Decimal("0.95")).to_integral_value()
    placed = await client.send_order(XBT, "buy", "0.003", limit_price=low, client_order_id="mine & / ü 1")
    edited = await client.edit_order(placed.order_id, size="0.005", limit_price=low - 1)
    assert edited.order is not None
    assert (edited.order.order_id, edited.order.remaining) == (placed.order_id, Decimal("0.005"))
    (listed,) = await client.get_open_orders(order_id="mine & / ü 1")
    assert (listed.limit_price, listed.remaining) == (low - 1, Decimal("0.005"))
    cancelled = await client.cancel_order(client_order_id="mine & / ü 1")
    assert cancelled.status == "cancelled"
    with pytest.raises(OrderRefused) as caught:
        await client.cancel_order(placed.order_id)
    assert caught.value.status == "notFound"


async def test_a_batch(client: KrakenFuturesClient) -> None:
    low = (await best_bid(client) * Decimal("0.95")).to_integral_value()
    order = OrderRequest("batch-1", XBT, Side.BUY, OrderType.LIMIT, Decimal("0.001"), limit_price=low)
    sent, edited, refused = await client.batch_order(
        [order, EditRequest(XBT, "", "batch-1", size=Decimal("0.002")), CancelRequest(XBT, None, "nobody")]
    )
    assert isinstance(sent, OrderResult)
    assert isinstance(edited, OrderResult)
    assert isinstance(refused, OrderRefused)
    assert (await client.get_open_orders(order_id="batch-1"))[0].remaining == Decimal("0.002")


async def test_refusals_in_plain_words(client: KrakenFuturesClient) -> None:
    bid = await best_bid(client)
    for size, price, status in (
        ("0.00001", bid, "invalidSize"),
        ("0.001", bid + Decimal("0.3"), "invalidPrice"),
        ("1000", bid, "insufficientAvailableFunds"),
    ):
        with pytest.raises(OrderRefused) as caught:
            await client.send_order(XBT, "buy", size, limit_price=price)
        assert caught.value.status == status
    with pytest.raises(OrderRefused) as post:
        await client.send_order(XBT, "sell", "0.001", order_type="post", limit_price=bid - 500)
    assert post.value.status == "postWouldExecute"
    with pytest.raises(BadArgument):
        await client.send_order("PF_NOPEUSD", "buy", 1, order_type="market")


async def test_positions_money_leverage_and_close(client: KrakenFuturesClient) -> None:
    await client.set_leverage("PF_ETHUSD", 10)
    assert [(row.symbol, row.max_leverage) for row in await client.get_leverage_preferences()] == [
        ("PF_ETHUSD", Decimal(10))
    ]
    await client.send_order("PF_ETHUSD", "sell", "0.5", order_type="market")
    (position,) = await client.get_open_positions()
    assert (position.side, position.size, position.max_leverage) == (PositionSide.SHORT, Decimal("0.5"), Decimal(10))
    flex = (await client.get_account_summary())[0]
    assert flex.margin_level_pct is not None
    assert flex.equity > flex.maintenance_margin > 0
    closed = await client.close_position("PF_ETHUSD")
    assert closed.filled == Decimal("0.5")
    with pytest.raises(NotFound):
        await client.close_position("PF_ETHUSD")
    await client.set_leverage("PF_ETHUSD", None)
    assert await client.get_leverage_preferences() == ()
    ids = {fill.fill_id for fill in closed.fills}
    assert ids <= {fill.fill_id for fill in await client.get_fills()}
    executions = {fill.fill_id: fill for fill in await client.get_executions(0)}
    assert ids <= set(executions)
    assert all(fill.fee is not None for fill in executions.values())
    assert ids & {entry.execution for entry in await client.get_account_log()}
    assert (await client.check_key()).general == "full"


async def test_the_dead_mans_switch(client: KrakenFuturesClient) -> None:
    fires_at = await client.cancel_all_orders_after(60)
    assert fires_at is not None
    assert abs(fires_at - await client.get_server_time() - 60_000) < 5_000
    assert await client.cancel_all_orders_after(0) is None


async def test_a_wrong_key_is_refused_on_both_roads(exchange: ExchangeProcess) -> None:
    wrong = credentials(API_KEY, base64.b64encode(bytes(64)).decode())
    async with KrakenFuturesClient(exchange.url, wrong) as client:
        for call in (client.get_open_orders, client.check_key, lambda: client.get_executions(0)):
            with pytest.raises(AuthenticationRefused):
                await call()
    async with stream(exchange, wrong) as (_, ear):
        assert (await ear.hears(FeedRefused)).private
        await ear.hears(TickerUpdated)


async def test_the_stream_tells_an_orders_whole_life(exchange: ExchangeProcess, client: KrakenFuturesClient) -> None:
    async with stream(exchange) as (_, ear):
        await ear.hears(LinkReady)
        for kind in (TickerUpdated, BookSnapshot, BookDelta, TradesArrived):
            await ear.hears(kind)
        low = (await best_bid(client) * Decimal("0.95")).to_integral_value()
        placed = await client.send_order(XBT, "buy", "0.003", limit_price=low)
        update = await ear.hears(OrderUpdated, lambda event: event.order.order_id == placed.order_id)
        assert update.order.remaining == Decimal("0.003")
        assert update.order.client_order_id == placed.client_order_id
        await client.cancel_order(placed.order_id)
        removed = await ear.hears(OrderRemoved, lambda event: event.order_id == placed.order_id)
        assert removed.reason is CloseReason.CANCELLED

        market = await client.send_order(XBT, "buy", "0.002", order_type="market")
        arrived = await ear.hears(FillsArrived, lambda event: not event.snapshot)
        told, streamed = market.fills[0], arrived.fills[0]
        assert (told.fill_id, told.size, told.price, told.side) == (
            streamed.fill_id,
            streamed.size,
            streamed.price,
            streamed.side,
        )
        assert streamed.fee is not None
        frame = await ear.hears(PositionsFrame, lambda event: bool(event.positions))
        assert frame.positions[0].symbol == XBT
        await ear.hears(AccountFrame, lambda event: not event.snapshot)
        await ear.hears(LogArrived, lambda event: not event.snapshot)
        assert [event for event in ear.heard if isinstance(event, FrameUnreadable)] == []


async def test_stream_and_rest_tell_the_same_account(exchange: ExchangeProcess, client: KrakenFuturesClient) -> None:
    await client.send_order("PI_XBTUSD", "sell", 100, order_type="market")
    await client.send_order(XBT, "buy", "0.01", order_type="market")
    async with stream(exchange) as (venue, ear):
        frame = await ear.hears(AccountFrame, lambda event: event.snapshot)
        rest = {pool.name: pool for pool in (await venue.account()).value.pools}
        streamed = {pool.name: pool for pool in (*(frame.flex or ()), *(frame.inverse or ()))}
        assert set(rest) == set(streamed)
        for name, pool in streamed.items():
            assert abs(pool.equity - rest[name].equity) < Decimal(5)
            for part in ("initial_margin", "maintenance_margin"):
                assert abs(getattr(pool, part) - getattr(rest[name], part)) < Decimal("0.01")
        told = await ear.hears(PositionsFrame, lambda event: len(event.positions) == 2)
        asked = (await venue.positions()).value
        assert {(row.symbol, row.side, row.size, row.entry_price) for row in told.positions} == {
            (row.symbol, row.side, row.size, row.entry_price) for row in asked
        }


async def test_a_killed_exchange_is_told_at_once_and_found_again(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    async with ExchangeProcess("--seed", "3", state=state) as exchange, stream(exchange) as (venue, ear):
        first = await ear.hears(LinkReady)
        async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
            placed = await client.send_order(XBT, "buy", "0.003", limit_price="80000")
        await exchange.stop(signal.SIGKILL)
        await ear.hears(LinkLost, lambda event: event.epoch == first.epoch)
        await exchange.start()
        await ear.hears(LinkReady, lambda event: event.epoch > first.epoch)
        assert [order.order_id for order in (await venue.open_orders()).value] == [placed.order_id]


async def test_a_spent_budget_is_a_rate_limit_and_cancels_still_go_out() -> None:
    async with ExchangeProcess("--seed", "3") as exchange:
        async with KrakenFuturesClient(exchange.url, exchange.credentials) as careful:
            for _ in range(160):
                await careful.get_open_orders()
        async with KrakenFuturesClient(exchange.url, exchange.credentials) as careless:
            with pytest.raises(RateLimited) as caught:
                await asyncio.gather(*(careless.get_open_orders() for _ in range(150)))
            assert caught.value.retry_after_s == 1.0
            assert careless.budget.wait_until_ms is not None


OTHER_READINGS = (
    *("--seed", "3", "--rate-limit", "http", "--index-tickers", "--balances-as-text", "--bids-ascending"),
    *("--trades-descending", "--stop-word", "stp", "--full-fill", "both"),
)


async def test_what_the_venue_leaves_open_may_be_answered_the_other_way() -> None:
    async with (
        ExchangeProcess(*OTHER_READINGS) as exchange,
        stream(exchange) as (_, ear),
        KrakenFuturesClient(exchange.url, exchange.credentials) as client,
    ):
        await ear.hears(LinkReady)
        assert all(ticker.symbol.startswith(("PF_", "PI_", "FI_", "FF_")) for ticker in await client.get_tickers())
        book = await client.get_orderbook(XBT)
        assert book.bids[0].price == max(level.price for level in book.bids)
        trades = await client.get_trade_history(XBT)
        assert trades[0].time_ms <= trades[-1].time_ms
        assert (await client.get_account_summary())[0].equity > 0

        stop = await client.send_order(XBT, "sell", "0.001", order_type="stop", stop_price="50000")
        (listed,) = await client.get_open_orders()
        assert (listed.order_id, listed.type) == (stop.order_id, OrderType.STOP)
        resting = await client.send_order(XBT, "buy", "0.001", limit_price=80_000)
        crossing = (book.asks[0].price * Decimal("1.005")).to_integral_value()
        assert (await client.edit_order(resting.order_id, limit_price=crossing)).filled == Decimal("0.001")
        filled = await ear.hears(OrderRemoved, lambda event: event.order_id == resting.order_id)
        assert filled.reason is CloseReason.FILLED
        assert [event for event in ear.heard if isinstance(event, FrameUnreadable)] == []
