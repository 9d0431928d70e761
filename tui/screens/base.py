"""What all of the desk's screens share: the frame row on top, panels, the hint row, and one way in (``show``).

Invariant: a screen holds no state of trading. It passes the view down to its panels, and answers one question upwards:
what the cursor stands on.
"""

from __future__ import annotations

from collections.abc import Iterable
from textual.app import ComposeResult
from textual.screen import Screen

from tui.model.view import Selection, View
from tui.widgets.format import PLAIN, Format
from tui.widgets.panel import Panel


class DeskScreen(Screen[None]):
    """Base of the seven screens. Subclasses give their panels in ``panels``.

    ``show`` may be called before the screen is mounted, and must be called again when it becomes the current one: a
    screen that is not shown is not drawn.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-w0"), (80, "-w80"), (120, "-w120"), (200, "-w200")]  # noqa: RUF012 - Textual's form
    VERTICAL_BREAKPOINTS = [(0, "-h0"), (24, "-h24"), (36, "-h36"), (50, "-h50")]  # noqa: RUF012 - Textual's form

    def __init__(self, fmt: Format = PLAIN) -> None:
        super().__init__()
        self.fmt = fmt
        self.view: View | None = None
        self._pinned = False

    def panels(self) -> ComposeResult:
        """The panels between the frame row and the hint row."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield from self.panels()

    def show(self, view: View) -> None:
        """Draw ``view``: attributes down, to every panel that is displayed."""
        self.view = view
        for panel in self._shown():
            panel.show(view, self.fmt)

    @property
    def selection(self) -> Selection | None:
        """What the cursor of the focused panel stands on; None on an empty panel."""
        return self.view.focus if self.view else None

    def pin(self) -> None:
        """Hold the cursor to its row while a key sequence is open: if the row goes, the selection is None."""
        self._pinned = True

    def unpin(self) -> None:
        self._pinned = False

    def on_mount(self) -> None:
        if self.view is not None:
            self.show(self.view)

    def _shown(self) -> Iterable[Panel]:
        return self.query(Panel)
