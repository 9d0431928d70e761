from decimal import Decimal

import pytest

from tests.exchange.doors import API_KEY, KEY_CHECK, START_MS, D, Door, H, with_options
from tui.wire.derivatives.account import AccountLog, Accounts, KeyCheck, OpenPositions
from tui.wire.derivatives.codec import decode
from tui.wire.derivatives.history import Executions, OrderHistory


async def bought(door: Door, size: str = "0.01", symbol: str = "PF_XBTUSD", **more: str) -> None:
    placed = await door.order(orderType="mkt", symbol=symbol, side="buy", size=size, **more)
    assert placed["orderEvents"][0]["type"] == "EXECUTION"


async def test_accounts_are_the_engines() -> None:
    door = Door()
    await bought(door)
    await bought(door, "1000", "PI_XBTUSD")
    answer = await door.get(f"{D}/accounts")
    accounts = decode(Accounts, answer.raw).accounts
    engine = door.venue.engine
    flex = engine.account().flex_account()
    shown = accounts["flex"]
    assert shown.margin_equity == flex.margin_equity
    assert shown.initial_margin == flex.totals.initial_margin
    assert shown.initial_margin_with_orders == flex.totals.initial_margin_with_orders
    assert shown.available_margin == flex.available_margin
    wallet = next(row for row in engine.account().wallets() if row.name == "fi_xbtusd")
    inverse = accounts["fi_xbtusd"]
    assert inverse.margin_requirements is not None
    assert inverse.margin_requirements.mm == wallet.maintenance_margin
    assert inverse.balances == {"PI_XBTUSD": Decimal(1000), "xbt": wallet.balance}
    assert answer.body["accounts"]["cash"]["type"] == "cashAccount"
    assert isinstance(answer.body["accounts"]["fi_xbtusd"]["balances"]["xbt"], float)


async def test_balances_as_text_are_a_switch() -> None:
    answer = await Door(with_options(balances_as_text=True)).get(f"{D}/accounts")
    assert answer.body["accounts"]["fi_xbtusd"]["balances"]["xbt"] == "0.5"


async def test_positions() -> None:
    door = Door()
    assert (await door.get(f"{D}/openpositions")).body["openPositions"] == []
    await bought(door)
    await door.order(orderType="mkt", symbol="PI_XBTUSD", side="sell", size="1000")
    answer = await door.get(f"{D}/openpositions")
    rows = {row.symbol: row for row in decode(OpenPositions, answer.raw).open_positions}
    assert (rows["PF_XBTUSD"].side, rows["PF_XBTUSD"].size) == ("long", Decimal("0.01"))
    assert (rows["PI_XBTUSD"].side, rows["PI_XBTUSD"].size) == ("short", Decimal(1000))
    assert rows["PF_XBTUSD"].pnl_currency == "USD"
    assert rows["PF_XBTUSD"].max_fixed_leverage is None


async def test_leverage_makes_a_position_isolated_and_back() -> None:
    door = Door()
    assert (await door.put(f"{D}/leveragepreferences", symbol="pf_xbtusd", maxLeverage=5)).body == {
        "result": "success",
        "serverTime": "2026-09-21T14:13:20.000Z",
    }
    listed = await door.get(f"{D}/leveragepreferences")
    assert listed.body["leveragePreferences"] == [{"symbol": "PF_XBTUSD", "maxLeverage": 5}]
    await bought(door)
    (row,) = (await door.get(f"{D}/openpositions")).body["openPositions"]
    assert row["maxFixedLeverage"] == 5
    await door.put(f"{D}/leveragepreferences", symbol="PF_XBTUSD")
    assert (await door.get(f"{D}/leveragepreferences")).body["leveragePreferences"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("symbol=PF_XBTUSD&maxLeverage=5000", 98),
        ("symbol=PF_NOPE&maxLeverage=5", 87),
        ("symbol=PI_XBTUSD&maxLeverage=5", 88),
    ],
)
async def test_leverage_refusals_are_coded_with_http_500(query: str, code: int) -> None:
    answer = await Door().signed("PUT", f"{D}/leveragepreferences", query=query)
    assert (answer.status, answer.body["status"]) == (500, "INTERNAL_SERVER_ERROR")
    assert answer.body["errors"][0]["code"] == code
    assert "error" not in answer.body


async def test_pnl_currency_and_self_trade_strategy() -> None:
    door = Door()
    assert (await door.put(f"{D}/pnlpreferences", symbol="PF_XBTUSD", pnlPreference="BTC")).body["result"] == "success"
    assert (await door.get(f"{D}/pnlpreferences")).body["preferences"] == [
        {"symbol": "PF_XBTUSD", "pnlCurrency": "BTC"}
    ]
    refused = await door.put(f"{D}/pnlpreferences", symbol="PF_XBTUSD", pnlPreference="DOGE!")
    assert refused.body["errors"][0]["code"] in {89, 90}
    assert (await door.put(f"{D}/pnlpreferences", symbol="PF_XBTUSD")).body["error"] == "requiredArgumentMissing"
    assert (await door.get(f"{D}/self-trade-strategy")).body["strategy"] == "REJECT_TAKER"
    changed = await door.put(f"{D}/self-trade-strategy", strategy="CANCEL_MAKER_SELF")
    assert changed.body["strategy"] == "CANCEL_MAKER_SELF"
    assert (await door.put(f"{D}/self-trade-strategy", strategy="HOPE")).status == 400
    assert (await door.put(f"{D}/self-trade-strategy")).body["error"] == "requiredArgumentMissing"


async def test_the_rest() -> None:
    door = Door()
    await bought(door)
    assert (await door.get(f"{D}/notifications")).body["notifications"] == []
    assert (await door.get(f"{D}/unwindqueue")).body["queue"] == [{"symbol": "PF_XBTUSD", "percentile": 20}]
    answer = await door.get(KEY_CHECK)
    key = decode(KeyCheck, answer.raw)
    assert (key.api_key, key.account_uid) == (API_KEY, door.uid)
    assert key.permissions.general == "FULL_ACCESS"
    assert "result" not in answer.body


# --- history -----------------------------------------------------------------------------------------------


async def test_executions_page_without_repeating_or_skipping() -> None:
    door = Door()
    for _ in range(5):
        await bought(door)
        door.hands.turn(1)
    seen: list[str] = []
    token = ""
    for new_fill in (True, False, False):
        query = "count=2" + (f"&continuation_token={token}" if token else "")
        answer = await door.get(f"{H}/executions", query)
        page = decode(Executions, answer.raw)
        seen += [element.uid for element in page.elements]
        token = page.continuation_token or ""
        assert answer.headers["is-truncated"] == ("true" if token else "false")
        assert answer.headers.get("next-continuation-token", "") == token
        if new_fill:
            await bought(door)  # arrives at the head and must not shift what follows
    assert not token
    everything = decode(Executions, (await door.get(f"{H}/executions")).raw).elements
    assert seen == [element.uid for element in everything[1:]]


async def test_an_execution_tells_the_fee_and_the_order() -> None:
    door = Door()
    await bought(door, cliOrdId="mine")
    answer = await door.get("/api/history/v2/executions", f"since={START_MS}&before={START_MS + 1}&tradeable=pf_xbtusd")
    (element,) = decode(Executions, answer.raw).elements
    execution = element.event.execution
    assert execution is not None
    assert execution.order is not None
    assert execution.order_data is not None
    fill = door.venue.engine.account().fills()[0]
    assert (execution.price, execution.order_data.fee) == (fill.price, fill.fee)
    assert (execution.order.direction, execution.order.order_type, execution.order.client_id) == (
        "Buy",
        "Market",
        "mine",
    )
    body = answer.body["elements"][0]["event"]["Execution"]["execution"]
    assert isinstance(body["price"], str)
    assert body["order"]["filled"] == "0"
    assert (await door.get(f"{H}/executions", "tradeable=PF_ETHUSD")).body["elements"] == []
    assert (await door.get(f"{H}/executions", f"since={START_MS + 1}")).body["elements"] == []


async def test_order_and_trigger_events() -> None:
    door = Door()
    placed = await door.rest_limit(cliOrdId="mine")
    await door.post(f"{D}/editorder", orderId=placed["order_id"], limitPrice=61000)
    await door.post(f"{D}/cancelorder", order_id=placed["order_id"])
    await door.order(orderType="stp", symbol="PF_XBTUSD", side="sell", size="0.1", stopPrice=80000)
    answer = await door.get(f"{H}/orders", "sort=asc")
    assert [next(iter(row["event"])) for row in answer.body["elements"]] == [
        "OrderPlaced",
        "OrderUpdated",
        "OrderCancelled",
    ]
    updated = decode(OrderHistory, answer.raw).elements[1].event.order_updated
    assert updated is not None
    assert updated.new_order is not None
    assert (updated.reason, updated.new_order.limit_price) == ("edited_by_user", Decimal(61000))
    (trigger,) = (await door.get(f"{H}/triggers")).body["elements"]
    order = trigger["event"]["OrderTriggerPlaced"]["order"]
    assert order["triggerOptions"] == {"triggerPrice": "80000", "triggerSignal": "LastPrice", "triggerSide": "Below"}
    assert order["accountId"] == door.uid


async def test_the_account_log_filters_and_sorts() -> None:
    door = Door()
    for _ in range(3):
        await bought(door)
        door.hands.turn(1)
    log = decode(AccountLog, (await door.get(f"{H}/account-log")).raw).logs
    ids = [row.id for row in log]
    assert ids == sorted(ids, reverse=True)
    assert {row.info for row in log} == {"futures trade"}

    async def ids_of(query: str) -> list[int]:
        answer = await door.get(f"{H}/account-log", query)
        return [row["id"] for row in answer.body["logs"]]

    assert await ids_of("sort=asc&count=2") == ids[::-1][:2]
    assert await ids_of(f"from={ids[2]}&to={ids[1]}") == ids[1:3]
    assert await ids_of(f"since={START_MS + 1000}&before={START_MS + 1001}") == ids[2:4]
    assert await ids_of("info=funding%20rate%20change") == []


async def test_a_token_that_is_none_is_refused() -> None:
    answer = await Door().get(f"{H}/executions", "continuation_token=%21")
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, 11)


async def test_everybodys_executions_are_public() -> None:
    door = Door()
    await bought(door)
    answer = await door.public(f"{H}/market/pf_xbtusd/executions", "count=1")
    page = decode(Executions, answer.raw)
    execution = page.elements[0].event.execution
    assert execution is not None
    assert execution.taker_order is not None
    assert execution.maker_order is not None
    assert (execution.taker_order.direction, execution.maker_order.direction) == ("Buy", "Sell")
    assert execution.quantity == Decimal("0.01")
    assert "accountUid" not in answer.body
    older = await door.public("/api/history/v2/market/PF_XBTUSD/executions", "count=1")
    assert older.body["elements"] == answer.body["elements"]
    following = await door.public(f"{H}/market/PF_XBTUSD/executions", f"continuation_token={page.continuation_token}")
    assert execution.uid not in {element["uid"] for element in following.body["elements"]}
    assert (await door.public(f"{H}/market/PF_NOPE/executions")).status == 400
