"""What all of the desk's screens share: the frame row on top, panels, the hint row, and one way in (``show``).

Invariant: a screen holds no state of trading. It passes the view down to its panels, and answers one question upwards:
what the cursor stands on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Input

from tui.model.view import Selection, View
from tui.paths import find_paths
from tui.screens.actions import BY_ID
from tui.screens.export import export_sheet
from tui.widgets.format import PLAIN, Format
from tui.widgets.frame import FrameRow
from tui.widgets.hints import Hint, HintRow
from tui.widgets.ladder import Ladder
from tui.widgets.panel import Panel
from tui.widgets.table import Arrangement, LineTable

_STAY = frozenset({"help", "panic", "quit"})
_ON_TABLES = frozenset({"filter", "sort", "sort_turn", "copy_row", "export"})


class DeskScreen(Screen[None]):
    """Base of the seven screens. Subclasses give their panels in ``panels``.

    ``show`` may be called before the screen is mounted, and must be called again when it becomes the current one: a
    screen that is not shown is not drawn.
    """

    HORIZONTAL_BREAKPOINTS = [(0, "-w0"), (80, "-w80"), (120, "-w120"), (200, "-w200")]  # noqa: RUF012 - Textual's form
    VERTICAL_BREAKPOINTS = [(0, "-h0"), (14, "-h14"), (24, "-h24"), (36, "-h36"), (50, "-h50")]  # noqa: RUF012 - Textual's form

    DEFAULT_CSS = """
    DeskScreen {
        layout: vertical;
        overflow: hidden;
        #filter { dock: bottom; height: 1; border: none; padding: 0 1; display: none; background: $surface; }
        #filter.-open { display: block; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", id="filter"),
        Binding("o", "sort", "sort", id="sort", show=False),
        Binding("O", "sort_turn", "reverse sort", id="sort_turn", show=False),
        Binding("y", "copy_row", "copy row", id="copy_row", show=False),
        Binding("E", "export", "export CSV", id="export", show=False),
    ]

    def __init__(self, fmt: Format = PLAIN) -> None:
        super().__init__()
        self.fmt = fmt
        self.view: View | None = None
        self._wanted: Mapping[str, Arrangement] = {}

    def panels(self) -> ComposeResult:
        """The panels between the frame row and the hint row; the first table gets the focus."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield from self.panels()
        yield HintRow(self._hints)
        yield Input(placeholder="filter by contract: enter keeps it, esc shows all", id="filter", disabled=True)
        yield FrameRow()  # last, so that it is on top even where one row is all there is

    # --- down ----------------------------------------------------------------------------------------------------

    def show(self, view: View) -> None:
        """Draw ``view``: attributes down, to every panel."""
        self.view = view
        for panel in self.query(Panel):
            panel.show(view, self.fmt)

    def remember(self, tables: Mapping[str, Arrangement]) -> None:
        """How tables, by their id, are to be arranged; asked before the screen is mounted."""
        self._wanted = tables

    def on_mount(self) -> None:
        for table in self.query(LineTable):
            if (wanted := self._wanted.get(table.id or "")) is not None:
                table.rearrange(wanted)
        if self.view is not None:
            self.show(self.view)

    # --- up ------------------------------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection | None:
        """What the cursor of the focused panel stands on: None on an empty table, the contract in hand elsewhere."""
        if isinstance(self.focused, LineTable):
            return self.focused.selection
        if isinstance(self.focused, Ladder) and self.focused.region:  # a price that is not shown is not acted on
            point = self.focused.selection
            if point is not None:
                return point
        return self.view.focus if self.view else None

    def pin(self) -> None:
        """Hold the cursor to its row while a key sequence is open: if the row goes, the selection is None."""
        for panel in self._with_cursor():
            panel.pin()

    def unpin(self) -> None:
        for panel in self._with_cursor():
            panel.unpin()

    def _with_cursor(self) -> Sequence[LineTable[Any] | Ladder]:
        return [*self.query(LineTable), *self.query(Ladder)]

    def _hints(self) -> list[Hint]:
        """From the live bindings: this screen's own keys by their description, then acts in the registry's order."""
        own: list[Hint] = []
        acts: dict[str, Hint] = {}
        for active in self.active_bindings.values():
            binding = active.binding
            act = BY_ID.get(binding.id or "")
            key = self.app.get_key_display(binding)
            if act and act.hint and active.enabled:
                acts.setdefault(act.id, Hint(key, act.hint, act.id in _STAY, binding.key))
            elif not act and binding.show and active.enabled:
                own.append(Hint(key, binding.description, press=binding.key))
        return [*own, *(acts[name] for name in BY_ID if name in acts)]

    # --- filter and sort -----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Filter, sort, copy and export exist where a table has the cursor."""
        del parameters
        if action in _ON_TABLES:
            return isinstance(self.focused, LineTable)
        return True

    def action_filter(self) -> None:
        if isinstance(self.focused, LineTable):
            self._filtered: LineTable[Any] = self.focused
            line = self.query_one("#filter", Input)
            line.disabled = False
            line.add_class("-open")
            line.value = self._filtered.filter_text
            line.focus()

    def action_sort(self) -> None:
        if isinstance(self.focused, LineTable):
            self.focused.sort_next()

    def action_sort_turn(self) -> None:
        if isinstance(self.focused, LineTable):
            self.focused.sort_turn()

    def action_copy_row(self) -> None:
        """The row under the cursor, through the terminal (OSC 52), to where text is pasted from."""
        text = self.focused.row_text() if isinstance(self.focused, LineTable) else ""
        if text:
            self.app.copy_to_clipboard(text)
            self.notify(f"Copied: {text}", markup=False)

    def action_export(self) -> None:
        """All rows of the table under the cursor into a new file of the desk's data folder."""
        table = self.focused
        if not isinstance(table, LineTable) or self.view is None:
            return
        rows = table.sheet(Format(thousands="", zone=self.fmt.zone))
        self.told_of(len(rows) - 1, "rows", partial(export_sheet, rows, table.heading, self.view.now_ms))

    def told_of(self, count: int, what: str, write: Callable[[Path], Path]) -> None:
        """``write`` something into the folder of exports, and say where it is."""
        if count < 1:
            self.notify("There is nothing to export yet", markup=False)
            return
        try:
            path = write(find_paths().data / "exports")
        except OSError as error:
            self.notify(f"Nothing was written: {error}", severity="error", markup=False)
        else:
            self.notify(f"{count} {what} written to {path}", markup=False)

    @on(Input.Changed, "#filter")
    def _narrow(self, event: Input.Changed) -> None:
        event.stop()
        if not event.input.disabled:
            self._filtered.set_filter(event.value)

    @on(Input.Submitted, "#filter")
    def _keep_filter(self, event: Input.Submitted) -> None:
        event.stop()
        self._close_filter()

    def key_escape(self) -> None:
        line = self.query_one("#filter", Input)
        if line.has_class("-open"):
            self._filtered.set_filter("")
            self._close_filter()

    def _close_filter(self) -> None:
        line = self.query_one("#filter", Input)
        line.remove_class("-open")
        self._filtered.focus()
        line.disabled = True
