"""What a program wants done: acts of trade, and words for the trader.

Invariant: a step names the order that it is about by the program's own client order id.
"""

from __future__ import annotations

from msgspec import Struct

from tui.model.order import CancelRequest, EditRequest, OrderRequest

ENTRY = -1
"""The number of a bracket's entry where a leg's is asked for; a chase has no other order."""

FIRST_WAIT_MS = 1_000
LONGEST_WAIT_MS = 30_000


class Place(Struct, frozen=True):
    leg: int
    request: OrderRequest


class Resize(Struct, frozen=True):
    """An edit: of a leg's size, or of a chase's price. ``client_order_id`` is the order's."""

    leg: int
    client_order_id: str
    request: EditRequest


class Pull(Struct, frozen=True):
    leg: int
    client_order_id: str
    request: CancelRequest


class Say(Struct, frozen=True):
    text: str
    is_bad: bool = False


Step = Place | Resize | Pull | Say


def pause_ms(refusals: int) -> int:
    """How long to wait after so many refusals in a row."""
    return min(FIRST_WAIT_MS << min(refusals, 10), LONGEST_WAIT_MS)
