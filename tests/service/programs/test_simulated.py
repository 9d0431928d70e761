"""A few of the simulated worlds with brackets; ``python -m tests.service.programs`` runs as many as wanted."""

from __future__ import annotations

import pytest

from tests.service.programs.simulated import run

WORLDS = 16


@pytest.mark.parametrize("seed", range(WORLDS))
def test_a_world_with_brackets_ends_as_it_should(seed: int) -> None:
    result, world = run(seed)
    assert result.complaints == [], f"seed {seed}"
    assert world.trader.plans or result.orders
