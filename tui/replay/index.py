"""What a recording holds, found by one look through it: how long it is, and which questions it can answer.

Bodies and frames stay in the file. Invariant: a question gets an answer only if that answer was asked for no earlier
than the question, or if nothing private was said in between; else old news would be taken for new.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from urllib.parse import parse_qsl

from msgspec import Struct

from tui.wire.derivatives.routes import SEND_ORDER
from tui.wire.recording import Answered, Asked, Failed, Frame, Recording, Row, public_part

LATE_MS = 2_000
EARLY_MS = 5_000

_NAMES_OF_ORDERS = frozenset({"cliOrdId", "orderId", "order_id"})

Key = tuple[str, str, tuple[str, ...]]


class Exchanged(Struct):
    """One recorded request. ``over_ms`` None: the recording ends before its outcome."""

    number: int
    asked_ms: int
    over_ms: int | None = None


def key_of(method: str, path: str, query: str, form: str | None) -> Key:
    """Questions of one kind: values such as a time may differ, the names of what is given may not. An act on an order
    is known by the order.
    """
    given = parse_qsl(form or query, keep_blank_values=True)
    orders = {f"{name}={value}" for name, value in given if name in _NAMES_OF_ORDERS}
    return method, path, tuple(sorted(orders or {name for name, _ in given}))


class Index:
    """``first_ms`` and ``last_ms`` bound the recording, ``ending`` says how it ended. ``claim`` hands out each recorded
    request once.
    """

    def __init__(self, recording: Recording) -> None:
        self.first_ms = self.last_ms = recording.header.started_ms
        self.ending = ""
        self._exchanges: dict[Key, deque[Exchanged]] = {}
        self._private_ms: list[int] = []
        self._sent: list[tuple[int, str]] = []
        self._read(recording)

    @property
    def length_ms(self) -> int:
        return self.last_ms - self.first_ms

    def claim(self, key: Key, now_ms: int) -> Exchanged | None:
        """The recorded request that this one is. None if there is none, or not for a while: that one is another."""
        found = self.next(key, now_ms)
        if found is None or found.asked_ms - now_ms > EARLY_MS:
            return None
        return self._exchanges[key].popleft()

    def next(self, key: Key, now_ms: int) -> Exchanged | None:
        """The next that can be handed out, however far away it is."""
        waiting = self._exchanges.get(key, deque[Exchanged]())
        while waiting and waiting[0].asked_ms < now_ms and not self._still_true(waiting[0].asked_ms, now_ms):
            waiting.popleft()
        return waiting[0] if waiting else None

    def next_client_order_id(self, now_ms: int) -> str | None:
        """The id of the first order that was sent at this time or later."""
        place = bisect_left(self._sent, (now_ms, ""))
        return self._sent[place][1] if place < len(self._sent) else None

    def _still_true(self, asked_ms: int, now_ms: int) -> bool:
        place = bisect_left(self._private_ms, asked_ms)
        quiet = place == len(self._private_ms) or self._private_ms[place] > now_ms
        return quiet and now_ms - asked_ms <= LATE_MS

    def _read(self, recording: Recording) -> None:
        found: dict[Key, list[Exchanged]] = {}
        open_ones: dict[int, Exchanged] = {}
        for row in recording.rows():
            self.last_ms = max(self.last_ms, row.at_ms)
            if isinstance(row, Asked):
                exchange = open_ones[row.number] = Exchanged(row.number, row.at_ms)
                found.setdefault(key_of(row.method, row.path, row.query, row.form), []).append(exchange)
                if row.path == SEND_ORDER.path:
                    self._sent.append((row.at_ms, dict(parse_qsl(row.form or "")).get("cliOrdId", "")))
            elif isinstance(row, Answered | Failed):
                if row.number in open_ones:
                    open_ones.pop(row.number).over_ms = row.at_ms
            elif is_private(row):
                self._private_ms.append(row.at_ms)
        self.ending = recording.ending
        self._exchanges = {key: deque(exchanges) for key, exchanges in found.items()}


def is_private(row: Row) -> bool:
    """A frame that says something of the account."""
    return isinstance(row, Frame) and row.way == "in" and not any(public_part((row,)))
