from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tui.client.derivatives.backoff import FLOOR_S, Backoff
from tui.client.derivatives.limiter import CANCEL_RESERVE, ORDER_RESERVE, Limiter, Priority
from tui.wire.derivatives.routes import Pool

D, H = Pool.DERIVATIVES, Pool.HISTORY


def drained(now_ms: int = 0) -> Limiter:
    limiter = Limiter()
    while limiter.take(D, 5, now_ms) == 0:
        pass
    return limiter


def test_reads_leave_something_to_orders_and_both_to_cancels() -> None:
    limiter = drained()
    assert limiter.budget(0).available == CANCEL_RESERVE + ORDER_RESERVE
    for _ in range(ORDER_RESERVE // 10):
        assert limiter.take(D, 10, 0, Priority.ORDER) == 0
    assert limiter.budget(0).available == CANCEL_RESERVE
    assert limiter.take(D, 10, 0, Priority.ORDER) == 200
    for _ in range(CANCEL_RESERVE):
        assert limiter.take(D, 10, 0, Priority.CANCEL) == 0
    assert limiter.budget(0).available == 0


def test_the_pool_refills_evenly_and_the_wait_is_exact() -> None:
    limiter = drained()
    wait_ms = limiter.take(D, 10, 0)
    assert wait_ms == 200  # 50 tokens a second
    assert limiter.take(D, 10, wait_ms - 1) > 0
    assert limiter.take(D, 10, wait_ms) == 0
    assert limiter.budget(60_000).available == 500


def test_public_calls_cost_nothing_and_the_pools_are_apart() -> None:
    limiter = drained()
    assert limiter.take(Pool.NONE, 0, 0) == 0
    assert limiter.take(H, 100, 0) == 0
    assert limiter.take(H, 1, 0) == 6_000  # 100 tokens in ten minutes


def test_a_refusal_with_a_time_is_honoured_by_all_but_cancels() -> None:
    limiter = Limiter()
    assert limiter.refused(D, 1_000, retry_after_s=2.5) == 2_500
    budget = limiter.budget(1_001)
    assert budget.available == 0
    assert budget.wait_until_ms == 3_500
    assert budget.reason
    assert limiter.take(D, 2, 3_499) > 0
    assert limiter.take(D, 2, 3_499, Priority.ORDER) > 0
    assert limiter.take(D, 25, 1_001, Priority.CANCEL) == 0
    assert limiter.take(D, 2, 6_000) == 0
    assert limiter.budget(6_000).wait_until_ms is None


def test_a_refusal_without_a_time_waits_longer_each_time_until_an_answer_comes() -> None:
    limiter = Limiter()
    waits = [limiter.refused(D, now) for now in (0, 1_000, 3_000, 7_000, 15_000, 31_000)]
    assert waits == [1_000, 2_000, 4_000, 8_000, 16_000, 16_000]
    limiter.answered(D)
    assert limiter.refused(D, 100_000) == 1_000


@given(
    st.lists(
        st.tuples(st.integers(-2_000, 2_000), st.sampled_from([1, 2, 10, 25]), st.sampled_from(Priority)), max_size=80
    )
)
def test_the_count_never_leaves_its_bounds_even_if_time_jumps(steps: list[tuple[int, int, Priority]]) -> None:
    limiter, now = Limiter(), 10_000
    for elapsed, cost, priority in steps:
        now += elapsed
        before = limiter.budget(now).available
        wait = limiter.take(D, cost, now, priority)
        after = limiter.budget(now).available
        assert 0 <= after <= 500
        assert wait == 0 or (after == before and priority is not Priority.CANCEL)


def test_backoff_grows_with_jitter_between_a_floor_and_a_ceiling() -> None:
    backoff = Backoff(random.Random(7), first_s=0.5, longest_s=15.0)
    delays = [backoff.next_s() for _ in range(20)]
    assert all(FLOOR_S <= delay <= 15.0 for delay in delays)
    assert delays[0] <= 0.5
    assert delays[-1] >= 7.5
    assert len(set(delays)) > 10
    backoff.reset()
    assert backoff.next_s() <= 0.5
