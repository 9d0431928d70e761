"""The private feeds of one connection: prove who we are, wait for every first frame, notice silence.

Invariant: nothing of a feed is passed on before its first full frame of this connection; deltas that overtake it
wait, in a bounded buffer. The link is ready when orders, fills, positions and balances have all spoken.

The classic fault of this venue's clients is that after a reconnect the public feeds flow and the private ones stay
silent. So silence has a clock: first frames that do not come, and a long private silence on a ready link (answered by
asking for the positions anew, whose every frame is complete), lead to a new challenge, then to a new connection.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from tui.client.credentials import Credentials
from tui.model.events import Event, FeedGap
from tui.wire.derivatives import frames as wire
from tui.wire.derivatives.feeds import Event as Word
from tui.wire.derivatives.feeds import Feed
from tui.wire.derivatives.signing import sign_challenge

ORDERS_FEED: Final = Feed.OPEN_ORDERS_VERBOSE
"""Everything ``open_orders`` says, and also post-only orders that were refused: with it an order whose answer was
lost is settled by the stream. Subscribing to both would only say everything twice."""

FIRST_FRAME_WAIT_MS: Final = 10_000
REFUSED_WAIT_MS: Final = 60_000
SILENCE_MS: Final = 45_000
BUFFER: Final = 5_000
MOST_GAPS: Final = 3


class Kind(Struct, frozen=True):
    """Which feed a frame belongs to, and whether it is a first, whole frame."""

    feed: Feed
    whole: bool


KINDS: Final[dict[type, Kind]] = {
    wire.OpenOrdersSnapshotFrame: Kind(Feed.OPEN_ORDERS, whole=True),
    wire.OpenOrdersFrame: Kind(Feed.OPEN_ORDERS, whole=False),
    wire.OpenOrdersVerboseSnapshotFrame: Kind(Feed.OPEN_ORDERS_VERBOSE, whole=True),
    wire.OpenOrdersVerboseFrame: Kind(Feed.OPEN_ORDERS_VERBOSE, whole=False),
    wire.FillsSnapshotFrame: Kind(Feed.FILLS, whole=True),
    wire.FillsFrame: Kind(Feed.FILLS, whole=False),
    wire.OpenPositionsFrame: Kind(Feed.OPEN_POSITIONS, whole=True),
    wire.BalancesSnapshotFrame: Kind(Feed.BALANCES, whole=True),
    wire.BalancesFrame: Kind(Feed.BALANCES, whole=False),
    wire.AccountLogSnapshotFrame: Kind(Feed.ACCOUNT_LOG, whole=True),
    wire.AccountLogFrame: Kind(Feed.ACCOUNT_LOG, whole=False),
    wire.NotificationsFrame: Kind(Feed.NOTIFICATIONS, whole=True),
}


class PrivateFeeds:
    def __init__(self, credentials: Credentials, orders_feed: Feed = ORDERS_FEED) -> None:
        self._credentials = credentials
        self._feeds = (
            orders_feed,
            Feed.FILLS,
            Feed.OPEN_POSITIONS,
            Feed.BALANCES,
            Feed.ACCOUNT_LOG,
            Feed.NOTIFICATIONS,
        )
        self._vital = frozenset({orders_feed, Feed.FILLS, Feed.OPEN_POSITIONS, Feed.BALANCES})
        self._challenge = ""
        self._missing: set[Feed] = set()
        self._buffers: dict[Feed, list[Event]] = {}
        self._seq: dict[Feed, int] = {}
        self._gaps: dict[Feed, int] = {}
        self._due_ms: int | None = None
        self._asked_again = False
        self._refused = False
        self._last_ms = 0
        self.ready = False
        self.broken: str | None = None

    def opened(self, now_ms: int) -> list[wire.Request]:
        """A new connection: a new challenge, everything to be asked for."""
        self._challenge = ""
        self._missing = set(self._feeds)
        self._buffers.clear()
        self._seq.clear()
        self._gaps.clear()
        self._refused = self._asked_again = self.ready = False
        self.broken = None
        self._last_ms = now_ms
        return self._authenticate(now_ms)

    def challenged(self, challenge: str) -> list[wire.Request]:
        """Sign, and subscribe whatever has not spoken yet."""
        self._challenge = challenge
        self._refused = False
        return [self._ask(Word.SUBSCRIBE, feed) for feed in self._feeds if feed in self._missing]

    def refused(self, now_ms: int) -> bool:
        """The venue refused the keys; ask again in a minute. True the first time after a challenge: it says so once
        per feed.
        """
        first, self._refused = not self._refused, True
        self._due_ms = now_ms + REFUSED_WAIT_MS
        return first

    def accept(self, frame: wire.Data, event: Event, now_ms: int) -> tuple[list[Event], list[wire.Request]]:
        """Events that may be passed on, and requests that the frame makes necessary."""
        kind = KINDS[type(frame)]
        self._last_ms = now_ms
        if kind.feed in self._missing:
            if not kind.whole:
                self._keep(kind.feed, event)
                return [], []
            self._arrived(kind.feed)
            self._gap(kind.feed, frame)  # the first frame begins the count
            return [event, *self._buffers.pop(kind.feed, ())], []
        gap = self._gap(kind.feed, frame)
        if gap is None:
            return [event], []
        return [event, gap], self._again(kind.feed, now_ms)

    def tick(self, now_ms: int) -> list[wire.Request]:
        """Call about once a second. Sets ``broken`` when only a new connection can help."""
        if self._due_ms is not None:
            if now_ms < self._due_ms:
                return []
            if self._refused or not self._asked_again:
                self._asked_again = True
                return self._authenticate(now_ms)
            self.broken = "the private feeds are silent"
            return []
        if now_ms - self._last_ms > SILENCE_MS:
            return self._again(Feed.OPEN_POSITIONS, now_ms)
        return []

    def _authenticate(self, now_ms: int) -> list[wire.Request]:
        self._due_ms = now_ms + FIRST_FRAME_WAIT_MS
        return [wire.Request(event=Word.CHALLENGE, api_key=self._credentials.api_key)]

    def _ask(self, word: Word, feed: Feed) -> wire.Request:
        return wire.Request(
            event=word,
            feed=feed,
            api_key=self._credentials.api_key,
            original_challenge=self._challenge,
            signed_challenge=sign_challenge(self._challenge, self._credentials.secret),
        )

    def _again(self, feed: Feed, now_ms: int) -> list[wire.Request]:
        """The challenge of a connection serves all its requests."""
        self._missing.add(feed)
        self._seq.pop(feed, None)
        self._due_ms = now_ms + FIRST_FRAME_WAIT_MS
        return [self._ask(Word.UNSUBSCRIBE, feed), self._ask(Word.SUBSCRIBE, feed)]

    def _arrived(self, feed: Feed) -> None:
        self._missing.discard(feed)
        if not self._vital & self._missing:
            self.ready = True
            self._due_ms = None
            self._asked_again = False

    def _keep(self, feed: Feed, event: Event) -> None:
        buffer = self._buffers.setdefault(feed, [])
        buffer.append(event)
        if len(buffer) > BUFFER:
            self.broken = f"{feed} sends changes and no first frame"

    def _gap(self, feed: Feed, frame: wire.Data) -> FeedGap | None:
        """Balances and positions number their messages within a subscription, it seems; if the numbers keep jumping
        they mean something else, and are ignored for the rest of the connection.
        """
        if not isinstance(frame, (wire.OpenPositionsFrame, wire.BalancesFrame)) or frame.seq is None:
            return None
        last = self._seq.get(feed)
        self._seq[feed] = frame.seq
        if last is None or frame.seq <= last + 1 or self._gaps.get(feed, 0) >= MOST_GAPS:
            return None
        self._gaps[feed] = self._gaps.get(feed, 0) + 1
        return FeedGap(feed, None, expected=last + 1, received=frame.seq)
