"""Answers to orders, edits and cancels, and the lists of orders and fills.

One id has four spellings (``order_id``, ``orderId``, ``uid``, and a client's id three: ``cliOrdId``,
``cli_ord_id``, ``clientId``); here each is ``order_id`` and ``cli_ord_id``. Source: Kraken docs and live captures
2019-2026.
"""

from decimal import Decimal

from msgspec import field

from tui.wire.derivatives.base import Answer, Wire


class EventOrder(Wire, frozen=True, kw_only=True):
    """An order inside ``orderEvents``; ``filled`` counts what was filled before the event."""

    order_id: str
    cli_ord_id: str | None = None
    type: str = ""
    symbol: str = ""
    side: str = ""
    quantity: Decimal | None = None
    filled: Decimal = Decimal(0)
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    reduce_only: bool = False
    timestamp: str | None = None
    last_update_timestamp: str | None = None


class EventTrigger(Wire, frozen=True, kw_only=True):
    """A waiting trigger inside ``orderEvents``; ``type`` is its child's (``lmt``, or ``ioc`` for a market stop)."""

    order_id: str = field(name="uid")
    cli_ord_id: str | None = field(name="clientId", default=None)
    type: str = ""
    symbol: str = ""
    side: str = ""
    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    trigger_side: str | None = None
    trigger_signal: str | None = None
    reduce_only: bool = False
    timestamp: str | None = None
    last_update_timestamp: str | None = None
    limit_price_offset_value: Decimal | None = None
    limit_price_offset_unit: str | None = None


class EditedValue(Wire, frozen=True, kw_only=True):
    """``old`` or ``new`` of an EDIT event: an order (``orderId``) or a trigger (``uid``)."""

    order_id: str | None = None
    uid: str | None = None
    cli_ord_id: str | None = None
    client_id: str | None = None
    type: str = ""
    symbol: str = ""
    side: str = ""
    quantity: Decimal | None = None
    filled: Decimal | None = None
    limit_price: Decimal | None = None
    trigger_price: Decimal | None = None
    trigger_side: str | None = None
    trigger_signal: str | None = None
    reduce_only: bool = False
    last_update_timestamp: str | None = None


class OrderEvent(Wire, frozen=True, kw_only=True):
    """One entry of ``orderEvents``; which keys are there follows from ``type``.

    PLACE: ``order`` or ``orderTrigger``. EXECUTION: ``executionId``, ``price``, ``amount``,
    ``orderPriorExecution``. EDIT: ``old``, ``new``. CANCEL and REJECT: ``uid`` and the order or trigger.
    """

    type: str = ""
    uid: str | None = None
    reason: str | None = None
    order: EventOrder | None = None
    order_trigger: EventTrigger | None = None
    reduced_quantity: Decimal | None = None
    execution_id: str | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    order_prior_edit: EventOrder | None = None
    order_prior_execution: EventOrder | None = None
    taker_reduced_quantity: Decimal | None = None
    old: EditedValue | None = None
    new: EditedValue | None = None


class Outcome(Wire, frozen=True, kw_only=True):
    """Shared by ``sendStatus``, ``editStatus``, ``cancelStatus`` and rows of ``batchStatus``.

    ``status`` holds a ``SendStatus`` word, or one not known yet. Ids, time and events may be missing on
    refusals. The wire names the id ``order_id`` after sends and cancels and ``orderId`` after edits, the time
    ``receivedTime`` or, in batches, ``dateTimeReceived``.
    """

    status: str
    order_id_snake: str | None = field(name="order_id", default=None)
    order_id_camel: str | None = field(name="orderId", default=None)
    cli_ord_id_camel: str | None = field(name="cliOrdId", default=None)
    cli_ord_id_snake: str | None = field(name="cli_ord_id", default=None)
    order_tag: str | int | None = field(name="order_tag", default=None)
    received_time: str | None = None
    date_time_received: str | None = None
    order_events: list[OrderEvent] | None = None

    @property
    def order_id(self) -> str | None:
        return self.order_id_snake or self.order_id_camel

    @property
    def cli_ord_id(self) -> str | None:
        return self.cli_ord_id_camel or self.cli_ord_id_snake

    @property
    def received(self) -> str | None:
        return self.received_time or self.date_time_received

    @property
    def events(self) -> list[OrderEvent]:
        return self.order_events or []


class SendOrder(Answer, frozen=True, kw_only=True):
    send_status: Outcome


class EditOrder(Answer, frozen=True, kw_only=True):
    edit_status: Outcome


class CancelOrder(Answer, frozen=True, kw_only=True):
    cancel_status: Outcome


class BatchOrder(Answer, frozen=True, kw_only=True):
    """One row per instruction, in the order of the request."""

    batch_status: list[Outcome]


class CancelledOrder(Wire, frozen=True, kw_only=True):
    order_id: str = field(name="order_id")
    cli_ord_id_camel: str | None = field(name="cliOrdId", default=None)
    cli_ord_id_snake: str | None = field(name="cli_ord_id", default=None)

    @property
    def cli_ord_id(self) -> str | None:
        return self.cli_ord_id_camel or self.cli_ord_id_snake


class CancelAllStatus(Wire, frozen=True, kw_only=True):
    """Trust ``cancelledOrders``: ``noOrdersToCancel`` beside a listed order was captured live (2026-04)."""

    status: str
    received_time: str | None = None
    cancel_only: str | None = None
    cancelled_orders: list[CancelledOrder] | None = None
    order_events: list[OrderEvent] | None = None


class CancelAllOrders(Answer, frozen=True, kw_only=True):
    cancel_status: CancelAllStatus


class DeadManStatus(Wire, frozen=True, kw_only=True):
    """``triggerTime`` is ISO time, or ``"0"`` when disarmed."""

    current_time: str | None = None
    trigger_time: str | int | None = None


class CancelAllOrdersAfter(Answer, frozen=True, kw_only=True):
    status: DeadManStatus


class TrailingOptions(Wire, frozen=True, kw_only=True):
    max_deviation: Decimal | None = None
    unit: str | None = None


class TriggerOptions(Wire, frozen=True, kw_only=True):
    """Words in upper case, unlike in ``orderEvents``."""

    trigger_price: Decimal | None = None
    trigger_side: str | None = None
    trigger_signal: str | None = None
    trailing_stop_options: TrailingOptions | None = None


class StatusOrder(Wire, frozen=True, kw_only=True):
    """``type`` is ``ORDER`` or ``TRIGGER_ORDER``."""

    type: str = ""
    order_id: str
    cli_ord_id_camel: str | None = field(name="cliOrdId", default=None)
    cli_ord_id_snake: str | None = field(name="cli_ord_id", default=None)
    symbol: str = ""
    side: str = ""
    quantity: Decimal | None = None
    filled: Decimal | None = None
    limit_price: Decimal | None = None
    reduce_only: bool = False
    timestamp: str | None = None
    last_update_timestamp: str | None = None
    price_trigger_options: TriggerOptions | None = None
    trigger_time: str | None = None

    @property
    def cli_ord_id(self) -> str | None:
        return self.cli_ord_id_camel or self.cli_ord_id_snake


class OrderStatus(Wire, frozen=True, kw_only=True):
    order: StatusOrder
    status: str
    update_reason: str | None = None
    error: str | None = None


class OrdersStatus(Answer, frozen=True, kw_only=True):
    """Orders that are open or ended within the last 5 seconds; others are simply not listed."""

    orders: list[OrderStatus]


class OpenOrder(Wire, frozen=True, kw_only=True):
    """A row of ``openorders``; the original size is ``filledSize`` plus ``unfilledSize``."""

    order_id: str = field(name="order_id")
    cli_ord_id_camel: str | None = field(name="cliOrdId", default=None)
    cli_ord_id_snake: str | None = field(name="cli_ord_id", default=None)
    symbol: str
    side: str
    order_type: str
    status: str | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    filled_size: Decimal = Decimal(0)
    unfilled_size: Decimal | None = None
    reduce_only: bool = False
    trigger_signal: str | None = None
    received_time: str | None = None
    last_update_time: str | None = None

    @property
    def cli_ord_id(self) -> str | None:
        return self.cli_ord_id_camel or self.cli_ord_id_snake


class OpenOrders(Answer, frozen=True, kw_only=True):
    open_orders: list[OpenOrder]


class RestFill(Wire, frozen=True, kw_only=True):
    """A row of ``fills``; it tells no fee."""

    fill_id: str = field(name="fill_id")
    order_id: str = field(name="order_id")
    cli_ord_id_camel: str | None = field(name="cliOrdId", default=None)
    cli_ord_id_snake: str | None = field(name="cli_ord_id", default=None)
    symbol: str
    side: str
    size: Decimal
    price: Decimal
    fill_time: str
    fill_type: str = ""
    realized_pnl: Decimal | None = field(name="realized_pnl", default=None)

    @property
    def cli_ord_id(self) -> str | None:
        return self.cli_ord_id_camel or self.cli_ord_id_snake


class Fills(Answer, frozen=True, kw_only=True):
    """At most 100, newest first by the docs; captures differ, so sort."""

    fills: list[RestFill]
