"""Killed at any moment, started again: whatever was acknowledged is there, and nothing that was not.

Traders keep the exchange busy, SIGKILL falls at a random moment, SQLite checks the files as they were left, and after
each start every account is compared with its client's own record over REST: orders, edits, cancels, fills, positions.
Only calls that got no answer may have happened or not. Invariant: the record outlives the exchange; each round checks
all rounds before it too.
"""

import asyncio
import contextlib
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.load_place import Place, make_keys
from tests.benchmarks.load_record import Record, ask_truth, differences
from tests.benchmarks.load_trader import Tally, Trader, read_quotes

_PERIOD_S = 0.02


@dataclass
class Round:
    """One life of the exchange. ``doubts``: calls that got no answer when it ended."""

    number: int
    orders: int
    fills: int
    doubts: int
    wrong: list[str] = field(default_factory=list)


async def endure(folder: Path, *, kills: int, accounts: int, longest_s: float, seed: int) -> AsyncIterator[Round]:
    """Trade, kill, start and compare ``kills`` times."""
    dice = random.Random(seed)
    place = Place(folder, make_keys(accounts), "--rate-limit", "off", keeps_state=True)
    async with place:
        records, tally = [Record() for _ in place.keys], Tally()
        traders = await _traders(place, records, tally)
        for number in range(1, kills + 1):
            before = tally.errors["no answer"]
            await _until_killed(place, traders, dice.uniform(0.05, longest_s))
            damage = _damage(place.state, folder / "copy")
            await place.start()
            wrong, fills = await _compare(place, records)
            known = sum(len(record.orders) for record in records)
            yield Round(number, known, fills, tally.errors["no answer"] - before, damage + wrong)


async def _traders(place: Place, records: list[Record], tally: Tally) -> list[Trader]:
    """Two callers an account, so that several calls are under way when it dies."""
    quotes = await read_quotes(place.caller())
    return [
        Trader(place.caller(key), quotes[number % len(quotes)], f"k{number}-{which}", record=record, tally=tally)
        for number, (key, record) in enumerate(zip(place.keys, records, strict=True))
        for which in range(2)
    ]


async def _until_killed(place: Place, traders: list[Trader], lasts_s: float) -> None:
    dead = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for trader in traders:
            tasks.create_task(trader.run(_PERIOD_S, dead.is_set))
        await asyncio.sleep(lasts_s)
        await place.stop(signal.SIGKILL)
        dead.set()


def _damage(state: Path, folder: Path) -> list[str]:
    """What SQLite says of the files as they were left; of a copy, so that only the exchange repairs them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in state.parent.glob(f"{state.name}*"):
        shutil.copy(path, folder)
    with contextlib.closing(sqlite3.connect(folder / state.name)) as database:
        verdicts = [row[0] for row in database.execute("PRAGMA integrity_check")]
    return [f"state file: {verdict}" for verdict in verdicts if verdict != "ok"]


async def _compare(place: Place, records: list[Record]) -> tuple[list[str], int]:
    wrong: list[str] = []
    fills = 0
    for key, record in zip(place.keys, records, strict=True):
        caller = place.caller(key)
        truth = await ask_truth(caller)
        caller.close()
        fills += len(truth.fills)
        wrong += [f"{key.api_key}: {line}" for line in differences(record, truth)]
    return wrong, fills


async def run(folder: Path, *, kills: int, accounts: int, longest_s: float, seed: int) -> AsyncIterator[str]:
    """The same as lines to read; the last one sums up."""
    contradictions, began = 0, time.monotonic()
    doubts = 0
    async for one in endure(folder, kills=kills, accounts=accounts, longest_s=longest_s, seed=seed):
        contradictions += len(one.wrong)
        doubts += one.doubts
        yield f"kill {one.number}: {one.orders} orders and {one.fills} fills stand, {one.doubts} calls were in doubt"
        for line in one.wrong[:5]:
            yield f"  WRONG: {line}"
    spent_s = time.monotonic() - began
    yield f"{kills} kills in {spent_s:.0f} s, {doubts} calls in doubt, {contradictions} contradictions (seed {seed})"
