"""Which faults strike, and when."""

from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.test_faults import dial
from tui.exchange import faults
from tui.exchange.faults import Fault
from tui.exchange.mishaps import Mishaps
from tui.wire.derivatives.routes import Access


def names(struck: list[Fault]) -> list[str]:
    return [str(fault.__struct_config__.tag) for fault in struck]


def test_groups_and_names_choose_the_call() -> None:
    mishaps = Mishaps(
        dial(
            {"kind": "late_answer", "on": "sendorder"},
            {"kind": "lost_answer", "on": "acts"},
            {"kind": "rate_limit", "on": "reads"},
            {"kind": "maintenance", "on": "public"},
            {"kind": "nonce"},
            {"kind": "skip_frame"},
        ),
        0.0,
    )
    assert names(mishaps.on_call("sendorder", Access.FULL, 0)) == ["late_answer", "lost_answer", "nonce"]
    assert names(mishaps.on_call("openorders", Access.READ, 0)) == ["rate_limit", "nonce"]
    assert names(mishaps.on_call("tickers", Access.PUBLIC, 0)) == ["maintenance"]


def test_groups_and_names_choose_the_frame() -> None:
    mishaps = Mishaps(
        dial(
            {"kind": "skip_frame", "on": "private"},
            {"kind": "duplicate_frame", "on": "book"},
            {"kind": "late_snapshot"},
            {"kind": "exponents"},
            {"kind": "lost_answer"},
        ),
        0.0,
    )
    assert names(mishaps.on_frame("fills", 0, snapshot=False)) == ["skip_frame", "exponents"]
    assert names(mishaps.on_frame("book", 0, snapshot=True)) == ["duplicate_frame", "late_snapshot", "exponents"]
    assert names(mishaps.on_frame("info", 0, snapshot=False)) == ["exponents"]


def test_a_schedule_begins_ends_and_begins_again() -> None:
    mishaps = Mishaps(dial({"kind": "lost_answer", "start_s": 10, "for_s": 5, "every_s": 20}), 100.0)
    active = [second for second in range(60) if mishaps.on_call("fills", Access.READ, 100.0 + second)]
    assert active == [10, 11, 12, 13, 14, 30, 31, 32, 33, 34, 50, 51, 52, 53, 54]


def test_a_fault_is_used_up_after_its_times() -> None:
    mishaps = Mishaps(dial({"kind": "lost_answer", "times": 2}), 0.0)
    assert [len(mishaps.on_call("fills", Access.READ, 0)) for _ in range(4)] == [1, 1, 0, 0]
    assert mishaps.struck == {0: 2}


@given(st.integers(0, 1_000), st.floats(0, 1))
def test_the_same_seed_strikes_the_same_way(seed: int, probability: float) -> None:
    one = faults.of_data({"seed": seed, "faults": [{"kind": "cut", "probability": probability}]})

    def drawn() -> list[int]:
        mishaps = Mishaps(one, 0.0)
        return [len(mishaps.on_frame("book", 0, snapshot=False)) for _ in range(50)]

    assert drawn() == drawn()


def test_chances_are_kept_about() -> None:
    mishaps = Mishaps(dial({"kind": "cut", "probability": 0.25}), 0.0)
    struck = sum(len(mishaps.on_frame("book", 0, snapshot=False)) for _ in range(4_000))
    assert 900 < struck < 1_100


def test_travelling_takes_at_least_so_long_and_on_average_the_tail_more() -> None:
    mishaps = Mishaps(dial(), 0.0)
    assert mishaps.delay_s(200, 0) == 0.2
    times = [mishaps.delay_s(200, 100) for _ in range(2_000)]
    assert min(times) >= 0.2
    assert 0.28 < sum(times) / len(times) < 0.32


def test_clocks_are_wrong_in_season() -> None:
    mishaps = Mishaps(
        dial({"kind": "clock_skew", "ms": 500, "for_s": 10}, {"kind": "clock_skew", "ms": -3, "told_only": True}), 0.0
    )
    assert (mishaps.clock_skew_ms(5), mishaps.told_skew_ms(5)) == (500, -3)
    assert (mishaps.clock_skew_ms(10), mishaps.told_skew_ms(10)) == (0, -3)


def test_post_only_follows_a_maintenance() -> None:
    mishaps = Mishaps(dial({"kind": "maintenance", "start_s": 2, "for_s": 3, "post_only_s": 4}), 0.0)
    assert [second for second in range(15) if mishaps.is_post_only(second)] == [5, 6, 7, 8]
