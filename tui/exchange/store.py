"""The exchange on disk: one SQLite database, written in the step that changed something, before anybody hears of it.

Invariants: what was acknowledged or told is in the database, whenever the process dies (a power cut may take the last
moments, as nothing waits for the disk itself); a file that cannot be read is refused and left as it is; two exchanges
never share one file (a lock beside it is held while one runs).
"""

import asyncio
import contextlib
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from tui.exchange.exchange import Engine
from tui.exchange.orders import Order
from tui.exchange.state import (
    HISTORIES,
    AccountChange,
    AccountState,
    EngineState,
    FloorState,
    Head,
)

FORMAT: Final = 1
PERIOD_S: Final = 10.0
"""Prices and what accrues to open positions are kept at least this often."""

CHECKPOINT_S: Final = 1.0
LOCK_WAIT_S: Final = 3.0
_LOCK_RETRY_S: Final = 0.05
_TRIM_EVERY: Final = 256
_BUSY_S: Final = 1.0
_MAGIC: Final = b"SQLite format 3\0"

WAY_OUT: Final = "Move it away to start with fresh accounts, or name another file with --state"

_SCHEMA: Final = """
CREATE TABLE floor (id INTEGER PRIMARY KEY CHECK (id = 1), row BLOB NOT NULL);
CREATE TABLE account (name TEXT PRIMARY KEY, row BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE live (
    place INTEGER PRIMARY KEY, account TEXT NOT NULL, order_id TEXT NOT NULL, row BLOB NOT NULL,
    UNIQUE (account, order_id)
);
CREATE TABLE history (
    account TEXT NOT NULL, kind TEXT NOT NULL, number INTEGER NOT NULL, row BLOB NOT NULL,
    PRIMARY KEY (account, kind, number)
) WITHOUT ROWID;
"""


class StateError(Exception):
    """The state file cannot be used; the text names the file, the reason and the way out."""


class StateFile:
    """The database at ``path``; use inside ``opened``. ``has_log``: something was written since the last checkpoint."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None
        self.has_log = False

    @contextlib.contextmanager
    def opened(self) -> Iterator[None]:
        """Locked for this process alone, for as long as an exchange runs on it; one that is just ending is waited for.

        Raises ``StateError`` if another keeps it, or if it is not ours.
        """
        with self._lock():
            try:
                self._connection = self._connect()
                yield
            finally:
                if self._connection is not None:
                    self._connection.close()
                    self._connection = None

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        lock_path = self.path.with_name(self.path.name + ".lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = lock_path.open("a")
        except OSError as error:
            raise StateError(f"{self.path}: {error.strerror}") from None
        with handle:
            patience = time.monotonic() + LOCK_WAIT_S
            while not _locked(handle.fileno()) and time.monotonic() < patience:
                time.sleep(_LOCK_RETRY_S)
            if not _locked(handle.fileno()):
                raise StateError(f"{self.path} is in use by another exchange; stop that one or name another file")
            yield

    def _connect(self) -> sqlite3.Connection:
        if not self._may_be_ours():
            raise StateError(f"{self.path} is damaged (it is no database); it was left as it is. {WAY_OUT}")
        try:
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=_BUSY_S)
        except sqlite3.Error as error:
            raise StateError(f"{self.path} cannot be opened: {error}") from None
        try:
            self._prepare(connection)
        except sqlite3.DatabaseError as error:
            connection.close()
            raise StateError(f"{self.path} is damaged ({error}); it was left as it is. {WAY_OUT}") from None
        except StateError:
            connection.close()
            raise
        return connection

    def _may_be_ours(self) -> bool:
        """Nothing yet, or a database: SQLite itself would write over a file of a few bytes."""
        try:
            with self.path.open("rb") as file:
                start = file.read(len(_MAGIC))
        except FileNotFoundError:
            return True
        except OSError as error:
            raise StateError(f"{self.path} cannot be opened: {error.strerror}") from None
        return start in (b"", _MAGIC)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Find our tables in it, or make them in an empty one."""
        written = connection.execute("PRAGMA user_version").fetchone()[0]
        if written == 0 and not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT;")
        elif written != FORMAT:
            raise StateError(
                f"{self.path} was written by another program or version (format {written}, this one reads {FORMAT}); "
                f"it was left as it is. {WAY_OUT}"
            )
        elif (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(found)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # done beside the market, see checkpoint

    @property
    def _database(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("the state file is not open")
        return self._connection

    # --- reading ---------------------------------------------------------------------------------------------

    def load(self) -> EngineState | None:
        """What was saved, or None if nothing was yet. Raises ``StateError``."""
        try:
            found = self._database.execute("SELECT row FROM floor").fetchone()
            return None if found is None else self._load(msgspec.json.decode(found[0], type=FloorState))
        except (sqlite3.DatabaseError, msgspec.MsgspecError, KeyError) as error:
            raise StateError(f"{self.path} is damaged ({error}); it was left as it is. {WAY_OUT}") from None

    def _load(self, floor: FloorState) -> EngineState:
        accounts = {
            name: AccountState(msgspec.json.decode(row, type=Head))
            for name, row in self._database.execute("SELECT name, row FROM account")
        }
        for name, row in self._database.execute("SELECT account, row FROM live ORDER BY place"):
            accounts[name].orders.append(msgspec.json.decode(row, type=Order))
        rows = self._database.execute("SELECT account, kind, number, row FROM history ORDER BY account, kind, number")
        for name, kind, number, row in rows:
            history = accounts[name].histories.setdefault(kind, [])
            history.append((number, msgspec.json.decode(row, type=HISTORIES[kind].row)))
        return EngineState(floor, accounts)

    # --- writing ---------------------------------------------------------------------------------------------

    def save(self, changes: Iterable[AccountChange], floor: FloorState | None = None) -> None:
        """All of it or nothing. Raises ``StateError``."""
        database = self._database
        try:
            database.execute("BEGIN IMMEDIATE")
            try:
                for change in changes:
                    _write(database, change)
                if floor is not None:
                    _put(database, "INSERT OR REPLACE INTO floor VALUES (1, ?)", floor)
                database.execute("COMMIT")
                self.has_log = True
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StateError(f"{self.path} cannot be written: {error}") from None

    def checkpoint(self) -> None:
        """Move what was written from the log into the database. May be called from any thread, and waits for nobody."""
        self.has_log = False
        with contextlib.suppress(sqlite3.Error):  # a full disk is told by ``save``
            beside = sqlite3.connect(self.path, timeout=0)
            with contextlib.closing(beside):
                beside.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _write(database: sqlite3.Connection, change: AccountChange) -> None:
    _put(database, "INSERT OR REPLACE INTO account VALUES (?, ?)", change.head, change.name)
    for order_id, order in change.orders.items():
        if order is None:
            database.execute("DELETE FROM live WHERE account = ? AND order_id = ?", (change.name, order_id))
        else:
            _put(
                database,
                "INSERT INTO live (account, order_id, row) VALUES (?, ?, ?) "
                "ON CONFLICT (account, order_id) DO UPDATE SET row = excluded.row",
                order,
                change.name,
                order_id,
            )
    for kind, rows in change.histories.items():
        for number, row in rows:
            _put(database, "INSERT INTO history VALUES (?, ?, ?, ?)", row, change.name, kind, number)
            if number % _TRIM_EVERY == 0:
                oldest = number - HISTORIES[kind].limit
                database.execute(
                    "DELETE FROM history WHERE account = ? AND kind = ? AND number <= ?", (change.name, kind, oldest)
                )


def _put(database: sqlite3.Connection, statement: str, row: Any, *key: str | int) -> None:
    database.execute(statement, (*key, msgspec.json.encode(row)))


class Keeper:
    """Writes what an engine changed. A full disk must not stop the market: it is told once, and nothing is forgotten
    until it has been written.
    """

    def __init__(self, file: StateFile, engine: Engine, complain: Callable[[str], None]) -> None:
        self._file = file
        self._engine = engine
        self._complain = complain
        self._failing = False

    def keep(self) -> None:
        """Everything that has changed of accounts."""
        self._save(whole=False)

    def keep_all(self) -> None:
        """And prices, time, and what accrues to open positions."""
        self._save(whole=True)

    def _save(self, *, whole: bool) -> None:
        try:
            self._file.save(self._engine.changes(accruing=whole), self._engine.floor_state() if whole else None)
        except StateError as error:
            if not self._failing:
                self._complain(str(error))
            self._failing = True
        else:
            self._engine.settle()
            self._failing = False

    async def run(self) -> None:
        """Ends only by cancellation."""
        loop = asyncio.get_running_loop()
        due = loop.time() + PERIOD_S
        while True:
            await asyncio.sleep(CHECKPOINT_S)
            if self._file.has_log:
                await asyncio.to_thread(self._file.checkpoint)
            if loop.time() >= due:
                due = loop.time() + PERIOD_S
                self.keep_all()


def _locked(descriptor: int) -> bool:
    """Take the lock if it is free. The operating system releases it however the process ends."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - exists there only

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - exists elsewhere only

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
