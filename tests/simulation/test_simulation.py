"""Worlds of the simulation end as they should, and every seed is one world. More of them: ``tests.simulation.run``."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.simulation.faults import NONE
from tests.simulation.run import one
from tests.simulation.world import run

WORLDS = int(os.environ.get("KFTUI_WORLDS", "200"))
SHARD = 50


@pytest.mark.parametrize("first", range(0, WORLDS, SHARD))
def test_whatever_goes_wrong_the_desk_ends_in_the_exchanges_truth(first: int) -> None:
    """In a process of their own, which fixes the hash order: the same worlds at every run."""
    seeds = f"{first}-{min(first + SHARD, WORLDS) - 1}"
    command = [sys.executable, "-m", "tests.simulation", "--seeds", seeds, "--jobs", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_where_nothing_goes_wrong_nothing_is_wrong() -> None:
    results = [run(seed, NONE) for seed in range(20)]
    assert [result.complaints for result in results] == [[]] * 20
    assert sum(result.fills for result in results) > 20, "the worlds are alive"


@pytest.mark.parametrize("seed", [3, 8, 17, 64])
def test_a_seed_is_one_world(seed: int) -> None:
    first, second = one(seed), one(seed)
    assert first.digest == second.digest
    assert first == second
