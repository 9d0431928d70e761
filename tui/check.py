"""Are the keys good, what may they do, is the venue there, is the clock right: one answer a line.

Used by ``kftui check`` and before the live desk opens. Checks run in order and stop where the next would only repeat
the failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from msgspec import Struct

from tui.client.derivatives.venue import DerivativesVenue
from tui.model.errors import DeskError
from tui.target import Target

TIMEOUT_S = 15.0
SKEW_LIMIT_MS = 30_000


class Check(Struct, frozen=True):
    """``ok`` or not, what was found, and what to do next (empty when there is nothing to do)."""

    name: str
    ok: bool
    found: str
    advice: str = ""


async def run_checks(find: Callable[[], Target], now_ms: Callable[[], int]) -> AsyncIterator[Check]:
    """Yield each check as it is done. ``find`` reads address and keys and may raise ``DeskError``."""
    try:
        target = find()
    except DeskError as error:
        yield Check("keys", ok=False, found=error.what, advice=error.advice)
        return
    environment = target.where.environment.upper()
    yield Check("keys", ok=True, found=f"from {target.keys_from}, for {environment} at {target.where.base}")
    async with DerivativesVenue(target.where, target.credentials) as venue:
        steps: tuple[tuple[str, Callable[[], Awaitable[Check]]], ...] = (
            ("venue", lambda: _clock(venue, now_ms)),
            ("account", lambda: _account(venue)),
            ("permissions", lambda: _permissions(venue)),
        )
        for name, step in steps:
            check = await _guarded(name, step)
            yield check
            if not check.ok:
                return


async def _guarded(name: str, step: Callable[[], Awaitable[Check]]) -> Check:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await step()
    except TimeoutError:
        return Check(name, ok=False, found=f"no answer within {TIMEOUT_S:g} s", advice="Check the network, try again")
    except DeskError as error:
        return Check(name, ok=False, found=error.what, advice=error.advice)


async def _clock(venue: DerivativesVenue, now_ms: Callable[[], int]) -> Check:
    before = now_ms()
    venue_ms = await venue.server_time()
    after = now_ms()
    skew_ms = venue_ms - (before + after) // 2
    side = "ahead" if skew_ms > 0 else "behind"
    words = f"the venue answers in {after - before} ms; its clock is {abs(skew_ms) / 1000:.1f} s {side}"
    if abs(skew_ms) <= SKEW_LIMIT_MS:
        return Check("venue", ok=True, found=words)
    return Check("venue", ok=False, found=words, advice="Set this machine's clock (NTP) and try again")


async def _account(venue: DerivativesVenue) -> Check:
    account = (await venue.account()).value
    pools = ", ".join(f"{pool.name} {pool.equity:,.2f} {pool.currency}" for pool in account.pools if pool.equity)
    return Check("account", ok=True, found=f"GET /accounts was answered: {pools or 'no money in it'}")


async def _permissions(venue: DerivativesVenue) -> Check:
    told = await venue.check_key()
    if told.general == "full":
        extra = "; withdrawals too, which kftui never needs" if told.transfer == "full" else ""
        return Check("permissions", ok=True, found=f"may read and trade{extra}")
    if told.general == "read":
        return Check(
            "permissions", ok=False, found="may read, not trade", advice="The desk opens in view mode with this key"
        )
    advice = "Make a key that may read and trade"
    return Check("permissions", ok=False, found=f"the key's general permission is {told.general}", advice=advice)
