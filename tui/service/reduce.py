"""What the stream says, applied to what the desk knows.

Pure: no I/O, no clock, no await; the same events in the same order give the same state. Frames of different feeds may
come in any order and more than once. Invariant: an event changes only what it is evidence for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tui.model.decimals import plain
from tui.model.describe import one_line
from tui.model.enums import CloseReason
from tui.model.events import (
    AccountFrame,
    BookDelta,
    BookSnapshot,
    Event,
    FeedBeat,
    FeedGap,
    FeedRefused,
    FeedSubscribed,
    FillsArrived,
    FrameUnreadable,
    LinkLost,
    LinkOpened,
    LinkPulse,
    LinkReady,
    LogArrived,
    NotificationsArrived,
    OrderRemoved,
    OrdersSnapshot,
    OrderUpdated,
    PositionsFrame,
    TickerUpdated,
    TradesArrived,
)
from tui.model.state import AlarmKind, DeadMan, LinkStatus, Slice
from tui.service.ledger import LOG_KEPT, Ledger

_OUR_DOING = frozenset({CloseReason.FILLED, CloseReason.CANCELLED, CloseReason.REMAINDER_DROPPED})


def reduce(ledger: Ledger, event: Event, now_ms: int, n: int) -> None:
    """Apply ``event``, received at ``now_ms`` (local) as evidence number ``n``."""
    _HANDLERS[type(event)](ledger, event, now_ms, n)


def tick(ledger: Ledger, now_ms: int) -> None:
    """What is due by time alone: owed fills, unexplained positions, a silent link, a dead man's switch that fired."""
    for order in ledger.orders.overdue(now_ms):
        topic = f"fills of {order.symbol} order {order.order_id}"
        ledger.differ(topic, f"filled {plain(order.filled)}", "fewer fills known", "fills are not to be had", now_ms)
    for moved in ledger.positions.unexplained(now_ms):
        ledger.differ("position", f"moved by {moved}", "no fills of that", "asking for fills", now_ms)
    if ledger.link.silent(now_ms):
        _sound_link(ledger, "The stream is silent: what you see may be old", now_ms)
    if ledger.dead_man.fires_at_ms is not None and now_ms >= ledger.dead_man.fires_at_ms:
        _dead_man_due(ledger, ledger.dead_man, now_ms)


def _dead_man_due(ledger: Ledger, dead_man: DeadMan, now_ms: int) -> None:
    """It fires now; or, if an unanswered request may have moved it, at some moment until ``latest_ms``."""
    if not dead_man.is_certain and dead_man.latest_ms is not None and now_ms < dead_man.latest_ms:
        ledger.dead_man = DeadMan(dead_man.latest_ms, dead_man.timeout_s, is_certain=False)
    else:
        ledger.dead_man = DeadMan(None, dead_man.timeout_s)
    has = "has fired: Kraken cancels" if dead_man.is_certain else "may have fired: Kraken may cancel"
    ledger.alarms.error(AlarmKind.NOTICE, f"The dead man's switch {has} all orders", now_ms)
    ledger.wishes.refresh()
    ledger.urgent = True


# --- the link ---------------------------------------------------------------------------------------------------


def _opened(ledger: Ledger, event: LinkOpened, now_ms: int, n: int) -> None:
    if ledger.link.link.status is LinkStatus.LIVE:
        _sound_link(ledger, "The stream was cut and is being renewed", now_ms)
    ledger.link.heard(now_ms)
    ledger.link.opened(event.epoch, now_ms)
    ledger.orders.new_connection(n)
    ledger.stream_lost()
    ledger.positions.new_connection()
    ledger.account.new_connection()
    ledger.market.disconnect()
    ledger.feeds.disconnect()
    ledger.urgent = True


def _ready(ledger: Ledger, event: LinkReady, now_ms: int, n: int) -> None:
    if event.epoch == ledger.link.link.epoch:
        ledger.link.ready(n, now_ms)
        ledger.wishes.refresh()


def _lost(ledger: Ledger, event: LinkLost, now_ms: int, _n: int) -> None:
    if ledger.link.link.status is not LinkStatus.DOWN:
        _sound_link(ledger, f"The stream is down: {event.reason}", now_ms)
    ledger.link.lost(event.reason, event.retry_in_ms, now_ms)
    ledger.stream_lost()
    ledger.market.disconnect()
    ledger.feeds.disconnect()


def _beat(ledger: Ledger, _event: FeedBeat, now_ms: int, _n: int) -> None:
    _heard(ledger, "heartbeat", None, now_ms)


def _sound_link(ledger: Ledger, text: str, now_ms: int) -> None:
    ledger.alarms.error(AlarmKind.LINK, text, now_ms)
    ledger.urgent = True


def _pulse(ledger: Ledger, event: LinkPulse, now_ms: int, _n: int) -> None:
    ledger.link.pulse(event.round_trip_ms, now_ms)


def _subscribed(ledger: Ledger, event: FeedSubscribed, now_ms: int, _n: int) -> None:
    ledger.link.heard(now_ms)
    ledger.feeds.subscribed(_name(event.feed))


def _refused(ledger: Ledger, event: FeedRefused, now_ms: int, _n: int) -> None:
    ledger.link.heard(now_ms)
    ledger.feeds.refused(_name(event.feed) if event.feed else None, event.message)
    if event.private:
        _sound_link(ledger, f"Kraken refuses {event.feed or 'a feed'}: {event.message}", now_ms)


def _gap(ledger: Ledger, event: FeedGap, now_ms: int, _n: int) -> None:
    ledger.link.heard(now_ms)
    ledger.feeds.gap(_name(event.feed))
    if event.symbol is None:
        ledger.wishes.refresh()
    elif event.feed.startswith("book"):
        ledger.market.break_book(event.symbol)


def _unreadable(ledger: Ledger, event: FrameUnreadable, now_ms: int, _n: int) -> None:
    ledger.link.heard(now_ms)
    ledger.feeds.refused(None, f"unreadable frame of {event.feed or 'an unknown feed'}: {event.detail}")
    if event.private:
        ledger.wishes.refresh()


def _name(feed: str) -> str:
    return feed.removesuffix("_verbose")


# --- orders and fills -------------------------------------------------------------------------------------------


def _heard(ledger: Ledger, feed: str, part: Slice | None, now_ms: int) -> None:
    ledger.link.heard(now_ms)
    ledger.feeds.frame(feed, now_ms)
    if part is not None:
        ledger.ages.stream(part, now_ms)


def _orders_snapshot(ledger: Ledger, event: OrdersSnapshot, now_ms: int, n: int) -> None:
    _heard(ledger, "open_orders", Slice.ORDERS, now_ms)
    for row in ledger.orders.snapshot(event.orders, n, now_ms):
        topic = f"order {row.order_id}"
        ledger.differ(topic, "an earlier state than before", "a later one", "took Kraken's: it went back", now_ms)
    ledger.judge(now_ms)
    ledger.urgent = True


def _order_updated(ledger: Ledger, event: OrderUpdated, now_ms: int, n: int) -> None:
    _heard(ledger, "open_orders", Slice.ORDERS, now_ms)
    ledger.orders.updated(event.order, n, now_ms)
    ledger.judge(now_ms)
    ledger.urgent = True


def _order_removed(ledger: Ledger, event: OrderRemoved, now_ms: int, n: int) -> None:
    _heard(ledger, "open_orders", Slice.ORDERS, now_ms)
    known = ledger.orders.get(event.order_id)
    was_closed = known is not None and known.is_closed
    ledger.orders.removed(event, n, now_ms)
    order = ledger.orders.get(event.order_id)
    if order is not None and order.order.symbol and not was_closed and event.reason not in _OUR_DOING:
        reason = event.reason.replace("_", " ")
        ledger.alarms.warning(AlarmKind.NOTICE, f"{one_line(order.order)}: {reason}", now_ms)
    ledger.judge(now_ms)
    ledger.urgent = True


def _fills(ledger: Ledger, event: FillsArrived, now_ms: int, n: int) -> None:
    _heard(ledger, "fills", Slice.FILLS, now_ms)
    if event.snapshot:
        ledger.newest_fills(event.fills, n, now_ms, streaming=True)
    else:
        ledger.gap.complete(event.fills)
        ledger.count_fills(event.fills, n, now_ms, live=True)


# --- positions and money ----------------------------------------------------------------------------------------


def _positions(ledger: Ledger, event: PositionsFrame, now_ms: int, n: int) -> None:
    _heard(ledger, "open_positions", Slice.POSITIONS, now_ms)
    ledger.positions.frame(event.positions, event.time_ms, n, now_ms)


def _account(ledger: Ledger, event: AccountFrame, now_ms: int, _n: int) -> None:
    _heard(ledger, "balances", Slice.MARGIN, now_ms)
    if ledger.account.frame(event):
        ledger.watch_margin(now_ms)


def _log(ledger: Ledger, event: LogArrived, now_ms: int, _n: int) -> None:
    _heard(ledger, "account_log", None, now_ms)
    merged = {entry.entry_id: entry for entry in (*ledger.log, *event.entries)}
    newest = sorted(merged.values(), key=lambda entry: entry.entry_id, reverse=True)
    ledger.log = tuple(newest[:LOG_KEPT])


def _notifications(ledger: Ledger, event: NotificationsArrived, now_ms: int, _n: int) -> None:
    _heard(ledger, "notifications_auth", None, now_ms)
    told = set(ledger.notifications)
    ledger.notifications = event.notifications
    for notification in event.notifications:
        if notification.priority == "high" and notification not in told:
            ledger.alarms.warning(AlarmKind.NOTICE, notification.note, now_ms)
            ledger.urgent = True


# --- the market -------------------------------------------------------------------------------------------------


def _ticker(ledger: Ledger, event: TickerUpdated, now_ms: int, _n: int) -> None:
    _heard(ledger, "ticker", Slice.MARKET, now_ms)
    ledger.clock.seen(event.ticker.time_ms, now_ms)
    ledger.market.ticker(event.ticker)


def _book_snapshot(ledger: Ledger, event: BookSnapshot, now_ms: int, _n: int) -> None:
    _heard(ledger, "book", Slice.MARKET, now_ms)
    ledger.market.book_snapshot(event)


def _book_delta(ledger: Ledger, event: BookDelta, now_ms: int, _n: int) -> None:
    _heard(ledger, "book", Slice.MARKET, now_ms)
    ledger.market.book_delta(event)


def _trades(ledger: Ledger, event: TradesArrived, now_ms: int, _n: int) -> None:
    _heard(ledger, "trade", Slice.MARKET, now_ms)
    ledger.market.trades(event)


_HANDLERS: dict[type[Event], Callable[[Ledger, Any, int, int], None]] = {
    LinkOpened: _opened,
    LinkReady: _ready,
    LinkLost: _lost,
    LinkPulse: _pulse,
    FeedBeat: _beat,
    FeedSubscribed: _subscribed,
    FeedRefused: _refused,
    FeedGap: _gap,
    FrameUnreadable: _unreadable,
    OrdersSnapshot: _orders_snapshot,
    OrderUpdated: _order_updated,
    OrderRemoved: _order_removed,
    FillsArrived: _fills,
    PositionsFrame: _positions,
    AccountFrame: _account,
    LogArrived: _log,
    NotificationsArrived: _notifications,
    TickerUpdated: _ticker,
    BookSnapshot: _book_snapshot,
    BookDelta: _book_delta,
    TradesArrived: _trades,
}
