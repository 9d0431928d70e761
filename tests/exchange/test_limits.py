import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.limits import Bucket, Budgets
from tui.wire.derivatives.routes import Budget, Pool


def test_a_bucket_empties_and_tells_how_long_to_wait() -> None:
    bucket = Bucket(Budget(500, 10), 0.0)
    assert [bucket.take(100, 0.0) for _ in range(5)] == [0.0] * 5
    assert bucket.take(10, 0.0) == pytest.approx(0.2)
    assert bucket.take(10, 0.1) == pytest.approx(0.1)
    assert bucket.take(10, 0.2) == 0.0


def test_it_never_holds_more_than_its_budget() -> None:
    bucket = Bucket(Budget(500, 10), 0.0)
    assert bucket.take(500, 1_000.0) == 0.0
    assert bucket.take(1, 1_000.0) > 0


def test_a_clock_that_stands_or_steps_back_gives_nothing() -> None:
    bucket = Bucket(Budget(10, 1), 5.0)
    assert bucket.take(10, 5.0) == 0.0
    assert bucket.take(1, 4.0) > 0
    assert bucket.take(1, 5.0) > 0


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 50)), max_size=60))
def test_no_more_is_taken_than_budget_and_refill_allow(calls: list[tuple[float, int]]) -> None:
    bucket = Bucket(Budget(100, 10), 0.0)
    now, taken = 0.0, 0
    for pause, cost in calls:
        now += pause
        if not bucket.take(cost, now):
            taken += cost
    assert taken <= 100 + now * 10 + 1e-6


def test_pools_are_apart_and_free_calls_are_free() -> None:
    budgets = Budgets(0.0)
    assert budgets.take(Pool.DERIVATIVES, 500, 0.0) == 0
    assert budgets.take(Pool.DERIVATIVES, 1, 0.0) > 0
    assert budgets.take(Pool.HISTORY, 100, 0.0) == 0
    assert budgets.take(Pool.HISTORY, 1, 0.0) == pytest.approx(6.0)
    assert budgets.take(Pool.NONE, 1_000_000, 0.0) == 0
