"""Whether a dialog's ``enter`` may send.

Invariant: dead from the moment of sending until the answer, and after a refusal until the trader changes a field. A
second key press, a repeat or a late repaint cannot open it.
"""

from __future__ import annotations

from enum import Enum, auto

from tui.model.order import Refused


class GateState(Enum):
    OPEN = auto()
    IN_FLIGHT = auto()
    REFUSED = auto()
    DONE = auto()


class Gate:
    """A small state machine: ``sent`` -> ``answered`` -> (``changed``)."""

    def __init__(self) -> None:
        self.state = GateState.OPEN

    @property
    def is_open(self) -> bool:
        return self.state is GateState.OPEN

    def sent(self) -> None:
        self.state = GateState.IN_FLIGHT

    def answered(self, outcome: object) -> None:
        """Accepted is the end; Unknown too: it must be settled by asking, never by sending again from here."""
        self.state = GateState.REFUSED if isinstance(outcome, Refused) else GateState.DONE

    def changed(self) -> None:
        """The trader changed a field: after a refusal this is a new order."""
        if self.state is GateState.REFUSED:
            self.state = GateState.OPEN
