from __future__ import annotations

from tests.scenes import RICH, SceneApp
from tests.widgets.hosts import screen_text
from tui.screens.base import DeskScreen
from tui.screens.markets import MarketsScreen


async def test_the_selection_is_a_contract() -> None:
    app = SceneApp(MarketsScreen, RICH)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down")
        assert isinstance(app.screen, DeskScreen)
        assert app.screen.selection == "PF_BCHUSD"


async def test_sorting_by_change_puts_the_strongest_first_and_turned_the_weakest() -> None:
    app = SceneApp(MarketsScreen, RICH)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("o", "o")
        await pilot.pause()
        assert "PF_ZECUSD" in screen_text(app)[3]
        await pilot.press("O")
        await pilot.pause()
        assert "PF_DOGEUSD" in screen_text(app)[3]


async def test_with_room_the_contract_in_hand_is_charted_below() -> None:
    async with SceneApp(MarketsScreen, RICH).run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        assert any("Chart PF_XBTUSD 1m" in row for row in screen_text(pilot.app))
