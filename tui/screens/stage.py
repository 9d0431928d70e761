"""What the acts need of the app: the view, the cursor, a way to ask, a way to tell, a way to run.

Acts are plain objects over a ``DeskPort`` and a ``Stage``. Invariant: an act called from a key handler returns at once;
whatever awaits the network goes through ``spawn``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Literal, Protocol, TypeVar

from textual.screen import ModalScreen

from tui.model.view import KeyMode, Selection, View

T = TypeVar("T")
Severity = Literal["information", "warning", "error"]

UNSENT = "Nothing was sent"


class Stage(Protocol):
    @property
    def view(self) -> View:
        """The present moment, built from the latest state."""

    @property
    def selection(self) -> Selection | None:
        """What the cursor of the focused panel stands on."""

    @property
    def marked(self) -> tuple[Selection, ...]:
        """What the cursors of all panels on the screen stand on, focused or not."""

    def ask(self, dialog: ModalScreen[T], then: Callable[[T], None], unsent: str = UNSENT) -> None:
        """Open a dialog over the screen, with the row under the cursor pinned until it closes.

        ``then`` gets the answer. Closed without one, ``unsent`` is said (an empty text says nothing).
        """

    def say(self, text: str, severity: Severity = "information") -> None:
        """A passing message. ``text`` is shown as it is: it may hold words of the venue."""

    def report(self, text: str, severity: Severity = "information", *, shown: bool = False) -> None:
        """The answer to an act: said like anything else, unless a dialog has ``shown`` it already."""

    def spawn(self, act: Coroutine[object, object, None]) -> None:
        """Run something that awaits, apart from the key that started it. It outlives every dialog."""

    def later(self, delay_s: float, call: Callable[[], None]) -> None: ...

    def set_mode(self, mode: KeyMode) -> None: ...

    def carry(self, order_ids: tuple[str, ...]) -> None:
        """Orders picked up on the ladder; none: put down, or put back."""
