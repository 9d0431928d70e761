"""Bounded histories that are cheap to save: each row is turned into JSON once, when it is added.

An account may be saved several times a second; writing thousands of old rows anew each time would stall the
exchange. Invariant: the encoded rows are the values, in the same order.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Kept(Generic[T]):
    """The newest ``limit`` values, oldest first."""

    def __init__(self, limit: int) -> None:
        self._values: deque[T] = deque(maxlen=limit)
        self._encoded: deque[msgspec.Raw] = deque(maxlen=limit)

    def append(self, value: T) -> None:
        self._values.append(value)
        self._encoded.append(msgspec.Raw(msgspec.json.encode(value)))

    def extend(self, values: Iterable[T]) -> None:
        for value in values:
            self.append(value)

    def __iter__(self) -> Iterator[T]:
        return iter(self._values)

    def __reversed__(self) -> Iterator[T]:
        return reversed(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def encoded(self) -> list[msgspec.Raw]:
        """The rows as JSON."""
        return list(self._encoded)
