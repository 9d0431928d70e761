"""Screen 6: all contracts; ``/`` filters, ``enter`` takes one in hand."""

from __future__ import annotations

from textual.app import ComposeResult

from tui.screens.base import DeskScreen
from tui.widgets.markets import MarketsTable


class MarketsScreen(DeskScreen):
    AUTO_FOCUS = "#markets"

    def panels(self) -> ComposeResult:
        yield MarketsTable(id="markets")
