"""Screen 8: what is watched for the trader, and what was told."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.screens.base import DeskScreen
from tui.widgets.alerts import AlertsTable, SaidTable


class AlertsScreen(DeskScreen):
    AUTO_FOCUS = "#alerts"

    DEFAULT_CSS = """
    AlertsScreen {
        #alerts { height: 1fr; }
        #said { height: 2fr; }
    }
    """

    def panels(self) -> ComposeResult:
        yield AlertsTable(id="alerts")
        yield SaidTable(id="said")
