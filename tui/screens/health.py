"""Screen 7: whether what the other screens show can be believed, source by source."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal

from tui.screens.base import DeskScreen
from tui.widgets.health import DifferencesTable, EndpointsTable, FeedsTable, LinkPanel, LogTail


class HealthScreen(DeskScreen):
    AUTO_FOCUS = "#feeds"

    DEFAULT_CSS = """
    HealthScreen {
        #link { height: 4; }
        #sources { height: 1fr; }
        #differences { height: 3; }
        #log { height: 3; }
    }
    HealthScreen.-h36 #log, HealthScreen.-h50 #log { height: 9; }
    HealthScreen.-h36 #differences, HealthScreen.-h50 #differences { height: 6; }
    HealthScreen.-h36 #link, HealthScreen.-h50 #link { height: 5; }
    HealthScreen.-h50 #sources { height: 16; }
    HealthScreen.-h50 #log { height: 1fr; }
    HealthScreen.-w80 #sources, HealthScreen.-w0 #sources { layout: vertical; }
    """

    def panels(self) -> ComposeResult:
        yield LinkPanel(id="link")
        with Horizontal(id="sources"):
            yield FeedsTable(id="feeds")
            yield EndpointsTable(divider=True, id="endpoints")
        yield DifferencesTable(id="differences")
        yield LogTail(id="log")
