"""Which program on this machine looks after the programs of a journal: one at a time.

Invariant: the lock goes with the process that holds it, however it ends; where the system has no locks nobody is kept
out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_keeper(journal: Path) -> Iterator[bool]:
    """Inside, whether nobody else keeps the programs of this journal; True keeps others out until the end."""
    try:
        import fcntl  # noqa: PLC0415 - exists on some systems only
    except ImportError:
        yield True
        return
    descriptor = os.open(journal.with_suffix(".keeper"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
