from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.client.derivatives.parts import SERVER_MS, TIME, FakeVenue, client, form, ok, said
from tui.client.derivatives.results import OrderResult
from tui.client.derivatives.transport import Lane
from tui.model.enums import (
    Liquidity,
    OrderType,
    Side,
    TriggerSignal,
)
from tui.model.errors import (
    BadArgument,
    NotFound,
    OrderRefused,
    OutcomeUnknown,
    Sent,
    UnknownAnswer,
)
from tui.model.order import CancelRequest, EditRequest, OrderRequest

D = Decimal
ORDER = (
    '{"orderId":"o-1","cliOrdId":"c-1","type":"lmt","symbol":"PF_XBTUSD","side":"buy","quantity":10,"filled":0,'
    '"limitPrice":9400,"reduceOnly":false,"timestamp":"2026-01-02T03:04:05.000Z",'
    '"lastUpdateTimestamp":"2026-01-02T03:04:05.500Z"}'
)
PLACE = f'{{"type":"PLACE","order":{ORDER},"reducedQuantity":null}}'
EXECUTION = (
    '{"type":"EXECUTION","executionId":"f-1","price":9399.5,"amount":4,"orderPriorEdit":null,'
    f'"orderPriorExecution":{ORDER},"takerReducedQuantity":null}}'
)


def send_status(status: str, *events: str, order_id: str | None = "o-1") -> httpx.Response:
    identity = f'"order_id":"{order_id}",' if order_id else ""
    return ok(f'"sendStatus":{{{identity}"status":"{status}","orderEvents":[{",".join(events)}]}}')


async def limit(venue: FakeVenue, **more: Any) -> OrderResult:
    return await client(venue).send_order("PF_XBTUSD", "buy", 10, limit_price="9400", client_order_id="c-1", **more)


# --- what became of an order ------------------------------------------------------------------------------------------


async def test_an_order_that_rests() -> None:
    result = await limit(FakeVenue(send_status("placed", PLACE)))
    assert (result.status, result.order_id, result.client_order_id, result.filled) == ("placed", "o-1", "c-1", D(0))
    assert result.order is not None
    assert (result.order.remaining, result.order.limit_price, result.order.type) == (D(10), D(9400), OrderType.LIMIT)
    assert result.order.updated_ms == SERVER_MS - 500
    assert result.server_ms == SERVER_MS
    assert [event.type for event in result.events] == ["PLACE"]


async def test_an_order_filled_whole_at_once_still_says_placed_and_rests_no_more() -> None:
    result = await limit(FakeVenue(send_status("placed", EXECUTION.replace('"amount":4', '"amount":10'))))
    assert (result.filled, result.order) == (D(10), None)
    fill = result.fills[0]
    assert (fill.fill_id, fill.order_id, fill.client_order_id) == ("f-1", "o-1", "c-1")
    assert (fill.side, fill.size, fill.price, fill.liquidity) == (Side.BUY, D(10), D("9399.5"), Liquidity.TAKER)


async def test_an_order_filled_in_part_rests_with_the_remainder_whichever_way_it_is_told() -> None:
    whole = await limit(FakeVenue(send_status("placed", EXECUTION, PLACE)))
    rest = await limit(FakeVenue(send_status("placed", EXECUTION, PLACE.replace('"quantity":10', '"quantity":6'))))
    for result in (whole, rest):
        assert result.filled == D(4)
        assert result.order is not None
        assert (result.order.remaining, result.order.filled, result.order.size) == (D(6), D(4), D(10))


async def test_a_trigger_rests_with_what_was_asked_and_the_venues_trigger_price() -> None:
    placed = (
        '{"type":"PLACE","orderTrigger":{"uid":"o-9","clientId":"c-1","type":"ioc","symbol":"PF_XBTUSD","side":"sell",'
        '"quantity":1,"limitPrice":null,"triggerPrice":83559,"triggerSide":"trigger_below",'
        '"triggerSignal":"spot_price","reduceOnly":true,"timestamp":"2026-01-02T03:04:05.000Z"}}'
    )
    venue = FakeVenue(send_status("placed", placed, order_id=None))
    result = await client(venue).send_order(
        "PF_XBTUSD", "sell", "1", order_type="trailing_stop", trailing_stop_max_deviation="5", reduce_only=True
    )
    assert result.order is not None
    assert (result.order_id, result.order.order_id, result.order.type) == ("o-9", "o-9", OrderType.TRAILING_STOP)
    assert (result.order.stop_price, result.order.trigger_signal) == (D(83559), TriggerSignal.INDEX)


@pytest.mark.parametrize("status", ["insufficientAvailableFunds", "postWouldExecute", "cancelled", "tooManyOrders"])
async def test_a_refusal_is_an_error_with_the_venues_word_and_id(status: str) -> None:
    with pytest.raises(OrderRefused) as caught:
        await limit(FakeVenue(send_status(status)))
    assert (caught.value.status, caught.value.order_id, caught.value.client_order_id) == (status, "o-1", "c-1")


async def test_a_word_nobody_knows_is_never_a_success() -> None:
    with pytest.raises(UnknownAnswer):
        await limit(FakeVenue(send_status("brandNew", PLACE)))


async def test_a_refusal_that_traded_is_not_a_refusal() -> None:
    result = await limit(FakeVenue(send_status("iocWouldNotExecute", EXECUTION)))
    assert (result.status, result.filled) == ("iocWouldNotExecute", D(4))


async def test_an_order_always_carries_a_client_id_and_a_fresh_one() -> None:
    venue = FakeVenue(send_status("placed", PLACE))
    for _ in range(2):
        await client(venue).send_order("PF_XBTUSD", Side.BUY, 1, order_type=OrderType.MARKET)
    first, second = (form(request)["cliOrdId"] for request in venue.asked)
    assert len(first) == 36
    assert first != second


async def test_a_lost_answer_is_unknown_and_nothing_is_sent_again() -> None:
    venue = FakeVenue(httpx.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown):
        await limit(venue)
    assert len(venue.asked) == 1


@pytest.mark.parametrize("size", [0.1, "x", "nan", ""])
async def test_an_amount_that_is_none_sends_nothing(size: Any) -> None:
    venue = FakeVenue(send_status("placed"))
    with pytest.raises(BadArgument) as caught:
        await client(venue).send_order("PF_XBTUSD", "buy", size, order_type="market")
    assert caught.value.sent is Sent.NO
    assert venue.asked == []


async def test_a_word_that_is_none_sends_nothing() -> None:
    venue = FakeVenue(send_status("placed"))
    for wrong in ({"side": "long"}, {"order_type": "stop-limit"}, {"order_type": "unknown"}):
        with pytest.raises(BadArgument):
            await client(venue).send_order(
                "PF_XBTUSD", wrong.get("side", "buy"), 1, order_type=wrong.get("order_type", "market")
            )
    assert venue.asked == []


async def test_an_edit_keeps_the_id_and_says_what_works_now() -> None:
    edited = f'{{"type":"EDIT","old":{ORDER},"new":{ORDER.replace("9400", "9500")},"reducedQuantity":null}}'
    venue = FakeVenue(ok(f'"editStatus":{{"status":"edited","orderId":"o-1","orderEvents":[{edited}]}}'))
    result = await client(venue).edit_order("o-1", limit_price="9500", size="10")
    assert result.order is not None
    assert (result.order.order_id, result.order.limit_price, result.order.remaining) == ("o-1", D(9500), D(10))
    assert form(venue.asked[0]) == {"orderId": "o-1", "size": "10", "qtyMode": "RELATIVE", "limitPrice": "9500"}


async def test_an_edit_without_effect_is_told_as_such() -> None:
    reject = f'{{"type":"REJECT","uid":"o-1","reason":"EDIT_HAS_NO_EFFECT","order":{ORDER}}}'
    venue = FakeVenue(ok(f'"editStatus":{{"status":"edited","orderId":"o-1","orderEvents":[{reject}]}}'))
    result = await client(venue).edit_order("o-1", limit_price="9400")
    assert result.order is None
    assert result.events[0].reason == "the edit changes nothing"


@pytest.mark.parametrize("status", ["filled", "notFound"])
async def test_a_cancel_that_did_not_cancel_is_refused(status: str) -> None:
    venue = FakeVenue(ok(f'"cancelStatus":{{"status":"{status}","receivedTime":"2026-01-02T03:04:05.000Z"}}'))
    with pytest.raises(OrderRefused) as caught:
        await client(venue).cancel_order("o-1")
    assert caught.value.status == status


async def test_cancel_by_our_id() -> None:
    venue = FakeVenue(ok('"cancelStatus":{"status":"cancelled","order_id":"o-1","cliOrdId":"c-1"}'))
    result = await client(venue).cancel_order(client_order_id="c-1")
    assert (result.status, result.order_id) == ("cancelled", "o-1")
    assert form(venue.asked[0]) == {"cliOrdId": "c-1"}


async def test_everything_that_cancels_goes_by_the_cancels_lane() -> None:
    cancelled = '"cancelStatus":{"status":"cancelled"},"status":{"triggerTime":"2018-06-19T16:52:23.839Z"}'
    venue = FakeVenue(ok(cancelled))
    desk = client(venue)
    await desk.cancel_order("o-1")
    await desk.cancel_all_orders()
    await desk.cancel_all_orders_after(60)
    assert set(venue.lanes) == {Lane.CANCEL}


async def test_cancel_all_believes_the_list_more_than_the_word() -> None:
    body = '"cancelStatus":{"status":"noOrdersToCancel","cancelledOrders":[{"order_id":"o-1"}],"orderEvents":[]}'
    result = await client(FakeVenue(ok(body))).cancel_all_orders("PF_XBTUSD")
    assert result.order_ids == ("o-1",)
    with pytest.raises(UnknownAnswer):
        await client(FakeVenue(ok('"cancelStatus":{"status":"maybe"}'))).cancel_all_orders()


async def test_the_dead_mans_switch() -> None:
    armed = '"status":{"currentTime":"2018-06-19T16:51:23.839Z","triggerTime":"2018-06-19T16:52:23.839Z"}'
    assert await client(FakeVenue(ok(armed))).cancel_all_orders_after(60) == 1_529_427_143_839
    off = ok('"status":{"currentTime":"2018-06-19T16:51:23.839Z","triggerTime":"0"}')
    assert await client(FakeVenue(off)).cancel_all_orders_after(0) is None
    with pytest.raises(OutcomeUnknown):
        await client(FakeVenue(off)).cancel_all_orders_after(60)


async def test_a_batch_gives_one_verdict_per_request() -> None:
    rows = (
        f'{{"status":"placed","order_id":"o-1","orderEvents":[{PLACE}]}},'
        '{"status":"orderForEditNotFound"},{"status":"cancelled"}'
    )
    venue = FakeVenue(ok(f'"batchStatus":[{rows}]'))
    requests = (
        OrderRequest("c-1", "PF_XBTUSD", Side.BUY, OrderType.LIMIT, D(10), limit_price=D(9400)),
        EditRequest("", "o-2", size=D(1)),
        CancelRequest("", "o-3"),
    )
    sent, edited, cancelled = await client(venue).batch_order(requests)
    assert isinstance(sent, OrderResult)
    assert isinstance(edited, OrderRefused)
    assert isinstance(cancelled, OrderResult)
    assert len(json.loads(form(venue.asked[0])["json"])["batchOrder"]) == 3
    with pytest.raises(OutcomeUnknown):
        await client(FakeVenue(ok('"batchStatus":[]'))).batch_order(requests)
    assert await client(FakeVenue(ok('"batchStatus":[]'))).batch_order([]) == ()


# --- positions and leverage -------------------------------------------------------------------------------------------

POSITIONS = (
    '"openPositions":[{"side":"short","symbol":"PI_XBTUSD","price":9392.749993345933,"size":10000,'
    '"fillTime":"2020-07-22T14:39:12.376Z","unrealizedPnl":-607250.0,"unrealizedFunding":0.00001},'
    '{"side":"long","symbol":"PF_XBTUSD","price":84000,"size":1.5,"pnlCurrency":"BTC","maxFixedLeverage":5,'
    '"unrealizedPnl":12.5}]'
)


async def test_close_position_sends_the_opposite_reduce_only_market_order_of_the_size() -> None:
    venue = FakeVenue(ok(POSITIONS), send_status("placed", EXECUTION))
    await client(venue).close_position("pf_xbtusd")
    sent = form(venue.asked[1])
    assert {name: sent[name] for name in ("symbol", "side", "size", "orderType", "reduceOnly")} == {
        "symbol": "PF_XBTUSD",
        "side": "sell",
        "size": "1.5",
        "orderType": "mkt",
        "reduceOnly": "true",
    }


async def test_close_position_buys_a_short_back() -> None:
    venue = FakeVenue(ok(POSITIONS), send_status("placed", EXECUTION))
    await client(venue).close_position("PI_XBTUSD")
    sent = form(venue.asked[1])
    assert (sent["side"], sent["size"], sent["reduceOnly"]) == ("buy", "10000", "true")


async def test_close_position_says_when_there_is_none() -> None:
    venue = FakeVenue(ok('"openPositions":[]'))
    with pytest.raises(NotFound) as caught:
        await client(venue).close_position("PF_XBTUSD")
    assert caught.value.sent is Sent.NO
    assert len(venue.asked) == 1


async def test_set_leverage_sends_a_cap_or_none_in_the_query_and_wants_a_success() -> None:
    venue = FakeVenue(said(f'{{"result":"success",{TIME}}}'))
    await client(venue).set_leverage("PF_XBTUSD", "5")
    await client(venue).set_leverage("PF_XBTUSD", None)
    assert [request.url.query for request in venue.asked] == [b"symbol=PF_XBTUSD&maxLeverage=5", b"symbol=PF_XBTUSD"]
    assert venue.asked[0].method == "PUT"
    with pytest.raises(OutcomeUnknown):
        await client(FakeVenue(said("{}"))).set_leverage("PF_XBTUSD", "5")
    refused = said('{"status":"INTERNAL_SERVER_ERROR","result":"error","errors":[{"code":92,"message":"NO"}]}', 500)
    with pytest.raises(OrderRefused):
        await client(FakeVenue(refused)).set_leverage("PF_XBTUSD", "5")
