from __future__ import annotations

import pytest

from tests.scenes import EMPTY, RICH, SceneApp
from tests.widgets.hosts import screen_text
from tui.model.view import View
from tui.screens.margin import MarginScreen


async def text(view: View, size: tuple[int, int]) -> str:
    async with SceneApp(MarginScreen, view).run_test(size=size) as pilot:
        await pilot.pause()
        return "\n".join(screen_text(pilot.app))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_formula_pools_collateral_and_preferences_are_there_at_every_size(size: tuple[int, int]) -> None:
    shown = await text(RICH, size)
    for words in (
        "level = equity 16,646.44 USD / MM 346.01 USD = 4,811 % healthy",
        "fi_xbtusd",
        "3,447.88",
        "PF_SOLUSD",
    ):
        assert words in shown


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_what_the_pool_under_the_cursor_needs_can_be_read_at_every_size(size: tuple[int, int]) -> None:
    shown = await text(RICH, size)
    for words in ("692.02", "721.05", "346.01", "4.16x", "+2,732.50"):
        assert words in shown


async def test_an_empty_account_says_how_to_set_leverage() -> None:
    shown = await text(EMPTY, (120, 36))
    assert "all contracts are cross" in shown
    assert "nothing booked yet" in shown
