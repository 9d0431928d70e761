from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual import events

from tests.scenes import LIVE, RICH
from tests.screens.app_kit import KeyApp, run, settle
from tests.screens.fake_desk import FLAT_STATE, LOST, REFUSED, FakeDesk
from tui.model.enums import OrderType, Side
from tui.model.errors import Unreachable
from tui.model.order import CancelRequest
from tui.model.state import DeadMan
from tui.model.view import KeyMode
from tui.screens.strip import Strip, TypedStrip

HERE = tuple(order for order in RICH.state.orders if order.symbol == RICH.focus)
NO_STOPS = replace(RICH.state, orders=tuple(order for order in RICH.state.orders if not order.type.is_trigger))


def cancelled(desk: FakeDesk) -> set[str | None]:
    return {sent.order_id for sent in desk.sent if isinstance(sent, CancelRequest)}


# --- cancel many -----------------------------------------------------------------------------------------------------


async def test_two_keys_cancel_all_in_the_market() -> None:
    app = KeyApp(FakeDesk(NO_STOPS))
    async with run(app) as pilot:
        await pilot.press("X", "a")
        await settle(pilot)
        assert app.desk.sent == [("cancel all", "PF_XBTUSD")]
        assert app.said == ["CANCEL all on PF_XBTUSD: 2 orders cancelled"]


async def test_cancel_all_names_the_stops_it_would_strip_and_waits() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("X", "a")
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, Strip)
        text = "\n".join(line.plain for line in app.screen.content.lines)
        assert "SELL 0.4650 PF_XBTUSD stop 82,000 (mark) reduce-only" in text
        await pilot.press("enter")
        await settle(pilot)
        assert app.desk.sent == [("cancel all", "PF_XBTUSD")]


async def test_cancel_all_asks_the_venue_even_when_the_desk_knows_no_order() -> None:
    app = KeyApp(FakeDesk(FLAT_STATE))
    async with run(app) as pilot:
        await pilot.press("X", "a")
        await settle(pilot)
        assert app.desk.sent == [("cancel all", "PF_XBTUSD")]


async def test_capital_a_cancels_on_every_contract() -> None:
    app = KeyApp(FakeDesk(NO_STOPS))
    async with run(app) as pilot:
        await pilot.press("X", "A")
        await settle(pilot)
        assert app.desk.sent == [("cancel all", None)]


@pytest.mark.parametrize(("key", "side"), [("b", Side.BUY), ("s", Side.SELL)])
async def test_one_side_is_cancelled_order_by_order(key: str, side: Side) -> None:
    app = KeyApp(FakeDesk(NO_STOPS))
    async with run(app) as pilot:
        await pilot.press("X", key)
        await settle(pilot)
        expected = {order.order_id for order in NO_STOPS.orders if order.symbol == RICH.focus and order.side is side}
        assert expected
        assert cancelled(app.desk) == expected


async def test_all_but_protective_stops_keeps_them() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("X", "k")
        await settle(pilot)
        assert cancelled(app.desk) == {order.order_id for order in HERE if order.type is not OrderType.STOP}


async def test_a_sum_of_cancels_tells_apart_done_refused_and_unresolved() -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [REFUSED, LOST]
    async with run(app) as pilot:
        await pilot.press("X", "k")
        await settle(pilot)
        assert app.said == [
            "CANCEL all but protective stops: 0 of 2 cancelled, 1 refused, 1 UNRESOLVED, the desk is asking"
        ]


async def test_escape_from_the_choice_cancels_nothing() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("X", "escape")
        await settle(pilot)
        assert (app.desk.sent, app.said) == ([], ["Nothing was sent"])


# --- panic -----------------------------------------------------------------------------------------------------------


async def test_panic_is_six_keys_and_cancels_before_it_flattens() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("!", *"FLAT", "enter")
        await settle(pilot)
        assert app.desk.sent[0] == ("cancel all", None)
        assert set(map(str, app.desk.sent[1:])) == {
            str(("flatten", position.symbol)) for position in RICH.state.positions
        }


async def test_panic_goes_on_when_a_step_fails() -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [Unreachable("No route"), LOST]
    async with run(app) as pilot:
        await pilot.press("!", *"FLAT", "enter")
        await settle(pilot)
        assert len(app.desk.sent) == 1 + len(RICH.state.positions)
        assert "No route" in app.said[0]


async def test_an_open_strip_does_not_stand_in_the_way_of_panic() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("b", "!", *"FLAT", "enter")
        await settle(pilot)
        assert app.desk.sent[0] == ("cancel all", None)
        assert app.stub.pins == 0


@pytest.mark.parametrize("keys", [("enter",), (*"FLA", "enter"), (*"FLOT", "enter"), ("escape",)])
async def test_panic_needs_the_whole_word(keys: tuple[str, ...]) -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("!", *keys)
        await settle(pilot)
        assert app.desk.sent == []


async def test_the_word_cannot_be_pasted() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("!")
        app.post_message(events.Paste("FLAT\n"))
        await pilot.press("enter")
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, TypedStrip)


async def test_a_mistyped_word_is_mended_with_backspace() -> None:
    app = KeyApp(FakeDesk(FLAT_STATE))
    async with run(app) as pilot:
        await pilot.press("!", *"FLX", "backspace", *"at", "enter")
        await settle(pilot)
        assert app.desk.sent == [("cancel all", None)]


# --- dead man's switch -----------------------------------------------------------------------------------------------


async def test_the_dead_mans_switch_is_armed_and_disarmed() -> None:
    app = KeyApp(FakeDesk(FLAT_STATE))
    async with run(app) as pilot:
        await pilot.press("d", "enter")
        await settle(pilot)
        app.desk.become(replace(FLAT_STATE, dead_man=DeadMan(fires_at_ms=RICH.now_ms + 60_000)))
        await pilot.press("d", "enter")
        await settle(pilot)
        assert app.desk.sent == [("dead man", 60, True), ("dead man", 0, True)]


# --- key mode --------------------------------------------------------------------------------------------------------


ACT_KEYS = ("b", "s", "B", "S", "x", "X", "+", "-", "e", "f", "r", "l", "!", "d")


async def test_view_mode_sends_nothing_and_says_so() -> None:
    app = KeyApp(FakeDesk(), view_only=True)
    async with run(app) as pilot:
        app.select(HERE[0])
        for key in ACT_KEYS:
            app.desk.now += 10_000
            await pilot.press(key)
            await settle(pilot)
            assert not isinstance(app.screen, Strip), key
        app.elapse()
        await settle(pilot)
        assert app.desk.sent == []
        assert sum("View mode" in text for text in app.said) == len(ACT_KEYS) + 1


async def test_an_account_that_cannot_trade_sends_nothing() -> None:
    state = replace(RICH.state, can_trade=False, view_reason="the key may not trade")
    app = KeyApp(FakeDesk(state))
    async with run(app) as pilot:
        await pilot.press("b", "enter")
        await settle(pilot)
        assert app.desk.sent == []
        assert "the key may not trade" in app.said[-1]


async def test_live_opens_in_view_mode_until_the_word_live_is_typed() -> None:
    app = KeyApp(FakeDesk(LIVE.state))
    async with run(app) as pilot:
        await pilot.press("m", "c", *"PAPE", "enter", "escape", "b", "enter")
        await settle(pilot)
        assert app.desk.sent == []
        assert app.seat.mode == KeyMode("view")
        await pilot.press("m", "c", *"LIVE", "enter", "b", "enter")
        await settle(pilot)
        assert len(app.desk.sent) == 1


async def test_armed_mode_sends_with_one_key_until_its_time_is_over() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("m", "a", "b")
        await settle(pilot)
        assert len(app.desk.sent) == 1
        app.desk.now += 121_000
        await pilot.press("b")
        await settle(pilot)
        assert len(app.desk.sent) == 1
        assert app.seat.mode == KeyMode("confirm")
        assert isinstance(app.screen, Strip)


async def test_armed_mode_still_asks_about_a_doubt_and_before_flattening() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("m", "a", "f", "escape")
        app.desk.doubts = ("the stream is down",)
        await pilot.press("b")
        await settle(pilot)
        assert app.desk.sent == []
        assert isinstance(app.screen, Strip)


# --- leaving ---------------------------------------------------------------------------------------------------------


async def test_q_leaves_at_once_when_nothing_works() -> None:
    app = KeyApp(FakeDesk(FLAT_STATE))
    async with run(app) as pilot:
        await pilot.press("q")
        await settle(pilot)
        assert not app.is_running or app._exit


@pytest.mark.parametrize(("key", "sent"), [("k", []), ("c", [("cancel all", None)]), ("d", [("dead man", 60, False)])])
async def test_q_asks_what_becomes_of_working_orders(key: str, sent: list[object]) -> None:
    app = KeyApp(FakeDesk(replace(RICH.state, dead_man=DeadMan())))
    async with run(app) as pilot:
        await pilot.press("q")
        await settle(pilot)
        assert not app._exit
        await pilot.press(key)
        await settle(pilot)
        assert app.desk.sent == sent
        assert app._exit


@pytest.mark.parametrize(("key", "sent"), [("k", [("dead man", 0, False)]), ("l", []), ("c", [("cancel all", None)])])
async def test_q_says_what_an_armed_switch_will_do_and_asks(key: str, sent: list[object]) -> None:
    app = KeyApp(FakeDesk(replace(FLAT_STATE, dead_man=DeadMan(fires_at_ms=RICH.now_ms + 47_000))))
    async with run(app) as pilot:
        await pilot.press("q")
        await settle(pilot)
        assert not app._exit
        assert isinstance(app.screen, Strip)
        assert "cancels all orders in 0:47" in "\n".join(line.plain for line in app.screen.content.lines)
        await pilot.press(key)
        await settle(pilot)
        assert app.desk.sent == sent
        assert app._exit


async def test_escape_from_quit_stays() -> None:
    app = KeyApp(FakeDesk())
    async with run(app) as pilot:
        await pilot.press("q", "escape")
        await settle(pilot)
        assert not app._exit


@pytest.mark.parametrize("key", ["c", "d"])
async def test_a_last_act_that_fails_keeps_the_desk_open(key: str) -> None:
    app = KeyApp(FakeDesk())
    app.desk.answers = [LOST]
    async with run(app) as pilot:
        await pilot.press("q", key)
        await settle(pilot)
        assert not app._exit
        assert "UNRESOLVED" in app.said[-1]
