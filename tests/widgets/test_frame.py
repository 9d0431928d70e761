from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.scenes import DOWN, EMPTY, LIVE, RICH
from tests.scenes_market import NOW_MS
from tests.widgets.hosts import PanelApp, screen_text
from tui.model.enums import Environment
from tui.model.state import Age, DeadMan, Link, LinkStatus, RateBudget, Slice, Tape
from tui.model.view import KeyMode, View
from tui.widgets.frame import FrameRow, bar
from tui.widgets.ink import Ink


async def row(view: View, width: int = 200) -> str:
    async with PanelApp(FrameRow(), view).run_test(size=(width, 3)) as pilot:
        await pilot.pause()
        return screen_text(pilot.app)[0]


@pytest.mark.parametrize("width", [7, 20, 40, 80, 120, 200])
async def test_paper_or_live_is_always_there(width: int) -> None:
    assert "PAPER" in await row(RICH, width)
    assert "LIVE" in await row(LIVE, width)


@pytest.mark.parametrize("width", [9, 20, 40, 80, 120, 200])
async def test_so_is_replay_and_its_end(width: int) -> None:
    tape = Tape("live", 754_000, 3_600_000, 5.0)
    view = replace(RICH, state=replace(RICH.state, environment=Environment.REPLAY, replay=tape))
    running = await row(view, width)
    assert "REPLAY" in running
    assert "LIVE" not in running
    assert ("x5 12:34 of 1:00:00" in running) == (width >= 40)
    ended = await row(replace(view, state=replace(view.state, replay=replace(tape, ending="stopped"))), width)
    assert "END" in ended or width < 20
    paused = await row(replace(view, state=replace(view.state, replay=replace(tape, is_paused=True))), width)
    assert ("paused 12:34" in paused) == (width >= 40)


async def test_wide_it_says_everything() -> None:
    text = await row(RICH)
    for words in ("PF_XBTUSD", "87,959 ▲ +1.34 %", "mark 87,961.2", "index 87,955.8", "fund +0.0011 %/h 1:57"):
        assert words in text
    for words in ("confirm", "DMS 0:47", "ws 14 ms rest 3 s", "▮▮▮▯", "14:58:02"):
        assert words in text


async def test_no_figure_is_cut() -> None:
    async with PanelApp(FrameRow(), RICH).run_test(size=(200, 3)) as pilot:
        for width in range(200, 60, -7):
            await pilot.resize_terminal(width, 3)
            await pilot.pause()
            text = screen_text(pilot.app)[0]
            for figure in ("87,961.2", "87,955.8", "+0.0011 %/h", "14:58:02", "0:47"):
                assert figure in text or figure[:-2] not in text


async def test_a_lost_link_outlives_everything_but_the_environment() -> None:
    for width in (24, 40, 80, 200):
        assert "DOWN 12 s" in await row(DOWN, width)
        assert "PAPER" in await row(DOWN, width)
    assert "retry 3 s" in await row(DOWN, 80)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (Link(LinkStatus.CONNECTING), "CONNECTING"),
        (Link(LinkStatus.STALE, since_ms=NOW_MS - 3_000), "STALE 3 s"),
        (Link(LinkStatus.LIVE, last_frame_ms=NOW_MS - 9_000), "ws 9 s"),
    ],
)
async def test_the_link_in_words(link: Link, words: str) -> None:
    assert words in await row(replace(RICH, state=replace(RICH.state, link=link)))


async def test_the_rest_age_is_that_of_the_oldest_part() -> None:
    ages = {**RICH.state.ages, Slice.MARGIN: Age(NOW_MS, NOW_MS - 9_000)}
    assert "rest 9 s" in await row(replace(RICH, state=replace(RICH.state, ages=ages)))
    del ages[Slice.ORDERS]
    assert "rest -" in await row(replace(RICH, state=replace(RICH.state, ages=ages)))


async def test_a_wait_the_venue_asked_for_is_counted_down() -> None:
    assert "wait 8 s" in await row(DOWN)
    over = replace(RICH.state, budget=RateBudget(available=20, wait_until_ms=NOW_MS))
    assert "wait" not in await row(replace(RICH, state=over))


@pytest.mark.parametrize(
    ("mode", "words"),
    [(KeyMode("view"), "view"), (KeyMode("armed", NOW_MS + 42_000), "ARMED 0:42"), (KeyMode(), "confirm")],
)
async def test_the_key_mode(mode: KeyMode, words: str) -> None:
    assert words in await row(replace(RICH, mode=mode))


async def test_an_account_that_cannot_trade_says_so() -> None:
    assert "VIEW ONLY" in await row(replace(RICH, state=replace(RICH.state, can_trade=False)), 100)


async def test_the_dead_mans_switch_is_counted_down() -> None:
    assert "DMS off" in await row(EMPTY)
    assert "DMS 0:09 " in await row(replace(RICH, state=replace(RICH.state, dead_man=DeadMan(NOW_MS + 9_000))))
    doubtful = DeadMan(NOW_MS + 9_000, is_certain=False)
    assert "DMS 0:09?" in await row(replace(RICH, state=replace(RICH.state, dead_man=doubtful)))


@pytest.mark.parametrize(
    ("part", "drawn"), [(500, "▮▮▮▮"), (499, "▮▮▮▯"), (130, "▮▯▯▯"), (1, "▮▯▯▯"), (0, "▯▯▯▯"), (-5, "▯▯▯▯")]
)
def test_the_budget_bar_is_full_only_when_all_is_there_and_empty_only_when_nothing_is(part: int, drawn: str) -> None:
    text, ink = bar(part, 500, 4)
    assert text == drawn
    assert (ink is Ink.WARN) == (drawn.count("▮") <= 1)


@pytest.mark.parametrize("width", [40, 80, 200])
async def test_one_of_several_accounts_is_named(width: int) -> None:
    named = replace(LIVE, state=replace(LIVE.state, profile="work"))
    assert "LIVE  │ work" in await row(named, width)
    assert "work" not in await row(LIVE, width)
