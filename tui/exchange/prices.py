"""Fair values of the underlyings: one correlated random walk with clustered volatility.

Each coin's log price follows a common factor and its own noise; a slow shared process raises and calms
volatility for minutes at a time, as real markets do. Seeded, so a run can be had again. Invariant: prices
stay positive and a step of ``dt`` costs the same however long ``dt`` is.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Final

_YEAR_S: Final = 365.25 * 86_400
_MAX_STEP_S: Final = 300.0
_MOOD_HALF_LIFE_S: Final = 900.0
_MOOD_SPREAD: Final = 0.5


@dataclass(frozen=True, slots=True)
class Coin:
    """``volatility`` per year; ``loading`` is its correlation with the common factor."""

    name: str
    start: float
    volatility: float
    loading: float


COINS: Final = (
    Coin("XBT", 87_959.9, 0.50, 0.95),
    Coin("ETH", 2_920.5, 0.75, 0.85),
    Coin("SOL", 138.09, 0.90, 0.80),
    Coin("XRP", 2.2373, 0.90, 0.70),
    Coin("DOGE", 0.1509, 1.00, 0.75),
    Coin("ADA", 0.4216, 0.95, 0.75),
    Coin("LINK", 12.95, 0.95, 0.75),
    Coin("BCH", 533.3, 0.85, 0.60),
    Coin("ZEC", 521.5, 1.20, 0.40),
)


class Spots:
    """Present fair value of every underlying, in USD."""

    def __init__(self, rng: Random, prices: dict[str, float] | None = None, mood: float = 0.0) -> None:
        self._rng = rng
        self.prices = {coin.name: coin.start for coin in COINS} | (prices or {})
        self.mood = mood

    @property
    def heat(self) -> float:
        """Present volatility relative to the long-run one."""
        return math.exp(self.mood - _MOOD_SPREAD**2)

    def step(self, elapsed_s: float) -> None:
        """Let ``elapsed_s`` pass (a long sleep counts as five minutes)."""
        elapsed = min(elapsed_s, _MAX_STEP_S)
        gauss = self._rng.gauss
        keep = 0.5 ** (elapsed / _MOOD_HALF_LIFE_S)
        self.mood = self.mood * keep + gauss(0.0, _MOOD_SPREAD) * math.sqrt(1 - keep * keep)
        common = gauss(0.0, 1.0)
        scale = self.heat * math.sqrt(elapsed / _YEAR_S)
        for coin in COINS:
            own = gauss(0.0, math.sqrt(1 - coin.loading**2))
            shock = coin.volatility * scale * (coin.loading * common + own)
            self.prices[coin.name] *= math.exp(shock - shock * shock / 2)

    def move(self, name: str, price: float) -> None:
        """Jump."""
        self.prices[name] = price
