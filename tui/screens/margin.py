"""Screen 4: what stands behind the positions, pool by pool."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from tui.screens.base import DeskScreen
from tui.widgets.ledger import LedgerTable
from tui.widgets.margin import CollateralTable, LevelPanel, LeverageTable, PoolsTable


class MarginScreen(DeskScreen):
    AUTO_FOCUS = "#pools"

    DEFAULT_CSS = """
    MarginScreen {
        #level { height: 6; }
        #pools { height: 1fr; }
        #ledger { height: 1fr; display: none; }
        #money { height: 6; }
        #collateral { width: 2fr; }
        #leverage { width: 1fr; }
    }
    MarginScreen.-h36, MarginScreen.-h50 {
        #ledger { display: block; }
        #money { height: 8; }
    }
    """

    def panels(self) -> ComposeResult:
        yield LevelPanel(id="level")
        yield PoolsTable(id="pools")
        yield LedgerTable(id="ledger")
        with Horizontal(id="money"):
            yield CollateralTable(id="collateral")
            yield LeverageTable(divider=True, id="leverage")
