"""The words in which the venue says what became of a request.

``result: success`` only means that the request was understood; the words here tell the outcome.
Source: Kraken docs (sendorder, editorder, cancelorder, orders/status, open_orders feed) and live captures
2020-2026 where the docs are silent.
"""

from enum import IntEnum, StrEnum
from typing import Final


class SendStatus(StrEnum):
    """``status`` of ``sendStatus``, ``editStatus``, ``cancelStatus`` and each row of ``batchStatus``."""

    PLACED = "placed"
    PARTIALLY_FILLED = "partiallyFilled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EDITED = "edited"
    MARKET_SUSPENDED = "marketSuspended"
    MARKET_INACTIVE = "marketInactive"
    INVALID_PRICE = "invalidPrice"
    INVALID_SIZE = "invalidSize"
    INVALID_ORDER_TYPE = "invalidOrderType"
    INVALID_SIDE = "invalidSide"
    TOO_MANY_SMALL_ORDERS = "tooManySmallOrders"
    TOO_MANY_ORDERS = "tooManyOrders"
    INSUFFICIENT_AVAILABLE_FUNDS = "insufficientAvailableFunds"
    WOULD_CAUSE_LIQUIDATION = "wouldCauseLiquidation"
    CLIENT_ORDER_ID_ALREADY_EXIST = "clientOrderIdAlreadyExist"
    CLIENT_ORDER_ID_TOO_BIG = "clientOrderIdTooBig"
    CLIENT_ORDER_ID_TOO_LONG = "clientOrderIdTooLong"
    CLIENT_ORDER_ID_INVALID = "clientOrderIdInvalid"
    MAX_POSITION_VIOLATION = "maxPositionViolation"
    OUTSIDE_PRICE_COLLAR = "outsidePriceCollar"
    WOULD_INCREASE_PRICE_DISLOCATION = "wouldIncreasePriceDislocation"
    NOT_FOUND = "notFound"
    NO_ORDERS_TO_CANCEL = "noOrdersToCancel"
    ORDER_FOR_EDIT_NOT_A_STOP = "orderForEditNotAStop"
    ORDER_FOR_EDIT_NOT_FOUND = "orderForEditNotFound"
    POST_WOULD_EXECUTE = "postWouldExecute"
    IOC_WOULD_NOT_EXECUTE = "iocWouldNotExecute"
    SELF_FILL = "selfFill"
    WOULD_NOT_REDUCE_POSITION = "wouldNotReducePosition"
    REDUCE_ONLY_WOULD_INCREASE_POSITION = "reduceOnlyWouldIncreasePosition"
    MARKET_IS_POST_ONLY = "marketIsPostOnly"
    FIXED_LEVERAGE_TOO_HIGH = "fixedLeverageTooHigh"
    CANNOT_EDIT_TRIGGER_PRICE_OF_TRAILING_STOP = "cannotEditTriggerPriceOfTrailingStop"
    CANNOT_EDIT_LIMIT_PRICE_OF_TRAILING_STOP = "cannotEditLimitPriceOfTrailingStop"
    WOULD_PROCESS_AFTER_SPECIFIED_TIME = "wouldProcessAfterSpecifiedTime"
    REQUIRED_ARGUMENT_MISSING = "requiredArgumentMissing"


class EventType(StrEnum):
    """``type`` of an entry of ``orderEvents``."""

    PLACE = "PLACE"
    EXECUTION = "EXECUTION"
    EDIT = "EDIT"
    CANCEL = "CANCEL"
    REJECT = "REJECT"


class OrderError(StrEnum):
    """``reason`` of a REJECT event, ``error`` of ``orders/status``, ``orderError`` of history events."""

    MARKET_SUSPENDED = "MARKET_SUSPENDED"
    MARKET_NOT_FOUND = "MARKET_NOT_FOUND"
    INVALID_PRICE = "INVALID_PRICE"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    SMALL_ORDER_LIMIT_EXCEEDED = "SMALL_ORDER_LIMIT_EXCEEDED"
    INSUFFICIENT_MARGIN = "INSUFFICIENT_MARGIN"
    WOULD_CAUSE_LIQUIDATION = "WOULD_CAUSE_LIQUIDATION"
    CLIENT_ORDER_ID_IN_USE = "CLIENT_ORDER_ID_IN_USE"
    CLIENT_ORDER_ID_TOO_LONG = "CLIENT_ORDER_ID_TOO_LONG"
    MAX_POSITION_EXCEEDED = "MAX_POSITION_EXCEEDED"
    PRICE_COLLAR = "PRICE_COLLAR"
    PRICE_DISLOCATION = "PRICE_DISLOCATION"
    EDIT_HAS_NO_EFFECT = "EDIT_HAS_NO_EFFECT"
    ORDER_FOR_CANCELLATION_NOT_FOUND = "ORDER_FOR_CANCELLATION_NOT_FOUND"
    ORDER_FOR_EDIT_NOT_FOUND = "ORDER_FOR_EDIT_NOT_FOUND"
    ORDER_CANNOT_HAVE_TRIGGER_PRICE = "ORDER_CANNOT_HAVE_TRIGGER_PRICE"
    POST_WOULD_EXECUTE = "POST_WOULD_EXECUTE"
    IOC_WOULD_NOT_EXECUTE = "IOC_WOULD_NOT_EXECUTE"
    WOULD_EXECUTE_SELF = "WOULD_EXECUTE_SELF"
    WOULD_NOT_REDUCE_POSITION = "WOULD_NOT_REDUCE_POSITION"
    REJECTED_AFTER_EXECUTION = "REJECTED_AFTER_EXECUTION"
    MARKET_IS_POST_ONLY = "MARKET_IS_POST_ONLY"
    ORDER_LIMIT_EXCEEDED = "ORDER_LIMIT_EXCEEDED"
    FIXED_LEVERAGE_TOO_HIGH = "FIXED_LEVERAGE_TOO_HIGH"
    CANNOT_EDIT_TRIGGER_PRICE_OF_TRAILING_STOP = "CANNOT_EDIT_TRIGGER_PRICE_OF_TRAILING_STOP"
    CANNOT_EDIT_LIMIT_PRICE_OF_TRAILING_STOP = "CANNOT_EDIT_LIMIT_PRICE_OF_TRAILING_STOP"
    TRAILING_STOP_ORDER_LIMIT_EXCEEDED = "TRAILING_STOP_ORDER_LIMIT_EXCEEDED"
    TRAILING_STOP_PERCENT_TOO_PRECISE = "TRAILING_STOP_PERCENT_DEVIATION_EXCEEDS_MAX_DECIMAL_PLACES"
    TRAILING_STOP_QUOTE_OFF_TICK = "TRAILING_STOP_QUOTE_DEVIATION_NOT_MULTIPLE_OF_TICK_SIZE"
    TRAILING_STOP_MAX_DEVIATION_TOO_LARGE = "TRAILING_STOP_MAX_DEVIATION_TOO_LARGE"
    TRAILING_STOP_MAX_DEVIATION_TOO_SMALL = "TRAILING_STOP_MAX_DEVIATION_TOO_SMALL"
    TRAILING_STOP_NO_HEADROOM = "INSUFFICIENT_HEADROOM_AROUND_CURRENT_PRICE_TO_EDIT_TRAILING_STOP"
    TRAILING_STOP_NO_REFERENCE = "NO_REFERENCE_PRICE_AVAILABLE_FOR_CALCULATING_TRAILING_STOP_TRIGGER_PRICE"
    INSUFFICIENT_CLOSING_MARGIN = "INSUFFICIENT_CLOSING_MARGIN"
    LIMIT_PRICE_SET_TWICE = "LIMIT_PRICE_SET_AS_ABSOLUTE_AND_RELATIVE"
    LIMIT_PRICE_OFFSET_VALUE_INVALID = "LIMIT_PRICE_OFFSET_VALUE_INVALID"
    LIMIT_PRICE_OFFSET_UNIT_INVALID = "LIMIT_PRICE_OFFSET_UNIT_INVALID"
    LIMIT_PRICE_OFFSET_INCOMPLETE = "LIMIT_PRICE_OFFSET_MUST_HAVE_VALUE_AND_UNIT"
    LIMIT_PRICE_OFFSET_OFF_TICK = "LIMIT_PRICE_OFFSET_QUOTE_CURRENCY_VALUE_MUST_BE_MULTIPLE_OF_TICK_SIZE"
    LIMIT_PRICE_OFFSET_TOO_PRECISE = "LIMIT_PRICE_OFFSET_PERCENT_VALUE_TOO_MANY_DECIMAL_PLACES"
    LIMIT_PRICE_OFFSET_TOO_HIGH = "LIMIT_PRICE_OFFSET_TOO_HIGH"
    LIMIT_PRICE_OFFSET_TOO_LOW = "LIMIT_PRICE_OFFSET_TOO_LOW"


class UpdateReason(StrEnum):
    """``updateReason`` of ``orders/status``; history events carry the same words in lower case."""

    LOADING_MARKET = "LOADING_MARKET"
    NEW_USER_ORDER = "NEW_USER_ORDER"
    LIQUIDATION_ORDER = "LIQUIDATION_ORDER"
    STOP_ORDER_TRIGGERED = "STOP_ORDER_TRIGGERED"
    LIMIT_FROM_STOP = "LIMIT_FROM_STOP"
    PARTIAL_FILL = "PARTIAL_FILL"
    FULL_FILL = "FULL_FILL"
    CANCELLED_BY_USER = "CANCELLED_BY_USER"
    CONTRACT_EXPIRED = "CONTRACT_EXPIRED"
    NOT_ENOUGH_MARGIN = "NOT_ENOUGH_MARGIN"
    MARKET_INACTIVE = "MARKET_INACTIVE"
    DEAD_MAN_SWITCH = "DEAD_MAN_SWITCH"
    CANCELLED_BY_ADMIN = "CANCELLED_BY_ADMIN"
    POST_WOULD_EXECUTE = "POST_WOULD_EXECUTE_REASON"
    IOC_WOULD_NOT_EXECUTE = "IOC_WOULD_NOT_EXECUTE_REASON"
    WOULD_EXECUTE_SELF = "WOULD_EXECUTE_SELF_REASON"
    WOULD_NOT_REDUCE_POSITION = "WOULD_NOT_REDUCE_POSITION"
    EDITED_BY_USER = "EDITED_BY_USER"
    ORDER_FOR_EDIT_NOT_FOUND = "ORDER_FOR_EDIT_NOT_FOUND_REASON"
    EXPIRED = "EXPIRED"
    TRAILING_STOP_PRICE_UPDATED = "TRAILING_STOP_PRICE_UPDATED"
    TRAILING_STOP_REPLACED_BY_ADMIN = "TRAILING_STOP_CANCELLED_AND_REPLACED_BY_ADMIN"
    CANCELLED_BY_SELF_TRADE = "CANCELLED_BY_SELF_TRADE"


class FeedReason(StrEnum):
    """``reason`` of an ``open_orders`` frame.

    The docs list most of them; ``edited_by_user`` is a live capture (2021, 2023). Both spellings of the
    refused post-only order occur.
    """

    NEW_PLACED_ORDER_BY_USER = "new_placed_order_by_user"
    EDITED_BY_USER = "edited_by_user"
    LIMIT_ORDER_FROM_STOP = "limit_order_from_stop"
    PARTIAL_FILL = "partial_fill"
    FULL_FILL = "full_fill"
    STOP_ORDER_TRIGGERED = "stop_order_triggered"
    CANCELLED_BY_USER = "cancelled_by_user"
    CANCELLED_BY_ADMIN = "cancelled_by_admin"
    CANCELLED_BY_SELF_TRADE = "cancelled_by_self_trade"
    DEAD_MAN_SWITCH = "dead_man_switch"
    LIQUIDATION = "liquidation"
    NOT_ENOUGH_MARGIN = "not_enough_margin"
    MARKET_INACTIVE = "market_inactive"
    CONTRACT_EXPIRED = "contract_expired"
    IOC_FAILED = "ioc_order_failed_because_it_would_not_be_executed"
    POST_FAILED = "post_order_failed_because_it_would_filled"
    POST_FAILED_VERBOSE = "post_order_failed_because_it_would_be_filled"
    WOULD_EXECUTE_SELF = "would_execute_self"
    WOULD_NOT_REDUCE_POSITION = "would_not_reduce_position"
    ORDER_FOR_EDIT_NOT_FOUND = "order_for_edit_not_found"
    TRAILING_STOP_PRICE_UPDATED = "trailing_stop_price_updated"


class WordError(StrEnum):
    """``error`` of an answer whose ``result`` is ``error``; live it may carry ``: detail`` after the word."""

    ACCOUNT_INACTIVE = "accountInactive"
    API_LIMIT_EXCEEDED = "apiLimitExceeded"
    AUTHENTICATION_ERROR = "authenticationError"
    BAD_REQUEST = "Bad Request"
    CONTRACT_NOT_FOUND = "contractNotFound"
    INSUFFICIENT_FUNDS = "insufficientFunds"
    INSUFFICIENT_PRIVILEGES = "insufficientPrivileges"
    INVALID_ACCOUNT = "invalidAccount"
    INVALID_AMOUNT = "invalidAmount"
    INVALID_ARGUMENT = "invalidArgument"
    INVALID_UNIT = "invalidUnit"
    JSON_PARSE_ERROR = "Json Parse Error"
    MARKET_UNAVAILABLE = "marketUnavailable"
    NONCE_BELOW_THRESHOLD = "nonceBelowThreshold"
    NONCE_DUPLICATE = "nonceDuplicate"
    NOT_FOUND = "notFound"
    REQUIRED_ARGUMENT_MISSING = "requiredArgumentMissing"
    SERVER_ERROR = "Server Error"
    UNAVAILABLE = "Unavailable"
    UNKNOWN_ERROR = "unknownError"


class ErrorCode(IntEnum):
    """``errors[].code`` of coded error answers (docs of the preference endpoints, live capture 2026-09)."""

    GENERAL = 0
    ARGUMENT_INVALID = 11
    WOULD_CAUSE_LIQUIDATION = 41
    CONTRACT_NOT_FOUND = 87
    CONTRACT_NOT_MULTI_COLLATERAL = 88
    CURRENCY_NOT_FOUND = 89
    CURRENCY_NOT_ENABLED = 90
    INSUFFICIENT_MARGIN = 92
    NOT_PERMITTED = 95
    MAX_LEVERAGE_OUT_OF_BOUNDS = 98


class Alert(StrEnum):
    """``message`` of an ``alert`` frame (live captures 2023-2026)."""

    AUTHENTICATION_FAILED = "Failed to subscribe to authenticated feed"
    ALREADY_SUBSCRIBED = "Already subscribed to feed, re-requesting"
    INVALID_FEED = "Couldn't subscribe to invalid feed"
    NOT_SUBSCRIBED = "Not subscribed to feed"
    BAD_MESSAGE = "Bad websocket message"
    JSON_ERROR = "Json Error"
    ENGINE_UNAVAILABLE = "Trading engine unavailable"
    RATE_LIMITED = "Rate limit exceeded"


INVALID_PRODUCT_ALERT: Final = "Couldn't subscribe to invalid product `{product}`"
"""Alert for an unknown product; the product appears between backticks (live capture 2026)."""
