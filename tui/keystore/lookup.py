"""Which keys a command signs with, and whose word that is.

Order: the environment, the system's keyring, the file. A profile that was named is meant: the environment, which knows
no names, is then not asked. Invariant: kept keys are found only for the address that they were kept for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from tui.client.credentials import API_KEY, PRIVATE_KEY, Credentials, from_environment, key_advice, mentions_keys
from tui.client.derivatives.urls import VenueUrl
from tui.keystore import system
from tui.keystore.file import read_file, write_file
from tui.keystore.pair import Pair, from_text, to_text
from tui.model.errors import CredentialsError, SettingsError

DEFAULT = "default"
ENVIRONMENT = "the environment"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,15}")


class Found(Struct, frozen=True):
    """``source`` says where the keys were found, for people."""

    credentials: Credentials
    source: str


def entry_name(where: VenueUrl, profile: str | None) -> str:
    """What kept keys stand under: ``work@futures.kraken.com``. Raises ``SettingsError`` for an impossible profile."""
    profile = DEFAULT if profile is None else profile
    if not _NAME.fullmatch(profile):
        raise SettingsError(
            f"{profile!r} cannot be the name of a profile", "Use up to 16 letters, digits, dots, dashes and underscores"
        )
    return f"{profile}@{urlsplit(where.base).netloc}"


def find_keys(file: Path, where: VenueUrl, profile: str | None, environ: Mapping[str, str]) -> Found:
    """Raises ``CredentialsError`` that says where was looked and what to do."""
    _leave_no_core()
    name = entry_name(where, profile)
    if profile is None and mentions_keys(environ):
        return Found(from_environment(environ), ENVIRONMENT)
    trouble = ""
    try:
        kept = system.get_text(name)
    except system.NoKeyring as error:
        kept, trouble = None, f" ({error.what})"
    if kept is not None:
        return Found(from_text(kept[0], kept[1]).credentials(), f"{kept[1]}, {name}")
    pair = read_file(file).get(name)
    if pair is not None:
        return Found(pair.credentials(), f"{file}, {name}")
    missing = f"none are kept as {name}{trouble}"
    if profile is not None:
        raise CredentialsError(
            f"No API key: {missing}", f"kftui login --profile {profile} asks for them and keeps them"
        )
    raise CredentialsError(
        f"No API key: {API_KEY} and {PRIVATE_KEY} not set, and {missing}", key_advice(environ, "run kftui login")
    )


def keep_keys(file: Path, name: str, pair: Pair) -> str:
    """Into the keyring, or into the file if there is none. Returns where they are now, for people. Raises
    ``CredentialsError``.
    """
    rest = read_file(file)
    try:
        place = system.put_text(name, to_text(pair))
    except system.NoKeyring as error:
        write_file(file, {**rest, name: pair})
        return f"{file}, readable by you alone ({error.what})"
    if rest.pop(name, None) is not None:
        write_file(file, rest)
    return place


def forget_keys(file: Path, name: str) -> tuple[str, ...]:
    """Out of both. Returns where there were any. Raises ``CredentialsError``."""
    places = []
    try:
        place = system.drop_text(name)
    except system.NoKeyring:
        place = None
    if place is not None:
        places.append(place)
    rest = read_file(file)
    if rest.pop(name, None) is not None:
        write_file(file, rest)
        places.append(str(file))
    return tuple(places)


def _leave_no_core() -> None:
    """From here on the keys are in memory, which is not to become a file."""
    try:
        import resource  # noqa: PLC0415 - exists on some systems only
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
