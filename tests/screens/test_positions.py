from __future__ import annotations

import pytest

from tests.scenes import RICH, SceneApp
from tests.widgets.hosts import screen_text
from tui.model.position import Position
from tui.screens.base import DeskScreen
from tui.screens.positions import PositionsScreen


async def text(width: int, height: int) -> str:
    async with SceneApp(PositionsScreen, RICH).run_test(size=(width, height)) as pilot:
        await pilot.pause()
        return "\n".join(screen_text(pilot.app))


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_all_of_the_position_under_the_cursor_can_be_read_at_every_size(size: tuple[int, int]) -> None:
    shown = await text(*size)
    for words in ("84,400", "65,971", "+4.22 %", "+285.04", "-1.60", "-0.73", "cross", "62 % · worst -1,116.00"):
        assert words in shown


async def test_the_cursor_starts_on_a_position() -> None:
    app = SceneApp(PositionsScreen, RICH)
    async with app.run_test(size=(80, 24)):
        assert isinstance(app.screen, DeskScreen)
        assert isinstance(app.screen.selection, Position)


async def test_where_there_is_room_the_orders_stand_below() -> None:
    assert "Working orders" not in await text(80, 24)
    assert "Working orders" in await text(120, 36)
