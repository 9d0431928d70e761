import json
import stat
import sys
from pathlib import Path

import pytest

from tui.exchange import keys
from tui.exchange.keys import KeysError
from tui.wire.derivatives.signing import ApiSecret

SECRET = "Y2FuYXJ5LXNlY3JldA=="


def test_the_environment_may_hold_a_pair_under_either_name() -> None:
    for name in keys.SECRET_NAMES:
        found = keys.from_environment({keys.API_KEY: " key ", name: SECRET + "\n"}, read_only=True)
        assert found is not None
        assert (found.api_key, found.secret, found.read_only) == ("key", ApiSecret(SECRET), True)
    assert keys.from_environment({"PATH": "x", keys.API_KEY: ""}, read_only=False) is None


@pytest.mark.parametrize(
    "environ",
    [{keys.API_KEY: "key"}, {keys.SECRET_NAMES[0]: SECRET}, {keys.API_KEY: "key", keys.SECRET_NAMES[1]: "not base64!"}],
)
def test_half_a_pair_or_a_broken_one_is_refused_without_showing_it(environ: dict[str, str]) -> None:
    with pytest.raises(KeysError) as caught:
        keys.from_environment(environ, read_only=False)
    assert SECRET not in str(caught.value)
    assert "not base64!" not in str(caught.value)


def test_a_pair_is_made_once_for_the_owner_alone_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    made = keys.kept_in(path, read_only=False)
    assert keys.kept_in(path, read_only=False) == made
    assert set(json.loads(path.read_text())) == {"api_key", "private_key"}
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"api_key":"k"}', '{"api_key":"k","private_key":5}'])
def test_a_damaged_key_file_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeysError, match=r"keys\.json"):
        keys.kept_in(path, read_only=False)
    assert path.read_text() == content


def test_made_pairs_differ_and_show_nothing(tmp_path: Path) -> None:
    first, second = (keys.kept_in(tmp_path / name, read_only=False) for name in ("a.json", "b.json"))
    assert first.api_key != second.api_key
    assert first.secret != second.secret
    assert "***" in repr(first)
