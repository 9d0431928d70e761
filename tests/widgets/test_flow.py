from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.flow import Item, flow, item, spread, wrap
from tui.widgets.ink import Ink

GAP = (" | ", Ink.RULE)
items = st.lists(
    st.builds(item, st.integers(0, 5), st.text("ab", min_size=1, max_size=9)),
    min_size=1,
    max_size=8,
)


def _text(spans: tuple[tuple[str, Ink], ...]) -> str:
    return "".join(text for text, _ in spans)


def _words(row: list[Item]) -> list[str]:
    return [_text(one.spans) for one in row]


@given(items, st.integers(1, 60))
def test_items_are_whole_or_not_there_and_keep_their_order(row: list[Item], width: int) -> None:
    shown = _text(flow(row, width, GAP)).split(" | ")
    rest = iter(_words(row))
    assert all(word in rest for word in shown)


@given(items, st.integers(10, 60))
def test_what_is_shown_fits(row: list[Item], width: int) -> None:
    assert len(_text(flow(row, width, GAP))) <= width


def test_the_least_important_leaves_first() -> None:
    row = [item(0, "keep"), item(2, "first out"), item(1, "second out")]
    assert _text(flow(row, 30, GAP)) == "keep | first out | second out"
    assert _text(flow(row, 20, GAP)) == "keep | second out"
    assert _text(flow(row, 10, GAP)) == "keep"


def test_the_right_part_of_a_row_stands_at_its_right_edge() -> None:
    text = _text(spread([item(0, "left")], [item(1, "right")], 20, GAP))
    assert (len(text), text.startswith("left"), text.endswith("right")) == (20, True, True)


def test_priorities_compare_across_both_parts() -> None:
    assert _text(spread([item(5, "left")], [item(1, "right")], 8, GAP)).strip() == "right"


@given(items, st.integers(10, 60))
def test_wrapping_loses_nothing(row: list[Item], width: int) -> None:
    lines = [_text(spans) for spans in wrap(row, width, GAP)]
    assert [word for line in lines for word in line.split(" | ")] == _words(row)
    assert all(len(line) <= width for line in lines)
