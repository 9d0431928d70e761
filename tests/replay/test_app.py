"""The screens over a recording, driven by keys, on a real terminal loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.replay.tapes import T0, Tape, quiet_day
from tests.widgets.hosts import screen_text
from tui.replay.app import ReplayApp
from tui.replay.desk import ReplayDesk
from tui.replay.player import Player
from tui.service import acted
from tui.settings import Settings
from tui.wire.recording import Note

SIZE = (120, 36)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[ReplayApp]:
    with Player(quiet_day(tmp_path / "a")) as player:
        player.play_to(2_000)
        yield ReplayApp(ReplayDesk(player, of="paper", speed=1.0), Settings())


def frame_text(app: ReplayApp) -> str:
    return screen_text(app)[0]


def said(app: ReplayApp) -> list[str]:
    return [str(one.message) for one in app._notifications]


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await pilot.pause(0.02)


async def test_the_frame_says_replay_and_keys_send_nothing(app: ReplayApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "REPLAY" in frame_text(app))
        assert "of 0:29" in frame_text(app)
        assert "PAPER" not in frame_text(app)
        await pilot.press("b")
        await until(pilot, lambda: any("this is a replay. Nothing was sent" in text for text in said(app)))


async def test_space_holds_the_time_and_lets_it_go(app: ReplayApp) -> None:
    player = app._replay.player
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: player.position_ms > 2_050)
        await pilot.press("space")
        await until(pilot, lambda: "paused" in frame_text(app))
        held_ms = player.position_ms
        await pilot.pause(0.15)
        assert player.position_ms == held_ms
        await pilot.press("full_stop")
        await until(pilot, lambda: player.position_ms > held_ms)
        assert player.position_ms % 1_000 == 0, "at the next frame, a second later"
        await pilot.press("space")
        stepped_ms = player.position_ms
        await until(pilot, lambda: player.position_ms > stepped_ms)


async def test_the_end_is_said_once_and_is_no_lost_link(app: ReplayApp) -> None:
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        for _ in range(9):
            await pilot.press("greater_than_sign")
        assert app._replay.speed == 100.0
        await until(pilot, lambda: "END" in frame_text(app))
        await pilot.pause(0.2)
        assert sum("The recording ends here: stopped" in text for text in said(app)) == 1
        assert "DOWN" not in frame_text(app)
        await pilot.press("less_than_sign")
        assert app._replay.speed == 30.0
        await pilot.press("q")
    assert app._exit


async def test_a_desk_that_breaks_ends_the_app_with_its_error(tmp_path: Path) -> None:
    tape = Tape()
    tape.act(0, acted.Began(10.0, lasting=False))
    tape.row(Note(T0 + 100, acted.NOTE, "{}"))
    with Player(tape.write(tmp_path / "a")) as player:
        app = ReplayApp(ReplayDesk(player, of="paper", speed=100.0), Settings())
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app.failure is not None)
        assert "cannot be read" in str(app.failure)
