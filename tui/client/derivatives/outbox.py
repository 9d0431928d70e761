"""Requests on their way to the socket, at a pace the venue allows.

Invariant: private requests overtake public ones, and no more than ``PER_SECOND`` leave in any second (the venue allows
100 on a connection; Kraken docs, WebSocket limits).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from tui.wire.derivatives.codec import encode
from tui.wire.derivatives.frames import Request

PER_SECOND = 80


class Outbox:
    def __init__(self) -> None:
        self._urgent: deque[Request] = deque()
        self._later: deque[Request] = deque()
        self._sent_ms: deque[int] = deque(maxlen=PER_SECOND)

    def __bool__(self) -> bool:
        return bool(self._urgent or self._later)

    def urgent(self, requests: Iterable[Request]) -> None:
        self._urgent.extend(requests)

    def later(self, requests: Iterable[Request]) -> None:
        self._later.extend(requests)

    def clear(self) -> None:
        """A new connection: what was meant for the old one is void."""
        self._urgent.clear()
        self._later.clear()
        self._sent_ms.clear()

    def take(self, now_ms: int) -> list[bytes]:
        """What may be sent now. Call again a little later while the outbox is true."""
        frames: list[bytes] = []
        while self and self._allowed(now_ms):
            queue = self._urgent or self._later
            frames.append(encode(queue.popleft()))
            self._sent_ms.append(now_ms)
        return frames

    def _allowed(self, now_ms: int) -> bool:
        full = len(self._sent_ms) == PER_SECOND
        return not full or not 0 <= now_ms - self._sent_ms[0] < 1000
