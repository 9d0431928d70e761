"""Screen 2: every position with its risk."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.screens.base import DeskScreen
from tui.widgets.margin import MarginStrip
from tui.widgets.positions import PositionsTable


class PositionsScreen(DeskScreen):
    AUTO_FOCUS = "#positions"

    DEFAULT_CSS = """
    PositionsScreen {
        #positions { height: 1fr; }
        #margin { height: 4; }
    }
    """

    def panels(self) -> ComposeResult:
        yield PositionsTable(id="positions")
        yield MarginStrip(id="margin")
