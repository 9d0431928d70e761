"""Who listens to what, and the frames they get.

No I/O: a ``Subscriber`` is a bounded queue of text that the socket's writer empties. Invariants: the frames of one feed
leave in the order of the engine's events; a snapshot precedes its deltas; a reader that falls behind by more than its
bound is marked ``overflowed`` and gets nothing more, it never makes the queue grow.
Positions and balances carry a counter of the subscription; their deltas are whole sections, or absent.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, ParamSpec

from tui.exchange import render_account, render_frames, render_legacy
from tui.exchange.events import (
    AccountLogged,
    BalancesChanged,
    BookChanged,
    Event,
    Filled,
    OrderChanged,
    PositionsChanged,
    TickerChanged,
    TradePrinted,
)
from tui.exchange.exchange import Engine
from tui.exchange.notices import Notice
from tui.exchange.render_legacy import CANDLE_MINUTES, MARGINS
from tui.exchange.render_orders import Json
from tui.wire.derivatives.codec import encode
from tui.wire.derivatives.feeds import LEGACY_PRIVATE_FEEDS, PRIVATE_FEEDS, Feed
from tui.wire.derivatives.outcomes import FeedReason

MARK_PERIOD_MS: Final = 1_000
"""Positions and balances that moved by price alone are sent at most this often (real cadence is not documented)."""

HEARTBEAT_MS: Final = 1_000
CANDLE_PERIOD_MS: Final = 1_000
_SNAPSHOT_ROWS: Final = 100
_NOTICES_KEPT: Final = 50
_PRIVATE: Final = PRIVATE_FEEDS | LEGACY_PRIVATE_FEEDS
_REMOVED_BY_ID: Final = frozenset({FeedReason.CANCELLED_BY_USER, FeedReason.DEAD_MAN_SWITCH})

P = ParamSpec("P")

_OrderForm = Callable[[str, OrderChanged], Json]
_FULL_FILL_FORMS: Final[dict[str, tuple[_OrderForm, ...]]] = {
    "object": (render_frames.order_whole,),
    "id": (render_frames.order_removed_by_id,),
    "both": (render_frames.order_whole, render_frames.order_removed_by_id),
}

Topic = tuple[str, str | None]
"""Feed, and product for the feeds that have one."""


@dataclass(eq=False, slots=True)
class Subscriber:
    """One connection. ``wake`` is called when there is something to send or the queue has overflowed."""

    limit: int
    wake: Callable[[], None]
    outbox: deque[str] = field(default_factory=deque)
    overflowed: bool = False
    counters: dict[str, int] = field(default_factory=dict)
    fill_products: frozenset[str] | None = None

    def push(self, frame: str) -> None:
        if self.overflowed:
            return
        if len(self.outbox) >= self.limit:
            self.overflowed = True
            self.outbox.clear()
        else:
            self.outbox.append(frame)
        self.wake()

    def next_count(self, feed: str) -> int:
        """0 for the first frame of a subscription, then one more each time."""
        count = self.counters.get(feed, 0)
        self.counters[feed] = count + 1
        return count


def text(frame: Json) -> str:
    return encode(frame).decode()


class Hub:
    """Turns engine events into frames for those who subscribed."""

    def __init__(self, engine: Engine, account: str, full_fill: str) -> None:
        self._engine = engine
        self._account = account
        self._full_fill = full_fill
        self._topics: dict[Topic, set[Subscriber]] = {}
        self._marks_sent_ms = 0
        self._heartbeat_ms = 0
        self._last_positions: list[Json] | None = None
        self._last_sections: dict[str, Json] = {}
        self._last_margins: list[Json] = []
        self._traded: set[str] = set()
        self._candles_sent_ms = 0
        self.notices: deque[Notice] = deque(maxlen=_NOTICES_KEPT)

    # --- subscriptions -------------------------------------------------------------------------------------

    def is_subscribed(self, subscriber: Subscriber, topic: Topic) -> bool:
        return subscriber in self._topics.get(topic, ())

    def subscribe(self, subscriber: Subscriber, topic: Topic) -> None:
        """From now on ``subscriber`` gets the deltas; ``send_snapshot`` must be called in the same breath."""
        self._topics.setdefault(topic, set()).add(subscriber)

    def unsubscribe(self, subscriber: Subscriber, topic: Topic) -> None:
        members = self._topics.get(topic, set())
        members.discard(subscriber)
        if not members:
            self._topics.pop(topic, None)

    def leave(self, subscriber: Subscriber) -> None:
        for topic in [topic for topic, members in self._topics.items() if subscriber in members]:
            self.unsubscribe(subscriber, topic)

    def holds_private(self, subscriber: Subscriber) -> bool:
        """Whether it gets any feed of the account."""
        return any(subscriber in members for (feed, _), members in self._topics.items() if feed in _PRIVATE and members)

    def send_snapshot(self, subscriber: Subscriber, topic: Topic) -> None:
        """What a new subscriber of ``topic`` gets first; nothing for feeds without a snapshot."""
        feed, product = topic
        subscriber.counters[feed] = 0
        frame = self._product_snapshot(feed, product) if product else self._account_snapshot(subscriber, feed)
        if frame is not None:
            subscriber.push(text(frame))

    def _product_snapshot(self, feed: str, product: str) -> Json | None:
        match feed:
            case Feed.TICKER | Feed.TICKER_LITE:
                return self._ticker(feed, product)
            case Feed.TRADE:
                return render_frames.trade_snapshot(product, self._engine.trades(product, limit=_SNAPSHOT_ROWS))
            case Feed.BOOK:
                return render_frames.book_snapshot(self._engine.book(product))
            case _:
                return self._candle(feed, product, f"{feed}_snapshot")

    def _account_snapshot(self, subscriber: Subscriber, feed: str) -> Json | None:
        head = {"feed": f"{feed}_snapshot", "account": self._account}
        match feed:
            case Feed.OPEN_ORDERS | Feed.OPEN_ORDERS_VERBOSE:
                return head | {"orders": [render_frames.feed_order(order) for order in self._engine.open_orders()]}
            case Feed.FILLS:
                return head | {"fills": self._recent_fills(subscriber)}
            case Feed.OPEN_POSITIONS:
                rows = self._positions()
                self._last_positions = rows if self._last_positions is None else self._last_positions
                return self._positions_frame(subscriber, rows)
            case Feed.BALANCES:
                sections = self._sections()
                self._last_sections = self._last_sections or sections
                return self._balances_frame(subscriber, f"{feed}_snapshot", sections)
            case Feed.ACCOUNT_LOG:
                newest_first = self._engine.account_log()[: -_SNAPSHOT_ROWS - 1 : -1]
                return {"feed": f"{feed}_snapshot", "logs": [render_account.log_entry(row) for row in newest_first]}
            case Feed.NOTIFICATIONS:
                return self._notifications_frame()
            case render_legacy.MARGINS:
                self._last_margins = self._last_margins or self._margins()
                return self._margins_frame(subscriber, self._margins())
            case _:
                return None

    def _recent_fills(self, subscriber: Subscriber) -> list[Json]:
        """Oldest first."""
        rows = reversed(self._engine.fills(limit=_SNAPSHOT_ROWS))
        return [render_frames.feed_fill(row) for row in rows if _wanted(subscriber, row.symbol)]

    # --- notices -------------------------------------------------------------------------------------------

    def notify(self, notice: Notice) -> None:
        """Something the venue tells its clients; the feed lists all of them each time."""
        self.notices.append(notice)
        for member in self._topics.get((Feed.NOTIFICATIONS, None), ()):
            member.push(text(self._notifications_frame()))

    def _notifications_frame(self) -> Json:
        return {"feed": Feed.NOTIFICATIONS, "notifications": [notice.in_frame() for notice in self.notices]}

    # --- events --------------------------------------------------------------------------------------------

    def publish(self, events: Iterable[Event]) -> None:
        """Frames of one step, in order; positions and balances once, after all the rest."""
        positions = balances = False
        for event in events:
            match event:
                case PositionsChanged():
                    positions = True
                case BalancesChanged():
                    balances = True
                case BookChanged() | TradePrinted() | TickerChanged():
                    self._market_moved(event)
                case OrderChanged():
                    self._order_changed(event)
                case Filled():
                    self._filled(event)
                case AccountLogged(entry):
                    self._send((Feed.ACCOUNT_LOG, None), render_frames.new_log_entry, entry)
        if positions:
            self._send_positions()
        if balances:
            self._send_balances()

    def _market_moved(self, event: BookChanged | TradePrinted | TickerChanged) -> None:
        match event:
            case BookChanged(symbol):
                self._send((Feed.BOOK, symbol), render_frames.book_delta, event)
            case TradePrinted(trade):
                self._traded.add(trade.symbol)
                self._send((Feed.TRADE, trade.symbol), render_frames.trade, trade)
            case TickerChanged(symbol):
                for feed in (Feed.TICKER, Feed.TICKER_LITE):
                    self._send((feed, symbol), self._ticker, feed, symbol)

    def tick(self, now_ms: int) -> None:
        """Heartbeats, and what moved by price alone. Cheap when nobody listens."""
        if now_ms - self._heartbeat_ms >= HEARTBEAT_MS:
            self._heartbeat_ms = now_ms
            self._send((Feed.HEARTBEAT, None), render_frames.heartbeat, now_ms)
        if now_ms - self._marks_sent_ms >= MARK_PERIOD_MS:
            self._marks_sent_ms = now_ms
            self._send_positions()
            self._send_balances()
        if now_ms - self._candles_sent_ms >= CANDLE_PERIOD_MS:
            self._candles_sent_ms = now_ms
            self._send_candles()

    def _send(self, topic: Topic, render: Callable[P, Json], *args: P.args, **kwargs: P.kwargs) -> None:
        """Renders only if somebody listens, and once for all who do."""
        members = self._topics.get(topic)
        if members:
            encoded = text(render(*args, **kwargs))
            for member in members:
                member.push(encoded)

    def _ticker(self, feed: str, symbol: str) -> Json:
        render = render_frames.ticker if feed == Feed.TICKER else render_frames.ticker_lite
        return render(self._engine.ticker(symbol), self._engine.instrument(symbol))

    def _send_candles(self) -> None:
        """The running candle of every market that has traded since the last time."""
        traded, self._traded = self._traded, set()
        for feed, symbol in [topic for topic in self._topics if topic[0] in CANDLE_MINUTES and topic[1] in traded]:
            frame = self._candle(feed, symbol or "", feed)
            if frame is not None:
                self._send((feed, symbol), dict, frame)

    def _candle(self, feed: str, symbol: str, name: str) -> Json | None:
        """None while nothing has traded."""
        rows = self._engine.candles("trade", symbol, CANDLE_MINUTES[feed])
        return render_legacy.running_candle(name, symbol, rows[-1]) if rows else None

    def _order_changed(self, event: OrderChanged) -> None:
        feeds = (Feed.OPEN_ORDERS_VERBOSE,) if event.verbose_only else (Feed.OPEN_ORDERS, Feed.OPEN_ORDERS_VERBOSE)
        for feed in feeds:
            for render in self._order_forms(event):
                self._send((feed, None), render, feed, event)

    def _order_forms(self, event: OrderChanged) -> tuple[_OrderForm, ...]:
        if event.removed and not event.verbose_only:
            if event.reason in _REMOVED_BY_ID:
                return (render_frames.order_removed_by_id,)
            if event.reason == FeedReason.FULL_FILL:
                return _FULL_FILL_FORMS[self._full_fill]
        return (render_frames.order_whole,)

    def _filled(self, event: Filled) -> None:
        members = self._topics.get((Feed.FILLS, None), ())
        if members:
            frame = text(
                {"feed": Feed.FILLS, "username": self._account, "fills": [render_frames.feed_fill(event.fill)]}
            )
            for member in members:
                if _wanted(member, event.fill.symbol):
                    member.push(frame)

    # --- whole sections ------------------------------------------------------------------------------------

    def _positions(self) -> list[Json]:
        return [render_frames.position(row) for row in self._engine.positions()]

    def _positions_frame(self, subscriber: Subscriber, rows: list[Json]) -> Json:
        return {
            "feed": Feed.OPEN_POSITIONS,
            "account": self._account,
            "positions": rows,
            "seq": subscriber.next_count(Feed.OPEN_POSITIONS),
            "timestamp": self._engine.now_ms,
        }

    def _send_positions(self) -> None:
        members = self._topics.get((Feed.OPEN_POSITIONS, None))
        if not members:
            self._last_positions = None
            return
        rows = self._positions()
        if rows != self._last_positions:
            self._last_positions = rows
            for member in members:
                member.push(text(self._positions_frame(member, rows)))

    def _sections(self) -> dict[str, Json]:
        return {
            "holding": render_frames.holding(self._engine.holding()),
            "futures": render_frames.wallets(self._engine.wallets()),
            "flex_futures": render_frames.flex_futures(self._engine.flex_account()),
        }

    def _balances_frame(self, subscriber: Subscriber, feed: str, sections: dict[str, Json]) -> Json:
        return {
            "feed": feed,
            "account": self._account,
            **sections,
            "timestamp": self._engine.now_ms,
            "seq": subscriber.next_count(Feed.BALANCES),
        }

    def _margins(self) -> list[Json]:
        return render_legacy.margin_accounts(self._engine.wallets(), self._engine.flex_account())

    def _margins_frame(self, subscriber: Subscriber, rows: list[Json]) -> Json:
        return {
            "feed": MARGINS,
            "account": self._account,
            "margin_accounts": rows,
            "seq": subscriber.next_count(MARGINS),
        }

    def _send_margins(self) -> None:
        members = self._topics.get((MARGINS, None))
        rows = self._margins() if members else []
        if members and rows != self._last_margins:
            for member in members:
                member.push(text(self._margins_frame(member, rows)))
        self._last_margins = rows

    def _send_balances(self) -> None:
        self._send_margins()
        members = self._topics.get((Feed.BALANCES, None))
        if not members:
            self._last_sections = {}
            return
        sections = self._sections()
        changed = {name: section for name, section in sections.items() if self._last_sections.get(name) != section}
        self._last_sections = sections
        if changed:
            for member in members:
                member.push(text(self._balances_frame(member, Feed.BALANCES, changed)))


def _wanted(subscriber: Subscriber, symbol: str) -> bool:
    return subscriber.fill_products is None or symbol in subscriber.fill_products
