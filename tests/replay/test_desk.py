from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.replay.tapes import quiet_day
from tui.model.enums import OrderType, Side
from tui.model.order import CancelRequest, EditRequest, OrderRequest, Refused
from tui.model.state import Tape
from tui.replay.desk import ReplayDesk
from tui.replay.player import Player


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[ReplayDesk]:
    with Player(quiet_day(tmp_path / "a")) as player:
        player.play_to(5_500)
        yield ReplayDesk(player, of="paper", speed=2.0)


def test_the_state_says_that_it_is_a_replay_and_where(desk: ReplayDesk) -> None:
    state = desk.state
    assert state.replay == Tape("paper", 5_000, 29_000, 2.0)
    assert not state.can_trade
    assert desk.state is state, "the same object until something changes"
    desk.is_paused = True
    assert desk.state.replay == Tape("paper", 5_000, 29_000, 2.0, is_paused=True)
    desk.player.play_to(10**9)
    assert desk.state.replay is not None
    assert desk.state.replay.ending == "stopped"
    assert desk.now_ms() == desk.player.now_ms()


async def test_every_act_is_refused_by_the_desk(desk: ReplayDesk) -> None:
    order = OrderRequest("c", "PF_XBTUSD", Side.BUY, OrderType.MARKET, Decimal(1))
    outcomes = [
        await desk.submit(order, accept_doubts=True),
        await desk.edit(EditRequest("PF_XBTUSD", "o", size=Decimal(1))),
        await desk.cancel(CancelRequest("PF_XBTUSD", "o")),
        await desk.cancel_all(),
        await desk.flatten("PF_XBTUSD"),
        await desk.set_leverage("PF_XBTUSD", None),
        await desk.arm_dead_man(60),
    ]
    for outcome in outcomes:
        assert isinstance(outcome, Refused)
        assert outcome.by_desk
        assert "replay" in outcome.explanation


def test_screens_are_told_in_their_own_time(desk: ReplayDesk) -> None:
    told: list[bool] = []
    leave = desk.subscribe(told.append)
    desk.player.play_to(12_000)
    assert told == []
    desk.announce()
    assert told == [False]
    leave()
    desk.announce()
    assert len(told) == 1


def test_what_is_judged_is_judged_as_ever(desk: ReplayDesk) -> None:
    draft = desk.join_draft("PF_XBTUSD", Side.BUY, Decimal(1))
    assert desk.assess(draft).errors
    assert desk.assess_flatten("PF_XBTUSD").errors
    assert desk.journal_tail() == ()
    desk.watch("PF_ETHUSD")
