"""Columns of a table: what a cell says, and which columns stay when there is little room.

Invariant: a cell is shown whole or its column is not shown: columns leave in the order of their priority, highest
number first, and no text is ever cut to fit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

from tui.model.instrument import Instrument
from tui.model.ticker import Ticker
from tui.model.view import View
from tui.widgets.format import Format
from tui.widgets.ink import Ink, Span

Row = TypeVar("Row")

GUTTER = 2  # the cursor's mark and a space
MIN_GAP, MAX_GAP = 2, 5


class Context(Struct, frozen=True):
    """What a cell may look at besides its row."""

    view: View
    fmt: Format

    def instrument(self, symbol: str) -> Instrument | None:
        return self.view.state.instruments.get(symbol)

    def ticker(self, symbol: str) -> Ticker | None:
        return self.view.state.tickers.get(symbol)

    def price(self, symbol: str, value: Decimal | None) -> str:
        """A price with the digits of the contract's tick; with its own digits while the contract is unknown."""
        return self.fmt.number(value, _places(self.instrument(symbol), value, price=True))

    def size(self, symbol: str, value: Decimal | None) -> str:
        """A size with the digits of the contract's lot."""
        return self.fmt.number(value, _places(self.instrument(symbol), value, price=False))


class Column(Struct, Generic[Row], frozen=True):
    """``cell`` gives text and ink of one row. ``priority`` 0 stays longest. ``point``: decimal points stand below each
    other. ``flashes``: a change is worth a glance (false for running clocks). ``sort`` gives a key, None: not sortable.
    """

    label: str
    cell: Callable[[Row, Context], Span]
    priority: int = 0
    right: bool = True
    point: bool = False
    flashes: bool = True
    sort: Callable[[Row, Context], Decimal | str | int] | None = None


class Fit(NamedTuple):
    """``kept`` are indexes of the columns shown, ``gap`` the spaces between two of them."""

    kept: tuple[int, ...]
    gap: int


def fit(widths: Sequence[int], priorities: Sequence[int], room: int) -> Fit:
    """The columns that fit whole into ``room`` cells: drop by priority, the later column first among equals.

    A column without width has nothing to say and is not among them.
    """
    kept = [index for index, width in enumerate(widths) if width]
    leaving = sorted(kept, key=lambda index: (priorities[index], index))
    while len(kept) > 1 and _needed(widths, kept) > room:
        kept.remove(leaving.pop())
    spare = room - _needed(widths, kept)
    gap = min(MAX_GAP, MIN_GAP + max(0, spare) // max(1, len(kept) - 1))
    return Fit(tuple(kept), gap)


def _needed(widths: Sequence[int], kept: Sequence[int]) -> int:
    return GUTTER + sum(widths[index] for index in kept) + MIN_GAP * (len(kept) - 1)


def _places(instrument: Instrument | None, value: Decimal | None, *, price: bool) -> int:
    if instrument is not None:
        return instrument.price_places if price else instrument.size_places
    exponent = value.as_tuple().exponent if value is not None else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def signed(text: str, value: Decimal | None) -> Span:
    """A signed number in its colour, its arrow before it."""
    if not value:
        return text, Ink.TEXT
    return (f"▲ {text}", Ink.UP) if value > 0 else (f"▼ {text}", Ink.DOWN)
