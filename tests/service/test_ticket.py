"""From typed draft to verdict: the request that would be sent, or the errors beside their fields."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal

import msgspec
import pytest

from tests.service.accounts import (
    BOOK,
    NO_LIMITS,
    NOW,
    TICKER,
    dec,
    funded,
    order,
    position,
    request,
    state,
    wallet,
    worked,
)
from tui.model.describe import one_line
from tui.model.draft import Assessment, OrderDraft
from tui.model.enums import DeviationUnit, OrderType, Side, TriggerSignal
from tui.model.limits import ContractLimits, Limits
from tui.model.order import OrderRequest
from tui.model.state import Link, LinkStatus, State
from tui.service import ticket

BUY, SELL = Side.BUY, Side.SELL


def new_id() -> str:
    return "generated"


def assess(draft: OrderDraft, start: State | None = None, limits: Limits = NO_LIMITS) -> Assessment:
    return ticket.assess(start or funded("100000"), draft, limits, NOW, new_id)


def draft(side: Side = BUY, size: str = "0.1", limit_price: str = "84001", **more: object) -> OrderDraft:
    return msgspec.structs.replace(OrderDraft("PF_XBTUSD", side, size=size, limit_price=limit_price), **more)


class TestRequest:
    def test_the_request_is_exactly_what_was_typed(self) -> None:
        verdict = assess(draft())
        assert verdict.request == OrderRequest(
            "generated", "PF_XBTUSD", BUY, OrderType.LIMIT, dec("0.1"), limit_price=dec(84_001)
        )
        assert (verdict.errors, verdict.doubts, verdict.warnings) == ((), (), ())
        assert (verdict.resolved_limit, verdict.resolved_size) == (dec(84_001), dec("0.1"))
        assert verdict.preview is not None

    def test_the_traders_own_id_is_kept(self) -> None:
        verdict = assess(draft(client_order_id=" mine "))
        assert verdict.request is not None
        assert verdict.request.client_order_id == "mine"

    def test_a_market_order_ignores_leftover_prices(self) -> None:
        verdict = assess(draft(type=OrderType.MARKET, limit_price="garbage", stop_price="more", deviation="x"))
        assert verdict.request == OrderRequest("generated", "PF_XBTUSD", BUY, OrderType.MARKET, dec("0.1"))

    def test_a_stop_with_and_without_limit(self) -> None:
        asked = draft(SELL, "all", "", type=OrderType.STOP, stop_price="mark-1%", reduce_only=True)
        verdict = assess(asked, worked())
        assert verdict.request is not None
        assert one_line(verdict.request) == "SELL 4 PF_XBTUSD stop 83,165 (mark) reduce-only"
        limited = assess(msgspec.structs.replace(asked, limit_price="83000"), worked())
        assert limited.request is not None
        assert limited.request.limit_price == 83_000

    def test_a_trailing_stop(self) -> None:
        asked = draft(
            SELL, "50%", "", type=OrderType.TRAILING_STOP, deviation="2 %", trigger_signal=TriggerSignal.INDEX,
            reduce_only=True,
        )  # fmt: skip
        verdict = assess(asked, worked())
        assert verdict.request is not None
        assert verdict.request.deviation == 2
        assert verdict.request.deviation_unit is DeviationUnit.PERCENT
        assert verdict.request.trigger_signal is TriggerSignal.INDEX
        assert verdict.request.stop_price is None
        assert verdict.request.size == 2

    def test_percent_of_a_stop_is_of_the_position_it_closes(self) -> None:
        asked = draft(SELL, "25%", "", type=OrderType.STOP, stop_price="82000")
        verdict = assess(asked, worked())
        assert verdict.resolved_size == 1

    def test_largest_size_fits_and_is_shown(self) -> None:
        verdict = assess(draft(size="max", limit_price="84000"), funded("18231.58"))
        assert verdict.max_size == verdict.resolved_size == dec("16.3946")
        assert verdict.request is not None
        over = assess(draft(size="16.3947", limit_price="84000"), funded("18231.58"))
        assert over.request is None
        assert [error.field for error in over.errors] == ["size"]

    @pytest.mark.parametrize("type_", [OrderType.LIMIT, OrderType.POST, OrderType.IOC, OrderType.MARKET, OrderType.FOK])
    @pytest.mark.parametrize("start", [funded("7000"), worked(), funded("7000", positions=(position("-2", "84000"),))])
    def test_max_is_never_refused(self, type_: OrderType, start: State) -> None:
        price = "84001" if type_ in (OrderType.LIMIT, OrderType.POST) else "84010"
        verdict = assess(draft(size="max", limit_price=price, type=type_), start)
        assert verdict.errors == ()
        assert verdict.request is not None

    def test_inverse_by_coin_and_percent(self) -> None:
        start = wallet("0.1")
        asked = OrderDraft("PI_XBTUSD", BUY, size="0.1btc", limit_price="84000")
        assert assess(asked, start).resolved_size == 8_400
        half = assess(msgspec.structs.replace(asked, size="50%"), start)
        whole = assess(msgspec.structs.replace(asked, size="100%"), start)
        assert half.request is not None
        assert half.resolved_size is not None
        assert whole.resolved_size is not None
        assert 0 <= whole.resolved_size - 2 * half.resolved_size <= 1


class TestErrors:
    @pytest.mark.parametrize(
        ("asked", "fields"),
        [
            (draft(size=""), {"size"}),
            (draft(limit_price=""), {"limit_price"}),
            (draft(size="x", limit_price="y"), {"size", "limit_price"}),
            (draft(size="0.00001"), {"size"}),
            (draft(limit_price="84000.5"), {"limit_price"}),
            (draft(type=OrderType.STOP, limit_price="", stop_price=""), {"stop_price"}),
            (draft(type=OrderType.TRAILING_STOP, deviation="far"), {"deviation"}),
            (draft(type=OrderType.POST, limit_price="84002"), {"limit_price"}),
            (draft(type=OrderType.UNKNOWN), {"type"}),
            (draft(size="1e30"), {"size"}),
            (draft(reduce_only=True), {"reduce_only"}),
            (draft(symbol="PF_NOSUCH"), {"symbol"}),
            (draft(symbol=""), {"symbol"}),
        ],
    )
    def test_each_stands_beside_its_field_and_nothing_can_be_sent(self, asked: OrderDraft, fields: set[str]) -> None:
        verdict = assess(asked)
        assert {error.field for error in verdict.errors} == fields
        assert verdict.request is None

    def test_a_typed_number_is_not_rounded_on_the_quiet(self) -> None:
        verdict = assess(draft(size="0.10005"))
        assert verdict.errors[0].message == "0.10005 is not a multiple of 0.0001; nearest is 0.1000 or 0.1001"
        assert verdict.resolved_size == dec("0.10005")

    def test_desk_limits_refuse_with_preview_still_shown(self) -> None:
        limits = Limits(default=ContractLimits(max_order_size=dec("0.05")))
        verdict = assess(draft(), limits=limits)
        assert verdict.request is None
        assert verdict.errors[0].message.startswith("desk limit:")
        assert verdict.preview is not None

    def test_doubts_leave_the_request(self) -> None:
        verdict = assess(draft(), funded("100000", link=Link(status=LinkStatus.DOWN, reason="no route")))
        assert verdict.request is not None
        assert verdict.doubts == ("the stream is down (no route)",)

    def test_an_account_nobody_has_seen_gives_words_not_a_crash(self) -> None:
        verdict = assess(draft(), state())
        assert verdict.request is not None
        assert any("margin" in doubt for doubt in verdict.doubts)
        verdict = assess(draft(size="50%"), state())
        assert verdict.errors[0].message.startswith("the largest size is not known yet")


class TestReadyMade:
    def test_joining_follows_the_market_by_word(self) -> None:
        start = funded("100000")
        assert ticket.join_draft(start, "PF_XBTUSD", BUY, dec("0.10")).limit_price == "@bid"
        asked = ticket.join_draft(start, "PF_XBTUSD", SELL, dec("0.10"))
        assert (asked.limit_price, asked.size, asked.type) == ("@ask", "0.1", OrderType.LIMIT)
        verdict = assess(asked, start)
        assert verdict.resolved_limit == 84_002

    @pytest.mark.parametrize(
        ("ask", "side", "ticks", "price"),
        [
            (84_002, BUY, 1, 84_001),
            (84_003, BUY, 1, 84_002),
            (84_003, BUY, 5, 84_002),
            (84_009, BUY, 2, 84_003),
            (84_009, SELL, 2, 84_007),
        ],
    )
    def test_improving_never_takes(self, ask: int, side: Side, ticks: int, price: int) -> None:
        book = msgspec.structs.replace(BOOK, asks=(msgspec.structs.replace(BOOK.asks[0], price=dec(ask)),))
        start = funded("100000", books={"PF_XBTUSD": book})
        asked = ticket.join_draft(start, "PF_XBTUSD", side, dec("0.1"), ticks)
        assert assess(asked, start).resolved_limit == price

    def test_joining_an_unknown_contract_or_market_is_left_to_the_verdict(self) -> None:
        asked = ticket.join_draft(state(books={}, tickers={}), "PF_XBTUSD", BUY, dec(1), 2)
        assert assess(asked, state(books={}, tickers={})).errors[0].message == "there is no bid now"
        assert ticket.join_draft(state(), "PF_NOSUCH", BUY, dec(1), 1).limit_price == "@bid"

    @pytest.mark.parametrize(("held", "side"), [("4", SELL), ("-2.5", BUY)])
    def test_flattening_and_reversing(self, held: str, side: Side) -> None:
        start = funded("100000", positions=(position(held, "84000"),))
        flat = ticket.assess_flatten(start, "PF_XBTUSD", NO_LIMITS, NOW, new_id)
        assert flat.request == OrderRequest(
            "generated", "PF_XBTUSD", side, OrderType.MARKET, abs(dec(held)), reduce_only=True
        )
        assert flat.preview is not None
        assert (flat.preview.after.position, flat.preview.effect) == (dec(0), "closes")
        turned = ticket.assess_reverse(start, "PF_XBTUSD", NO_LIMITS, NOW, new_id)
        assert turned.request is not None
        assert turned.request.size == 2 * abs(dec(held))
        assert not turned.request.reduce_only
        assert turned.resolved_size == 2 * abs(dec(held))

    @pytest.mark.parametrize("act", [ticket.assess_flatten, ticket.assess_reverse])
    def test_without_a_position_there_is_nothing_to_do(
        self, act: Callable[[State, str, Limits, int, Callable[[], str]], Assessment]
    ) -> None:
        verdict = act(funded("1"), "PF_XBTUSD", NO_LIMITS, NOW, new_id)
        assert verdict.request is None
        assert verdict.errors[0].message == "there is no position in PF_XBTUSD"

    def test_an_exact_request_of_an_unknown_contract(self) -> None:
        verdict = ticket.assess_request(state(), request(symbol="PF_NOSUCH"), NO_LIMITS, NOW)
        assert [error.field for error in verdict.errors] == ["symbol"]


def test_a_verdict_takes_under_ten_milliseconds() -> None:
    orders = tuple(order(str(n), BUY, "0.1", str(83_000 + n)) for n in range(20))
    start = msgspec.structs.replace(worked(), orders=orders, tickers={"PF_XBTUSD": TICKER})
    best = Decimal(1)
    for _ in range(5):
        begun = time.process_time()
        assess(draft(size="25%"), start)
        best = min(best, Decimal(time.process_time() - begun))
    assert best < Decimal("0.010")
