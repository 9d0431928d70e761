from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.scenes import EMPTY, RICH, SceneApp
from tests.scenes_account import FILLS
from tests.scenes_market import NOW_MS
from tui.screens.export import export_fills, fills_csv
from tui.screens.fills import FillsScreen


def written(folder: Path) -> list[Path]:
    return list(folder.rglob("fills-*.csv"))


def test_fills_read_back_exactly_and_oldest_first() -> None:
    rows = list(csv.DictReader(fills_csv(FILLS).splitlines()))
    assert [row["fill_id"] for row in rows] == [fill.fill_id for fill in reversed(FILLS)]
    first, fill = rows[0], FILLS[-1]
    assert Decimal(first["fee"]) == fill.fee
    assert (first["size"], first["price"], first["side"]) == ("20000", "86000", "buy")
    assert first["time"] == "2026-10-14T11:47:42.412+00:00"


def test_what_nobody_said_is_empty() -> None:
    row = next(csv.DictReader(fills_csv([replace(FILLS[0], fee=None, realised_pnl=None)]).splitlines()))
    assert (row["fee"], row["realised_pnl"]) == ("", "")


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = export_fills(FILLS, tmp_path / "new", NOW_MS)
    assert path.read_text().count("\n") == len(FILLS) + 1
    with pytest.raises(FileExistsError):
        export_fills((), tmp_path / "new", NOW_MS)
    assert path.read_text().count("\n") == len(FILLS) + 1


async def test_the_key_writes_the_file_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFTUI_HOME", str(tmp_path))
    app = SceneApp(FillsScreen, RICH)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("E")
        await pilot.pause()
        (file,) = written(tmp_path)
        assert file.read_text() == fills_csv(FILLS)
        assert [str(file) in note.message for note in app._notifications] == [True]


async def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "file"
    home.write_text("not a folder")
    monkeypatch.setenv("KFTUI_HOME", str(home))
    app = SceneApp(FillsScreen, RICH)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("E")
        await pilot.pause()
        assert [note.severity for note in app._notifications] == ["error"]


async def test_without_fills_there_is_nothing_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KFTUI_HOME", str(tmp_path))
    app = SceneApp(FillsScreen, EMPTY)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("E")
        await pilot.pause()
        assert written(tmp_path) == []
        assert ["nothing to export" in note.message for note in app._notifications] == [True]
