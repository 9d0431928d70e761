"""Turns what the engine tells into frames for those who subscribed.

Invariants: the frames of one feed leave in the order of the engine's events, positions and balances once a step, after
all the rest; a private frame reaches only those who subscribed for its account.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from tui.exchange.account_feeds import MARK_PERIOD_MS, AccountFeeds, notifications
from tui.exchange.board import Board, Subscriber, Topic, text
from tui.exchange.events import BalancesChanged, BookChanged, PositionsChanged, TickerChanged, Told, TradePrinted
from tui.exchange.exchange import Engine
from tui.exchange.market_feeds import MarketFeeds
from tui.exchange.notices import Notice
from tui.exchange.render_legacy import CANDLE_MINUTES
from tui.exchange.render_orders import Json
from tui.wire.derivatives.feeds import LEGACY_PRIVATE_FEEDS, PRIVATE_FEEDS, PRODUCT_FEEDS, Feed

_NOTICES_KEPT: Final = 50
_PRIVATE: Final = PRIVATE_FEEDS | LEGACY_PRIVATE_FEEDS


class Hub:
    """``uids`` is how frames name each account."""

    def __init__(self, engine: Engine, uids: Mapping[str, str], full_fill: str) -> None:
        self._board = Board()
        self._market = MarketFeeds(engine, self._board)
        self._accounts = {
            name: AccountFeeds(engine.account(name), uid, self._board, full_fill) for name, uid in uids.items()
        }
        self._marks_sent = dict.fromkeys(uids, 0)
        self.notices: deque[Notice] = deque(maxlen=_NOTICES_KEPT)
        self.notified = 0

    # --- subscriptions -------------------------------------------------------------------------------------

    def is_subscribed(self, subscriber: Subscriber, topic: Topic) -> bool:
        return subscriber in self._board.members(topic)

    def subscribe(self, subscriber: Subscriber, topic: Topic) -> None:
        """From now on ``subscriber`` gets the deltas; ``send_snapshot`` must be called in the same breath."""
        self._board.add(subscriber, topic)

    def unsubscribe(self, subscriber: Subscriber, topic: Topic) -> None:
        self._board.remove(subscriber, topic)

    def leave(self, subscriber: Subscriber) -> None:
        self._board.leave(subscriber)

    def holds_private(self, subscriber: Subscriber) -> bool:
        """Whether it gets any feed of an account."""
        return self._board.holds(subscriber, _PRIVATE)

    def send_snapshot(self, subscriber: Subscriber, topic: Topic) -> None:
        """What a new subscriber of ``topic`` gets first; nothing for feeds without a snapshot."""
        feed, which = topic
        subscriber.counters[feed] = 0
        if which is not None and (feed in PRODUCT_FEEDS or feed in CANDLE_MINUTES):
            told = self._market.snapshot(feed, which)
        else:
            frame = self._account_snapshot(subscriber, feed, which)
            told = None if frame is None else text(frame)
        if told is not None:
            subscriber.push(told)

    def _account_snapshot(self, subscriber: Subscriber, feed: str, account: str | None) -> Json | None:
        if feed == Feed.NOTIFICATIONS:
            return notifications(self.notices)
        return None if account is None else self._accounts[account].snapshot(subscriber, feed)

    # --- telling -------------------------------------------------------------------------------------------

    def notify(self, notice: Notice) -> None:
        """Something the venue tells its clients."""
        self.notified += 1
        self.notices.append(notice)
        for name in self._accounts:
            self._board.send((Feed.NOTIFICATIONS, name), notifications, self.notices)

    def publish(self, told: Iterable[Told]) -> None:
        """Frames of one step, in order. Of an account that no key opens nobody hears."""
        positions: dict[str, None] = {}
        balances: dict[str, BalancesChanged] = {}
        for event, account in told:
            match event:
                case BookChanged() | TradePrinted() | TickerChanged():
                    self._market.publish(event)
                case _ if account not in self._accounts:
                    continue
                case PositionsChanged():
                    positions[account] = None
                case BalancesChanged():
                    before = balances.get(account, event)
                    balances[account] = BalancesChanged(event.flex or before.flex, event.wallets or before.wallets)
                case _:
                    self._accounts[account].publish(event)
        for account in positions:
            self._accounts[account].send_positions()
        for account, moved in balances.items():
            self._accounts[account].send_balances(flex=moved.flex, wallets=moved.wallets)

    def tick(self, now_ms: int) -> None:
        """Heartbeats, and what moved by price alone, of each account at its own moment. Cheap when nobody listens."""
        self._market.tick(now_ms)
        for number, (name, feeds) in enumerate(self._accounts.items()):
            phase_ms = MARK_PERIOD_MS * number // len(self._accounts)
            period = (now_ms - phase_ms) // MARK_PERIOD_MS
            if period > self._marks_sent[name]:
                self._marks_sent[name] = period
                feeds.send_positions()
                feeds.send_balances()
