"""Screen 3: working orders and stops apart, the unresolved ones on top of all."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.screens.base import DeskScreen
from tui.widgets.orders import Kinds, OrdersTable


class OrdersScreen(DeskScreen):
    AUTO_FOCUS = "#working"

    DEFAULT_CSS = """
    OrdersScreen {
        #working { height: 1fr; }
        #stops { height: 1fr; }
    }
    """

    def panels(self) -> ComposeResult:
        yield OrdersTable("Working orders", Kinds.WORKING, id="working")
        yield OrdersTable("Stops", Kinds.STOPS, unresolved=False, id="stops")
