"""Cells to rows of text: how wide each column is, which columns are shown, and which cells are news. No terminal here.

Invariants: a column never shrinks while the room stays the same, so that nothing twitches; a cell is news only because
its text changed while its row was in view.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Generic

from tui.widgets.columns import GUTTER, Column, Context, Fit, Row, fit
from tui.widgets.ink import Ink, Span

Cells = tuple[Span, ...]

STEPS_BRIGHT = 2
_NEVER = frozenset[int]()


class Grid(Generic[Row]):
    """Lays out rows of ``columns``. ``cells`` come in the order of ``watched``: the columns shown, and those that had
    nothing to say so far and take no room.
    """

    def __init__(self, columns: Sequence[Column[Row]]) -> None:
        self.columns = tuple(columns)
        self.reset()

    def reset(self) -> None:
        """Forget what was measured: the room changed."""
        self._widths = [0] * len(self.columns)
        self._parts = [0] * len(self.columns)
        self._fit: Fit | None = None
        self.watched: tuple[int, ...] = tuple(range(len(self.columns)))
        self._layout: list[tuple[int, int, bool, int, int]] = []
        self._joined: dict[Cells, tuple[Span, ...]] = {}

    @property
    def shown(self) -> tuple[int, ...]:
        return self._fit.kept if self._fit else ()

    def cells(self, rows: Iterable[Row], context: Context, width: int) -> list[Cells]:
        """Cells of ``rows`` for ``width`` cells of room; refits the columns when one of them grew."""
        makers = [self.columns[index].cell for index in self.watched]
        lines: list[Cells] = [tuple([make(row, context) for make in makers]) for row in rows]
        grew = False
        for place, index in enumerate(self.watched):
            grew |= self._measure(index, [line[place][0] for line in lines])
        if self._fit is not None and not grew:
            return lines
        return self._refit(lines, width)

    def _measure(self, index: int, texts: Sequence[str]) -> bool:
        """Make room in a column for ``texts``; whether it had to grow."""
        column, width, part = self.columns[index], self._widths[index], self._parts[index]
        if not width and not any(texts):
            return False  # a column in which nobody says anything takes no room
        label = len(column.label) + (column.sort is not None)
        if not column.point:
            widest = max([label, width, *map(len, texts)])
        else:
            whole = width - part
            for text in texts:
                point = text.find(".")
                before = len(text) if point < 0 else point
                whole, part = max(whole, before), max(part, len(text) - before)
            widest = max(label, whole + part)
        if (widest, part) == (width, self._parts[index]):
            return False
        self._widths[index], self._parts[index] = widest, part
        return True

    def _refit(self, lines: list[Cells], width: int) -> list[Cells]:
        self._fit = fit(self._widths, [column.priority for column in self.columns], width)
        silent = {index for index, wide in enumerate(self._widths) if not wide}
        before, kept = self.watched, {*self._fit.kept, *silent}
        self.watched = tuple(index for index in before if index in kept)
        places = [before.index(index) for index in self.watched]
        self._layout = [
            (place, index, self.columns[index].right, self._widths[index], self._parts[index])
            for place, index in enumerate(self.watched)
            if index not in silent
        ]
        self._joined = {}
        return [tuple([line[place] for place in places]) for line in lines]

    def rows(self, lines: Sequence[tuple[Cells, Collection[int]]]) -> list[tuple[Span, ...]]:
        """Each row's cells, and the columns of it that are news, as spans; rows that were said before are reused."""
        known, self._joined = self._joined, {}
        spans = []
        for cells, news in lines:
            joined = known.get(cells) if not news else None
            if joined is None:
                joined = self._join(cells, news)
            if not news:
                self._joined[cells] = joined
            spans.append(joined)
        return spans

    def _join(self, cells: Cells, news: Collection[int]) -> tuple[Span, ...]:
        """Cells side by side, neighbours of one ink as one span."""
        spans: list[Span] = []
        pieces: list[str] = []
        current = Ink.TEXT
        gap = " " * (self._fit.gap if self._fit else 0)
        for place, index, right, width, part in self._layout:
            text, ink = cells[place]
            if index in news:
                ink = ink.loud
            if part:
                point = text.find(".")
                text += " " * (part if point < 0 else part - len(text) + point)
            if ink is not current and pieces:
                spans.append(("".join(pieces), current))
                pieces = []
            current = ink
            if place:
                pieces.append(gap)
            pieces.append(text.rjust(width) if right else text.ljust(width))
        spans.append(("".join(pieces), current))
        return tuple(spans)

    def header(self, sort: int | None, *, descending: bool) -> str:
        """The labels over their columns, with an arrow at the one that sorts."""
        labels = []
        for index in self.shown:
            column, width = self.columns[index], self._widths[index]
            label = column.label if index != sort else f"{'▾' if descending else '▴'}{column.label}"
            labels.append(label.rjust(width) if column.right else label.ljust(width))
        return " " * GUTTER + (" " * (self._fit.gap if self._fit else 0)).join(labels)


class News:
    """Which cells of which rows are bright, and for how many steps more."""

    def __init__(self) -> None:
        self._before: dict[str, Cells] = {}
        self._shape: tuple[int, ...] = ()
        self._bright: dict[str, dict[int, int]] = {}

    def __bool__(self) -> bool:
        return bool(self._bright)

    def of(self, key: str) -> Collection[int]:
        """Columns of a row that are news."""
        return self._bright.get(key, _NEVER)

    def note(self, rows: Iterable[tuple[str, Cells]], watched: tuple[int, ...], flashing: Collection[int]) -> None:
        """Compare rows in view with what they said before. With other columns in view nothing can be compared."""
        before, self._before = self._before if watched == self._shape else {}, dict(rows)
        self._shape = watched
        for key, cells in self._before.items():
            old = before.get(key)
            if old is None or old == cells:
                continue
            for index, (was, _), (now, _) in zip(watched, old, cells, strict=True):
                if was != now and index in flashing:
                    self._bright.setdefault(key, {})[index] = STEPS_BRIGHT

    def fade(self) -> None:
        """One step towards normal."""
        faded = {
            key: {index: left - 1 for index, left in cells.items() if left > 1} for key, cells in self._bright.items()
        }
        self._bright = {key: cells for key, cells in faded.items() if cells}
