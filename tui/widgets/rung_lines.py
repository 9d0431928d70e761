"""Rows of a ladder as text: own orders, bids, price, asks, and bars where there is room. Pure.

Invariant: sizes and prices are shown whole; as it gets narrow the bars leave first, then our own orders.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal

from msgspec import Struct

from tui.widgets.columns import Context
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.rungs import LIQUIDATION, Own, Rung

MIN_BAR, MAX_BAR = 3, 14
EIGHTHS = " ▏▎▍▌▋▊▉█"


class Row(Struct, frozen=True):
    """A rung as texts, ready to be laid out. ``here``: the cursor stands on it."""

    rung: Rung
    own: str
    bid: str
    price: str
    ask: str
    here: bool = False


class _Widths(Struct, frozen=True):
    own: int
    size: int
    price: int
    bar: int


def row_of(
    price: Decimal, rung: Rung, symbol: str, context: Context, *, here: bool = False, carried: Collection[str] = ()
) -> Row:
    """``carried`` are ids of orders that were picked up."""

    def size(value: Decimal) -> str:
        return context.size(symbol, value) if value else ""

    own = _own_text(rung.own, size, carried)
    if here and carried and not own:
        own = "here?"
    return Row(rung, own, size(rung.bid), context.price(symbol, price), size(rung.ask), here)


def lines_of(rows: Sequence[Row], width: int, *, active: bool) -> list[Line]:
    """``active``: the cursor's row is the inverse line, not merely marked."""
    size = max(6, *(len(text) for row in rows for text in (row.bid, row.ask)))
    own = max(7, *(len(row.own) for row in rows))
    price = max(len(row.price) for row in rows)
    left = width - (1 + size + 1 + price + 2 + size)
    if left < own + 1:
        own = 0
    bar = min(MAX_BAR, max(0, (left - (own + 1 if own else 0) - 2) // 2))
    widths = _Widths(own, size, price, bar if bar >= MIN_BAR else 0)
    most = max(max(row.rung.bid, row.rung.ask) for row in rows)
    return [_line(row, most, widths, active=active) for row in rows]


def _own_text(own: Own | None, size: Callable[[Decimal], str], carried: Collection[str]) -> str:
    """``+0.10`` for buys, ``-0.10`` for sells; ``!`` before what still waits for a trigger, ``~`` before what was
    picked up.
    """
    if own is None:
        return ""
    up = "~" if any(order.order_id in carried for order in own.orders) else ""
    return f"{up}{'!' if own.waiting else ''}{'+' if own.size > 0 else '-'}{size(abs(own.size)) or 0}"


def _line(row: Row, most: Decimal, widths: _Widths, *, active: bool) -> Line:
    rung = row.rung
    spans: list[Span] = [("▸" if row.here else " ", Ink.ACCENT)]
    if widths.own:
        said = row.own or rung.word
        spans.append(_own_span(row, widths.own) if said else (" " * (widths.own + 1), Ink.ACCENT))
    spans.append((row.bid.rjust(widths.size) + " ", Ink.TEXT))
    if widths.bar:
        spans.append((_bar_left(rung.bid, most, widths.bar) + " ", Ink.BID_BAR))
    important = rung.mark != " " or rung.own is not None or bool(rung.word)
    ink = Ink.STRONG if important else Ink.TEXT if rung.bid or rung.ask else Ink.DIM
    spans += [(row.price.rjust(widths.price), ink), (f"{rung.mark} ", Ink.ACCENT)]
    if widths.bar:
        spans.append((_bar_right(rung.ask, most, widths.bar) + " ", Ink.ASK_BAR))
    spans.append((row.ask.rjust(widths.size), Ink.TEXT))
    return Line(tuple(spans), cursor=row.here and active)


def _own_span(row: Row, width: int) -> Span:
    """Our orders, else what our position has to say about this price."""
    if row.own:
        own = row.rung.own
        ink = Ink.ACCENT if own is None else Ink.UP if own.size > 0 else Ink.DOWN
        return row.own.rjust(width) + " ", ink
    return row.rung.word.rjust(width) + " ", Ink.WARN if row.rung.word == LIQUIDATION else Ink.ACCENT


def _bar_left(size: Decimal, most: Decimal, cells: int) -> str:
    """A bar that grows to the left, in half cells: ▐ is the only part of a cell that stands on its right."""
    halves = max(1, round(size / most * cells * 2)) if size else 0
    return ("▐" * (halves % 2) + "█" * (halves // 2)).rjust(cells)


def _bar_right(size: Decimal, most: Decimal, cells: int) -> str:
    """A bar that grows to the right, in eighths of a cell."""
    full, rest = divmod(max(1, round(size / most * cells * 8)) if size else 0, 8)
    return ("█" * full + (EIGHTHS[rest] if rest else "")).ljust(cells)
