"""Candles of the contract in hand, with our own orders, our entry and the liquidation price as lines.

A cell has two halves, and each half of a candle is nothing, wick or body: nine glyphs draw it. Invariant: a candle is
never drawn outside its own high and low, widened to whole half cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from tui.model.enums import Side
from tui.model.market import Candle
from tui.model.state import Slice
from tui.model.view import View
from tui.widgets.columns import Context
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.panel import Panel

NOTHING, WICK, BODY = range(3)
GLYPHS = {
    (NOTHING, NOTHING): " ",
    (NOTHING, WICK): "╷",
    (NOTHING, BODY): "╻",
    (WICK, NOTHING): "╵",
    (WICK, WICK): "│",
    (WICK, BODY): "╽",
    (BODY, NOTHING): "╹",
    (BODY, WICK): "╿",
    (BODY, BODY): "┃",
}
LABEL_EVERY_ROWS = 4
TIME_EVERY_COLUMNS = 15
REDRAW_MS = 250


class Chart(Panel):
    def __init__(self, *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Chart", part=Slice.MARKET, divider=divider, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        """Not the market itself: a chart is drawn four times a second at most, for it says nothing that hurries."""
        known = bool(view.state.candles.get(view.focus))
        return (view.focus, known, view.now_ms // REDRAW_MS, view.state.orders, view.state.instruments.get(view.focus))

    def count(self, view: View) -> str:
        candles = view.state.candles.get(view.focus, ())
        if len(candles) < 2:
            return view.focus
        minutes = (candles[-1].time_ms - candles[-2].time_ms) // 60_000
        return f"{view.focus} {minutes // 60}h" if minutes >= 60 else f"{view.focus} {minutes}m"

    def body(self, view: View, width: int, height: int) -> list[Line]:
        candles = view.state.candles.get(view.focus, ())
        if not candles or height < 3:
            return [Line(((" no candles yet", Ink.DIM),))]
        context = Context(view, self.fmt)
        ticker = view.state.tickers.get(view.focus)
        last = ticker.last if ticker and ticker.last is not None else candles[-1].close
        axis = len(context.price(view.focus, last)) + 3
        shown = candles[-max(1, width - axis - 1) :]
        rows = height - 1
        scale = Scale(max(last, *(c.high for c in shown)), min(last, *(c.low for c in shown)), rows)
        marked = _marked_rows(view, scale)
        columns = [_column(candle, scale) for candle in shown]
        pad = width - axis - len(shown)
        lines = [
            self._row(row, columns, pad, marked.get(row), self._label(row, scale, last, marked.get(row), context))
            for row in range(rows)
        ]
        return [*lines, self._times(shown, pad)]

    def _row(
        self, row: int, columns: Sequence[tuple[Sequence[str], Ink]], pad: int, mark: Mark | None, label: Span
    ) -> Line:
        line, line_ink = ("╌", mark.ink) if mark is not None else (" ", Ink.DIM)
        spans: list[Span] = [(line * pad, line_ink)]
        for glyphs, ink in columns:
            glyph = glyphs[row]
            piece = (line, line_ink) if glyph == " " else (glyph, ink)
            if spans and spans[-1][1] == piece[1]:
                spans[-1] = (spans[-1][0] + piece[0], piece[1])
            else:
                spans.append(piece)
        return Line((*spans, label))

    @staticmethod
    def _label(row: int, scale: Scale, last: Decimal, mark: Mark | None, context: Context) -> Span:
        symbol = context.view.focus
        if row == scale.row(last):
            return f" ◂ {context.price(symbol, last)}", Ink.STRONG
        if mark is not None:
            return f" {mark.sign} {context.price(symbol, mark.price)}", mark.ink
        if row % LABEL_EVERY_ROWS:
            return " ┤", Ink.RULE
        return f" ┤ {context.price(symbol, scale.price(row))}", Ink.DIM

    def _times(self, shown: Sequence[Candle], pad: int) -> Line:
        text = ""
        for index in range(0, len(shown), TIME_EVERY_COLUMNS):
            text = text.ljust(index) + self.fmt.clock(shown[index].time_ms)[:5]
        return Line(((" " * pad + text, Ink.DIM),))


class Mark(NamedTuple):
    """A line across the candles: ``┤`` an order of ours, ``E`` our entry, ``L`` liquidation."""

    price: Decimal
    ink: Ink
    sign: str = "┤"


def _marked_rows(view: View, scale: Scale) -> dict[int, Mark]:
    """One line a row: an order before the position's prices, the newest order of a row."""
    marks: list[Mark] = []
    position = view.state.position(view.focus)
    if position is not None:
        marks.append(Mark(position.entry_price, Ink.ACCENT, "E"))
        if position.liquidation_price is not None:
            marks.append(Mark(position.liquidation_price, Ink.WARN, "L"))
    marks += [
        Mark(order.working_price, Ink.UP if order.side is Side.BUY else Ink.DOWN)
        for order in reversed(view.state.orders)
        if order.symbol == view.focus and order.working_price is not None
    ]
    rows = ((scale.row(mark.price), mark) for mark in marks)
    return {row: mark for row, mark in rows if row is not None}


class Scale:
    """Prices to rows: row 0 is the highest. ``high`` and ``low`` lie in the first and last row."""

    def __init__(self, high: Decimal, low: Decimal, rows: int) -> None:
        self._high, self.halves = high, rows * 2
        self._per_half = (high - low) / self.halves or Decimal(1)

    def half(self, price: Decimal) -> int:
        """Index of the half cell that holds ``price``, 0 at the top."""
        return min(max(0, int((self._high - price) / self._per_half)), self.halves - 1)

    def row(self, price: Decimal) -> int | None:
        """The row of ``price``; None when it is outside the scale."""
        if price > self._high or price < self._high - self._per_half * self.halves:
            return None
        return self.half(price) // 2

    def price(self, row: int) -> Decimal:
        """Price at the middle of a row."""
        return self._high - self._per_half * (row * 2 + 1)


def _column(candle: Candle, scale: Scale) -> tuple[list[str], Ink]:
    high, low = scale.half(candle.high), scale.half(candle.low)
    top, bottom = scale.half(max(candle.open, candle.close)), scale.half(min(candle.open, candle.close))

    def kind(half: int) -> int:
        if top <= half <= bottom:
            return BODY
        return WICK if high <= half <= low else NOTHING

    halves = [kind(half) for half in range(scale.halves)]
    glyphs = [GLYPHS[halves[row], halves[row + 1]] for row in range(0, len(halves), 2)]
    return glyphs, Ink.UP if candle.close >= candle.open else Ink.DOWN
