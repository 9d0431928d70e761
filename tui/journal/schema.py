"""The journal file's tables, and the road from an older file to this one.

Invariant: ``user_version`` is the number of migrations applied; each runs in one transaction, so a file is at one
version or at the next and never between. A published migration is never edited; a change is a new one.
"""

from __future__ import annotations

import sqlite3

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE acts (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        at_ms INTEGER NOT NULL,
        kind TEXT NOT NULL,
        symbol TEXT,
        client_order_id TEXT,
        what TEXT NOT NULL,
        request TEXT NOT NULL,
        verdict TEXT,
        status TEXT NOT NULL DEFAULT '',
        text TEXT NOT NULL DEFAULT '',
        order_id TEXT,
        settled_ms INTEGER
    );
    CREATE UNIQUE INDEX one_send ON acts (client_order_id) WHERE kind IN ('send', 'flatten');
    CREATE INDEX pending ON acts (number) WHERE verdict IS NULL OR verdict = 'unknown';
    CREATE TABLE fills (fill_id TEXT PRIMARY KEY, time_ms INTEGER NOT NULL, fill TEXT NOT NULL);
    CREATE INDEX fills_by_time ON fills (time_ms);
    """,
    """
    CREATE TABLE programs (id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, kept TEXT NOT NULL, ended INTEGER NOT NULL);
    CREATE INDEX running ON programs (at_ms) WHERE NOT ended;
    """,
)
VERSION = len(MIGRATIONS)


def version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection) -> None:
    """Bring an older (or empty) file to ``VERSION``."""
    for number in range(version_of(connection), VERSION):
        script = f"BEGIN IMMEDIATE; {MIGRATIONS[number]} PRAGMA user_version = {number + 1}; COMMIT;"
        try:
            connection.executescript(script)
        except sqlite3.Error:
            if connection.in_transaction:
                connection.rollback()
            raise
