"""The upstream's public feeds without a socket: frames and time in; whole, ordered news and requests out.

A book delta is passed on only if it is the very next one after what was passed on before; after a gap the book is told
to be in doubt and asked for again (unsubscribed first: a bare second subscribe earns only an alert). One product per
request, at a pace the venue allows (docs: 100 a second). Whether the upstream is alive is judged by its data, not by
the socket: heartbeats and acks alone do not count.
Invariant: no await, no clock, no network; whatever arrives, ``receive`` returns news and never raises.
"""

import re
from collections import deque
from collections.abc import Iterable
from decimal import DecimalException
from typing import Final

from tui.exchange.limits import Bucket
from tui.exchange.mirror.news import BookInDoubt, LinkOpened, News
from tui.wire.derivatives.codec import MalformedError, decode_frame, encode
from tui.wire.derivatives.feeds import Event, Feed
from tui.wire.derivatives.frames import (
    BookFrame,
    BookSnapshotFrame,
    Control,
    Data,
    Request,
    TickerFrame,
    TradeFrame,
    TradeSnapshotFrame,
)
from tui.wire.derivatives.routes import Budget

SILENCE_MS: Final = 5_000
"""Tickers of a live market come every second (docs); prices older than this are not traded on."""

SNAPSHOT_WAIT_MS: Final = 10_000
_PACE: Final = Budget(tokens=80, period_s=1)
_PRODUCT: Final = re.compile("invalid product `([^`]+)`")


class MirrorSession:
    """``symbols`` are mirrored whole; of ``priced`` only the tickers are wanted."""

    def __init__(self, symbols: Iterable[str], priced: Iterable[str] = ()) -> None:
        self._symbols = tuple(symbols)
        self._priced = tuple(priced)
        self._requests: deque[Request] = deque()
        self._pace: Bucket | None = None
        self._seq: dict[str, int] = {}
        self._awaiting: dict[str, int] = {}
        self._data_ms: int | None = None
        self.unreadable = 0
        self.gaps = 0

    # --- the connection ------------------------------------------------------------------------------------

    def opened(self, now_ms: int) -> tuple[News, ...]:
        """A connection exists, and it holds nothing yet."""
        self._seq.clear()
        self._awaiting.clear()
        self._requests.clear()
        self._data_ms = now_ms
        for symbol in self._symbols:
            for feed in (Feed.BOOK, Feed.TICKER, Feed.TRADE):
                self._requests.append(_ask(Event.SUBSCRIBE, feed, symbol))
            self._awaiting[symbol] = now_ms
        self._requests.extend(_ask(Event.SUBSCRIBE, Feed.TICKER, symbol) for symbol in self._priced)
        return (LinkOpened(),)

    def outgoing(self, now_ms: int) -> list[bytes]:
        """Requests that may leave now."""
        self._pace = self._pace or Bucket(_PACE, now_ms / 1000)
        frames: list[bytes] = []
        while self._requests and not self._pace.take(1, now_ms / 1000):
            request = self._requests.popleft()
            if request.feed == Feed.BOOK and request.event == Event.SUBSCRIBE and request.product_ids:
                self._awaiting[request.product_ids[0]] = now_ms
            frames.append(encode(request))
        return frames

    def broken(self, now_ms: int) -> str | None:
        """Why this connection should be given up, or None while it should not. Late books are asked for again."""
        if self._data_ms is not None and now_ms - self._data_ms > SILENCE_MS:
            return f"silent for {SILENCE_MS / 1000:g} s"
        if not self._requests:
            for symbol in [name for name, since in self._awaiting.items() if now_ms - since > SNAPSHOT_WAIT_MS]:
                self._again(symbol, now_ms)
        return None

    # --- frames --------------------------------------------------------------------------------------------

    def receive(self, raw: bytes | str, now_ms: int) -> tuple[News, ...]:
        try:
            frame = decode_frame(raw)
        except (MalformedError, DecimalException, ValueError, OverflowError):
            self.unreadable += 1
            return ()
        if isinstance(frame, Control):
            self._control(frame)
            return ()
        return self._data(frame, now_ms) if isinstance(frame, Data) else ()

    def _data(self, frame: Data, now_ms: int) -> tuple[News, ...]:
        match frame:
            case BookFrame():
                news = self._delta(frame, now_ms)
            case BookSnapshotFrame():
                self._seq[frame.product_id] = frame.seq
                self._awaiting.pop(frame.product_id, None)
                news = (frame,)
            case TickerFrame() | TradeFrame() | TradeSnapshotFrame():
                news = (frame,)
            case _:
                return ()
        self._data_ms = now_ms
        return news

    def _delta(self, frame: BookFrame, now_ms: int) -> tuple[News, ...]:
        """Deltas before the snapshot and repeated ones are dropped."""
        seq = self._seq.get(frame.product_id)
        if seq is None or frame.seq <= seq:
            return ()
        if frame.seq == seq + 1:
            self._seq[frame.product_id] = frame.seq
            return (frame,)
        self.gaps += 1
        self._again(frame.product_id, now_ms)
        return (BookInDoubt(frame.product_id),)

    def _again(self, symbol: str, now_ms: int) -> None:
        self._seq.pop(symbol, None)
        self._awaiting[symbol] = now_ms
        self._requests.extend(_ask(event, Feed.BOOK, symbol) for event in (Event.UNSUBSCRIBE, Event.SUBSCRIBE))

    def _control(self, frame: Control) -> None:
        """An upstream that does not know the product will never send its book: it is not waited for."""
        product = _PRODUCT.search(frame.message or "") if frame.event in {Event.ALERT, Event.ERROR} else None
        if product is not None:
            self._awaiting.pop(product[1], None)


def _ask(event: Event, feed: Feed, symbol: str) -> Request:
    return Request(event=event, feed=feed, product_ids=[symbol])
