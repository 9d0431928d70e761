"""The ladder: a column of prices with what rests at them, our own orders among it.

Prices stand still and the market moves over them; only when the touch leaves the middle half is the column set anew.
Invariant: consecutive rows are one step apart, so distance on the screen is distance in price.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import ClassVar

from msgspec import Struct
from textual.binding import Binding, BindingType

from tui.model.instrument import Instrument
from tui.model.state import Slice
from tui.model.view import View
from tui.widgets.columns import Context
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.panel import Panel
from tui.widgets.rungs import EMPTY, Own, Rung, rungs, top_price

GROUPS = (1, 2, 5, 10, 20, 50, 100)
MIN_BAR, MAX_BAR = 3, 14
EIGHTHS = " ▏▎▍▌▋▊▉█"


class Ladder(Panel):
    """``symbol_of`` picks the contract of a view; the contract in hand unless said otherwise.

    ``{`` and ``}`` change how many ticks one row holds; ``home`` centres.
    """

    can_focus = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_curly_bracket", "group(-1)", "finer", show=False),
        Binding("right_curly_bracket", "group(1)", "coarser", show=False),
        Binding("home", "centre", "centre", show=False),
    ]

    def __init__(
        self,
        *,
        symbol_of: Callable[[View], str | None] = lambda view: view.focus,
        divider: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__("Ladder", part=Slice.MARKET, divider=divider, id=id)
        self._symbol_of = symbol_of
        self._group = 0
        self._top: Decimal | None = None
        self._drawn: tuple[str, int, int] | None = None

    def action_group(self, step: int) -> None:
        self._group = min(max(0, self._group + step), len(GROUPS) - 1)
        self.redraw()

    def action_centre(self) -> None:
        self._top = None
        self.redraw()

    def sources(self, view: View) -> tuple[object, ...]:
        symbol, state = self._symbol_of(view), view.state
        if symbol is None:
            return (None,)
        parts = (state.books.get(symbol), state.tickers.get(symbol), state.instruments.get(symbol))
        return (symbol, state.orders, *parts)

    def count(self, view: View) -> str:
        symbol = self._symbol_of(view)
        return symbol if symbol is not None and symbol != view.focus else ""

    def note(self, view: View) -> str:
        symbol = self._symbol_of(view)
        instrument = view.state.instruments.get(symbol) if symbol else None
        if instrument is None:
            return ""
        if self._group:
            return f"step {self._step(instrument):f}"
        return f"clip {Context(view, self.fmt).size(instrument.symbol, view.clip)}" if symbol == view.focus else ""

    def body(self, view: View, width: int, height: int) -> list[Line]:
        symbol = self._symbol_of(view)
        book = view.state.books.get(symbol) if symbol else None
        instrument = view.state.instruments.get(symbol) if symbol else None
        if symbol is None or instrument is None or book is None or not (book.bids or book.asks) or height < 1:
            return [Line(((" no book yet", Ink.DIM),))]
        if self._drawn != (symbol, self._group, height):
            self._drawn, self._top = (symbol, self._group, height), None
        step = self._step(instrument)
        top = self._top = top_price(book, step, height, self._top)
        orders = [order for order in view.state.orders if order.symbol == symbol]
        known = rungs(book, orders, view.state.tickers.get(symbol), step)
        context = Context(view, self.fmt)
        prices = [top - step * row for row in range(height)]
        return _lines([_text(price, known.get(price, EMPTY), symbol, context) for price in prices], width)

    def _step(self, instrument: Instrument) -> Decimal:
        return instrument.tick_size * GROUPS[self._group]


class _Row(Struct, frozen=True):
    """A rung as texts, ready to be laid out."""

    rung: Rung
    own: str
    bid: str
    price: str
    ask: str


class _Widths(Struct, frozen=True):
    own: int
    size: int
    price: int
    bar: int


def _text(price: Decimal, rung: Rung, symbol: str, context: Context) -> _Row:
    def size(value: Decimal) -> str:
        return context.size(symbol, value) if value else ""

    return _Row(rung, _own_text(rung.own, size), size(rung.bid), context.price(symbol, price), size(rung.ask))


def _own_text(own: Own | None, size: Callable[[Decimal], str]) -> str:
    """``+0.10`` for buys, ``-0.10`` for sells; ``!`` before what still waits for a trigger."""
    if own is None:
        return ""
    return f"{'!' if own.waiting else ''}{'+' if own.size > 0 else '-'}{size(abs(own.size)) or 0}"


def _lines(rows: Sequence[_Row], width: int) -> list[Line]:
    """Own orders, bids, price, asks. Bars take what is left; narrow, first they leave and then our own orders."""
    size = max(6, *(len(text) for row in rows for text in (row.bid, row.ask)))
    own = max(7, *(len(row.own) for row in rows))
    price = max(len(row.price) for row in rows)
    left = width - (1 + size + 1 + price + 2 + size)
    if left < own + 1:
        own = 0
    bar = min(MAX_BAR, max(0, (left - (own + 1 if own else 0) - 2) // 2))
    widths = _Widths(own, size, price, bar if bar >= MIN_BAR else 0)
    most = max(max(row.rung.bid, row.rung.ask) for row in rows)
    return [_line(row, most, widths) for row in rows]


def _line(row: _Row, most: Decimal, widths: _Widths) -> Line:
    rung = row.rung
    spans: list[Span] = [(" ", Ink.TEXT)]
    if widths.own:
        ink = Ink.UP if rung.own is not None and rung.own.size > 0 else Ink.DOWN
        spans.append((row.own.rjust(widths.own) + " ", ink))
    spans.append((row.bid.rjust(widths.size) + " ", Ink.TEXT))
    if widths.bar:
        spans.append((_bar_left(rung.bid, most, widths.bar) + " ", Ink.BID_BAR))
    important = rung.mark != " " or rung.own is not None
    ink = Ink.STRONG if important else Ink.TEXT if rung.bid or rung.ask else Ink.DIM
    spans += [(row.price.rjust(widths.price), ink), (f"{rung.mark} ", Ink.ACCENT)]
    if widths.bar:
        spans.append((_bar_right(rung.ask, most, widths.bar) + " ", Ink.ASK_BAR))
    spans.append((row.ask.rjust(widths.size), Ink.TEXT))
    return Line(tuple(spans))


def _bar_left(size: Decimal, most: Decimal, cells: int) -> str:
    """A bar that grows to the left, in half cells: ▐ is the only part of a cell that stands on its right."""
    halves = max(1, round(size / most * cells * 2)) if size else 0
    return ("▐" * (halves % 2) + "█" * (halves // 2)).rjust(cells)


def _bar_right(size: Decimal, most: Decimal, cells: int) -> str:
    """A bar that grows to the right, in eighths of a cell."""
    full, rest = divmod(max(1, round(size / most * cells * 8)) if size else 0, 8)
    return ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(cells)
