"""Waiting times that grow, with jitter and a floor, so that many clients do not knock at once."""

from __future__ import annotations

import random

FLOOR_S = 0.25


class Backoff:
    """Delays between half of a doubling limit and the limit itself, never below the floor."""

    def __init__(self, rng: random.Random, first_s: float = 0.5, longest_s: float = 15.0) -> None:
        self._rng = rng
        self._first_s = first_s
        self._longest_s = longest_s
        self._attempts = 0

    def next_s(self) -> float:
        limit = min(self._longest_s, self._first_s * (1 << min(self._attempts, 16)))
        self._attempts += 1
        return max(FLOOR_S, limit * self._rng.uniform(0.5, 1.0))

    def reset(self) -> None:
        self._attempts = 0
