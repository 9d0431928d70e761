"""Who may ask: keys, and the accounts they open.

Invariant: a key opens one account; several keys may open the same.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from tui.exchange.auth import Credentials
from tui.exchange.exchange import MAIN

_ACCOUNT_SPACE: Final = uuid.UUID("6f0f2b5e-5a3c-4c53-9c57-6a3f5f0d9a11")


@dataclass(frozen=True, slots=True)
class Client:
    """One key: ``account`` is the engine's name of what it opens, ``uid`` the venue's."""

    credentials: Credentials
    account: str
    uid: str


def account_uid(api_key: str) -> str:
    """How the venue names an account; follows from its first key, so that it survives restarts."""
    return str(uuid.uuid5(_ACCOUNT_SPACE, api_key))


def one_client(credentials: Credentials) -> tuple[Client, ...]:
    """One key for the one account there is."""
    return enrol([(MAIN, credentials)])


def enrol(keys: Iterable[tuple[str, Credentials]]) -> tuple[Client, ...]:
    """Account names and keys as clients."""
    uids: dict[str, str] = {}
    clients = []
    for account, credentials in keys:
        uid = uids.setdefault(account, account_uid(credentials.api_key))
        clients.append(Client(credentials, account, uid))
    return tuple(clients)
