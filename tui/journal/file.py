"""The journal as a file: plain synchronous SQLite, used from one thread.

A file that is damaged, newer than this program or of another account is refused and left byte for byte as it was.
Invariant: when a method returns, what it wrote is on disk (WAL with ``synchronous=FULL``); when it raises, nothing was
written.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import msgspec

from tui.journal.records import REQUESTS, Entry, Intent, Kind, Request, Search, Verdict
from tui.journal.schema import VERSION, migrate, version_of
from tui.model.errors import JournalDamaged, JournalError, Sent
from tui.model.fill import Fill
from tui.model.program import Kept

KEPT_ACTS = 20_000
KEPT_FILLS = 20_000
PRUNE_EVERY = 500
BUSY_S = 5.0

ACT = "number, at_ms, kind, symbol, what, request, verdict, status, text, order_id, settled_ms"
T = TypeVar("T")


class JournalFile:
    """Open with ``JournalFile.open``; ``identity`` names the account and URL this journal belongs to."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._writes = 0

    @classmethod
    def open(cls, path: Path, identity: str) -> Self:
        """Raises ``JournalError`` with words for the screen; then the file is untouched."""
        with _explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size:
                _inspect(path, identity)
            else:
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                migrate(connection)
                connection.execute("INSERT OR IGNORE INTO about VALUES ('identity', ?)", (identity,))
            except BaseException:
                connection.close()
                raise
            return cls(path, connection)

    def close(self) -> None:
        with _explained(self.path):
            self._connection.close()

    def add_intent(self, kind: Kind, symbol: str | None, what: str, request: Request, at_ms: int) -> Intent:
        """Commit an intent. A client order id that was used for an order before is refused."""
        row = (at_ms, kind, symbol, getattr(request, "client_order_id", None), what, _text(request))
        statement = "INSERT INTO acts (at_ms, kind, symbol, client_order_id, what, request) VALUES (?, ?, ?, ?, ?, ?)"
        try:
            number = self._write(lambda connection: connection.execute(statement, row).lastrowid)
        except sqlite3.IntegrityError:
            raise JournalError(
                f"An order with the client order id {row[3]} was sent before", "Use a new id", sent=Sent.NO
            ) from None
        return Intent(cast("int", number), at_ms, kind, symbol, what, request)

    def settle(
        self, number: int, verdict: Verdict, *, status: str, text: str, order_id: str | None, at_ms: int
    ) -> None:
        """Commit what became of an intent."""
        statement = (
            "UPDATE acts SET verdict = ?, status = ?, text = ?, order_id = coalesce(?, order_id), settled_ms = ? "
            "WHERE number = ?"
        )
        row = (verdict, status, text, order_id, at_ms, number)
        self._write(lambda connection: connection.execute(statement, row))

    def pending(self) -> tuple[Entry, ...]:
        """Intents that nobody has settled, oldest first."""
        return self._entries("WHERE verdict IS NULL OR verdict = 'unknown' ORDER BY number", {})

    def entries(self, limit: int, search: Search | None = None) -> tuple[Entry, ...]:
        """The newest ``limit`` acts of those searched for, newest first."""
        clause = (
            "WHERE coalesce(at_ms >= :since_ms, 1) AND coalesce(symbol = :symbol, :symbol IS NULL) "
            "AND coalesce(kind = :kind, 1) AND coalesce(verdict = :verdict, :verdict IS NULL) "
            "AND (NOT :pending OR verdict IS NULL OR verdict = 'unknown') ORDER BY number DESC LIMIT :limit"
        )
        return self._entries(clause, {**msgspec.structs.asdict(search or Search()), "limit": limit})

    def keep_program(self, kept: Kept) -> None:
        """Commit a program as it is now, in place of what was kept of it before."""
        row = (kept.plan.id, kept.at_ms, _text(kept), int(bool(kept.progress.ended)))
        self._write(lambda connection: connection.execute("INSERT OR REPLACE INTO programs VALUES (?, ?, ?, ?)", row))

    def programs(self) -> tuple[Kept, ...]:
        """Those that have not ended, oldest first."""
        with _explained(self.path):
            rows = self._connection.execute("SELECT kept FROM programs WHERE NOT ended ORDER BY at_ms").fetchall()
            return tuple(msgspec.json.decode(row[0], type=Kept) for row in rows)

    def accepted(self, client_order_ids: Iterable[str]) -> frozenset[str]:
        """Which of these orders the venue is known to have taken."""
        wanted = frozenset(client_order_ids)
        with _explained(self.path):
            rows = self._connection.execute(
                "SELECT client_order_id FROM acts WHERE kind IN ('send', 'flatten') AND verdict = 'accepted' "
                "AND client_order_id IN (SELECT value FROM json_each(?))",
                (json.dumps(sorted(wanted)),),
            ).fetchall()
        return frozenset(row[0] for row in rows)

    def add_fills(self, fills: Iterable[Fill]) -> None:
        """Keep fills; a fill that is kept already is replaced by what is known of it now."""
        rows = [(fill.fill_id, fill.time_ms, _text(fill)) for fill in fills]
        self._write(lambda connection: connection.executemany("INSERT OR REPLACE INTO fills VALUES (?, ?, ?)", rows))

    def fills(self, limit: int, *, since_ms: int | None = None, symbol: str | None = None) -> tuple[Fill, ...]:
        """The newest ``limit`` kept fills, oldest first; of one contract, since a time."""
        statement = (
            "SELECT fill FROM fills WHERE coalesce(time_ms >= :since_ms, 1) "
            "AND coalesce(json_extract(fill, '$.symbol') = :symbol, 1) ORDER BY time_ms DESC LIMIT :limit"
        )
        with _explained(self.path):
            given = {"since_ms": since_ms, "symbol": symbol, "limit": limit}
            found = self._connection.execute(statement, given).fetchall()
            return tuple(fill_of(row[0]) for row in reversed(found))

    def _entries(self, clause: str, arguments: Mapping[str, object]) -> tuple[Entry, ...]:
        with _explained(self.path):
            rows = self._connection.execute(f"SELECT {ACT} FROM acts {clause}", arguments).fetchall()  # noqa: S608 constants only
            return tuple(entry_of(row) for row in rows)

    def _write(self, act: Callable[[sqlite3.Connection], T]) -> T:
        with _explained(self.path):
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = act(connection)
                self._writes += 1
                if self._writes % PRUNE_EVERY == 0:
                    _prune(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.rollback()
                raise
            return result


def _inspect(path: Path, identity: str) -> None:
    """Judge an existing file without writing to it. Raises ``JournalError``, or ``sqlite3.Error`` if it is damaged."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as connection:
        version = version_of(connection)
        if version > VERSION:
            raise JournalError(
                f"The journal {path} was written by a newer kftui (version {version}, this one knows {VERSION})",
                f"Nothing was changed. Use the newer program, or move the file aside: {_move(path)}",
            )
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("quick check failed")
        if not version:
            return
        owner = connection.execute("SELECT value FROM about WHERE key = 'identity'").fetchone()
        if owner is not None and owner[0] != identity:
            raise JournalError(
                f"The journal {path} belongs to {owner[0]}, not to {identity}",
                "Nothing was changed. Paper and live never share a journal: give each its own path",
            )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what SQLite or the disk says into words: what happened, that nothing was sent, what to do."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            advice = "Free some space on its disk and try again. Nothing was sent"
            raise JournalError(f"The journal {path} could not be written: the disk is full", advice) from error
        raise JournalError(
            f"The journal {path} cannot be used: {error}", "Check the path and its permissions"
        ) from error
    except (sqlite3.Error, msgspec.MsgspecError, KeyError, ValueError) as error:
        advice = f"Nothing was changed. kftui journal shows what is still readable; to start anew: {_move(path)}"
        raise JournalDamaged(f"The journal {path} is damaged ({error})", advice) from error
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be used: {error.strerror}", "Check the path") from error


def _move(path: Path) -> str:
    return f'mv "{path}" "{path}.aside"'


def _prune(connection: sqlite3.Connection) -> None:
    """Forget the oldest settled acts and fills; what is pending stays for ever."""
    connection.execute(
        "DELETE FROM acts WHERE verdict IS NOT NULL AND verdict != 'unknown' "
        "AND number <= (SELECT max(number) FROM acts) - ?",
        (KEPT_ACTS,),
    )
    connection.execute(
        "DELETE FROM fills WHERE time_ms < (SELECT time_ms FROM fills ORDER BY time_ms DESC LIMIT 1 OFFSET ?)",
        (KEPT_FILLS,),
    )
    connection.execute("DELETE FROM programs WHERE ended")


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()


def fill_of(text: str) -> Fill:
    return msgspec.json.decode(text, type=Fill)


def entry_of(row: tuple[Any, ...]) -> Entry:
    """A row of the columns ``ACT``."""
    number, at_ms, kind, symbol, what, request, verdict, status, text, order_id, settled_ms = row
    kind = Kind(kind)
    intent = Intent(number, at_ms, kind, symbol, what, msgspec.json.decode(request, type=REQUESTS[kind]))
    return Entry(intent, Verdict(verdict) if verdict else None, status, text, order_id, settled_ms)
