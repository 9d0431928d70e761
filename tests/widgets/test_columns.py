from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.scenes import RICH
from tui.widgets.columns import GUTTER, MIN_GAP, Context, fit, signed
from tui.widgets.format import PLAIN
from tui.widgets.ink import Ink

columns = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 9)), min_size=1, max_size=14)


@given(columns, st.integers(1, 220))
def test_kept_columns_fit_whole_and_leave_by_priority(column: list[tuple[int, int]], room: int) -> None:
    widths, priorities = [width for width, _ in column], [priority for _, priority in column]
    layout = fit(widths, priorities, room)
    needed = GUTTER + sum(widths[i] for i in layout.kept) + layout.gap * max(0, len(layout.kept) - 1)
    gone = [i for i, width in enumerate(widths) if width and i not in layout.kept]
    assert needed <= room or len(layout.kept) <= 1
    assert all(priorities[left] >= priorities[kept] for left in gone for kept in layout.kept)
    if gone:  # nothing left although it had room
        last = max(gone, key=lambda i: (-priorities[i], -i))
        assert needed - layout.gap * (len(layout.kept) - 1) + MIN_GAP * len(layout.kept) + widths[last] > room


def test_columns_that_say_nothing_take_no_room() -> None:
    assert fit([5, 0, 4], [0, 0, 0], 80).kept == (0, 2)


def test_prices_have_the_digits_of_the_tick_and_sizes_those_of_the_lot() -> None:
    context = Context(RICH, PLAIN)
    assert context.price("PF_XBTUSD", Decimal("87961.2")) == "87,961"
    assert context.price("PF_DOGEUSD", Decimal("0.1509")) == "0.15090"
    assert context.size("PF_XBTUSD", Decimal("0.75")) == "0.7500"
    assert context.price("PF_NEWUSD", Decimal("1.23456")) == "1.23456"


def test_signed_numbers_have_arrow_and_colour_together() -> None:
    assert signed("+1", Decimal(1)) == ("▲ +1", Ink.UP)
    assert signed("-1", Decimal(-1)) == ("▼ -1", Ink.DOWN)
    assert signed("0", Decimal(0)) == ("0", Ink.TEXT)
