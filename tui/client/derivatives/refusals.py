"""The venue's refusals of orders, edits and cancels in plain words, each with the next step.

Invariant: a word is a success only if it is listed as one for that kind of request. A word of refusal is an
``OrderRefused``, every other word an ``UnknownAnswer``: nothing may be concluded from it.
Source of the words: Kraken docs, sendorder, editorder, cancelorder, batchorder.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from tui.model.errors import OrderRefused, UnknownAnswer, VenueError
from tui.wire.derivatives.outcomes import OrderError, SendStatus

S = SendStatus
E = OrderError

_SETTLE = "Ask for the order's state before acting again"


class Kind(StrEnum):
    """What was asked for."""

    SEND = "order"
    EDIT = "edit"
    CANCEL = "cancel"


SUCCESS: Final = {
    Kind.SEND: frozenset({S.PLACED, S.PARTIALLY_FILLED, S.FILLED}),
    Kind.EDIT: frozenset({S.EDITED, S.PLACED, S.PARTIALLY_FILLED, S.FILLED}),
    Kind.CANCEL: frozenset({S.CANCELLED}),
}
"""An edit that executes whole says ``filled``; a cancel that says so came too late and is none."""

REFUSALS: Final[dict[SendStatus, tuple[str, str]]] = {
    S.FILLED: ("The order is filled already", "There is nothing left to change or cancel"),
    S.CANCELLED: ("The order is cancelled and does not work", "Send a new order if you still want it"),
    S.MARKET_SUSPENDED: ("Trading in this contract is suspended", "Wait until Kraken opens it again"),
    S.MARKET_INACTIVE: ("This contract is not traded now", "It may have expired; choose another contract"),
    S.INVALID_PRICE: ("The price is not allowed", "Use a positive price on the tick; a stop needs its trigger price"),
    S.INVALID_SIZE: ("The size is not allowed", "Use a positive size in whole lots"),
    S.INVALID_ORDER_TYPE: ("This order type is not offered here", "Choose another order type"),
    S.INVALID_SIDE: ("The side is not allowed", "Use buy or sell"),
    S.TOO_MANY_SMALL_ORDERS: ("Too many small orders are open", "Cancel some, or make this one larger"),
    S.TOO_MANY_ORDERS: ("Too many orders are open or waiting", "Cancel some first"),
    S.INSUFFICIENT_AVAILABLE_FUNDS: ("Not enough available margin", "Make it smaller, cancel orders or add funds"),
    S.WOULD_CAUSE_LIQUIDATION: ("It would put the account into liquidation", "Make it smaller or add funds"),
    S.CLIENT_ORDER_ID_ALREADY_EXIST: ("This client order id was used before", "Look for that order; use a fresh id"),
    S.CLIENT_ORDER_ID_TOO_BIG: ("The client order id is too long", "Use at most 100 characters"),
    S.CLIENT_ORDER_ID_TOO_LONG: ("The client order id is too long", "Use at most 100 characters"),
    S.CLIENT_ORDER_ID_INVALID: ("The client order id has letters Kraken does not take", "Use letters and digits"),
    S.MAX_POSITION_VIOLATION: ("It would exceed the largest position allowed", "Make it smaller"),
    S.OUTSIDE_PRICE_COLLAR: ("The price is too far from the mark price", "Move the price closer to the market"),
    S.WOULD_INCREASE_PRICE_DISLOCATION: ("It would push a price that has left its index further away", "Wait"),
    S.NOT_FOUND: ("Kraken knows no such working order", "It was filled or cancelled meanwhile: look at fills"),
    S.NO_ORDERS_TO_CANCEL: ("There are no orders to cancel", ""),
    S.ORDER_FOR_EDIT_NOT_A_STOP: ("This order has no trigger price to change", "Change its limit price instead"),
    S.ORDER_FOR_EDIT_NOT_FOUND: ("The order to change no longer works", "It was filled or cancelled: look at fills"),
    S.POST_WOULD_EXECUTE: ("A post-only order at this price would trade at once", "Move the price off the market"),
    S.IOC_WOULD_NOT_EXECUTE: ("Nothing could be filled at this price", "Use a better price or let the order rest"),
    S.SELF_FILL: ("It would trade against your own order", "Cancel your order on the other side first"),
    S.WOULD_NOT_REDUCE_POSITION: ("It is reduce-only and there is no position it would reduce", "Check the side"),
    S.REDUCE_ONLY_WOULD_INCREASE_POSITION: ("It is reduce-only and would add to the position", "Check the side"),
    S.MARKET_IS_POST_ONLY: ("The market takes post-only orders for now", "Send it post-only, or wait"),
    S.FIXED_LEVERAGE_TOO_HIGH: ("The leverage set for this contract is too high for the size", "Lower the leverage"),
    S.CANNOT_EDIT_TRIGGER_PRICE_OF_TRAILING_STOP: ("A trailing stop moves its own trigger", "Change its distance"),
    S.CANNOT_EDIT_LIMIT_PRICE_OF_TRAILING_STOP: ("A trailing stop has no limit price", "Change its distance"),
    S.WOULD_PROCESS_AFTER_SPECIFIED_TIME: (
        "It arrived after its deadline and was dropped",
        "Send it again if you still want it; check this computer's clock",
    ),
    S.REQUIRED_ARGUMENT_MISSING: ("A needed field is missing", "Fill in price, size and trigger for this order type"),
}
"""What each word means where it is not a success. Words that only ever tell a success (``placed``, ``edited`` ...) are
not here: where they do not fit the request, they say nothing that can be relied on.
"""

ORDER_ERRORS: Final[dict[OrderError, str]] = {
    E.MARKET_SUSPENDED: "trading in this contract is suspended",
    E.MARKET_NOT_FOUND: "there is no such contract",
    E.INVALID_PRICE: "the price is not allowed",
    E.INVALID_QUANTITY: "the size is not allowed",
    E.SMALL_ORDER_LIMIT_EXCEEDED: "too many small orders are open",
    E.INSUFFICIENT_MARGIN: "not enough available margin",
    E.WOULD_CAUSE_LIQUIDATION: "it would put the account into liquidation",
    E.CLIENT_ORDER_ID_IN_USE: "this client order id was used before",
    E.CLIENT_ORDER_ID_TOO_LONG: "the client order id is too long",
    E.MAX_POSITION_EXCEEDED: "it would exceed the largest position allowed",
    E.PRICE_COLLAR: "the price is too far from the mark price",
    E.PRICE_DISLOCATION: "it would push the price further from its index",
    E.EDIT_HAS_NO_EFFECT: "the edit changes nothing",
    E.ORDER_FOR_CANCELLATION_NOT_FOUND: "the order to cancel no longer works",
    E.ORDER_FOR_EDIT_NOT_FOUND: "the order to change no longer works",
    E.ORDER_CANNOT_HAVE_TRIGGER_PRICE: "this order type takes no trigger price",
    E.POST_WOULD_EXECUTE: "a post-only order would trade at once",
    E.IOC_WOULD_NOT_EXECUTE: "nothing could be filled at this price",
    E.WOULD_EXECUTE_SELF: "it would trade against your own order",
    E.WOULD_NOT_REDUCE_POSITION: "it is reduce-only and would not reduce a position",
    E.REJECTED_AFTER_EXECUTION: "the rest was refused after a part was filled",
    E.MARKET_IS_POST_ONLY: "the market takes post-only orders for now",
    E.ORDER_LIMIT_EXCEEDED: "too many orders are open",
    E.FIXED_LEVERAGE_TOO_HIGH: "the leverage set is too high for the size",
    E.CANNOT_EDIT_TRIGGER_PRICE_OF_TRAILING_STOP: "a trailing stop moves its own trigger",
    E.CANNOT_EDIT_LIMIT_PRICE_OF_TRAILING_STOP: "a trailing stop has no limit price",
    E.TRAILING_STOP_ORDER_LIMIT_EXCEEDED: "too many trailing stops are open",
    E.TRAILING_STOP_PERCENT_TOO_PRECISE: "the trailing distance has too many digits",
    E.TRAILING_STOP_QUOTE_OFF_TICK: "the trailing distance is not on the tick",
    E.TRAILING_STOP_MAX_DEVIATION_TOO_LARGE: "the trailing distance is too large",
    E.TRAILING_STOP_MAX_DEVIATION_TOO_SMALL: "the trailing distance is too small",
    E.TRAILING_STOP_NO_HEADROOM: "the price is too close to change the trailing stop",
    E.TRAILING_STOP_NO_REFERENCE: "there is no price from which to trail",
    E.INSUFFICIENT_CLOSING_MARGIN: "not enough margin to close",
    E.LIMIT_PRICE_SET_TWICE: "the limit price is given twice",
    E.LIMIT_PRICE_OFFSET_VALUE_INVALID: "the limit price offset is not allowed",
    E.LIMIT_PRICE_OFFSET_UNIT_INVALID: "the unit of the limit price offset is not allowed",
    E.LIMIT_PRICE_OFFSET_INCOMPLETE: "the limit price offset needs value and unit",
    E.LIMIT_PRICE_OFFSET_OFF_TICK: "the limit price offset is not on the tick",
    E.LIMIT_PRICE_OFFSET_TOO_PRECISE: "the limit price offset has too many digits",
    E.LIMIT_PRICE_OFFSET_TOO_HIGH: "the limit price offset is too high",
    E.LIMIT_PRICE_OFFSET_TOO_LOW: "the limit price offset is too low",
}
"""Reasons of REJECT events and of ``orders/status``, as the second half of a sentence."""


def is_success(kind: Kind, word: str) -> bool:
    return word in SUCCESS[kind]


def refusal(kind: Kind, word: str, *, order_id: str | None, client_order_id: str | None) -> VenueError:
    """The error for a ``status`` word that is no success for ``kind``."""
    known = next((status for status in REFUSALS if status == word), None)
    if known is None:
        return UnknownAnswer(f"Kraken answered the {kind} with {word!r}, which this program cannot place", _SETTLE)
    what, advice = REFUSALS[known]
    return OrderRefused(what, advice, status=word, order_id=order_id, client_order_id=client_order_id)


def order_error_text(word: str | None) -> str | None:
    """Plain words for a reject reason; the venue's own word if it is new; None for none."""
    if not word:
        return None
    known = next((error for error in OrderError if error == word), None)
    return ORDER_ERRORS[known] if known else word
