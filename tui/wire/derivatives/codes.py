"""The venue's words, spelt as it spells them.

Only words live here: what a word means to a trader, or what the exchange does about it, is decided elsewhere.
Values compare equal to plain strings, so a word the venue invents tomorrow still passes as ``str``.
Source unless noted: Kraken docs (futures REST and WebSocket pages, 2026 text).
"""

from enum import IntEnum, StrEnum
from typing import Final


class Side(StrEnum):
    """Side in the trading API and on public feeds."""

    BUY = "buy"
    SELL = "sell"


class HistorySide(StrEnum):
    """Side in the history API."""

    BUY = "Buy"
    SELL = "Sell"


class PositionSide(StrEnum):
    """Side in ``openpositions``."""

    LONG = "long"
    SHORT = "short"


class Direction(IntEnum):
    """Side in ``open_orders`` frames."""

    BUY = 0
    SELL = 1


class OrderType(StrEnum):
    """``orderType`` of ``sendorder``."""

    LMT = "lmt"
    POST = "post"
    IOC = "ioc"
    MKT = "mkt"
    FOK = "fok"
    STP = "stp"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"


class OpenOrderType(StrEnum):
    """``orderType`` of ``openorders``; a stop comes back as ``stop`` (live capture 2023-07)."""

    LMT = "lmt"
    STOP = "stop"
    STP = "stp"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"


class FeedOrderType(StrEnum):
    """``type`` of an order in ``open_orders`` frames."""

    LIMIT = "limit"
    STOP = "stop"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"


class EventOrderType(StrEnum):
    """``type`` of an order inside ``orderEvents``; a market order comes back as ``ioc``."""

    LMT = "lmt"
    IOC = "ioc"
    POST = "post"
    STP = "stp"
    FOK = "fok"
    LIQUIDATION = "liquidation"
    ASSIGNMENT = "assignment"
    UNWIND = "unwind"
    BLOCK = "block"
    UNKNOWN = "unknown"


class HistoryOrderType(StrEnum):
    """``orderType`` in the history API."""

    LIMIT = "Limit"
    IOC = "IoC"
    POST = "Post"
    MARKET = "Market"
    STOP = "Stop"
    FILL_OR_KILL = "FillOrKill"
    LIQUIDATION = "Liquidation"
    PARTIAL_LIQUIDATION = "PartialLiquidation"
    ASSIGNMENT = "Assignment"
    UNWIND = "Unwind"
    UNKNOWN = "Unknown"


class TriggerSignal(StrEnum):
    """``triggerSignal`` of ``sendorder``: the price a trigger watches."""

    MARK = "mark"
    INDEX = "index"
    LAST = "last"


SIGNAL_OF_WORD: Final[dict[str, TriggerSignal]] = {
    "mark": TriggerSignal.MARK,
    "index": TriggerSignal.INDEX,
    "last": TriggerSignal.LAST,
    "spot": TriggerSignal.INDEX,
    "mark_price": TriggerSignal.MARK,
    "spot_price": TriggerSignal.INDEX,
    "last_price": TriggerSignal.LAST,
    "MARK_PRICE": TriggerSignal.MARK,
    "SPOT_PRICE": TriggerSignal.INDEX,
    "LAST_PRICE": TriggerSignal.LAST,
    "MarkPrice": TriggerSignal.MARK,
    "SpotPrice": TriggerSignal.INDEX,
    "LastPrice": TriggerSignal.LAST,
}
"""Every spelling of a trigger signal, in requests and in all answers."""

OPEN_ORDER_SIGNAL: Final = {
    TriggerSignal.MARK: "mark",
    TriggerSignal.INDEX: "spot",
    TriggerSignal.LAST: "last",
}
"""Signal words of ``openorders`` rows and ``open_orders`` frames."""

EVENT_SIGNAL: Final = {
    TriggerSignal.MARK: "mark_price",
    TriggerSignal.INDEX: "spot_price",
    TriggerSignal.LAST: "last_price",
}
"""Signal words inside ``orderEvents``."""

STATUS_SIGNAL: Final = {
    TriggerSignal.MARK: "MARK_PRICE",
    TriggerSignal.INDEX: "SPOT_PRICE",
    TriggerSignal.LAST: "LAST_PRICE",
}
"""Signal words of ``orders/status``."""

HISTORY_SIGNAL: Final = {
    TriggerSignal.MARK: "MarkPrice",
    TriggerSignal.INDEX: "SpotPrice",
    TriggerSignal.LAST: "LastPrice",
}
"""Signal words of the history API."""


class TriggerSide(StrEnum):
    """``triggerSide`` inside ``orderEvents``; ``orders/status`` sends the same words in upper case."""

    ABOVE = "trigger_above"
    BELOW = "trigger_below"


class DeviationUnit(StrEnum):
    """Unit of a trailing deviation or a limit price offset in requests."""

    PERCENT = "PERCENT"
    QUOTE_CURRENCY = "QUOTE_CURRENCY"


class QtyMode(StrEnum):
    """``qtyMode`` of ``editorder``: does ``size`` mean the open rest or the total with fills."""

    RELATIVE = "RELATIVE"
    ABSOLUTE = "ABSOLUTE"


class SelfTradeStrategy(StrEnum):
    REJECT_TAKER = "REJECT_TAKER"
    CANCEL_MAKER_SELF = "CANCEL_MAKER_SELF"
    CANCEL_MAKER_CHILD = "CANCEL_MAKER_CHILD"
    CANCEL_MAKER_ANY = "CANCEL_MAKER_ANY"


class InstrumentType(StrEnum):
    INVERSE = "futures_inverse"
    FLEXIBLE = "flexible_futures"
    VANILLA = "futures_vanilla"
    OPTIONS = "options"


class FillType(StrEnum):
    """``fillType`` of REST fills and ``fill_type`` of frames."""

    MAKER = "maker"
    TAKER = "taker"
    LIQUIDATION = "liquidation"
    PARTIAL_LIQUIDATION = "partialLiquidation"
    ASSIGNOR = "assignor"
    ASSIGNEE = "assignee"
    TAKER_AFTER_EDIT = "takerAfterEdit"
    UNWIND_BANKRUPT = "unwindBankrupt"
    UNWIND_COUNTERPARTY = "unwindCounterparty"


class TradeType(StrEnum):
    """``type`` of public trades."""

    FILL = "fill"
    LIQUIDATION = "liquidation"
    PARTIAL_LIQUIDATION = "partial liquidation"
    ASSIGNMENT = "assignment"
    TERMINATION = "termination"
    BLOCK = "block"
    UNWIND = "unwind"
    RFQ = "rfq"


class OrderStatusWord(StrEnum):
    """``status`` of an order in ``openorders``."""

    UNTOUCHED = "untouched"
    PARTIALLY_FILLED = "partiallyFilled"


class OrderState(StrEnum):
    """``status`` of a row of ``orders/status``."""

    ENTERED_BOOK = "ENTERED_BOOK"
    FULLY_EXECUTED = "FULLY_EXECUTED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    TRIGGER_PLACED = "TRIGGER_PLACED"
    TRIGGER_ACTIVATION_FAILURE = "TRIGGER_ACTIVATION_FAILURE"


class Resolution(StrEnum):
    """Candle widths of the charts API; compared there without regard to case."""

    M1 = "1m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H4 = "4h"
    H12 = "12h"
    D1 = "1d"
    W1 = "1w"


class TickType(StrEnum):
    """Price series of the charts API."""

    TRADE = "trade"
    MARK = "mark"
    SPOT = "spot"


class Permission(StrEnum):
    """Rights of a key, as the key check tells them."""

    NO_ACCESS = "NO_ACCESS"
    READ_ONLY = "READ_ONLY"
    FULL_ACCESS = "FULL_ACCESS"
