"""A trader on python-kraken-sdk: User, Trade and Funding against each other."""

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tests.strangers.place import Place, library
from tests.strangers.sdk_client import configured

futures = library("kraken.futures")
exceptions = library("kraken.exceptions")

LINEAR = "PF_XBTUSD"
COMMON = {"symbol": LINEAR, "side": "buy", "size": 0.01}


@dataclass
class Desk:
    """The account's clients, which share one key."""

    user: Any
    trade: Any
    funding: Any

    def limit(self, price: int = 80_000, **more: object) -> dict[str, Any]:
        sent = self.trade.create_order(**{**COMMON, "orderType": "lmt", "limitPrice": price, **more})
        status: dict[str, Any] = sent["sendStatus"]
        return status

    def open_orders(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.user.get_open_orders()["openOrders"]
        return rows

    def usd(self) -> float:
        quantity: float = self.user.get_wallets()["accounts"]["flex"]["currencies"]["USD"]["quantity"]
        return quantity


@pytest.fixture
def desk(still: Place) -> Iterator[Desk]:
    with ExitStack() as stack:
        kinds = (futures.User, futures.Trade, futures.Funding)
        yield Desk(*(stack.enter_context(configured(kind, still)) for kind in kinds))


def test_an_order_lives_as_sent_and_edited(desk: Desk) -> None:
    sent = desk.limit(cliOrdId="my id/1", reduceOnly=False)
    assert (sent["status"], sent["cliOrdId"]) == ("placed", "my id/1")
    (row,) = desk.open_orders()
    assert row["order_id"] == sent["order_id"]
    assert (row["limitPrice"], row["unfilledSize"], row["filledSize"], row["status"]) == (80_000, 0.01, 0, "untouched")
    (state,) = desk.trade.get_orders_status(cliOrdIds=["my id/1"])["orders"]
    assert (state["status"], state["order"]["orderId"]) == ("ENTERED_BOOK", sent["order_id"])
    edited = desk.trade.edit_order(orderId=sent["order_id"], limitPrice=81_000, size=0.02)["editStatus"]
    assert (edited["status"], edited["orderId"]) == ("edited", sent["order_id"])
    assert [(row["limitPrice"], row["unfilledSize"]) for row in desk.open_orders()] == [(81_000, 0.02)]
    assert desk.trade.cancel_order(cliOrdId="my id/1")["cancelStatus"]["status"] == "cancelled"
    assert desk.open_orders() == []
    (state,) = desk.trade.get_orders_status(orderIds=[sent["order_id"]])["orders"]
    assert (state["status"], state["updateReason"]) == ("CANCELLED", "CANCELLED_BY_USER")


def test_a_fill_moves_position_money_log_and_events(desk: Desk, still: Place) -> None:
    before = desk.usd()
    bought = desk.trade.create_order(**{**COMMON, "orderType": "mkt"})["sendStatus"]
    still.move_price("XBT", 90_000)
    sold = desk.trade.create_order(**{**COMMON, "orderType": "mkt", "side": "sell", "size": 0.004})["sendStatus"]
    fills = desk.trade.get_fills()["fills"]
    assert {fill["order_id"] for fill in fills} == {bought["order_id"], sold["order_id"]}
    executed = [event for status in (bought, sold) for event in status["orderEvents"]]
    assert {(event["executionId"], event["price"], event["amount"]) for event in executed} == {
        (fill["fill_id"], fill["price"], fill["size"]) for fill in fills
    }
    (position,) = desk.user.get_open_positions()["openPositions"]
    entry = sum(fill["price"] * fill["size"] for fill in fills if fill["side"] == "buy") / 0.01
    assert (position["side"], position["size"]) == ("long", 0.006)
    assert position["price"] == pytest.approx(entry)
    exit_value = sum(fill["price"] * fill["size"] for fill in fills if fill["side"] == "sell")
    fees = sum(fill["price"] * fill["size"] * 0.0005 for fill in fills)
    assert desk.usd() == pytest.approx(before + exit_value - 0.004 * entry - fees)
    logs = desk.user.get_account_log()["logs"]
    cash = sum(
        Decimal(str(row["new_balance"])) - Decimal(str(row["old_balance"])) for row in logs if row["asset"] == "usd"
    )
    assert float(cash) == pytest.approx(desk.usd() - before)
    events = desk.user.get_execution_events(tradeable=LINEAR)["elements"]
    told = [element["event"]["Execution"]["execution"] for element in events]
    assert {one["uid"] for one in told} == {fill["fill_id"] for fill in fills}
    assert sum(float(one["orderData"]["fee"]) for one in told) == pytest.approx(fees)
    lines = csv.DictReader(io.StringIO(desk.user.get_account_log_csv().text))
    assert sum(float(line["fee"]) for line in lines) == pytest.approx(fees)


def test_events_come_newest_first_or_last(desk: Desk) -> None:
    sent = [desk.limit(price)["order_id"] for price in range(80_000, 80_003)]
    newest_first = desk.user.get_order_events()["elements"]
    assert [element["event"]["OrderPlaced"]["order"]["uid"] for element in newest_first] == sent[::-1]
    assert desk.user.get_order_events(sort="asc")["elements"] == newest_first[::-1]
    assert desk.user.get_order_events(before=newest_first[-1]["timestamp"])["elements"] == []
    assert desk.user.get_order_events(tradeable="PF_ETHUSD")["elements"] == []


def test_triggers_are_listed_and_remembered(desk: Desk) -> None:
    desk.trade.create_order(**{**COMMON, "orderType": "mkt"})
    stop = {**COMMON, "side": "sell", "reduceOnly": True, "triggerSignal": "mark"}
    desk.trade.create_order(**stop, orderType="stp", stopPrice=70_000)
    desk.trade.create_order(**stop, orderType="take_profit", stopPrice=99_000, limitPrice=98_990)
    desk.trade.create_order(
        **stop, orderType="trailing_stop", trailingStopDeviationUnit="PERCENT", trailingStopMaxDeviation=10
    )
    kinds = {row["orderType"]: row for row in desk.open_orders()}
    assert kinds.keys() == {"stop", "take_profit", "trailing_stop"}
    assert (kinds["stop"]["stopPrice"], kinds["take_profit"]["limitPrice"]) == (70_000, 98_990)
    elements = desk.user.get_trigger_events()["elements"]
    placed = [element["event"]["OrderTriggerPlaced"]["order"] for element in elements]
    assert {order["triggerOptions"]["triggerSignal"] for order in placed} == {"MarkPrice"}
    assert {order["triggerOptions"]["triggerSide"] for order in placed} == {"Below", "Above"}


def test_a_batch_and_cancel_all(desk: Desk) -> None:
    send = {**COMMON, "order": "send", "orderType": "lmt", "limitPrice": 80_000}
    batch = [
        {**send, "order_tag": "1", "cliOrdId": "x-1"},
        {**send, "order_tag": "2", "cliOrdId": "x-2", "limitPrice": 79_000},
        {"order": "cancel", "cliOrdId": "x-1"},
    ]
    rows = desk.trade.create_batch_order(batch)["batchStatus"]
    assert [row["status"] for row in rows] == ["placed", "placed", "cancelled"]
    assert [row.get("order_tag") for row in rows] == ["1", "2", None]
    assert [row["cliOrdId"] for row in desk.open_orders()] == ["x-2"]
    gone = desk.trade.cancel_all_orders(symbol=LINEAR)["cancelStatus"]
    assert (gone["status"], [row["cliOrdId"] for row in gone["cancelledOrders"]]) == ("cancelled", ["x-2"])
    assert desk.trade.cancel_all_orders()["cancelStatus"]["status"] == "noOrdersToCancel"


def test_the_dead_mans_switch(desk: Desk, still: Place) -> None:
    desk.limit()
    desk.trade.dead_mans_switch(timeout=60)
    still.advance(61)
    assert desk.open_orders() == []


def test_refusals_are_the_libraries_errors(desk: Desk) -> None:
    with pytest.raises(exceptions.KrakenInsufficientAvailableFundsError):
        desk.limit(size=100)
    unknown = desk.trade.cancel_order(order_id="179f9af8-e45e-469d-b3e9-2fd4675cb7d0")
    assert unknown["cancelStatus"]["status"] == "notFound"  # the library raises for sent orders only
    assert desk.limit(80_000.25)["status"] == "invalidPrice"  # type: ignore[arg-type] # off the tick on purpose


def test_funds_go_where_they_are_sent(desk: Desk) -> None:
    desk.funding.initiate_wallet_transfer(amount=10, fromAccount="flex", toAccount="cash", unit="USD")
    accounts = desk.user.get_wallets()["accounts"]
    assert (accounts["cash"]["balances"], desk.usd()) == ({"usd": 10}, 49_990)
    uid = desk.funding.initiate_withdrawal_to_spot_wallet(amount=4, currency="USD")["uid"]
    assert desk.user.get_wallets()["accounts"]["cash"]["balances"] == {"usd": 6}
    assert desk.user.get_account_log()["logs"][0]["booking_uid"] == uid
    short = desk.funding.initiate_wallet_transfer(amount=7, fromAccount="cash", toAccount="flex", unit="USD")
    assert short["error"] == "insufficientFunds"  # a word that the library has no exception for
    with pytest.raises(exceptions.KrakenInvalidAccountError):
        desk.funding.initiate_subaccount_transfer(1, "cash", "me", "cash", "you", "USD")
    assert desk.funding.get_historical_funding_rates(symbol=LINEAR)["rates"]
