"""Screen 5: executions, newest first, and what they sum up to."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.screens.base import DeskScreen
from tui.widgets.fills import FillsTable, FillTotals


class FillsScreen(DeskScreen):
    AUTO_FOCUS = "#fills"

    DEFAULT_CSS = """
    FillsScreen {
        #fills { height: 1fr; }
        #totals { height: 2; }
    }
    """

    def panels(self) -> ComposeResult:
        yield FillsTable(id="fills")
        yield FillTotals(id="totals")
