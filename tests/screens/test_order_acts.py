from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot

from tests.scenes import RICH
from tests.screens.app_kit import KeyApp, run, settle
from tests.screens.fake_desk import FLAT_STATE, LOST, REFUSED, SENT, FakeDesk, StubScreen
from tui.model.draft import FieldError
from tui.model.enums import OrderType, Side
from tui.model.errors import OutcomeUnknown, Unreachable
from tui.model.order import CancelRequest, EditRequest, Order, OrderRequest
from tui.screens.edit import EditForm
from tui.screens.strip import Strip
from tui.screens.ticket import Ticket

LIMIT = next(order for order in RICH.state.orders if order.type is OrderType.POST)
STOP = next(order for order in RICH.state.orders if order.type is OrderType.STOP)
UNRESOLVED = RICH.state.unresolved[0]


def orders(desk: FakeDesk) -> list[OrderRequest]:
    return [sent for sent in desk.sent if isinstance(sent, OrderRequest)]


def edits(desk: FakeDesk) -> list[EditRequest]:
    return [sent for sent in desk.sent if isinstance(sent, EditRequest)]


@pytest.mark.parametrize(
    ("key", "side", "price"),
    [
        ("b", Side.BUY, Decimal(87_959)),
        ("s", Side.SELL, Decimal(87_960)),
        ("B", Side.BUY, Decimal(87_960)),
        ("S", Side.SELL, Decimal(87_959)),
    ],
)
async def test_two_keys_send_the_clip_at_the_best_price(key: str, side: Side, price: Decimal) -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press(key, "enter")
        await settle(pilot)
        (request,) = orders(app.desk)
        assert (request.symbol, request.side, request.size, request.limit_price) == (
            "PF_XBTUSD",
            side,
            Decimal("0.1"),
            price,
        )
        assert app.said[-1].endswith(": working")


async def test_the_strip_shows_the_very_order_that_is_sent() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("b")
        await settle(pilot)
        assert isinstance(app.screen, Strip)
        shown = app.screen.content
        assert shown.lines[0].plain == "BUY 0.1000 PF_XBTUSD @ 87,959"
        await pilot.press("enter")
        await settle(pilot)
        assert orders(app.desk) == [shown.choices[0].value.request]


async def test_enter_in_one_burst_with_b_was_not_pressed_after_the_strip_was_seen() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.press_at_once("b", "enter")
        await settle(pilot)
        assert orders(app.desk) == []
        assert isinstance(app.screen, Strip)


async def test_keys_in_one_burst_reach_the_strip_that_the_first_opened() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.press_at_once("X", "b")
        await settle(pilot)
        assert isinstance(app.screen, StubScreen)
        assert {sent.order_id for sent in app.desk.sent if isinstance(sent, CancelRequest)} == {
            order.order_id for order in RICH.state.orders if order.symbol == "PF_XBTUSD" and order.side is Side.BUY
        }


async def test_enter_twice_sends_one_order() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("b")
        await settle(pilot)
        app.press_at_once("enter", "enter", "enter")
        await settle(pilot)
        assert len(orders(app.desk)) == 1


async def test_a_second_order_on_the_contract_is_dead_while_the_first_is_in_flight() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.desk.hold()
        await pilot.press("b", "enter", "b", "enter")
        await settle(pilot)
        assert len(orders(app.desk)) == 1
        assert "no answer yet" in app.said[-1]
        app.desk.release()
        await settle(pilot)
        await pilot.press("b", "enter")
        await settle(pilot)
        assert len(orders(app.desk)) == 2


async def test_escape_sends_nothing_and_says_so() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("b", "escape")
        await settle(pilot)
        assert app.desk.sent == []
        assert app.said == ["Nothing was sent"]


async def test_a_paste_into_the_strip_sends_nothing() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("b")
        app.post_message(events.Paste("\r\ny\n"))
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, Strip)


async def test_a_doubt_is_confirmed_with_y_and_not_with_enter() -> None:
    app = KeyApp(FakeDesk())
    app.desk.doubts = ("old data: market 12 s",)
    async with run(app) as pilot:
        await pilot.press("b", "enter")
        await settle(pilot)
        assert app.desk.sent == []
        await pilot.press("y")
        await settle(pilot)
        assert len(orders(app.desk)) == 1
        assert app.desk.accepted_doubts == [True]


async def test_an_order_with_an_error_cannot_be_sent_from_the_strip() -> None:
    app = KeyApp(FakeDesk())
    app.desk.errors = (FieldError("size", "above the largest position"),)
    async with run(app) as pilot:
        await pilot.press("b", "enter", "y")
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, Strip)
        assert "cannot be sent: above the largest position" in app.screen.content.lines[0].plain


async def test_the_price_of_a_strip_does_not_run_with_the_market() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("b")
        await settle(pilot)
        assert isinstance(app.screen, Strip)
        before = app.screen.content.lines
        app.desk.words["bid"] = Decimal(90_000)
        app.desk.become(replace(app.desk.state))
        await pilot.pause(0.02)
        assert app.screen.content.lines == before
        await pilot.press("enter")
        await settle(pilot)
        assert orders(app.desk)[0].limit_price == Decimal(87_959)


async def test_t_takes_the_order_of_the_strip_to_the_ticket() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("s", "t")
        await settle(pilot)
        assert isinstance(app.screen, Ticket)
        await pilot.press("enter")
        await settle(pilot)
        assert orders(app.desk)[0].side is Side.SELL


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (REFUSED, "refused. Not enough margin. Make the order smaller."),
        (LOST, "UNRESOLVED BUY 0.1000 PF_XBTUSD @ 87,959: No answer in 5 s."),
        (Unreachable("No route to the venue", "Try again"), "refused by this desk. No route to the venue. Try again."),
        (OutcomeUnknown("The line broke"), "UNRESOLVED"),
    ],
)
async def test_every_answer_but_an_acceptance_is_told_in_its_own_words(answer: object, words: str) -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [answer]  # type: ignore[list-item]  # the parameters are outcomes and errors
    async with run(app) as pilot:
        await pilot.press("b", "enter")
        await settle(pilot)
        assert words in app.said[-1]
        assert len(orders(app.desk)) == 1


async def test_clip_keys_change_what_b_sends() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("]", "b", "enter")
        await settle(pilot)
        await pilot.press("c", "c", "b", "enter")
        await settle(pilot)
        await pilot.press("[", "[", "b", "enter")
        await settle(pilot)
        assert [request.size for request in orders(app.desk)] == [Decimal("0.2"), Decimal("0.1"), Decimal("0.1")]


# --- cancel ----------------------------------------------------------------------------------------------------------


async def test_x_cancels_the_order_under_the_cursor_with_one_key() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(LIMIT)
        await pilot.press("x")
        await settle(pilot)
        assert app.desk.sent == [CancelRequest(LIMIT.symbol, LIMIT.order_id, LIMIT.client_order_id)]


async def test_x_on_a_protective_stop_asks_first() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(STOP)
        await pilot.press("x")
        await settle(pilot)
        assert app.desk.sent == []
        await pilot.press("enter")
        await settle(pilot)
        assert [sent.order_id for sent in app.desk.sent if isinstance(sent, CancelRequest)] == [STOP.order_id]


async def test_x_asks_about_an_order_marked_in_a_panel_without_the_focus() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.stub.marks = (RICH.state.positions[0], LIMIT)
        app.select(RICH.state.positions[0])
        await pilot.press("x")
        await settle(pilot)
        assert app.desk.sent == []
        await pilot.press("enter")
        await settle(pilot)
        assert [sent.order_id for sent in app.desk.sent if isinstance(sent, CancelRequest)] == [LIMIT.order_id]


async def test_x_on_an_unresolved_order_cancels_by_our_own_id() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(UNRESOLVED)
        await pilot.press("x")
        await settle(pilot)
        assert app.desk.sent == [CancelRequest(UNRESOLVED.symbol, None, UNRESOLVED.client_order_id)]


async def test_a_strip_acts_on_the_row_it_was_opened_on_whatever_the_cursor_does() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(STOP)
        await pilot.press("x")
        await settle(pilot)
        assert app.stub.pins == 1
        app.select(LIMIT)
        await pilot.press("enter")
        await settle(pilot)
        assert [sent.order_id for sent in app.desk.sent if isinstance(sent, CancelRequest)] == [STOP.order_id]
        assert app.stub.pins == 0


async def test_without_an_order_under_the_cursor_nothing_is_cancelled() -> None:
    app = KeyApp(FakeDesk(FLAT_STATE))
    async with run(app) as pilot:
        app.select("PF_XBTUSD")
        await pilot.press("x", "e", "+")
        await settle(pilot)
        assert app.desk.sent == []
        assert len(app.said) == 3


# --- move ------------------------------------------------------------------------------------------------------------


async def quiet(app: KeyApp, pilot: Pilot[None]) -> None:
    """Past the window in which presses are gathered."""
    await settle(pilot)
    app.elapse()
    await settle(pilot)


async def test_quick_presses_become_one_edit() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(LIMIT)
        app.press_at_once("plus", "plus", "plus", "minus")
        await settle(pilot)
        await quiet(app, pilot)
        assert LIMIT.limit_price is not None
        assert [edit.limit_price for edit in edits(app.desk)] == [LIMIT.limit_price + 2]


async def test_presses_during_an_edit_wait_for_its_answer_and_count_from_its_price() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(LIMIT)
        app.desk.hold()
        await pilot.press("plus")
        await quiet(app, pilot)
        await pilot.press("plus")
        await quiet(app, pilot)
        assert len(edits(app.desk)) == 1
        app.desk.release()
        await quiet(app, pilot)
        assert LIMIT.limit_price is not None
        assert [edit.limit_price for edit in edits(app.desk)] == [LIMIT.limit_price + 1, LIMIT.limit_price + 2]


async def test_after_a_refused_move_the_next_counts_from_the_old_price() -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [REFUSED]
    async with run(app) as pilot:
        app.select(LIMIT)
        for _ in range(2):
            await pilot.press("minus")
            await quiet(app, pilot)
        assert LIMIT.limit_price is not None
        assert [edit.limit_price for edit in edits(app.desk)] == [LIMIT.limit_price - 1] * 2
        assert "refused" in app.said[0]


async def test_an_order_that_is_gone_is_not_moved() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(LIMIT)
        await pilot.press("plus")
        app.desk.state = replace(app.desk.state, orders=())
        await quiet(app, pilot)
        assert edits(app.desk) == []
        assert "stopped working" in app.said[-1]


async def test_a_stop_moves_its_trigger_and_its_limit_together() -> None:
    stop = replace(STOP, limit_price=Decimal(81_900))
    app = KeyApp(FakeDesk(replace(RICH.state, orders=(stop,))))
    async with run(app) as pilot:
        app.select(stop)
        await pilot.press("plus")
        await quiet(app, pilot)
        (edit,) = edits(app.desk)
        assert stop.stop_price is not None
        assert (edit.stop_price, edit.limit_price) == (stop.stop_price + 1, Decimal(81_901))


# --- edit ------------------------------------------------------------------------------------------------------------


async def test_edit_sends_only_what_was_changed() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(LIMIT)
        await pilot.press("e", *"87950")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert edits(app.desk) == [EditRequest(LIMIT.symbol, LIMIT.order_id, limit_price=Decimal(87_950))]


async def test_an_edit_of_an_order_that_stopped_working_is_dead() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(LIMIT)
        await pilot.press("e", *"87950")
        await settle(pilot)
        app.desk.become(replace(app.desk.state, orders=()))
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(app.screen, EditForm)
        assert app.desk.sent == []


async def test_an_untouched_edit_sends_nothing() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(LIMIT)
        await pilot.press("e", "enter", "escape")
        await settle(pilot)
        assert app.desk.sent == []
        assert app.said == ["Nothing was sent"]


def test_the_scene_has_the_orders_these_tests_need() -> None:
    assert isinstance(LIMIT, Order)
    assert STOP.type is OrderType.STOP
    assert SENT.resting
