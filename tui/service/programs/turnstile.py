"""Who on this machine looks after the programs of a journal, and who trades on an account: one at a time.

Invariant: a lock goes with the process that holds it, however it ends; where the system has no locks nobody is kept
out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


def only_keeper(journal: Path) -> AbstractContextManager[bool]:
    """Inside, whether nobody else keeps the programs of this journal; True keeps others out until the end."""
    return only_one(journal.with_suffix(".keeper"))


def only_trader(journal: Path) -> AbstractContextManager[bool]:
    """Inside, whether this desk has the trading seat of the account of this journal; True keeps others out of it."""
    return only_one(journal.with_suffix(".seat"))


@contextmanager
def only_one(path: Path) -> Iterator[bool]:
    """Inside, whether this process has the lock on ``path``, which is an empty file. Raises OSError."""
    try:
        import fcntl  # noqa: PLC0415 - exists on some systems only
    except ImportError:
        yield True
        return
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
