"""Local time goes on steadily, whatever is done to the wall clock."""

from __future__ import annotations

from tui.client.derivatives.clock import LocalTime, awake_or_asleep_ns

EPOCH_NS = 1_790_000_000_000_000_000


class Clocks:
    def __init__(self) -> None:
        self.wall, self.steady = EPOCH_NS, 77

    def wall_ns(self) -> int:
        return self.wall

    def steady_ns(self) -> int:
        return self.steady


def test_local_time_begins_at_the_wall_clock_and_follows_the_steady_one() -> None:
    clocks = Clocks()
    local = LocalTime(clocks.wall_ns, clocks.steady_ns)
    assert local() == EPOCH_NS
    clocks.steady += 5_000
    assert local() == EPOCH_NS + 5_000


def test_setting_the_wall_clock_does_not_move_local_time() -> None:
    clocks = Clocks()
    local = LocalTime(clocks.wall_ns, clocks.steady_ns)
    clocks.wall -= 3_600_000_000_000
    clocks.steady += 1
    assert local() == EPOCH_NS + 1


def test_the_systems_steady_clock_rises() -> None:
    assert awake_or_asleep_ns() <= awake_or_asleep_ns()
