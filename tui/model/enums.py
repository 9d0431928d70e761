"""The closed vocabularies of trading, in the field's words.

Each is a ``StrEnum`` so that a value prints, logs and stores as itself. Matching on one of these ends in
``assert_never``: a new member then shows every place that must learn it.
"""

from __future__ import annotations

from enum import StrEnum


class Environment(StrEnum):
    """Where orders go; from a replay they go nowhere. Shown as a word and a frame colour at all times."""

    PAPER = "paper"
    LIVE = "live"
    REPLAY = "replay"


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """+1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class PositionSide(StrEnum):
    LONG = "long"
    SHORT = "short"


class OrderType(StrEnum):
    LIMIT = "limit"
    POST = "post"
    MARKET = "market"
    IOC = "ioc"
    FOK = "fok"
    STOP = "stop"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"
    UNKNOWN = "unknown"  # the venue's list grows; an order of a type we cannot name is still an order

    @property
    def is_trigger(self) -> bool:
        """Waits for a signal before it becomes an order in the book."""
        return self in (OrderType.STOP, OrderType.TAKE_PROFIT, OrderType.TRAILING_STOP)

    @property
    def can_rest(self) -> bool:
        return self in (OrderType.LIMIT, OrderType.POST)


class TriggerSignal(StrEnum):
    """The price a trigger watches."""

    MARK = "mark"
    INDEX = "index"
    LAST = "last"


class DeviationUnit(StrEnum):
    """Unit of a trailing stop's distance."""

    PERCENT = "percent"
    QUOTE = "quote"


class ContractKind(StrEnum):
    """LINEAR: size in coin, money in USD. INVERSE: size in USD contracts, money in coin."""

    LINEAR = "linear"
    INVERSE = "inverse"


class MarginMode(StrEnum):
    CROSS = "cross"
    ISOLATED = "isolated"


class Liquidity(StrEnum):
    MAKER = "maker"
    TAKER = "taker"
    LIQUIDATION = "liquidation"
    ASSIGNMENT = "assignment"
    UNWIND = "unwind"
    UNKNOWN = "unknown"


class CloseReason(StrEnum):
    """Why an order stopped working. ``FILLED`` and the rest are said by the venue; ``UNKNOWN`` is ours:
    the order vanished and nobody has said why yet.
    """

    FILLED = "filled"
    CANCELLED = "cancelled"
    CANCELLED_BY_VENUE = "cancelled_by_venue"
    DEAD_MAN_SWITCH = "dead_man_switch"
    TRIGGERED = "triggered"
    REJECTED = "rejected"
    MARGIN = "not_enough_margin"
    LIQUIDATION = "liquidation"
    EXPIRED = "expired"
    REMAINDER_DROPPED = "remainder_dropped"
    SELF_TRADE = "self_trade"
    UNKNOWN = "unknown"


class OrderState(StrEnum):
    """Life of an order as the desk knows it.

    ``UNRESOLVED``: sent, and nobody has said what became of it. It is neither alive nor dead and is asked
    about until it is one of them.
    """

    SUBMITTING = "submitting"
    UNRESOLVED = "unresolved"
    OPEN = "open"
    CLOSED = "closed"
