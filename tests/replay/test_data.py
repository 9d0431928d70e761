from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.derivatives import wires
from tests.replay.tapes import T0, Tape
from tui.model.state import LinkStatus, Slice
from tui.replay.player import Player
from tui.service import acted
from tui.wire.recording import Slept


def started() -> Tape:
    tape = Tape()
    tape.act(0, acted.Began(refresh_s=10.0, lasting=False))
    for name in ("tickers/PF_XBTUSD", "leveragepreferences", "instruments"):
        tape.call(1, name)
    tape.call(7, "instruments/status")
    tape.connection(20)
    return tape


@pytest.mark.parametrize("late_ms", [400, 3_000, 7_000])
def test_a_refresh_that_came_late_is_late_again_and_proves_as_much(tmp_path: Path, late_ms: int) -> None:
    """Had it been asked when it was due, before the link was ready, it would not have made the link live."""
    tape = started()
    for name in ("openorders", "openpositions", "accounts", "fills", "tickers"):
        tape.call(30 + late_ms, name)
    tape.frame(30 + late_ms + 500, wires.TICKER)
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(10**9)
        state = player.runtime.state
        assert state.link.status is LinkStatus.LIVE
        assert state.ages[Slice.POSITIONS].rest_ms == T0 + 30 + late_ms + 5


def test_where_the_recording_refreshes_no_more_nothing_is_missed(tmp_path: Path) -> None:
    tape = started()
    tape.refresh(600)
    for second in range(1, 120):
        tape.frame(second * 1_000, wires.TICKER)
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(14_000)
        assert not [alarm.text for alarm in player.runtime.state.alarms if "Asking open orders" in alarm.text]


@pytest.mark.parametrize(("stood_ms", "leapt_ms"), [(3_600_000, 0), (0, 3_600_000)])
def test_it_sleeps_where_the_desk_slept(tmp_path: Path, stood_ms: int, leapt_ms: int) -> None:
    """Nothing is asked in an hour in which nothing could be; the session notices it as it did."""
    tape = started()
    tape.refresh(600)
    hour_ms = 3_600_000
    tape.row(Slept(T0 + 5_000 + hour_ms, stood_ms, leapt_ms))
    tape.frame(5_300 + hour_ms, wires.TICKER)
    tape.frame(9_000 + hour_ms, wires.TICKER)
    with Player(tape.write(tmp_path / "a")) as player:
        player.play_to(4_900)
        assert player.now_ms() == T0 + 4_900
        player.play_to(6_000)
        assert player.now_ms() in (T0 + 6_000, T0 + 5_000 + hour_ms)
        player.play_to(9_000 + hour_ms)
        assert player.now_ms() == T0 + 9_000 + hour_ms
        state = player.runtime.state
        assert state.link.reason.startswith("the clock jumped")
        calls = sum(endpoint.calls for endpoint in state.health.endpoints if endpoint.name == "openorders")
        assert calls <= 2
