from __future__ import annotations

from tests.scenes import RICH, SceneApp
from tests.scenes_account import FILLS
from tests.widgets.hosts import screen_text
from tui.screens.base import DeskScreen
from tui.screens.fills import FillsScreen


async def test_fills_are_newest_first_with_their_totals_below() -> None:
    app = SceneApp(FillsScreen, RICH)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        rows = screen_text(app)
        times = [row.split()[0] for row in (line.removeprefix("▸") for line in rows[3:12])]
        assert times == sorted(times, reverse=True)
        assert "realised today +266.56 USD" in rows[-2]


async def test_the_selection_is_a_fill() -> None:
    app = SceneApp(FillsScreen, RICH)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down")
        assert isinstance(app.screen, DeskScreen)
        assert app.screen.selection is FILLS[2]
