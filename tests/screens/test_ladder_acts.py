from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.scenes import RICH
from tests.scenes_modals import SETTLED, JudgingDesk
from tests.screens.app_kit import SETTINGS, KeyApp, run, settle
from tests.screens.fake_desk import FLAT_STATE, FakeDesk
from tui.app import TradingApp
from tui.model.alert import one_line
from tui.model.draft import FieldError
from tui.model.enums import OrderType, Side
from tui.model.order import CancelRequest, EditRequest, Order, OrderRequest
from tui.model.view import KeyMode, PricePoint
from tui.screens.edit import EditForm
from tui.screens.ladder_acts import SendEdits, draft_at
from tui.screens.strip import Strip

D = Decimal
XBT = "PF_XBTUSD"
LIMIT = next(order for order in RICH.state.orders if order.type is OrderType.POST)
STOP = next(order for order in RICH.state.orders if order.type is OrderType.STOP)
NOWHERE = PricePoint(XBT, D(87_900))


def at(price: int, *orders: Order) -> PricePoint:
    return PricePoint(XBT, D(price), orders)


def carried(app: TradingApp) -> tuple[str, ...]:
    return app.view.carried


def sent(desk: FakeDesk, kind: type) -> list[object]:
    return [one for one in desk.sent if isinstance(one, kind)]


@pytest.mark.parametrize(
    ("side", "price", "kind"),
    [
        (Side.BUY, 87_959, OrderType.LIMIT),
        (Side.BUY, 87_960, OrderType.LIMIT),  # the best offer itself: lifts it
        (Side.BUY, 87_961, OrderType.STOP),
        (Side.SELL, 87_960, OrderType.LIMIT),
        (Side.SELL, 87_959, OrderType.LIMIT),
        (Side.SELL, 87_958, OrderType.STOP),
    ],
)
def test_beyond_the_market_an_order_is_a_stop(side: Side, price: int, kind: OrderType) -> None:
    draft = draft_at(RICH, at(price), side)
    assert (draft.type, draft.side, draft.size) == (kind, side, "0.1")
    assert (draft.stop_price if kind is OrderType.STOP else draft.limit_price) == str(price)


def test_a_stop_that_closes_is_reduce_only_and_one_that_opens_is_not() -> None:
    assert draft_at(RICH, at(87_000), Side.SELL).reduce_only
    assert not draft_at(RICH, at(89_000), Side.BUY).reduce_only
    assert not draft_at(replace(RICH, clip=D(1)), at(87_000), Side.SELL).reduce_only


def test_without_the_other_side_of_the_book_it_is_a_limit_order() -> None:
    bare = replace(RICH, state=replace(RICH.state, books={}))
    assert draft_at(bare, at(99_000), Side.BUY).type is OrderType.LIMIT


@pytest.mark.parametrize(("key", "side"), [("b", Side.BUY), ("s", Side.SELL)])
async def test_two_keys_place_the_clip_at_the_cursor(key: str, side: Side) -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(at(87_950 if side is Side.BUY else 87_970))
        await pilot.press(key, "enter")
        await settle(pilot)
        (request,) = sent(app.desk, OrderRequest)
        assert isinstance(request, OrderRequest)
        assert (request.side, request.size, request.type) == (side, D("0.1"), OrderType.LIMIT)
        assert request.limit_price == (87_950 if side is Side.BUY else 87_970)


async def test_armed_a_limit_order_goes_at_once_and_a_stop_is_shown_first() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.set_mode(KeyMode("armed", app.desk.now + 60_000))
        app.select(at(87_950))
        await pilot.press("b")
        await settle(pilot)
        assert len(sent(app.desk, OrderRequest)) == 1
        await pilot.press("s")
        await settle(pilot)
        assert len(sent(app.desk, OrderRequest)) == 1
        assert isinstance(app.screen, Strip)


async def test_pull_cancels_what_stands_at_the_cursor_and_nothing_else() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(at(87_957, LIMIT))
        await pilot.press("x")
        await settle(pilot)
        (request,) = sent(app.desk, CancelRequest)
        assert isinstance(request, CancelRequest)
        assert request.order_id == LIMIT.order_id
        app.select(NOWHERE)
        await pilot.press("x")
        await settle(pilot)
        assert len(app.desk.sent) == 1
        assert app.said[-1] == "No order of yours at 87,900 to cancel."


async def test_pull_asks_before_a_protective_stop_goes() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(at(82_000, STOP))
        await pilot.press("x")
        await settle(pilot)
        assert not app.desk.sent
        assert isinstance(app.screen, Strip)
        assert "protects your position" in app.screen.content.lines[-1].plain
        await pilot.press("enter")
        await settle(pilot)
        assert len(sent(app.desk, CancelRequest)) == 1


async def test_the_move_keys_move_every_order_at_the_cursor() -> None:
    app = KeyApp(FakeDesk())
    other = replace(LIMIT, order_id="other", client_order_id="other")
    app.desk.state = replace(app.desk.state, orders=(LIMIT, other))
    async with run(app) as pilot:
        app.select(at(87_957, LIMIT, other))
        await pilot.press("+", "+")
        app.elapse()
        await settle(pilot)
        edits = [one for one in app.desk.sent if isinstance(one, EditRequest)]
        assert {(one.order_id, one.limit_price) for one in edits} == {(LIMIT.order_id, D(87_959)), ("other", D(87_959))}


async def test_edit_opens_the_one_order_at_the_cursor() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(at(87_957, LIMIT, STOP))
        await pilot.press("e")
        await settle(pilot)
        assert not isinstance(app.screen, EditForm)
        app.select(at(87_957, LIMIT))
        await pilot.press("e")
        await settle(pilot)
        assert isinstance(app.screen, EditForm)


async def test_picked_up_and_put_down_is_an_edit_that_is_shown_first() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(at(87_957, LIMIT))
        app.acts["carry"]()
        assert carried(app) == (LIMIT.order_id,)
        app.select(at(87_940))
        app.acts["carry"]()
        await settle(pilot)
        assert carried(app) == ()
        assert not app.desk.sent
        assert isinstance(app.screen, Strip)
        shown = app.screen.content
        assert shown.lines[0].plain == "EDIT BUY 0.1000 PF_XBTUSD @ 87,957 post-only: price 87,940"
        await pilot.press("enter")
        await settle(pilot)
        (request,) = sent(app.desk, EditRequest)
        assert isinstance(shown.choices[0].value, SendEdits)
        assert request == shown.choices[0].value.edits[0][0]


async def test_a_stop_put_down_moves_its_trigger() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.set_mode(KeyMode("armed", app.desk.now + 60_000))
        app.select(at(82_000, STOP))
        app.acts["carry"]()
        app.select(at(83_000))
        app.acts["carry"]()
        await settle(pilot)
        (request,) = sent(app.desk, EditRequest)
        assert isinstance(request, EditRequest)
        assert (request.stop_price, request.limit_price) == (D(83_000), None)


async def test_what_cannot_be_put_down_there_is_not_sent() -> None:
    app = KeyApp(FakeDesk())
    app.desk.errors = (FieldError("limit_price", "would cross, and it is post-only"),)
    async with run(app) as pilot:
        app.set_mode(KeyMode("armed", app.desk.now + 60_000))
        app.select(at(87_957, LIMIT))
        app.acts["carry"]()
        app.select(at(88_500))
        app.acts["carry"]()
        await settle(pilot)
        assert isinstance(app.screen, Strip)
        await pilot.press("enter")
        await settle(pilot)
        assert not app.desk.sent


async def test_doubts_want_another_key() -> None:
    app = KeyApp(FakeDesk())
    app.desk.doubts = ("the book is old",)
    async with run(app) as pilot:
        app.select(at(87_957, LIMIT))
        app.acts["carry"]()
        app.select(at(87_950))
        app.acts["carry"]()
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert not app.desk.sent
        await pilot.press("y")
        await settle(pilot)
        assert app.desk.accepted_doubts == [True]


async def test_what_works_no_more_is_not_moved() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.select(at(87_957, LIMIT))
        app.acts["carry"]()
        app.desk.become(FLAT_STATE)
        app.select(at(87_950))
        app.acts["carry"]()
        await settle(pilot)
        assert not app.desk.sent
        assert "works no more" in app.said[-1]


@pytest.mark.parametrize(("price", "line"), [(88_000, "≥ 88,000"), (87_900, "≤ 87,900")])
async def test_a_key_sets_an_alert_at_the_cursor(price: int, line: str) -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("a")
        assert not app.view.alerts
        app.select(at(price))
        await pilot.press("a")
        await settle(pilot)
        assert [one_line(alert) for alert in app.view.alerts] == [f"PF_XBTUSD last {line}"]


async def test_in_view_mode_nothing_is_picked_up() -> None:
    app = KeyApp(FakeDesk(), view_only=True)
    async with run(app) as pilot:
        app.select(at(87_957, LIMIT))
        app.acts["carry"]()
        await settle(pilot)
        assert carried(app) == ()


async def test_the_whole_way_by_keys_on_the_real_screen() -> None:
    app = TradingApp(JudgingDesk(SETTLED), SETTINGS)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.press("enter")  # on the tables enter is theirs
        assert carried(app) == ()
        await pilot.press("L", "down", "down", "down", "enter")
        await settle(pilot)
        assert carried(app) == (LIMIT.order_id,)
        await pilot.press("escape")
        await settle(pilot)
        assert carried(app) == ()
        await pilot.press("down", "down", "down", "enter", "down", "down", "enter")
        await settle(pilot)
        assert isinstance(app.screen, Strip)
        assert "price 87,955" in app.screen.content.lines[0].plain


@pytest.mark.parametrize("key", ["tab", "2", "t", "ctrl+p", "g"])
async def test_nothing_stays_picked_up_when_the_keys_go_elsewhere(key: str) -> None:
    app = TradingApp(JudgingDesk(SETTLED), SETTINGS)
    async with app.run_test(size=(100, 36)) as pilot:
        await settle(pilot)
        await pilot.press("L", "down", "down", "down", "enter")
        await settle(pilot)
        assert carried(app) == (LIMIT.order_id,)
        await pilot.press(key)
        await settle(pilot)
        assert carried(app) == ()
