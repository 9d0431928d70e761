"""The hint row: keys that work here and now.

Invariant: it shows what its screen reads from the live bindings, so that a remapped key cannot make it lie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui.model.view import View
from tui.widgets.flow import flow, item
from tui.widgets.ink import Ink, Line
from tui.widgets.panel import Panel


class Hint(NamedTuple):
    """``stays``: among the last to leave a narrow row."""

    key: str
    word: str
    stays: bool = False


class HintRow(Panel):
    """One row; the last hints leave first."""

    DEFAULT_CSS = """
    HintRow { height: 1; dock: bottom; }
    """

    def __init__(self, hints: Callable[[], Sequence[Hint]]) -> None:
        super().__init__()
        self._hints = hints

    def sources(self, view: View) -> tuple[object, ...]:
        """Bindings, not the view, decide what stands here: see ``on_mount``."""
        del view
        return ()

    def body(self, view: View, width: int, height: int) -> list[Line]:
        del view, height
        items = [
            item(0 if hint.stays else place + 1, (hint.key, Ink.ACCENT), f" {hint.word}")
            for place, hint in enumerate(self._hints())
        ]
        return [Line(((" ", Ink.DIM), *flow(items, width - 2, ("  ", Ink.DIM))))]

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.redraw())
