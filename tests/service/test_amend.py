"""Edits are judged as the order they would become; leverage by what it does to margin and liquidation price."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tests.service.accounts import (
    MARK,
    NO_LIMITS,
    NOW,
    cross_pool,
    dec,
    funded,
    order,
    position,
    state,
    wallet,
    worked,
)
from tui.model.account import Account
from tui.model.draft import EditAssessment
from tui.model.enums import DeviationUnit, OrderType, Side
from tui.model.limits import ContractLimits, Limits
from tui.model.order import EditRequest, Order
from tui.model.state import Link, LinkStatus, State
from tui.service.amend import assess_edit, assess_leverage

BUY, SELL = Side.BUY, Side.SELL
BID = order("o1", BUY, "1", "83000", client_order_id="c1", filled=dec("0.5"))
STOP = order("s1", SELL, "4", None, OrderType.STOP, stop_price=dec(82_000), reduce_only=True)
TRAIL = order(
    "t1", SELL, "4", None, OrderType.TRAILING_STOP, deviation=dec(2), deviation_unit=DeviationUnit.PERCENT,
    reduce_only=True,
)  # fmt: skip


def edit(
    changed: Order, size: str = "", price: str = "", stop: str = "", *, start: State | None = None,
    limits: Limits = NO_LIMITS,
) -> EditAssessment:  # fmt: skip
    desk = start or funded("100000", orders=(changed,))
    return assess_edit(desk, changed, size, price, stop, limits=limits, now_ms=NOW)


class TestEdits:
    def test_only_what_changes_is_in_the_request(self) -> None:
        assert edit(BID, price="83001").request == EditRequest(
            "PF_XBTUSD", "o1", client_order_id="c1", limit_price=dec(83_001)
        )
        assert edit(BID, size="50%").request == EditRequest("PF_XBTUSD", "o1", client_order_id="c1", size=dec("0.5"))
        assert edit(BID, size="2", price="@bid-1t").request == EditRequest(
            "PF_XBTUSD", "o1", client_order_id="c1", size=dec(2), limit_price=dec(84_000)
        )

    @pytest.mark.parametrize(("size", "price"), [("", ""), ("1", ""), ("", "83,000"), ("1.0", "83000.0")])
    def test_no_change_is_no_request_and_no_error(self, size: str, price: str) -> None:
        assert edit(BID, size, price) == EditAssessment(None)

    @pytest.mark.parametrize(
        ("size", "price", "stop", "field"),
        [
            ("x", "", "", "size"),
            ("", "83000.5", "", "limit_price"),
            ("0.00005", "", "", "size"),
            ("", "", "82000", "stop_price"),
            ("0", "", "", "size"),
        ],
    )
    def test_errors_beside_their_field(self, size: str, price: str, stop: str, field: str) -> None:
        verdict = edit(BID, size, price, stop)
        assert verdict.request is None
        assert [error.field for error in verdict.errors] == [field]

    def test_the_old_order_is_out_of_the_way_when_margin_is_counted(self) -> None:
        """880 available and 830 held by the order: a move within its own margin needs only the difference and fee."""
        pool = cross_pool(dec(900), dec(0), dec(0), available=dec(70))
        start = state(account=Account(NOW, pools=(pool,)), orders=(BID,))
        assert edit(BID, price="83900", start=start).request is not None
        verdict = edit(BID, size="1.1", price="83900", start=start)
        assert verdict.request is None
        assert verdict.errors[0].message.startswith("insufficient margin")

    def test_its_own_client_id_is_not_a_duplicate(self) -> None:
        assert edit(BID, price="83500").errors == ()

    def test_losing_the_queue_is_said(self) -> None:
        words = "it goes to the back of the queue at its price"
        assert words in edit(BID, price="83001").warnings
        assert words in edit(BID, size="2").warnings
        assert words not in edit(BID, size="0.5").warnings

    def test_limits_hold_for_edits(self) -> None:
        limits = Limits(default=ContractLimits(max_order_size=dec("1.5")))
        assert edit(BID, size="1.5", limits=limits).request is not None
        assert edit(BID, size="1.6", limits=limits).request is None

    def test_stops(self) -> None:
        desk = msgspec.structs.replace(worked(), orders=(STOP,))
        assert edit(STOP, stop="82500", start=desk).request == EditRequest("PF_XBTUSD", "s1", stop_price=dec(82_500))
        assert edit(STOP, stop="85000", start=desk).doubts != (), "it would trigger at once"

    def test_a_trailing_stop_moves_itself(self) -> None:
        desk = msgspec.structs.replace(worked(), orders=(TRAIL,))
        assert edit(TRAIL, size="2", start=desk).request == EditRequest("PF_XBTUSD", "t1", size=dec(2))
        assert [error.field for error in edit(TRAIL, stop="82000", start=desk).errors] == ["stop_price"]
        assert [error.field for error in edit(TRAIL, price="82000", start=desk).errors] == ["limit_price"]

    def test_unknown_contract(self) -> None:
        assert edit(msgspec.structs.replace(BID, symbol="PF_NOSUCH"), size="2").errors[0].field == ""


def held(size: str = "0.5", **changes: object) -> State:
    pool = cross_pool(dec(50_000), abs(dec(size)) * 840, abs(dec(size)) * 420)
    base = state(account=Account(NOW, pools=(pool,)), positions=(position(size, "84000", mark_price=MARK),))
    return msgspec.structs.replace(base, **changes)


class TestLeverage:
    def test_to_isolated_and_what_it_costs(self) -> None:
        verdict = assess_leverage(held(), "PF_XBTUSD", dec(10))
        assert verdict.error == ""
        assert verdict.highest == 100
        assert verdict.before is not None
        assert verdict.after is not None
        assert verdict.after.liquidation_price == 76_020
        assert verdict.after.initial_margin == 4_200
        profit = dec("0.5") * (MARK - 84_000)
        assert verdict.after.available == dec(50_000) - 420 + 420 - 4_200 - profit
        assert "moves the position from cross to isolated margin" in verdict.warnings

    def test_there_and_back_is_where_it_was(self) -> None:
        before = assess_leverage(held(), "PF_XBTUSD", None)
        assert before.after == before.before
        there = assess_leverage(held(), "PF_XBTUSD", dec(10))
        assert there.after is not None
        assert there.after.available is not None
        wallet_after = there.after.available
        isolated = held(
            leverage={"PF_XBTUSD": dec(10)},
            account=Account(NOW, pools=(cross_pool(wallet_after, dec(0), dec(0), available=wallet_after),)),
        )
        back = assess_leverage(isolated, "PF_XBTUSD", None)
        assert back.after is not None
        assert before.before is not None
        assert back.after.available == before.before.available
        assert back.after.level_pct == before.before.level_pct
        assert back.after.liquidation_price == before.before.liquidation_price

    @pytest.mark.parametrize(
        ("leverage", "error"),
        [
            ("100", ""),
            ("100.01", "at this size the ladder allows at most 100x"),
            ("0", "a leverage must be above zero"),
            ("-1", "a leverage must be above zero"),
        ],
    )
    def test_bounds(self, leverage: str, error: str) -> None:
        assert assess_leverage(held(), "PF_XBTUSD", dec(leverage)).error == error

    def test_a_large_position_allows_less(self) -> None:
        start = held("40")
        assert (
            assess_leverage(start, "PF_XBTUSD", dec("52.18")).error == "at this size the ladder allows at most 52.17x"
        )

    def test_not_enough_to_lock(self) -> None:
        assert assess_leverage(held("10"), "PF_XBTUSD", dec(10)).error.startswith("insufficient margin")
        assert assess_leverage(held("10"), "PF_XBTUSD", dec(20)).error == ""

    def test_back_to_cross_may_liquidate(self) -> None:
        poor = held(
            leverage={"PF_XBTUSD": dec(10)},
            account=Account(NOW, pools=(cross_pool(dec(-4_000), dec(0), dec(0)),)),
        )
        assert assess_leverage(poor, "PF_XBTUSD", None).error.startswith("it would cause liquidation")

    def test_inverse_view_mode_and_unknown(self) -> None:
        assert "always cross" in assess_leverage(wallet("1"), "PI_XBTUSD", dec(5)).error
        assert assess_leverage(held(can_trade=False, view_reason="view"), "PF_XBTUSD", dec(5)).error == "view"
        assert assess_leverage(state(), "PF_NOSUCH", None).error == "there is no contract PF_NOSUCH"

    def test_warnings(self) -> None:
        stale = held(link=Link(status=LinkStatus.STALE))
        verdict = assess_leverage(stale, "PF_XBTUSD", None)
        assert verdict.warnings == ("nothing changes", "the stream is stale: the figures may be old")
        tight = assess_leverage(held(), "PF_XBTUSD", Decimal(90))
        assert any(words.startswith("margin level after") for words in tight.warnings)
