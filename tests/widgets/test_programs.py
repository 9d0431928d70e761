"""What the orders table says of the desk's programs."""

from __future__ import annotations

from msgspec.structs import replace

from tests.scenes import RICH
from tui.model.program import ProgramLine
from tui.model.view import View
from tui.widgets.columns import Context
from tui.widgets.format import PLAIN
from tui.widgets.orders import OrdersTable, _flags


def with_program() -> View:
    order = replace(RICH.state.orders[0], client_order_id="leg")
    line = ProgramLine(
        "p", "bracket", order.symbol, "BUY 1, then stop 9", "1 open, stop works", RICH.now_ms, (("stop", "leg"),)
    )
    return replace(RICH, state=replace(RICH.state, orders=(order, *RICH.state.orders[1:]), programs=(line,)))


def test_an_order_says_which_program_it_belongs_to() -> None:
    view = with_program()
    mine, other = view.state.orders[:2]
    assert _flags(mine, Context(view, PLAIN))[0].endswith("brk")
    assert "brk" not in _flags(other, Context(view, PLAIN))[0]


def test_a_program_stands_below_what_is_in_doubt_and_says_what_it_does() -> None:
    view = with_program()
    banners = OrdersTable().banners(view, 120)
    assert len(banners) == len(view.state.unresolved) + 1
    last = banners[-1]
    assert "".join(text for text, _ in last.spans) == (
        f"bracket {last.symbol} · BUY 1, then stop 9 · 1 open, stop works"
    )
    narrow = "".join(text for text, _ in OrdersTable().banners(view, 20)[-1].spans)
    assert narrow == "1 open, stop works"
