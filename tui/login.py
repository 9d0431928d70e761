"""``kftui login`` and ``kftui logout``: keys are asked for, tried, and only then kept.

Invariant: what is typed is not shown, and nothing is kept that the venue did not accept.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys

from tui.check import Check, run_checks
from tui.client.credentials import API_KEY, mentions_keys
from tui.client.derivatives.urls import LIVE_URL, VenueUrl, venue_url
from tui.keystore.lookup import Found, entry_name, forget_keys, keep_keys
from tui.keystore.pair import Pair
from tui.logs import open_log
from tui.model.errors import CredentialsError, DeskError, SettingsError, Unreachable
from tui.paths import Paths, find_paths
from tui.runtime import wall_ms
from tui.target import Target, account_target


def run(args: argparse.Namespace) -> int:
    """Returns the exit code; raises ``DeskError``."""
    paths = find_paths()
    where = venue_url(args.url or LIVE_URL)
    name = entry_name(where, args.profile)
    return (_logout if args.command == "logout" else _login)(paths, where, name, args)


def _login(paths: Paths, where: VenueUrl, name: str, args: argparse.Namespace) -> int:
    if not sys.stdin.isatty():
        raise SettingsError(
            "kftui login asks for keys, and nobody is there to answer", f"Programs give them as {API_KEY} and so on"
        )
    paths.make()
    open_log(paths.log)
    _say(f"Keys for {where.environment.upper()} at {where.base}. What you type is not shown.")
    pair = _asked()
    found = Found(pair.credentials(), "the keyboard")
    asyncio.run(_try(account_target(paths, where, found, args.profile, lasting=False)))
    _say(f"Kept as {name} in {keep_keys(paths.keys, name, pair)}")
    if args.profile is None and mentions_keys(os.environ):
        _say(f"{API_KEY} and its like are set in the environment, and go before kept keys: unset them to use these")
    return 0


def _asked() -> Pair:
    try:
        return Pair(getpass.getpass("API key: ").strip(), getpass.getpass("Private key: ").strip())
    except EOFError:
        raise DeskError("Nothing was typed", "Nothing was kept") from None


async def _try(target: Target) -> None:
    """Say what the keys may do. Raises ``DeskError`` if the account does not open with them."""
    async for check in run_checks(lambda: target, wall_ms):
        if not check.ok and check.name != "permissions":
            raise _refusal(check)
        _say(f"{check.name:<12} {check.found}{f'. {check.advice}' if check.advice else ''}")


def _refusal(check: Check) -> DeskError:
    kind = CredentialsError if check.name == "account" else Unreachable
    return kind(f"Nothing was kept, the check of the {check.name} failed: {check.found}", check.advice)


def _logout(paths: Paths, where: VenueUrl, name: str, args: argparse.Namespace) -> int:
    del where
    places = forget_keys(paths.keys, name)
    if not places:
        raise CredentialsError(f"No keys are kept as {name}", "kftui config says where the present ones come from")
    _say(f"{name} is forgotten, it was kept in {' and '.join(places)}. The key itself stays valid until you revoke it")
    if args.profile is None and mentions_keys(os.environ):
        _say("The environment still holds keys")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
