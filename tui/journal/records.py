"""What the journal keeps of an act: the intent before it was sent, the outcome after.

Invariant: a record holds what was asked, in the very values that were sent, and never a credential.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tui.model.order import CancelRequest, EditRequest, OrderRequest


class Kind(StrEnum):
    SEND = "send"
    FLATTEN = "flatten"
    EDIT = "edit"
    CANCEL = "cancel"
    CANCEL_ALL = "cancel_all"
    LEVERAGE = "leverage"


class Verdict(StrEnum):
    """What became of an act. An intent without one is pending: nobody knows yet."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # sent and never answered; kept open until it is settled
    NOT_SENT = "not_sent"  # nothing left, or it provably never reached the book
    SETTLED = "settled"  # asked afterwards; the text says what was found


class CancelAllRequest(Struct, frozen=True):
    """``symbol`` None means every contract."""

    symbol: str | None = None


class LeverageRequest(Struct, frozen=True):
    """``max_leverage`` None asks for cross margin."""

    symbol: str
    max_leverage: Decimal | None = None


Request = OrderRequest | EditRequest | CancelRequest | CancelAllRequest | LeverageRequest

REQUESTS: dict[Kind, type[Request]] = {
    Kind.SEND: OrderRequest,
    Kind.FLATTEN: OrderRequest,
    Kind.EDIT: EditRequest,
    Kind.CANCEL: CancelRequest,
    Kind.CANCEL_ALL: CancelAllRequest,
    Kind.LEVERAGE: LeverageRequest,
}


class Intent(Struct, frozen=True):
    """One act as it was about to be sent. ``what`` is its line for people, ``at_ms`` local time."""

    number: int
    at_ms: int
    kind: Kind
    symbol: str | None
    what: str
    request: Request

    @property
    def client_order_id(self) -> str | None:
        return getattr(self.request, "client_order_id", None)


class Entry(Struct, frozen=True):
    """An intent and what came of it; ``verdict`` None while nobody knows."""

    intent: Intent
    verdict: Verdict | None = None
    status: str = ""
    text: str = ""
    order_id: str | None = None
    settled_ms: int | None = None


class Search(Struct, frozen=True):
    """Which acts: all that hold of what is given. ``pending``: only those that nobody has settled."""

    since_ms: int | None = None
    symbol: str | None = None
    kind: Kind | None = None
    verdict: Verdict | None = None
    pending: bool = False

    def admits(self, entry: Entry) -> bool:
        """The same search where there is no database to do it."""
        intent = entry.intent
        return (
            intent.at_ms >= (self.since_ms or 0)
            and self.symbol in (None, intent.symbol)
            and self.kind in (None, intent.kind)
            and self.verdict in (None, entry.verdict)
            and (not self.pending or entry.verdict in (None, Verdict.UNKNOWN))
        )
