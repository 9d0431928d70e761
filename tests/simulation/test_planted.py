"""The simulation is worth what it finds: each planted fault, within a few worlds."""

from __future__ import annotations

import pytest

from tests.simulation.planted import PLANTS, Plant
from tests.simulation.run import one
from tests.simulation.world import Result, run

WORLDS = 200


def _ended(seed: int, plant: Plant) -> Result:
    faults = PLANTS[plant]
    return one(seed) if faults is None else run(seed, faults)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_each_planted_fault_is_found(plant: Plant) -> None:
    with plant():
        for seed in range(WORLDS):
            if _ended(seed, plant).complaints:
                break
        else:
            pytest.fail(f"{WORLDS} worlds saw nothing wrong")
    assert _ended(seed, plant).complaints == [], "the world is sound without the fault"
