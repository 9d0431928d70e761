from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from textual.pilot import Pilot

from tests.scenes import DOWN, RICH
from tests.widgets.hosts import PanelApp, screen_text
from tui.model.state import Slice
from tui.model.view import Selection, View
from tui.widgets.columns import Column, Context
from tui.widgets.ink import Ink, Span
from tui.widgets.table import Banner, LineTable


class Item(Struct, frozen=True):
    name: str
    price: Decimal
    note: str = ""


COLUMNS: tuple[Column[Item], ...] = (
    Column("name", lambda i, _: (i.name, Ink.TEXT), right=False, sort=lambda i, _: i.name),
    Column("price", lambda i, _: (f"{i.price:f}", Ink.UP), 1, point=True, sort=lambda i, _: i.price),
    Column("clock", lambda _, c: (str(c.view.now_ms), Ink.TEXT), 3, flashes=False),
    Column("note", lambda i, _: (i.note, Ink.TEXT), 2, right=False),
)


class ItemsTable(LineTable[Item]):
    """A table over items that the test sets; it counts what it formats."""

    empty = "no item: press i"
    details = True

    def __init__(self, items: Sequence[Item], banners: Sequence[Banner] = ()) -> None:
        super().__init__("Items", (self._counting(), *COLUMNS[1:]), part=Slice.ORDERS)
        self.items, self.said = items, banners
        self.formatted = 0

    def _counting(self) -> Column[Item]:
        def cell(row: Item, context: Context) -> Span:
            self.formatted += 1
            return COLUMNS[0].cell(row, context)

        return replace(COLUMNS[0], cell=cell)

    def sources(self, view: View) -> tuple[object, ...]:
        return (self.items, view.now_ms)

    def rows(self, view: View) -> Sequence[Item]:
        del view
        return self.items

    def banners(self, view: View, width: int) -> Sequence[Banner]:
        del view, width
        return self.said

    def key(self, row: Item) -> str:
        return row.name

    def symbol(self, row: Item) -> str:
        return row.name

    def built(self) -> int:
        """Rows that would have to be drawn anew for the next frame."""
        return sum(1 for strip in self._strips if strip is None)


def items(*names: str) -> list[Item]:
    return [Item(name, Decimal(10 + place)) for place, name in enumerate(names)]


async def put(pilot: Pilot[Any], table: ItemsTable, rows: Sequence[Item]) -> list[str]:
    table.items = rows
    table.show(RICH)
    await pilot.pause()
    return screen_text(pilot.app)


def cursor_row(lines: Sequence[str]) -> str:
    return next((line.split()[1] for line in lines[2:] if line.startswith("▸")), "")


@pytest.fixture
def table() -> ItemsTable:
    return ItemsTable(items("a", "b", "c"))


class TestCursor:
    async def test_it_follows_its_row_wherever_the_row_goes(self, table: ItemsTable) -> None:
        async with PanelApp(table).run_test(size=(60, 10)) as pilot:
            await pilot.press("down")
            assert table.selection == "b"
            for order in (("x", "a", "b", "c"), ("b", "c"), ("c", "y", "z", "b")):
                lines = await put(pilot, table, items(*order))
                assert (table.selection, cursor_row(lines)) == ("b", "b")

    async def test_when_its_row_goes_it_stays_at_that_height(self, table: ItemsTable) -> None:
        async with PanelApp(table).run_test(size=(60, 10)) as pilot:
            await pilot.press("down")
            await put(pilot, table, items("a", "c"))
            assert table.selection == "c"
            await put(pilot, table, items("a"))
            assert table.selection == "a"
            await put(pilot, table, [])
            assert table.selection is None

    async def test_pinned_it_never_stands_on_another_row(self, table: ItemsTable) -> None:
        async with PanelApp(table).run_test(size=(60, 10)) as pilot:
            await pilot.press("down")
            table.pin()
            lines = await put(pilot, table, items("a", "c"))
            assert (table.selection, cursor_row(lines)) == (None, "")
            await pilot.press("down")
            assert table.selection is None
            await put(pilot, table, items("a", "b", "c"))
            assert table.selection == "b"
            await put(pilot, table, [])
            await put(pilot, table, items("c", "b"))
            assert table.selection == "b"
            table.unpin()
            await put(pilot, table, items("c"))
            assert table.selection == "c"

    async def test_keys_move_it_and_stop_at_the_ends(self) -> None:
        table = ItemsTable(items(*"abcdefghijklmnop"))
        async with PanelApp(table).run_test(size=(60, 8)) as pilot:
            seen = []
            for key in ("up", "j", "k", "pagedown", "end", "down", "home"):
                await pilot.press(key)
                seen.append(table.selection)
            assert seen == ["a", "b", "a", "f", "p", "p", "a"]

    async def test_its_row_keeps_its_height_on_the_screen_when_rows_come_above_it(self) -> None:
        table = ItemsTable(items(*"abcdefghijklmnop"))
        async with PanelApp(table).run_test(size=(60, 8)) as pilot:
            await pilot.press("pagedown", "pagedown", "up", "up")
            before = [line[:3] for line in screen_text(pilot.app)].index("▸ i")
            lines = await put(pilot, table, items(*"xyzabcdefghijklmnop"))
            assert lines[before].startswith("▸ i")

    async def test_enter_takes_the_contract_in_hand(self, table: ItemsTable) -> None:
        app = PanelApp(table)
        async with app.run_test(size=(60, 10)) as pilot:
            await pilot.press("down", "enter")
            await pilot.pause()
            assert app.focused_contracts == ["b"]

    async def test_a_click_puts_it_there(self, table: ItemsTable) -> None:
        async with PanelApp(table).run_test(size=(60, 10)) as pilot:
            await pilot.click(table, offset=(4, 4))
            assert table.selection == "c"

    async def test_a_banner_stands_on_top_and_can_be_selected(self) -> None:
        value: Selection = "what it is about"
        table = ItemsTable(items("a"), [Banner("?1", "PF_X", value, (("in doubt", Ink.WARN),))])
        app = PanelApp(table)
        async with app.run_test(size=(60, 10)) as pilot:
            assert screen_text(app)[2].startswith("▸ in doubt")
            assert table.selection is value
            await pilot.press("enter", "down")
            assert table.selection == "a"
            assert screen_text(app)[2].startswith("! in doubt")
            assert "(1)" in screen_text(app)[0]
            assert app.focused_contracts == ["PF_X"]


class TestCost:
    async def test_only_rows_that_changed_are_drawn_again(self, table: ItemsTable) -> None:
        async with PanelApp(table).run_test(size=(60, 10)) as pilot:
            await pilot.pause()
            assert table.built() == 0
            table.items = [table.items[0], replace(table.items[1], price=Decimal(99)), table.items[2]]
            table.show(RICH)
            assert table.built() == 1

    async def test_the_same_slices_are_not_looked_at_again(self, table: ItemsTable) -> None:
        async with PanelApp(table).run_test(size=(60, 10)):
            table.formatted = 0
            table.show(replace(RICH))
            assert table.formatted == 0

    async def test_rows_out_of_view_cost_nothing(self) -> None:
        counts = []
        for total in (20, 2_000):
            table = ItemsTable([Item(f"n{number:04d}", Decimal(number)) for number in range(total)])
            async with PanelApp(table).run_test(size=(60, 10)) as pilot:
                table.formatted = 0
                await put(pilot, table, list(table.items))
            counts.append(table.formatted)
        assert counts[0] == counts[1] > 0


class TestLook:
    async def test_no_cell_is_ever_cut(self) -> None:
        rows = [Item("first", Decimal("12345.678"), "all of this"), Item("second", Decimal("9.5"), "or nothing")]
        async with PanelApp(ItemsTable(rows)).run_test(size=(60, 10)) as pilot:
            for width in range(60, 8, -1):
                await pilot.resize_terminal(width, 10)
                await pilot.pause()
                lines = screen_text(pilot.app)
                for row, line in zip(rows, lines[2:4], strict=True):
                    for full in (str(row.price), row.note, str(RICH.now_ms)):
                        pieces = [full[:size] for size in range(3, len(full))]
                        assert full in line or not any(piece in line for piece in pieces)

    async def test_decimal_points_stand_below_each_other(self) -> None:
        table = ItemsTable([Item("a", Decimal("12345.6")), Item("b", Decimal("9.875")), Item("c", Decimal(70))])
        async with PanelApp(table).run_test(size=(80, 10)) as pilot:
            one, two, three = screen_text(pilot.app)[2:5]
            assert one.index("12345.6") + 5 == two.index("9.875") + 1 == three.index("70") + 2

    async def test_a_changed_number_is_bright_for_a_moment_and_a_running_clock_never(self, table: ItemsTable) -> None:
        async with PanelApp(table).run_test(size=(60, 10)):
            table.items = [replace(table.items[0], price=Decimal(77)), *table.items[1:]]
            table.show(replace(RICH, now_ms=RICH.now_ms + 16))
            assert _loud(table) == ["77"]
            table._fade()
            assert _loud(table) == ["77"]
            table._fade()
            assert _loud(table) == []

    async def test_rows_that_come_into_view_are_not_news(self) -> None:
        table = ItemsTable(items(*"abcdefghijklmnop"))
        async with PanelApp(table).run_test(size=(60, 8)) as pilot:
            await pilot.press("pagedown", "pagedown")
            assert _loud(table) == []

    async def test_empty_it_says_what_to_press(self) -> None:
        async with PanelApp(ItemsTable([])).run_test(size=(60, 10)) as pilot:
            lines = screen_text(pilot.app)
            assert "(0)" in lines[0]
            assert "no item: press i" in lines[1]

    async def test_columns_that_left_are_told_of_the_row_under_the_cursor(self) -> None:
        table = ItemsTable([Item("first", Decimal(1), "a note that is too long"), Item("second", Decimal(2), "short")])
        async with PanelApp(table).run_test(size=(30, 12)) as pilot:
            assert "note a note that is too long" in "".join(screen_text(pilot.app)[-2:])
            await pilot.press("down")
            assert "note short" in "".join(screen_text(pilot.app)[-2:])

    async def test_old_numbers_are_dim_and_say_so(self, table: ItemsTable) -> None:
        async with PanelApp(table, DOWN).run_test(size=(60, 10)) as pilot:
            await pilot.pause()
            assert "stale 12 s" in screen_text(pilot.app)[0]
            styles = {segment.style for segment in table.render_lines(table.size.region)[3] if segment.text.strip()}
            assert table._palette is not None
            assert styles == {table._palette.stale[Ink.TEXT]}


class TestFilterAndSort:
    async def test_a_filter_shows_only_what_matches_every_word(self) -> None:
        table = ItemsTable(items("PF_XBTUSD", "PF_ETHUSD", "PI_XBTUSD"))
        async with PanelApp(table).run_test(size=(70, 10)) as pilot:
            table.set_filter("xbt pf")
            lines = screen_text(pilot.app)
            await pilot.pause()
            assert "(1 of 3)" in screen_text(pilot.app)[0]
            assert "/xbt pf" in screen_text(pilot.app)[0]
            assert table.selection == "PF_XBTUSD"
            table.set_filter("doge")
            await pilot.pause()
            lines = screen_text(pilot.app)
            assert "nothing matches /doge" in lines[1]
            assert table.selection is None

    async def test_sorting_goes_through_the_columns_and_back_and_keeps_the_row(self) -> None:
        table = ItemsTable([Item("b", Decimal(2)), Item("c", Decimal(3)), Item("a", Decimal(1))])
        async with PanelApp(table).run_test(size=(60, 10)) as pilot:

            async def names() -> str:
                await pilot.pause()
                assert table.selection == "b"
                return "".join(line[2] for line in screen_text(pilot.app)[2:5])

            table.sort_next()
            assert await names() == "cba"
            table.sort_turn()
            assert await names() == "abc"
            assert "▴name" in screen_text(pilot.app)[1]
            table.sort_next()
            assert await names() == "cba"
            table.sort_next()
            assert await names() == "bca"


def _loud(table: ItemsTable) -> list[str]:
    inks = (Ink.TEXT_LOUD, Ink.UP_LOUD)
    spans: list[Span] = [span for line in table._lines for span in line.spans]
    return [text.strip() for text, ink in spans if ink in inks]
