"""Pieces of text on one row that leave whole when there is no room, least important first.

Invariant: what is shown is shown in full and in the given order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from tui.widgets.ink import Ink, Span

_OF_NUMBERS = frozenset("0123456789.,+-:")


class Item(NamedTuple):
    """``priority`` 0 stays longest."""

    priority: int
    spans: tuple[Span, ...]

    @property
    def width(self) -> int:
        return sum(cell_len(text) for text, _ in self.spans)


def item(priority: int, *spans: Span | str) -> Item:
    """An item; plain strings are labels."""
    return Item(priority, tuple((span, Ink.DIM) if isinstance(span, str) else span for span in spans))


def flow(items: Sequence[Item], width: int, gap: Span) -> tuple[Span, ...]:
    """The items that fit into ``width`` cells, ``gap`` between them."""
    kept = list(items)
    while len(kept) > 1 and _width(kept, gap) > width:
        kept.remove(max(reversed(kept), key=lambda one: one.priority))
    spans: list[Span] = []
    for place, one in enumerate(kept):
        if place:
            spans.append(gap)
        spans += one.spans
    return tuple(spans)


def spread(left: Sequence[Item], right: Sequence[Item], width: int, gap: Span) -> tuple[Span, ...]:
    """Two flows on one row, the second at the right edge. Priorities compare across both."""
    kept = [*left, *right]
    while len(kept) > 1 and _width(kept, gap) > width:
        kept.remove(max(reversed(kept), key=lambda one: one.priority))
    ours = flow([one for one in left if one in kept], width, gap)
    theirs = flow([one for one in right if one in kept], width, gap)
    fill = width - sum(cell_len(text) for text, _ in (*ours, *theirs))
    return (*ours, (" " * max(0, fill), Ink.DIM), *theirs)


def wrap(items: Sequence[Item], width: int, gap: Span) -> list[tuple[Span, ...]]:
    """All items, on as many rows as they need; an item is never broken."""
    rows: list[list[Item]] = []
    for one in items:
        if rows and _width([*rows[-1], one], gap) <= width:
            rows[-1].append(one)
        else:
            rows.append([one])
    return [flow(row, width, gap) for row in rows]


def shortened(spans: Sequence[Span], width: int) -> tuple[Span, ...]:
    """``spans``, which are too long, cut to ``width`` cells with ``…`` at their end. Words may be cut; a number stays
    whole or goes.
    """
    text = "".join(text for text, _ in spans)
    keep = max(0, width - 1)
    while 0 < keep < len(text) and text[keep - 1] in _OF_NUMBERS and text[keep] in _OF_NUMBERS:
        keep -= 1
    kept: list[Span] = []
    for piece, ink in spans:
        if keep <= 0:
            break
        kept.append((piece[:keep], ink))
        keep -= len(piece)
    return (*kept, ("…" if width > 0 else "", Ink.DIM))


def _width(items: Sequence[Item], gap: Span) -> int:
    return sum(one.width for one in items) + len(gap[0]) * max(0, len(items) - 1)
