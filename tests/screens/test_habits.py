from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.scenes import RICH
from tests.scenes_modals import SETTLED, JudgingDesk
from tests.screens.app_kit import SETTINGS, settle
from tests.widgets.hosts import screen_text
from tui.app import TradingApp
from tui.screens.desk import OverviewScreen
from tui.screens.habits import Habits, HabitsFile
from tui.screens.help import HelpScreen
from tui.screens.strip import Strip
from tui.screens.ticket import Ticket
from tui.screens.tour import Tour
from tui.widgets.table import Arrangement, LineTable


def desk_on(file: HabitsFile | None = None) -> TradingApp:
    return TradingApp(JudgingDesk(SETTLED), SETTINGS, habits=file)


async def test_filter_and_sort_come_back(tmp_path: Path) -> None:
    file = HabitsFile(tmp_path / "desk.json")
    file.save(Habits(has_toured=True))
    app = desk_on(file)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("3", "o", "o", "O", "slash", *"xbt", "enter")
        await settle(pilot)
        before = app.screen.query_one("#working", LineTable).arrangement
        assert (before.filter, before.descending) == ("xbt", False)
        assert before.sort
    assert file.load().tables == {"orders/working": before}
    again = desk_on(file)
    async with again.run_test(size=(120, 36)) as pilot:
        await pilot.press("3")
        await settle(pilot)
        table = again.screen.query_one("#working", LineTable)
        assert table.arrangement == before
        assert table.count(RICH) == "(2 of 4)"


async def test_the_tour_is_shown_once_and_lets_no_key_through(tmp_path: Path) -> None:
    file = HabitsFile(tmp_path / "desk.json")
    app = desk_on(file)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(app.screen, Tour)
        await pilot.press("b", "left", "f", "exclamation_mark", "X", "enter")
        await settle(pilot)
        assert isinstance(app.screen, Tour)
        await pilot.press("s")
        await settle(pilot)
        assert isinstance(app.screen, OverviewScreen)
    again = desk_on(file)
    async with again.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert isinstance(again.screen, OverviewScreen)
        await pilot.press("f1", "escape")
        await settle(pilot)
        assert isinstance(again.screen, OverviewScreen)


@pytest.mark.parametrize("size", [(20, 6), (80, 24)])
async def test_keys_and_clicks_in_a_hurry_end_the_tour_once(size: tuple[int, int]) -> None:
    app = desk_on()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f1", *["space"] * 9)
        await settle(pilot)
        assert isinstance(app.screen, OverviewScreen)


async def test_a_column_that_is_no_more_sorts_nothing(tmp_path: Path) -> None:
    file = HabitsFile(tmp_path / "desk.json")
    file.save(Habits(tables={"orders/working": Arrangement(sort="gone")}, has_toured=True))
    app = desk_on(file)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("3")
        await settle(pilot)
        assert app.screen.query_one("#working", LineTable).arrangement == Arrangement()


async def test_a_row_is_copied_with_its_labels() -> None:
    app = desk_on()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("y")
        await settle(pilot)
        assert app.clipboard.startswith("contract PF_XBTUSD  side LONG  size 0.7500  entry 84,400")
        assert "stops" in app.clipboard  # a column that has no room at this size


@pytest.mark.parametrize(("screen", "table"), [("2", "positions"), ("6", "markets")])
async def test_every_table_becomes_a_file(
    screen: str, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KFTUI_HOME", str(tmp_path))
    app = desk_on()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(screen, "E")
        await settle(pilot)
    (path,) = (tmp_path / "data" / "exports").iterdir()
    assert path.name.startswith(table)
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows[0][0] == "contract"
    assert "PF_XBTUSD" in [row[0] for row in rows]
    assert not any("▲" in cell or "87,9" in cell for row in rows for cell in row)


@pytest.mark.parametrize(("word", "screen"), [("b buy", Strip), ("t ticket", Ticket), ("? keys", HelpScreen)])
async def test_a_click_on_a_hint_presses_its_key(word: str, screen: type) -> None:
    app = desk_on()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        row = screen_text(app)[-1]
        await pilot.click(offset=(row.index(word) + 1, 35))
        await settle(pilot)
        assert isinstance(app.screen, screen)


async def test_two_clicks_take_a_contract_in_hand() -> None:
    app = desk_on()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        await settle(pilot)
        await pilot.click("#markets", offset=(5, 3), times=2)
        await settle(pilot)
        assert app.view.focus != "PF_XBTUSD"
