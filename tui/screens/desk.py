"""Screen 1, the desk: everything a trader needs without switching.

Narrow, one of ladder and chart stands beside the tape (``g`` switches); wide, both do; widest, fills and the ladder of
a second contract join.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tui.model.view import View
from tui.screens.base import DeskScreen
from tui.widgets.chart import Chart
from tui.widgets.fills import FillsTable
from tui.widgets.ladder import Ladder
from tui.widgets.margin import MarginStrip
from tui.widgets.orders import OrdersTable
from tui.widgets.positions import PositionsTable
from tui.widgets.tape import Tape


def second_contract(view: View) -> str | None:
    """The first held or worked contract, other than the one in hand, whose book is known."""
    held = (position.symbol for position in view.state.positions)
    worked = (order.symbol for order in view.state.orders)
    return next((one for one in (*held, *worked) if one != view.focus and one in view.state.books), None)


class OverviewScreen(DeskScreen):
    AUTO_FOCUS = "#positions"

    DEFAULT_CSS = """
    OverviewScreen {
        #market { height: 1fr; }
        #ladder { width: 1fr; }
        #second, #chart, #fills { display: none; }
        #tape { width: 34; }
        #positions { height: 6; }
        #orders { height: 7; }
        #below { height: auto; }
        #margin { height: 3; }
    }
    OverviewScreen.-chart {
        #ladder { display: none; }
        #chart { display: block; }
    }
    OverviewScreen.-h0, OverviewScreen.-h14 {
        #market { display: none; }
        #positions { height: 1fr; }
        #below { height: 1fr; }
        #orders { height: 100%; }
        #margin { height: 2; }
    }
    OverviewScreen.-h0 #below { display: none; }
    OverviewScreen.-h24.-trading {
        #positions { height: 3; }
        #orders { height: 4; }
    }
    OverviewScreen.-h36 {
        #positions { height: 7; }
        #orders { height: 10; }
        #margin { height: 4; }
    }
    OverviewScreen.-h50 {
        #positions { height: 8; }
        #orders { height: 13; }
        #margin { height: 4; }
    }
    OverviewScreen.-w120, OverviewScreen.-w200 {
        #ladder { width: 44; display: block; }
        #chart { display: block; }
        #tape { width: 32; }
    }
    OverviewScreen.-w200 {
        #second { width: 44; display: block; }
        #tape { width: 36; }
        #fills { display: block; width: 76; }
    }
    OverviewScreen.-w200.-h50 #below { height: 13; }
    OverviewScreen.-w0 #tape { display: none; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("L", "ladder", "ladder", id="ladder"),
        Binding("g", "toggle_chart", "chart", id="chart"),
    ]

    def panels(self) -> ComposeResult:
        with Horizontal(id="market"):
            yield Ladder(id="ladder")
            yield Chart(divider=True, id="chart")
            yield Ladder(symbol_of=second_contract, divider=True, id="second")
            yield Tape(divider=True, id="tape")
        yield PositionsTable(id="positions")
        with Horizontal(id="below"):
            yield OrdersTable(id="orders")
            yield FillsTable(divider=True, id="fills")
        yield MarginStrip(id="margin")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where ladder and chart stand side by side there is nothing to switch; a ladder that is not shown, or has the
        keys already, cannot be taken up.
        """
        if action == "toggle_chart":
            return self.size.width < 120 and self.size.height >= 24
        if action == "ladder":
            return not isinstance(self.focused, Ladder) and self.size.height >= 24
        return super().check_action(action, parameters)

    def action_toggle_chart(self) -> None:
        self.toggle_class("-chart")
        if isinstance(self.focused, Ladder):
            self.query_one("#positions", PositionsTable).focus()

    def on_descendant_focus(self) -> None:
        """On a small terminal the ladder gets room from the tables while its keys are in use."""
        self.set_class(isinstance(self.focused, Ladder), "-trading")

    def action_ladder(self) -> None:
        """The keys go to the ladder; it takes the chart's place if that stands there."""
        self.remove_class("-chart")
        self.query_one("#ladder", Ladder).focus()
