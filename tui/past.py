"""``kftui journal``: what was asked, what came back, and every fill that was kept, also beyond the venue's memory.

Nothing is asked of the venue. Invariant: of a damaged journal everything that can be read is printed before the damage
is told.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from tui.journal.journal import Journal
from tui.journal.records import Entry, Kind, Search, Verdict
from tui.journal.rescue import rescue
from tui.logs import open_log
from tui.model.decimals import plain
from tui.model.errors import DeskError, JournalDamaged, SettingsError
from tui.model.fill import Fill
from tui.paths import find_paths
from tui.report import fill_report, iso
from tui.runtime import entry_line, wall_ms
from tui.screens.export import fills_csv
from tui.target import find_target

ACT_COLUMNS = (
    "time", "number", "kind", "symbol", "what", "client_order_id", "verdict", "status", "text", "order_id", "settled",
)  # fmt: skip
_UNITS_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Found(Struct, frozen=True):
    """Newest first."""

    entries: tuple[Entry, ...] = ()
    fills: tuple[Fill, ...] = ()
    damage: JournalDamaged | None = None


def run(args: argparse.Namespace) -> int:
    """Returns the exit code; raises ``DeskError``."""
    paths = find_paths()
    open_log(paths.log)
    target = find_target(paths, live=args.live, url=args.url, profile=args.profile)
    search = Search(
        since_ms=since(args.since, wall_ms()) if args.since else None,
        symbol=args.symbol,
        kind=Kind(args.kind.replace("-", "_")) if args.kind else None,
        verdict=Verdict(args.verdict.replace("-", "_")) if args.verdict else None,
        pending=args.pending,
    )
    wants_fills = args.what == "fills"
    if wants_fills and (search.kind or search.verdict or search.pending):
        raise SettingsError("Fills have no kind and no verdict", "Give --since and --symbol only")
    if not target.journal.exists():
        raise DeskError(f"There is no journal for this account yet ({target.journal})", "It begins with the first act")
    found = asyncio.run(_find(target.journal, target.identity, search, args.last, fills=wants_fills))
    shape = "json" if args.json else "csv" if args.csv else "text"
    sys.stdout.write(fills_text(found.fills, shape) if wants_fills else acts_text(found.entries, shape))
    sys.stdout.flush()
    if found.damage is not None:
        raise found.damage
    return 0


def since(text: str, now_ms: int) -> int:
    """Epoch milliseconds of a date or time (UTC unless it says otherwise), or of so long ago. Raises SettingsError."""
    ago = re.fullmatch(r"(\d+)([smhd])", text)
    if ago:
        return now_ms - int(ago[1]) * _UNITS_MS[ago[2]]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(
            f"{text!r} is no time", "Write 2026-11-22, 2026-11-22T14:00, or so long ago: 90s, 15m, 2h, 30d"
        ) from None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


async def _find(path: Path, identity: str, search: Search, limit: int, *, fills: bool) -> Found:
    try:
        async with Journal(path, identity) as journal:
            if fills:
                kept = await journal.fills(limit, since_ms=search.since_ms, symbol=search.symbol)
                return Found(fills=tuple(reversed(kept)))
            return Found(entries=await journal.entries(limit, search))
    except JournalDamaged as damage:
        return _readable(path, search, limit, damage)


def _readable(path: Path, search: Search, limit: int, damage: JournalDamaged) -> Found:
    try:
        rest = rescue(path)
    except OSError:
        raise damage from None
    entries = [entry for entry in rest.entries if search.admits(entry)]
    fills = [fill for fill in reversed(rest.fills) if _admits(search, fill)]
    words = f"{damage.what}; {len(rest.entries)} acts and {len(rest.fills)} fills of it are still readable"
    return Found(tuple(entries[:limit]), tuple(fills[:limit]), JournalDamaged(words, damage.advice))


def _admits(search: Search, fill: Fill) -> bool:
    return search.symbol in (None, fill.symbol) and fill.time_ms >= (search.since_ms or 0)


def acts_text(entries: Iterable[Entry], shape: str) -> str:
    """Oldest first, so that the newest stands above the prompt."""
    rows = tuple(entries)[::-1]
    if shape == "json":
        return "".join(msgspec.json.encode(_act(entry)).decode() + "\n" for entry in rows)
    if shape == "csv":
        return _csv((ACT_COLUMNS, *(_act_row(entry) for entry in rows)))
    return "".join(entry_line(entry) + "\n" for entry in rows)


def fills_text(fills: Iterable[Fill], shape: str) -> str:
    """Oldest first."""
    rows = tuple(fills)[::-1]
    if shape == "json":
        return "".join(msgspec.json.encode(fill_report(fill)).decode() + "\n" for fill in rows)
    if shape == "csv":
        return fills_csv(rows)
    return "".join(_fill_line(fill) + "\n" for fill in rows)


def _act(entry: Entry) -> dict[str, object]:
    told: dict[str, object] = msgspec.to_builtins(entry, builtin_types=())
    return {**told, "intent": {**msgspec.to_builtins(entry.intent), "at": iso(entry.intent.at_ms)}}


def _act_row(entry: Entry) -> tuple[str, ...]:
    intent = entry.intent
    row = (
        iso(intent.at_ms), intent.number, intent.kind, intent.symbol, intent.what, intent.client_order_id,
        entry.verdict, entry.status, entry.text, entry.order_id, iso(entry.settled_ms),
    )  # fmt: skip
    return tuple("" if value is None else str(value) for value in row)


def _fill_line(fill: Fill) -> str:
    at = datetime.fromtimestamp(fill.time_ms / 1000, UTC)
    fee = f"  fee {plain(fill.fee)} {fill.fee_currency or ''}".rstrip() if fill.fee is not None else ""
    traded = f"{fill.side.upper()} {plain(fill.size)} {fill.symbol} @ {plain(fill.price)}"
    return f"{at:%Y-%m-%d %H:%M:%S}  {traded}  {fill.liquidity}{fee}"


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
