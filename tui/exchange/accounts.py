"""Which accounts there are: the one of the environment's keys, or those of a file.

The file is JSON or TOML: ``{"accounts": [{"name": "alice", "balances": {"USD": 1000}}, ...]}``. An account without a
key has a pair made, which is kept beside the file; a name that comes again adds a key to the same account.
Invariant: what the file gets wrong is told with its place before anything starts, and never shows a private key.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from tui.exchange import keys
from tui.exchange.auth import Credentials
from tui.exchange.config import EngineConfig, check_balance
from tui.exchange.exchange import MAIN
from tui.exchange.keys import KeysError
from tui.wire.derivatives.signing import ApiSecret


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    api_key: str | None = None
    private_key: str | None = None
    read_only: bool = False
    balances: dict[str, Decimal] | None = None


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    accounts: Annotated[list[_Row], Meta(min_length=1, max_length=10_000)]


@dataclass(frozen=True, slots=True)
class Account:
    """``balances`` of a fresh account by currency or wallet; empty means the default ones. ``keys_file`` holds the pair
    unless somebody else does.
    """

    name: str
    credentials: Credentials
    balances: Mapping[str, Decimal]
    keys_file: Path | None = None


def of_one(credentials: Credentials, balances: Mapping[str, Decimal], keys_file: Path | None) -> tuple[Account, ...]:
    return (Account(MAIN, credentials, balances, keys_file),)


def read(path: Path) -> tuple[Account, ...]:
    """Raises ``KeysError`` in plain words."""
    try:
        content = path.read_bytes()
        plain = tomllib.loads(content.decode()) if path.suffix.lower() == ".toml" else msgspec.json.decode(content)
        rows = msgspec.convert(plain, _File, strict=False).accounts
    except OSError as error:
        raise KeysError(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise KeysError(f"{path}: {error}") from None
    accounts = tuple(_account(path, row) for row in rows)
    api_keys = [account.credentials.api_key for account in accounts]
    twice = next((key for key in api_keys if api_keys.count(key) > 1), None)
    if twice is not None:
        raise KeysError(f"{path}: the API key {twice} is listed twice")
    return accounts


def _account(path: Path, row: _Row) -> Account:
    if (row.api_key is None) != (row.private_key is None):
        raise KeysError(f"{path}: account {row.name}: api_key and private_key go together")
    try:
        balances = dict(check_balance(name, amount) for name, amount in (row.balances or {}).items())
        if row.api_key is not None and row.private_key is not None:
            return Account(row.name, Credentials(row.api_key, ApiSecret(row.private_key), row.read_only), balances)
    except ValueError as error:
        raise KeysError(f"{path}: account {row.name}: {error}") from None
    keys_file = path.with_name(f"{path.stem}.{row.name}.keys.json")
    return Account(row.name, keys.kept_in(keys_file, read_only=row.read_only), balances, keys_file)


def configs(accounts: tuple[Account, ...], config: EngineConfig) -> dict[str, EngineConfig]:
    """What each account starts with."""
    found: dict[str, EngineConfig] = {}
    for account in accounts:
        found.setdefault(account.name, with_balances(config, account.balances))
    return found


def with_balances(config: EngineConfig, balances: Mapping[str, Decimal]) -> EngineConfig:
    """``config`` with these starting balances; wallets that are not named keep theirs."""
    if not balances:
        return config
    wallets = {name: amount for name, amount in balances.items() if name.startswith("fi_")}
    flex = {name: amount for name, amount in balances.items() if name not in wallets}
    return replace(config, flex=flex, wallets=config.wallets | wallets)
