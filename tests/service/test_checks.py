"""Every pre-trade check, just inside and just outside."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tests.service.accounts import (
    BOOK,
    DATED,
    ETH,
    FRESH,
    MARK,
    NOW,
    PEPE,
    TICKER,
    XBT,
    cross_pool,
    dec,
    funded,
    order,
    position,
    request,
    state,
    stop,
    wallet,
    worked,
)
from tui.model.account import Account
from tui.model.enums import DeviationUnit, OrderType, Side, TriggerSignal
from tui.model.instrument import Instrument
from tui.model.limits import ContractLimits, Limits
from tui.model.order import OrderRequest, Unresolved
from tui.model.state import Age, Link, LinkStatus, RateBudget, Slice, State
from tui.service import account_checks, order_checks
from tui.service.case import Case, Finding, Verdict
from tui.service.checks import CHECKS, Check, findings
from tui.service.ground import ground_of
from tui.service.marking import mark_to_market
from tui.service.preview import immediate, preview_on

ERROR, DOUBT, WARNING = Verdict.ERROR, Verdict.DOUBT, Verdict.WARNING
BUY, SELL = Side.BUY, Side.SELL
LIMIT, POST, STOP = OrderType.LIMIT, OrderType.POST, OrderType.STOP


def case(start: State, asked: OrderRequest, limits: Limits | None = None, now_ms: int = NOW, **more: Any) -> Case:
    marked = mark_to_market(start)
    ground = ground_of(marked, asked.symbol)
    assert ground is not None
    return Case(
        state=marked,
        ground=ground,
        request=asked,
        limits=limits or Limits(),
        now_ms=now_ms,
        preview=preview_on(ground, asked),
        immediate=immediate(ground, asked),
        **more,
    )


def verdict(check: Check, tried: Case) -> Verdict | None:
    found = check(tried)
    return found.verdict if found else None


def rich(**changes: Any) -> State:
    return funded("10000000", **changes)


def limit(side: Side, size: str, price: str, type_: OrderType = LIMIT, **more: Any) -> OrderRequest:
    return request(side, size, type_, price, **more)


def with_instrument(instrument: Instrument, **changes: Any) -> State:
    changed = msgspec.structs.replace(instrument, **changes)
    return rich(instruments={changed.symbol: changed}, tickers={changed.symbol: TICKER}, books={changed.symbol: BOOK})


def test_a_good_order_meets_no_objection() -> None:
    assert list(findings(case(rich(), limit(BUY, "0.1", "84001")))) == []


def test_every_check_of_the_two_modules_is_in_the_list() -> None:
    defined = {
        function
        for module in (order_checks, account_checks)
        for name, function in vars(module).items()
        if getattr(function, "__module__", "") == module.__name__
        and getattr(function, "__annotations__", {}).get("return") == "Finding | None"
        and not name.startswith("_")
    }
    assert defined == set(CHECKS)


class TestFields:
    @pytest.mark.parametrize(
        ("asked", "field"),
        [
            (request(type_=LIMIT), "limit_price"),
            (request(type_=OrderType.FOK), "limit_price"),
            (request(type_=STOP, trigger_signal=TriggerSignal.MARK), "stop_price"),
            (request(type_=STOP, stop_price=dec(1)), "trigger_signal"),
            (request(type_=OrderType.TRAILING_STOP, trigger_signal=TriggerSignal.MARK), "deviation"),
            (request(type_=OrderType.UNKNOWN), "type"),
        ],
    )
    def test_what_a_type_needs(self, asked: OrderRequest, field: str) -> None:
        found = order_checks.fields_complete(case(rich(), asked))
        assert found is not None
        assert (found.verdict, found.field) == (ERROR, field)

    def test_complete_ones_pass(self) -> None:
        for asked in (request(), limit(BUY, "1", "1"), stop(SELL, "1", "80000")):
            assert order_checks.fields_complete(case(rich(), asked)) is None

    @pytest.mark.parametrize(
        ("size", "words"),
        [
            ("0.0001", None),
            ("0.00015", "0.00015 is not a multiple of 0.0001; nearest is 0.0001 or 0.0002"),
            ("0.00005", "nearest is 0.0001"),
            ("0", "a size must be above zero"),
        ],
    )
    def test_lot(self, size: str, words: str | None) -> None:
        found = order_checks.size_on_lot(case(rich(), limit(BUY, size, "84000")))
        assert (found is None) if words is None else (found is not None and found.message.endswith(words))

    def test_lots_of_a_thousand(self) -> None:
        asked = limit(BUY, "1500", "0.0000000001", symbol="PF_PEPEUSD")
        found = order_checks.size_on_lot(case(rich(instruments={"PF_PEPEUSD": PEPE}), asked))
        assert found is not None
        assert found.message == "1,500 is not a multiple of 1,000; nearest is 1,000 or 2,000"

    def test_ticks(self) -> None:
        off = limit(BUY, "1", "84000.5")
        found = order_checks.limit_on_tick(case(rich(), off))
        assert found == Finding(ERROR, "84,000.5 is not a multiple of 1; nearest is 84,000 or 84,001", "limit_price")
        assert order_checks.limit_on_tick(case(rich(), limit(BUY, "1", "84000"))) is None
        assert verdict(order_checks.limit_on_tick, case(rich(), limit(BUY, "1", "-1"))) is ERROR
        assert verdict(order_checks.stop_on_tick, case(rich(), stop(SELL, "1", "80000.1"))) is ERROR
        assert verdict(order_checks.stop_on_tick, case(rich(), stop(SELL, "1", "80000"))) is None

    @pytest.mark.parametrize(
        ("unit", "distance", "expected"),
        [
            (DeviationUnit.PERCENT, "0.1", None),
            (DeviationUnit.PERCENT, "0.09", ERROR),
            (DeviationUnit.PERCENT, "50", None),
            (DeviationUnit.PERCENT, "50.1", ERROR),
            (DeviationUnit.QUOTE, "1", None),
            (DeviationUnit.QUOTE, "0.5", ERROR),
            (DeviationUnit.QUOTE, "0", ERROR),
        ],
    )
    def test_trailing_distance(self, unit: DeviationUnit, distance: str, expected: Verdict | None) -> None:
        asked = request(SELL, "1", OrderType.TRAILING_STOP, deviation=dec(distance), deviation_unit=unit)
        assert verdict(order_checks.deviation_in_range, case(rich(), asked)) is expected

    def test_client_order_id(self) -> None:
        def named(name: str) -> OrderRequest:
            return msgspec.structs.replace(request(), client_order_id=name)

        check = order_checks.client_id_usable
        assert verdict(check, case(rich(), named("x" * 100))) is None
        assert verdict(check, case(rich(), named("x" * 101))) is ERROR
        assert verdict(check, case(rich(), named(""))) is ERROR
        taken = rich(orders=(order("1", BUY, "1", "80000", client_order_id="mine"),))
        assert verdict(check, case(taken, named("mine"))) is ERROR
        assert verdict(check, case(taken, named("other"))) is None
        assert verdict(check, case(taken, named("mine"), replaces="1")) is None


class TestMarket:
    def test_open(self) -> None:
        check = order_checks.market_open
        assert verdict(check, case(rich(), request())) is None
        assert verdict(check, case(with_instrument(XBT, tradeable=False), request())) is ERROR
        suspended = msgspec.structs.replace(TICKER, suspended=True)
        assert verdict(check, case(rich(tickers={"PF_XBTUSD": suspended}), request())) is ERROR

    @pytest.mark.parametrize(("left_ms", "expected"), [(1, None), (0, ERROR)])
    def test_expired(self, left_ms: int, expected: Verdict | None) -> None:
        start = with_instrument(DATED, expiry_ms=NOW + left_ms)
        assert verdict(order_checks.market_open, case(start, request(symbol=DATED.symbol))) is expected

    @pytest.mark.parametrize(("left_ms", "expected"), [(86_400_001, None), (86_400_000, WARNING), (0, None)])
    def test_close_to_expiry(self, left_ms: int, expected: Verdict | None) -> None:
        start = with_instrument(DATED, expiry_ms=NOW + left_ms)
        assert verdict(order_checks.close_to_expiry, case(start, request(symbol=DATED.symbol))) is expected

    @pytest.mark.parametrize("where", ["instrument", "ticker"])
    def test_post_only_mode(self, where: str) -> None:
        start = (
            with_instrument(XBT, post_only=True)
            if where == "instrument"
            else rich(tickers={"PF_XBTUSD": msgspec.structs.replace(TICKER, post_only=True)})
        )
        check = order_checks.market_takes_type
        assert verdict(check, case(start, limit(BUY, "1", "84000"))) is ERROR
        assert verdict(check, case(start, limit(BUY, "1", "84000", POST))) is None
        assert verdict(check, case(start, stop(SELL, "1", "80000"))) is None
        assert verdict(check, case(rich(), limit(BUY, "1", "84000"))) is None

    @pytest.mark.parametrize(
        ("side", "price", "expected"),
        [(BUY, "84001", None), (BUY, "84002", ERROR), (SELL, "84002", None), (SELL, "84001", ERROR)],
    )
    def test_post_only_would_cross(self, side: Side, price: str, expected: Verdict | None) -> None:
        assert verdict(order_checks.post_only_rests, case(rich(), limit(side, "1", price, POST))) is expected
        assert verdict(order_checks.post_only_rests, case(rich(), limit(side, "1", price))) is None

    def test_displayed_depth(self) -> None:
        check = order_checks.finds_a_match
        assert verdict(check, case(rich(), request(BUY, "7.3"))) is None
        assert verdict(check, case(rich(), request(BUY, "7.3001"))) is WARNING
        assert verdict(check, case(rich(), limit(BUY, "2.3", "84003", OrderType.IOC))) is None
        assert verdict(check, case(rich(), limit(BUY, "2.3001", "84003", OrderType.IOC))) is WARNING
        assert verdict(check, case(rich(), limit(BUY, "1", "84001", OrderType.IOC))) is WARNING
        assert verdict(check, case(rich(), limit(BUY, "2.3", "84003", OrderType.FOK))) is None
        assert verdict(check, case(rich(), limit(BUY, "2.3001", "84003", OrderType.FOK))) is WARNING
        assert verdict(check, case(rich(), limit(BUY, "100", "84003"))) is None, "a limit order rests"
        held = rich(positions=(position("-1", "84000"),))
        assert verdict(check, case(held, request(BUY, "9", reduce_only=True))) is None, "only 1 has to trade"

    @pytest.mark.parametrize(("own", "expected"), [("84003", WARNING), ("84004", None)])
    def test_own_order_in_the_way(self, own: str, expected: Verdict | None) -> None:
        start = rich(orders=(order("1", SELL, "1", own),))
        check = order_checks.meets_own_order
        assert verdict(check, case(start, limit(BUY, "2", "84003"))) is expected
        assert verdict(check, case(start, limit(SELL, "2", "84000"))) is None, "same side"
        other = rich(orders=(order("1", SELL, "1", "84003", symbol="PF_ETHUSD"),))
        assert verdict(check, case(other, limit(BUY, "2", "84003"))) is None


class TestPosition:
    @pytest.mark.parametrize(("size", "expected"), [("1199", None), ("1199.0001", ERROR)])
    def test_max_position(self, size: str, expected: Verdict | None) -> None:
        start = rich(positions=(position("1", "84000"),))
        assert verdict(order_checks.within_max_position, case(start, limit(BUY, size, "84000"))) is expected

    def test_max_position_never_stops_a_way_out(self) -> None:
        start = rich(positions=(position("3000", "84000"),))
        assert verdict(order_checks.within_max_position, case(start, limit(SELL, "1", "84000"))) is None

    @pytest.mark.parametrize(
        ("held", "side", "type_", "size", "expected"),
        [
            ("0", SELL, LIMIT, "1", ERROR),
            ("1", BUY, LIMIT, "1", ERROR),
            ("1", SELL, LIMIT, "1", None),
            ("1", SELL, LIMIT, "1.0001", WARNING),
            ("-1", BUY, LIMIT, "1", None),
            ("0", SELL, STOP, "1", WARNING),
            ("1", SELL, STOP, "2", None),
        ],
    )
    def test_reduce_only(self, held: str, side: Side, type_: OrderType, size: str, expected: Verdict | None) -> None:
        start = rich(positions=(position(held, "84000"),) if dec(held) else ())
        asked = request(side, size, type_, "84000", reduce_only=True)
        assert verdict(order_checks.reduce_only_reduces, case(start, asked)) is expected

    @pytest.mark.parametrize(("size", "expected"), [("1", None), ("1.0001", WARNING)])
    def test_flip_is_said(self, size: str, expected: Verdict | None) -> None:
        start = rich(positions=(position("1", "84000"),))
        assert verdict(order_checks.flips_position, case(start, limit(SELL, size, "84000"))) is expected


class TestStops:
    @pytest.mark.parametrize(
        ("side", "type_", "at", "expected"),
        [
            (SELL, STOP, "84004", None),
            (SELL, STOP, "84005", DOUBT),
            (BUY, STOP, "84005", None),
            (BUY, STOP, "84004", DOUBT),
            (SELL, OrderType.TAKE_PROFIT, "84005", None),
            (SELL, OrderType.TAKE_PROFIT, "84004", DOUBT),
        ],
    )
    def test_wrong_side_of_mark(self, side: Side, type_: OrderType, at: str, expected: Verdict | None) -> None:
        asked = msgspec.structs.replace(stop(side, "1", at), type=type_)
        assert verdict(order_checks.stop_waits, case(rich(), asked)) is expected

    @pytest.mark.parametrize(
        ("signal", "at", "expected"),
        [
            (TriggerSignal.INDEX, "83995", None),
            (TriggerSignal.INDEX, "83996", DOUBT),
            (TriggerSignal.LAST, "84001", None),
            (TriggerSignal.LAST, "84002", DOUBT),
        ],
    )
    def test_the_signal_that_is_watched_decides(self, signal: TriggerSignal, at: str, expected: Verdict | None) -> None:
        assert verdict(order_checks.stop_waits, case(rich(), stop(SELL, "1", at, signal))) is expected

    @pytest.mark.parametrize(("at", "expected"), [("80354", None), ("80353", WARNING)])
    def test_beyond_liquidation(self, at: str, expected: Verdict | None) -> None:
        assert verdict(order_checks.stop_before_liquidation, case(worked(), stop(SELL, "4", at))) is expected
        assert verdict(order_checks.stop_before_liquidation, case(worked(), stop(BUY, "4", at))) is None


class TestCollar:
    FAR_BUY = MARK * Decimal("1.05")

    def test_five_percent_through_mark_warns(self) -> None:
        check = order_checks.limit_near_mark
        assert verdict(check, case(rich(), limit(BUY, "1", str(int(self.FAR_BUY))))) is None
        assert verdict(check, case(rich(), limit(BUY, "1", str(int(self.FAR_BUY) + 1)))) is WARNING
        assert verdict(check, case(rich(), limit(SELL, "1", str(int(MARK * Decimal("0.95")))))) is WARNING
        assert verdict(check, case(rich(), limit(SELL, "1", str(int(MARK * Decimal("0.95")) + 1)))) is None
        assert verdict(check, case(rich(), limit(BUY, "1", "40000"))) is None, "far on the cheap side is patience"

    def test_the_desks_own_collar_refuses_by_name(self) -> None:
        limits = Limits(collar_pct=dec(1))
        inside, outside = int(MARK * Decimal("1.01")), int(MARK * Decimal("1.01")) + 1
        assert account_checks.within_collar(case(rich(), limit(BUY, "1", str(inside)), limits)) is None
        found = account_checks.within_collar(case(rich(), limit(BUY, "1", str(outside)), limits))
        assert found is not None
        assert found.verdict is ERROR
        assert found.message == "desk limit: the price is 1 % through mark, the collar is 1 %"


class TestLimits:
    def limits(self, **values: Any) -> Limits:
        return Limits(contract={"PF_XBTUSD": ContractLimits(**values)})

    @pytest.mark.parametrize(("size", "expected"), [("0.5", None), ("0.5001", ERROR)])
    def test_order_size(self, size: str, expected: Verdict | None) -> None:
        limits = self.limits(max_order_size=dec("0.5"))
        assert verdict(account_checks.order_within_size, case(rich(), limit(BUY, size, "84000"), limits)) is expected

    @pytest.mark.parametrize(("size", "expected"), [("0.5", None), ("0.5001", ERROR)])
    def test_order_notional(self, size: str, expected: Verdict | None) -> None:
        limits = self.limits(max_order_usd=dec(42_000))
        check = account_checks.order_within_notional
        assert verdict(check, case(rich(), limit(BUY, size, "84000"), limits)) is expected

    def test_market_notional_counts_the_worst_price(self) -> None:
        check = account_checks.order_within_notional
        worth = dec(2) * 84_003
        assert verdict(check, case(rich(), request(BUY, "2"), self.limits(max_order_usd=worth))) is None
        assert verdict(check, case(rich(), request(BUY, "2"), self.limits(max_order_usd=worth - 1))) is ERROR
        blind = rich(tickers={}, books={})
        assert verdict(check, case(blind, request(BUY, "2"), self.limits(max_order_usd=worth))) is ERROR

    @pytest.mark.parametrize(("size", "expected"), [("1", None), ("1.0001", ERROR)])
    def test_position(self, size: str, expected: Verdict | None) -> None:
        start, limits = rich(positions=(position("1", "84000"),)), self.limits(max_position=dec(2))
        check = account_checks.position_within_limit
        assert verdict(check, case(start, limit(BUY, size, "84000"), limits)) is expected

    def test_limits_never_stop_a_way_out(self) -> None:
        start = rich(positions=(position("10", "84000"),))
        limits = self.limits(max_order_size=dec(1), max_order_usd=dec(1), max_position=dec(1))
        tried = case(start, limit(SELL, "5", "84000"), limits)
        assert [found for found in findings(tried) if found.verdict is ERROR] == []

    def test_allow_list(self) -> None:
        check = account_checks.contract_allowed
        assert verdict(check, case(rich(), request(), Limits(allow=("PF_XBTUSD",)))) is None
        found = check(case(rich(), request(), Limits(allow=("PF_ETHUSD",))))
        assert found == Finding(ERROR, "desk limit: PF_XBTUSD is not in the allowed contracts (PF_ETHUSD)", "symbol")

    def test_the_refusal_names_limit_and_value(self) -> None:
        limits = self.limits(max_order_size=dec(1))
        found = account_checks.order_within_size(case(rich(), limit(BUY, "2", "84000"), limits))
        assert found == Finding(ERROR, "desk limit: order size 2.0000 is above 1.0000", "size")


class TestMargin:
    @pytest.mark.parametrize(("equity", "expected"), [("882", None), ("881.99", ERROR)])
    def test_what_it_needs_is_there(self, equity: str, expected: Verdict | None) -> None:
        """1 @ 84,000: initial margin 840 and the taker fee 42."""
        tried = case(funded(equity), limit(BUY, "1", "84000"))
        assert verdict(account_checks.margin_suffices, tried) is expected

    def test_words_name_both_amounts(self) -> None:
        found = account_checks.margin_suffices(case(funded("500.5"), limit(BUY, "1", "84000")))
        assert found is not None
        assert found.message == "insufficient margin: it needs 882.00 USD, and 500.50 USD is available"

    def test_a_trigger_is_judged_when_it_wakes(self) -> None:
        assert verdict(account_checks.margin_suffices, case(funded("1"), stop(BUY, "1", "85000"))) is WARNING

    def test_a_way_out_needs_none(self) -> None:
        broke = funded("-100", positions=(position("1", "84000"),))
        assert verdict(account_checks.margin_suffices, case(broke, limit(SELL, "1", "84000"))) is None
        assert verdict(account_checks.margin_suffices, case(broke, limit(SELL, "1.0001", "84000"))) is None, "freed"

    def test_unknown_account_is_a_doubt(self) -> None:
        assert verdict(account_checks.margin_suffices, case(state(), limit(BUY, "1", "84000"))) is DOUBT

    def test_inverse_speaks_in_coin(self) -> None:
        asked = limit(BUY, "100000", "84000", symbol="PI_XBTUSD")
        found = account_checks.margin_suffices(case(wallet("0.02"), asked))
        assert found is not None
        assert "0.02440476 XBT, and 0.02000000 XBT is available" in found.message

    def test_would_cause_liquidation(self) -> None:
        """Golden vector: 5,000 USD, buy 4 @ 84,840 with mark 84,000 leaves 1,470.32 under 1,696.80."""
        ticker = msgspec.structs.replace(TICKER, ask=dec(84_840), mark=dec(84_000))
        asked = limit(BUY, "4", "84840")
        poor, enough = (
            case(funded(equity, tickers={"PF_XBTUSD": ticker}, books={}), asked) for equity in ("5000", "5226.48")
        )
        assert verdict(account_checks.margin_suffices, poor) is None, "available margin alone was enough"
        assert verdict(account_checks.survives_fill, poor) is ERROR
        assert verdict(account_checks.survives_fill, enough) is None
        just = case(funded("5226.47", tickers={"PF_XBTUSD": ticker}, books={}), asked)
        assert verdict(account_checks.survives_fill, just) is ERROR

    @pytest.mark.parametrize(("equity", "expected"), [("6923.28", None), ("6923.27", ERROR)])
    def test_free_margin_stays_above_zero_after_a_fill_worse_than_mark(
        self, equity: str, expected: Verdict | None
    ) -> None:
        """Initial margin 3,393.60, fee 169.68, and 3,360 lost against mark at once."""
        ticker = msgspec.structs.replace(TICKER, ask=dec(84_840), mark=dec(84_000))
        tried = case(funded(equity, tickers={"PF_XBTUSD": ticker}, books={}), limit(BUY, "4", "84840"))
        assert verdict(account_checks.stays_funded, tried) is expected

    def test_a_resting_order_cannot_cause_liquidation_now(self) -> None:
        assert verdict(account_checks.survives_fill, case(funded("1"), limit(BUY, "4", "84000"))) is None

    @pytest.mark.parametrize(("size", "expected"), [("43.75", None), ("43.7501", ERROR)])
    def test_isolated_leverage_at_the_size(self, size: str, expected: Verdict | None) -> None:
        start = rich(leverage={"PF_XBTUSD": dec(50)})
        assert verdict(account_checks.leverage_fits_size, case(start, limit(BUY, size, "80000"))) is expected

    @pytest.mark.parametrize(
        ("equity", "expected"),
        [("1415.4", None), ("1415.3", "333"), ("856.8", "333"), ("856.7", "200"), ("617.4", "200"), ("617.3", "143")],
    )
    def test_level_after(self, equity: str, expected: str | None) -> None:
        """1 @ 84,000 at mark 84,000: maintenance margin 420, maker fee 16.80."""
        ticker = msgspec.structs.replace(TICKER, mark=dec(84_000))
        tried = case(funded(equity, tickers={"PF_XBTUSD": ticker}), limit(BUY, "1", "84000"))
        found = account_checks.level_after(tried)
        assert (found is None) if expected is None else (found is not None and f"under {expected} %" in found.message)

    def test_level_of_a_way_out_is_not_a_warning(self) -> None:
        pool = cross_pool(dec(500), dec(840), dec(420))
        low = state(account=Account(NOW, pools=(pool,)), positions=(position("1", "84000", mark_price=MARK),))
        assert account_checks.level_after(case(low, limit(SELL, "0.5", "84001"))) is None

    @pytest.mark.parametrize(("size", "expected"), [("11.9047", None), ("11.9048", WARNING)])
    def test_rung(self, size: str, expected: Verdict | None) -> None:
        assert verdict(account_checks.crosses_rung, case(rich(), limit(BUY, size, "84000"))) is expected

    def test_extreme_volatility(self) -> None:
        wild = with_instrument(XBT, initial_multiplier=dec(2))
        assert verdict(account_checks.calm_market, case(wild, request())) is WARNING
        assert verdict(account_checks.calm_market, case(rich(), request())) is None


class TestKnowledge:
    def test_view_mode_and_missing_keys(self) -> None:
        assert verdict(account_checks.may_trade, case(rich(), request())) is None
        found = account_checks.may_trade(case(rich(can_trade=False, view_reason="no keys"), request()))
        assert found == Finding(ERROR, "no keys")
        assert verdict(account_checks.may_trade, case(rich(can_trade=False), request())) is ERROR

    @pytest.mark.parametrize("status", [status for status in LinkStatus if status is not LinkStatus.LIVE])
    def test_link(self, status: LinkStatus) -> None:
        assert verdict(account_checks.link_is_live, case(rich(link=Link(status=status)), request())) is DOUBT
        assert verdict(account_checks.link_is_live, case(rich(), request())) is None

    @pytest.mark.parametrize(
        ("part", "seconds"), [(Slice.MARKET, 10), (Slice.POSITIONS, 15), (Slice.MARGIN, 15), (Slice.ORDERS, 15)]
    )
    def test_stale_slices(self, part: Slice, seconds: int) -> None:
        def aged(milliseconds: int) -> Case:
            ages = {**FRESH, part: Age(stream_ms=NOW - milliseconds, rest_ms=NOW - 60_000)}
            return case(rich(ages=ages), limit(BUY, "1", "84000"))

        assert account_checks.data_is_fresh(aged(seconds * 1000)) is None
        found = account_checks.data_is_fresh(aged(seconds * 1000 + 1))
        assert found == Finding(DOUBT, f"old data: {part} {seconds} s")

    def test_stale_after_is_a_setting(self) -> None:
        ages = {**FRESH, Slice.MARKET: Age(stream_ms=NOW - 4_000)}
        check = account_checks.data_is_fresh
        assert verdict(check, case(rich(ages=ages), request(), Limits(stale_after_s=4))) is None
        assert verdict(check, case(rich(ages=ages), request(), Limits(stale_after_s=3))) is DOUBT

    def test_never_received(self) -> None:
        found = account_checks.data_is_fresh(case(rich(ages={}, tickers={}), request()))
        assert found is not None
        assert "positions never received" in found.message
        assert "no mark price of PF_XBTUSD" in found.message

    def test_a_way_out_depends_on_less(self) -> None:
        ages = {Slice.MARKET: Age(NOW), Slice.POSITIONS: Age(NOW)}
        start = rich(ages=ages, positions=(position("1", "84000"),))
        assert account_checks.data_is_fresh(case(start, request(SELL, "1", reduce_only=True))) is None
        assert verdict(account_checks.data_is_fresh, case(start, request(SELL, "1"))) is DOUBT

    def test_unresolved_order_on_the_contract(self) -> None:
        lost = Unresolved("c", "PF_XBTUSD", "order", "BUY 1 PF_XBTUSD", NOW - 6_500, "asking")
        found = account_checks.nothing_unresolved(case(rich(unresolved=(lost,)), request()))
        assert found == Finding(DOUBT, "unresolved since 6 s on this contract: BUY 1 PF_XBTUSD")
        elsewhere = msgspec.structs.replace(lost, symbol="PF_ETHUSD")
        assert account_checks.nothing_unresolved(case(rich(unresolved=(elsewhere,)), request())) is None

    @pytest.mark.parametrize(("wait_ms", "expected"), [(None, None), (0, None), (1, WARNING)])
    def test_rate_limit(self, wait_ms: int | None, expected: Verdict | None) -> None:
        budget = RateBudget(wait_until_ms=None if wait_ms is None else NOW + wait_ms)
        assert verdict(account_checks.venue_not_waiting, case(rich(budget=budget), request())) is expected


def test_checks_survive_a_market_that_nobody_has_seen() -> None:
    blind = state(books={}, tickers={}, ages={}, instruments={"PF_ETHUSD": msgspec.structs.replace(ETH, tiers=())})
    for asked in (
        request(symbol="PF_ETHUSD"),
        limit(BUY, "1", "2000", symbol="PF_ETHUSD"),
        stop(SELL, "1", "2000", symbol="PF_ETHUSD"),
        request(SELL, "1", OrderType.TRAILING_STOP, symbol="PF_ETHUSD"),
    ):
        assert any(found.verdict is DOUBT for found in findings(case(blind, asked)))
