"""Orders: what we ask for, what works at the venue, and the three answers to a request.

Invariant: an order request becomes ``Accepted``, ``Refused`` or ``Unknown``. A timeout is ``Unknown``; it is
never shown or treated as a refusal.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.decimals import ZERO
from tui.model.enums import CloseReason, DeviationUnit, OrderState, OrderType, Side, TriggerSignal
from tui.model.fill import Fill


class OrderRequest(Struct, frozen=True):
    """The very value that is confirmed, journalled and sent.

    ``size`` in contracts. ``limit_price``: required for LIMIT, POST, IOC, FOK; optional child limit for STOP and
    TAKE_PROFIT; absent otherwise. ``stop_price``: STOP and TAKE_PROFIT only. ``deviation``: TRAILING_STOP only.
    ``process_before_ms``: the venue refuses the order if it would handle it later than this.
    """

    client_order_id: str
    symbol: str
    side: Side
    type: OrderType
    size: Decimal
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trigger_signal: TriggerSignal | None = None
    reduce_only: bool = False
    deviation: Decimal | None = None
    deviation_unit: DeviationUnit | None = None
    process_before_ms: int | None = None


class EditRequest(Struct, frozen=True):
    """A change to one order. ``size`` is the new *open* (remaining) size; None leaves a field as it is."""

    symbol: str
    order_id: str
    client_order_id: str | None = None
    size: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    deviation: Decimal | None = None
    deviation_unit: DeviationUnit | None = None
    process_before_ms: int | None = None


class CancelRequest(Struct, frozen=True):
    """Cancels one order by the venue's id, or by ours when the venue's is not known yet."""

    symbol: str
    order_id: str | None
    client_order_id: str | None = None


class Order(Struct, frozen=True):
    """An order as the desk knows it.

    ``filled`` is cumulative and never falls for an id; ``remaining`` is what still works; their sum is the size.
    ``created_ms`` and ``updated_ms`` are venue time; ``updated_ms`` orders two descriptions of one order.
    """

    order_id: str
    symbol: str
    side: Side
    type: OrderType
    remaining: Decimal
    filled: Decimal = ZERO
    client_order_id: str | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trigger_signal: TriggerSignal | None = None
    reduce_only: bool = False
    deviation: Decimal | None = None
    deviation_unit: DeviationUnit | None = None
    created_ms: int = 0
    updated_ms: int = 0
    state: OrderState = OrderState.OPEN
    close_reason: CloseReason | None = None

    @property
    def size(self) -> Decimal:
        return self.remaining + self.filled

    @property
    def working_price(self) -> Decimal | None:
        """The price the order waits at: the trigger price of a stop, else the limit price."""
        return self.stop_price if self.type.is_trigger else self.limit_price


class Accepted(Struct, frozen=True):
    """The venue took it. It may rest, be filled, or both; ``fills`` are the executions it reported at once.

    ``status`` is the venue's own word. ``resting``: the answer placed something that still works.
    """

    status: str
    order_id: str | None
    client_order_id: str | None
    filled: Decimal = ZERO
    resting: bool = False
    fills: tuple[Fill, ...] = ()
    order: Order | None = None
    server_ms: int | None = None


class Refused(Struct, frozen=True):
    """The venue (or the desk itself) said no and nothing works because of it.

    ``status`` is the word that was said; ``explanation`` plain words; ``advice`` what to press or change next.
    """

    status: str
    explanation: str
    advice: str = ""
    order_id: str | None = None
    client_order_id: str | None = None
    by_desk: bool = False
    server_ms: int | None = None


class Unknown(Struct, frozen=True):
    """Something may have been sent and nobody answered. Must be settled by asking, never by sending again."""

    explanation: str
    client_order_id: str | None = None
    order_id: str | None = None


Outcome = Accepted | Refused | Unknown


class CancelAllResult(Struct, frozen=True):
    """``order_ids`` are the orders the venue says it cancelled; trust them over ``status``."""

    status: str
    order_ids: tuple[str, ...] = ()
    server_ms: int | None = None


class OrderStatusReport(Struct, frozen=True):
    """What the venue remembers of an order it still works on or finished seconds ago."""

    order: Order
    state: OrderState
    close_reason: CloseReason | None = None
    error: str | None = None


class OrderEnd(Struct, frozen=True):
    """How an order stopped, from the venue's history. ``filled`` is cumulative, None when it is not told;
    ``client_order_id`` None when it has none.
    """

    order_id: str
    reason: CloseReason
    time_ms: int
    filled: Decimal | None = None
    client_order_id: str | None = None


class Unresolved(Struct, frozen=True):
    """An order, edit or cancel whose outcome is not known yet, as the screens show it.

    ``what`` is its one-line text, ``since_ms`` the local time it was sent, ``asking`` what is being done.
    """

    client_order_id: str
    symbol: str
    kind: str
    what: str
    since_ms: int
    asking: str
    request: OrderRequest | EditRequest | CancelRequest | None = None
