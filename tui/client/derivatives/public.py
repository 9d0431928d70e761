"""The public feeds of one connection: which are wanted, which were asked for, and whether each book is whole.

Invariant: a book delta is passed on only if it is the very next one after what was passed on before. A gap drops the
book until its new snapshot; the feed is unsubscribed first, because a bare second subscribe earns only an alert
(seen in two other clients of this venue). One product per request: a request for several was seen to fail whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from tui.model.events import BookDelta, BookSnapshot, Event, FeedGap
from tui.wire.derivatives.feeds import Event as Word
from tui.wire.derivatives.feeds import Feed
from tui.wire.derivatives.frames import Request

SNAPSHOT_WAIT_MS = 10_000

Key = tuple[Feed, str]


class PublicFeeds:
    def __init__(self) -> None:
        self._wanted: set[Key] = set()
        self._asked: set[Key] = set()
        self._seq: dict[str, int] = {}
        self._awaiting: dict[str, int] = {}

    @property
    def watches_tickers(self) -> bool:
        return any(feed is Feed.TICKER for feed, _ in self._wanted)

    def want(self, tickers: Iterable[str], depth: Iterable[str]) -> None:
        books = set(depth)
        self._wanted = {(Feed.TICKER, symbol) for symbol in tickers}
        self._wanted |= {(feed, symbol) for symbol in books for feed in (Feed.BOOK, Feed.TRADE)}

    def opened(self, now_ms: int) -> list[Request]:
        """A new connection holds nothing. The heartbeat shows that data flows even when no market moves."""
        self._asked.clear()
        self._seq.clear()
        self._awaiting.clear()
        return [Request(event=Word.SUBSCRIBE, feed=Feed.HEARTBEAT), *self.changes(now_ms)]

    def changes(self, now_ms: int) -> list[Request]:
        """Requests that turn what was asked for into what is wanted."""
        dropped, added = self._asked - self._wanted, self._wanted - self._asked
        self._asked = set(self._wanted)
        for feed, symbol in dropped:
            if feed is Feed.BOOK:
                self._seq.pop(symbol, None)
                self._awaiting.pop(symbol, None)
        for feed, symbol in added:
            if feed is Feed.BOOK:
                self._awaiting[symbol] = now_ms
        return [_ask(Word.UNSUBSCRIBE, key) for key in sorted(dropped)] + [
            _ask(Word.SUBSCRIBE, key) for key in sorted(added)
        ]

    def snapshot(self, event: BookSnapshot) -> list[Event]:
        if (Feed.BOOK, event.symbol) not in self._asked:
            return []
        self._seq[event.symbol] = event.seq
        self._awaiting.pop(event.symbol, None)
        return [event]

    def delta(self, event: BookDelta, now_ms: int) -> tuple[list[Event], list[Request]]:
        """Deltas before the snapshot and repeated ones are dropped."""
        seq = self._seq.get(event.symbol)
        if seq is None or event.seq <= seq:
            return [], []
        if event.seq == seq + 1:
            self._seq[event.symbol] = event.seq
            return [event], []
        gap = FeedGap(Feed.BOOK, event.symbol, expected=seq + 1, received=event.seq)
        return [gap], self._again(event.symbol, now_ms)

    def refused(self, symbol: str) -> None:
        """The venue does not know the product: not waited for on this connection."""
        self._awaiting.pop(symbol, None)

    def overdue(self, now_ms: int) -> list[Request]:
        """Ask again for books whose snapshot has not come."""
        late = [symbol for symbol, since_ms in self._awaiting.items() if now_ms - since_ms > SNAPSHOT_WAIT_MS]
        return [request for symbol in late for request in self._again(symbol, now_ms)]

    def _again(self, symbol: str, now_ms: int) -> list[Request]:
        self._seq.pop(symbol, None)
        self._awaiting[symbol] = now_ms
        key = (Feed.BOOK, symbol)
        return [_ask(Word.UNSUBSCRIBE, key), _ask(Word.SUBSCRIBE, key)]


def _ask(word: Word, key: Key) -> Request:
    return Request(event=word, feed=key[0], product_ids=[key[1]])
