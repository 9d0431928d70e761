"""Screen 3: working orders and stops apart, the unresolved ones on top of all, and what stopped working lately."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.screens.base import DeskScreen
from tui.widgets.orders import ClosedOrdersTable, Kinds, OrdersTable


class OrdersScreen(DeskScreen):
    AUTO_FOCUS = "#working"

    DEFAULT_CSS = """
    OrdersScreen {
        #working { height: 1fr; }
        #stops { height: 1fr; }
        #closed { height: 1fr; display: none; }
    }
    OrdersScreen.-h36 #closed, OrdersScreen.-h50 #closed { display: block; }
    """

    def panels(self) -> ComposeResult:
        yield OrdersTable("Working orders", Kinds.WORKING, id="working")
        yield OrdersTable("Stops", Kinds.STOPS, unresolved=False, id="stops")
        yield ClosedOrdersTable(id="closed")
