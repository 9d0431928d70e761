"""Previews against the worked panel of the venue's margin rules, and properties that hold for any order."""

from __future__ import annotations

import time
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.accounts import (
    BOOK,
    DATED,
    MARK,
    NOW,
    cross_pool,
    dec,
    funded,
    order,
    position,
    request,
    state,
    wallet,
    worked,
)
from tui.model.account import Account
from tui.model.draft import Impact, Preview
from tui.model.enums import DeviationUnit, Liquidity, MarginMode, OrderType, Side
from tui.model.fill import Fill
from tui.model.order import OrderRequest
from tui.model.state import State
from tui.service.ground import ground_of
from tui.service.marking import mark_to_market
from tui.service.preview import leverage_allowed, loss_at_once, margin_needed, max_size, preview

CENT = Decimal("0.01")


def shown(start: State, asked: OrderRequest) -> Preview:
    seen = preview(start, asked)
    assert seen is not None
    return seen


def largest(start: State, asked: OrderRequest) -> Decimal | None:
    ground = ground_of(mark_to_market(start), asked.symbol)
    assert ground is not None
    return max_size(ground, asked)


def cents(value: Decimal | None) -> Decimal:
    assert value is not None
    return value.quantize(CENT)


def panel(impact: Impact) -> tuple[str, ...]:
    """The rows of the panel, rounded as it prints them."""
    assert impact.level_pct is not None
    assert impact.entry_price is not None
    return (
        str(impact.position.normalize()),
        f"{impact.entry_price:.2f}",
        *(f"{cents(value)}" for value in (impact.initial_margin, impact.maintenance_margin, impact.available)),
        f"{impact.level_pct:.1f}",
        f"{cents(impact.liquidation_price)}",
        f"{impact.liquidation_distance_pct:.2f}",
    )


class TestWorkedPanel:
    def test_before(self) -> None:
        before = shown(worked(), request()).before
        assert panel(before) == ("4", "84400.00", "3376.00", "1688.00", "13270.44", "986.2", "80353.73", "-4.35")

    def test_buying_two_at_market(self) -> None:
        seen = shown(worked(), request(Side.BUY, "2"))
        assert panel(seen.after) == ("6", "84267.53", "5056.05", "2528.03", "11509.41", "655.3", "81702.01", "-2.74")
        assert seen.execution.average == Decimal("84002.60")
        assert cents(seen.fee_taker) == Decimal("84.00")
        assert seen.fee_maker is None
        assert seen.realised_pnl is None
        assert seen.effect == "adds"

    def test_buying_ten_crosses_a_rung(self) -> None:
        deep = msgspec.structs.replace(BOOK, asks=(msgspec.structs.replace(BOOK.asks[0], size=Decimal(50)),))
        start = msgspec.structs.replace(worked(), books={"PF_XBTUSD": deep})
        seen = shown(start, request(Side.BUY, "10", OrderType.LIMIT, "84002"))
        assert panel(seen.after) == (
            "14", "84115.71", "13552.40", "6776.20", "2695.17", "239.8", "83332.23", "-0.80",
        )  # fmt: skip
        assert seen.tier == "tier 2 of 3 · 2 % · next at 3,000,000"

    def test_selling_one(self) -> None:
        seen = shown(worked(), request(Side.SELL, "1"))
        assert panel(seen.after) == ("3", "84400.00", "2532.00", "1266.00", "14069.32", "1311.3", "79053.78", "-5.89")
        assert cents(seen.realised_pnl) == Decimal("-399.00")
        assert seen.effect == "reduces"

    def test_selling_six_flips(self) -> None:
        seen = shown(worked(), request(Side.SELL, "6"))
        assert panel(seen.after) == ("-2", "84001.00", "1680.02", "840.01", "14695.73", "1949.5", "92172.65", "9.72")
        assert cents(seen.realised_pnl) == Decimal("-1596.00")
        assert seen.effect == "flips"


class TestEffects:
    @pytest.mark.parametrize(
        ("size", "side", "asked", "word"),
        [
            ("1", Side.BUY, "1", "adds"),
            ("1", Side.SELL, "0.5", "reduces"),
            ("1", Side.SELL, "1", "closes"),
            ("1", Side.SELL, "1.5", "flips"),
            ("-1", Side.BUY, "1", "closes"),
        ],
    )
    def test_words(self, size: str, side: Side, asked: str, word: str) -> None:
        assert shown(funded("50000", positions=(position(size, "84000"),)), request(side, asked)).effect == word

    def test_opening_resting_and_nothing(self) -> None:
        assert shown(funded("50000"), request(Side.BUY, "1")).effect == "opens"
        resting = shown(funded("50000"), request(Side.BUY, "1", OrderType.LIMIT, "84000"))
        assert (resting.effect, resting.queue_ahead, resting.execution.filled) == ("rests", dec(20), dec(0))
        assert resting.after.position == 1, "after is as if it filled"
        improving = shown(funded("50000"), request(Side.BUY, "1", OrderType.LIMIT, "83999"))
        assert improving.queue_ahead == 0
        nothing = shown(funded("50000"), request(Side.SELL, "1", reduce_only=True))
        assert (nothing.effect, nothing.after.position) == ("does nothing", dec(0))


class TestExecution:
    def test_a_limit_takes_what_crosses_and_rests_the_remainder(self) -> None:
        seen = shown(funded("500000"), request(Side.BUY, "3", OrderType.LIMIT, "84003"))
        assert (seen.execution.filled, seen.execution.worst) == (dec("2.3"), dec(84_003))
        assert seen.after.position == 3
        assert seen.effect == "opens"
        assert seen.queue_ahead is None

    def test_ioc_drops_the_remainder_and_fok_does_all_or_nothing(self) -> None:
        assert shown(funded("500000"), request(Side.BUY, "3", OrderType.IOC, "84003")).after.position == dec("2.3")
        assert shown(funded("500000"), request(Side.BUY, "3", OrderType.FOK, "84003")).after.position == 0
        assert shown(funded("500000"), request(Side.BUY, "2.3", OrderType.FOK, "84003")).after.position == dec("2.3")

    def test_market_is_protected_one_percent_beyond_the_best_price(self) -> None:
        seen = shown(funded("500000"), request(Side.BUY, "9"))
        assert seen.protective_limit == 84_842
        assert seen.after.position == dec("7.3"), "all that is displayed"
        assert shown(worked(), request(Side.SELL, "1")).protective_limit == 83_161

    def test_market_stops_at_its_protection(self) -> None:
        far = msgspec.structs.replace(
            BOOK, asks=(*BOOK.asks[:1], msgspec.structs.replace(BOOK.asks[1], price=dec(84_843)))
        )
        seen = shown(funded("500000", books={"PF_XBTUSD": far}), request(Side.BUY, "2"))
        assert seen.after.position == dec("0.8")

    def test_slippage_against_mid(self) -> None:
        seen = shown(funded("500000"), request(Side.BUY, "2"))
        assert seen.slippage_bps is not None
        assert round(seen.slippage_bps, 4) == round((dec("84002.6") / dec("84001.5") - 1) * 10_000, 4)
        sold = shown(funded("500000"), request(Side.SELL, "2"))
        assert sold.slippage_bps is not None
        assert sold.slippage_bps > 0

    def test_without_a_book_the_ticker_is_believed(self) -> None:
        seen = shown(funded("500000", books={}), request(Side.BUY, "3"))
        assert (seen.execution.average, seen.execution.filled) == (dec(84_002), dec(3))

    def test_without_any_market_nothing_is_invented(self) -> None:
        seen = shown(funded("500000", books={}, tickers={}), request(Side.BUY, "3"))
        assert seen.after.position == 0
        assert seen.after.liquidation_price is None
        assert seen.margin_needed is None

    def test_reduce_only_never_goes_beyond_the_position(self) -> None:
        seen = shown(worked(), request(Side.SELL, "6", reduce_only=True))
        assert (seen.after.position, seen.effect) == (dec(0), "closes")

    @pytest.mark.parametrize(
        ("more", "price"),
        [
            ({"stop_price": dec(83_000)}, 83_000),
            ({"stop_price": dec(83_000), "limit_price": dec(82_900)}, 82_900),
        ],
    )
    def test_a_stop_is_counted_at_its_own_price(self, more: dict[str, Decimal], price: int) -> None:
        asked = msgspec.structs.replace(request(Side.SELL, "4", OrderType.STOP), **more)
        assert shown(worked(), asked).realised_pnl == 4 * (price - 84_400)

    def test_a_trailing_stop_is_counted_from_mark(self) -> None:
        asked = request(Side.SELL, "4", OrderType.TRAILING_STOP, deviation=dec(2), deviation_unit=DeviationUnit.PERCENT)
        assert shown(worked(), asked).realised_pnl == 4 * (MARK * dec("0.98") - 84_400)


class TestFees:
    def test_the_schedule_is_called_an_estimate(self) -> None:
        seen = shown(funded("50000"), request(Side.BUY, "0.5", OrderType.LIMIT, "84000"))
        assert (seen.fee_maker, seen.fee_taker) == (dec("8.4"), dec(21))
        assert "estimate" in seen.fee_source

    def test_real_fills_correct_the_rate(self) -> None:
        fills = tuple(
            Fill(f"f{n}", "o", "PF_XBTUSD", Side.BUY, dec(1), dec(80_000), NOW, liquidity, fee=dec(paid))
            for n, (liquidity, paid) in enumerate(
                [(Liquidity.TAKER, 28), (Liquidity.MAKER, 12), (Liquidity.TAKER, 40), (Liquidity.LIQUIDATION, 999)]
            )
        )
        seen = shown(funded("50000", fills=fills), request(Side.BUY, "1", OrderType.LIMIT, "80000"))
        assert (seen.fee_maker, seen.fee_taker) == (dec(12), dec(28)), "the newest fill of each kind"
        assert seen.fee_source == "your last maker and taker fee"
        half = shown(funded("50000", fills=fills[:1]), request(Side.BUY, "1", OrderType.LIMIT, "80000"))
        assert half.fee_source == "your last taker fee, the other an estimate"

    def test_a_post_only_order_shows_no_taker_fee_and_a_market_order_no_maker_fee(self) -> None:
        assert shown(funded("50000"), request(Side.BUY, "1", OrderType.POST, "84000")).fee_taker is None
        assert shown(funded("50000"), request(Side.BUY, "1")).fee_maker is None

    def test_funding_per_hour_follows_the_new_size(self) -> None:
        flat, grown = shown(worked(), request(Side.SELL, "4")), shown(worked(), request(Side.BUY, "0.8"))
        assert flat.funding_per_hour == 0
        assert grown.funding_per_hour == -dec("4.8") * dec("0.912482213835")


class TestPools:
    def test_isolated_stands_alone_and_is_paid_by_the_wallet(self) -> None:
        start = funded("50000", leverage={"PF_XBTUSD": dec(10)})
        seen = shown(start, request(Side.BUY, "0.5", OrderType.LIMIT, "84000"))
        assert seen.mode is MarginMode.ISOLATED
        assert (seen.after.initial_margin, seen.after.maintenance_margin) == (dec(4_200), dec(210))
        assert seen.after.liquidation_price == 76_020
        assert seen.after.available == dec(50_000) - 4_200 - dec("8.4")
        assert seen.margin_needed == dec(4_200) + 21, "the taker fee is reckoned with"

    def test_closing_an_isolated_position_frees_its_margin_with_the_result(self) -> None:
        held = position("0.5", "84400", mark_price=MARK, max_leverage=dec(10))
        seen = shown(funded("50000", positions=(held,)), request(Side.SELL, "0.5"))
        fee = dec("0.5") * 84_001 * dec("0.0005")
        assert seen.after.available == dec(50_000) + 4_220 + dec("0.5") * (84_001 - 84_400) - fee

    def test_turning_an_isolated_position_pays_its_loss_from_what_is_available(self) -> None:
        held = position("1", "94000", mark_price=MARK, max_leverage=dec(10))
        seen = shown(funded("50000", positions=(held,)), request(Side.SELL, "2", OrderType.IOC, "84001"))
        cost = dec(8_400) + dec("0.1") - 9_400 + 9_999 + 2 * 84_001 * dec("0.0005")
        assert seen.margin_needed == cost

    def test_reduce_only_orders_claim_nothing(self) -> None:
        short = funded("50000", positions=(position("-1", "84000", mark_price=MARK),))
        ordered = msgspec.structs.replace(short, orders=(order("1", Side.BUY, "1", "83900"),))
        resting = request(Side.BUY, "1", OrderType.LIMIT, "83000", reduce_only=True)
        assert shown(ordered, resting).margin_needed == 83_000 * dec("0.0005"), "the fee alone"
        reducing = msgspec.structs.replace(short, orders=(order("1", Side.BUY, "1", "83900", reduce_only=True),))
        free = request(Side.BUY, "2", OrderType.LIMIT, "83000")
        assert shown(reducing, free).margin_needed == shown(short, free).margin_needed

    def test_inverse_is_in_coin(self) -> None:
        seen = shown(wallet("0.1"), request(Side.BUY, "100000", OrderType.LIMIT, "84000", "PI_XBTUSD"))
        assert seen.currency == "XBT"
        paid = dec("0.1") - dec(100_000) / 84_000 * dec("0.0002")
        lower = (100_000 + 1_000) / (paid + dec(100_000) / 84_000)
        assert round(seen.after.liquidation_price or dec(0), 4) == round(lower, 4), "the fee comes out of the wallet"
        assert seen.size_usd == 100_000

    def test_inverse_liquidation_of_what_is_held(self) -> None:
        seen = shown(wallet("0.1", "100000"), request(Side.SELL, "1", symbol="PI_XBTUSD"))
        assert round(seen.before.liquidation_price or dec(0), 2) == dec("78265.68")

    def test_opposite_dated_contract_is_netted_as_the_venue_says(self) -> None:
        start = funded("50000", positions=(position("3", "84000", mark_price=MARK),))
        start = msgspec.structs.replace(
            start, tickers={**start.tickers, "FF_XBTUSD_261225": start.tickers["PF_XBTUSD"]}
        )
        seen = shown(start, request(Side.SELL, "2", OrderType.LIMIT, "85000", "FF_XBTUSD_261225"))
        assert seen.after.initial_margin is not None
        assert seen.before.initial_margin is not None
        assert seen.after.initial_margin - seen.before.initial_margin == 3_400 - 2_520

    def test_two_dated_contracts_are_not_netted(self) -> None:
        later = msgspec.structs.replace(DATED, symbol="FF_XBTUSD_270326")
        start = funded("50000", positions=(position("3", "84000", DATED.symbol, mark_price=MARK),))
        start = msgspec.structs.replace(
            start,
            instruments={**start.instruments, later.symbol: later},
            tickers={later.symbol: start.tickers["PF_XBTUSD"]},
        )
        seen = shown(start, request(Side.SELL, "2", OrderType.LIMIT, "85000", later.symbol))
        assert seen.after.initial_margin is not None
        assert seen.before.initial_margin is not None
        assert seen.after.initial_margin - seen.before.initial_margin == 3_400

    def test_a_venue_that_does_not_net_is_believed(self) -> None:
        pair = (
            position("3", "84000", mark_price=MARK),
            position("-2", "85000", "FF_XBTUSD_261225", mark_price=MARK),
        )
        summed = cross_pool(dec(50_000), dec(5_920), dec(2_960))
        start = state(account=Account(NOW, pools=(summed,)), positions=pair)
        seen = shown(start, request(Side.BUY, "1", OrderType.LIMIT, "84000"))
        assert seen.after.initial_margin == 5_920 + 840
        netted = cross_pool(dec(50_000), dec(3_400), dec(1_700))
        seen = shown(msgspec.structs.replace(start, account=Account(NOW, pools=(netted,))), request(Side.BUY, "0.1"))
        assert seen.after.initial_margin == 3_400, "the short side stays the dearer one"


ORDERS = st.lists(st.tuples(st.sampled_from(list(Side)), st.integers(1, 5), st.integers(80_000, 88_000)), max_size=3)


class TestMaxSize:
    def test_a_loss_against_mark_counts(self) -> None:
        """Per contract: 1 % of 84,840, the fee of 42.42, and 840 lost at once."""
        quote = msgspec.structs.replace(funded("1").tickers["PF_XBTUSD"], ask=dec(84_840), mark=dec(84_000))
        start = funded("1730.82", tickers={"PF_XBTUSD": quote}, books={})
        assert largest(start, request(Side.BUY)) == 1
        assert largest(start, request(Side.BUY, type_=OrderType.POST, price="84000")) == dec("2.0200")

    def test_golden_vector(self) -> None:
        asked = request(Side.BUY, "1", OrderType.LIMIT, "84000")
        assert largest(funded("18231.58"), asked) == dec("16.3946")

    def test_market_is_bounded_by_what_is_displayed(self) -> None:
        assert largest(funded("1000000"), request(Side.BUY)) == dec("7.3")

    def test_reduce_only_is_the_position(self) -> None:
        assert largest(worked(), request(Side.SELL, reduce_only=True)) == 4

    def test_closing_is_always_possible(self) -> None:
        broke = state(
            account=Account(NOW, pools=(cross_pool(dec(-5000), dec(0), dec(0)),)), positions=(position("2", "84000"),)
        )
        assert largest(broke, request(Side.SELL, type_=OrderType.LIMIT, price="84001")) == 2
        assert largest(broke, request(Side.BUY, type_=OrderType.LIMIT, price="84001")) == 0

    def test_max_position_bounds_it(self) -> None:
        rich = funded("100000000", positions=(position("1199", "84000"),))
        assert largest(rich, request(Side.BUY, type_=OrderType.LIMIT, price="84000")) == 1

    def test_isolated_leverage_bounds_it(self) -> None:
        rich = funded("100000000", leverage={"PF_XBTUSD": dec(50)})
        size = largest(rich, request(Side.BUY, type_=OrderType.LIMIT, price="80000"))
        assert size == dec("43.75"), "at 3,500,000 USD the ladder's average rate reaches 1/50"

    def test_unknown_account_or_price_gives_none(self) -> None:
        assert largest(state(), request(Side.BUY)) is None
        assert largest(funded("5000"), request(Side.BUY, type_=OrderType.LIMIT)) is None

    @settings(max_examples=40, deadline=None)
    @given(
        equity=st.integers(100, 400_000),
        held=st.integers(-30, 30),
        ordered=st.lists(
            st.tuples(st.sampled_from(list(Side)), st.integers(1, 5), st.integers(80_000, 88_000)), max_size=3
        ),
        side=st.sampled_from(list(Side)),
        price=st.integers(80_000, 88_000),
        cap=st.sampled_from([None, 5, 20]),
    )
    def test_it_fits_and_one_lot_more_does_not(
        self, *, equity: int, held: int, ordered: list[tuple[Side, int, int]], side: Side, price: int, cap: int | None
    ) -> None:
        positions = (position(str(held), "84000", mark_price=MARK),) if held else ()
        orders = tuple(order(str(n), s, str(size), str(at)) for n, (s, size, at) in enumerate(ordered))
        leverage = {"PF_XBTUSD": Decimal(cap)} if cap else {}
        start = funded(str(equity), positions=positions, orders=orders, leverage=leverage, books={})
        ground = ground_of(start, "PF_XBTUSD")
        asked = request(side, "1", OrderType.LIMIT, str(price))
        found = largest(start, asked)
        assert ground is not None
        assert found is not None
        closing = max(-held * side.sign, 0)
        assert found >= closing

        def fits(size: Decimal) -> bool:
            sized = msgspec.structs.replace(asked, size=size)
            needed = margin_needed(ground, sized)
            assert needed is not None
            return needed + loss_at_once(ground, sized) <= equity and leverage_allowed(ground, sized)

        assert found == closing or fits(found)
        assert not fits(found + dec("0.0001"))


@settings(max_examples=40, deadline=None)
@given(size=st.integers(1, 70), side=st.sampled_from(list(Side)), held=st.integers(-40, 40))
def test_a_trade_and_its_opposite_cost_only_two_fees(size: int, side: Side, held: int) -> None:
    """At one price both ways the position nets out and the account is as before, less the fees."""
    quote = msgspec.structs.replace(
        funded("1").tickers["PF_XBTUSD"], bid=dec(84_000), ask=dec(84_000), mark=dec(84_000)
    )

    def desk(equity: Decimal, signed: Decimal) -> State:
        positions = (position(str(signed), "84000", mark_price=dec(84_000)),) if signed else ()
        return funded(str(equity), positions=positions, tickers={"PF_XBTUSD": quote}, books={})

    lots, before = Decimal(size) / 10, Decimal(held) / 10
    there = shown(desk(dec(500_000), before), request(side, str(lots)))
    back = shown(desk(dec(500_000), there.after.position), request(side.opposite, str(lots)))
    assert back.after.position == before
    assert there.before.available is not None
    assert there.after.available is not None
    assert back.before.available is not None
    assert back.after.available is not None
    first = there.before.available - there.after.available
    second = back.before.available - back.after.available
    assert abs(first + second - 2 * lots * 84_000 * dec("0.0005")) < dec("1e-9")


def test_a_preview_with_its_largest_size_takes_under_ten_milliseconds() -> None:
    asked = request(Side.BUY, "2", OrderType.LIMIT, "84000")
    best = 1.0
    for _ in range(5):
        begun = time.process_time()
        shown(worked(), asked)
        largest(worked(), asked)
        best = min(best, time.process_time() - begun)
    assert best < 0.010
