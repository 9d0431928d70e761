"""The desk as the app and its dialogs see it: values out, acts in. The only door from screens to what is below.

Invariant: nothing here touches the network before an ``await``; assessments are pure and quick (under 10 ms), so a key
handler may call them. Acts raise ``DeskError`` only for what was certainly not done; whatever may have reached the
venue comes back as ``Unknown``.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Protocol

from tui.model.draft import Assessment, EditAssessment, LeverageAssessment, OrderDraft
from tui.model.enums import Side
from tui.model.order import CancelAllResult, CancelRequest, EditRequest, Order, OrderRequest, Outcome, Refused, Unknown
from tui.model.program import Program
from tui.model.state import State
from tui.model.view import Risk


class Assessor(Protocol):
    """Judges what is typed, from local state alone. Nothing is sent and nothing is awaited."""

    def join_draft(self, symbol: str, side: Side, clip: Decimal, better_ticks: int = 0) -> OrderDraft:
        """An order that joins the best price of its side, or improves it by ticks; ``client_order_id`` empty."""

    def assess(self, draft: OrderDraft) -> Assessment: ...

    def assess_flatten(self, symbol: str) -> Assessment:
        """Close the whole position now: a reduce-only order of the opposite side. An error if there is none."""

    def assess_reverse(self, symbol: str) -> Assessment:
        """Close the position and open the same size on the other side, with one order."""

    def assess_edit(self, order: Order, size: str, limit_price: str, stop_price: str) -> EditAssessment:
        """Texts as typed; an empty text leaves that field as it is. ``size`` is the remaining size."""

    def assess_leverage(self, symbol: str, max_leverage: Decimal | None) -> LeverageAssessment: ...

    def new_client_order_id(self) -> str: ...


class DeskPort(Assessor, Protocol):
    """Everything the app needs of the runtime."""

    @property
    def state(self) -> State: ...

    def now_ms(self) -> int:
        """Local time, epoch milliseconds UTC."""

    def risk(self, state: State) -> Risk: ...

    def journal_tail(self) -> tuple[str, ...]:
        """The last lines of the journal, newest last, for the health screen. Cheap: no disk."""

    def subscribe(self, callback: Callable[[bool], None]) -> Callable[[], None]:
        """``callback(urgent)`` on every change of state, in the event loop; must be cheap. Returns the way out."""

    def watch(self, symbol: str) -> None:
        """The focused contract: book, tape and candles are wanted for it."""

    async def submit(self, request: OrderRequest, *, accept_doubts: bool = False) -> Outcome: ...

    async def run_program(self, program: Program, *, accept_doubts: bool = False) -> Outcome:
        """Send what a program begins with; the desk looks after the rest."""

    async def edit(self, request: EditRequest, *, accept_doubts: bool = False) -> Outcome: ...
    async def cancel(self, request: CancelRequest) -> Outcome: ...
    async def cancel_all(self, symbol: str | None = None) -> CancelAllResult | Refused | Unknown: ...

    async def flatten(self, symbol: str) -> Outcome:
        """Close the position as it is at the moment of sending, without further questions (panic)."""

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> Refused | Unknown | None:
        """None means done."""

    async def arm_dead_man(self, timeout_s: int, *, keep: bool = True) -> Refused | Unknown | None:
        """Arm the venue's cancel-all timer, or disarm it with 0. ``keep``: renew it while the feeds are healthy."""
