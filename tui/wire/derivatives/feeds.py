"""Names of the WebSocket feeds and of the frames they send.

A feed is what one subscribes to; a frame's ``feed`` may differ from it (``book`` sends ``book_snapshot``).
Source: Kraken docs, WebSocket v1.
"""

from enum import StrEnum
from typing import Final


class Event(StrEnum):
    """``event`` of control frames, in both directions."""

    INFO = "info"
    CHALLENGE = "challenge"
    SUBSCRIBE = "subscribe"
    SUBSCRIBED = "subscribed"
    SUBSCRIBED_FAILED = "subscribed_failed"
    UNSUBSCRIBE = "unsubscribe"
    UNSUBSCRIBED = "unsubscribed"
    UNSUBSCRIBED_FAILED = "unsubscribed_failed"
    ALERT = "alert"
    ERROR = "error"


class Feed(StrEnum):
    """What a client can subscribe to."""

    TICKER = "ticker"
    TICKER_LITE = "ticker_lite"
    TRADE = "trade"
    BOOK = "book"
    HEARTBEAT = "heartbeat"
    OPEN_ORDERS = "open_orders"
    OPEN_ORDERS_VERBOSE = "open_orders_verbose"
    FILLS = "fills"
    OPEN_POSITIONS = "open_positions"
    BALANCES = "balances"
    ACCOUNT_LOG = "account_log"
    NOTIFICATIONS = "notifications_auth"


PRODUCT_FEEDS: Final = frozenset({Feed.TICKER, Feed.TICKER_LITE, Feed.TRADE, Feed.BOOK})
"""Public feeds subscribed product by product."""

PRIVATE_FEEDS: Final = frozenset(
    {
        Feed.OPEN_ORDERS,
        Feed.OPEN_ORDERS_VERBOSE,
        Feed.FILLS,
        Feed.OPEN_POSITIONS,
        Feed.BALANCES,
        Feed.ACCOUNT_LOG,
        Feed.NOTIFICATIONS,
    }
)
"""Feeds whose subscribe and unsubscribe carry a signed challenge."""

LEGACY_PRIVATE_FEEDS: Final = frozenset({"account_balances_and_margins", "deposits_withdrawals"})
"""Private feeds of older documents that some clients still ask for."""

SILENCE_LIMIT_S: Final = 60
"""The venue closes a connection from which nothing, not even a ping, came for so long (docs)."""

CONNECTION_LIMIT: Final = 100
REQUESTS_PER_SECOND: Final = 100
"""Connections per client, and requests per second on each (docs; may change without notice)."""
