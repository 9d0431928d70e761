"""Who listens to what.

No I/O: a ``Subscriber`` is a bounded queue of text that the socket's writer empties. Invariants: the frames of one
topic leave in the order in which they were sent; a reader that falls behind by more than its bound is marked
``overflowed`` and gets nothing more, it never makes the queue grow.
"""

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, ParamSpec

from tui.exchange.render_orders import Json
from tui.wire.derivatives.codec import encode

P = ParamSpec("P")

Topic = tuple[str, str | None]
"""Feed, and the product or the account it speaks of."""


WAITING_LIMIT: Final = 8_000_000
"""Characters that may wait for one connection, however few frames they are."""


@dataclass(eq=False, slots=True)
class Subscriber:
    """One connection. ``wake`` is called when there is something to send or the queue has overflowed; ``limit`` is in
    frames, ``waiting`` counts characters.
    """

    limit: int
    wake: Callable[[], None]
    outbox: deque[str] = field(default_factory=deque)
    waiting: int = 0
    overflowed: bool = False
    counters: dict[str, int] = field(default_factory=dict)
    fill_products: frozenset[str] | None = None

    def push(self, frame: str) -> None:
        if self.overflowed:
            return
        self.waiting += len(frame)
        if len(self.outbox) >= self.limit or self.waiting > WAITING_LIMIT:
            self.overflowed = True
            self.outbox.clear()
        else:
            self.outbox.append(frame)
        self.wake()

    def pop(self) -> str:
        """The frame that has waited longest, to be sent."""
        frame = self.outbox.popleft()
        self.waiting -= len(frame)
        return frame

    def next_count(self, feed: str) -> int:
        """0 for the first frame of a subscription, then one more each time."""
        count = self.counters.get(feed, 0)
        self.counters[feed] = count + 1
        return count


def text(frame: Json) -> str:
    return encode(frame).decode()


class Board:
    """Every subscription there is; who came first is told first."""

    def __init__(self) -> None:
        self._topics: dict[Topic, dict[Subscriber, None]] = {}

    def members(self, topic: Topic) -> Collection[Subscriber]:
        return self._topics.get(topic, ())

    def topics_of(self, feeds: Collection[str]) -> list[Topic]:
        """Those of these feeds that anybody listens to."""
        return [topic for topic in self._topics if topic[0] in feeds]

    def add(self, subscriber: Subscriber, topic: Topic) -> None:
        self._topics.setdefault(topic, {})[subscriber] = None

    def remove(self, subscriber: Subscriber, topic: Topic) -> None:
        members = self._topics.get(topic, {})
        members.pop(subscriber, None)
        if not members:
            self._topics.pop(topic, None)

    def leave(self, subscriber: Subscriber) -> None:
        for topic in [topic for topic, members in self._topics.items() if subscriber in members]:
            self.remove(subscriber, topic)

    def holds(self, subscriber: Subscriber, feeds: Collection[str]) -> bool:
        """Whether it listens to any of these feeds."""
        return any(feed in feeds and subscriber in members for (feed, _), members in self._topics.items())

    def send(self, topic: Topic, render: Callable[P, Json], *args: P.args, **kwargs: P.kwargs) -> None:
        """Renders only if somebody listens, and once for all who do."""
        members = self._topics.get(topic)
        if members:
            encoded = text(render(*args, **kwargs))
            for member in members:
                member.push(encoded)
