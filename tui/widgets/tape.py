"""The tape: everybody's trades in the contract in hand, newest on top."""

from __future__ import annotations

from tui.model.decimals import plain
from tui.model.enums import Side
from tui.model.market import PublicTrade
from tui.model.state import Slice
from tui.model.view import View
from tui.widgets.columns import Context
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.panel import Panel

_ORDINARY = "fill"


class Tape(Panel):
    def __init__(self, *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Tape", part=Slice.MARKET, divider=divider, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.focus, view.state.tape.get(view.focus), view.state.instruments.get(view.focus))

    def body(self, view: View, width: int, height: int) -> list[Line]:
        trades = view.state.tape.get(view.focus, ())
        if not trades:
            return [Line(((" no trade seen yet", Ink.DIM),))]
        context = Context(view, self.fmt)
        shown = trades[: -height - 1 : -1]
        rows = [(context.price(trade.symbol, trade.price), plain(trade.size)) for trade in shown]
        price_width = max(len(price) for price, _ in rows)
        whole, part = (max(len(size.partition(".")[side]) for _, size in rows) for side in (0, 2))
        return [
            self._line(trade, price.rjust(price_width), _on_point(size, whole, part), width)
            for trade, (price, size) in zip(shown, rows, strict=True)
        ]

    def _line(self, trade: PublicTrade, price: str, size: str, width: int) -> Line:
        ink = Ink.UP if trade.side is Side.BUY else Ink.DOWN
        mark = "▲" if trade.side is Side.BUY else "▼"
        spans: list[Span] = [
            (f" {self.fmt.clock(trade.time_ms)}  ", Ink.DIM),
            (f"{price} {mark}", ink),
            (f"  {size}", Ink.TEXT),
        ]
        if trade.type != _ORDINARY and sum(len(text) for text, _ in spans) + len(trade.type) + 2 <= width:
            spans.append((f"  {trade.type}", Ink.WARN))
        return Line(tuple(spans))


def _on_point(text: str, whole: int, part: int) -> str:
    """``text`` padded so that decimal points stand below each other."""
    left, point, right = text.partition(".")
    tail = (point + right).ljust(part + 1 if part else 0)
    return left.rjust(whole) + tail
