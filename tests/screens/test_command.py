from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual import events

from tests.scenes import RICH
from tests.screens.app_kit import KeyApp, run, settle
from tests.screens.fake_desk import FakeDesk
from tui.model.draft import OrderDraft
from tui.model.enums import OrderType, Side
from tui.model.order import OrderRequest
from tui.screens.command import CancelMany, DoAct, PlaceOrder, SetLeverage, TakeInHand, parse_command
from tui.screens.command_line import CommandLine, said_of
from tui.screens.leverage import LeverageForm
from tui.screens.strip import Strip

XBT = "PF_XBTUSD"


@pytest.mark.parametrize(
    ("text", "draft"),
    [
        ("b", OrderDraft(XBT, Side.BUY, size="0.1", limit_price="best")),
        ("b .01 @bid po", OrderDraft(XBT, Side.BUY, OrderType.POST, size=".01", limit_price="bid")),
        ("s 25% mkt ro", OrderDraft(XBT, Side.SELL, OrderType.MARKET, size="25%", reduce_only=True)),
        ("b $500 @best-2t", OrderDraft(XBT, Side.BUY, size="$500", limit_price="best-2t")),
        ("SELL 0.2 88000 ioc", OrderDraft(XBT, Side.SELL, OrderType.IOC, size="0.2", limit_price="88000")),
        (
            "sl 84000 all",
            OrderDraft(XBT, Side.SELL, OrderType.STOP, size="all", stop_price="84000", reduce_only=True),
        ),
        ("sl 84000", OrderDraft(XBT, Side.SELL, OrderType.STOP, size="all", stop_price="84000", reduce_only=True)),
        (
            "tp 91000 .1",
            OrderDraft(XBT, Side.SELL, OrderType.TAKE_PROFIT, size=".1", stop_price="91000", reduce_only=True),
        ),
    ],
)
def test_typed_orders(text: str, draft: OrderDraft) -> None:
    assert parse_command(text, RICH) == PlaceOrder(draft)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("x", CancelMany("a")),
        ("x all", CancelMany("a")),
        ("x buys", CancelMany("b")),
        ("x sells", CancelMany("s")),
        ("x orders", CancelMany("k")),
        ("x everywhere", CancelMany("A")),
        ("lev 10", SetLeverage(Decimal(10))),
        ("lev 2.5x", SetLeverage(Decimal("2.5"))),
        ("lev cross", SetLeverage(None)),
        ("flat", DoAct("flatten")),
        ("rev", DoAct("reverse")),
        ("eth", TakeInHand("PF_ETHUSD")),
        ("btc", TakeInHand(XBT)),
        ("pi_xbtusd", TakeInHand("PI_XBTUSD")),
    ],
)
def test_typed_acts(text: str, command: object) -> None:
    assert parse_command(text, RICH) == command


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "nothing is not a command"),
        ("hello", "hello is not a command"),
        ("b 1 2 3", "one word too many"),
        ("b 1 @bid 3", "one word too many"),
        ("b 1 @bid mkt", "a market order has no price"),
        ("b 1 po ioc", "an order has one type"),
        ("x most", "x what?"),
        ("lev", "lev 10 or lev cross"),
        ("lev 0", "above zero"),
        ("lev ten", "ten is not a number"),
        ("sl", "say the trigger price"),
        ("flat now", "is not a command"),
    ],
)
def test_what_cannot_be_meant_is_said_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("?", r"\?")):
        parse_command(text, RICH)


def test_a_stop_without_a_position_protects_nothing() -> None:
    flat = replace(RICH, state=replace(RICH.state, positions=()))
    with pytest.raises(ValueError, match="no position in PF_XBTUSD"):
        parse_command("sl 84000", flat)


@given(st.text(max_size=40))
def test_any_text_is_a_command_or_words(text: str) -> None:
    words = ""
    try:
        words = said_of(parse_command(text, RICH))
    except ValueError as error:
        words = str(error)
    assert words


async def test_a_typed_order_goes_through_the_strip() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press(":", *"b .01 @bid", "enter")
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, Strip)
        await pilot.press("enter")
        await settle(pilot)
        (request,) = app.desk.sent
        assert isinstance(request, OrderRequest)
        assert (request.size, request.limit_price) == (Decimal("0.01"), Decimal(87_959))


async def test_what_cannot_be_read_stays_to_be_mended() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press(":", *"x alll", "enter")
        await settle(pilot)
        assert isinstance(app.screen, CommandLine)
        assert app.screen._entry.value == "x alll"
        await pilot.press("escape")
        await settle(pilot)
        assert (app.desk.sent, app.said) == ([], ["Nothing was sent"])


async def test_a_pasted_command_is_not_executed() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press(":")
        app.post_message(events.Paste("x everywhere\n"))
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, CommandLine)
        assert app.screen._entry.value == "x everywhere"


async def test_text_in_one_burst_with_the_colon_is_kept_and_not_executed() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        app.press_at_once("colon", *"xall", "enter")
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, CommandLine)
        assert app.screen._entry.value == "xall"


async def test_a_typed_leverage_is_shown_before_it_is_set() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press(":", *"lev 7", "enter")
        await settle(pilot)
        assert isinstance(app.screen, LeverageForm)
        await pilot.press("enter")
        await settle(pilot)
        assert app.desk.sent == [("leverage", XBT, Decimal(7))]
