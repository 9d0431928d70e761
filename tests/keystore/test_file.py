from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.keystore.file import read_file, write_file
from tui.keystore.pair import Pair
from tui.model.errors import CredentialsError

PAIR = Pair("canary-public", "canary-private")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "keys.json"


def test_what_is_written_is_read_and_is_the_owners_alone_from_the_start(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    replace = Path.replace

    def seen(beside: Path, target: Path) -> Path:
        modes.append(beside.stat().st_mode & 0o777)
        return replace(beside, target)

    monkeypatch.setattr(Path, "replace", seen)
    before = os.umask(0)
    try:
        write_file(path, {"default@x": PAIR})
    finally:
        os.umask(before)
    assert read_file(path) == {"default@x": PAIR}
    assert modes == [0o600]
    assert [one.name for one in path.parent.iterdir()] == ["keys.json"]


def test_no_file_is_no_keys_and_no_keys_is_no_file(path: Path) -> None:
    assert read_file(path) == {}
    write_file(path, {"a@x": PAIR})
    write_file(path, {})
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_open_to_others_is_refused_with_the_cure(path: Path, mode: int) -> None:
    write_file(path, {"a@x": PAIR})
    path.chmod(mode)
    with pytest.raises(CredentialsError) as caught:
        read_file(path)
    assert f"mode 0{mode:o}" in caught.value.what
    assert f'chmod 600 "{path}"' in caught.value.advice
    path.chmod(0o600)
    assert read_file(path) == {"a@x": PAIR}


def test_a_file_of_somebody_else_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(path, {"a@x": PAIR})
    monkeypatch.setattr(os, "getuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(CredentialsError, match="belongs to another user"):
        read_file(path)


@pytest.mark.parametrize("text", ["", "[]", '{"a@x": {"api_key": "canary-public"}}', '{"a@x": "canary-private"}'])
def test_a_file_that_makes_no_sense_is_told_without_its_text(path: Path, text: str) -> None:
    write_file(path, {"a@x": PAIR})
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CredentialsError, match="make no sense") as caught:
        read_file(path)
    assert "canary" not in str(caught.value)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_file(path, {"a@x": PAIR})

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CredentialsError, match="No space left"):
        write_file(path, {"b@x": PAIR})
    assert read_file(path) == {"a@x": PAIR}
    assert [one.name for one in path.parent.iterdir()] == ["keys.json"]
