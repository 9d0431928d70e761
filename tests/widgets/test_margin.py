from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scenes import EMPTY, RICH
from tests.scenes_account import ACCOUNT
from tests.widgets.hosts import PanelApp, screen_text
from tui.model.view import View
from tui.widgets.format import PLAIN
from tui.widgets.ink import Ink
from tui.widgets.margin import LevelPanel, MarginStrip, PoolsTable, band_word, level_bar, level_text

D = Decimal


@pytest.mark.parametrize(
    ("level", "drawn"),
    [(None, "▯▯▯▯▯▯▯▯"), (D(50), "▯▯▯▯▯▯▯▯"), (D(100), "▯▯▯▯▯▯▯▯"), (D(200), "▮▮▮▮▯▯▯▯"), (D(986), "▮▮▮▮▮▮▮▯")],
)
def test_the_bar_shows_what_maintenance_margin_leaves_free(level: Decimal | None, drawn: str) -> None:
    assert level_bar(level) == drawn


@given(st.decimals(0, 10**7, allow_nan=False), st.decimals(0, 10**7, allow_nan=False))
def test_a_safer_level_never_draws_a_shorter_bar(one: Decimal, other: Decimal) -> None:
    worse, better = sorted((one, other))
    assert level_bar(worse).count("▮") <= level_bar(better).count("▮") <= 8


@pytest.mark.parametrize(
    ("level", "word", "ink"),
    [
        (None, "no position", Ink.DIM),
        (D(333), "healthy", Ink.TEXT),
        (D("332.9"), "caution", Ink.WARN),
        (D("199.9"), "warning", Ink.WARN),
        (D("142.9"), "critical", Ink.LIVE),
        (D(100), "liquidation", Ink.LIVE),
    ],
)
def test_a_level_comes_with_its_word(level: Decimal | None, word: str, ink: Ink) -> None:
    assert band_word(level) == (word, ink)


def test_levels_near_liquidation_show_a_digit_more() -> None:
    assert [level_text(level, PLAIN) for level in (D("4811.1"), D("99.94"), None)] == ["4,811 %", "99.9 %", "-"]


async def rows(panel: MarginStrip | LevelPanel | PoolsTable, view: View, size: tuple[int, int]) -> str:
    async with PanelApp(panel, view).run_test(size=size) as pilot:
        await pilot.pause()
        return "\n".join(screen_text(pilot.app))


@pytest.mark.parametrize("width", [40, 60, 80, 120])
async def test_level_and_word_stay_on_the_narrowest_line(width: int) -> None:
    assert "level 4,811 % healthy" in await rows(MarginStrip(), RICH, (width, 3))


async def test_the_strip_says_what_liquidates_first_and_what_would_happen() -> None:
    text = await rows(MarginStrip(), RICH, (120, 4))
    assert "liq first XBT 71,354 (-18.9 %)" in text
    assert "PF_SOLUSD isolated 3,841 % healthy" in text
    assert "and XBT -3 %: level 3,310 %" in text


async def test_without_a_position_there_is_no_level() -> None:
    assert "level - no position" in await rows(MarginStrip(), EMPTY, (120, 4))
    assert "no account figures yet" in await rows(
        MarginStrip(), replace(RICH, state=replace(RICH.state, account=None)), (80, 4)
    )


async def test_the_formula_is_written_out() -> None:
    text = await rows(LevelPanel(), RICH, (140, 8))
    assert "level = equity 16,646.44 USD / MM 346.01 USD = 4,811 % healthy" in text
    assert "MM uses 2.1 % of equity" in text


@pytest.mark.parametrize(("maintenance", "under"), [("8323.22", "200 % caution"), ("16646.44", "100 % critical")])
async def test_the_mark_stands_where_the_band_begins(maintenance: str, under: str) -> None:
    pool = replace(ACCOUNT.pools[0], maintenance_margin=D(maintenance))
    view = replace(RICH, state=replace(RICH.state, account=replace(ACCOUNT, pools=(pool,))))
    lines = (await rows(LevelPanel(), view, (120, 8))).splitlines()
    assert next(line for line in lines if "▼" in line).index("▼") == lines[4].index(under)


async def test_every_pool_has_its_own_row_in_its_own_currency() -> None:
    text = await rows(PoolsTable(), RICH, (160, 8))
    assert "0.10515871 XBT" in text
    assert "SOL 112.06 (-18.8 %)" in text
