from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scenes import EMPTY, RICH
from tests.scenes_modals import JudgingDesk
from tests.screens.app_kit import SETTINGS, KeyApp, run, settle
from tests.screens.fake_desk import FakeDesk
from tests.widgets.hosts import PanelApp, screen_text
from tui.app import TradingApp
from tui.model.alert import Alert, Said, Watched, is_met, one_line
from tui.model.errors import SettingsError
from tui.model.state import Alarm, AlarmKind, State
from tui.screens.alert_line import DropAlert, SetAlert, parse_alert, standing_alerts
from tui.screens.alerts import KEPT, MOST, Alerts
from tui.screens.command import contracts, parse_command
from tui.screens.habits import Habits, HabitsFile
from tui.screens.ring import BURST, Ringer, notification
from tui.widgets.alerts import AlertsTable
from tui.widgets.table import Arrangement

D = Decimal
XBT = "PF_XBTUSD"
STATE = RICH.state
WORDS = contracts(RICH)


def at(last: str, **others: str) -> State:
    """The rich scene with another last price of the contract in hand."""
    numbers = {name: D(value) for name, value in others.items()}
    ticker = replace(STATE.tickers[XBT], last=D(last), **numbers)
    return replace(STATE, tickers={**STATE.tickers, XBT: ticker})


def price(threshold: str, *, is_above: bool = True, watched: Watched = Watched.LAST) -> Alert:
    return Alert(watched, XBT, is_above, D(threshold))


# --- typed -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "alert"),
    [
        ("> 90000", price("90000")),
        (">90,000", price("90000")),
        ("PF_XBTUSD > 90000", price("90000")),
        ("btc mark < 80000.5", price("80000.5", is_above=False, watched=Watched.MARK)),
        ("index below 1", price("1", is_above=False, watched=Watched.INDEX)),
        ("eth above 3000", Alert(Watched.LAST, "PF_ETHUSD", True, D(3000))),
        ("level < 300%", Alert(Watched.LEVEL, "", False, D(300))),
        ("funding < -0.01", Alert(Watched.FUNDING, XBT, False, D("-0.01"))),
    ],
)
def test_alerts_are_typed(text: str, alert: Alert) -> None:
    assert parse_alert(text, XBT, WORDS) == SetAlert(alert)
    assert parse_command(f"alert {text}", RICH) == SetAlert(alert)


@pytest.mark.parametrize(
    "text", ["", "90000", ">", "> x", "> 1 2", "foo > 1", "> -5", "level < 0", "off x", "off 1 2", "> nan"]
)
def test_what_is_not_an_alert_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_alert(text, XBT, WORDS)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        parse_alert(text, XBT, WORDS)
    except ValueError:
        return


def test_alerts_are_dropped_by_number_or_all() -> None:
    assert parse_alert("off 2", XBT, WORDS) == DropAlert(2)
    assert parse_alert("off", XBT, WORDS) == DropAlert(None)


def test_alerts_of_the_settings_name_their_contract() -> None:
    assert standing_alerts(["PF_XBTUSD > 90000", "level < 300"]) == (
        price("90000"),
        Alert(Watched.LEVEL, "", False, D(300)),
    )
    for line in ("> 90000", "nonsense", "off"):
        with pytest.raises(SettingsError):
            standing_alerts([line])


# --- sounding --------------------------------------------------------------------------------------------------------


def test_an_alert_sounds_once_at_its_number_and_is_gone() -> None:
    alerts = Alerts()
    alerts.add(price("90000"), STATE, 1)
    assert not alerts.look(at("89999"), 2)
    (said,) = alerts.look(at("90000"), 3)
    assert (said.kind, said.at_ms, said.text) == ("price", 3, "PF_XBTUSD last ≥ 90,000: it is 90,000")
    assert not alerts.look(at("91000"), 4)
    assert not alerts.all
    assert alerts.said == (said,)


def test_what_is_so_already_is_not_set() -> None:
    alerts = Alerts()
    with pytest.raises(ValueError, match="is so already: it is 87,959"):
        alerts.add(price("80000"), STATE, 1)
    assert not alerts.all


def test_a_number_that_nobody_knows_meets_nothing() -> None:
    nothing = replace(STATE, tickers={}, account=None)
    for watched in Watched:
        assert not is_met(Alert(watched, XBT, True, D("0.000001")), nothing)
    assert not is_met(Alert(Watched.LEVEL, "", False, D(10_000)), EMPTY.state)


def test_the_lowest_margin_level_counts() -> None:
    assert STATE.account is not None
    lowest = min(pool.level_pct for pool in STATE.account.pools if pool.level_pct is not None)
    assert is_met(Alert(Watched.LEVEL, "", False, lowest), STATE)
    assert not is_met(Alert(Watched.LEVEL, "", False, lowest - 1), STATE)


def test_an_alert_of_the_settings_sounds_again_only_after_it_was_clearly_over() -> None:
    alerts = Alerts(standing=[price("90000")])
    heard = [len(alerts.look(at(last), 1)) for last in ("90000", "89999", "90001", "88300", "88100", "90001")]
    assert heard == [1, 0, 0, 0, 0, 1]
    assert alerts.all == (price("90000"),)


def test_there_is_an_end_to_alerts_and_to_the_log() -> None:
    alerts = Alerts()
    for number in range(MOST):
        alerts.add(price(str(90_000 + number)), STATE, 1)
    with pytest.raises(ValueError, match="50 alerts are set already"):
        alerts.add(price("99999"), STATE, 1)
    for number in range(KEPT + 9):
        alerts.note(Alarm(number, number, AlarmKind.FILL, "a fill"))
    assert len(alerts.said) == KEPT
    assert alerts.said[-1].at_ms == KEPT + 8


def test_a_dropped_alert_does_not_sound() -> None:
    alerts = Alerts()
    alerts.add(price("90000"), STATE, 1)
    second = alerts.add(price("90001"), STATE, 1)
    assert alerts.drop(second.number) == 1
    assert alerts.drop(7) == 0
    assert len(alerts.look(at("95000"), 2)) == 1


# --- rings -----------------------------------------------------------------------------------------------------------


def test_notifications_are_the_terminals_own_sequences() -> None:
    assert notification("osc9", "kftui PAPER", "filled") == "\x1b]9;kftui PAPER: filled\x1b\\"
    assert notification("osc777", "kftui", "a") == "\x1b]777;notify;kftui;a\x1b\\"
    assert notification("osc99", "kftui", "a") == "\x1b]99;;kftui: a\x1b\\"
    assert notification("off", "kftui", "a") == ""
    assert notification("osc9", "k", "a", in_tmux=True) == "\x1bPtmux;\x1b\x1b]9;k: a\x1b\x1b\\\x1b\\"


@given(st.text())
def test_no_text_ends_the_sequence_it_stands_in(text: str) -> None:
    for desktop, fields in (("osc9", 1), ("osc777", 3), ("osc99", 2)):
        sequence = notification(desktop, "kftui", text)  # type: ignore[arg-type]  # the literals, in a loop
        body = sequence.removeprefix("\x1b]").removesuffix("\x1b\\")
        assert body.isprintable()
        assert body.count(";") == fields


def test_a_storm_rings_a_few_times() -> None:
    ringer = Ringer(bell=True, desktop="off", in_tmux=False)
    rung = [ringer.ring("kftui", "a fill", now) for now in range(0, 1000, 10)]
    assert sum(map(bool, rung)) == BURST
    assert ringer.ring("kftui", "a fill", 20_000) == "\a"


# --- kept ------------------------------------------------------------------------------------------------------------


def test_habits_come_back_as_they_were(tmp_path: Path) -> None:
    file = HabitsFile(tmp_path / "desk.json")
    habits = Habits(
        (replace(price("90000.5"), number=3, set_ms=7),),
        (Said(1, "fill", "a fill"),),
        {"orders/working": Arrangement("eth", "price", descending=False)},
        has_toured=True,
    )
    assert file.load() == Habits()
    file.save(habits)
    assert file.load() == habits
    assert (tmp_path / "desk.json").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["desk.json"]


def test_damaged_habits_are_set_aside_and_never_stop_the_desk(tmp_path: Path) -> None:
    path = tmp_path / "desk.json"
    path.write_text('{"alerts": 5')
    assert HabitsFile(path).load() == Habits()
    assert (tmp_path / "desk.damaged").exists()
    HabitsFile(tmp_path / "no" / "folder.json").save(Habits())


# --- in the app ------------------------------------------------------------------------------------------------------


def is_set(app: KeyApp) -> list[str]:
    return [one_line(alert) for alert in app.view.alerts]


async def test_set_by_a_typed_line_told_as_a_toast_and_remembered(tmp_path: Path) -> None:
    file = HabitsFile(tmp_path / "desk.json")
    file.save(Habits(has_toured=True))
    app = KeyApp(FakeDesk(), habits=file)
    async with run(app) as pilot:
        await pilot.press("colon", *"alert >90000", "enter")
        await settle(pilot)
        assert is_set(app) == ["PF_XBTUSD last ≥ 90,000"]
        assert app.said[-1] == "Alert 1: PF_XBTUSD last ≥ 90,000"
    again = KeyApp(FakeDesk(), habits=file)
    async with run(again) as pilot:
        await settle(pilot)
        assert is_set(again) == ["PF_XBTUSD last ≥ 90,000"]
        again.desk.become(at("90001"))
        await pilot.pause(0.05)
        assert again.said == ["ALERT PF_XBTUSD last ≥ 90,000: it is 90,001"]
        assert again.view.said[-1].text == "PF_XBTUSD last ≥ 90,000: it is 90,001"
    assert not file.load().alerts


async def test_alarms_stand_in_the_log_and_ring_by_their_kind() -> None:
    settings = replace(SETTINGS, alerts=replace(SETTINGS.alerts, ring=("fill",), desktop="osc9"))
    app = KeyApp(FakeDesk(), settings)
    rung: list[str] = []
    app._herald._emit = rung.append
    async with run(app) as pilot:
        news = (Alarm(1, 5, AlarmKind.FILL, "Bought"), Alarm(2, 6, AlarmKind.LINK, "link lost", "error"))
        app.desk.become(replace(app.desk.state, alarms=news))
        await pilot.pause(0.05)
        assert [said.text for said in app.view.said] == ["Bought", "link lost"]
        assert rung == ["\x1b]9;kftui PAPER: Bought\x1b\\"]


async def test_the_table_says_how_far_it_is_and_drops_an_alert() -> None:
    table = AlertsTable()
    view = replace(RICH, alerts=(replace(price("90000"), number=4), Alert(Watched.LEVEL, "", False, D(300))))
    async with PanelApp(table, view).run_test(size=(80, 8)) as pilot:
        await pilot.pause()
        shown = screen_text(pilot.app)
        assert any(
            "PF_XBTUSD last" in row and "≥ 90,000" in row and "87,959" in row and "+2.32 %" in row for row in shown
        )
        assert any("margin level" in row and "settings" in row for row in shown)


async def test_a_key_drops_the_alert_under_the_cursor_but_not_one_of_the_settings() -> None:
    settings = replace(SETTINGS, alerts=replace(SETTINGS.alerts, standing=("level < 1",)))
    app = TradingApp(JudgingDesk(STATE), settings)
    async with app.run_test(size=(100, 30)) as pilot:
        app._alert(SetAlert(price("90000")))
        await pilot.press("8", "x")
        await settle(pilot)
        assert [one_line(alert) for alert in app.view.alerts] == ["margin level ≤ 1 %"]
        await pilot.press("x")
        await settle(pilot)
        assert len(app.view.alerts) == 1
