from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.cli import build_parser
from tui.client.credentials import Credentials
from tui.client.derivatives.urls import venue_url
from tui.model.errors import DeskError
from tui.paths import find_paths
from tui.record import KEPT, SUFFIX, fresh_name, next_kept, open_recorder
from tui.target import Target
from tui.wire.derivatives.signing import ApiSecret
from tui.wire.recording import Recording


@pytest.fixture
def target(tmp_path: Path) -> Target:
    keys = Credentials("canary-key", ApiSecret("c2VjcmV0LXNlY3JldC1zZWNyZXQ="))
    return Target(venue_url("http://127.0.0.1:9"), keys, tmp_path / "journal.sqlite3", "account-number")


def test_only_the_newest_recordings_of_the_desk_are_kept(tmp_path: Path, target: Target) -> None:
    paths = find_paths({"KFTUI_HOME": str(tmp_path)})
    first = next_kept(paths, target)
    assert first.parent == paths.recordings
    assert paths.recordings.stat().st_mode & 0o777 == 0o700
    for number in range(KEPT + 3):
        file = paths.recordings / f"old-{number:02d}{SUFFIX}"
        file.write_bytes(b"")
        os.utime(file, (number, number))
    (paths.recordings / "mine.txt").write_text("stays")
    next_kept(paths, target)
    left = sorted(file.name for file in paths.recordings.iterdir())
    assert left == ["mine.txt", *(f"old-{number:02d}{SUFFIX}" for number in range(4, KEPT + 3))]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, target: Target) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(DeskError, match=r"Set desk\.record to false"):
        next_kept(find_paths({"KFTUI_HOME": str(tmp_path)}), target)


async def test_a_recording_begins_with_what_it_is(tmp_path: Path, target: Target) -> None:
    async with open_recorder(tmp_path / "a", target, "PF_ETHUSD", limit_mb=1) as recorder:
        recorder.received(b'{"note":"canary-key"}')
    recording = Recording(tmp_path / "a")
    header = recording.header
    assert (header.venue, header.environment, header.contracts) == ("http://127.0.0.1:9", "paper", ("PF_ETHUSD",))
    assert header.program
    assert header.started_ms > 1_700_000_000_000
    assert "canary" not in str(list(recording.rows()))


def test_names_of_files_do_not_name_the_account(target: Target) -> None:
    assert fresh_name(target).startswith("paper-2")
    assert "account" not in fresh_name(target)


@pytest.mark.parametrize(
    ("typed", "ms"), [("90", 90_000), ("90s", 90_000), ("15m", 900_000), ("1h30m", 5_400_000), ("2d", 172_800_000)]
)
def test_lengths_of_time_are_read_as_people_write_them(typed: str, ms: int) -> None:
    assert build_parser().parse_args(["record", "--for", typed]).for_ms == ms


@pytest.mark.parametrize(
    "line",
    ["record --for soon", "record --for", "record --limit 0", "replay", "replay f --speed 0", "replay f --from x"],
)
def test_others_are_bad_usage(line: str) -> None:
    with pytest.raises(SystemExit) as caught:
        build_parser().parse_args(line.split())
    assert caught.value.code == 2
