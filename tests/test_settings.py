from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tui.model.errors import SettingsError
from tui.settings import Settings, flatten_settings, load_settings


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "settings.toml") == Settings()


def test_a_file_asked_for_by_name_must_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no settings file"):
        load_settings(tmp_path / "other.toml", required=True)


def test_every_kind_of_value_is_read_exactly(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        [desk]
        focus = "PF_ETHUSD"
        thousands = false
        [clips]
        PF_XBTUSD = [0.01, "0.10", 1]
        [limits]
        collar_pct = 2.5
        allow = ["PF_XBTUSD"]
        [limits.contract.PF_XBTUSD]
        max_order_usd = 50000
        [keys]
        cancel = "z"
        """,
    )
    settings = load_settings(path)
    assert settings.desk.focus == "PF_ETHUSD"
    assert settings.desk.thousands is False
    assert settings.clips["PF_XBTUSD"] == (Decimal("0.01"), Decimal("0.10"), Decimal(1))
    assert settings.limits.collar_pct == Decimal("2.5")
    assert settings.limits.of("PF_XBTUSD").max_order_usd == Decimal(50000)
    assert settings.limits.of("PF_ETHUSD").max_order_usd is None
    assert settings.keys == {"cancel": "z"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[desk]\nfocsu = 'x'", "Did you mean desk.focus"),
        ("[dsek]\nfocus = 'x'", "Did you mean desk"),
        ("[limits.contract.PF_XBTUSD]\nmax_order_sise = 1", "Did you mean limits.contract.PF_XBTUSD.max_order_size"),
        ("[desk]\nframes_per_s = 500", "frames_per_s must be from 1 to 60, not 500"),
        ("[desk]\nrefresh_s = 60", "refresh_s must be from 2 to 10"),
        ("[desk]\nmode = 'armed'", "armed"),
        ("[desk]\nthousands = 'yes'", "bool"),
        ("[limits]\ncollar_pct = 'wide'", "collar_pct"),
        ("[desk", "not valid TOML"),
    ],
)
def test_a_bad_file_is_refused_in_words_and_left_alone(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert path.read_text(encoding="utf-8") == text


def test_bytes_that_are_not_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(path)


def test_every_setting_is_listed_with_its_dotted_name() -> None:
    names = [name for name, _ in flatten_settings(Settings())]
    assert "desk.focus" in names
    assert "limits.default.max_order_size" in names
    assert len(names) == len(set(names))


def test_a_time_zone_is_a_name_that_is_known(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[desk]\ntime_zone = "Europe/Berlin"\n')
    assert load_settings(file).desk.time_zone == "Europe/Berlin"
    for name in ("Europe/Nowhere", "", "../etc/passwd"):
        file.write_text(f'[desk]\ntime_zone = "{name}"\n')
        with pytest.raises(SettingsError, match="time_zone must be UTC, local or a name"):
            load_settings(file)
