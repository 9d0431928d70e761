"""Positions, orders and fills as a trader reads them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.scenes import EMPTY, RICH
from tests.scenes_account import FILLS, LOG, ORDERS, POSITIONS, UNRESOLVED
from tests.scenes_market import INSTRUMENTS, NOW_MS, TICKERS
from tests.widgets.hosts import PanelApp, screen_text
from tui.model.enums import CloseReason, DeviationUnit, Liquidity, OrderType, Side
from tui.model.order import Order
from tui.model.view import Risk, View
from tui.widgets import figures
from tui.widgets.fills import FillsTable, FillTotals, fees
from tui.widgets.health import FeedsTable
from tui.widgets.ledger import LedgerTable
from tui.widgets.markets import MarketsTable
from tui.widgets.orders import ClosedOrdersTable, Kinds, OrdersTable
from tui.widgets.panel import Panel, same
from tui.widgets.positions import PositionsTable

D = Decimal
WIDE = (240, 20)


async def lines(panel: Panel, view: View = RICH, size: tuple[int, int] = WIDE) -> list[str]:
    async with PanelApp(panel, view).run_test(size=size) as pilot:
        await pilot.pause()
        return screen_text(pilot.app)


def row_of(rows: list[str], word: str) -> str:
    return next(row for row in rows[2:] if word in row)


class TestPositions:
    async def test_a_position_in_full(self) -> None:
        row = row_of(await lines(PositionsTable()), "PF_XBTUSD")
        for words in (
            "LONG", "0.7500", "84,400", "87,961", "65,971", "▲ +2,670.90", "+4.22 %", "+285.04", "-1.60", "-0.73",
            "71,354", "-18.9 %", "cross", "62 % · worst -1,116.00",
        ):  # fmt: skip
            assert words in row

    async def test_a_risk_that_was_only_computed_again_is_not_drawn_again(self) -> None:
        table = PositionsTable()
        async with PanelApp(table).run_test(size=WIDE):
            seen = table.sources(RICH)
            again = Risk(tuple(replace(one) for one in RICH.risk.protections))
            assert same(seen, table.sources(replace(RICH, risk=again)))
            other = Risk((replace(RICH.risk.protections[0], covered_pct=D(61)), *RICH.risk.protections[1:]))
            assert not same(seen, table.sources(replace(RICH, risk=other)))

    async def test_a_position_without_a_stop_is_naked(self) -> None:
        assert "naked" in row_of(await lines(PositionsTable()), "PF_ETHUSD")

    async def test_an_isolated_one_says_its_cap(self) -> None:
        assert "iso 5x" in row_of(await lines(PositionsTable()), "PF_SOLUSD")

    async def test_what_nobody_said_is_not_zero(self) -> None:
        bare = replace(POSITIONS[1], mark_price=None, unrealised_pnl=None, liquidation_price=None)
        row = row_of(
            await lines(PositionsTable(), replace(RICH, state=replace(RICH.state, positions=(bare,)))), "PF_ETH"
        )
        assert "0.00" not in row.replace("2.000", "")
        assert " - " in row

    def test_gain_is_in_the_positions_favour(self) -> None:
        assert figures.gain_pct(POSITIONS[1]) == (1 - D("2920.4") / D("2951.2")) * 100

    def test_funding_is_paid_by_longs_when_the_rate_is_positive(self) -> None:
        ticker = TICKERS["PF_XBTUSD"]
        assert ticker.funding_rate is not None
        assert figures.funding_per_hour(POSITIONS[0], ticker) == -ticker.funding_rate * D("0.75")
        assert figures.funding_per_hour(POSITIONS[0], None) is None

    def test_realised_counts_from_midnight_utc_and_by_contract(self) -> None:
        assert figures.realised_today(LOG, NOW_MS, "PF_XBTUSD") == {"USD": D("285.04")}
        assert figures.realised_today(LOG, NOW_MS) == {"USD": D("266.56")}
        yesterday = [replace(entry, time_ms=NOW_MS - NOW_MS % figures.DAY_MS - 1) for entry in LOG]
        assert figures.realised_today(yesterday, NOW_MS) == {}


class TestOrders:
    async def test_a_working_order_in_full(self) -> None:
        row = row_of(await lines(OrdersTable()), "87,963")
        for words in ("PF_XBTUSD", "SELL", "0.2500", "0.0800", "+2 t", "lmt", "RO", "≤ 0.0832 ahead", "1:36"):
            assert words in row

    @pytest.mark.parametrize(
        ("kind", "side", "sign"),
        [
            (OrderType.STOP, Side.SELL, "≤"),
            (OrderType.STOP, Side.BUY, "≥"),
            (OrderType.TAKE_PROFIT, Side.SELL, "≥"),
            (OrderType.TAKE_PROFIT, Side.BUY, "≤"),
        ],
    )
    async def test_a_trigger_says_which_way_its_signal_must_go(self, kind: OrderType, side: Side, sign: str) -> None:
        order = replace(ORDERS[4], type=kind, side=side)
        rows = await lines(OrdersTable(), _with_orders(order))
        assert f"mark {sign} 82,000" in row_of(rows, "PF_XBTUSD")

    async def test_a_trigger_names_the_limit_it_becomes_and_a_trailing_one_its_distance(self) -> None:
        assert "last ≥ 151.00 → lmt 150.80" in row_of(await lines(OrdersTable()), " tp ")
        trailing = replace(
            ORDERS[4], type=OrderType.TRAILING_STOP, stop_price=None, deviation=D("1.50"),
            deviation_unit=DeviationUnit.PERCENT,
        )  # fmt: skip
        assert "mark trails 1.5 %" in row_of(await lines(OrdersTable(), _with_orders(trailing)), "trail")
        in_usd = replace(trailing, deviation=D(250), deviation_unit=DeviationUnit.QUOTE)
        assert "mark trails 250 USD" in row_of(await lines(OrdersTable(), _with_orders(in_usd)), "trail")

    async def test_working_orders_and_stops_can_stand_apart(self) -> None:
        working, stops = await lines(OrdersTable(kinds=Kinds.WORKING)), await lines(OrdersTable(kinds=Kinds.STOPS))
        assert "(4)" in working[0]
        assert "(2)" in stops[0]
        assert not any(" stp " in row for row in working)

    async def test_an_order_in_doubt_stands_on_top_with_a_running_clock(self) -> None:
        table = OrdersTable()
        async with PanelApp(table).run_test(size=(140, 12)) as pilot:
            await pilot.pause()
            assert "1 UNRESOLVED" in screen_text(pilot.app)[0]
            assert "UNRESOLVED  BUY 0.500 PF_ETHUSD @ 2,915.0 limit  sent 6 s ago" in screen_text(pilot.app)[2]
            assert table.selection is UNRESOLVED[0]
            table.show(replace(RICH, now_ms=NOW_MS + 1_000))
            await pilot.pause()
            assert "sent 7 s ago" in screen_text(pilot.app)[2]

    async def test_sorting_works_with_an_order_in_doubt_on_top(self) -> None:
        table = OrdersTable()
        async with PanelApp(table).run_test(size=WIDE) as pilot:
            for _ in range(8):
                table.sort_next()
                await pilot.pause()
                assert "UNRESOLVED" in screen_text(pilot.app)[2]

    async def test_words_of_the_venue_cannot_steer_the_terminal(self) -> None:
        doubt = replace(UNRESOLVED[0], what="BUY \x1b[2J[red]x[/]")
        view = replace(RICH, state=replace(RICH.state, unresolved=(doubt,)))
        assert "BUY  [2J[red]x[/]" in (await lines(OrdersTable(), view))[2]

    async def test_an_order_that_stopped_working_says_why(self) -> None:
        rows = await lines(ClosedOrdersTable())
        assert "cancelled" in row_of(rows, "2,949.7")
        gone = replace(ORDERS[0], close_reason=CloseReason.UNKNOWN)
        rows = await lines(ClosedOrdersTable(), replace(RICH, state=replace(RICH.state, closed=(gone,))))
        assert "gone, nobody said why" in rows[2]

    def test_distance_is_in_whole_ticks_from_mark(self) -> None:
        ticks = figures.distance_ticks(ORDERS[0], TICKERS["PF_XBTUSD"], INSTRUMENTS["PF_XBTUSD"])
        assert ticks == -4
        assert figures.distance_ticks(ORDERS[0], None, INSTRUMENTS["PF_XBTUSD"]) is None


class TestFills:
    async def test_the_newest_stays_under_the_eye_until_the_trader_moves(self) -> None:
        table = FillsTable()
        async with PanelApp(table).run_test(size=(120, 8)) as pilot:
            fresh = replace(FILLS[0], fill_id="new")
            table.show(replace(RICH, state=replace(RICH.state, fills=(fresh, *FILLS))))
            assert table.selection is fresh
            await pilot.press("down")
            newer = replace(FILLS[0], fill_id="newer")
            table.show(replace(RICH, state=replace(RICH.state, fills=(newer, fresh, *FILLS))))
            assert table.selection is FILLS[0]

    async def test_a_liquidation_is_told_in_words(self) -> None:
        fill = replace(FILLS[0], liquidity=Liquidity.LIQUIDATION)
        rows = await lines(FillsTable(), replace(RICH, state=replace(RICH.state, fills=(fill,))))
        assert "liquidation" in rows[2]

    def test_fees_are_summed_by_currency_and_unknown_ones_left_out(self) -> None:
        sums = fees((*FILLS, replace(FILLS[0], fee=None)))
        assert sums == {"USD": D("28.1645"), "XBT": D("0.00011628")}

    async def test_totals(self) -> None:
        text = " ".join(await lines(FillTotals()))
        for words in ("9 fills", "111,666.86 USD", "28.16 USD  0.00011628 XBT", "realised today +266.56 USD"):
            assert words in text


class TestOthers:
    async def test_markets_show_perpetuals_first(self) -> None:
        rows = await lines(MarketsTable())
        names = [row.split()[0] for row in (line.removeprefix("▸") for line in rows[2:14])]
        assert names == sorted(names, key=lambda name: ("PF PI FI".index(name[:2]), name))
        assert "expires in 72 d" in row_of(rows, "FI_XBTUSD_261225")

    async def test_a_suspended_market_says_so(self) -> None:
        tickers = {**TICKERS, "PF_XBTUSD": replace(TICKERS["PF_XBTUSD"], suspended=True)}
        rows = await lines(MarketsTable(), replace(RICH, state=replace(RICH.state, tickers=tickers)))
        assert "suspended" in row_of(rows, "PF_XBTUSD")

    async def test_feeds_show_age_and_gaps(self) -> None:
        row = row_of(await lines(FeedsTable()), "book PF_XBTUSD")
        assert row.split()[2:] == ["PF_XBTUSD", "on", "14", "ms", "48,112", "-", "1"]

    async def test_a_feeds_rate_is_of_the_last_seconds_whatever_was_before(self) -> None:
        table = FeedsTable()
        async with PanelApp(table).run_test(size=WIDE) as pilot:
            for second in range(1, 31):
                feeds = tuple(replace(feed, frames=48_112 + 20 * second) for feed in RICH.state.health.feeds)
                health = replace(RICH.state.health, feeds=feeds)
                table.show(replace(RICH, now_ms=NOW_MS + 1000 * second, state=replace(RICH.state, health=health)))
            await pilot.pause()
            assert "20.0/s" in row_of(screen_text(pilot.app), "book PF_XBTUSD")

    async def test_the_account_log_keeps_the_venues_words(self) -> None:
        assert "funding rate change" in row_of(await lines(LedgerTable()), "-0.68 USD")

    @pytest.mark.parametrize("panel", [PositionsTable, OrdersTable, FillsTable], ids=lambda panel: panel.__name__)
    async def test_empty_tables_say_what_to_press(self, panel: type[Panel]) -> None:
        assert "b buy  s sell  t ticket" in (await lines(panel(), EMPTY))[1]


def _with_orders(*orders: Order) -> View:
    return replace(RICH, state=replace(RICH.state, orders=orders, unresolved=()))
