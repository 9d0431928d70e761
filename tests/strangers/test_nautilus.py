"""nautilus_trader's native Kraken Futures clients, which need Python 3.12 or later.

They read a few things under names the venue does not send (``cli_ord_id`` over REST, ``orderEvents`` in the history),
so what they know of client ids and of past orders is not looked at here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.strangers.place import Place, library

native = library("nautilus_trader.core.nautilus_pyo3", since="3.12")

PATIENCE_S = 20.0
ACCOUNT = native.AccountId("KRAKEN-001")
LINEAR = native.InstrumentId.from_str("PF_XBTUSD.KRAKEN")
BUY, SELL = native.OrderSide.BUY, native.OrderSide.SELL
LIMIT, MARKET = native.OrderType.LIMIT, native.OrderType.MARKET
STOP = native.OrderType.STOP_MARKET
GTC, IOC = native.TimeInForce.GTC, native.TimeInForce.IOC


class Nautilus:
    """Both clients on one exchange; ``told`` is what the socket's callback got."""

    def __init__(self, place: Place) -> None:
        keys = {"api_key": place.api_key, "api_secret": place.private_key}
        self.http = native.KrakenFuturesHttpClient(base_url=place.url, max_requests_per_second=100, **keys)
        self.ws = native.KrakenFuturesWebSocketClient(base_url=place.ws, heartbeat_secs=30, **keys)
        self.told: list[Any] = []
        self._more = asyncio.Event()

    async def start(self) -> None:
        self.instruments = await self.http.request_instruments()
        for instrument in self.instruments:
            self.http.cache_instrument(instrument)
        self.ws.set_account_id(ACCOUNT)
        await self.ws.connect(asyncio.get_running_loop(), self.instruments, self._take)
        await self.ws.wait_until_active(PATIENCE_S)
        await self.ws.authenticate()
        await self.ws.subscribe_executions()
        await asyncio.sleep(0.5)  # until the subscriptions stand, of which nothing is told

    def _take(self, message: Any) -> None:
        self.told.append(message)
        self._more.set()

    async def until(self, wanted: Callable[[Any], bool]) -> Any:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.told:
                    if wanted(message):
                        return message
                self._more.clear()
                await self._more.wait()

    async def submit(self, side: Any, kind: Any, size: str, **more: Any) -> Any:
        """The order's report. ``price`` and ``trigger`` are texts."""
        price, trigger = more.pop("price", None), more.pop("trigger", None)
        client_id = native.ClientOrderId(more.pop("client_id"))
        self.ws.cache_client_order(client_id, None, LINEAR, native.TraderId("T-1"), native.StrategyId("S-1"))
        return await self.http.submit_order(
            ACCOUNT,
            LINEAR,
            client_id,
            side,
            kind,
            native.Quantity.from_str(size),
            IOC if kind == MARKET else GTC,
            native.Price.from_str(price) if price else None,
            native.Price.from_str(trigger) if trigger else None,
            native.TriggerType.MARK_PRICE if trigger else None,
            **more,
        )

    async def open_orders(self) -> dict[str, dict[str, Any]]:
        """By the venue's id."""
        reports = await self.http.request_order_status_reports(ACCOUNT, LINEAR, open_only=True)
        rows = [report.to_dict() for report in reports]
        return {row["venue_order_id"]: row for row in rows}


@pytest.fixture
async def nautilus(still: Place) -> AsyncIterator[Nautilus]:
    clients = Nautilus(still)
    await clients.start()
    yield clients
    await clients.ws.close()


async def test_reference_data_and_prices(nautilus: Nautilus) -> None:
    assert {"PF_XBTUSD.KRAKEN", "PI_XBTUSD.KRAKEN"} <= {str(row.id) for row in nautilus.instruments}
    contract = next(row for row in nautilus.instruments if row.id == LINEAR)
    assert (contract.price_precision, contract.size_precision) == (0, 4)
    book = await nautilus.http.request_book_snapshot(LINEAR)
    assert book.best_bid_price() < book.best_ask_price()
    mark, index = (
        await nautilus.http.request_mark_price(LINEAR),
        await nautilus.http.request_index_price(LINEAR),
    )
    assert float(mark) == pytest.approx(float(index), rel=0.01)
    bars = await nautilus.http.request_bars(native.BarType.from_str("PF_XBTUSD.KRAKEN-1-MINUTE-LAST-EXTERNAL"), limit=5)
    assert all(bar.low <= bar.open <= bar.high for bar in bars)
    assert len(await nautilus.http.request_trades(LINEAR, limit=5)) == 5
    assert len(await nautilus.http.request_instrument_statuses()) == len(nautilus.instruments)


async def test_an_order_is_placed_changed_and_cancelled(nautilus: Nautilus) -> None:
    placed = await nautilus.submit(BUY, LIMIT, "0.0100", price="80000", client_id="O-1", post_only=True)
    number = placed.venue_order_id
    row = (await nautilus.open_orders())[str(number)]
    assert (row["order_status"], row["quantity"], row["filled_qty"]) == ("ACCEPTED", "0.0100", "0.0000")
    assert (row["price"], row["order_side"]) == ("80000", "BUY")
    wanted = {"quantity": native.Quantity.from_str("0.0200"), "price": native.Price.from_str("81000")}
    await nautilus.http.modify_order(LINEAR, None, number, **wanted)
    row = (await nautilus.open_orders())[str(number)]
    assert (row["quantity"], row["price"]) == ("0.0200", "81000")
    streamed = await nautilus.until(lambda told: _is_report(told, number) and told.to_dict()["quantity"] == "0.0200")
    assert streamed.to_dict()["order_status"] == "ACCEPTED"
    await nautilus.http.cancel_order(ACCOUNT, LINEAR, None, number)
    assert await nautilus.open_orders() == {}
    await nautilus.until(lambda told: _is_report(told, number) and told.to_dict()["order_status"] == "CANCELED")


def _is_report(told: Any, number: Any) -> bool:
    return isinstance(told, native.OrderStatusReport) and told.venue_order_id == number


async def test_a_market_order_fills_and_is_told_on_both_sides(nautilus: Nautilus) -> None:
    report = (await nautilus.submit(BUY, MARKET, "0.0010", client_id="O-2")).to_dict()
    assert (report["order_status"], report["filled_qty"]) == ("FILLED", "0.0010")
    (fill,) = [row.to_dict() for row in await nautilus.http.request_fill_reports(ACCOUNT, LINEAR)]
    assert (fill["last_qty"], fill["order_side"], fill["liquidity_side"]) == ("0.0010", "BUY", "TAKER")
    streamed = (await nautilus.until(lambda told: isinstance(told, native.FillReport))).to_dict()
    assert (streamed["trade_id"], streamed["last_px"]) == (fill["trade_id"], fill["last_px"])
    fee = Decimal(streamed["commission"].split()[0])
    assert float(fee) == pytest.approx(float(fill["last_px"]) * 0.001 * 0.0005, abs=0.01)
    (position,) = [row.to_dict() for row in await nautilus.http.request_position_status_reports(ACCOUNT, LINEAR)]
    assert (position["position_side"], position["quantity"]) == ("LONG", "0.0010")
    state = await nautilus.http.request_account_state(ACCOUNT)
    total = next(row.total.as_double() for row in state.balances if str(row.currency) == "USD")
    assert total == pytest.approx(50_000 - float(fill["last_px"]) * 0.001 * 0.0005, abs=0.01)


async def test_stops_batches_and_cancel_all(nautilus: Nautilus, still: Place) -> None:
    await nautilus.submit(BUY, MARKET, "0.0010", client_id="O-3")
    await nautilus.submit(SELL, STOP, "0.0010", trigger="70000", client_id="O-4", reduce_only=True)
    (stop,) = (await nautilus.open_orders()).values()
    assert (stop["order_type"], stop["trigger_price"], stop["reduce_only"]) == ("STOP_MARKET", "70000", True)
    still.move_price("XBT", 69_000)
    assert await nautilus.http.request_position_status_reports(ACCOUNT, LINEAR) == []
    batch = [
        (
            LINEAR,
            native.ClientOrderId(f"B-{price}"),
            BUY,
            LIMIT,
            native.Quantity.from_str("0.0100"),
            GTC,
            native.Price.from_str(price),
            None,
            None,
            False,
            False,
        )
        for price in ("60000", "60001")
    ]
    assert await nautilus.http.submit_orders_batch(batch) == ["placed", "placed"]
    first, second = await nautilus.open_orders()
    assert await nautilus.http.cancel_orders_batch([native.VenueOrderId(first)]) == 1
    assert list(await nautilus.open_orders()) == [second]
    assert await nautilus.http.cancel_all_orders(LINEAR) == 1


async def test_public_streams_flow(nautilus: Nautilus, still: Place) -> None:
    for name in ("book", "quotes", "trades", "mark_price", "index_price", "funding_rate"):
        await getattr(nautilus.ws, f"subscribe_{name}")(LINEAR)
    funding = await nautilus.until(lambda told: isinstance(told, native.FundingRateUpdate))
    assert funding.instrument_id == LINEAR
    before = len(nautilus.told)
    still.move_price("XBT", 90_000)
    await nautilus.until(lambda _: len(nautilus.told) > before + 5)
