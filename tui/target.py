"""Which account a command means: its addresses, its keys, and the journal that belongs to it and to no other.

Invariant: keys of the environment go to the live venue or to the address that was named, kept keys to the address they
were kept for, the paper exchange's own keys to the paper exchange; never one to another.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from tui.client.credentials import Credentials, credentials
from tui.client.derivatives.urls import LIVE_URL, VenueUrl, venue_url
from tui.keystore.lookup import Found, find_keys
from tui.model.errors import CredentialsError, SettingsError
from tui.paper import read_running
from tui.paths import Paths


class Target(Struct, frozen=True):
    """``identity`` names the account inside its journal. ``lasting``: the account outlives the program behind the
    address, so fills that the journal kept from earlier runs are its fills. ``keys_from`` says where the keys were
    found and ``profile`` under which name, if one was given; both for people.
    """

    where: VenueUrl
    credentials: Credentials
    journal: Path
    identity: str
    lasting: bool = True
    keys_from: str = ""
    profile: str = ""


def find_target(
    paths: Paths, *, live: bool, url: str | None, profile: str | None = None, environ: Mapping[str, str] = os.environ
) -> Target:
    """What ``--live``, ``--url`` or neither mean for a command that needs an account.

    Raises SettingsError for a bad address, or when neither is given and no desk runs a paper exchange; CredentialsError
    for missing or impossible keys.
    """
    if live or url is not None:
        where = venue_url(LIVE_URL if live or url is None else url)
        return account_target(paths, where, find_keys(paths.keys, where, profile, environ), profile, lasting=live)
    running = read_running(paths)
    if running is None:
        raise SettingsError(
            "Neither --live nor --url was given, and no desk with a paper exchange is running",
            "Start kftui in another terminal, or name the account",
        )
    return paper_target(paths, running)


def paper_target(paths: Paths, url: str) -> Target:
    """The desk's own paper account at ``url``. Its keys are made here if this is the first start."""
    keys = paper_keys(paths)
    journal = paths.paper_state.with_name("journal.sqlite3")
    return Target(venue_url(url), keys, journal, "paper", keys_from="the file beside its state")


def paper_keys(paths: Paths) -> Credentials:
    """The paper account's key pair, in the file beside its state where the exchange looks for it (mode 0600).

    Raises CredentialsError if the file is there and cannot be used.
    """
    path = paths.paper_state.with_name("keys.json")
    if not path.exists():
        sizes = {"api_key": 42, "private_key": 64}
        pair = {name: b64encode(secrets.token_bytes(size)).decode() for name, size in sizes.items()}
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(pair, file)
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return credentials(kept["api_key"], kept["private_key"])
    except (OSError, ValueError, KeyError, TypeError):
        raise CredentialsError(
            f"The paper account's keys in {path} cannot be read", "Move the file away to have new ones made"
        ) from None


def account_target(paths: Paths, where: VenueUrl, keys: Found, profile: str | None, *, lasting: bool) -> Target:
    """The account that ``keys`` open at ``where``. Its journal is named by a hash of the public half."""
    account = hashlib.sha256(keys.credentials.api_key.encode()).hexdigest()[:12]
    host = urlsplit(where.base).netloc.replace(":", "-").strip("[]")
    name = f"{where.environment}-{account}" if lasting else f"{host}-{account}"
    return Target(where, keys.credentials, paths.journal(name), name, lasting, keys.source, profile or "")
