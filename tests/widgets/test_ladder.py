from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scenes import RICH
from tests.scenes_account import ORDERS
from tests.scenes_market import BOOKS
from tests.widgets.hosts import PanelApp, screen_text
from tui.model.alert import Alert, Watched
from tui.model.book import Book
from tui.model.order import Order
from tui.model.view import View
from tui.widgets.ladder import Ladder
from tui.widgets.rungs import ALERT, ENTRY, LIQUIDATION, rungs, within, words_of

D = Decimal
XBT = BOOKS["PF_XBTUSD"]
BUY = next(order for order in ORDERS if order.limit_price == D(87_957))


def view_with(*orders: Order, shift: int = 0) -> View:
    """The rich scene with these orders, and the whole book moved by ``shift`` ticks."""

    def moved(book: Book) -> Book:
        bids, asks = (
            tuple(replace(level, price=level.price + shift) for level in side) for side in (book.bids, book.asks)
        )
        return replace(book, bids=bids, asks=asks)

    return replace(RICH, state=replace(RICH.state, orders=orders, books={**BOOKS, "PF_XBTUSD": moved(XBT)}))


def price_of(ladder: Ladder) -> Decimal | None:
    return ladder.selection.price if ladder.selection else None


@pytest.mark.parametrize(("key", "price"), [("up", 87_960), ("down", 87_959), ("k", 87_960), ("j", 87_959)])
async def test_the_first_step_from_the_market_is_the_touch(key: str, price: int) -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        assert ladder.selection is None
        await pilot.press(key)
        assert price_of(ladder) == price
        await pilot.press(key)
        assert price_of(ladder) == price + (1 if price == 87_960 else -1)


async def test_the_cursor_is_the_inverse_row_and_escape_leaves_it() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        await pilot.press("up", "up")
        await pilot.pause()
        assert [line.cursor for line in ladder._lines].count(True) == 1
        assert any(row.startswith("▸") and "87,961" in row for row in screen_text(pilot.app))
        await pilot.press("escape")
        assert ladder.selection is None
        assert not any(line.cursor for line in ladder._lines)


async def test_the_cursor_holds_its_price_while_the_market_moves() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        await pilot.press("down", "down")
        for shift in (5, 40, 400, -300):
            ladder.show(view_with(*ORDERS, shift=shift))
            await pilot.pause()
            assert price_of(ladder) == 87_958
            assert any(row.startswith("▸") and "87,958" in row for row in screen_text(pilot.app))


async def test_without_the_keys_the_ladder_goes_with_the_market() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        await pilot.press("down", "down")
        ladder.show(view_with(shift=300))
        await pilot.pause()
        assert "market ▴" in screen_text(pilot.app)[0]
        pilot.app.set_focus(None)
        ladder.show(view_with(shift=301))
        await pilot.pause()
        assert any("88,260" in row for row in screen_text(pilot.app))


async def test_the_cursor_goes_with_the_order_under_it() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        ladder.show(view_with(BUY))
        await pilot.press("down", "down", "down")
        assert ladder.selection is not None
        assert ladder.selection.orders == (BUY,)
        moved = replace(BUY, limit_price=D(87_955))
        ladder.show(view_with(moved))
        assert price_of(ladder) == 87_955
        ladder.show(view_with())
        assert price_of(ladder) == 87_955
        assert not ladder.selection.orders


async def test_a_pinned_cursor_does_not_go_with_its_order() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        await pilot.press("down", "down", "down")
        ladder.pin()
        ladder.show(view_with(replace(BUY, limit_price=D(87_955))))
        await pilot.press("up")
        assert price_of(ladder) == 87_957


async def test_pinned_prices_stand_still_and_home_goes_back_to_the_market() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        top = ladder._top
        await pilot.press("p")
        ladder.show(view_with(shift=200))
        await pilot.pause()
        assert "pinned" in screen_text(pilot.app)[0]
        assert ladder._top == top
        await pilot.press("home")
        await pilot.pause()
        assert any("88,160" in row for row in screen_text(pilot.app))


async def test_what_waits_out_of_sight_is_counted() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(80, 9)) as pilot:
        await pilot.pause()
        assert "▾1" in screen_text(pilot.app)[0]  # the stop at 82,000


async def test_another_contract_begins_at_the_market() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        await pilot.press("up")
        ladder.show(replace(RICH, focus="PF_ETHUSD"))
        assert ladder.selection is None


async def test_a_click_chooses_a_price_and_the_wheel_moves_it() -> None:
    ladder = Ladder()
    async with PanelApp(ladder).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        row = next(y for y, text in enumerate(screen_text(pilot.app)) if "87,962" in text)
        await pilot.click(ladder, offset=(20, row))
        assert price_of(ladder) == 87_962
        ladder.on_mouse_scroll_down()
        assert price_of(ladder) == 87_961


async def test_a_click_on_another_ladder_takes_its_contract_in_hand() -> None:
    ladder = Ladder(symbol_of=lambda _: "PF_ETHUSD")
    app = PanelApp(ladder)
    async with app.run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        await pilot.click(ladder, offset=(20, 5))
        assert app.focused_contracts == ["PF_ETHUSD"]
        assert ladder.selection is None


async def test_what_is_picked_up_says_so() -> None:
    ladder = Ladder()
    async with PanelApp(ladder, replace(view_with(BUY), carried=(BUY.order_id,))).run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        ladder.focus()
        await pilot.press("down")
        await pilot.pause()
        shown = screen_text(pilot.app)
        assert any("~+0.1000" in row and "87,957" in row for row in shown)
        assert any("here?" in row and "87,959" in row for row in shown)


def test_entry_liquidation_and_alerts_are_named_in_their_rows() -> None:
    position = RICH.state.position("PF_XBTUSD")
    alerts = (Alert(Watched.LAST, "PF_XBTUSD", True, D(90_004)), Alert(Watched.LAST, "PF_ETHUSD", True, D(3_000)))
    words = words_of(position, alerts, "PF_XBTUSD", D(10))
    rows = rungs(XBT, (), None, D(10), words)
    assert [price for price, row in rows.items() if row.word == ALERT] == [D(90_000)]
    assert [price for price, row in rows.items() if row.word == ENTRY] == [D(84_400)]
    assert [price for price, row in rows.items() if row.word == LIQUIDATION] == [D(71_350)]


@given(st.integers(0, 2_000), st.integers(1, 2_000), st.sampled_from([1, 2, 5, 50]), st.integers(1, 60))
def test_the_cursor_is_always_in_view_and_the_top_moves_no_more_than_needed(
    top: int, price: int, step: int, height: int
) -> None:
    now = within(D(top * step), D(price * step), D(step), height)
    assert now - step * (height - 1) <= price * step <= now
    if top - height + 1 <= price <= top:
        assert now == top * step
