from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import RICH
from tests.screens.app_kit import SETTINGS, KeyApp, run, settle
from tests.screens.fake_desk import FLAT_STATE, FakeDesk, StubScreen
from tui.app import SCREENS, TradingApp, refuse_nonsense
from tui.model.errors import SettingsError, Unreachable
from tui.model.state import Alarm, AlarmKind
from tui.screens.actions import ACTIONS, FORBIDDEN, clashes
from tui.screens.help import HelpScreen
from tui.screens.strip import Strip
from tui.settings import Desk, Settings
from tui.widgets.messages import FocusContract


async def test_the_first_screen_is_there_before_any_data() -> None:
    app = KeyApp(FakeDesk(replace(FLAT_STATE, instruments={}, tickers={}, books={}, account=None)))
    async with run(app) as pilot:
        await settle(pilot)
        assert app.current_mode == "desk"
        assert app.stub.shown >= 1


@pytest.mark.parametrize(("key", "mode"), [(str(place + 1), mode) for place, mode in enumerate(SCREENS)])
async def test_the_figures_choose_the_screen(key: str, mode: str) -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("2", key)
        await settle(pilot)
        assert app.current_mode == mode
        assert app.stub.shown >= 1


async def test_every_screen_of_the_table_exists() -> None:
    app = TradingApp(FakeDesk(), SETTINGS)
    async with app.run_test(size=(120, 36)) as pilot:
        for place, mode in enumerate(SCREENS):
            await pilot.press(str(place + 1))
            await settle(pilot)
            assert app.current_mode == mode


async def test_changes_are_drawn_once_a_frame() -> None:
    app = KeyApp(FakeDesk(), Settings(desk=Desk(frames_per_s=1)))
    async with run(app) as pilot:
        await settle(pilot)
        before = app.stub.shown
        for _ in range(50):
            app._ask_frame()
        await settle(pilot)
        assert app.stub.shown == before


async def test_an_urgent_change_does_not_wait_for_the_frame() -> None:
    app = KeyApp(FakeDesk(), Settings(desk=Desk(frames_per_s=1)))
    async with run(app) as pilot:
        await settle(pilot)
        before = app.stub.shown
        app.desk.become(app.desk.state)
        await pilot.pause(0.02)
        assert app.stub.shown == before + 1


async def test_the_tick_redraws_when_nothing_arrives() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await settle(pilot)
        before = app.stub.shown
        app._tick()
        await pilot.pause(0.05)
        assert app.stub.shown == before + 1


async def test_alarms_are_told_once_and_never_read_as_markup() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        first = Alarm(1, 0, AlarmKind.FILL, "[red]filled[/] \x1b[2J now")
        app.desk.become(replace(app.desk.state, alarms=(first,)))
        await pilot.pause(0.02)
        app.desk.become(replace(app.desk.state, alarms=(first, Alarm(2, 0, AlarmKind.LINK, "link lost", "error"))))
        await pilot.pause(0.02)
        assert app.said == ["[red]filled[/]  [2J now", "link lost"]
        assert not any(toast.markup for toast in app._notifications)


async def test_a_key_pressed_in_vain_again_and_again_is_told_once() -> None:
    app = KeyApp(FakeDesk(FLAT_STATE))
    async with run(app) as pilot:
        await pilot.press("x", "x", "x")
        await settle(pilot)
        assert len(app.said) == 1
        app.desk.now += 5_000
        await pilot.press("x")
        await settle(pilot)
        assert len(app.said) == 2


async def test_a_contract_taken_in_hand_is_watched_and_traded() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.stub.post_message(FocusContract("PF_ETHUSD"))
        await settle(pilot)
        assert app.desk.watched == ["PF_XBTUSD", "PF_ETHUSD"]
        await pilot.press("b")
        await settle(pilot)
        assert isinstance(app.screen, Strip)
        assert "PF_ETHUSD" in app.screen.content.title


async def test_a_key_can_be_moved_by_its_id() -> None:
    app = KeyApp(FakeDesk(), Settings(clips=SETTINGS.clips, keys={"buy": "z", "cancel": "b"}))
    async with run(app) as pilot:
        await pilot.press("z", "enter")
        await settle(pilot)
        assert len(app.desk.sent) == 1
        await pilot.press("b")
        await settle(pilot)
        assert not isinstance(app.screen, Strip)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Settings(keys={"cancle": "z"}), "Did you mean cancel?"),
        (Settings(keys={"buy": "s"}), "s is bound to buy and sell"),
        (Settings(desk=Desk(theme="kftui-dim")), "Did you mean kftui-"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_before_anything_opens(settings: Settings, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        refuse_nonsense(settings)
    assert words in str(caught.value)


def test_settings_that_make_sense_are_not() -> None:
    refuse_nonsense(Settings())
    refuse_nonsense(Settings(keys={"cancel": "z", "buy": "f5"}, desk=Desk(theme="kftui-light")))


async def test_help_lists_every_act_under_its_present_key() -> None:
    app = KeyApp(FakeDesk(), Settings(keys={"buy": "z"}))
    async with run(app) as pilot:
        await pilot.press("?")
        await settle(pilot)
        assert isinstance(app.screen, HelpScreen)
        rows = {row.label: row.keys for row in app.screen._rows}
        assert rows["Buy: join the bid"] == "z"
        assert set(rows) >= {action.label for action in ACTIONS}
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(app.screen, StubScreen)
        assert app.said == []


async def test_the_palette_runs_acts_and_takes_contracts_in_hand() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("ctrl+p", *"Focus PF_ETH")
        await pilot.pause(0.2)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.seat.focus == "PF_ETHUSD"
        assert app.stub.pins == 0


@pytest.mark.parametrize("keys", [("t",), ("b",), ("X",), ("!",), ("?",), ("l",), ("ctrl+p",)])
async def test_dialogs_live_through_any_size(keys: tuple[str, ...]) -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press(*keys)
        for size in ((12, 3), (200, 50), (40, 10), (1, 1), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert app.screen is not app.stub


async def test_a_bug_in_an_act_ends_the_app_loudly() -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [ZeroDivisionError("a bug")]

    async def day() -> None:
        async with run(app) as pilot:
            await pilot.press("b", "enter")
            await settle(pilot)

    with pytest.raises(Exception, match="a bug"):
        await day()


async def test_the_desk_is_left_alone_after_the_app() -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [Unreachable("down")]
    async with run(app) as pilot:
        await settle(pilot)
    assert app.desk._callback is None


async def test_risk_is_not_asked_for_at_every_frame() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await settle(pilot)
        before = app.desk.risks
        for _ in range(20):
            app.desk.state = replace(app.desk.state, tickers=dict(RICH.state.tickers))
            app.desk.now += 10
            app.seat.view()
        assert app.desk.risks == before
        app.desk.now += 500
        app.seat.view()
        assert app.desk.risks == before + 1
        app.desk.state = replace(app.desk.state, orders=())
        app.seat.view()
        assert app.desk.risks == before + 2


def test_every_act_of_the_registry_can_be_done_and_no_other() -> None:
    app = TradingApp(FakeDesk(), SETTINGS)
    assert set(app.acts) == {action.id for action in ACTIONS}


def test_no_default_key_is_one_that_terminals_take() -> None:
    keys = [key for binding in TradingApp.BINDINGS for key in binding.key.split(",")]  # type: ignore[union-attr]  # all are Bindings
    assert not FORBIDDEN & set(keys)
    assert not clashes({})
    assert not FORBIDDEN & set(TradingApp(FakeDesk(), SETTINGS)._bindings.key_to_bindings)
