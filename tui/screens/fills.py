"""Screen 5: executions, newest first, what they sum up to, and ``E`` to keep them as a file."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.paths import find_paths
from tui.screens.base import DeskScreen
from tui.screens.export import export_fills
from tui.widgets.fills import FillsTable, FillTotals


class FillsScreen(DeskScreen):
    AUTO_FOCUS = "#fills"

    DEFAULT_CSS = """
    FillsScreen {
        #fills { height: 1fr; }
        #totals { height: 2; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("E", "export", "export CSV", id="export")]

    def panels(self) -> ComposeResult:
        yield FillsTable(id="fills")
        yield FillTotals(id="totals")

    def action_export(self) -> None:
        """All listed fills into a new file of the desk's data folder."""
        if self.view is None or not self.view.state.fills:
            self.notify("No fill to export yet", markup=False)
            return
        try:
            path = export_fills(self.view.state.fills, find_paths().data / "exports", self.view.now_ms)
        except OSError as error:
            self.notify(f"The fills were not written: {error}", severity="error", markup=False)
        else:
            self.notify(f"{len(self.view.state.fills)} fills written to {path}", markup=False)
