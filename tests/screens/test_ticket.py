from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot
from textual.widgets import Static

from tests.scenes import LIVE
from tests.screens.app_kit import KeyApp, run, settle
from tests.screens.fake_desk import LOST, REFUSED, FakeDesk
from tui.model.draft import FieldError
from tui.model.enums import OrderType, Side, TriggerSignal
from tui.model.order import OrderRequest
from tui.screens.fields import Entry, Field, TextField
from tui.screens.ticket import TYPE_WORDS, Ticket, fields_of


def requests(desk: FakeDesk) -> list[OrderRequest]:
    return [sent for sent in desk.sent if isinstance(sent, OrderRequest)]


def foot(app: KeyApp) -> str:
    return str(app.screen.query_one("#foot", Static).render())


async def open_ticket(pilot: Pilot[None], app: KeyApp) -> Ticket:
    await pilot.press("t")
    await settle(pilot)
    assert isinstance(app.screen, Ticket)
    return app.screen


async def enter(pilot: Pilot[None]) -> None:
    await pilot.press("enter")
    await settle(pilot)


async def test_what_is_typed_is_what_is_shown_and_sent() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await open_ticket(pilot, app)
        await pilot.press(*"0.25", "down", *"87900")
        await settle(pilot)
        assert "BUY 0.2500 PF_XBTUSD @ 87,900" in foot(app)
        await enter(pilot)
        (request,) = requests(app.desk)
        assert (request.size, request.limit_price, request.type) == (Decimal("0.25"), Decimal(87_900), OrderType.LIMIT)
        assert not isinstance(app.screen, Ticket)


async def test_keys_that_come_at_once_act_in_their_order() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        ticket = await open_ticket(pilot, app)
        app.press_at_once(*"77", "ctrl+u", *"0.25", "tab", "ctrl+u", *"87900", "shift+tab", "backspace")
        for _ in range(5):
            await settle(pilot)
        texts = {field.name: field.value for field in ticket.query(TextField)}
        assert (texts["size"], texts["limit_price"]) == ("", "87900"), "the field is selected when it is come back to"


async def test_enter_right_behind_the_typing_sends_what_was_typed() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await open_ticket(pilot, app)
        app.press_at_once(*"0.25", "enter")
        await settle(pilot)
        await settle(pilot)
        assert [request.size for request in requests(app.desk)] in ([Decimal("0.25")], [])


async def test_enter_before_the_ticket_was_seen_sends_nothing() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.press_at_once("t", "enter")
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, Ticket)


@pytest.mark.parametrize("word", TYPE_WORDS)
async def test_every_type_shows_its_fields_and_no_others(word: str) -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        ticket = await open_ticket(pilot, app)
        await pilot.press("up", *["right"] * list(TYPE_WORDS).index(word))
        await settle(pilot)
        shown = {field.name for field in ticket.query(Field) if field.display}
        assert shown == fields_of(TYPE_WORDS[word])


async def test_a_stop_carries_its_trigger_and_no_price_of_another_type() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await open_ticket(pilot, app)
        await pilot.press("up", *["right"] * 5, "up", "right", "down", "down", "down", *"84000", "down", "right")
        await settle(pilot)
        await enter(pilot)
        (request,) = requests(app.desk)
        assert (request.type, request.side, request.stop_price, request.trigger_signal, request.limit_price) == (
            OrderType.STOP,
            Side.SELL,
            Decimal(84_000),
            TriggerSignal.INDEX,
            None,
        )


async def test_a_pasted_order_is_text_and_its_line_break_is_dropped() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        ticket = await open_ticket(pilot, app)
        app.post_message(events.Paste("0.\x1b7\r\nq\r\n"))
        await settle(pilot)
        assert app.desk.sent == []
        assert ticket.query_one("#field-size", TextField).value == "0.7"
        assert app.screen is ticket


async def test_enter_twice_sends_one_order() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await open_ticket(pilot, app)
        app.desk.hold()
        app.press_at_once("enter", "enter")
        await settle(pilot)
        await enter(pilot)
        assert len(requests(app.desk)) == 1
        assert "waiting for the answer" in foot(app)


async def test_a_refusal_keeps_the_text_and_is_dead_until_a_field_changes() -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [REFUSED]
    async with run(app) as pilot:
        ticket = await open_ticket(pilot, app)
        await pilot.press(*"0.9")
        await settle(pilot)
        await enter(pilot)
        assert app.screen is ticket
        assert "refused. Not enough margin. Make the order smaller." in foot(app)
        assert ticket.query_one("#field-size", TextField).value == "0.9"
        app.desk.become(replace(app.desk.state))  # the market moving is not the trader changing the order
        await settle(pilot)
        await enter(pilot)
        assert len(requests(app.desk)) == 1
        await pilot.press("backspace", "5")
        await settle(pilot)
        await enter(pilot)
        first, second = requests(app.desk)
        assert second.size == Decimal("0.5")
        assert second.client_order_id != first.client_order_id


async def test_an_unknown_outcome_closes_the_ticket_to_unresolved() -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [LOST]
    async with run(app) as pilot:
        await open_ticket(pilot, app)
        await enter(pilot)
        assert not isinstance(app.screen, Ticket)
        assert app.said[-1].startswith("UNRESOLVED BUY 0.1000 PF_XBTUSD")


async def test_escape_says_that_nothing_was_sent() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await open_ticket(pilot, app)
        await pilot.press("escape")
        await settle(pilot)
        assert (app.desk.sent, app.said) == ([], ["Nothing was sent"])


async def test_escape_in_flight_never_says_that_nothing_was_sent() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await open_ticket(pilot, app)
        app.desk.hold()
        await enter(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert app.said == ["BUY 0.1000 PF_XBTUSD @ 87,959: already sent, its answer will be shown"]
        app.desk.answers = [REFUSED]
        app.desk.release()
        await settle(pilot)
        assert "refused" in app.said[-1]


async def test_a_doubt_is_asked_about_over_the_ticket() -> None:
    app = KeyApp(FakeDesk())
    app.desk.doubts = ("an order on PF_XBTUSD is unresolved",)
    async with run(app) as pilot:
        ticket = await open_ticket(pilot, app)
        await enter(pilot)
        assert app.screen is not ticket
        await pilot.press("enter")
        await settle(pilot)
        assert app.desk.sent == []
        await pilot.press("escape")
        await settle(pilot)
        assert app.screen is ticket
        await enter(pilot)
        await pilot.press("y")
        await settle(pilot)
        assert app.desk.accepted_doubts == [True]


async def test_an_error_stands_beside_its_field_and_stops_enter() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        ticket = await open_ticket(pilot, app)
        app.desk.errors = (FieldError("size", "0.1 is not a whole lot"), FieldError("", "the market is suspended"))
        await pilot.press("1")
        await settle(pilot)
        assert "0.1 is not a whole lot" in str(ticket.query_one("#field-size .note", Static).render())
        assert "the market is suspended" in foot(app)
        await enter(pilot)
        assert app.desk.sent == []


async def test_view_mode_shows_the_ticket_and_cannot_send() -> None:
    app = KeyApp(FakeDesk(), view_only=True)
    async with run(app) as pilot:
        await open_ticket(pilot, app)
        assert "view mode: nothing can be sent" in foot(app)
        await enter(pilot)
        assert app.desk.sent == []


async def test_the_title_says_which_account() -> None:
    app = KeyApp(FakeDesk(LIVE.state))
    async with run(app) as pilot:
        ticket = await open_ticket(pilot, app)
        box = ticket.query_one("#box")
        assert "LIVE" in str(box.border_title)
        assert box.has_class("live")


def test_fields_keep_clear_of_the_keys_that_terminals_take() -> None:
    keys = {key for binding in Entry.BINDINGS for key in binding.key.split(",")}  # type: ignore[union-attr]  # all are Bindings
    assert not keys & {"ctrl+j", "ctrl+s", "ctrl+q", "ctrl+b", "ctrl+a", "enter", "up", "down"}
