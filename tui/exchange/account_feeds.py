"""One account's private feeds, as frames for those who listen.

Invariants: a snapshot precedes its deltas; positions and balances carry a counter of the subscription, and their deltas
are whole sections, or absent.
"""

from collections.abc import Callable, Iterable
from typing import Final

from tui.exchange import render_account, render_frames, render_legacy
from tui.exchange.board import Board, Subscriber, text
from tui.exchange.events import AccountLogged, Event, Filled, OrderChanged
from tui.exchange.market_feeds import SNAPSHOT_ROWS
from tui.exchange.notices import Notice
from tui.exchange.render_legacy import MARGINS
from tui.exchange.render_orders import Json
from tui.exchange.statement import Statement
from tui.wire.derivatives.feeds import Feed
from tui.wire.derivatives.outcomes import FeedReason

MARK_PERIOD_MS: Final = 1_000
"""Positions and balances that moved by price alone are sent at most this often (real cadence is not documented)."""

_REMOVED_BY_ID: Final = frozenset({FeedReason.CANCELLED_BY_USER, FeedReason.DEAD_MAN_SWITCH})

_OrderForm = Callable[[str, OrderChanged], Json]
_FULL_FILL_FORMS: Final[dict[str, tuple[_OrderForm, ...]]] = {
    "object": (render_frames.order_whole,),
    "id": (render_frames.order_removed_by_id,),
    "both": (render_frames.order_whole, render_frames.order_removed_by_id),
}


class AccountFeeds:
    """``uid`` is how frames name the account; ``full_fill`` the form in which a filled order leaves."""

    def __init__(self, statement: Statement, uid: str, board: Board, full_fill: str) -> None:
        self._statement = statement
        self._name = statement.name
        self._uid = uid
        self._board = board
        self._full_fill = full_fill
        self._last_positions: list[Json] | None = None
        self._last_sections: dict[str, Json] = {}
        self._last_margins: list[Json] = []

    # --- snapshots -----------------------------------------------------------------------------------------

    def snapshot(self, subscriber: Subscriber, feed: str) -> Json | None:
        """What a new subscriber gets first; None for feeds without a snapshot."""
        head = {"feed": f"{feed}_snapshot", "account": self._uid}
        match feed:
            case Feed.OPEN_ORDERS | Feed.OPEN_ORDERS_VERBOSE:
                return head | {"orders": [render_frames.feed_order(order) for order in self._statement.open_orders()]}
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
                newest_first = self._statement.account_log()[: -SNAPSHOT_ROWS - 1 : -1]
                return {"feed": f"{feed}_snapshot", "logs": [render_account.log_entry(row) for row in newest_first]}
            case render_legacy.MARGINS:
                self._last_margins = self._last_margins or self._margins()
                return self._margins_frame(subscriber, self._margins())
            case _:
                return None

    def _recent_fills(self, subscriber: Subscriber) -> list[Json]:
        """Oldest first."""
        rows = reversed(self._statement.fills(limit=SNAPSHOT_ROWS))
        return [render_frames.feed_fill(row) for row in rows if _wanted(subscriber, row.symbol)]

    # --- events --------------------------------------------------------------------------------------------

    def publish(self, event: Event) -> None:
        """One event of this account that is told at once."""
        match event:
            case OrderChanged():
                self._order_changed(event)
            case Filled():
                self._filled(event)
            case AccountLogged(entry):
                self._board.send((Feed.ACCOUNT_LOG, self._name), render_frames.new_log_entry, entry)

    def _order_changed(self, event: OrderChanged) -> None:
        feeds = (Feed.OPEN_ORDERS_VERBOSE,) if event.verbose_only else (Feed.OPEN_ORDERS, Feed.OPEN_ORDERS_VERBOSE)
        for feed in feeds:
            for render in self._order_forms(event):
                self._board.send((feed, self._name), render, feed, event)

    def _order_forms(self, event: OrderChanged) -> tuple[_OrderForm, ...]:
        if event.removed and not event.verbose_only:
            if event.reason in _REMOVED_BY_ID:
                return (render_frames.order_removed_by_id,)
            if event.reason == FeedReason.FULL_FILL:
                return _FULL_FILL_FORMS[self._full_fill]
        return (render_frames.order_whole,)

    def _filled(self, event: Filled) -> None:
        members = self._board.members((Feed.FILLS, self._name))
        if members:
            frame = text({"feed": Feed.FILLS, "username": self._uid, "fills": [render_frames.feed_fill(event.fill)]})
            for member in members:
                if _wanted(member, event.fill.symbol):
                    member.push(frame)

    # --- whole sections ------------------------------------------------------------------------------------

    def _positions(self) -> list[Json]:
        return [render_frames.position(row) for row in self._statement.positions()]

    def _positions_frame(self, subscriber: Subscriber, rows: list[Json]) -> Json:
        return {
            "feed": Feed.OPEN_POSITIONS,
            "account": self._uid,
            "positions": rows,
            "seq": subscriber.next_count(Feed.OPEN_POSITIONS),
            "timestamp": self._statement.now_ms,
        }

    def send_positions(self) -> None:
        """If they differ from what was sent last."""
        members = self._board.members((Feed.OPEN_POSITIONS, self._name))
        if not members:
            self._last_positions = None
            return
        rows = self._positions()
        if rows != self._last_positions:
            self._last_positions = rows
            for member in members:
                member.push(text(self._positions_frame(member, rows)))

    def _sections(self, *, flex: bool = True, wallets: bool = True) -> dict[str, Json]:
        """Without those that cannot have moved: they are what an order costs most."""
        sections: dict[str, Json] = {"holding": render_frames.holding(self._statement.holding())}
        if wallets:
            sections["futures"] = render_frames.wallets(self._statement.wallets())
        if flex:
            sections["flex_futures"] = render_frames.flex_futures(self._statement.flex_account())
        return sections

    def _balances_frame(self, subscriber: Subscriber, feed: str, sections: dict[str, Json]) -> Json:
        return {
            "feed": feed,
            "account": self._uid,
            **sections,
            "timestamp": self._statement.now_ms,
            "seq": subscriber.next_count(Feed.BALANCES),
        }

    def send_balances(self, *, flex: bool = True, wallets: bool = True) -> None:
        """The sections that differ from what was sent last; those of a False have not moved."""
        self._send_margins()
        members = self._board.members((Feed.BALANCES, self._name))
        if not members:
            self._last_sections = {}
            return
        sections = self._sections(flex=flex, wallets=wallets)
        changed = {name: section for name, section in sections.items() if self._last_sections.get(name) != section}
        self._last_sections = self._last_sections | sections
        if changed:
            for member in members:
                member.push(text(self._balances_frame(member, Feed.BALANCES, changed)))

    def _margins(self) -> list[Json]:
        return render_legacy.margin_accounts(self._statement.wallets(), self._statement.flex_account())

    def _margins_frame(self, subscriber: Subscriber, rows: list[Json]) -> Json:
        return {
            "feed": MARGINS,
            "account": self._uid,
            "margin_accounts": rows,
            "seq": subscriber.next_count(MARGINS),
        }

    def _send_margins(self) -> None:
        members = self._board.members((MARGINS, self._name))
        rows = self._margins() if members else []
        if members and rows != self._last_margins:
            for member in members:
                member.push(text(self._margins_frame(member, rows)))
        self._last_margins = rows


def notifications(notices: Iterable[Notice]) -> Json:
    """The feed lists all of them each time."""
    return {"feed": Feed.NOTIFICATIONS, "notifications": [notice.in_frame() for notice in notices]}


def _wanted(subscriber: Subscriber, symbol: str) -> bool:
    return subscriber.fill_products is None or symbol in subscriber.fill_products
