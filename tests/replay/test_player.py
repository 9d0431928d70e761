from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.client.derivatives import wires
from tests.replay.tapes import OK, T0, Tape, quiet_day
from tui.journal.records import CancelAllRequest, Intent, Kind
from tui.model.enums import Environment, OrderState, OrderType, Side
from tui.model.errors import DeskError
from tui.model.order import Order, OrderRequest
from tui.model.state import LinkStatus, Slice
from tui.replay.player import Player
from tui.service import acted
from tui.wire.recording import Asked, Failed, Lost, Note


def test_the_desk_becomes_live_as_it_did(tmp_path: Path) -> None:
    with Player(quiet_day(tmp_path / "a")) as player:
        player.play_to(15)
        assert player.runtime.state.link.status is LinkStatus.CONNECTING
        player.play_to(1_000)
        state = player.runtime.state
        assert (state.environment, state.url) == (Environment.REPLAY, "http://127.0.0.1:1")
        assert state.link.status is LinkStatus.LIVE
        assert player.now_ms() == T0 + 1_000
        assert state.link.last_frame_ms == T0 + 1_000
        assert len(state.fills) == 1
        assert [alarm.text for alarm in state.alarms] == []


def test_ages_are_those_of_the_recording_however_fast_it_is_played(tmp_path: Path) -> None:
    recording = quiet_day(tmp_path / "a")
    with Player(recording) as at_once, Player(recording) as by_steps:
        at_once.play_to(25_000)
        for position_ms in range(0, 25_001, 40):
            by_steps.play_to(position_ms)
        assert at_once.runtime.state == by_steps.runtime.state
        rest_ms = at_once.runtime.state.ages[Slice.ORDERS].rest_ms
        assert rest_ms is not None
        assert T0 + 22_905 <= rest_ms < T0 + 25_000


def test_the_end_stands_still_and_is_no_lost_link(tmp_path: Path) -> None:
    with Player(quiet_day(tmp_path / "a")) as player:
        player.play_to(20_000)
        assert player.ending == ""
        for _ in range(3):
            player.play_to(10**9)
            assert player.ending == "stopped"
            assert player.position_ms == player.index.length_ms == 29_000
            assert player.runtime.state.link.status is LinkStatus.LIVE


def test_a_recording_that_was_cut_is_played_up_to_there(tmp_path: Path) -> None:
    with Player(quiet_day(tmp_path / "a", ending=None)) as player:
        player.play_to(10**9)
        assert "cut off" in player.ending
        assert player.runtime.state.link.status is LinkStatus.LIVE


def test_a_step_plays_one_row(tmp_path: Path) -> None:
    with Player(quiet_day(tmp_path / "a")) as player:
        player.play_to(5_500)
        player.step()
        assert player.now_ms() == T0 + 6_000
        player.step()
        assert player.now_ms() == T0 + 7_000


def test_a_lost_link_and_its_words_come_back(tmp_path: Path) -> None:
    tape = Tape()
    tape.act(0, acted.Began(refresh_s=10.0, lasting=False))
    tape.connection(20)
    tape.refresh(40)
    tape.refresh(600)
    tape.row(Lost(T0 + 2_000, "the venue closed the connection (1012)"))
    tape.row(Lost(T0 + 3_000, "no connection: refused"))
    tape.connection(5_000)
    tape.refresh(5_100)
    tape.refresh(9_000)
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(1_000)
        assert player.runtime.state.link.round_trip_ms == 42
        player.play_to(2_500)
        link = player.runtime.state.link
        assert (link.status, link.reason) == (LinkStatus.DOWN, "the venue closed the connection (1012)")
        player.play_to(3_100)
        assert player.runtime.state.link.reason == "no connection: refused"
        player.play_to(10_000)
        link = player.runtime.state.link
        assert (link.status, link.epoch, link.reconnects) == (LinkStatus.LIVE, 2, 1)


def order(identity: str = "11111111-1111-1111-1111-111111111111") -> OrderRequest:
    return OrderRequest(identity, "PF_LTCUSD", Side.BUY, OrderType.MARKET, Decimal(1))


def form(identity: str) -> str:
    return f"orderType=mkt&symbol=PF_LTCUSD&side=buy&size=1&cliOrdId={identity}&processBefore=x"


PLACED = OK % (
    '"sendStatus":{"order_id":"o-9","status":"placed","receivedTime":"2026-09-21T14:13:25.000Z","orderEvents":'
    '[{"type":"PLACE","order":{"orderId":"o-9","cliOrdId":"11111111-1111-1111-1111-111111111111","type":"lmt",'
    '"symbol":"PF_LTCUSD","side":"buy","quantity":1,"filled":0,"limitPrice":70,"reduceOnly":false,'
    '"timestamp":"2026-09-21T14:13:25.000Z","lastUpdateTimestamp":"2026-09-21T14:13:25.000Z"},"reducedQuantity":null}]}'
)


def ours(player: Player, identity: str = order().client_order_id) -> Order:
    (found,) = [one for one in player.runtime.state.orders if one.client_order_id == identity]
    return found


SHORT = OK % (
    '"openPositions":[{"side":"short","symbol":"PF_LTCUSD","price":70.5,"fillTime":"2026-09-21T14:13:20.000Z",'
    '"size":0.5,"unrealizedFunding":0,"pnlCurrency":"USD"}]'
)


def started() -> Tape:
    tape = Tape()
    tape.act(0, acted.Began(refresh_s=10.0, lasting=False))
    tape.connection(20)
    tape.refresh(40)
    return tape


def test_what_the_trader_did_is_done_again(tmp_path: Path) -> None:
    tape = started()
    tape.act(5_000, acted.Submitted(order(), accept_doubts=False))
    tape.call(5_003, "sendorder", PLACED, took_ms=100, form=form(order().client_order_id))
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(5_050)
        sent = ours(player)
        assert (sent.state, sent.client_order_id) == (OrderState.SUBMITTING, order().client_order_id)
        player.play_to(6_000)
        placed = ours(player)
        assert (placed.state, placed.order_id) == (OrderState.OPEN, "o-9")
        assert any("placed" in line for line in player.runtime.journal_tail())


@pytest.mark.parametrize("gave_up", [True, False])
def test_an_order_without_an_answer_is_unresolved_again(tmp_path: Path, gave_up: bool) -> None:
    tape = started()
    tape.act(5_000, acted.Submitted(order(), accept_doubts=False))
    tape.row(Asked(T0 + 5_003, 99, "POST", "/derivatives/api/v3/sendorder", "", form(order().client_order_id)))
    tape.row(Failed(T0 + 7_000, 99, sent=True, gave_up=gave_up, reason="late"))
    tape.frame(7_500, wires.HEARTBEAT)
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(6_900)
        assert not player.runtime.state.unresolved
        player.play_to(7_100)
        assert [doubt.client_order_id for doubt in player.runtime.state.unresolved] == [order().client_order_id]


def test_a_flatten_takes_the_id_that_it_had(tmp_path: Path) -> None:
    tape = started()
    tape.refresh(600, openpositions=SHORT)
    tape.act(5_000, acted.Flattened("PF_LTCUSD"))
    tape.call(5_003, "sendorder", PLACED, took_ms=500, form=form("22222222-2222-2222-2222-222222222222"))
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(5_100)
        assert ours(player, "22222222-2222-2222-2222-222222222222").state is OrderState.SUBMITTING


def test_what_the_journal_recalled_is_there_from_the_first_moment(tmp_path: Path) -> None:
    tape = Tape()
    open_act = Intent(7, T0 - 60_000, Kind.CANCEL_ALL, None, "CANCEL ALL", CancelAllRequest())
    sent = Intent(8, T0 - 50_000, Kind.SEND, "PF_LTCUSD", "BUY 1", order())
    tape.act(0, acted.Began(10.0, lasting=True, pending=(acted.OpenAct.of(open_act), acted.OpenAct.of(sent))))
    tape.frame(1_000, wires.HEARTBEAT)
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(500)
        assert [doubt.what for doubt in player.runtime.state.unresolved] == ["CANCEL ALL", "BUY 1"]
        assert player.runtime.state.unresolved[0].since_ms == T0 - 60_000


def test_what_was_never_recorded_is_said_to_be_missing(tmp_path: Path) -> None:
    tape = started()
    tape.act(5_000, acted.Watched("PF_XBTUSD"))
    tape.frame(20_000, wires.HEARTBEAT)
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(20_000)
        said = [alarm.text for alarm in player.runtime.state.alarms]
        assert any("is not in the recording" in text for text in said), said


def test_an_unreadable_act_is_an_error_in_words(tmp_path: Path) -> None:
    tape = started()
    tape.row(Note(T0 + 1_000, acted.NOTE, '{"type":"telepathy"}'))
    tape.row(Note(T0 + 900, "of a later program", "{}"))
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(950)
        with pytest.raises(DeskError, match="an act that cannot be read"):
            player.play_to(2_000)
