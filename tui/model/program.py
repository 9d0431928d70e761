"""Programs: orders that depend on each other, or on the market, and that the desk looks after once they were confirmed.

A plan is what was confirmed; a progress is how far it came. Both are values, kept in the journal. Invariant: a plan
holds every price, size and client order id that it may ever send, so that what a crashed desk would send is known.
"""

from __future__ import annotations

from decimal import Decimal
from uuid import NAMESPACE_OID, uuid5

from msgspec import Struct

from tui.model.decimals import ZERO
from tui.model.enums import Side
from tui.model.order import OrderRequest


class Linked(Struct, frozen=True, tag="linked"):
    """Orders that share one size. With an ``entry`` it is a bracket: ``legs`` are its stop and its target, and what the
    entry filled is their size. Without one it is an OCO: the size of the legs is theirs from the start. ``legs`` are
    one or two requests of one side, in the whole size and with a client order id that is never sent.
    """

    id: str
    entry: OrderRequest | None
    legs: tuple[OrderRequest, ...]

    @property
    def symbol(self) -> str:
        return self.legs[0].symbol

    @property
    def side(self) -> Side:
        """The side of the legs."""
        return self.legs[0].side

    @property
    def reduces(self) -> bool:
        return self.legs[0].reduce_only

    def leg_id(self, leg: int, attempt: int) -> str:
        """Client order id of the ``attempt``-th order (from 1) that is placed for a leg."""
        return str(uuid5(NAMESPACE_OID, f"{self.id}/{leg}/{attempt}"))


class Chase(Struct, frozen=True, tag="chase"):
    """A post-only ``order`` that follows the best price of its side: at most ``within`` (in price) from where it
    started, and with at most ``edits`` edits.
    """

    id: str
    order: OrderRequest
    within: Decimal
    edits: int

    @property
    def symbol(self) -> str:
        return self.order.symbol


class Scale(Struct, frozen=True, tag="scale"):
    """Limit orders over a range of prices, sent in one batch. Once sent they are orders like any other."""

    id: str
    orders: tuple[OrderRequest, ...]

    @property
    def symbol(self) -> str:
        return self.orders[0].symbol


Program = Linked | Chase | Scale
Standing = Linked | Chase
"""What the desk looks after until it ends."""


class Leg(Struct, frozen=True):
    """``fills``: executed size of each attempt so far, the last one's included. ``is_out``: the last attempt has not
    ended. ``pulled``: its cancel was asked for by the program. ``refusals``: in a row; ``wait_ms``: nothing more is
    tried before. ``lost``: why the leg will not be placed again, empty while it may; ``is_told``: the trader knows.
    ``asked``: the size of the last edit, ``tries``: how often in a row it was asked for. ``odd_ms``: since when it has
    fired, or vanished, and nobody has said what came of it.
    """

    fills: tuple[Decimal, ...] = ()
    is_out: bool = False
    pulled: bool = False
    refusals: int = 0
    wait_ms: int = 0
    lost: str = ""
    is_told: bool = False
    asked: Decimal | None = None
    tries: int = 0
    odd_ms: int | None = None

    @property
    def filled(self) -> Decimal:
        return sum(self.fills, ZERO)


class LinkedProgress(Struct, frozen=True, tag="linked"):
    """``short_ms``: since when the position is smaller than what the program thinks is open. ``elsewhere``: how much
    of it was closed by something else. ``ended``: why it is over.
    """

    legs: tuple[Leg, ...]
    entry: Leg = Leg()
    short_ms: int | None = None
    elsewhere: Decimal = ZERO
    ended: str = ""


class ChaseProgress(Struct, frozen=True, tag="chase"):
    edits: int = 0
    wait_ms: int = 0
    ended: str = ""


Progress = LinkedProgress | ChaseProgress


class Kept(Struct, frozen=True):
    """A program as the journal keeps it."""

    plan: Standing
    progress: Progress
    at_ms: int


class ProgramLine(Struct, frozen=True):
    """A program as the screens show it. ``client_order_ids`` are those of its orders that may work now, by role."""

    id: str
    kind: str
    symbol: str
    what: str
    doing: str
    since_ms: int
    client_order_ids: tuple[tuple[str, str], ...] = ()


def begin(plan: Standing) -> Progress:
    """Before anything was sent."""
    match plan:
        case Linked():
            entry = Leg(is_out=True, fills=(ZERO,)) if plan.entry is not None else Leg()
            return LinkedProgress(tuple(Leg() for _ in plan.legs), entry)
        case Chase():
            return ChaseProgress()
