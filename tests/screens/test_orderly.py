from __future__ import annotations

import pytest
from textual import events

from tests.scenes_modals import SETTLED, JudgingDesk
from tests.screens.app_kit import SETTINGS, settle
from tui.app import TradingApp
from tui.screens import orderly
from tui.screens.strip import Strip


def press_at_once(app: TradingApp, *keys: str) -> None:
    """Keys of one read of the terminal."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


@pytest.mark.parametrize("lost_s", [orderly.LOST_S, 0.0])
async def test_an_act_waits_for_the_keys_before_it(lost_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the widget that they are for is slower than any key was ever lost."""
    monkeypatch.setattr(orderly, "LOST_S", lost_s)
    app = TradingApp(JudgingDesk(SETTLED), SETTINGS)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("L")
        await settle(pilot)
        press_at_once(app, "down", "down", "down", "b")
        await settle(pilot)
        assert isinstance(app.screen, Strip)
        assert app.screen.content.lines[0].plain == "BUY 0.1000 PF_XBTUSD @ 87,957"


async def test_a_widget_that_went_away_with_its_key_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orderly, "LOST_S", 0.01)
    app = TradingApp(JudgingDesk(SETTLED), SETTINGS)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("t")
        await settle(pilot)
        press_at_once(app, "escape", "2", "3")
        for _ in range(20):
            await pilot.pause(0.01)
        assert app.current_mode == "orders"


async def test_acts_of_one_read_are_done_in_their_order() -> None:
    app = TradingApp(JudgingDesk(SETTLED), SETTINGS)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        press_at_once(app, "2", "4", "3")
        await settle(pilot)
        assert app.current_mode == "orders"
