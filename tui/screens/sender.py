"""Sends what was confirmed, once, and says what became of it.

Invariant: while an act on something is in flight, the same act on it is dead: keys pressed twice send once. Nothing is
ever sent again by itself. Cancels are never refused for being pressed twice; the venue takes that well.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TypeVar

from tui.model.describe import edit_line, one_line
from tui.model.errors import DeskError, Sent
from tui.model.order import (
    CancelAllResult,
    CancelRequest,
    EditRequest,
    Order,
    OrderRequest,
    Outcome,
    Refused,
    Unknown,
)
from tui.model.program import Program
from tui.screens.outcome import outcome_words
from tui.screens.port import DeskPort
from tui.screens.stage import UNSENT, Stage

Answer = Outcome | CancelAllResult | None
A = TypeVar("A", bound=Answer)
Sending = Coroutine[object, object, A]
Shown = Callable[[A | Refused | Unknown], bool]


class Sender:
    """``answered`` callbacks get the outcome and return True if they have shown it themselves."""

    def __init__(self, desk: DeskPort, stage: Stage) -> None:
        self._desk = desk
        self._stage = stage
        self._in_flight: set[str] = set()

    def may_send(self) -> bool:
        """Whether the key mode lets anything out; says so if not."""
        view = self._stage.view
        if view.mode.name == "view":
            self._stage.say(f"View mode: keys send nothing. m changes that. {UNSENT}", "warning")
            return False
        if not view.state.can_trade:
            self._stage.say(f"This desk cannot trade: {view.state.view_reason or 'no permission'}. {UNSENT}", "warning")
            return False
        return True

    def order(
        self,
        request: OrderRequest,
        *,
        accept_doubts: bool = False,
        answered: Shown[Outcome] | None = None,
        program: Program | None = None,
    ) -> bool:
        """False, and nothing is sent, while another order on the contract has no answer yet. With a ``program`` that
        is what is sent, and the request stands for it.
        """
        what = one_line(request, self._stage.view.state.instruments.get(request.symbol))

        def send() -> Sending[Outcome]:
            if program is not None:
                return self._desk.run_program(program, accept_doubts=accept_doubts)
            return self._desk.submit(request, accept_doubts=accept_doubts)

        return self._once(f"order {request.symbol}", what, send, answered)

    def edit(
        self,
        request: EditRequest,
        order: Order,
        *,
        accept_doubts: bool = False,
        answered: Shown[Outcome] | None = None,
    ) -> bool:
        """False, and nothing is sent, while another edit of the order has no answer yet."""
        what = edit_line(request, order, self._stage.view.state.instruments.get(order.symbol))

        def send() -> Sending[Outcome]:
            return self._desk.edit(request, accept_doubts=accept_doubts)

        return self._once(f"edit {order.order_id}", what, send, answered)

    def cancel(self, request: CancelRequest, what: str) -> None:
        if self.may_send():
            self._stage.spawn(self._report(f"CANCEL {what}", lambda: self._desk.cancel(request), None))

    def act(self, key: str, what: str, send: Callable[[], Sending[A]], *, answered: Shown[A] | None = None) -> bool:
        """Any other act, known by ``key`` while it is in flight."""
        return self._once(key, what, send, answered)

    def _once(self, key: str, what: str, send: Callable[[], Sending[A]], answered: Shown[A] | None) -> bool:
        if not self.may_send():
            return False
        if key in self._in_flight:
            self._stage.say(f"{what}: the one before has no answer yet. {UNSENT}", "warning")
            return False
        self._in_flight.add(key)
        self._stage.spawn(self._keyed(key, what, send, answered))
        return True

    async def _keyed(self, key: str, what: str, send: Callable[[], Sending[A]], answered: Shown[A] | None) -> None:
        try:
            await self._report(what, send, answered)
        finally:
            self._in_flight.discard(key)

    async def _report(self, what: str, send: Callable[[], Sending[A]], answered: Shown[A] | None) -> None:
        try:
            outcome: A | Refused | Unknown = await send()
        except DeskError as error:
            outcome = as_outcome(error)
        text, severity = outcome_words(what, outcome)
        self._stage.report(text, severity, shown=answered is not None and answered(outcome))


def as_outcome(error: DeskError) -> Refused | Unknown:
    """An act that raised instead of answering: unknown unless nothing can have been done."""
    if error.sent is Sent.MAYBE:
        return Unknown(str(error))
    return Refused(type(error).__name__, error.what, error.advice, by_desk=error.sent is Sent.NO)
