"""Stop coverage, what liquidates first, and the what-if line."""

from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest

from tests.service.accounts import (
    MARK,
    NOW,
    TICKER,
    cross_pool,
    dec,
    funded,
    order,
    position,
    state,
    wallet,
    worked,
)
from tui.model.account import Account, MarginPool
from tui.model.enums import DeviationUnit, MarginMode, OrderType, Side
from tui.model.order import Order
from tui.model.state import State
from tui.model.ticker import Ticker
from tui.model.view import PoolRisk, Protection
from tui.service.risk import appraise, risk

SELL, BUY = Side.SELL, Side.BUY


def stop(number: str, size: str, at: str | None, side: Side = SELL, **more: Any) -> Order:
    more.setdefault("type_", OrderType.STOP)
    return order(number, side, size, None, stop_price=dec(at) if at else None, **more)


def with_orders(*orders: Order, start: State | None = None) -> State:
    return msgspec.structs.replace(start or worked(), orders=orders)


class TestProtection:
    def covered(self, *orders: Order, start: State | None = None) -> Protection:
        return risk(with_orders(*orders, start=start)).protections[0]

    def test_naked(self) -> None:
        assert self.covered() == Protection("PF_XBTUSD", dec(0), None)

    def test_partly_covered_with_the_loss_of_that_part(self) -> None:
        assert self.covered(stop("1", "2.5", "82000")) == Protection("PF_XBTUSD", dec("62.5"), dec(-6_000))

    def test_nearest_stops_close_first_and_never_more_than_the_position(self) -> None:
        seen = self.covered(stop("1", "3", "81000"), stop("2", "3", "83000"))
        assert seen == Protection("PF_XBTUSD", dec(100), -dec(3) * 1_400 - dec(1) * 3_400)

    @pytest.mark.parametrize(("at", "covered"), [("80354", 100), ("80353", 0)])
    def test_a_stop_beyond_liquidation_protects_nothing(self, at: str, covered: int) -> None:
        assert self.covered(stop("1", "4", at)).covered_pct == covered

    @pytest.mark.parametrize(
        "other",
        [
            stop("1", "4", "82000", side=BUY),
            stop("1", "4", "82000", symbol="PF_ETHUSD"),
            stop("1", "4", "86000", type_=OrderType.TAKE_PROFIT),
            order("1", SELL, "4", "86000"),
        ],
    )
    def test_what_is_no_protection(self, other: Order) -> None:
        assert self.covered(other).covered_pct == 0

    def test_a_trailing_stop_without_a_price_is_reckoned_from_mark(self) -> None:
        trail = stop(
            "1", "4", None, type_=OrderType.TRAILING_STOP, deviation=dec(1), deviation_unit=DeviationUnit.PERCENT
        )
        assert self.covered(trail).worst_loss == 4 * (MARK * dec("0.99") - 84_400)

    def test_shorts_are_mirrored(self) -> None:
        start = funded("50000", positions=(position("-2", "84000", mark_price=MARK),))
        seen = self.covered(stop("1", "1", "85000", side=BUY), start=start)
        assert (seen.covered_pct, seen.worst_loss) == (dec(50), dec(-1_000))


class TestPools:
    def test_the_first_to_liquidate_where_and_how_far(self) -> None:
        (only,) = risk(worked()).pools
        assert (only.pool, only.symbol) == ("flex", "PF_XBTUSD")
        assert round(only.liquidation_price or dec(0), 2) == dec("80353.73")
        assert round(only.distance_pct or dec(0), 2) == dec("-4.35")

    def test_the_nearer_of_two_is_first(self) -> None:
        eth = Ticker("PF_ETHUSD", NOW, mark=dec(2_900))
        both = msgspec.structs.replace(
            worked(),
            tickers={"PF_XBTUSD": TICKER, "PF_ETHUSD": eth},
            positions=(*worked().positions, position("-1", "2950", "PF_ETHUSD", liquidation_price=dec(2_910))),
        )
        (only,) = risk(both).pools
        assert (only.symbol, only.liquidation_price) == ("PF_ETHUSD", dec(2_910))

    def test_each_pool_has_its_own(self) -> None:
        own = MarginPool(
            name="PF_XBTUSD", currency="USD", mode=MarginMode.ISOLATED, equity=dec(4_200), initial_margin=dec(4_200),
            maintenance_margin=dec(210), available=dec(0), balance=dec(4_200), symbol="PF_XBTUSD",
        )  # fmt: skip
        start = state(
            account=Account(NOW, pools=(cross_pool(dec(10_000), dec(0), dec(0)), own)),
            positions=(position("0.5", "84000", mark_price=MARK, max_leverage=dec(10)),),
        )
        flex, isolated = risk(start).pools
        assert flex == PoolRisk("flex", MarginMode.CROSS, None, None, None)
        assert (isolated.symbol, isolated.liquidation_price) == ("PF_XBTUSD", dec(76_020))

    def test_inverse_wallet(self) -> None:
        (only,) = risk(wallet("0.1", "100000")).pools
        assert round(only.liquidation_price or dec(0), 2) == dec("78265.68")

    def test_no_account_no_pools(self) -> None:
        assert risk(state()).pools == ()


class TestAppraise:
    def test_the_venues_own_liquidation_price_stays(self) -> None:
        said = msgspec.structs.replace(worked().positions[0], liquidation_price=dec(12_345))
        seen = appraise(msgspec.structs.replace(worked(), positions=(said,)))
        assert seen.positions[0].liquidation_price == 12_345

    def test_a_missing_one_is_filled_in(self) -> None:
        found = appraise(worked()).positions[0].liquidation_price
        assert round(found or dec(0), 2) == dec("80353.73")

    def test_nothing_to_appraise_is_the_same_object(self) -> None:
        start = state()
        assert appraise(start) is start


class TestWhatIf:
    def test_orders_fill_and_the_coin_moves_against_the_position(self) -> None:
        line = risk(with_orders(order("1", BUY, "1", "83000"), stop("s", "4", "82000"))).what_if
        assert line == "if all working orders fill: level 839 %, liq 80,957 · and BTC -3 %: level 228 %"

    def test_without_orders(self) -> None:
        line = risk(worked()).what_if
        assert line.startswith("as it is: level 986 %, liq 80,354 · and BTC -3 %: level ")
        equity = dec("16646.44") - 4 * MARK * dec("0.03") - dec("0.098") * dec("83995.76") * dec("0.03")
        assert line.endswith(f"level {round(equity / 1688 * 100)} %")

    def test_a_short_is_hurt_by_a_rise(self) -> None:
        start = funded("50000", positions=(position("-2", "84000", mark_price=MARK),))
        account = Account(NOW, pools=(cross_pool(dec(50_000), dec(1_680), dec(840)),))
        assert "and BTC +3 %" in risk(msgspec.structs.replace(start, account=account)).what_if

    def test_orders_that_close_everything_leave_nothing_to_say(self) -> None:
        closing = order("1", SELL, "9", "85000", reduce_only=True)
        assert risk(with_orders(closing)).what_if == ""

    def test_nothing_to_say_without_positions_or_account(self) -> None:
        assert risk(state()).what_if == ""
        assert risk(funded("5000")).what_if == ""
        assert risk(state(positions=worked().positions)).what_if == ""
        assert risk(wallet("0.1", "100000")).what_if == ""


def test_risk_of_a_busy_account_is_cheap() -> None:
    orders = tuple(order(str(n), BUY, "0.1", str(83_000 + n)) for n in range(40))
    start = with_orders(*orders)
    best = 1.0
    for _ in range(5):
        begun = time.process_time()
        risk(start)
        best = min(best, time.process_time() - begun)
    assert best < 0.010
