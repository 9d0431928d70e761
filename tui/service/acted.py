"""What the trader did, as values that a recording keeps and a replay does again.

Invariant: an act holds everything that was decided when the key was pressed, ids included, and no credential.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Self

import msgspec
from msgspec import Struct

from tui.journal.records import REQUESTS, Intent, Kind, Request
from tui.model.fill import Fill
from tui.model.order import CancelRequest, EditRequest, OrderRequest

NOTE: Final = "act"


class OpenAct(Struct, frozen=True):
    """An act of an earlier run that nobody had settled; ``request`` is JSON of the kind's own shape."""

    at_ms: int
    kind: Kind
    symbol: str | None
    what: str
    request: str

    @classmethod
    def of(cls, intent: Intent) -> Self:
        request = msgspec.json.encode(intent.request).decode()
        return cls(intent.at_ms, intent.kind, intent.symbol, intent.what, request)

    def asked(self) -> Request:
        return msgspec.json.decode(self.request, type=REQUESTS[self.kind])


class Began(Struct, frozen=True, tag="began"):
    """What the desk knew before the venue said anything: the journal's open acts and kept fills, and its pace."""

    refresh_s: float
    lasting: bool
    pending: tuple[OpenAct, ...] = ()
    fills: tuple[Fill, ...] = ()


class Watched(Struct, frozen=True, tag="watched"):
    symbol: str | None


class Submitted(Struct, frozen=True, tag="submitted"):
    request: OrderRequest
    accept_doubts: bool


class SubmittedBatch(Struct, frozen=True, tag="submitted batch"):
    requests: tuple[OrderRequest, ...]
    accept_doubts: bool


class Edited(Struct, frozen=True, tag="edited"):
    request: EditRequest
    accept_doubts: bool


class Cancelled(Struct, frozen=True, tag="cancelled"):
    request: CancelRequest


class CancelledAll(Struct, frozen=True, tag="cancelled all"):
    symbol: str | None


class Flattened(Struct, frozen=True, tag="flattened"):
    symbol: str


class LeverageSet(Struct, frozen=True, tag="leverage set"):
    symbol: str
    max_leverage: Decimal | None


class DeadManArmed(Struct, frozen=True, tag="dead man armed"):
    timeout_s: int
    keep: bool


Act = (
    Began
    | Watched
    | Submitted
    | SubmittedBatch
    | Edited
    | Cancelled
    | CancelledAll
    | Flattened
    | LeverageSet
    | DeadManArmed
)

_ACTS: msgspec.json.Decoder[Act] = msgspec.json.Decoder(Act)


def to_text(act: Act) -> str:
    return msgspec.json.encode(act).decode()


def from_text(text: str) -> Act:
    """Raises ``msgspec.MsgspecError`` for a text that is no act."""
    return _ACTS.decode(text)
