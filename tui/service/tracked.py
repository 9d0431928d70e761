"""One order and the evidence about it, and what a description of an order says against it.

Invariant: everything here is a comparison of values; who may change an order, and when, is said in ``orders``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tui.model.decimals import ZERO
from tui.model.enums import CloseReason, OrderState, OrderType
from tui.model.fill import Fill
from tui.model.order import Order, OrderRequest


class Closure(StrEnum):
    OPEN = "open"
    UNSEEN = "unseen"
    SOFT = "soft"
    HARD = "hard"


@dataclass(slots=True)
class Tracked:
    """One order and the evidence about it.

    ``order.filled`` is the largest cumulative size anybody reported, ``executed`` the sum of fills counted: the
    difference is owed to us. ``total`` is the whole size in the newest description. ``seen_n``: when the stream or an
    answer about this very order last spoke of it; ``born_n``: when it first existed for us; ``close_n``: when closed.
    ``connection``: during which of the stream's connections anything changed last, whatever the source.
    """

    order: Order
    closure: Closure
    born_n: int
    seen_n: int = 0
    close_n: int = 0
    total: Decimal = ZERO
    executed: Decimal = ZERO
    misses: int = 0
    owed_since_ms: int | None = None
    pulls: int = 0
    connection: int = 0

    @property
    def is_closed(self) -> bool:
        return self.closure in (Closure.SOFT, Closure.HARD)


@dataclass(slots=True)
class Submission:
    """A request on its way: no venue id yet."""

    request: OrderRequest
    at_ms: int
    n: int
    unresolved: bool = False


def is_child(tracked: Tracked, row: Order) -> bool:
    """Whether ``row`` is the order that a triggered stop placed under the stop's own id."""
    was_trigger = tracked.order.type.is_trigger and tracked.order.close_reason is CloseReason.TRIGGERED
    return was_trigger and not row.type.is_trigger


def contradicts(row: Order, known: Tracked) -> bool:
    """Whether a row denies what was known for certain."""
    order = known.order
    is_ghost = known.closure is Closure.HARD and not is_child(known, row)
    return is_ghost or row.filled < order.filled or row.updated_ms < order.updated_ms


def type_of(said: OrderType, known: OrderType) -> OrderType:
    """The venue's rows call everything that rests or rested a limit order; what we asked for says more."""
    if said is OrderType.UNKNOWN or (
        said is OrderType.LIMIT and known is not OrderType.UNKNOWN and not known.is_trigger
    ):
        return known
    return said


def as_order(sent: Submission) -> Order:
    """A request as the order it is meant to become; its own client id stands in for the id it does not have yet."""
    request = sent.request
    return Order(
        order_id=request.client_order_id,
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        remaining=request.size,
        client_order_id=request.client_order_id,
        limit_price=request.limit_price,
        stop_price=request.stop_price,
        trigger_signal=request.trigger_signal,
        reduce_only=request.reduce_only,
        deviation=request.deviation,
        deviation_unit=request.deviation_unit,
        created_ms=sent.at_ms,
        state=OrderState.SUBMITTING,
    )


def from_fill(fill: Fill) -> Order:
    """All that one fill says about its order."""
    return Order(
        order_id=fill.order_id,
        symbol=fill.symbol,
        side=fill.side,
        type=OrderType.UNKNOWN,
        remaining=fill.remaining or ZERO,
        client_order_id=fill.client_order_id,
        created_ms=fill.time_ms,
    )
