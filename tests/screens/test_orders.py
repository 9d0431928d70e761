from __future__ import annotations

from tests.scenes import RICH, SceneApp
from tests.scenes_account import ORDERS, UNRESOLVED
from tests.widgets.hosts import screen_text
from tui.screens.base import DeskScreen
from tui.screens.orders import OrdersScreen


async def test_the_order_in_doubt_is_on_top_and_under_the_cursor() -> None:
    app = SceneApp(OrdersScreen, RICH)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, DeskScreen)
        assert app.screen.selection is UNRESOLVED[0]
        assert "UNRESOLVED" in screen_text(app)[3]


async def test_working_orders_and_stops_have_a_cursor_each() -> None:
    app = SceneApp(OrdersScreen, RICH)
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, DeskScreen)
        await pilot.press("down")
        assert app.screen.selection is ORDERS[0]
        await pilot.press("tab")
        assert app.screen.selection is ORDERS[4]


async def test_with_room_it_shows_what_stopped_working_and_why() -> None:
    async with SceneApp(OrdersScreen, RICH).run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        shown = "\n".join(screen_text(pilot.app))
        assert "No longer working (3)" in shown
        assert "cancelled" in shown
