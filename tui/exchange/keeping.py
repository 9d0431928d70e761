"""Bounded histories whose rows are numbered, so that each is written down once.

Invariant: rows are numbered 1, 2, 3 ... for ever, across restarts; the newest ``limit`` are held.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The newest ``limit`` values, oldest first; ``fresh`` are those that nobody has written down yet."""

    def __init__(self, limit: int) -> None:
        self._values: deque[T] = deque(maxlen=limit)
        self._fresh: deque[tuple[int, T]] = deque(maxlen=limit)
        self._last = 0

    def append(self, value: T) -> None:
        self._last += 1
        self._values.append(value)
        self._fresh.append((self._last, value))

    def restore(self, rows: Iterable[tuple[int, T]]) -> None:
        """Rows with their numbers, oldest first, that were written down before."""
        for number, value in rows:
            self._last = number
            self._values.append(value)

    def __iter__(self) -> Iterator[T]:
        return iter(self._values)

    def __reversed__(self) -> Iterator[T]:
        return reversed(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def fresh(self) -> tuple[tuple[int, T], ...]:
        """Number and row, oldest first."""
        return tuple(self._fresh)

    def settle(self) -> None:
        """They have been written down."""
        self._fresh.clear()
