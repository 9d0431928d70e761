"""Screen 5: executions, newest first, what they sum up to, and ``E`` to keep them as a file."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

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
        """All listed fills, in more digits and columns than the table shows."""
        if self.view is not None:
            fills, now_ms = self.view.state.fills, self.view.now_ms
            self.told_of(len(fills), "fills", lambda folder: export_fills(fills, folder, now_ms))
