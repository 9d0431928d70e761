from decimal import Decimal
from typing import Any

import pytest

from tui.exchange.commands import (
    CancelAll,
    CancelAllAfter,
    Cancelled,
    CancelOrder,
    Executed,
    Placed,
    Rejected,
    SendOrder,
    SetMarketMode,
    SetSelfTradeStrategy,
    UnknownSymbol,
)
from tui.exchange.events import AccountLogged, BalancesChanged, Filled, OrderChanged, PositionsChanged, TradePrinted
from tui.exchange.orders import Offset

from .engines import START_MS, best, crowd_takes, free_margin, mark_at, of, quotes, send, size_of, still_engine, wait

D = Decimal
PF = "PF_XBTUSD"
LADDER = [("84002", "0.8"), ("84003", "1.5"), ("84010", "5")]


def test_a_limit_order_rests() -> None:
    engine = still_engine()
    outcome = engine.step(SendOrder(PF, "buy", "lmt", D("0.5"), D(80_000), cli_ord_id="mine"), START_MS)
    answer = outcome.answer
    assert answer.status == "placed"
    assert answer.cli_ord_id == "mine"
    (event,) = answer.order_events
    assert isinstance(event, Placed)
    assert (event.order.order_id, event.order.remaining) == (answer.order_id, D("0.5"))
    (change,) = of(outcome.events, OrderChanged)
    assert (change.reason, change.removed) == ("new_placed_order_by_user", False)
    assert of(outcome.events, BalancesChanged) == [BalancesChanged(flex=True, wallets=False)]
    assert engine.account().open_orders() == (event.order,)
    (status,) = engine.account().order_statuses([event.order.order_id])
    assert (status.status, status.update_reason) == ("ENTERED_BOOK", "NEW_USER_ORDER")


def test_a_market_order_walks_the_book_and_never_shows_on_open_orders() -> None:
    engine = still_engine()
    quotes(engine, PF, [("84001", "5")], LADDER)
    outcome = engine.step(SendOrder(PF, "buy", "mkt", D(2)), START_MS)
    executions = [event for event in outcome.answer.order_events if isinstance(event, Executed)]
    assert outcome.answer.status == "placed"
    assert [(row.price, row.amount) for row in executions] == [(D(84_002), D("0.8")), (D(84_003), D("1.2"))]
    assert executions[1].order_prior_execution.filled == D("0.8")
    assert executions[0].order_prior_execution.limit_price == 84_842
    (position,) = engine.account().positions()
    assert position.entry_price == D("84002.6")
    assert of(outcome.events, OrderChanged) == []
    fills = [event.fill for event in of(outcome.events, Filled)]
    assert [fill.remaining for fill in fills] == [D("1.2"), 0]
    assert [fill.fill_id for fill in fills] == [row.execution_id for row in executions]
    assert sum(fill.fee for fill in fills) == D("84.0026")
    assert len(of(outcome.events, TradePrinted)) == 2
    assert len(of(outcome.events, AccountLogged)) == 4
    assert of(outcome.events, PositionsChanged)
    (status,) = engine.account().order_statuses([str(outcome.answer.order_id)])
    assert status.status == "FULLY_EXECUTED"


def test_a_market_order_stops_one_percent_through_the_touch() -> None:
    engine = still_engine()
    quotes(engine, PF, [("84001", "1")], [("84002", "0.1"), ("84842", "0.1"), ("84843", "5")])
    outcome = engine.step(SendOrder(PF, "buy", "mkt", D(1)), START_MS)
    assert size_of(engine, PF) == D("0.2")
    (change,) = of(outcome.events, OrderChanged)
    assert (change.reason, change.removed, change.order.filled) == ("partial_fill", True, D("0.2"))
    sold = engine.step(SendOrder(PF, "sell", "mkt", D("0.1")), START_MS).answer.order_events[0]
    assert isinstance(sold, Executed)
    assert sold.order_prior_execution.limit_price == 83_161


def test_a_marketable_limit_fills_then_rests() -> None:
    engine = still_engine()
    quotes(engine, PF, [("84001", "5")], LADDER)
    outcome = engine.step(SendOrder(PF, "buy", "lmt", D(3), D(84_003)), START_MS)
    assert [type(event) for event in outcome.answer.order_events] == [Executed, Executed, Placed]
    (change,) = of(outcome.events, OrderChanged)
    assert (change.order.remaining, change.order.filled) == (D("0.7"), D("2.3"))
    assert engine.book(PF).bids[0] == (D(84_003), D("0.7"))


def test_a_resting_order_fills_as_maker_in_its_turn() -> None:
    engine = still_engine()
    quotes(engine, PF, [("84001", "1")], LADDER)
    send(engine, PF, "buy", "0.5", "84001")
    assert of(crowd_takes(engine, PF, "sell", "1", "84001"), Filled) == []
    events = crowd_takes(engine, PF, "sell", "0.2", "84001")
    (filled,) = of(events, Filled)
    assert (filled.fill.fill_type, filled.fill.fee, filled.fill.remaining) == ("maker", D("3.36004"), D("0.3"))
    (change,) = of(events, OrderChanged)
    assert (change.reason, change.removed) == ("partial_fill", False)
    (change,) = of(crowd_takes(engine, PF, "sell", "5", "84001"), OrderChanged)
    assert (change.reason, change.removed, change.order.remaining) == ("full_fill", True, D(0))


@pytest.mark.parametrize(
    ("order_type", "limit", "status", "error"),
    [
        ("post", "84002", "postWouldExecute", "POST_WOULD_EXECUTE"),
        ("ioc", "84001", "iocWouldNotExecute", "IOC_WOULD_NOT_EXECUTE"),
        ("fok", "84003", "iocWouldNotExecute", "IOC_WOULD_NOT_EXECUTE"),
    ],
)
def test_refusals_at_the_book_have_an_id_and_a_reject_event(
    order_type: str, limit: str, status: str, error: str
) -> None:
    engine = still_engine()
    quotes(engine, PF, [("84001", "5")], LADDER)
    answer = send(engine, PF, "buy", "3", limit, order_type=order_type)
    assert answer.status == status
    (event,) = answer.order_events
    assert isinstance(event, Rejected)
    assert (event.reason, event.order.order_id) == (error, answer.order_id)
    (found,) = engine.account().order_statuses([str(answer.order_id)])
    assert (found.status, found.error) == ("REJECTED", error)
    assert size_of(engine, PF) == 0


def test_fill_or_kill_fills_whole() -> None:
    engine = still_engine()
    quotes(engine, PF, [("84001", "5")], LADDER)
    assert send(engine, PF, "buy", "2.3", "84003", order_type="fok").status == "placed"
    assert size_of(engine, PF) == D("2.3")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"size": D("0.00005")}, "invalidSize"),
        ({"size": D(0)}, "invalidSize"),
        ({"size": D(-1)}, "invalidSize"),
        ({"limit_price": D("80000.5")}, "invalidPrice"),
        ({"limit_price": D(0)}, "invalidPrice"),
        ({"limit_price": None}, "invalidPrice"),
        ({"side": "long"}, "invalidSide"),
        ({"order_type": "limit"}, "invalidOrderType"),
        ({"cli_ord_id": "x" * 101}, "clientOrderIdTooBig"),
        ({"cli_ord_id": ""}, "clientOrderIdInvalid"),
        ({"cli_ord_id": "taken"}, "clientOrderIdAlreadyExist"),
        ({"process_before_ms": START_MS - 1}, "wouldProcessAfterSpecifiedTime"),
        ({"size": D(1_200)}, "maxPositionViolation"),
        ({"size": D(100)}, "insufficientAvailableFunds"),
        ({"order_type": "stp"}, "invalidPrice"),
        ({"order_type": "stp", "stop_price": D(1), "size": D("1e18")}, "maxPositionViolation"),
        ({"size": D("1e999999")}, "invalidSize"),
        ({"size": D("NaN")}, "invalidSize"),
        ({"limit_price": D("Infinity")}, "invalidPrice"),
        ({"trailing": Offset(D("NaN"), "PERCENT")}, "invalidPrice"),
        ({"trailing": Offset(D(1), "FURLONGS")}, "invalidPrice"),
        ({"order_type": "trailing_stop"}, "invalidPrice"),
    ],
)
def test_refusals_before_an_id_leave_nothing(change: dict[str, Any], status: str) -> None:
    engine = still_engine()
    send(engine, PF, "buy", "0.1", "79000", cli_ord_id="taken")
    engine.settle()
    order: dict[str, Any] = {
        "symbol": PF,
        "side": "buy",
        "order_type": "lmt",
        "size": D("0.1"),
        "limit_price": D(80_000),
    } | change
    answer = engine.step(SendOrder(**order), START_MS).answer
    assert (answer.status, answer.order_events, answer.order_id) == (status, (), None)
    assert not engine.has_changes


def test_an_unknown_symbol_is_for_the_door() -> None:
    engine = still_engine()
    with pytest.raises(UnknownSymbol):
        send(engine, "PF_NOPEUSD", "buy", "1", "1")
    assert engine.instrument("pf_xbtusd").symbol == PF


@pytest.mark.parametrize(
    ("mode", "order_type", "status"),
    [
        ({"suspended": True}, "lmt", "marketSuspended"),
        ({"post_only": True}, "lmt", "marketIsPostOnly"),
        ({"post_only": True}, "post", "placed"),
    ],
)
def test_market_modes(mode: dict[str, bool], order_type: str, status: str) -> None:
    engine = still_engine()
    engine.step(SetMarketMode(PF, **mode), START_MS)
    assert send(engine, PF, "buy", "0.1", "80000", order_type=order_type).status == status


def test_order_counts_are_limited() -> None:
    engine = still_engine(max_open_orders=2, max_small_orders=1)
    assert send(engine, "PF_DOGEUSD", "buy", "10", "0.1").status == "placed"
    assert send(engine, "PF_DOGEUSD", "buy", "10", "0.1").status == "tooManySmallOrders"
    assert send(engine, PF, "buy", "0.1", "80000").status == "placed"
    assert send(engine, PF, "buy", "0.1", "80000").status == "tooManyOrders"


def test_the_collar_is_a_switch() -> None:
    engine = still_engine(price_collar=D("0.05"))
    assert send(engine, PF, "buy", "0.01", "95000").status == "outsidePriceCollar"
    assert send(engine, PF, "buy", "0.01", "80000").status == "placed"
    assert send(still_engine(), PF, "buy", "0.01", "95000").status == "placed"


# --- margin ------------------------------------------------------------------------------------------------


def test_a_fill_far_from_the_mark_would_cause_liquidation() -> None:
    engine = still_engine(flex={"USD": D(5_000)})
    quotes(engine, PF, [("83999", "5")], [("84840", "10")])
    mark_at(engine, PF, "84000")
    assert send(engine, PF, "buy", "4", "84840").status == "wouldCauseLiquidation"
    assert send(engine, PF, "buy", "3", "84840").status == "insufficientAvailableFunds", "after the loss to the mark"
    assert send(engine, PF, "buy", "2", "84840").status == "placed"
    assert free_margin(engine, PF) > 0


def test_margin_includes_the_fee_and_every_resting_order() -> None:
    engine = still_engine(flex={"USD": D(1_000)})
    assert send(engine, PF, "buy", "0.6", "80000").status == "placed"
    assert send(engine, PF, "buy", "0.6", "80000").status == "placed"
    assert free_margin(engine, PF) == 40
    assert send(engine, PF, "buy", "0.1", "80000").status == "insufficientAvailableFunds"
    assert send(engine, PF, "sell", "0.5", "90000").status == "placed"
    assert free_margin(engine, PF) == 40


def test_inverse_orders_are_charged_to_their_own_wallet() -> None:
    engine = still_engine(wallets={"fi_xbtusd": D("0.01"), "fi_ethusd": D(1)})
    assert send(engine, "PI_XBTUSD", "buy", "20000", "80000").status == "placed"
    assert free_margin(engine, "PI_XBTUSD") == D("0.005")
    assert send(engine, "PI_XBTUSD", "buy", "30000", "80000").status == "insufficientAvailableFunds"
    assert engine.account().flex_account().totals.initial_margin_with_orders == 0


def test_an_order_that_only_closes_needs_no_margin() -> None:
    engine = still_engine(flex={"USD": D(900)})
    quotes(engine, PF, [("84001", "9")], [("84002", "9")])
    mark_at(engine, PF, "84001")
    assert send(engine, PF, "buy", "1").status == "placed"
    assert free_margin(engine, PF) < 42
    assert send(engine, PF, "buy", "0.1").status == "insufficientAvailableFunds"
    assert send(engine, PF, "sell", "1", "85000").status == "placed"
    assert send(engine, PF, "sell", "1").status == "insufficientAvailableFunds", "both would flip the position"
    assert send(engine, PF, "sell", "1", reduce_only=True).status == "placed"
    assert size_of(engine, PF) == 0


# --- self-trade --------------------------------------------------------------------------------------------


def test_the_taker_is_rejected_at_its_own_order() -> None:
    engine = still_engine()
    quotes(engine, PF, [("84001", "5")], [("84005", "5")])
    send(engine, PF, "sell", "1", "84003")
    answer = send(engine, PF, "buy", "1", "84004")
    assert answer.status == "selfFill"
    assert send(engine, PF, "buy", "1").status == "selfFill"
    assert len(engine.account().open_orders()) == 1


def test_others_are_filled_before_the_taker_meets_itself() -> None:
    engine = still_engine()
    quotes(engine, PF, [("84001", "5")], [("84002", "0.4")])
    send(engine, PF, "sell", "1", "84003")
    outcome = engine.step(SendOrder(PF, "buy", "lmt", D(1), D(84_004)), START_MS)
    assert outcome.answer.status == "placed"
    assert size_of(engine, PF) == D("0.4")
    assert of(outcome.events, OrderChanged)[-1].reason == "would_execute_self"
    assert len(engine.account().open_orders()) == 1


def test_the_maker_may_be_cancelled_instead() -> None:
    engine = still_engine()
    engine.step(SetSelfTradeStrategy("CANCEL_MAKER_SELF"), START_MS)
    quotes(engine, PF, [("84001", "5")], [("84005", "5")])
    resting = send(engine, PF, "sell", "1", "84003")
    outcome = engine.step(SendOrder(PF, "buy", "lmt", D(1), D(84_005)), START_MS)
    assert size_of(engine, PF) == 1
    gone = of(outcome.events, OrderChanged)[0]
    assert (gone.order.order_id, gone.reason, gone.removed) == (resting.order_id, "cancelled_by_self_trade", True)
    with pytest.raises(ValueError, match="NONE"):
        engine.step(SetSelfTradeStrategy("NONE"), START_MS)


# --- cancelling --------------------------------------------------------------------------------------------


def test_cancel_by_either_id_and_not_found() -> None:
    engine = still_engine()
    first = send(engine, PF, "buy", "0.1", "80000")
    send(engine, PF, "buy", "0.1", "80000", cli_ord_id="second")
    outcome = engine.step(CancelOrder(order_id=first.order_id), START_MS)
    assert outcome.answer.status == "cancelled"
    assert isinstance(outcome.answer.order_events[0], Cancelled)
    assert of(outcome.events, OrderChanged)[0].reason == "cancelled_by_user"
    assert dict(engine.book(PF).bids).get(D(80_000), D(0)) < D("0.2")
    assert engine.step(CancelOrder(cli_ord_id="second"), START_MS).answer.status == "cancelled"
    assert engine.step(CancelOrder(order_id=first.order_id), START_MS).answer.status == "notFound"
    assert engine.account().flex_account().totals.initial_margin_with_orders == 0


def test_cancelling_a_just_filled_order_says_filled_for_five_seconds() -> None:
    engine = still_engine()
    answer = send(engine, PF, "buy", "0.1")
    assert engine.step(CancelOrder(order_id=answer.order_id), START_MS + 5_000).answer.status == "filled"
    assert engine.step(CancelOrder(order_id=answer.order_id), START_MS + 5_001).answer.status == "notFound"
    assert engine.account().order_statuses([str(answer.order_id)]) == ()


def test_cancel_all_of_one_symbol_and_of_all() -> None:
    engine = still_engine()
    send(engine, PF, "buy", "0.1", "80000")
    send(engine, "PF_ETHUSD", "buy", "1", "2000")
    send(engine, "PF_ETHUSD", "sell", "1", order_type="stp", stop_price=D(2_000))
    answer = engine.step(CancelAll("PF_ETHUSD"), START_MS).answer
    assert (answer.status, answer.cancel_only, len(answer.cancelled)) == ("cancelled", "PF_ETHUSD", 2)
    assert len(answer.order_events) == 2
    assert len(engine.step(CancelAll(), START_MS).answer.cancelled) == 1
    assert engine.step(CancelAll(), START_MS).answer.status == "noOrdersToCancel"


def test_the_dead_man_cancels_orders_and_keeps_positions() -> None:
    engine = still_engine()
    send(engine, PF, "buy", "0.1")
    send(engine, PF, "buy", "0.1", "80000")
    assert engine.step(CancelAllAfter(60), START_MS).answer.trigger_ms == START_MS + 60_000
    assert of(wait(engine, 59_999), OrderChanged) == []
    (change,) = of(wait(engine, 1), OrderChanged)
    assert (change.reason, change.removed) == ("dead_man_switch", True)
    assert size_of(engine, PF) == D("0.1")
    assert engine.step(CancelAllAfter(0), START_MS).answer.trigger_ms is None


# --- triggers as they are placed ---------------------------------------------------------------------------


def test_a_stop_waits_and_holds_no_margin() -> None:
    engine = still_engine()
    free = free_margin(engine, PF)
    answer = send(engine, PF, "sell", "5", order_type="stp", stop_price=D(70_000), trigger_signal="mark")
    assert answer.status == "placed"
    (event,) = answer.order_events
    assert isinstance(event, Placed)
    assert event.order.trigger is not None
    assert (event.order.trigger.price, event.order.trigger.side) == (D(70_000), "below")
    assert event.order.child_type == "ioc"
    assert free_margin(engine, PF) == free
    assert engine.account().order_statuses()[0].status == "TRIGGER_PLACED"


def test_a_trailing_stop_starts_from_its_signal() -> None:
    engine = still_engine()
    mark_at(engine, PF, "84000")
    answer = send(
        engine, PF, "sell", "1", order_type="trailing_stop", trailing=Offset(D(2), "PERCENT"), trigger_signal="mark"
    )
    (event,) = answer.order_events
    assert isinstance(event, Placed)
    assert event.order.trigger is not None
    assert event.order.trigger.price == 82_320


def test_a_bad_trailing_deviation_names_itself() -> None:
    engine = still_engine()
    answer = send(engine, PF, "sell", "1", order_type="trailing_stop", trailing=Offset(D(60), "PERCENT"))
    assert answer.status == "invalidPrice"
    (event,) = answer.order_events
    assert isinstance(event, Rejected)
    assert event.reason == "TRAILING_STOP_MAX_DEVIATION_TOO_LARGE"


def test_the_book_is_two_sided_from_the_start() -> None:
    engine = still_engine()
    for instrument in engine.instruments():
        bid, ask = best(engine, instrument.symbol)
        assert 0 < bid < ask
        assert len(engine.book(instrument.symbol).bids) >= 25
