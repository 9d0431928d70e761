"""One order on trial: everything a check may look at, and what it may find.

Invariant: a finding says what is wrong with which value, and what would be right.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from tui.model.draft import Impact, Preview
from tui.model.limits import Limits
from tui.model.order import OrderRequest
from tui.model.state import State
from tui.service.ground import Ground


class Verdict(StrEnum):
    """ERROR forbids sending; DOUBT needs a second confirmation; WARNING is shown."""

    ERROR = "error"
    DOUBT = "doubt"
    WARNING = "warning"


class Finding(Struct, frozen=True):
    """``field`` is an attribute name of ``OrderDraft``, or ``""`` for the order as a whole."""

    verdict: Verdict
    message: str
    field: str = ""


class Case(Struct, frozen=True):
    """``state`` is marked to market. ``replaces``: the id of the order that the request is an edit of.
    ``immediate``: the account right after what would execute at once, None if nothing would.
    """

    state: State
    ground: Ground
    request: OrderRequest
    limits: Limits
    now_ms: int
    preview: Preview
    immediate: Impact | None = None
    replaces: str | None = None

    @property
    def reduces(self) -> bool:
        """Whether the order can only make the position smaller."""
        request, held = self.request, self.ground.holding.size * self.request.side.sign
        return request.reduce_only or -held >= request.size


def error(message: str, field: str = "") -> Finding:
    return Finding(Verdict.ERROR, message, field)


def doubt(message: str, field: str = "") -> Finding:
    return Finding(Verdict.DOUBT, message, field)


def warning(message: str, field: str = "") -> Finding:
    return Finding(Verdict.WARNING, message, field)
