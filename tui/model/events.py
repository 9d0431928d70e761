"""What a venue connection tells the service, in trading terms.

A dialect's feed turns frames into these; the reducer turns these into state. An event says where it comes from by
its type; receipt time and the evidence counter are stamped by the service when it takes the event from its queue.
Nothing here orders feeds against each other: the venue promises no order between them.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.account import Collateral, LogEntry, MarginPool, Notification
from tui.model.book import Level
from tui.model.enums import CloseReason, Side
from tui.model.fill import Fill
from tui.model.market import PublicTrade
from tui.model.order import Order
from tui.model.position import Position
from tui.model.ticker import Ticker

# --- the link ---------------------------------------------------------------------------------------------------


class LinkOpened(Struct, frozen=True):
    """A new connection exists; ``epoch`` rises by one each time. Everything derived is stale until ``LinkReady``."""

    epoch: int


class LinkReady(Struct, frozen=True):
    """Every private feed has delivered its first full frame on this connection."""

    epoch: int


class LinkLost(Struct, frozen=True):
    """The connection is gone, or judged dead. ``retry_in_ms`` until the next attempt."""

    epoch: int
    reason: str
    retry_in_ms: int


class LinkPulse(Struct, frozen=True):
    """The venue answered a ping: the line is alive even when no data flows."""

    round_trip_ms: int


class FeedBeat(Struct, frozen=True):
    """The venue's heartbeat: its stream flows even where nothing moves."""


class FeedSubscribed(Struct, frozen=True):
    feed: str
    symbol: str | None = None


class FeedRefused(Struct, frozen=True):
    """The venue would not give a feed, or shouted. ``private`` feeds refused usually mean wrong keys."""

    feed: str | None
    message: str
    private: bool = False


class FeedGap(Struct, frozen=True):
    """A counter jumped on a feed that has one: frames were lost. The feed re-subscribes by itself."""

    feed: str
    symbol: str | None
    expected: int
    received: int


class FrameUnreadable(Struct, frozen=True):
    """A frame could not be understood. If ``private``, state may have changed unseen: a refresh is due."""

    feed: str | None
    detail: str
    private: bool


# --- orders and fills -------------------------------------------------------------------------------------------


class OrdersSnapshot(Struct, frozen=True):
    """All working orders at subscription. A known order that is not here vanished while nobody looked."""

    orders: tuple[Order, ...]


class OrderUpdated(Struct, frozen=True):
    """An order works, was edited or was partly filled. ``reason`` is the venue's word."""

    order: Order
    reason: str


class OrderRemoved(Struct, frozen=True):
    """The venue says the order works no more. ``reason`` decides why; being removed is not being cancelled.

    ``filled`` and ``updated_ms`` are None in the short form of the frame, which carries ids only.
    """

    order_id: str
    client_order_id: str | None
    reason: CloseReason
    word: str
    filled: Decimal | None = None
    updated_ms: int | None = None
    order: Order | None = None


class FillsArrived(Struct, frozen=True):
    """Executions of our orders. ``snapshot`` repeats old ones: no sound, no toast for these."""

    fills: tuple[Fill, ...]
    snapshot: bool


# --- positions and money ----------------------------------------------------------------------------------------


class PositionsFrame(Struct, frozen=True):
    """The complete list at ``time_ms`` (venue time, None if unsaid); a contract that is absent is flat."""

    positions: tuple[Position, ...]
    time_ms: int | None = None


class AccountFrame(Struct, frozen=True):
    """Money by section; None means the section was not in the frame and is unchanged.

    ``cash`` and ``inverse`` are upserts by key, never deletions. ``flex`` replaces all multi-collateral pools
    (cross and isolated) and ``collateral`` with them.
    """

    time_ms: int
    snapshot: bool
    cash: tuple[tuple[str, Decimal], ...] | None = None
    inverse: tuple[MarginPool, ...] | None = None
    flex: tuple[MarginPool, ...] | None = None
    collateral: tuple[Collateral, ...] | None = None


class LogArrived(Struct, frozen=True):
    entries: tuple[LogEntry, ...]
    snapshot: bool


class NotificationsArrived(Struct, frozen=True):
    notifications: tuple[Notification, ...]


# --- the market -------------------------------------------------------------------------------------------------


class TickerUpdated(Struct, frozen=True, gc=False):
    ticker: Ticker


class BookSnapshot(Struct, frozen=True):
    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    seq: int
    time_ms: int


class BookDelta(Struct, frozen=True, gc=False):
    """One level's new absolute size; zero removes it. ``side`` BUY is the bid side."""

    symbol: str
    side: Side
    price: Decimal
    size: Decimal
    seq: int
    time_ms: int


class TradesArrived(Struct, frozen=True):
    """Public trades, newest last."""

    symbol: str
    trades: tuple[PublicTrade, ...]
    snapshot: bool


LinkEvent = (
    LinkOpened | LinkReady | LinkLost | LinkPulse | FeedBeat | FeedSubscribed | FeedRefused | FeedGap | FrameUnreadable
)
AccountEvent = (
    OrdersSnapshot
    | OrderUpdated
    | OrderRemoved
    | FillsArrived
    | PositionsFrame
    | AccountFrame
    | LogArrived
    | NotificationsArrived
)
MarketEvent = TickerUpdated | BookSnapshot | BookDelta | TradesArrived
Event = LinkEvent | AccountEvent | MarketEvent
