"""The base of everything that moves on the screen: a titled panel drawn line by line.

Textual's own renderables lay out a widget again at each change; measured, that costs tens of milliseconds a frame for
one table. A panel keeps its rows as values instead, compares the new rows with the old ones, and repaints only those
that differ. Geometry is kept from the resize event, because reading ``size`` walks the tree.

Invariants: what is on the screen is exactly ``lines()`` of the last view; a row is repainted iff it changed; a row that
is too long ends in ``…``, and never in part of a number.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.filter import ANSIToTruecolor, LineFilter
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.model.enums import Environment
from tui.model.state import Slice
from tui.model.view import Protection, Risk, View
from tui.widgets.flow import shortened
from tui.widgets.format import PLAIN, Format
from tui.widgets.freshness import freshness
from tui.widgets.ink import BLANK, Ink, Line, Palette, Span, palette

_BY_VALUE = (int, str, Risk, Protection)


def same(one: tuple[object, ...] | None, other: tuple[object, ...]) -> bool:
    """Whether two tuples hold the same objects; what is small, or made anew for each view, is compared by value."""
    if one is None or len(one) != len(other):
        return False
    return all(a is b or (isinstance(a, _BY_VALUE) and a == b) for a, b in zip(one, other, strict=True))


def span_width(spans: Sequence[Span]) -> int:
    """Cells of spans of ours, whose characters are all one cell wide."""
    return sum(len(text) for text, _ in spans)


class Panel(Widget):
    """A titled block of rows.

    Subclasses say what they draw (``body``), from which parts of a view (``sources``: unchanged parts are not drawn
    again), and what their title counts (``count``). ``part`` names the slice whose age stands in the title.
    """

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Panel { height: 1fr; width: 1fr; }
    """

    def __init__(
        self,
        heading: str = "",
        *,
        part: Slice | None = None,
        divider: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.heading = heading
        self.part = part
        self.view: View | None = None
        self.fmt = PLAIN
        self._divider = divider
        self._margin = 0
        self._width = self._height = 0
        self._lines: list[Line] = []
        self._strips: list[Strip | None] = []
        self._sources: tuple[object, ...] | None = None
        self._stale = False
        self._rule = Ink.RULE
        self._active = False
        self._palette: Palette | None = None
        self._filters: Sequence[LineFilter] = ()

    # --- what a subclass says ------------------------------------------------------------------------------------

    def sources(self, view: View) -> tuple[object, ...]:
        """The parts of ``view`` that ``body`` reads; when all are the same objects as before, it is not called."""
        return (view,)

    def body(self, view: View, width: int, height: int) -> list[Line]:
        """Rows under the title, at most ``height``, for ``width`` cells."""
        raise NotImplementedError

    def count(self, view: View) -> str:
        """What follows the heading in the title: ``(2)``."""
        del view
        return ""

    def alert(self, view: View) -> str:
        """A word of warning beside the count."""
        del view
        return ""

    def note(self, view: View) -> str:
        """Words at the right end of the title, before the age."""
        del view
        return ""

    # --- attributes down -----------------------------------------------------------------------------------------

    def show(self, view: View, fmt: Format = PLAIN) -> None:
        """Draw ``view``. Cheap when nothing of it changed for this panel."""
        self.view, self.fmt = view, fmt
        if not self._height:
            return
        sources = self.sources(view)
        rule = Ink.RULE_LIVE if view.state.environment is Environment.LIVE else Ink.RULE
        stale = self.part is not None and freshness(view.state, view.now_ms, self.part).stale
        if (stale, rule) != (self._stale, self._rule):
            self._stale, self._rule = stale, rule
            self._forget_strips()
        if same(self._sources, sources):
            self._replace([*self._titles(view), *self._lines[self._title_rows :]])
        else:
            self._sources = sources
            self._replace(self._draw(view))

    def redraw(self) -> None:
        """Draw the last view again, after something of the widget's own (cursor, size, filter) changed."""
        self._sources = None
        if self.view is not None:
            self.show(self.view, self.fmt)

    # --- drawing -------------------------------------------------------------------------------------------------

    @property
    def _title_rows(self) -> int:
        return 1 if self.heading and self._height > 1 else 0

    def _draw(self, view: View) -> list[Line]:
        height = self._height - self._title_rows
        rows = self.body(view, self._width - self._margin, height)[:height]
        return [*self._titles(view), *rows, *[BLANK] * (height - len(rows))]  # the title counts what was just drawn

    def _titles(self, view: View) -> list[Line]:
        if not self._title_rows:
            return []
        name = f" {self.heading} "
        count = self.count(view)
        head: list[Span] = [
            ("┬─" if self._margin else "─", Ink.RULE),
            (name, Ink.ACCENT if self._active else Ink.TITLE),
        ]
        if count:
            head.append((f"{count} ", Ink.DIM))
        if alert := self.alert(view):
            head.append((f"{alert} ", Ink.WARN))
        tail = self._title_tail(view, self._width - span_width(head) - 2)
        fill = self._width - span_width(head) - span_width(tail)
        return [Line((*head, ("─" * max(0, fill), Ink.RULE), *tail))]

    def _title_tail(self, view: View, room: int) -> list[Span]:
        """Note and age at the right end. Where both do not fit the age is shortened, then the note is left out."""
        ages: list[Span] = []
        if self.part is not None:
            fresh = freshness(view.state, view.now_ms, self.part)
            ink = Ink.WARN if fresh.stale else Ink.DIM
            ages = [(fresh.text, ink), (fresh.short, ink)]
        note = self.note(view)
        noted = [[(note, Ink.DIM), age] for age in ages] if note else []
        alone = [[age] for age in ages] if ages else [[(note, Ink.DIM)]]
        for tail in (*noted, *alone):
            if sum(len(text) + 3 for text, _ in tail) <= room:
                return [span for text, ink in tail if text for span in ((f" {text} ", ink), ("─", Ink.RULE))]
        return []

    def _replace(self, lines: list[Line]) -> None:
        """Take ``lines`` as the new rows and ask for a repaint of those that differ."""
        old = self._lines
        if len(old) != len(lines):
            self._lines, self._strips = lines, [None] * len(lines)
            self.refresh()
            return
        changed = [y for y, line in enumerate(lines) if line != old[y]]
        self._lines = lines
        for y in changed:
            self._strips[y] = None
        if changed:
            self.refresh(*_regions(changed, self._width))

    def _forget_strips(self) -> None:
        self._strips = [None] * len(self._lines)
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        strips = [self._strip(y) for y in range(crop.y, crop.bottom)]
        if crop.x == 0 and crop.width == self._width:
            return strips
        return [strip.crop_extend(crop.x, crop.right, None) for strip in strips]

    def _strip(self, y: int) -> Strip:
        if self._palette is None:
            self._palette = palette(self.app.theme_variables)
            self._filters = [one for one in self.get_line_filters() if not isinstance(one, ANSIToTruecolor)]
        if y >= len(self._strips):
            return self._filtered(Strip.blank(self._width, self._palette.text), self._palette)
        strip = self._strips[y]
        if strip is None:
            strip = self._strips[y] = self._filtered(self._build(y, self._palette), self._palette)
        return strip

    def _filtered(self, strip: Strip, pal: Palette) -> Strip:
        """Without colour where the trader wants none. Our palettes need no translation of terminal colours."""
        for line_filter in self._filters:
            strip = strip.apply_filter(line_filter, pal.background)
        return strip

    def _build(self, y: int, pal: Palette) -> Strip:
        line = self._lines[y]
        spans = line.spans
        body = y >= self._title_rows
        segments = [Segment("│ ", pal.styles[self._rule])] if self._margin and body else []
        length = self._margin if body else 0
        text = "".join([text for text, _ in spans])
        cells = len(text) if text.isascii() else cell_len(text)
        if length + cells > self._width:
            spans = shortened(spans, self._width - length)
            text = "".join([text for text, _ in spans])
            cells = cell_len(text)
        length += cells
        if line.cursor:
            whole = pal.stale_cursor if self._stale else pal.cursor
            segments.append(Segment(text, whole))
        else:
            whole = pal.text
            styles = pal.stale if self._stale and body else pal.styles
            segments += [Segment(text, styles[self._rule if ink is Ink.RULE else ink]) for text, ink in spans]
        if length > self._width:
            return Strip(segments, length).crop(0, self._width)
        if length < self._width:
            segments.append(Segment(" " * (self._width - length), whole))
        return Strip(segments, self._width)

    # --- events --------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._width, self._height = event.size
        self._margin = 2 if self._divider and self.region.x > 0 else 0
        self._lines, self._strips = [], []
        self.redraw()

    def on_focus(self) -> None:
        self._active = True
        self.redraw()

    def on_blur(self) -> None:
        self._active = False
        self.redraw()

    def notify_style_update(self) -> None:
        """A new theme: every row has new colours."""
        super().notify_style_update()
        self._palette = None
        self._strips = [None] * len(self._lines)


def _regions(rows: Sequence[int], width: int) -> list[Region]:
    """Rows (ascending) as few regions: neighbours together."""
    regions: list[Region] = []
    start = previous = rows[0]
    for y in [*rows[1:], -1]:
        if y != previous + 1:
            regions.append(Region(0, start, width, previous - start + 1))
            start = y
        previous = y
    return regions
