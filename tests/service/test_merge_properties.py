"""However frames and answers interleave, the desk ends in the exchange's truth."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.service.model_exchange import ACTS, ModelExchange
from tui.service.tracked import Closure

steps = st.lists(st.tuples(st.integers(0, ACTS - 1), st.integers(0, 999)), min_size=1, max_size=100)


def live_through(acts: list[tuple[int, int]]) -> None:
    exchange = ModelExchange()
    for act, choice in acts:
        exchange.step(act, choice)
    exchange.settle()
    ledger = exchange.desk.ledger

    assert exchange.believed() == exchange.working()
    assert Counter(fill.fill_id for fill in ledger.fills.view()) == Counter(fill.fill_id for fill in exchange.fills)
    assert exchange.desk.sizes() == {symbol: size for symbol, size in exchange.sizes.items() if size}
    for order_id, truth in exchange.orders.items():
        tracked = ledger.orders.get(order_id)
        if tracked is not None:
            assert tracked.order.filled == truth.row.filled
            assert tracked.executed == truth.row.filled
            if tracked.closure is Closure.HARD:
                assert tracked.order.close_reason is truth.reason


@settings(max_examples=150, deadline=None)
@given(steps)
def test_any_interleaving_ends_in_the_truth(acts: list[tuple[int, int]]) -> None:
    live_through(acts)


def test_a_thousand_random_days_end_in_the_truth() -> None:
    """Plain random days reach deeper than those that a shrinker likes."""
    for seed in range(1000):
        dice = random.Random(seed)
        live_through([(dice.randrange(ACTS), dice.randrange(1000)) for _ in range(dice.randint(10, 150))])
