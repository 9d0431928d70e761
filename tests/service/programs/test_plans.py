"""From what is typed to a plan: sizes that add up, prices on the grid, and exits on the right side."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.service.accounts import NO_LIMITS, NOW, XBT, dec, funded, position
from tui.model.decimals import on_grid, plain
from tui.model.draft import Assessment, OrderDraft
from tui.model.enums import OrderType, Side, TriggerSignal
from tui.model.limits import ContractLimits, Limits
from tui.model.program import Chase, Linked, Scale
from tui.model.state import State
from tui.service import ticket
from tui.service.programs.plans import prices_of, sizes_of

BUY, SELL = Side.BUY, Side.SELL
LOT = Decimal("0.0001")


def assess(draft: OrderDraft, start: State | None = None, limits: Limits = NO_LIMITS) -> Assessment:
    return ticket.assess(start or funded("100000"), draft, limits, NOW, lambda: "generated")


def draft(side: Side = BUY, size: str = "0.1", limit_price: str = "84001", **more: object) -> OrderDraft:
    return msgspec.structs.replace(OrderDraft("PF_XBTUSD", side, size=size, limit_price=limit_price), **more)


def complaints(verdict: Assessment) -> dict[str, str]:
    return {error.field: error.message for error in verdict.errors}


class TestBracket:
    def test_the_legs_close_what_the_entry_opens(self) -> None:
        verdict = assess(draft(stop_loss="83000", take_profit="86000", trigger_signal=TriggerSignal.LAST))
        plan = verdict.program
        assert isinstance(plan, Linked)
        assert plan.entry == verdict.request
        stop, target = plan.legs
        assert (stop.type, stop.stop_price, stop.trigger_signal) == (OrderType.STOP, dec(83_000), TriggerSignal.LAST)
        assert (target.type, target.limit_price) == (OrderType.LIMIT, dec(86_000))
        assert all(leg.side is SELL and leg.reduce_only and leg.size == dec("0.1") for leg in plan.legs)
        assert verdict.what[0] == "BUY 0.1000 PF_XBTUSD @ 84,001, then stop 83,000 and target 86,000"
        assert "lives in this desk" in verdict.what[1]

    def test_the_same_draft_makes_the_same_plan(self) -> None:
        one = draft(stop_loss="83000", client_order_id="mine")
        assert assess(one).program == assess(one).program
        other = assess(draft(stop_loss="83000", client_order_id="other")).program
        assert other != assess(one).program

    @pytest.mark.parametrize(
        ("side", "exits", "field"),
        [
            (BUY, {"stop_loss": "84001"}, "stop_loss"),
            (BUY, {"take_profit": "84000"}, "take_profit"),
            (SELL, {"stop_loss": "83000"}, "stop_loss"),
            (SELL, {"take_profit": "85000"}, "take_profit"),
            (BUY, {"stop_loss": "83000.5"}, "stop_loss"),
            (BUY, {"take_profit": "soon"}, "take_profit"),
        ],
    )
    def test_an_exit_on_the_wrong_side_is_refused_beside_its_field(
        self, side: Side, exits: dict[str, str], field: str
    ) -> None:
        verdict = assess(draft(side, **exits))
        assert verdict.program is None
        assert verdict.request is None
        assert set(complaints(verdict)) == {field}

    def test_prices_may_be_words_of_the_market(self) -> None:
        plan = assess(draft(stop_loss="bid-100t", take_profit="mark+1%")).program
        assert isinstance(plan, Linked)
        assert plan.legs[0].stop_price == dec(83_901)
        assert plan.legs[1].limit_price == dec(84_845)  # up, for the sell that it is

    def test_a_reduce_only_entry_opens_nothing_to_protect(self) -> None:
        start = funded("100000", positions=(position("0.5", "84000"),))
        verdict = assess(draft(SELL, limit_price="84010", reduce_only=True, stop_loss="85000"), start)
        assert "opens nothing" in complaints(verdict)["stop_loss"]

    def test_the_limits_hold_for_its_entry(self) -> None:
        limits = Limits(default=ContractLimits(max_order_size=dec("0.05")))
        verdict = assess(draft(stop_loss="83000"), limits=limits)
        assert verdict.program is None
        assert "desk limit" in complaints(verdict)["size"]


class TestOco:
    def test_both_orders_close_a_position_there_is(self) -> None:
        start = funded("100000", positions=(position("0.5", "84000"),))
        verdict = assess(draft(SELL, "0.5", "86000", program="oco", stop_loss="82000"), start)
        plan = verdict.program
        assert isinstance(plan, Linked)
        assert plan.entry is None
        assert [(leg.type, leg.reduce_only, leg.size) for leg in plan.legs] == [
            (OrderType.STOP, True, dec("0.5")),
            (OrderType.LIMIT, True, dec("0.5")),
        ]
        assert verdict.request is not None
        assert verdict.request.reduce_only

    def test_without_a_position_they_open_one(self) -> None:
        plan = assess(draft(BUY, "0.1", "83000", program="oco", stop_loss="85000")).program
        assert isinstance(plan, Linked)
        assert not plan.reduces

    def test_more_than_the_position_is_refused(self) -> None:
        start = funded("100000", positions=(position("0.2", "84000"),))
        verdict = assess(draft(SELL, "0.5", "86000", program="oco", stop_loss="82000"), start)
        assert "less than the OCO" in complaints(verdict)["size"]

    def test_a_stop_on_the_wrong_side_of_mark_is_refused(self) -> None:
        verdict = assess(draft(BUY, "0.1", "83000", program="oco", stop_loss="84000"))
        assert "above the mark" in complaints(verdict)["stop_loss"]


class TestScale:
    def test_orders_span_the_range_and_add_up(self) -> None:
        verdict = assess(draft(BUY, "1", "83000", program="scale", to_price="84000", count="5", rising=True))
        plan = verdict.program
        assert isinstance(plan, Scale)
        prices = [order.limit_price for order in plan.orders]
        assert prices == [dec(83_000), dec(83_250), dec(83_500), dec(83_750), dec(84_000)]
        sizes = [plain(order.size) for order in plan.orders]
        assert sizes == ["0.0666", "0.1333", "0.2", "0.2667", "0.3334"]
        assert len({order.client_order_id for order in plan.orders}) == 5
        assert verdict.what[0] == "BUY 1.0000 PF_XBTUSD in 5 orders from 83,000 to 84,000"

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"count": "1"}, "count"),
            ({"count": "51"}, "count"),
            ({"count": "five"}, "count"),
            ({"to_price": ""}, "to_price"),
            ({"to_price": "83002"}, "to_price"),
            ({"size": "0.0003"}, "count"),
        ],
    )
    def test_what_cannot_be_split_is_refused(self, more: dict[str, str], field: str) -> None:
        start = draft(BUY, "1", "83000", program="scale", to_price="84000", count="5")
        verdict = assess(msgspec.structs.replace(start, **more))
        assert field in complaints(verdict)
        assert verdict.program is None

    def test_a_post_only_order_that_would_cross_stops_all(self) -> None:
        verdict = assess(draft(BUY, "1", "83000", type=OrderType.POST, program="scale", to_price="84005", count="3"))
        assert verdict.program is None
        assert any("post-only would execute" in error.message for error in verdict.errors)

    @given(
        st.integers(2, 50).flatmap(lambda n: st.tuples(st.just(n), st.integers(n * 50, 10**7))),
        st.booleans(),
    )
    def test_sizes_add_up_to_the_lot_and_rise(self, split: tuple[int, int], rising: bool) -> None:
        count, lots = split
        sizes = sizes_of(lots * LOT, count, LOT, rising=rising)
        assert sum(sizes) == lots * LOT
        assert all(on_grid(size, LOT) for size in sizes)
        assert list(sizes) == sorted(sizes)
        if not rising:
            assert max(sizes) - min(sizes) <= LOT

    @given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(2, 50), st.sampled_from(list(Side)))
    def test_prices_begin_and_end_where_they_were_told_and_cross_less(
        self, start: int, end: int, count: int, side: Side
    ) -> None:
        prices = prices_of(Decimal(start), Decimal(end), count, lambda price: XBT.passive_price(side, price))
        assert [prices[0], prices[-1]] == [Decimal(start), Decimal(end)]
        for at, price in enumerate(prices):
            assert XBT.price_on_tick(price)
            assert 0 <= (start + Decimal(end - start) * at / (count - 1) - price) * side.sign < 1


class TestChase:
    def test_it_follows_half_a_percent_and_twenty_edits_unless_told_otherwise(self) -> None:
        plan = assess(draft(BUY, limit_price="bid", type=OrderType.POST, program="chase")).program
        assert isinstance(plan, Chase)
        assert (plan.order.limit_price, plan.within, plan.edits) == (dec(84_001), dec(420), 20)

    @pytest.mark.parametrize(("within", "distance"), [("50t", 50), ("0.1%", 84), ("30", 30)])
    def test_its_distance_is_in_ticks_percent_or_price(self, within: str, distance: int) -> None:
        plan = assess(draft(BUY, limit_price="bid", type=OrderType.POST, program="chase", within=within)).program
        assert isinstance(plan, Chase)
        assert plan.within == distance

    @pytest.mark.parametrize(
        ("more", "field"), [({"within": "0.1t"}, "within"), ({"within": "x"}, "within"), ({"edits": "0"}, "edits")]
    )
    def test_a_distance_or_number_that_makes_no_sense_is_refused(self, more: dict[str, str], field: str) -> None:
        start = draft(BUY, limit_price="bid", type=OrderType.POST, program="chase")
        assert field in complaints(assess(msgspec.structs.replace(start, **more)))
