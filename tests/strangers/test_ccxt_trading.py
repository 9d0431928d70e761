"""A trader on ccxt: what was ordered is what is listed, and money moves by fees and results, to the digit."""

from decimal import Decimal
from typing import Any

import pytest

from tests.strangers.ccxt_client import INVERSE, LINEAR, configured
from tests.strangers.place import Place, library

ccxt = library("ccxt")

TAKER = Decimal("0.0005")
MAKER = Decimal("0.0002")


@pytest.fixture
def client(still: Place) -> Any:
    return configured(ccxt.krakenfutures, still)


def exact(number: float) -> Decimal:
    """ccxt hands out floats; their shortest text is what the exchange sent."""
    return Decimal(repr(number))


def usd(client: Any) -> Decimal:
    return exact(client.fetch_balance()["USD"]["total"])


def touch(client: Any, symbol: str = LINEAR) -> tuple[float, float]:
    ticker = client.fetch_ticker(symbol)
    return ticker["bid"], ticker["ask"]


# --- orders that rest --------------------------------------------------------------------------------------


def test_a_limit_order_is_listed_as_it_was_sent(client: Any) -> None:
    placed = client.create_order(LINEAR, "limit", "buy", 0.0123, 80_001, {"clientOrderId": "my id/1"})
    assert (placed["status"], placed["filled"], placed["amount"]) == ("open", 0, 0.0123)
    (listed,) = client.fetch_open_orders(LINEAR)
    for name in ("id", "clientOrderId", "side", "amount", "filled", "remaining", "status"):
        assert listed[name] == placed[name], name
    assert (float(listed["info"]["limitPrice"]), listed["symbol"], listed["type"]) == (80_001, LINEAR, "limit")
    asked = client.fetch_order(placed["id"], LINEAR)
    assert (asked["status"], asked["amount"], asked["clientOrderId"]) == ("open", 0.0123, "my id/1")


def test_an_edit_keeps_the_id_and_a_cancel_ends_it(client: Any) -> None:
    placed = client.create_order(LINEAR, "limit", "buy", 0.01, 80_000)
    edited = client.edit_order(placed["id"], LINEAR, "limit", "buy", 0.02, 81_000)
    assert (edited["id"], edited["amount"]) == (placed["id"], 0.02)
    (listed,) = client.fetch_open_orders()
    assert (listed["id"], listed["amount"], float(listed["info"]["limitPrice"])) == (placed["id"], 0.02, 81_000)
    cancelled = client.cancel_order(placed["id"], LINEAR)
    assert (cancelled["id"], cancelled["status"]) == (placed["id"], "canceled")
    assert client.fetch_open_orders() == []
    assert client.fetch_order(placed["id"], LINEAR)["status"] == "canceled"
    with pytest.raises(ccxt.OrderNotFound):
        client.cancel_order(placed["id"], LINEAR)
    with pytest.raises(ccxt.OrderNotFound):
        client.edit_order(placed["id"], LINEAR, "limit", "buy", 0.02, 81_000)


def test_post_only_rests_or_is_refused(client: Any) -> None:
    bid, ask = touch(client)
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        client.create_order(LINEAR, "limit", "buy", 0.01, ask + 5, {"postOnly": True})
    placed = client.create_order(LINEAR, "limit", "buy", 0.01, bid - 5, {"postOnly": True})
    assert placed["status"] == "open"
    assert [order["id"] for order in client.fetch_open_orders()] == [placed["id"]]


def test_a_batch_sends_and_cancels_each_on_its_own(client: Any) -> None:
    wanted = [
        {"symbol": LINEAR, "type": "limit", "side": "buy", "amount": 0.01, "price": 80_000},
        {"symbol": LINEAR, "type": "limit", "side": "buy", "amount": 0.01, "price": 80_000.5},
        {
            "symbol": LINEAR,
            "type": "limit",
            "side": "sell",
            "amount": 0.02,
            "price": 99_000,
            "params": {"postOnly": True},
        },
    ]
    sent = client.create_orders(wanted)
    assert [order["status"] for order in sent] == ["open", "open", "open"]  # ccxt rounds the second to a tick
    assert {order["id"] for order in client.fetch_open_orders()} == {order["id"] for order in sent}
    gone = client.cancel_orders([sent[0]["id"], sent[2]["id"]], LINEAR)
    assert [(order["id"], order["status"]) for order in gone] == [
        (sent[0]["id"], "canceled"),
        (sent[2]["id"], "canceled"),
    ]
    assert [order["id"] for order in client.fetch_open_orders()] == [sent[1]["id"]]


def test_cancel_all_and_the_dead_mans_switch(client: Any, still: Place) -> None:
    for price in (80_000, 79_000):
        client.create_order(LINEAR, "limit", "buy", 0.01, price)
    assert len(client.cancel_all_orders(LINEAR)) == 2
    assert client.fetch_open_orders() == []
    client.create_order(LINEAR, "limit", "buy", 0.01, 80_000)
    armed = client.cancel_all_orders_after(60_000)["status"]
    assert client.parse8601(armed["triggerTime"]) - client.parse8601(armed["currentTime"]) == 60_000
    still.advance(59)
    assert len(client.fetch_open_orders()) == 1
    still.advance(2)
    assert client.fetch_open_orders() == []
    assert client.cancel_all_orders_after(0)["status"]["triggerTime"] == "0"


# --- orders that trade -------------------------------------------------------------------------------------


def test_a_market_order_moves_position_and_money_by_its_fills(client: Any) -> None:
    before = usd(client)
    order = client.create_order(LINEAR, "market", "buy", 0.1)
    assert (order["status"], order["filled"], order["remaining"]) == ("closed", 0.1, 0)
    fills = client.fetch_my_trades(LINEAR)
    assert {fill["order"] for fill in fills} == {order["id"]}
    assert {(fill["side"], fill["takerOrMaker"]) for fill in fills} == {("buy", "taker")}
    cost = sum((exact(fill["amount"]) * exact(fill["price"]) for fill in fills), Decimal(0))
    assert sum((exact(fill["amount"]) for fill in fills), Decimal(0)) == Decimal("0.1")
    assert order["average"] == pytest.approx(float(cost / Decimal("0.1")))
    assert usd(client) == before - cost * TAKER
    (position,) = client.fetch_positions()
    assert (position["symbol"], position["side"], position["contracts"]) == (LINEAR, "long", 0.1)
    assert position["entryPrice"] == pytest.approx(order["average"])


def test_closing_pays_the_difference_less_both_fees(client: Any, still: Place) -> None:
    before = usd(client)
    client.create_order(LINEAR, "market", "buy", 0.1)
    still.move_price("XBT", 90_000)
    closed = client.create_order(LINEAR, "market", "sell", 0.1, None, {"reduceOnly": True})
    assert (closed["status"], closed["filled"]) == ("closed", 0.1)
    assert client.fetch_positions() == []
    flow = fees = Decimal(0)
    for fill in client.fetch_my_trades(LINEAR):
        value = exact(fill["amount"]) * exact(fill["price"])
        flow += value if fill["side"] == "sell" else -value
        fees += value * TAKER
    assert flow > 100
    assert usd(client) == pytest.approx(before + flow - fees, abs=Decimal("1e-8"))
    steps = client.fetch_positions_history([LINEAR], params={"decreased": True})
    assert {step["side"] for step in steps} == {"long"}
    assert [step["info"]["positionChange"] for step in steps].count("close") == 1
    assert sum(step["contracts"] for step in steps) == pytest.approx(0.1)
    assert sum(step["realizedPnl"] for step in steps) == pytest.approx(float(flow), abs=1e-6)


def test_a_resting_order_is_filled_by_the_crowd_at_the_makers_fee(client: Any, still: Place) -> None:
    before = usd(client)
    order = client.create_order(LINEAR, "limit", "buy", 0.05, 85_000)
    still.move_price("XBT", 84_000)
    assert client.fetch_open_orders() == []
    (fill,) = client.fetch_my_trades(LINEAR)
    assert (fill["order"], fill["price"], fill["amount"], fill["takerOrMaker"]) == (order["id"], 85_000, 0.05, "maker")
    assert usd(client) == before - Decimal("0.05") * 85_000 * MAKER
    assert client.fetch_order(order["id"], LINEAR)["status"] == "closed"


def test_immediate_orders_fill_or_vanish(client: Any) -> None:
    bid, ask = touch(client)
    taken = client.create_order(LINEAR, "limit", "buy", 0.001, ask + 10, {"timeInForce": "ioc"})
    assert (taken["status"], taken["filled"]) == ("closed", 0.001)
    with pytest.raises(ccxt.OrderNotFillable):
        client.create_order(LINEAR, "limit", "buy", 0.001, bid - 10, {"timeInForce": "ioc"})
    with pytest.raises(ccxt.OrderNotFillable):
        client.create_order(LINEAR, "fok", "buy", 0.001, None, {"limitPrice": bid - 10})
    assert client.fetch_open_orders() == []
    assert client.fetch_positions()[0]["contracts"] == 0.001


def test_a_stop_and_a_take_profit_wake_at_their_price(client: Any, still: Place) -> None:
    client.create_order(LINEAR, "market", "buy", 0.1)
    bid, _ = touch(client)
    stop = client.create_order(LINEAR, "market", "sell", 0.1, None, {"stopLossPrice": 80_000, "triggerSignal": "mark"})
    profit = client.create_order(
        LINEAR, "limit", "sell", 0.05, 95_000, {"takeProfitPrice": 95_000, "triggerSignal": "index"}
    )
    rows = {order["id"]: order for order in client.fetch_open_orders()}
    assert {(row["triggerPrice"], row["reduceOnly"], row["side"]) for row in rows.values()} == {
        (80_000, True, "sell"),
        (95_000, True, "sell"),
    }
    assert rows[stop["id"]]["info"]["orderType"] == "stop"
    assert rows[profit["id"]]["info"]["triggerSignal"] == "spot"
    still.move_price("XBT", bid * 1.2)
    assert client.fetch_positions()[0]["contracts"] == 0.05
    still.move_price("XBT", 79_000)
    assert client.fetch_positions() == []
    assert client.fetch_open_orders() == []
    activated = client.fetch_closed_orders(LINEAR, params={"trigger": True})
    assert {order["id"] for order in activated} == {stop["id"], profit["id"]}


def test_a_trailing_stop_follows_and_then_sells(client: Any, still: Place) -> None:
    client.create_order(LINEAR, "market", "buy", 0.01)
    trailing = {
        "trailingStopMaxDeviation": 5,
        "trailingStopDeviationUnit": "PERCENT",
        "triggerSignal": "mark",
        "reduceOnly": True,
    }
    client.create_order(LINEAR, "trailing_stop", "sell", 0.01, None, trailing)
    first = client.fetch_open_orders()[0]["triggerPrice"]
    still.move_price("XBT", 95_000)
    second = client.fetch_open_orders()[0]["triggerPrice"]
    assert second > first
    assert second == pytest.approx(95_000 * 0.95, rel=0.002)
    still.move_price("XBT", 90_000)
    assert (client.fetch_positions(), client.fetch_open_orders()) == ([], [])


def test_refusals_are_ccxts_own_errors(client: Any) -> None:
    with pytest.raises(ccxt.InsufficientFunds):
        client.create_order(LINEAR, "limit", "buy", 100, 80_000)
    client.create_order(LINEAR, "limit", "buy", 0.01, 80_000, {"clientOrderId": "twice"})
    with pytest.raises(ccxt.DuplicateOrderId):
        client.create_order(LINEAR, "limit", "buy", 0.01, 80_000, {"clientOrderId": "twice"})
    with pytest.raises(ccxt.ExchangeError, match="wouldNotReducePosition"):
        client.create_order(LINEAR, "market", "sell", 0.01, None, {"reduceOnly": True})
    with pytest.raises(ccxt.InvalidOrder, match="invalidPrice"):
        client.edit_order(client.fetch_open_orders()[0]["id"], LINEAR, "limit", "buy", 0.01, 80_000.25)


# --- the past ----------------------------------------------------------------------------------------------


def test_orders_end_in_the_right_list(client: Any, still: Place) -> None:
    filled = client.create_order(LINEAR, "market", "buy", 0.01)
    rested = client.create_order(LINEAR, "limit", "buy", 0.01, 85_000)
    cancelled = client.create_order(LINEAR, "limit", "buy", 0.01, 70_000)
    client.cancel_order(cancelled["id"])
    still.move_price("XBT", 84_000)
    closed = {order["id"]: order for order in client.fetch_closed_orders(LINEAR)}
    assert closed.keys() == {filled["id"], rested["id"]}
    assert {order["filled"] for order in closed.values()} == {0.01}
    gone = [order["id"] for order in client.fetch_canceled_orders(LINEAR)]
    assert filled["id"] not in gone
    assert cancelled["id"] in gone
    with pytest.raises(ccxt.OrderImmediatelyFillable):
        client.create_order(LINEAR, "limit", "buy", 0.01, 99_000, {"postOnly": True})
    rejected = [order for order in client.fetch_canceled_orders(LINEAR) if order["status"] == "rejected"]
    assert len(rejected) == 1


def test_the_past_comes_page_by_page(client: Any) -> None:
    for price in range(80_000, 80_005):
        client.create_order(LINEAR, "limit", "buy", 0.01, price)
    whole = client.historyGetOrders()["elements"]
    assert len(whole) == 5
    first = client.historyGetOrders({"count": 2})
    rest = client.historyGetOrders({"continuation_token": first["continuationToken"]})
    assert first["elements"] + rest["elements"] == whole
    assert (len(first["elements"]), "continuationToken" in rest) == (2, False)


def test_the_ledger_explains_the_balance(client: Any, still: Place) -> None:
    before = usd(client)
    client.create_order(LINEAR, "market", "buy", 0.1)
    still.advance(7_300)
    client.create_order(LINEAR, "market", "sell", 0.04)
    rows = sorted(client.fetch_ledger("USD"), key=lambda row: int(row["id"]))
    assert exact(rows[0]["before"]) == before
    assert [row["before"] for row in rows[1:]] == [row["after"] for row in rows[:-1]]
    assert exact(rows[-1]["after"]) == usd(client)
    assert {row["type"] for row in rows} == {"trade", "fee"}
    paid = client.fetch_funding_history(LINEAR)
    assert [row["symbol"] for row in paid] == [LINEAR] * len(paid)
    assert len(paid) >= 2
    funded = [row for row in rows if row["type"] == "fee"]
    assert sorted(row["amount"] for row in paid if row["id"] in {row["id"] for row in funded}) == pytest.approx(
        sorted(row["after"] - row["before"] for row in funded), abs=1e-9
    )


# --- balances and preferences ------------------------------------------------------------------------------


def test_open_orders_and_positions_bind_margin(client: Any) -> None:
    free = client.fetch_balance()["USD"]["free"]
    client.create_order(LINEAR, "limit", "buy", 0.1, 80_000)
    bound = free - client.fetch_balance()["USD"]["free"]
    assert bound == pytest.approx(0.1 * 80_000 * 0.01)
    flex = client.fetch_balance()["info"]["accounts"]["flex"]
    assert float(flex["initialMargin"]) == 0
    assert float(flex["initialMarginWithOrders"]) == pytest.approx(bound)


def test_transfers_move_what_they_say(client: Any) -> None:
    client.transfer("USD", 100, "flex", "main")
    assert client.fetch_balance({"type": "cash"})["total"] == {"USD": 100}
    assert usd(client) == 49_900
    client.transfer("BTC", 0.1, INVERSE, "flex")
    assert client.fetch_balance()["BTC"]["total"] == 0.1
    wallet = client.privateGetAccounts()["accounts"]["fi_xbtusd"]
    assert float(wallet["balances"]["xbt"]) == 0.4
    client.transfer_out("USD", 40)
    assert client.fetch_balance({"type": "cash"})["total"] == {"USD": 60}
    with pytest.raises(ccxt.InsufficientFunds):
        client.transfer("USD", 61, "main", "flex")
    entries = [row for row in client.fetch_ledger() if row["type"] == "transfer"]
    assert sorted(row["amount"] for row in entries) == [0.1, 0.1, 40, 100, 100]


def test_leverage_makes_a_market_isolated(client: Any) -> None:
    assert client.fetch_leverages() == {}
    client.set_leverage(5, LINEAR)
    assert client.fetch_leverage(LINEAR)["longLeverage"] == 5
    client.create_order(LINEAR, "market", "buy", 0.01)
    (position,) = client.fetch_positions()
    assert (position["marginMode"], position["leverage"]) == ("isolated", 5)


def test_an_inverse_contract_settles_in_its_coin(client: Any, still: Place) -> None:
    before = exact(float(client.privateGetAccounts()["accounts"]["fi_xbtusd"]["balances"]["xbt"]))
    order = client.create_order(INVERSE, "market", "sell", 1_000)  # ccxt never counts what an inverse order filled
    assert sum(float(fill["info"]["size"]) for fill in client.fetch_my_trades(INVERSE)) == 1_000
    assert client.fetch_order(order["id"])["status"] == "closed"
    (position,) = client.fetch_positions()
    assert (position["symbol"], position["side"], position["contracts"]) == (INVERSE, "short", 1_000)
    fees = sum(
        (Decimal(fill["info"]["size"]) / exact(fill["price"]) * TAKER for fill in client.fetch_my_trades(INVERSE)),
        Decimal(0),
    )
    after = Decimal(client.privateGetAccounts()["accounts"]["fi_xbtusd"]["balances"]["xbt"])
    assert float(before - after) == pytest.approx(float(fees), abs=1e-10)
    still.move_price("XBT", 80_000)
    assert client.fetch_positions()[0]["unrealizedPnl"] > 0


def test_what_ccxt_has_no_word_of_its_own_for(client: Any) -> None:
    assert client.privateGetSelfTradeStrategy()["strategy"] == "REJECT_TAKER"
    client.privatePutSelfTradeStrategy({"strategy": "CANCEL_MAKER_SELF"})
    assert client.privateGetSelfTradeStrategy()["strategy"] == "CANCEL_MAKER_SELF"
    client.privatePutPnlpreferences({"symbol": "PF_XBTUSD", "pnlPreference": "BTC"})
    assert client.privateGetPnlpreferences()["preferences"] == [{"symbol": "PF_XBTUSD", "pnlCurrency": "BTC"}]
    client.create_order(LINEAR, "market", "buy", 0.001)
    assert [row["symbol"] for row in client.privateGetUnwindqueue()["queue"]] == ["PF_XBTUSD"]
    assert client.privateGetNotifications()["notifications"] == []
    assert client.privateGetSubaccounts()["subaccounts"] == []
    with pytest.raises(ccxt.ExchangeNotAvailable, match="is not available here"):
        client.chartsGetAnalyticsLiquidityPool()
