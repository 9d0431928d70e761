"""The venue's words and numbers as the model's.

Invariant: a word that decides money (a side) must be known or the row is malformed; a word that only describes (an
order type, a fill type) falls back to ``UNKNOWN``, because the venue's lists grow.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tui.model.enums import CloseReason, DeviationUnit, Liquidity, OrderType, Side, TriggerSignal
from tui.wire.derivatives.codec import MalformedError
from tui.wire.derivatives.codes import SIGNAL_OF_WORD, FillType
from tui.wire.derivatives.outcomes import FeedReason, UpdateReason
from tui.wire.derivatives.times import to_ms

ZERO: Final = Decimal(0)
_MAGNITUDES: Final = range(-40, 31)

_SIDES: Final = {"buy": Side.BUY, "sell": Side.SELL, "Buy": Side.BUY, "Sell": Side.SELL}

_ORDER_TYPES: Final = {
    "lmt": OrderType.LIMIT,
    "limit": OrderType.LIMIT,
    "post": OrderType.POST,
    "mkt": OrderType.MARKET,
    "market": OrderType.MARKET,
    "ioc": OrderType.IOC,
    "fok": OrderType.FOK,
    "fillorkill": OrderType.FOK,
    "stp": OrderType.STOP,
    "stop": OrderType.STOP,
    "stop_loss": OrderType.STOP,
    "take_profit": OrderType.TAKE_PROFIT,
    "trailing_stop": OrderType.TRAILING_STOP,
}

_UNITS: Final = {
    "percent": DeviationUnit.PERCENT,
    "quote_currency": DeviationUnit.QUOTE,
    "quotecurrency": DeviationUnit.QUOTE,
}

LIQUIDITY: Final = {
    FillType.MAKER: Liquidity.MAKER,
    FillType.TAKER: Liquidity.TAKER,
    FillType.TAKER_AFTER_EDIT: Liquidity.TAKER,
    FillType.LIQUIDATION: Liquidity.LIQUIDATION,
    FillType.PARTIAL_LIQUIDATION: Liquidity.LIQUIDATION,
    FillType.ASSIGNOR: Liquidity.ASSIGNMENT,
    FillType.ASSIGNEE: Liquidity.ASSIGNMENT,
    FillType.UNWIND_BANKRUPT: Liquidity.UNWIND,
    FillType.UNWIND_COUNTERPARTY: Liquidity.UNWIND,
}
_LIQUIDITY_OF_WORD: Final = {str(word): liquidity for word, liquidity in LIQUIDITY.items()}

REMOVALS: Final = {
    FeedReason.FULL_FILL: CloseReason.FILLED,
    FeedReason.PARTIAL_FILL: CloseReason.REMAINDER_DROPPED,
    FeedReason.STOP_ORDER_TRIGGERED: CloseReason.TRIGGERED,
    FeedReason.CANCELLED_BY_USER: CloseReason.CANCELLED,
    FeedReason.CANCELLED_BY_ADMIN: CloseReason.CANCELLED_BY_VENUE,
    FeedReason.CANCELLED_BY_SELF_TRADE: CloseReason.SELF_TRADE,
    FeedReason.DEAD_MAN_SWITCH: CloseReason.DEAD_MAN_SWITCH,
    FeedReason.LIQUIDATION: CloseReason.LIQUIDATION,
    FeedReason.NOT_ENOUGH_MARGIN: CloseReason.MARGIN,
    FeedReason.MARKET_INACTIVE: CloseReason.CANCELLED_BY_VENUE,
    FeedReason.CONTRACT_EXPIRED: CloseReason.EXPIRED,
    FeedReason.IOC_FAILED: CloseReason.REJECTED,
    FeedReason.POST_FAILED: CloseReason.REJECTED,
    FeedReason.POST_FAILED_VERBOSE: CloseReason.REJECTED,
    FeedReason.WOULD_EXECUTE_SELF: CloseReason.SELF_TRADE,
    FeedReason.WOULD_NOT_REDUCE_POSITION: CloseReason.REJECTED,
    FeedReason.ORDER_FOR_EDIT_NOT_FOUND: CloseReason.UNKNOWN,
    FeedReason.NEW_PLACED_ORDER_BY_USER: CloseReason.UNKNOWN,
    FeedReason.EDITED_BY_USER: CloseReason.UNKNOWN,
    FeedReason.LIMIT_ORDER_FROM_STOP: CloseReason.UNKNOWN,
    FeedReason.TRAILING_STOP_PRICE_UPDATED: CloseReason.UNKNOWN,
}
"""Why a removed order stopped. The last five are not said of removed orders; if they are, they explain nothing."""
_REMOVAL_OF_WORD: Final = {str(word): reason for word, reason in REMOVALS.items()}

ENDINGS: Final = {
    UpdateReason.FULL_FILL: CloseReason.FILLED,
    UpdateReason.PARTIAL_FILL: CloseReason.REMAINDER_DROPPED,
    UpdateReason.STOP_ORDER_TRIGGERED: CloseReason.TRIGGERED,
    UpdateReason.LIMIT_FROM_STOP: CloseReason.TRIGGERED,
    UpdateReason.CANCELLED_BY_USER: CloseReason.CANCELLED,
    UpdateReason.CANCELLED_BY_ADMIN: CloseReason.CANCELLED_BY_VENUE,
    UpdateReason.CANCELLED_BY_SELF_TRADE: CloseReason.SELF_TRADE,
    UpdateReason.TRAILING_STOP_REPLACED_BY_ADMIN: CloseReason.CANCELLED_BY_VENUE,
    UpdateReason.DEAD_MAN_SWITCH: CloseReason.DEAD_MAN_SWITCH,
    UpdateReason.LIQUIDATION_ORDER: CloseReason.LIQUIDATION,
    UpdateReason.NOT_ENOUGH_MARGIN: CloseReason.MARGIN,
    UpdateReason.MARKET_INACTIVE: CloseReason.CANCELLED_BY_VENUE,
    UpdateReason.CONTRACT_EXPIRED: CloseReason.EXPIRED,
    UpdateReason.EXPIRED: CloseReason.EXPIRED,
    UpdateReason.POST_WOULD_EXECUTE: CloseReason.REJECTED,
    UpdateReason.IOC_WOULD_NOT_EXECUTE: CloseReason.REJECTED,
    UpdateReason.WOULD_EXECUTE_SELF: CloseReason.SELF_TRADE,
    UpdateReason.WOULD_NOT_REDUCE_POSITION: CloseReason.CANCELLED_BY_VENUE,  # at the door: rejected
    UpdateReason.LOADING_MARKET: CloseReason.UNKNOWN,
    UpdateReason.NEW_USER_ORDER: CloseReason.UNKNOWN,
    UpdateReason.EDITED_BY_USER: CloseReason.UNKNOWN,
    UpdateReason.ORDER_FOR_EDIT_NOT_FOUND: CloseReason.UNKNOWN,
    UpdateReason.TRAILING_STOP_PRICE_UPDATED: CloseReason.UNKNOWN,
}
"""Why an order that ``orders/status`` calls cancelled stopped."""
_ENDING_OF_WORD: Final = {str(word): reason for word, reason in ENDINGS.items()}


def side(word: str) -> Side:
    known = _SIDES.get(word)
    if known is None:
        raise MalformedError(f"side {word!r}")
    return known


def order_type(word: str) -> OrderType:
    return _ORDER_TYPES.get(word.casefold(), OrderType.UNKNOWN)


def signal(word: str | None) -> TriggerSignal | None:
    """Any of the five spellings of a trigger signal; None for none and for words not known."""
    known = SIGNAL_OF_WORD.get(word) if word else None
    return TriggerSignal(known.value) if known else None


def deviation_unit(word: str | None) -> DeviationUnit | None:
    return _UNITS.get(word.casefold()) if word else None


def liquidity(word: str) -> Liquidity:
    return _LIQUIDITY_OF_WORD.get(word, Liquidity.UNKNOWN)


def removal(word: str) -> CloseReason:
    return _REMOVAL_OF_WORD.get(word.casefold(), CloseReason.UNKNOWN)


def ending(word: str | None) -> CloseReason:
    return _ENDING_OF_WORD.get(word.upper(), CloseReason.UNKNOWN) if word else CloseReason.UNKNOWN


def coin(name: str) -> str:
    """A currency as wallets spell it: upper case, and XBT where pairs and fees say BTC."""
    upper = name.upper()
    return "XBT" if upper == "BTC" else upper


def symbol(name: str) -> str:
    """The venue's own spelling; all lower case (payloads before 2025, the account log) becomes upper case."""
    return name.upper() if name.islower() else name


def is_inverse(name: str) -> bool:
    return name.startswith(("PI_", "FI_"))


def number(value: Decimal) -> Decimal:
    """A finite number of sane size; the wire may say NaN or 1e999999 in quotes, and neither is an amount."""
    if not value.is_finite() or value.adjusted() not in _MAGNITUDES:
        raise MalformedError("a number that is none")
    return value


def optional(value: Decimal | None) -> Decimal | None:
    return None if value is None else number(value)


def nonzero(value: Decimal | None) -> Decimal | None:
    """The wire says 0 where it means none: prices of orders, liquidation thresholds."""
    return number(value) if value else None


def amount(value: Decimal | None) -> Decimal:
    return ZERO if value is None else number(value)


def time_ms(iso: str | None) -> int | None:
    """Milliseconds of an ISO time, None if it is absent or is no time (``"0"`` is not)."""
    if not iso:
        return None
    try:
        return to_ms(iso)
    except (ValueError, OverflowError):
        return None


def vital_time_ms(iso: str) -> int:
    moment = time_ms(iso)
    if moment is None:
        raise MalformedError(f"time {iso!r}")
    return moment
