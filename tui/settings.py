"""The settings file: strict TOML in which a misspelt key is an error that names the nearest right one.

Every setting has a default, so no file is needed. Secrets never stand here: ``tui.keystore`` knows where they do.
"""

from __future__ import annotations

import difflib
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from tui.model.errors import SettingsError
from tui.model.limits import Limits


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}, not {value}")


def _known_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"time_zone must be UTC, local or a name such as Europe/Berlin, not {name!r}") from None


class Desk(Struct, frozen=True, forbid_unknown_fields=True):
    """How the desk looks and behaves. ``time_zone``: UTC, local, or a name such as Europe/Berlin. ``record``: every
    session is recorded, and the newest recordings are kept.
    """

    focus: str = "PF_XBTUSD"
    theme: str = "kftui-dark"
    thousands: bool = True
    time_zone: str = "UTC"
    frames_per_s: int = 20
    bell: bool = False
    mode: Literal["view", "confirm"] = "confirm"
    armed_for_s: int = 120
    dead_man_s: int = 60
    refresh_s: int = 10
    record: bool = False

    def __post_init__(self) -> None:
        """Bounds that types cannot say."""
        _within("frames_per_s", self.frames_per_s, 1, 60)
        _within("armed_for_s", self.armed_for_s, 5, 3600)
        _within("dead_man_s", self.dead_man_s, 20, 3600)
        _within("refresh_s", self.refresh_s, 2, 10)
        if self.time_zone not in {"UTC", "local"}:
            _known_zone(self.time_zone)


Kind = Literal["fill", "refused", "unresolved", "resolved", "link", "margin", "notice", "price", "funding"]


class Alerts(Struct, frozen=True, forbid_unknown_fields=True):
    """What rings besides the screen. ``ring``: the kinds that do; ``desktop``: how the terminal takes notifications of
    the desktop; ``standing``: alerts of every session, as they are typed: ``"PF_XBTUSD > 90000"``.
    """

    ring: tuple[Kind, ...] = ("fill", "refused", "unresolved", "link", "margin", "price", "funding")
    desktop: Literal["off", "osc9", "osc777", "osc99"] = "off"
    standing: tuple[str, ...] = ()


class Paper(Struct, frozen=True, forbid_unknown_fields=True):
    """The paper exchange that the desk starts. ``seed`` None: a new market each start; the account is kept."""

    seed: int | None = None
    speed: float = 1.0


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """``clips``: order sizes per contract, smallest first; ``keys``: action id to key, see ``?`` for the ids."""

    desk: Desk = Desk()
    alerts: Alerts = Alerts()
    paper: Paper = Paper()
    limits: Limits = Limits()
    clips: dict[str, tuple[Decimal, ...]] = {}
    keys: dict[str, str] = {}


def load_settings(path: Path, *, required: bool = False) -> Settings:
    """Read and check the file. A missing file means defaults unless it was asked for by name.

    Raises SettingsError in words that name the file, the line or key, and the nearest right name.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if required:
            raise SettingsError(f"There is no settings file {path}", "Check the name after --settings.") from None
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}", _REPAIR) from error
    try:
        raw = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {path} is not valid TOML: {error}", _REPAIR) from error
    _refuse_unknown(raw, Settings, "", path)
    try:
        return msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"In {path}: {error}", _REPAIR) from error


def flatten_settings(settings: Settings) -> list[tuple[str, object]]:
    """``[(dotted name, value)]`` of every effective setting, in file order."""
    rows: list[tuple[str, object]] = []

    def walk(prefix: str, value: object) -> None:
        if isinstance(value, Struct):
            for name in value.__struct_fields__:
                walk(f"{prefix}.{name}" if prefix else name, getattr(value, name))
        elif isinstance(value, dict) and value:
            for name, item in value.items():
                walk(f"{prefix}.{name}", item)
        else:
            rows.append((prefix, value))

    walk("", settings)
    return rows


_REPAIR = "Mend it or move it aside; without a file the defaults apply. Nothing was changed."


def _refuse_unknown(raw: dict[str, Any], shape: type[Struct], prefix: str, path: Path) -> None:
    """Look for keys that no setting has, before types are judged, so that a misspelling is named as one."""
    hints = get_type_hints(shape)
    for key, value in raw.items():
        if key not in hints:
            near = difflib.get_close_matches(key, hints, n=1, cutoff=0.0)[0]
            raise SettingsError(
                f"In {path}: there is no setting {prefix}{key}", f"Did you mean {prefix}{near}? {_REPAIR}"
            )
        for name, inner, part in _tables(hints[key], value):
            _refuse_unknown(part, inner, f"{prefix}{key}.{name}", path)


def _tables(hint: object, value: object) -> list[tuple[str, type[Struct], dict[str, Any]]]:
    """The tables under one key that have a shape of their own: ``(name prefix, shape, table)``."""
    if not isinstance(value, dict):
        return []
    if isinstance(hint, type) and issubclass(hint, Struct):
        return [("", hint, value)]
    if get_origin(hint) is dict and isinstance(inner := get_args(hint)[1], type) and issubclass(inner, Struct):
        return [(f"{name}.", inner, part) for name, part in value.items() if isinstance(part, dict)]
    return []
