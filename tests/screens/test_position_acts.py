from __future__ import annotations

from decimal import Decimal

from textual.widgets import Static

from tests.scenes import RICH
from tests.screens.app_kit import KeyApp, run, settle
from tests.screens.fake_desk import FLAT_STATE, LOST, REFUSED, FakeDesk
from tui.model.order import OrderRequest
from tui.screens.leverage import LeverageForm

ETH = next(position for position in RICH.state.positions if position.symbol == "PF_ETHUSD")
XBT = next(position for position in RICH.state.positions if position.symbol == "PF_XBTUSD")


def requests(desk: FakeDesk) -> list[OrderRequest]:
    return [sent for sent in desk.sent if isinstance(sent, OrderRequest)]


async def test_two_keys_flatten_the_position_under_the_cursor() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(ETH)
        await pilot.press("f", "enter")
        await settle(pilot)
        (request,) = requests(app.desk)
        assert (request.symbol, request.side, request.size, request.reduce_only) == (
            "PF_ETHUSD",
            ETH.closing_side,
            ETH.size,
            True,
        )


async def test_without_a_row_the_contract_in_hand_is_flattened() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(None)
        await pilot.press("f", "enter")
        await settle(pilot)
        assert requests(app.desk)[0].symbol == XBT.symbol


async def test_the_cursor_cannot_change_what_an_open_strip_flattens() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(ETH)
        await pilot.press("f")
        app.select(XBT)
        await pilot.press("enter")
        await settle(pilot)
        assert requests(app.desk)[0].symbol == "PF_ETHUSD"


async def test_reverse_sends_twice_the_size() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(XBT)
        await pilot.press("r", "enter")
        await settle(pilot)
        (request,) = requests(app.desk)
        assert (request.size, request.reduce_only) == (XBT.size * 2, False)


async def test_flat_means_nothing_to_flatten() -> None:
    app = KeyApp(FakeDesk(FLAT_STATE))
    async with run(app) as pilot:
        await pilot.press("f", "enter")
        await settle(pilot)
        assert app.desk.sent == []
        assert app.said == ["No position in PF_XBTUSD to flatten."]


async def test_leverage_goes_isolated_at_the_typed_cap() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("l", "right", "down", *"25")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.desk.sent == [("leverage", "PF_XBTUSD", Decimal(25))]
        assert app.said == ["LEVERAGE PF_XBTUSD: isolated, at most 25 x: done"]
        assert not isinstance(app.screen, LeverageForm)


async def test_leverage_that_cannot_be_read_is_dead() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("l", "right", "down", *"ten")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert app.desk.sent == []
        assert "ten is not a number" in str(app.screen.query_one("#foot", Static).render())


async def test_a_refused_leverage_stays_open_and_an_unknown_one_closes() -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [REFUSED, LOST]
    async with run(app) as pilot:
        await pilot.press("l", "right")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert len(app.desk.sent) == 1
        await pilot.press("down", "9")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert len(app.desk.sent) == 2
        assert app.said[-1].startswith("UNRESOLVED LEVERAGE")
