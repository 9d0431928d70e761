"""Screen 6: all contracts; ``/`` filters, ``enter`` takes one in hand; with room, its chart and tape."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from tui.screens.base import DeskScreen
from tui.widgets.chart import Chart
from tui.widgets.markets import MarketsTable
from tui.widgets.tape import Tape


class MarketsScreen(DeskScreen):
    AUTO_FOCUS = "#markets"

    DEFAULT_CSS = """
    MarketsScreen {
        #markets { height: 1fr; }
        #hand { display: none; }
        #tape { width: 34; }
    }
    MarketsScreen.-h36 #hand { display: block; height: 14; }
    MarketsScreen.-h50 #hand { display: block; height: 24; }
    MarketsScreen.-w0 #tape { display: none; }
    """

    def panels(self) -> ComposeResult:
        yield MarketsTable(id="markets")
        with Horizontal(id="hand"):
            yield Chart()
            yield Tape(divider=True, id="tape")
