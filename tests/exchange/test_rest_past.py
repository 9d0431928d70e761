"""The history API beyond executions: order events, positions, the log as CSV, what is public, analytics."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.doors import D, Door, H
from tui.exchange.commands import MovePrice, Tick

CHARTS = "/api/charts/v1"


async def events(door: Door, path: str, query: str = "") -> list[tuple[str, dict[str, Any]]]:
    """``(name, body)``, oldest first."""
    elements = (await door.get(f"{H}/{path}", query)).body["elements"]
    return [next(iter(element["event"].items())) for element in reversed(elements)]


def amounts(order: dict[str, Any]) -> tuple[float, float]:
    """Filled, and what remains."""
    return float(order["filled"]), float(order["quantity"])


async def market(door: Door, side: str, size: str, **more: str) -> None:
    placed = await door.order(orderType="mkt", symbol="PF_XBTUSD", side=side, size=size, **more)
    assert placed["status"] == "placed"


async def test_an_order_filled_on_arrival_is_one_event_that_says_so() -> None:
    door = Door()
    await market(door, "buy", "0.01")
    ((name, body),) = await events(door, "orders")
    assert name == "OrderPlaced"
    assert body["reason"] == "new_user_order"
    assert amounts(body["order"]) == (0.01, 0)


async def test_an_order_that_rests_is_placed_unfilled_and_then_cancelled() -> None:
    door = Door()
    placed = await door.rest_limit(size="0.1")
    await door.post(f"{D}/cancelorder", order_id=placed["order_id"])
    (_, first), (name, last) = await events(door, "orders")
    assert first["order"]["filled"] == "0"  # clients compare this text
    assert amounts(first["order"]) == (0, 0.1)
    assert (name, last["reason"], last["order"]["uid"]) == ("OrderCancelled", "cancelled_by_user", placed["order_id"])


async def test_an_order_that_is_hit_later_ends_as_a_full_fill() -> None:
    door = Door()
    await door.rest_limit(limitPrice=80_000)
    door.venue.apply(MovePrice("XBT", Decimal(70_000)))
    names = [(name, body.get("reason")) for name, body in await events(door, "orders")]
    assert names == [("OrderPlaced", "new_user_order"), ("OrderUpdated", "full_fill")]
    (_, _), (_, body) = await events(door, "orders")
    assert (amounts(body["oldOrder"]), amounts(body["newOrder"])) == ((0, 0.1), (0.1, 0))


async def test_positions_tell_what_each_trade_did() -> None:
    door = Door()
    await market(door, "buy", "0.002")
    await market(door, "buy", "0.001")
    await market(door, "sell", "0.002")
    await market(door, "sell", "0.003")
    await market(door, "buy", "0.002")
    rows = [body for _, body in await events(door, "positions")]
    assert [row["positionChange"] for row in rows] == ["open", "increase", "decrease", "reverse", "close"]
    assert [Decimal(row["newPosition"]) for row in rows] == [
        Decimal(size) for size in ("0.002", "0.003", "0.001", "-0.002", "0")
    ]
    assert [row["oldPosition"] for row in rows[1:]] == [row["newPosition"] for row in rows[:-1]]
    fills = door.venue.engine.account().fills()
    assert [row["executionUid"] for row in rows] == [fill.fill_id for fill in reversed(fills)]
    assert [Decimal(row["fee"]) for row in rows] == [fill.fee for fill in reversed(fills)]
    assert {row["updateReason"] for row in rows} == {"trade"}


async def test_a_position_is_dated_by_its_opening_until_it_turns_round() -> None:
    door = Door()
    for side, size in (("sell", "0.001"), ("sell", "0.001"), ("buy", "0.001"), ("buy", "0.003"), ("sell", "0.001")):
        await market(door, side, size)
        door.hands.turn(1)
    rows = [body for _, body in await events(door, "positions")]
    assert [row["positionChange"] for row in rows] == ["open", "increase", "decrease", "reverse", "decrease"]
    first, turned = rows[0]["timestamp"], rows[3]["timestamp"]
    assert [row["fillTime"] for row in rows] == [first, first, first, first, turned]


async def test_triggers_do_not_say_what_they_filled() -> None:
    door = Door()
    await door.order(orderType="stp", symbol="PF_XBTUSD", side="sell", size="0.1", stopPrice=60_000)
    ((name, body),) = await events(door, "triggers")
    assert name == "OrderTriggerPlaced"
    assert "filled" not in body["order"]
    assert body["order"]["triggerOptions"]["triggerPrice"] == "60000"


async def test_positions_are_filtered_by_what_happened() -> None:
    door = Door()
    await market(door, "buy", "0.002")
    await market(door, "sell", "0.002")
    closed = [body["positionChange"] for _, body in await events(door, "positions", "closed=true")]
    assert closed == ["close"]
    both = [body["positionChange"] for _, body in await events(door, "positions", "closed=true&opened=true")]
    assert both == ["open", "close"]
    assert await events(door, "positions", "settlement=true") == []


async def test_funding_is_a_position_event_of_its_own() -> None:
    door = Door()
    await market(door, "buy", "0.02")
    door.hands.turn(3_700)
    door.venue.apply(Tick())
    ((_, row),) = await events(door, "positions", "funding_realization=true")
    log = [entry for entry in door.venue.engine.account().account_log() if entry.info == "funding rate change"]
    assert (row["updateReason"], row["positionChange"]) == ("fundingRealisation", "noChange")
    assert Decimal(row["realizedFunding"]) == log[0].realized_funding
    assert Decimal(row["newPosition"]) == Decimal(row["oldPosition"]) == Decimal("0.02")


async def test_the_log_as_csv_has_the_rows_of_the_log() -> None:
    door = Door()
    await market(door, "buy", "0.01")
    answer = await door.get("/api/history/v2/accountlogcsv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body)))
    logs = (await door.get(f"{H}/account-log")).body["logs"]
    assert [row["uid"] for row in rows] == [log["booking_uid"] for log in logs]
    assert [float(row["new balance"]) for row in rows] == [log["new_balance"] for log in logs]
    cash = next(row for row in rows if row["symbol"] == "usd")
    assert float(cash["change"]) == -float(cash["fee"])
    assert len(cash["dateTime"]) == 19


async def test_public_orders_are_nobodys() -> None:
    door = Door()
    await door.rest_limit(cliOrdId="mine")
    elements = (await door.public(f"{H}/market/PF_XBTUSD/orders")).body["elements"]
    order = elements[0]["event"]["OrderPlaced"]["order"]
    assert order["limitPrice"] == "60000"
    assert not {"accountUid", "clientId", "filled"} & order.keys()
    assert (await door.public(f"{H}/market/PF_ETHUSD/orders")).body["elements"] == []


async def test_mark_prices_page_by_page() -> None:
    door = Door()
    for price in (80_000, 81_000, 82_000):
        door.hands.turn(1)
        door.venue.apply(MovePrice("XBT", Decimal(price)))
    first = (await door.public(f"{H}/market/PF_XBTUSD/price", "count=2")).body
    second = (await door.public(f"{H}/market/PF_XBTUSD/price", f"continuation_token={first['continuationToken']}")).body
    elements = first["elements"] + second["elements"]
    assert float(elements[0]["event"]["MarkPriceChanged"]["price"]) == float(door.venue.engine.ticker("PF_XBTUSD").mark)
    times = [element["timestamp"] for element in elements]
    assert times == sorted(set(times), reverse=True)
    assert {element["uid"] for element in elements} == {""}


async def test_trade_volume_adds_up() -> None:
    door = Door()
    since = door.hands.now_ms // 1000 - 7_200
    await market(door, "buy", "0.05")
    answer = await door.public(f"{CHARTS}/analytics/PF_XBTUSD/trade-volume", f"since={since}&interval=300")
    result = answer.body["result"]
    candles = door.venue.engine.candles("trade", "PF_XBTUSD", 5, since_ms=since * 1000)
    assert result["timestamp"] == [row.time_ms // 1000 for row in candles]
    assert [float(amount) for amount in result["data"]] == [float(row.volume) for row in candles]
    assert answer.body["errors"] == []


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("PF_XBTUSD/trade-volume?since=1&interval=7", "interval"),
        ("PF_XBTUSD/trade-volume?since=x&interval=60", "since"),
        ("PF_XBTUSD/trade-volume?interval=60", "since"),
        ("PF_NONE/trade-volume?since=1&interval=60", "symbol"),
        ("PF_XBTUSD/top-traders?since=1&interval=60", "analytics_type"),
        ("liquidity-pool", "analytics_type"),
    ],
)
async def test_other_analytics_are_refused_in_their_own_shape(path: str, field: str) -> None:
    name, _, query = path.partition("?")
    answer = await Door().public(f"{CHARTS}/analytics/{name}", query)
    assert (answer.status, answer.body["result"]) == (400, None)
    assert answer.body["errors"][0]["field"] == field
