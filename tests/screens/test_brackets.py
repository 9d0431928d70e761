"""A bracket from the ticket: its stop and target are fields, and what is sent is the whole of it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.screens.app_kit import KeyApp, run, settle
from tests.screens.fake_desk import FakeDesk
from tui.model.enums import OrderType, Side
from tui.model.order import OrderRequest
from tui.model.program import Linked
from tui.screens.fields import TextField
from tui.screens.ticket import Ticket, fields_of

PLAN = Linked("p", None, (OrderRequest("", "PF_XBTUSD", Side.SELL, OrderType.LIMIT, Decimal(1), Decimal(9)),))


@pytest.mark.parametrize("kind", [kind for kind in OrderType if kind is not OrderType.UNKNOWN])
def test_an_entry_of_any_type_may_have_exits(kind: OrderType) -> None:
    assert {"stop_loss", "take_profit"} <= fields_of(kind)


async def test_the_ticket_reads_stop_and_target_and_sends_the_program() -> None:
    desk = FakeDesk()
    desk.program, desk.what = PLAN, ("BUY 0.1, then stop 87,000", "it lives in this desk")
    app = KeyApp(desk)
    async with run(app) as pilot:
        await pilot.press("t")
        await settle(pilot)
        ticket = app.screen
        assert isinstance(ticket, Ticket)
        ticket.query_one("#field-stop_loss", TextField).entry.value = "87000"
        ticket.query_one("#field-take_profit", TextField).entry.value = "90000"
        await settle(pilot)
        draft = ticket._draft()
        assert (draft.stop_loss, draft.take_profit) == ("87000", "90000")
        assert ticket._line().splitlines() == list(desk.what)
        await pilot.press("enter")
        await settle(pilot)
        assert desk.sent == [PLAN]
