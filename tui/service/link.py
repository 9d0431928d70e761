"""The stream's state, how each feed does, and how old each slice of state is.

Invariant: the link is LIVE only when every private feed has spoken on this connection *and* a REST refresh asked after
that has landed; anything less is stale, however many frames arrive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from tui.model.state import Age, FeedHealth, Link, LinkStatus, Slice

SILENT_MS = 60_000


@dataclass(slots=True)
class _Feed:
    subscribed: bool = False
    last_ms: int | None = None
    frames: int = 0
    gaps: int = 0
    error: str = ""


class LinkLedger:
    """Owned by the reducer."""

    def __init__(self) -> None:
        self.link = Link()
        self._ready_n: int | None = None
        self._last_ms: int | None = None

    def view(self) -> Link:
        if self.link.last_frame_ms != self._last_ms:
            self.link = replace(self.link, last_frame_ms=self._last_ms)
        return self.link

    def heard(self, now_ms: int) -> None:
        """Anything arrived: a frame or the answer to a ping."""
        self._last_ms = now_ms

    def pulse(self, round_trip_ms: int, now_ms: int) -> None:
        self.heard(now_ms)
        self.link = replace(self.link, round_trip_ms=round_trip_ms)

    def opened(self, epoch: int, now_ms: int) -> None:
        self._ready_n = None
        reconnects = self.link.reconnects + (1 if self.link.epoch else 0)
        self._become(LinkStatus.STALE, now_ms, "subscribing", epoch=epoch, reconnects=reconnects)

    def ready(self, n: int, now_ms: int) -> None:
        self._ready_n = n
        self._become(LinkStatus.STALE, now_ms, "comparing with REST")

    def lost(self, reason: str, retry_in_ms: int, now_ms: int) -> None:
        self._ready_n = None
        self._become(LinkStatus.DOWN, now_ms, reason, retry_at_ms=now_ms + retry_in_ms)

    def refreshed(self, sent_n: int, now_ms: int) -> bool:
        """A whole refresh, asked at ``sent_n``, has landed. True if that made the link live."""
        if self._ready_n is None or sent_n < self._ready_n or self.link.status is LinkStatus.LIVE:
            return False
        if self._is_silent(now_ms):
            return False
        self._become(LinkStatus.LIVE, now_ms, "")
        return True

    def silent(self, now_ms: int) -> bool:
        """True if a live link has just been silent for too long to be called live."""
        if self.link.status is not LinkStatus.LIVE or not self._is_silent(now_ms):
            return False
        self._become(LinkStatus.STALE, now_ms, f"silent for {SILENT_MS // 1000} s")
        return True

    def _is_silent(self, now_ms: int) -> bool:
        return self._last_ms is not None and now_ms - self._last_ms >= SILENT_MS

    def _become(
        self,
        status: LinkStatus,
        now_ms: int,
        reason: str,
        *,
        epoch: int | None = None,
        reconnects: int | None = None,
        retry_at_ms: int | None = None,
    ) -> None:
        self.link = replace(
            self.link,
            status=status,
            since_ms=now_ms,
            reason=reason,
            retry_at_ms=retry_at_ms,
            epoch=self.link.epoch if epoch is None else epoch,
            reconnects=self.link.reconnects if reconnects is None else reconnects,
        )


class FeedLedger:
    """Frames, gaps and refusals by feed name."""

    def __init__(self) -> None:
        self._feeds: dict[str, _Feed] = {}
        self.messages = 0

    def frame(self, name: str, now_ms: int) -> None:
        self.messages += 1
        feed = self._feeds.get(name) or self._of(name)
        feed.frames += 1
        feed.last_ms = now_ms

    def subscribed(self, name: str) -> None:
        feed = self._of(name)
        feed.subscribed, feed.error = True, ""

    def refused(self, name: str | None, message: str) -> None:
        feed = self._of(name or "connection")
        feed.error = message
        feed.subscribed = feed.subscribed and name is None

    def gap(self, name: str) -> None:
        self._of(name).gaps += 1

    def disconnect(self) -> None:
        for feed in self._feeds.values():
            feed.subscribed = False

    def view(self) -> tuple[FeedHealth, ...]:
        return tuple(
            FeedHealth(name, feed.subscribed, feed.last_ms, feed.frames, feed.gaps, feed.error)
            for name, feed in sorted(self._feeds.items())
        )

    def _of(self, name: str) -> _Feed:
        feed = self._feeds.get(name)
        if feed is None:
            feed = self._feeds[name] = _Feed()
        return feed


class Ages:
    """When each source last spoke, per slice."""

    def __init__(self) -> None:
        self._stream: dict[Slice, int] = {}
        self._rest: dict[Slice, int] = {}
        self._view: Mapping[Slice, Age] | None = {}

    def stream(self, part: Slice, now_ms: int) -> None:
        if self._stream.get(part) != now_ms:
            self._stream[part] = now_ms
            self._view = None

    def rest(self, part: Slice, now_ms: int) -> None:
        self._rest[part] = now_ms
        self._view = None

    def view(self) -> Mapping[Slice, Age]:
        if self._view is None:
            parts = self._stream.keys() | self._rest.keys()
            self._view = {part: Age(self._stream.get(part), self._rest.get(part)) for part in Slice if part in parts}
        return self._view
