from decimal import Decimal
from typing import Any

import pytest

from tests.exchange.doors import START_MS, D, Door, with_options
from tui.exchange.commands import MovePrice
from tui.wire.derivatives.codec import decode
from tui.wire.derivatives.times import to_iso
from tui.wire.derivatives.trading import (
    BatchOrder,
    CancelAllOrders,
    CancelAllOrdersAfter,
    CancelOrder,
    EditOrder,
    Fills,
    OpenOrders,
    OrdersStatus,
    SendOrder,
)


async def test_a_resting_order_is_placed_and_listed() -> None:
    door = Door()
    answer = await door.post(
        f"{D}/sendorder",
        orderType="lmt",
        symbol="pf_xbtusd",
        side="buy",
        size="0.5",
        limitPrice="60000",
        cliOrdId="mine",
        reduceOnly="False",
    )
    status = decode(SendOrder, answer.raw).send_status
    assert (status.status, status.cli_ord_id, status.received) == ("placed", "mine", to_iso(START_MS))
    (event,) = status.events
    assert event.order is not None
    assert (event.type, event.order.type, event.order.symbol) == ("PLACE", "lmt", "PF_XBTUSD")
    assert answer.body["sendStatus"]["orderEvents"][0]["reducedQuantity"] is None
    (row,) = decode(OpenOrders, (await door.get(f"{D}/openorders")).raw).open_orders
    assert (row.order_id, row.cli_ord_id, row.status) == (status.order_id, "mine", "untouched")
    assert (row.order_type, row.unfilled_size, row.filled_size) == ("lmt", Decimal("0.5"), Decimal(0))


async def test_a_market_order_comes_back_as_ioc_with_its_executions() -> None:
    door = Door()
    answer = await door.post(f"{D}/sendorder", orderType="mkt", symbol="PF_XBTUSD", side="buy", size="0.01")
    status = decode(SendOrder, answer.raw).send_status
    assert status.status == "placed"
    assert {event.type for event in status.events} == {"EXECUTION"}
    first = answer.body["sendStatus"]["orderEvents"][0]
    assert first["orderPriorEdit"] is None
    assert first["takerReducedQuantity"] is None
    assert first["orderPriorExecution"]["type"] == "ioc"
    (fill,) = decode(Fills, (await door.get(f"{D}/fills")).raw).fills
    assert (fill.fill_id, fill.fill_type) == (status.events[0].execution_id, "taker")
    paged = await door.get(f"{D}/fills", f"lastFillTime={to_iso(START_MS + 1)}")
    assert paged.body["fills"][0]["realized_pnl"] is None
    assert (await door.get(f"{D}/fills", f"lastFillTime={to_iso(START_MS)}")).body["fills"] == []


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"orderType": "post", "limitPrice": "99000"}, "postWouldExecute"),
        ({"orderType": "ioc", "limitPrice": "60000"}, "iocWouldNotExecute"),
        ({"orderType": "lmt", "limitPrice": "60000.5"}, "invalidPrice"),
        ({"orderType": "lmt", "limitPrice": "60000", "size": "0.00001"}, "invalidSize"),
        ({"orderType": "lmt", "limitPrice": "60000", "size": "1000"}, "insufficientAvailableFunds"),
        ({"orderType": "lmt", "limitPrice": "60000", "reduceOnly": "true"}, "wouldNotReducePosition"),
        ({"orderType": "lmt", "limitPrice": "60000", "cliOrdId": "x" * 101}, "clientOrderIdTooBig"),
        (
            {"orderType": "lmt", "limitPrice": "60000", "processBefore": to_iso(START_MS - 1)},
            "wouldProcessAfterSpecifiedTime",
        ),
    ],
)
async def test_a_refusal_is_a_success_whose_status_tells(fields: dict[str, str], status: str) -> None:
    door = Door()
    answer = await door.order(**{"symbol": "PF_XBTUSD", "side": "buy", "size": "0.1", **fields})
    assert answer["status"] == status
    assert all(event["type"] == "REJECT" and event["reason"] for event in answer["orderEvents"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"symbol": "PF_NOPE"}, "Argument invalid: symbol"),
        ({"side": "long"}, "Argument invalid: side"),
        ({"orderType": "stop"}, "invalid order type"),
        ({"size": "much"}, "Argument invalid: size"),
        ({"limitPrice": "NaN"}, "Argument invalid: limitPrice"),
        ({"reduceOnly": "perhaps"}, "Argument invalid: reduceOnly"),
        ({"triggerSignal": "moon"}, "Argument invalid: triggerSignal"),
        ({"processBefore": "soon"}, "Argument invalid: processBefore"),
        ({"trailingStopMaxDeviation": "1", "trailingStopDeviationUnit": "BPS"}, "trailingStopDeviationUnit"),
    ],
)
async def test_what_cannot_be_read_is_a_coded_error(changes: dict[str, str], message: str) -> None:
    order = {"orderType": "lmt", "symbol": "PF_XBTUSD", "side": "buy", "size": "0.1", "limitPrice": "60000"}
    answer = await Door().post(f"{D}/sendorder", **{**order, **changes})
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, 11)
    assert message in answer.body["errors"][0]["message"]


@pytest.mark.parametrize("absent", ["orderType", "symbol", "side", "size"])
async def test_what_is_missing_is_a_word(absent: str) -> None:
    order = {"orderType": "lmt", "symbol": "PF_XBTUSD", "side": "buy", "size": "0.1", "limitPrice": "60000"}
    del order[absent]
    assert (await Door().post(f"{D}/sendorder", **order)).body["error"] == "requiredArgumentMissing"


STOP = {"orderType": "stp", "symbol": "PF_XBTUSD", "side": "sell", "size": "0.1", "stopPrice": "80000"}


@pytest.mark.parametrize("signal", ["last", "mark", "index"])
async def test_a_stop_that_names_no_signal_watches_the_default_one(signal: str) -> None:
    door = Door(with_options(default_signal=signal))
    await door.order(**STOP)
    (order,) = door.venue.engine.account().open_orders()
    assert order.trigger is not None
    assert order.trigger.signal == signal


@pytest.mark.parametrize(
    ("sent", "listed", "in_events", "in_status"),
    [
        ("mark", "mark", "mark_price", "MARK_PRICE"),
        ("spot", "spot", "spot_price", "SPOT_PRICE"),
        ("index", "spot", "spot_price", "SPOT_PRICE"),
        ("last", "last", "last_price", "LAST_PRICE"),
    ],
)
async def test_a_trigger_speaks_every_dialect(sent: str, listed: str, in_events: str, in_status: str) -> None:
    door = Door()
    placed = await door.order(**STOP, triggerSignal=sent)
    trigger = placed["orderEvents"][0]["orderTrigger"]
    assert (trigger["type"], trigger["triggerSide"], trigger["triggerSignal"]) == ("ioc", "trigger_below", in_events)
    (row,) = (await door.get(f"{D}/openorders")).body["openOrders"]
    assert (row["orderType"], row["stopPrice"], row["triggerSignal"]) == ("stop", 80000, listed)
    assert "limitPrice" not in row
    (status,) = (await door.post(f"{D}/orders/status", orderIds=placed["order_id"])).body["orders"]
    assert (status["order"]["type"], status["status"]) == ("TRIGGER_ORDER", "TRIGGER_PLACED")
    assert status["order"]["priceTriggerOptions"]["triggerSignal"] == in_status


async def test_the_word_for_a_stop_is_a_switch() -> None:
    door = Door(with_options(stop_word="stp"))
    await door.order(**STOP, limitPrice="79000")
    (row,) = (await door.get(f"{D}/openorders")).body["openOrders"]
    assert (row["orderType"], row["limitPrice"]) == ("stp", 79000)


async def test_a_trailing_stop_and_an_offset_take_their_units_in_any_case() -> None:
    door = Door()
    placed = await door.order(
        orderType="trailing_stop",
        symbol="PF_XBTUSD",
        side="sell",
        size="0.1",
        trailingStopMaxDeviation="2",
        trailingStopDeviationUnit="percent",
        triggerSignal="mark",
    )
    assert placed["status"] == "placed"
    (row,) = (await door.post(f"{D}/orders/status", orderIds=placed["order_id"])).body["orders"]
    assert row["order"]["priceTriggerOptions"]["trailingStopOptions"] == {"maxDeviation": 2, "unit": "PERCENT"}
    offset = await door.order(**STOP, limitPriceOffsetValue="-1", limitPriceOffsetUnit="quote_currency")
    assert offset["orderEvents"][0]["orderTrigger"]["limitPriceOffsetUnit"] == "QUOTE_CURRENCY"
    assert (await door.post(f"{D}/sendorder", **STOP, limitPriceOffsetValue="1")).body["error"] == (
        "requiredArgumentMissing"
    )


async def test_an_edit_keeps_the_id_and_shows_old_and_new() -> None:
    door = Door()
    placed = await door.rest_limit(cliOrdId="mine")
    answer = await door.post(f"{D}/editorder", orderId=placed["order_id"], size="0.2", limitPrice="61000")
    status = decode(EditOrder, answer.raw).edit_status
    assert (status.status, status.order_id) == ("edited", placed["order_id"])
    assert "order_id" not in answer.body["editStatus"]
    (event,) = status.events
    assert event.old is not None
    assert event.new is not None
    assert (event.old.quantity, event.new.quantity, event.new.limit_price) == (
        Decimal("0.1"),
        Decimal("0.2"),
        Decimal(61000),
    )
    again = (await door.post(f"{D}/editorder", cliOrdId="mine", limitPrice="61000")).body["editStatus"]
    assert (again["status"], again["orderEvents"][0]["reason"]) == ("edited", "EDIT_HAS_NO_EFFECT")


async def test_an_edit_of_nothing() -> None:
    door = Door()
    unknown = "e35d61dd-8a30-4d5f-a574-b5593ef0c050"
    answer = (await door.post(f"{D}/editorder", orderId=unknown, size=1)).body["editStatus"]
    assert (answer["status"], answer["orderEvents"]) == ("orderForEditNotFound", [])
    assert (await door.post(f"{D}/editorder", size=1)).body["error"] == "requiredArgumentMissing"
    bad = await door.post(f"{D}/editorder", orderId=unknown, qtyMode="TOTAL")
    assert bad.body["errors"][0]["message"] == "Argument invalid: qtyMode"


async def test_cancels_find_by_either_id_and_tell_little_of_what_is_not_there() -> None:
    door = Door()
    first, _ = await door.rest_limit(), await door.rest_limit(cliOrdId="mine")
    answer = await door.post(f"{D}/cancelorder", order_id=first["order_id"])
    status = decode(CancelOrder, answer.raw).cancel_status
    assert (status.status, status.order_id) == ("cancelled", first["order_id"])
    assert status.events[0].uid == first["order_id"]
    assert (await door.post(f"{D}/cancelorder", cliOrdId="mine")).body["cancelStatus"]["status"] == "cancelled"
    gone = (await door.post(f"{D}/cancelorder", order_id="no-such")).body["cancelStatus"]
    assert gone == {"status": "notFound", "receivedTime": to_iso(START_MS)}
    assert (await door.post(f"{D}/cancelorder")).body["error"] == "requiredArgumentMissing"


async def test_cancel_all_of_one_symbol_and_of_all() -> None:
    door = Door()
    xbt = await door.rest_limit(cliOrdId="mine")
    await door.rest_limit(symbol="PF_ETHUSD", size="1", limitPrice="2000")
    one = await door.post(f"{D}/cancelallorders", symbol="pf_xbtusd")
    status = decode(CancelAllOrders, one.raw).cancel_status
    assert status.cancelled_orders is not None
    assert (status.status, status.cancel_only) == ("cancelled", "PF_XBTUSD")
    assert [(row.order_id, row.cli_ord_id) for row in status.cancelled_orders] == [(xbt["order_id"], "mine")]
    everything = (await door.post(f"{D}/cancelallorders")).body["cancelStatus"]
    assert (everything["cancelOnly"], len(everything["cancelledOrders"])) == ("all", 1)
    nothing = (await door.post(f"{D}/cancelallorders")).body["cancelStatus"]
    assert (nothing["status"], nothing["cancelledOrders"]) == ("noOrdersToCancel", [])


async def test_the_dead_man_switch_is_armed_disarmed_and_fires() -> None:
    door = Door()
    await door.rest_limit()
    armed = await door.post(f"{D}/cancelallordersafter", timeout=60)
    status = decode(CancelAllOrdersAfter, armed.raw).status
    assert (status.current_time, status.trigger_time) == (to_iso(START_MS), to_iso(START_MS + 60_000))
    disarmed = await door.post(f"{D}/cancelallordersafter", timeout=0)
    assert disarmed.body["status"]["triggerTime"] == "0"
    await door.post(f"{D}/cancelallordersafter", timeout=60)
    door.hands.turn(61)
    door.venue.tick()
    assert (await door.get(f"{D}/openorders")).body["openOrders"] == []
    assert (await door.post(f"{D}/cancelallordersafter")).body["error"] == "requiredArgumentMissing"


async def batch(door: Door, items: str) -> list[dict[str, Any]]:
    answer = await door.signed("POST", f"{D}/batchorder", body=f'json={{"batchOrder":[{items}]}}'.encode())
    decode(BatchOrder, answer.raw)
    rows: list[dict[str, Any]] = answer.body["batchStatus"]
    return rows


SEND = '{"order":"send","order_tag":%s,"orderType":"lmt","symbol":"PF_XBTUSD","side":"buy","size":%s,"limitPrice":%s%s}'


async def test_a_batch_runs_in_sequence_and_a_bad_row_spoils_only_itself() -> None:
    door = Door()
    rows = await batch(
        door,
        ",".join(
            [
                SEND % ("0", '"0.1"', "60000", ',"cliOrdId":"a","reduceOnly":false'),
                SEND % ('"t"', "0.1", '"many"', ""),
                SEND % ("2", "99999", "60000", ""),
                '{"order":"edit","cliOrdId":"a","size":0.3}',
                '{"order":"edit","order_id":"abc","size":0.3}',
                '{"order":"cancel","cliOrdId":"a"}',
                '{"order":"cancel"}',
                '{"order":"dance"}',
                '{"order":"send","orderTag":"x","orderType":"lmt","symbol":"PF_NOPE","side":"buy","size":1}',
            ]
        ),
    )
    assert [row["status"] for row in rows] == [
        "placed",
        "invalidPrice",
        "maxPositionViolation",
        "edited",
        "notFound",
        "cancelled",
        "requiredArgumentMissing",
        "requiredArgumentMissing",
        "marketInactive",
    ]
    assert [row.get("order_tag") for row in rows] == [0, "t", 2, None, None, None, None, None, "x"]
    assert rows[0]["dateTimeReceived"] == to_iso(START_MS)
    assert "receivedTime" not in rows[0]
    assert rows[5]["orderEvents"][0]["type"] == "CANCEL"


async def test_a_batch_may_have_a_time_by_which_to_be_processed() -> None:
    door = Door()
    item = SEND % ("0", "0.1", "60000", "")
    body = f'json={{"batchOrder":[{item}]}}&ProcessBefore={to_iso(START_MS - 1)}'.encode()
    answer = await door.signed("POST", f"{D}/batchorder", body=body)
    assert answer.body["batchStatus"][0]["status"] == "wouldProcessAfterSpecifiedTime"


async def test_a_batch_that_is_no_json() -> None:
    answer = await Door().signed("POST", f"{D}/batchorder", body=b"json={oops")
    assert (answer.status, answer.body["error"]) == (200, "Json Parse Error")


async def test_order_status_by_get_and_post_repeated_and_joined() -> None:
    door = Door()
    first, second = await door.rest_limit(cliOrdId="a"), await door.rest_limit()
    joined = await door.post(f"{D}/orders/status", orderIds=f"{first['order_id']},{second['order_id']}")
    rows = decode(OrdersStatus, joined.raw).orders
    assert {row.order.order_id for row in rows} == {first["order_id"], second["order_id"]}
    by_get = await door.get(f"{D}/orders/status", f"orderIds={first['order_id']}")
    (row,) = by_get.body["orders"]
    assert (row["status"], row["updateReason"], row["error"]) == ("ENTERED_BOOK", "NEW_USER_ORDER", None)
    assert row["order"]["priceTriggerOptions"] is None
    by_client = await door.post(f"{D}/orders/status", cliOrdIds="a")
    assert by_client.body["orders"][0]["order"]["cliOrdId"] == "a"
    assert (await door.post(f"{D}/orders/status", orderIds="unknown")).body["orders"] == []


async def test_order_status_forgets_after_five_seconds() -> None:
    door = Door()
    order_id = (await door.rest_limit())["order_id"]
    await door.post(f"{D}/cancelorder", order_id=order_id)
    (row,) = (await door.post(f"{D}/orders/status", orderIds=order_id)).body["orders"]
    assert row["status"] == "CANCELLED"
    door.hands.turn(6)
    door.venue.tick()
    assert (await door.post(f"{D}/orders/status", orderIds=order_id)).body["orders"] == []


async def test_a_resting_order_is_hit_and_shows_as_partly_or_wholly_filled() -> None:
    door = Door()
    order_id = (await door.rest_limit())["order_id"]
    door.venue.apply(MovePrice("XBT", Decimal(59_000)))
    assert (await door.get(f"{D}/openorders")).body["openOrders"] == []
    fills = (await door.get(f"{D}/fills")).body["fills"]
    assert {(fill["order_id"], fill["fillType"]) for fill in fills} == {(order_id, "maker")}
    (status,) = (await door.post(f"{D}/orders/status", orderIds=order_id)).body["orders"]
    assert status["status"] == "FULLY_EXECUTED"
