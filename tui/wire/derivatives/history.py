"""Answers of the history API, version 3 (version 2 is the same service under another name).

No ``result`` envelope; times are milliseconds, amounts text, sides ``Buy`` and ``Sell``. Each element's ``event`` is
an object with exactly one key that names it. Source: Kraken docs (history pages) and live captures 2025-2026.
"""

from decimal import Decimal

from msgspec import field

from tui.wire.derivatives.base import Wire


class HistoryOrder(Wire, frozen=True, kw_only=True):
    """``orderType`` is a ``HistoryOrderType`` word; ``clientId`` is ``""`` when the order has none."""

    uid: str
    tradeable: str = ""
    direction: str = ""
    quantity: Decimal | None = None
    filled: Decimal | None = None
    timestamp: int | None = None
    limit_price: Decimal | None = None
    order_type: str = ""
    client_id: str = ""
    reduce_only: bool = False
    last_update_timestamp: int | None = None


class OrderData(Wire, frozen=True, kw_only=True):
    """What the execution did to this account."""

    fee: Decimal | None = None
    position_size: Decimal | None = None
    realized_pnl: Decimal | None = None


class Execution(Wire, frozen=True, kw_only=True):
    """``executionType`` is ``maker`` or ``taker``. Older payloads carry both orders with separate data."""

    uid: str
    timestamp: int
    quantity: Decimal
    price: Decimal
    order: HistoryOrder | None = None
    maker_order: HistoryOrder | None = None
    taker_order: HistoryOrder | None = None
    execution_type: str | None = None
    mark_price: Decimal | None = None
    limit_filled: bool | None = None
    usd_value: Decimal | None = None
    order_data: OrderData | None = None
    maker_order_data: OrderData | None = None
    taker_order_data: OrderData | None = None


class ExecutionHolder(Wire, frozen=True, kw_only=True):
    execution: Execution


class ExecutionEvent(Wire, frozen=True, kw_only=True):
    """The docs' pages say ``Execution``, the specification ``execution``: both are read."""

    upper: ExecutionHolder | None = field(name="Execution", default=None)
    lower: ExecutionHolder | None = field(name="execution", default=None)

    @property
    def execution(self) -> Execution | None:
        holder = self.upper or self.lower
        return holder.execution if holder else None


class ExecutionElement(Wire, frozen=True, kw_only=True):
    uid: str
    timestamp: int
    event: ExecutionEvent


class Executions(Wire, frozen=True, kw_only=True):
    """A page; pass ``continuationToken`` back as ``continuation_token``. No token: the end."""

    account_uid: str | None = None
    elements: list[ExecutionElement] = field(default_factory=list)
    len: int | None = None
    continuation_token: str | None = None


class OrderChange(Wire, frozen=True, kw_only=True):
    """Body of any order event: one order, or the old and the new one."""

    order: HistoryOrder | None = None
    old_order: HistoryOrder | None = None
    new_order: HistoryOrder | None = None
    attempted_order: HistoryOrder | None = None
    reason: str | None = None
    order_error: str | None = None


class OrderHistoryEvent(Wire, frozen=True, kw_only=True, rename="pascal"):
    """Exactly one is present, named as on the wire."""

    order_placed: OrderChange | None = None
    order_updated: OrderChange | None = None
    order_rejected: OrderChange | None = None
    order_cancelled: OrderChange | None = None
    order_edit_rejected: OrderChange | None = None
    order_trigger_cancelled: OrderChange | None = None
    order_trigger_activated: OrderChange | None = None


class OrderElement(Wire, frozen=True, kw_only=True):
    uid: str
    timestamp: int
    event: OrderHistoryEvent


class OrderHistory(Wire, frozen=True, kw_only=True):
    """A page of order events, newest first unless asked otherwise."""

    account_uid: str | None = None
    elements: list[OrderElement] = field(default_factory=list)
    len: int | None = None
    continuation_token: str | None = None
