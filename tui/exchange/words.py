"""The venue's words for what happens to an order: one refusal or reason, its three spellings.

Sources: the venue's send-order, order-status and open-orders pages. The engine thinks in the stream's reason
(``partial_fill``); REST's ``updateReason`` and the history's ``reason`` follow from it. Invariant: every
reason the engine uses is in ``UPDATE_REASONS``.
"""

from dataclasses import dataclass
from typing import Final

UPDATE_REASONS: Final = {
    "new_placed_order_by_user": "NEW_USER_ORDER",
    "partial_fill": "PARTIAL_FILL",
    "full_fill": "FULL_FILL",
    "cancelled_by_user": "CANCELLED_BY_USER",
    "edited_by_user": "EDITED_BY_USER",
    "liquidation": "LIQUIDATION_ORDER",
    "stop_order_triggered": "STOP_ORDER_TRIGGERED",
    "limit_order_from_stop": "LIMIT_FROM_STOP",
    "contract_expired": "CONTRACT_EXPIRED",
    "not_enough_margin": "NOT_ENOUGH_MARGIN",
    "market_inactive": "MARKET_INACTIVE",
    "dead_man_switch": "DEAD_MAN_SWITCH",
    "ioc_order_failed_because_it_would_not_be_executed": "IOC_WOULD_NOT_EXECUTE_REASON",
    "post_order_failed_because_it_would_filled": "POST_WOULD_EXECUTE_REASON",
    "would_execute_self": "WOULD_EXECUTE_SELF_REASON",
    "would_not_reduce_position": "WOULD_NOT_REDUCE_POSITION",
    "trailing_stop_price_updated": "TRAILING_STOP_PRICE_UPDATED",
    "cancelled_by_self_trade": "CANCELLED_BY_SELF_TRADE",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """``status`` of sendStatus, ``error`` of REJECT events and order status, ``reason`` on the stream.

    ``with_id``: the venue makes an order id and a REJECT event for it; the rest are refused before that.
    """

    status: str
    error: str
    reason: str = "market_inactive"
    with_id: bool = False


LATE: Final = Refusal("wouldProcessAfterSpecifiedTime", "REJECTED_AFTER_EXECUTION")
INVALID_TYPE: Final = Refusal("invalidOrderType", "INVALID_ORDER_TYPE")
INVALID_SIDE: Final = Refusal("invalidSide", "INVALID_SIDE")
INVALID_PRICE: Final = Refusal("invalidPrice", "INVALID_PRICE")
INVALID_SIZE: Final = Refusal("invalidSize", "INVALID_QUANTITY")
ID_IN_USE: Final = Refusal("clientOrderIdAlreadyExist", "CLIENT_ORDER_ID_IN_USE")
ID_TOO_LONG: Final = Refusal("clientOrderIdTooBig", "CLIENT_ORDER_ID_TOO_LONG")
ID_INVALID: Final = Refusal("clientOrderIdInvalid", "CLIENT_ORDER_ID_INVALID")
SUSPENDED: Final = Refusal("marketSuspended", "MARKET_SUSPENDED")
INACTIVE: Final = Refusal("marketInactive", "MARKET_NOT_FOUND")
POST_ONLY_MARKET: Final = Refusal("marketIsPostOnly", "MARKET_IS_POST_ONLY")
TOO_MANY: Final = Refusal("tooManyOrders", "ORDER_LIMIT_EXCEEDED")
TOO_MANY_TRAILING: Final = Refusal("tooManyOrders", "TRAILING_STOP_ORDER_LIMIT_EXCEEDED")
TOO_MANY_SMALL: Final = Refusal("tooManySmallOrders", "SMALL_ORDER_LIMIT_EXCEEDED")
MAX_POSITION: Final = Refusal("maxPositionViolation", "MAX_POSITION_EXCEEDED")
COLLAR: Final = Refusal("outsidePriceCollar", "PRICE_COLLAR")
LEVERAGE: Final = Refusal("fixedLeverageTooHigh", "FIXED_LEVERAGE_TOO_HIGH", "not_enough_margin")
FUNDS: Final = Refusal("insufficientAvailableFunds", "INSUFFICIENT_MARGIN", "not_enough_margin")
LIQUIDATION: Final = Refusal("wouldCauseLiquidation", "WOULD_CAUSE_LIQUIDATION", "not_enough_margin")
NOT_REDUCING: Final = Refusal(
    "wouldNotReducePosition", "WOULD_NOT_REDUCE_POSITION", "would_not_reduce_position", with_id=True
)
POST: Final = Refusal(
    "postWouldExecute", "POST_WOULD_EXECUTE", "post_order_failed_because_it_would_filled", with_id=True
)
IOC: Final = Refusal(
    "iocWouldNotExecute", "IOC_WOULD_NOT_EXECUTE", "ioc_order_failed_because_it_would_not_be_executed", with_id=True
)
SELF: Final = Refusal("selfFill", "WOULD_EXECUTE_SELF", "would_execute_self", with_id=True)
EDIT_NOT_FOUND: Final = Refusal("orderForEditNotFound", "ORDER_FOR_EDIT_NOT_FOUND")
EDIT_NOT_A_STOP: Final = Refusal("orderForEditNotAStop", "ORDER_CANNOT_HAVE_TRIGGER_PRICE")
TRAILING_TRIGGER_FIXED: Final = Refusal(
    "cannotEditTriggerPriceOfTrailingStop", "CANNOT_EDIT_TRIGGER_PRICE_OF_TRAILING_STOP"
)
TRAILING_LIMIT_FIXED: Final = Refusal("cannotEditLimitPriceOfTrailingStop", "CANNOT_EDIT_LIMIT_PRICE_OF_TRAILING_STOP")
