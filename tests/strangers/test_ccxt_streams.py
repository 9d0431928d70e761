"""ccxt.pro's sockets: frames arrive, and say the same as REST."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from tests.strangers.ccxt_client import LINEAR, configured
from tests.strangers.place import Place, library

pro = library("ccxt.pro")

PATIENCE_S = 20.0
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # ccxt leaves its resolver to the collector


async def soon(watching: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(watching, PATIENCE_S)


async def until(watch: Callable[[], Awaitable[Any]], seen: Callable[[Any], bool]) -> Any:
    """The first update that is what was waited for."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            update = await watch()
            if seen(update):
                return update


@pytest.fixture
async def client(lively: Place) -> AsyncIterator[Any]:
    client = configured(pro.krakenfutures, lively)
    yield client
    await client.close()


@pytest.fixture
async def trader(still: Place) -> AsyncIterator[Any]:
    client = configured(pro.krakenfutures, still)
    yield client
    await client.close()


# --- public ------------------------------------------------------------------------------------------------


async def test_tickers_come_again_and_again(client: Any) -> None:
    first = await soon(client.watch_ticker(LINEAR))
    second = await soon(client.watch_ticker(LINEAR))
    assert (first["symbol"], second["symbol"]) == (LINEAR, LINEAR)
    assert second["info"]["time"] > first["info"]["time"]
    assert second["bid"] < second["ask"]
    both = await soon(client.watch_bids_asks(["ETH/USD:USD"]))
    assert both["ETH/USD:USD"]["bid"] < both["ETH/USD:USD"]["ask"]


async def test_the_streamed_book_is_the_book(client: Any) -> None:
    changes = 0
    book = await soon(client.watch_order_book(LINEAR))
    while changes < 200:
        book = await soon(client.watch_order_book(LINEAR))
        assert book["bids"][0][0] < book["asks"][0][0]
        changes += 1
    for _ in range(20):  # a moment at which nothing moved between the two looks
        before = [list(level) for level in book["bids"][:5]]
        asked = await client.fetch_order_book(LINEAR)
        if before == [level[:2] for level in asked["bids"][:5]]:
            return
        book = await soon(client.watch_order_book(LINEAR))
    pytest.fail("the streamed book never was the one that REST tells")


async def test_streamed_trades_are_the_public_trades(client: Any) -> None:
    trades = await soon(client.watch_trades(LINEAR))
    later = await soon(client.watch_trades(LINEAR))
    assert all(trade["symbol"] == LINEAR and trade["amount"] > 0 for trade in [*trades, *later])
    known = {trade["id"] for trade in await client.fetch_trades(LINEAR)}
    assert {trade["id"] for trade in later} <= known


# --- private -----------------------------------------------------------------------------------------------


async def test_orders_appear_change_and_go(trader: Any) -> None:
    watching = asyncio.ensure_future(soon(trader.watch_orders(LINEAR)))
    await asyncio.sleep(0.5)  # until the subscription stands, of which ccxt tells nothing
    placed = await trader.create_order(LINEAR, "limit", "buy", 0.01, 80_000)
    (seen,) = await watching
    assert (seen["id"], seen["amount"], seen["remaining"], seen["filled"]) == (placed["id"], 0.01, 0.01, 0)
    edit = asyncio.ensure_future(until(lambda: trader.watch_orders(LINEAR), lambda rows: rows[-1]["amount"] == 0.02))
    await asyncio.sleep(0)
    await trader.edit_order(placed["id"], LINEAR, "limit", "buy", 0.02, 81_000)
    assert (await edit)[-1]["price"] == 81_000
    gone = asyncio.ensure_future(until(lambda: trader.watch_orders(LINEAR), _is_cancelled))
    await asyncio.sleep(0)
    await trader.cancel_order(placed["id"], LINEAR)
    assert (await gone)[-1]["id"] == placed["id"]


def _is_cancelled(rows: list[dict[str, Any]]) -> bool:
    return bool(rows[-1]["status"] == "canceled")


async def test_fills_positions_and_balances_follow_a_trade(trader: Any) -> None:
    (empty, balance) = await asyncio.gather(
        soon(trader.watch_positions()), soon(trader.watch_balance({"account": "flex_futures"}))
    )
    assert empty == []
    before = balance["USD"]["total"]
    fills = asyncio.ensure_future(until(lambda: trader.watch_my_trades(LINEAR), bool))
    positions = asyncio.ensure_future(until(lambda: trader.watch_positions([LINEAR]), bool))
    changed = asyncio.ensure_future(
        until(
            lambda: trader.watch_balance({"account": "flex_futures"}), lambda update: update["USD"]["total"] != before
        )
    )
    await asyncio.sleep(0.5)  # until the subscriptions stand
    order = await trader.create_order(LINEAR, "market", "buy", 0.001)
    (fill,) = await fills
    assert (fill["order"], fill["amount"], fill["side"], fill["price"]) == (order["id"], 0.001, "buy", order["average"])
    assert fill["fee"]["cost"] == pytest.approx(0.001 * fill["price"] * 0.0005)
    (position,) = await positions
    assert (position["contracts"], position["side"], position["entryPrice"]) == (0.001, "long", fill["price"])
    assert (await changed)["USD"]["total"] == pytest.approx(before - fill["fee"]["cost"])
    assert [trade["id"] for trade in await trader.fetch_my_trades(LINEAR)] == [fill["id"]]


async def test_positions_follow_the_mark(trader: Any, still: Place) -> None:
    await trader.create_order(LINEAR, "market", "buy", 0.1)
    first = (await soon(trader.watch_positions([LINEAR])))[0]["unrealizedPnl"]  # ccxt changes the value it gave
    still.move_price("XBT", 95_000)
    later = await until(lambda: trader.watch_positions([LINEAR]), lambda rows: rows[0]["markPrice"] > 94_000)
    assert later[0]["unrealizedPnl"] > first
    (asked,) = await trader.fetch_positions()
    assert later[0]["unrealizedPnl"] == pytest.approx(asked["unrealizedPnl"])
