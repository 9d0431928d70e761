"""What all seven screens have in common."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from tests.scenes import DOWN, EMPTY, LIVE, RICH, SCREENS, SceneApp
from tests.widgets.hosts import screen_text
from tui.model.order import Order
from tui.model.position import Position
from tui.screens.base import DeskScreen
from tui.screens.desk import OverviewScreen
from tui.screens.markets import MarketsScreen
from tui.widgets.messages import FocusContract
from tui.widgets.panel import Panel

every_screen = pytest.mark.parametrize("screen", SCREENS.values(), ids=SCREENS.keys())


class TellingApp(SceneApp):
    """Keeps what the screens say upwards."""

    def __init__(self, screen: type[DeskScreen]) -> None:
        super().__init__(screen, RICH)
        self.taken: list[str] = []
        self.acts: list[str] = []

    def action_act(self, name: str) -> None:
        self.acts.append(name)

    def on_focus_contract(self, message: FocusContract) -> None:
        self.taken.append(message.symbol)


def shown(app: SceneApp) -> DeskScreen:
    assert isinstance(app.screen, DeskScreen)
    return app.screen


@every_screen
async def test_the_frame_row_is_on_top_and_the_keys_at_the_bottom(screen: type[DeskScreen]) -> None:
    async with SceneApp(screen, RICH).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        rows = screen_text(pilot.app)
        assert rows[0].startswith(" PAPER ")
        assert "! panic" in rows[-1]
        assert "? keys" in rows[-1]
        assert {len(row) for row in rows} == {80}


@every_screen
async def test_no_size_and_no_moment_breaks_a_screen(screen: type[DeskScreen]) -> None:
    dice = random.Random(screen.__name__)
    app = SceneApp(screen, RICH)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(14):
            width = dice.choice((1, 5, 20, 61, 79, 80, 119, 120, 233))
            await pilot.resize_terminal(width, dice.choice((1, 2, 3, 7, 13, 23, 24, 36, 51)))
            view = dice.choice((RICH, EMPTY, DOWN, LIVE))
            shown(app).show(view)
            await pilot.press(dice.choice(("down", "end", "tab", "o", "g", "pagedown", "right_curly_bracket")))
            await pilot.pause()
            assert {len(row) for row in screen_text(app)} == {width}
            assert width < 7 or view.state.environment.upper() in screen_text(app)[0]


@every_screen
async def test_every_panel_with_numbers_says_how_old_they_are(screen: type[DeskScreen]) -> None:
    app = SceneApp(screen, DOWN)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        for panel in app.screen.query(Panel):
            if panel.part is not None and panel.display:
                title = panel.render_lines(panel.size.region)[0].text
                assert "stale 12 s" in title


class TestSelection:
    async def test_it_is_what_the_cursor_of_the_focused_table_stands_on(self) -> None:
        app = SceneApp(OverviewScreen, RICH)
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.press("down")
            selected = shown(app).selection
            assert isinstance(selected, Position)
            assert selected.symbol == "PF_ETHUSD"
            await pilot.press("tab", "down")
            selected = shown(app).selection
            assert isinstance(selected, Order)
            assert selected is RICH.state.orders[0]

    async def test_on_the_ladder_it_is_the_contract_in_hand(self) -> None:
        app = SceneApp(OverviewScreen, RICH)
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.press("shift+tab")
            assert shown(app).selection == "PF_XBTUSD"

    async def test_pinned_it_is_that_order_or_nothing(self) -> None:
        app = SceneApp(OverviewScreen, RICH)
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.press("tab", "down", "down")
            screen = shown(app)
            order = screen.selection
            assert order is RICH.state.orders[1]
            screen.pin()
            screen.show(replace(RICH, state=replace(RICH.state, orders=RICH.state.orders[1:])))
            assert screen.selection is order
            screen.show(replace(RICH, state=replace(RICH.state, orders=RICH.state.orders[2:])))
            assert screen.selection is None
            screen.unpin()
            assert isinstance(screen.selection, Order)

    async def test_enter_takes_the_rows_contract_in_hand(self) -> None:
        app = TellingApp(MarketsScreen)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("down", "down", "enter")
            await pilot.pause()
            assert app.taken == ["PF_DOGEUSD"]


class TestFilter:
    async def test_typing_narrows_enter_keeps_and_escape_shows_all(self) -> None:
        app = TellingApp(MarketsScreen)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("slash", *"xbt")
            await pilot.pause()
            assert "(3 of 12)" in screen_text(app)[1]
            await pilot.press("enter", "down", "enter")
            await pilot.pause()
            assert app.taken == ["PI_XBTUSD"]
            await pilot.press("slash", "escape")
            await pilot.pause()
            assert "(12)" in screen_text(app)[1]

    async def test_letters_typed_into_the_filter_are_not_acts(self) -> None:
        app = TellingApp(MarketsScreen)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("slash", *"bsx")
            assert app.acts == []
            await pilot.press("escape", "b")
            await pilot.pause()
            assert app.acts == ["buy"]


class TestHints:
    async def test_they_are_the_keys_that_are_bound_now(self) -> None:
        app = SceneApp(OverviewScreen, RICH)
        async with app.run_test(size=(120, 36)) as pilot:
            app.set_keymap({"buy": "ctrl+g"})
            await pilot.pause()
            assert "^g buy" in screen_text(app)[-1]

    async def test_a_key_that_does_nothing_here_is_not_offered(self) -> None:
        async with SceneApp(OverviewScreen, RICH).run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert "g chart" in screen_text(pilot.app)[-1]
        async with SceneApp(OverviewScreen, RICH).run_test(size=(120, 36)) as pilot:
            await pilot.pause()
            assert "g chart" not in screen_text(pilot.app)[-1]


async def test_a_view_given_before_the_screen_is_mounted_is_drawn() -> None:
    async with SceneApp(OverviewScreen, LIVE).run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert screen_text(pilot.app)[0].startswith(" LIVE ")
