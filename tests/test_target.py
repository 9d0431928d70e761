from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tui.keystore.file import write_file
from tui.keystore.pair import Pair
from tui.model.errors import CredentialsError
from tui.paths import Paths, find_paths
from tui.target import find_target, paper_target

PRIVATE = base64.b64encode(bytes(range(64))).decode()
ENVIRON = {"KRAKEN_FUTURES_API_KEY": "of-the-environment", "KRAKEN_FUTURES_PRIVATE_KEY": PRIVATE}
URL = "http://127.0.0.1:8750"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setattr("keyring.core._keyring_backend", None)
    return find_paths({"KFTUI_HOME": str(tmp_path)})


def test_the_keys_say_where_they_come_from(paths: Paths) -> None:
    write_file(paths.keys, {"work@futures.kraken.com": Pair("of-work", PRIVATE)})
    told = find_target(paths, live=True, url=None, environ=ENVIRON)
    assert (told.credentials.api_key, told.keys_from, told.profile) == ("of-the-environment", "the environment", "")
    told = find_target(paths, live=True, url=None, profile="work", environ=ENVIRON)
    assert (told.credentials.api_key, told.profile) == ("of-work", "work")
    assert told.keys_from == f"{paths.keys}, work@futures.kraken.com"


def test_a_journal_belongs_to_a_key_however_it_was_found(paths: Paths) -> None:
    write_file(paths.keys, {"work@futures.kraken.com": Pair("of-the-environment", PRIVATE)})
    one = find_target(paths, live=True, url=None, environ=ENVIRON)
    same = find_target(paths, live=True, url=None, profile="work", environ={})
    assert (one.journal, one.identity) == (same.journal, same.identity)
    assert one.journal != find_target(paths, live=False, url=URL, environ=ENVIRON).journal


def test_kept_live_keys_go_nowhere_else(paths: Paths) -> None:
    write_file(paths.keys, {"default@futures.kraken.com": Pair("of-live", PRIVATE)})
    assert find_target(paths, live=True, url=None, environ={}).credentials.api_key == "of-live"
    with pytest.raises(CredentialsError, match="none are kept as default@127"):
        find_target(paths, live=False, url=URL, environ={})
    assert paper_target(paths, URL).credentials.api_key != "of-live"
