from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.keystore.conftest import MemoryKeyring
from tui.client.credentials import Credentials, credentials
from tui.client.derivatives.urls import LIVE_URL, venue_url
from tui.keystore.file import read_file, write_file
from tui.keystore.lookup import Found, entry_name, find_keys, forget_keys, keep_keys
from tui.keystore.pair import Pair
from tui.model.errors import CredentialsError, SettingsError

LIVE = venue_url(LIVE_URL)
HERE = venue_url("http://127.0.0.1:8750")
PRIVATE = base64.b64encode(bytes(range(64))).decode()
ENVIRON = {"KRAKEN_FUTURES_API_KEY": "of-the-environment", "KRAKEN_FUTURES_PRIVATE_KEY": PRIVATE}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def pair(name: str) -> Pair:
    return Pair(name, PRIVATE)


def keys(name: str) -> Credentials:
    return credentials(name, PRIVATE)


def test_the_environment_goes_first_then_the_keyring_then_the_file(file: Path, memory: MemoryKeyring) -> None:
    write_file(file, {"default@futures.kraken.com": pair("of-the-file")})
    assert find_keys(file, LIVE, None, {}) == Found(keys("of-the-file"), f"{file}, default@futures.kraken.com")
    memory.kept["kftui", "default@futures.kraken.com"] = f'{{"api_key": "of-the-keyring", "private_key": "{PRIVATE}"}}'
    assert find_keys(file, LIVE, None, {}) == Found(keys("of-the-keyring"), "Memory, default@futures.kraken.com")
    assert find_keys(file, LIVE, None, ENVIRON) == Found(keys("of-the-environment"), "the environment")


def test_a_named_profile_is_meant_whatever_the_environment_holds(file: Path, memory: MemoryKeyring) -> None:
    keep_keys(file, entry_name(LIVE, "work"), pair("of-work"))
    keep_keys(file, entry_name(LIVE, "default"), pair("of-default"))
    assert find_keys(file, LIVE, "work", ENVIRON).credentials == keys("of-work")
    assert find_keys(file, LIVE, "default", ENVIRON).credentials == keys("of-default")
    with pytest.raises(CredentialsError, match=r"none are kept as home@futures\.kraken\.com") as caught:
        find_keys(file, LIVE, "home", ENVIRON)
    assert "kftui login --profile home" in caught.value.advice
    assert len(memory.kept) == 2


@pytest.mark.usefixtures("no_keyring")
def test_kept_keys_are_found_for_their_own_address_only(file: Path) -> None:
    keep_keys(file, entry_name(LIVE, None), pair("of-live"))
    with pytest.raises(CredentialsError, match=r"none are kept as default@127\.0\.0\.1:8750"):
        find_keys(file, HERE, None, {})
    with pytest.raises(CredentialsError):
        find_keys(file, HERE, "default", {})


@pytest.mark.usefixtures("no_keyring")
def test_half_a_pair_in_the_environment_is_an_error_and_not_somebody_elses_keys(file: Path) -> None:
    keep_keys(file, entry_name(LIVE, None), pair("of-live"))
    with pytest.raises(CredentialsError, match="KRAKEN_FUTURES_PRIVATE_KEY not set"):
        find_keys(file, LIVE, None, {"KRAKEN_FUTURES_API_KEY": "lonely"})


@pytest.mark.usefixtures("no_keyring")
def test_nothing_anywhere_says_where_was_looked_and_what_to_do(file: Path) -> None:
    with pytest.raises(CredentialsError) as caught:
        find_keys(file, LIVE, None, {"KRAKEN_API_KEY": "spot"})
    assert "KRAKEN_FUTURES_PRIVATE_KEY not set, and none are kept as default@futures.kraken.com" in caught.value.what
    assert "this system has no keyring" in caught.value.what
    assert "kftui login" in caught.value.advice
    assert "Spot keys do not work here" in caught.value.advice


def test_the_keyring_takes_over_what_the_file_held(file: Path, memory: MemoryKeyring) -> None:
    write_file(file, {"default@futures.kraken.com": pair("old"), "work@futures.kraken.com": pair("of-work")})
    assert keep_keys(file, "default@futures.kraken.com", pair("new")) == "Memory"
    assert list(read_file(file)) == ["work@futures.kraken.com"]
    assert find_keys(file, LIVE, None, {}).credentials == keys("new")
    assert len(memory.kept) == 1


@pytest.mark.usefixtures("no_keyring")
def test_without_a_keyring_the_file_keeps_them_and_says_so(file: Path) -> None:
    said = keep_keys(file, "default@futures.kraken.com", pair("new"))
    assert said == f"{file}, readable by you alone (this system has no keyring)"
    assert file.stat().st_mode & 0o777 == 0o600


def test_forgetting_forgets_everywhere_and_nothing_else(file: Path, memory: MemoryKeyring) -> None:
    keep_keys(file, "a@x", pair("a"))
    keep_keys(file, "b@x", pair("b"))
    write_file(file, {"a@x": pair("older"), "c@x": pair("c")})
    assert forget_keys(file, "a@x") == ("Memory", str(file))
    assert forget_keys(file, "a@x") == ()
    assert list(memory.kept) == [("kftui", "b@x")]
    assert list(read_file(file)) == ["c@x"]


def test_what_a_keyring_holds_and_nobody_can_read_is_not_shown(file: Path, memory: MemoryKeyring) -> None:
    memory.kept["kftui", "default@futures.kraken.com"] = '{"api_key": "canary"}'
    with pytest.raises(CredentialsError, match="What Memory holds for kftui cannot be read") as caught:
        find_keys(file, LIVE, None, {})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("profile", ["", "a b", "../x", "a@b", "-x", "x" * 17, "käse"])
def test_names_that_could_be_mistaken_for_something_else_are_refused(profile: str) -> None:
    with pytest.raises(SettingsError, match="cannot be the name of a profile"):
        entry_name(LIVE, profile)
