"""The grammar of a typed order: every word is understood, or refused at its place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scenes import RICH
from tests.screens.app_kit import KeyApp, run, settle
from tests.screens.fake_desk import FakeDesk
from tui.model.draft import OrderDraft
from tui.model.enums import OrderType, Side, TriggerSignal
from tui.model.order import OrderRequest
from tui.model.program import Linked
from tui.screens.command import PlaceOrder, contracts, parse_command
from tui.screens.command_line import CommandLine
from tui.screens.strip import Strip
from tui.screens.typed_order import LEADS, TypedError, complete, parse_order

XBT, ETH = "PF_XBTUSD", "PF_ETHUSD"


@pytest.mark.parametrize(
    ("text", "draft"),
    [
        (
            "buy 0.1 xbt @ 88000 post tp 90000 sl 87000",
            OrderDraft(XBT, Side.BUY, OrderType.POST, "0.1xbt", "88000", stop_loss="87000", take_profit="90000"),
        ),
        ("b 2 eth @bid", OrderDraft(ETH, Side.BUY, size="2", limit_price="bid")),
        ("b 2 PF_ETHUSD bid+1t", OrderDraft(ETH, Side.BUY, size="2", limit_price="bid+1t")),
        (
            "bracket s .1 mkt sl @89000 last",
            OrderDraft(XBT, Side.SELL, OrderType.MARKET, ".1", trigger_signal=TriggerSignal.LAST, stop_loss="89000"),
        ),
        (
            "oco s .1 tp 90000 sl 86000",
            OrderDraft(XBT, Side.SELL, size=".1", limit_price="90000", stop_loss="86000", program="oco"),
        ),
        (
            "scale b .5 87000..88000 x5 rising po",
            OrderDraft(
                XBT,
                Side.BUY,
                OrderType.POST,
                ".5",
                "87000",
                program="scale",
                to_price="88000",
                count="5",
                rising=True,
            ),
        ),
        (
            "chase b .1 within 50t edits 10",
            OrderDraft(XBT, Side.BUY, OrderType.POST, ".1", "best", program="chase", within="50t", edits="10"),
        ),
        ("b $500 @ best-2t ro", OrderDraft(XBT, Side.BUY, size="$500", limit_price="best-2t", reduce_only=True)),
    ],
)
def test_orders_and_programs(text: str, draft: OrderDraft) -> None:
    assert parse_command(text, RICH) == PlaceOrder(draft)


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("buy 0.1 psot", 8, "did you mean post"),
        ("buy 0.1 @", 9, "which price"),
        ("buy 0.1 tp", 10, "at which price"),
        ("buy 0.1 @1 @2", 12, "one limit price"),
        ("buy 0.1 mkt @88000", 13, "market order has no price"),
        ("oco s .1 tp 90000", 17, "needs both"),
        ("scale b 1 87000..88000", 22, "how many"),
        ("scale b 1 87000..88000 x5 sl 1", 26, "does not belong to scale"),
        ("chase b 1 ioc", 10, "made of post"),
        ("b .1 within 5t", 5, "does not belong to a plain order"),
        ("bracket b .1 @1", 15, "needs a stop"),
        ("chase .1", 6, "buy or sell"),
        ("b 1 2 3", 6, "one word too many"),
        ("buy eth", 7, "which size"),
    ],
)
def test_errors_name_their_place(text: str, at: int, words: str) -> None:
    with pytest.raises(TypedError, match=words) as raised:
        parse_order(text, RICH, contracts(RICH))
    assert raised.value.at == at


def test_without_a_clip_the_size_must_be_said() -> None:
    with pytest.raises(TypedError, match="which size"):
        parse_order("b @bid", replace(RICH, clip=Decimal(0)), contracts(RICH))


@given(st.sampled_from(sorted(LEADS)), st.text(alphabet="abcdefghijklmnop@.0123456789x $%+-", max_size=40))
def test_anything_typed_is_an_order_or_an_error_inside_the_text(lead: str, rest: str) -> None:
    text = f"{lead} {rest}"
    assert 0 <= place_of_error(text) <= len(text)


def place_of_error(text: str) -> int:
    try:
        return 0 if parse_order(text, RICH, contracts(RICH)).size else -1
    except TypedError as error:
        return error.at


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("bu", "buy"),
        ("sca", "scale"),
        ("scale ", "buy"),
        ("buy .1 et", "eth"),
        ("buy .1 eth @b", "@best"),
        ("buy .1 sl ", "best"),
        ("buy .1 ri", "rising"),
        ("rev", "reverse"),
    ],
)
def test_completion_offers_what_fits_the_place(text: str, first: str) -> None:
    assert complete(text, contracts(RICH), ("reverse",))[0] == first


def test_completion_is_silent_where_anything_may_follow() -> None:
    assert complete("buy ", contracts(RICH)) == ()
    assert complete("x al", contracts(RICH)) == ()


async def test_tab_completes_and_errors_stand_below_their_place() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press(":", *"buy .1 pos", "tab")
        await settle(pilot)
        assert isinstance(app.screen, CommandLine)
        assert app.screen._entry.value == "buy .1 post "
        await pilot.press(*"xx")
        await settle(pilot)
        said = str(app.screen._said.content)
        assert said.startswith(" " * len("buy .1 post ") + "^ xx is not a word")


async def test_a_typed_bracket_is_shown_whole_and_sent_as_a_program() -> None:
    desk = FakeDesk()
    plan = Linked("p", None, (OrderRequest("", XBT, Side.SELL, OrderType.LIMIT, Decimal(1), Decimal(9)),))
    desk.program, desk.what = plan, ("BUY 1, then stop 87,000", "it lives in this desk")
    app = KeyApp(desk)
    async with run(app) as pilot:
        await pilot.press(":", *"b .1 @bid sl 87000", "enter")
        await settle(pilot)
        assert isinstance(app.screen, Strip)
        lines = [str(line) for line in app.screen.content.lines]
        assert lines[:2] == ["BUY 1, then stop 87,000", "it lives in this desk"]
        await pilot.press("enter")
        await settle(pilot)
        assert desk.sent == [plan]
