from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.screens.pacer import EARLY_S, Pacer, PulseMeter

ASKS = st.lists(st.tuples(st.floats(0, 0.2), st.booleans()), max_size=60)


@given(ASKS)
def test_frames_are_never_closer_than_the_early_limit_and_no_ask_is_forgotten(asks: list[tuple[float, bool]]) -> None:
    pacer, now, due, frames = Pacer(20), 0.0, None, [-1.0]
    for wait, urgent in asks:
        now += wait
        if due is not None and due <= now:
            pacer.drawn(due)
            frames.append(due)
            due = None
        asked = pacer.ask(now, urgent=urgent)
        due = asked if asked is not None else due
        assert due is not None
        assert due <= max(now, frames[-1] + (EARLY_S if urgent else 0.05)) + 1e-9
    assert all(later - earlier >= EARLY_S - 1e-9 for earlier, later in pairwise(frames))


def test_a_plain_change_waits_for_the_frame_and_an_urgent_one_does_not() -> None:
    pacer = Pacer(20)
    assert pacer.ask(10.0, urgent=False) == 10.0
    pacer.drawn(10.0)
    assert pacer.ask(10.001, urgent=False) == pytest.approx(10.05)
    assert pacer.ask(10.002, urgent=True) == pytest.approx(10.004)
    assert pacer.ask(10.003, urgent=False) is None


def test_lateness_is_measured_against_what_was_asked() -> None:
    pacer = Pacer(20)
    pacer.ask(1.0, urgent=True)
    assert pacer.drawn(1.025) == pytest.approx(25)
    assert pacer.drawn(2.0) == 0.0


def test_a_late_tick_counts_as_a_late_loop() -> None:
    meter = PulseMeter()
    meter.tick(0.0, 1.0)
    meter.frame(3.0, 2.5)
    meter.frame(1.0, 2.0)
    pulse = meter.tick(2.0, 1.0)
    assert (pulse.frame_ms, pulse.loop_late_ms, pulse.frames_per_s) == (2.0, 1000.0, 1.0)
