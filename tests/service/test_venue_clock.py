"""When the venue's clock may be relied on, and when not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.service.build import T0
from tui.service.venue_clock import VenueClock


def test_nothing_is_known_until_the_venue_has_told_a_time() -> None:
    clock = VenueClock()
    clock.seen(T0 + 500, T0)
    assert clock.skew_ms is None
    assert not clock.is_steady(T0)


def test_an_answer_tells_the_time_of_half_its_way() -> None:
    clock = VenueClock()
    clock.told(T0 + 130, T0, T0 + 60)
    assert (clock.skew_ms, clock.is_steady(T0 + 60)) == (100, True)


@given(st.lists(st.tuples(st.integers(0, 1_900), st.integers(0, 100)), min_size=1, max_size=60))
def test_a_clock_that_is_only_far_away_is_steady(ways: list[tuple[int, int]]) -> None:
    """However long the ways there and back, the skew found is off by no more than half of them."""
    clock, now_ms, skew_ms = VenueClock(), T0, 123_456
    for there_ms, back_ms in ways:
        clock.told(now_ms + there_ms + skew_ms, now_ms, now_ms + there_ms + back_ms)
        now_ms += there_ms + back_ms
        clock.seen(now_ms - 40 + skew_ms, now_ms)
        assert clock.skew_ms is not None
        assert abs(clock.skew_ms - skew_ms) <= 1_000
        assert clock.is_steady(now_ms)
        now_ms += 5_000


@given(st.floats(1.05, 100), st.integers(50, 9_000))
def test_a_clock_that_runs_fast_is_doubted_and_followed(speed: float, frame_every_ms: int) -> None:
    clock = VenueClock()
    clock.told(T0, T0, T0)
    for elapsed_ms in range(frame_every_ms, 60_000, frame_every_ms):
        clock.seen(T0 + int(elapsed_ms * speed), T0 + elapsed_ms)
        assert clock.skew_ms == int(elapsed_ms * speed) - elapsed_ms
    assert not clock.is_steady(T0 + 60_000)


def test_a_clock_that_runs_slow_is_doubted_by_answers() -> None:
    clock = VenueClock()
    for elapsed_ms in (0, 10_000, 20_000):
        clock.told(T0 + elapsed_ms // 10, T0 + elapsed_ms - 10, T0 + elapsed_ms)
    assert not clock.is_steady(T0 + 20_000)


def test_a_jump_is_doubted_for_a_minute() -> None:
    clock = VenueClock()
    clock.told(T0, T0, T0)
    clock.told(T0 + 6_500, T0 + 5_000, T0 + 5_000)
    assert clock.skew_ms == 1_500
    assert not clock.is_steady(T0 + 64_999)
    assert clock.is_steady(T0 + 65_000)


def test_a_slow_drift_is_no_jump() -> None:
    clock = VenueClock()
    for second in range(0, 3_600, 10):
        now_ms = T0 + second * 1_000
        clock.told(now_ms + second, now_ms, now_ms)
        assert clock.is_steady(now_ms)
    assert clock.skew_ms == 3_590


def test_an_answer_that_travelled_long_changes_nothing() -> None:
    clock = VenueClock()
    clock.told(T0, T0, T0)
    clock.told(T0 + 100, T0, T0 + 8_000)
    assert clock.skew_ms == 0
    assert clock.is_steady(T0 + 8_000)
