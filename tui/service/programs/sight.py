"""What a program sees of its orders: the ledger's evidence in the few words that its decisions turn on.

Invariant: an order of which anything is not known is BUSY, and a program leaves a BUSY order alone. NOTHING and OVER
are said only where no order of that id can work at the venue.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tui.model.decimals import ZERO
from tui.model.enums import CloseReason, Side
from tui.model.order import CancelRequest, EditRequest
from tui.service.ledger import Ledger
from tui.service.tracked import Closure, Tracked


class Fate(StrEnum):
    """NOTHING: it was never sent, was refused, or provably never reached the book."""

    NOTHING = "nothing"
    BUSY = "busy"
    WORKING = "working"
    OVER = "over"


class Sight(Struct, frozen=True):
    """``reason``: why it ended; None of an order that is OVER: it ended while nobody looked. ``is_odd``: it fired and
    has not filled, or vanished, and it is not known yet what came of it.
    """

    fate: Fate
    order_id: str | None = None
    remaining: Decimal = ZERO
    filled: Decimal = ZERO
    limit_price: Decimal | None = None
    reason: CloseReason | None = None
    is_odd: bool = False


class Scene(Struct, frozen=True):
    """``live``: the stream is up and was compared with REST. ``doubtful``: an act on the contract is unresolved.
    ``closable``: contracts that this program's reduce-only orders may close now. ``touch``: best price by side.
    """

    now_ms: int
    orders: Mapping[str, Sight]
    live: bool = True
    doubtful: bool = False
    closable: Decimal = ZERO
    touch: Mapping[Side, Decimal] = {}

    def of(self, client_order_id: str) -> Sight:
        return self.orders.get(client_order_id, Sight(Fate.NOTHING))


class Known(Struct, frozen=True):
    """What the runner knows besides the ledger. ``busy``: client ids of orders on which an act is on its way;
    ``taken``: of those that the venue is known to have accepted, also in an earlier run; ``executed``: sizes of fills
    by client id, as the child of a trigger may have an id of its own; ``compared``: all open orders were asked for at
    least once in this run. ``young``: another program on this machine may just be sending the first order.
    """

    busy: Collection[str] = ()
    taken: Collection[str] = ()
    executed: Mapping[str, Decimal] = {}
    compared: bool = True
    young: bool = False


def sight_of(ledger: Ledger, client_order_id: str, known: Known) -> Sight:
    """What is known of one order."""
    orders = ledger.orders
    tracked = orders.by_client(client_order_id)
    executed = known.executed.get(client_order_id, ZERO)
    if client_order_id in known.busy or orders.is_submitting(client_order_id):
        return _as(Fate.BUSY, tracked, executed)
    if tracked is None:
        if not known.compared:
            return Sight(Fate.BUSY, filled=executed)
        if executed or client_order_id in known.taken:
            return Sight(Fate.OVER, filled=executed)
        return Sight(Fate.BUSY if known.young else Fate.NOTHING)
    if _in_doubt(ledger, tracked.order.order_id):
        return _as(Fate.BUSY, tracked, executed)
    return _as(_fate(tracked, executed, compared=known.compared), tracked, executed)


def _fate(tracked: Tracked, executed: Decimal, *, compared: bool) -> Fate:
    if _is_odd(tracked, executed):
        return Fate.BUSY
    match tracked.closure:
        case Closure.OPEN:
            return Fate.WORKING
        case Closure.UNSEEN:  # known by fills of the past alone: if it worked, the open orders would have shown it
            return Fate.OVER if compared else Fate.BUSY
        case Closure.SOFT | Closure.HARD:
            return Fate.OVER


def _is_odd(tracked: Tracked, executed: Decimal) -> bool:
    """A trigger that fired is followed by an order that carries its client id; what vanished may come back."""
    order = tracked.order
    fired = order.close_reason is CloseReason.TRIGGERED
    vanished = tracked.closure is Closure.SOFT and order.close_reason in (None, CloseReason.UNKNOWN)
    return tracked.is_closed and (fired or vanished) and max(order.filled, executed) < order.size


def _in_doubt(ledger: Ledger, order_id: str) -> bool:
    return any(
        isinstance(intent.request, EditRequest | CancelRequest) and intent.request.order_id == order_id
        for intent in ledger.doubts.intents()
    )


def _as(fate: Fate, tracked: Tracked | None, executed: Decimal) -> Sight:
    if tracked is None:
        return Sight(fate, filled=executed)
    order, filled = tracked.order, max(tracked.order.filled, executed)
    reason = order.close_reason
    if reason is not None and filled >= order.size > 0:
        reason = CloseReason.FILLED
    odd = _is_odd(tracked, executed)
    return Sight(fate, order.order_id, order.remaining, filled, order.limit_price, reason, odd)
