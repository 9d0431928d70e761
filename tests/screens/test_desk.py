from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import RICH, SceneApp
from tests.widgets.hosts import screen_text
from tui.model.view import PricePoint
from tui.screens.desk import OverviewScreen, second_contract


async def text(width: int, height: int, *keys: str) -> str:
    async with SceneApp(OverviewScreen, RICH).run_test(size=(width, height)) as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return "\n".join(screen_text(pilot.app))


async def test_at_80_by_24_everything_to_trade_by_is_there() -> None:
    shown = await text(80, 24)
    for words in ("Ladder", "Tape", "▲ +2,670.90", "-18.9 %", "UNRESOLVED", "87,957", "0:14", "level 4,811 %", "b buy"):
        assert words in shown
    assert shown.count("│  14:5") == 5


async def test_one_key_puts_the_chart_in_the_ladders_place_and_back() -> None:
    shown = await text(80, 24, "g")
    assert "Chart PF_XBTUSD 1m" in shown
    assert "Ladder" not in shown
    assert "Ladder" in await text(80, 24, "g", "g")


async def test_wider_ladder_chart_and_tape_stand_side_by_side() -> None:
    title = (await text(120, 36)).splitlines()[1]
    assert title.index("Ladder") < title.index("Chart") < title.index("Tape")


async def test_widest_a_second_contract_and_the_fills_join() -> None:
    shown = await text(200, 50)
    assert "Ladder PF_ETHUSD" in shown
    assert "Fills (9)" in shown


@pytest.mark.parametrize(("width", "height"), [(40, 10), (60, 14), (79, 20), (50, 23)])
async def test_below_the_smallest_design_position_margin_and_panic_stay(width: int, height: int) -> None:
    shown = await text(width, height)
    for words in ("PAPER", "PF_XBTUSD", "level 4,811 %", "! panic"):
        assert words in shown
    assert "LONG" in shown


def test_the_second_contract_is_one_we_hold_whose_book_is_known() -> None:
    assert second_contract(RICH) == "PF_ETHUSD"
    assert second_contract(replace(RICH, focus="PF_ETHUSD")) == "PF_XBTUSD"
    assert second_contract(replace(RICH, state=replace(RICH.state, books={}))) is None


async def test_a_price_that_is_not_shown_is_not_acted_on() -> None:
    async with SceneApp(OverviewScreen, RICH).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("L", "down", "down")
        screen = pilot.app.screen
        assert isinstance(screen, OverviewScreen)
        assert isinstance(screen.selection, PricePoint)
        await pilot.resize_terminal(80, 20)
        await pilot.pause()
        assert not isinstance(screen.selection, PricePoint)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await pilot.press("L", "g")
        await pilot.pause()
        assert not isinstance(screen.selection, PricePoint)


async def test_a_small_desk_gives_the_ladder_room_while_it_has_the_keys() -> None:
    async with SceneApp(OverviewScreen, RICH).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        ladder = pilot.app.screen.query_one("#ladder")
        before = ladder.size.height
        await pilot.press("L")
        await pilot.pause()
        assert ladder.size.height >= 2 * before - 1
        await pilot.press("tab")
        await pilot.pause()
        assert ladder.size.height == before
