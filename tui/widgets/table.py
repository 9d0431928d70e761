"""A table for rows that move: keyed rows, one cursor, columns that leave rather than cut a number.

Invariants: the cursor stands on a row's identity, never on a row's number; only rows in view are formatted, so the
cost of a frame does not grow with the table; a cell is bright only because its text changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Generic, NamedTuple

from msgspec import Struct
from textual import events
from textual.binding import Binding, BindingType
from textual.timer import Timer

from tui.model.state import Slice
from tui.model.view import Selection, View
from tui.widgets.columns import GUTTER, Column, Context, Row
from tui.widgets.flow import item, wrap
from tui.widgets.format import Format
from tui.widgets.grid import Grid, News
from tui.widgets.ink import BLANK, Ink, Line, Span
from tui.widgets.messages import FocusContract, TableArranged
from tui.widgets.panel import Panel

FLASH_STEP_S = 0.25  # a changed cell is bright for two of these at most


class Arrangement(Struct, frozen=True):
    """How a trader likes a table: a filter, the label of the column it is sorted by (empty: its natural order)."""

    filter: str = ""
    sort: str = ""
    descending: bool = True


class Banner(NamedTuple):
    """A sentence over the full width, on top whatever the sorting. The cursor can stand on it: ``value``."""

    key: str
    symbol: str
    value: Selection
    spans: tuple[Span, ...]


class LineTable(Panel, Generic[Row]):
    """Subclasses say which rows (``rows``), what names a row (``key``) and which contract it is about (``symbol``).

    ``banners`` are sentences that stand above the rows. ``empty`` says what to press when there is nothing. With
    ``details``, what the row under the cursor says in columns that had to leave stands at the foot, if there is room.
    """

    can_focus = True
    empty: str = "nothing here"
    details: ClassVar[bool] = False
    follows_top: ClassVar[bool] = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup", "page(-1)", "page up", show=False),
        Binding("pagedown", "page(1)", "page down", show=False),
        Binding("home", "jump(0)", "first", show=False),
        Binding("end", "jump(-1)", "last", show=False),
        Binding("enter", "open", "focus contract", show=False),
    ]

    def __init__(
        self,
        heading: str,
        columns: Sequence[Column[Row]],
        *,
        part: Slice | None = None,
        divider: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(heading, part=part, divider=divider, id=id, classes=classes)
        self.columns = tuple(columns)
        self.filter_text = ""
        self._sort: int | None = None
        self._descending = True
        self._rows: Sequence[Row | Banner] = ()
        self._total = 0
        self._cursor = 0
        self._cursor_key: str | None = None
        self._pinned = False
        self._top = 0
        self._room = 1
        self._grid = Grid(self.columns)
        self._news = News()
        self._flashing = frozenset(index for index, column in enumerate(self.columns) if column.flashes)
        self._flash_timer: Timer | None = None

    # --- what a subclass says ------------------------------------------------------------------------------------

    def rows(self, view: View) -> Sequence[Row]:
        raise NotImplementedError

    def key(self, row: Row) -> str:
        raise NotImplementedError

    def symbol(self, row: Row) -> str | None:
        """The contract a row is about: what ``enter`` focuses and the filter reads."""
        raise NotImplementedError

    def select(self, row: Row) -> Selection | None:
        """What acts on this row act on."""
        return self.symbol(row)

    def banners(self, view: View, width: int) -> Sequence[Banner]:
        del view, width
        return ()

    # --- the cursor ----------------------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection | None:
        """What the cursor stands on; None on an empty table, or when a pinned row is gone."""
        row = self._under_cursor()
        if row is None:
            return None
        return row.value if isinstance(row, Banner) else self.select(row)

    def _under_cursor(self) -> Row | Banner | None:
        if self._cursor < len(self._rows) and self._key(self._rows[self._cursor]) == self._cursor_key:
            return self._rows[self._cursor]
        return None

    def _key(self, row: Row | Banner) -> str:
        return row.key if isinstance(row, Banner) else self.key(row)

    def pin(self) -> None:
        """Hold the cursor to its row: it will not move to another one by itself."""
        self._pinned = True

    def unpin(self) -> None:
        self._pinned = False
        self.redraw()

    def action_move(self, step: int) -> None:
        self._place(self._cursor + step)

    def action_page(self, step: int) -> None:
        self._place(self._cursor + step * max(1, self._room - 1))

    def action_jump(self, index: int) -> None:
        self._place(index if index >= 0 else len(self._rows) - 1)

    def action_open(self) -> None:
        row = self._under_cursor()
        if row is None:
            return
        symbol = row.symbol if isinstance(row, Banner) else self.symbol(row)
        if symbol is not None:
            self.post_message(FocusContract(symbol))

    def _place(self, index: int) -> None:
        if not self._rows or self._pinned:
            return
        self._cursor = min(max(0, index), len(self._rows) - 1)
        self._cursor_key = self._key(self._rows[self._cursor])
        self.redraw()

    def _follow(self, rows: Sequence[Row | Banner]) -> None:
        """Put the cursor on its row's new place, and keep that place at the same height on the screen."""
        if not rows:
            self._cursor_key = self._cursor_key if self._pinned else None
            self._cursor = self._top = 0
            return
        if self.follows_top and self._cursor == 0 and not self._pinned:
            self._cursor_key = self._key(rows[0])
            return
        where = self._find(rows)
        if where is None:
            if self._pinned:
                return
            where = min(self._cursor, len(rows) - 1)
            self._cursor_key = self._key(rows[where])
        self._top += where - self._cursor
        self._cursor = where

    def _find(self, rows: Sequence[Row | Banner]) -> int | None:
        if self._cursor < len(rows) and self._key(rows[self._cursor]) == self._cursor_key:
            return self._cursor
        return next((index for index, row in enumerate(rows) if self._key(row) == self._cursor_key), None)

    # --- filter and sort -----------------------------------------------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Show only rows whose contract contains every word of ``text``."""
        self.filter_text = text.strip()
        self._rearranged()

    def sort_next(self) -> None:
        """Sort by the next column that can be sorted and is in view; after the last one, the natural order."""
        able = [index for index in self._grid.shown if self.columns[index].sort is not None]
        after = [index for index in able if self._sort is None or index > self._sort]
        self._sort = after[0] if after else None
        self._descending = True
        self._rearranged()

    def sort_turn(self) -> None:
        self._descending = not self._descending
        self._rearranged()

    @property
    def arrangement(self) -> Arrangement:
        label = self.columns[self._sort].label if self._sort is not None else ""
        return Arrangement(self.filter_text, label, self._descending)

    def rearrange(self, wanted: Arrangement) -> None:
        """As in an earlier session; a column that is no more sorts nothing."""
        able = [index for index, column in enumerate(self.columns) if column.sort and column.label == wanted.sort]
        self._sort, self._descending = (able[0] if able else None), wanted.descending
        self.filter_text = wanted.filter
        self.redraw()

    def _rearranged(self) -> None:
        self.redraw()
        if self.id is not None:
            said = TableArranged(self.id)
            said.set_sender(self)  # not the screen, whose filter line may be the cause: it would stop there
            self.post_message(said)

    # --- the rows as text ----------------------------------------------------------------------------------------

    def row_text(self) -> str:
        """The row under the cursor, every column of it, with its labels: to paste somewhere else."""
        row = self._under_cursor()
        if row is None or self.view is None:
            return ""
        if isinstance(row, Banner):
            return "".join(text for text, _ in row.spans).strip()
        context = Context(self.view, self.fmt)
        cells = [(column.label, column.cell(row, context)[0].strip()) for column in self.columns]
        return "  ".join(f"{label} {text}" for label, text in cells if text)

    def sheet(self, fmt: Format) -> list[list[str]]:
        """Labels, then every row as it is filtered and sorted, every column of it, with numbers in ``fmt``."""
        if self.view is None:
            return []
        context = Context(self.view, fmt)
        rows = [row for row in self._arranged(self.view, context, self._width) if not isinstance(row, Banner)]
        cells = [[column.cell(row, context)[0].strip() for column in self.columns] for row in rows]
        return [[column.label for column in self.columns], *cells]

    def _arranged(self, view: View, context: Context, width: int) -> Sequence[Row | Banner]:
        rows = self.rows(view)
        self._total = len(rows)
        if self.filter_text:
            words = self.filter_text.casefold().split()
            rows = [row for row in rows if all(word in (self.symbol(row) or "").casefold() for word in words)]
        by = self.columns[self._sort].sort if self._sort is not None else None
        if by is not None:
            rows = sorted(rows, key=lambda row: by(row, context), reverse=self._descending)
        banners = self.banners(view, width - GUTTER)
        return [*banners, *rows] if banners else rows

    # --- drawing -------------------------------------------------------------------------------------------------

    def count(self, view: View) -> str:
        del view
        shown = sum(1 for row in self._rows if not isinstance(row, Banner))
        return f"({shown} of {self._total})" if self.filter_text else f"({self._total})"

    def note(self, view: View) -> str:
        del view
        words = [f"/{self.filter_text}"] if self.filter_text else []
        below = len(self._rows) - self._top - self._room
        if self._top:
            words.append(f"▴ {self._top} more")
        if below > 0:
            words.append(f"▾ {below} more")
        return " ".join(words)

    def body(self, view: View, width: int, height: int) -> list[Line]:
        context = Context(view, self.fmt)
        rows = self._rows = self._arranged(view, context, width)
        self._follow(rows)
        if not rows:
            words = (
                f"nothing matches /{self.filter_text} · / then esc shows all"
                if self.filter_text and self._total
                else self.empty
            )
            return [Line((("  " + words, Ink.DIM),))]
        self._room = max(1, height - 1)
        self._top = min(max(self._top, self._cursor - self._room + 1, 0), self._cursor, max(0, len(rows) - self._room))
        visible = rows[self._top : self._top + self._room]
        body = self._row_lines(visible, context, width)
        foot = self._foot(context, width, height - 1 - len(body))
        blank = [BLANK] * (height - 1 - len(body) - len(foot))
        header = Line(((self._grid.header(self._sort, descending=self._descending), Ink.DIM),))
        return [header, *body, *blank, *foot][:height]

    def _row_lines(self, visible: Sequence[Row | Banner], context: Context, width: int) -> list[Line]:
        rows = [row for row in visible if not isinstance(row, Banner)]
        keys = [self.key(row) for row in rows]
        cells = self._grid.cells(rows, context, width)
        self._news.note(zip(keys, cells, strict=True), self._grid.watched, self._flashing)
        if self._news and self._flash_timer is None:
            self._flash_timer = self.set_interval(FLASH_STEP_S, self._fade)
        spans = self._grid.rows([(line, self._news.of(key)) for key, line in zip(keys, cells, strict=True)])
        banners = [self._row_line(row, row.spans) for row in visible if isinstance(row, Banner)]
        return [*banners, *(self._row_line(row, said) for row, said in zip(rows, spans, strict=True))]

    def _foot(self, context: Context, width: int, spare: int) -> list[Line]:
        """The columns that left, for the row under the cursor; only in rows that would be empty otherwise."""
        row = self._under_cursor()
        if not self.details or row is None or isinstance(row, Banner) or spare < 2:
            return []
        gone = [column for index, column in enumerate(self.columns) if index not in self._grid.shown]
        cells = [(column.label, column.cell(row, context)) for column in gone]
        items = [item(place, f"{label} ", cell) for place, (label, cell) in enumerate(cells) if cell[0].strip()]
        rows = wrap(items, width - GUTTER, ("   ", Ink.DIM))[: spare - 1]
        return [Line((("▸ " if place == 0 else "  ", Ink.ACCENT), *spans)) for place, spans in enumerate(rows)]

    def _fade(self) -> None:
        """One step towards normal for every bright cell."""
        self._news.fade()
        if not self._news and self._flash_timer is not None:
            self._flash_timer.stop()
            self._flash_timer = None
        self.redraw()

    def _row_line(self, row: Row | Banner, spans: tuple[Span, ...]) -> Line:
        here = self._key(row) == self._cursor_key
        mark = "▸ " if here else ("! " if isinstance(row, Banner) else "  ")
        return Line(((mark, Ink.ACCENT if self._active else Ink.DIM), *spans), cursor=here and self._active)

    # --- events --------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """Forget what was measured. Textual then calls the panel's own handler, which draws."""
        del event
        self._grid.reset()

    def on_mouse_scroll_down(self) -> None:
        self.action_move(1)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-1)

    def on_click(self, event: events.Click) -> None:
        index = self._top + event.y - self._title_rows - 1
        if self._top <= index < len(self._rows):
            self._place(index)
            if event.chain == 2:
                self.action_open()
