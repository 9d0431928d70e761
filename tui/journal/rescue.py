"""What can still be read of a damaged journal.

Invariant: the damaged file is only looked at. SQLite works on a copy, in a folder that is gone afterwards; each table
is read from both ends up to where it breaks.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from tui.journal.file import ACT, entry_of, fill_of
from tui.journal.records import Entry
from tui.model.fill import Fill

T = TypeVar("T")


class Rescued(Struct, frozen=True):
    """``entries`` newest first, ``fills`` oldest first, as from a sound journal."""

    entries: tuple[Entry, ...] = ()
    fills: tuple[Fill, ...] = ()


def rescue(path: Path) -> Rescued:
    """Raises ``OSError`` if the file cannot even be copied."""
    with TemporaryDirectory(prefix="kftui-rescue-") as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        log = path.with_name(path.name + "-wal")
        if log.exists():
            shutil.copyfile(log, copy.with_name(log.name))
        with closing(sqlite3.connect(copy)) as connection:
            entries = _readable(connection, f"SELECT {ACT} FROM acts ORDER BY number", entry_of)  # noqa: S608 constants
            fills = _readable(connection, "SELECT rowid, fill FROM fills ORDER BY rowid", lambda row: fill_of(row[1]))
    return Rescued(tuple(reversed(entries)), tuple(sorted(fills, key=lambda fill: fill.time_ms)))


def _readable(connection: sqlite3.Connection, statement: str, parse: Callable[[tuple[Any, ...]], T]) -> list[T]:
    """Rows by their first column, which numbers them; from the front and, where that breaks, from the back."""
    found: dict[int, T] = {}
    for direction in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            for row in connection.execute(f"{statement} {direction}"):
                with suppress(msgspec.MsgspecError, KeyError, ValueError, TypeError):
                    found[row[0]] = parse(row)
    return [value for _, value in sorted(found.items())]
