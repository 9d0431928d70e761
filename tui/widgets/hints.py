"""The hint row: keys that work here and now.

Invariant: it shows what its screen reads from the live bindings, so that a remapped key cannot make it lie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from textual import events

from tui.model.view import View
from tui.widgets.flow import flow, item
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.panel import Panel

GAP: Span = ("  ", Ink.DIM)


class Hint(NamedTuple):
    """``stays``: among the last to leave a narrow row. ``press`` is the key as the app knows it, for a click."""

    key: str
    word: str
    stays: bool = False
    press: str = ""


class HintRow(Panel):
    """One row; the last hints leave first. A click on a hint presses its key."""

    DEFAULT_CSS = """
    HintRow { height: 1; dock: bottom; }
    """

    def __init__(self, hints: Callable[[], Sequence[Hint]]) -> None:
        super().__init__()
        self._hints = hints
        self._shown: list[tuple[int, int, str]] = []  # from, to, key

    def sources(self, view: View) -> tuple[object, ...]:
        """Bindings, not the view, decide what stands here: see ``on_mount``."""
        del view
        return ()

    def body(self, view: View, width: int, height: int) -> list[Line]:
        del view, height
        hints = self._hints()
        items = [
            item(0 if hint.stays else place + 1, (hint.key, Ink.ACCENT), f" {hint.word}")
            for place, hint in enumerate(hints)
        ]
        spans = flow(items, width - 2, GAP)
        self._shown = _places(spans, {f"{hint.key} {hint.word}": hint.press for hint in hints})
        return [Line(((" ", Ink.DIM), *spans))]

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._shown:
            if start <= event.x < end and key:
                self.app.simulate_key(key)

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, lambda _: self.redraw())


def _places(spans: Sequence[Span], keys: Mapping[str, str]) -> list[tuple[int, int, str]]:
    """Where each hint stands in the row: pairs of spans, key and word, with gaps between them."""
    places: list[tuple[int, int, str]] = []
    at, text = 1, ""
    for span in (*spans, GAP):
        if span == GAP:
            places.append((at, at + len(text), keys.get(text, "")))
            at, text = at + len(text) + len(GAP[0]), ""
        else:
            text += span[0]
    return places
