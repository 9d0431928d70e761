"""The feed session without a socket: frames and time in; events, requests and a verdict out.

Invariant: no await, no clock, no network; whatever arrives, ``receive`` returns events and never raises. A shell
(``feed.py``) moves bytes, calls ``tick`` about once a second, and reconnects when ``broken`` says why.
``now_ms`` is epoch time of this machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import DecimalException
from typing import Final

from tui.client.credentials import Credentials
from tui.client.derivatives.outbox import Outbox
from tui.client.derivatives.parse import frames as parse
from tui.client.derivatives.private import KINDS, ORDERS_FEED, PrivateFeeds
from tui.client.derivatives.public import PublicFeeds
from tui.model.events import (
    BookDelta,
    BookSnapshot,
    Event,
    FeedRefused,
    FeedSubscribed,
    FrameUnreadable,
    LinkLost,
    LinkOpened,
    LinkReady,
)
from tui.wire.derivatives import frames as wire
from tui.wire.derivatives.codec import MalformedError, decode_frame
from tui.wire.derivatives.feeds import PRIVATE_FEEDS, Feed
from tui.wire.derivatives.feeds import Event as Word
from tui.wire.derivatives.outcomes import Alert

SILENCE_MS: Final = 20_000
JUMP_MS: Final = 15_000

_BENIGN: Final = frozenset({Alert.ALREADY_SUBSCRIBED, Alert.NOT_SUBSCRIBED})
_FEED_NAME: Final = re.compile(rb'"feed"\s*:\s*"([a-z_]+)"')
_PRODUCT: Final = re.compile("invalid product `([^`]+)`")
_PRIVATE_NAMES: Final = frozenset(str(feed) for feed in PRIVATE_FEEDS)


class Session:
    """``credentials`` None: public feeds only. ``epoch`` counts connections."""

    def __init__(self, credentials: Credentials | None, orders_feed: Feed = ORDERS_FEED) -> None:
        self._public = PublicFeeds()
        self._private = PrivateFeeds(credentials, orders_feed) if credentials is not None else None
        self._outbox = Outbox()
        self._last_data_ms: int | None = None
        self._last_tick_ms = 0
        self._announced = self._connected = False
        self._broken: str | None = None
        self.epoch = 0

    @property
    def broken(self) -> str | None:
        """Why this connection should be given up, None while it should not."""
        return self._broken or (self._private.broken if self._private else None)

    @property
    def ready(self) -> bool:
        return self._announced

    def watch(self, tickers: Iterable[str], depth: Iterable[str], now_ms: int) -> None:
        self._public.want(tickers, depth)
        if self._connected:
            self._outbox.later(self._public.changes(now_ms))

    def opened(self, now_ms: int) -> list[Event]:
        """A connection exists. Public feeds do not wait for authentication."""
        self.epoch += 1
        self._connected = True
        self._broken = None
        self._last_data_ms = None
        self._last_tick_ms = now_ms
        self._announced = False
        self._outbox.clear()
        if self._private is not None:
            self._outbox.urgent(self._private.opened(now_ms))
        self._outbox.later(self._public.opened(now_ms))
        return [LinkOpened(self.epoch), *self._readiness()]

    def lost(self, reason: str, retry_in_ms: int) -> LinkLost:
        self._connected = self._announced = False
        return LinkLost(self.epoch, reason, retry_in_ms)

    def outgoing(self, now_ms: int) -> list[bytes]:
        """Frames to send now."""
        return self._outbox.take(now_ms) if self._outbox else []

    def receive(self, raw: bytes, now_ms: int) -> Sequence[Event]:
        try:
            frame = decode_frame(raw)
            if type(frame) is wire.TickerFrame:
                self._last_data_ms = now_ms
                return (parse.ticker(frame, now_ms),)
            if isinstance(frame, wire.Control):
                return self._control(frame, now_ms)
            if isinstance(frame, wire.Unknown):
                return (_unreadable(raw, "a feed this program does not know"),)
            self._last_data_ms = now_ms
            return self._data(frame, now_ms)
        except MalformedError as error:
            return (_unreadable(raw, str(error)),)
        except (DecimalException, ValueError, OverflowError) as error:
            return (_unreadable(raw, f"{type(error).__name__}: {error}"),)

    def tick(self, now_ms: int) -> None:
        """Let time pass: ask again for what did not come, and judge the connection."""
        elapsed_ms, self._last_tick_ms = now_ms - self._last_tick_ms, now_ms
        if abs(elapsed_ms) > JUMP_MS:
            self._broken = "the clock jumped: the computer slept or was set"
        elif self._is_silent(now_ms):
            self._broken = f"no data for {SILENCE_MS // 1000} s"
        self._outbox.later(self._public.overdue(now_ms))
        if self._private is not None:
            self._outbox.urgent(self._private.tick(now_ms))

    def _is_silent(self, now_ms: int) -> bool:
        """Judged by content, not by the socket; tickers of a live market come every second or so."""
        last = self._last_data_ms
        return last is not None and self._public.watches_tickers and now_ms - last > SILENCE_MS

    def _data(self, frame: wire.Data, now_ms: int) -> Sequence[Event]:
        event = parse.event(frame, now_ms)
        if event is None:
            return ()
        if isinstance(event, BookDelta):
            events, requests = self._public.delta(event, now_ms)
            self._outbox.later(requests)
            return events
        if isinstance(event, BookSnapshot):
            return self._public.snapshot(event)
        if type(frame) in KINDS and self._private is not None:
            events, requests = self._private.accept(frame, event, now_ms)
            self._outbox.urgent(requests)
            return [*events, *self._readiness()]
        return (event,)

    def _readiness(self) -> list[Event]:
        if self._announced or (self._private is not None and not self._private.ready):
            return []
        self._announced = True
        return [LinkReady(self.epoch)]

    def _control(self, frame: wire.Control, now_ms: int) -> Sequence[Event]:
        message = frame.message or ""
        if frame.event == Word.CHALLENGE:
            if self._private is not None and message:
                self._outbox.urgent(self._private.challenged(message))
            return ()
        if frame.event == Word.SUBSCRIBED and frame.feed:
            return [FeedSubscribed(frame.feed, product) for product in frame.product_ids or (None,)]
        if frame.event in (Word.ALERT, Word.ERROR, Word.SUBSCRIBED_FAILED, Word.UNSUBSCRIBED_FAILED):
            return self._refusal(frame, message, now_ms)
        return ()

    def _refusal(self, frame: wire.Control, message: str, now_ms: int) -> Sequence[Event]:
        if message in _BENIGN:
            return ()
        if self._private is not None and _concerns_keys(frame, message):
            if not self._private.refused(now_ms):
                return ()
            return (FeedRefused(frame.feed, message or "refused", private=True),)
        if product := _PRODUCT.search(message):
            self._public.refused(product[1])
        return (FeedRefused(frame.feed, message or frame.event),)


def _concerns_keys(frame: wire.Control, message: str) -> bool:
    return message == Alert.AUTHENTICATION_FAILED or frame.feed in _PRIVATE_NAMES


def _unreadable(raw: bytes, detail: str) -> FrameUnreadable:
    """A frame that names no feed may have been private: better one refresh too many."""
    found = _FEED_NAME.search(raw[:65536])
    name = found[1].decode().removesuffix("_snapshot") if found else None
    return FrameUnreadable(name, detail, private=name is None or name in _PRIVATE_NAMES)
