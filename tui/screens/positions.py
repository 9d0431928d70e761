"""Screen 2: every position with its risk, and where there is room the orders that protect or change it."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.screens.base import DeskScreen
from tui.widgets.margin import MarginStrip
from tui.widgets.orders import OrdersTable
from tui.widgets.positions import PositionsTable


class PositionsScreen(DeskScreen):
    AUTO_FOCUS = "#positions"

    DEFAULT_CSS = """
    PositionsScreen {
        #positions { height: 1fr; }
        #orders { height: 1fr; display: none; }
        #margin { height: 4; }
    }
    PositionsScreen.-h36 #orders, PositionsScreen.-h50 #orders { display: block; }
    """

    def panels(self) -> ComposeResult:
        yield PositionsTable(id="positions")
        yield OrdersTable(id="orders")
        yield MarginStrip(id="margin")
