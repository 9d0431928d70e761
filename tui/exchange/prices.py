"""Fair values of the underlyings: correlated walks whose volatility comes in clusters, with a jump now and then.

Each coin's log price follows a common factor and its own noise. How hot the market is follows three moods, of hours, of
minutes and of seconds, so that calm and storm nest in each other; a jump, of all coins or of one, stirs the quickest
mood, and so a jump seldom comes alone. Over days the volatility is what the coin's figure says. Seeded, so a run can be
had again. Invariant: prices stay positive and a step of ``dt`` costs the same however long ``dt`` is.
"""

import math
from dataclasses import dataclass
from random import Random
from typing import Final

_YEAR_S: Final = 365.25 * 86_400
_MAX_STEP_S: Final = 300.0
_MOODS: Final = ((7_200.0, 0.40), (600.0, 0.35), (25.0, 0.45))
"""Half-life in seconds and spread (standard deviation of the log volatility), slowest first."""
_HOTTEST: Final = 8.0
_JUMPS_PER_S: Final = 4 / 3_600
_JUMP: Final = 10.0
"""Spread of a jump in standard deviations of a second."""
_JUMP_STIRS: Final = 0.9
_ALL_JUMP: Final = 0.5
"""Share of jumps that all coins make together."""
_DIFFUSION: Final = math.sqrt(1 - _JUMPS_PER_S * _JUMP**2)
"""What is left of a second's volatility for the walk beside the jumps."""


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
    """Present fair value of every underlying, in USD. ``mood`` is the slowest of the moods, the one worth keeping."""

    def __init__(self, rng: Random, prices: dict[str, float] | None = None, mood: float = 0.0) -> None:
        self._rng = rng
        self.prices = {coin.name: coin.start for coin in COINS} | (prices or {})
        self.mood = mood
        self._quick = [0.0 for _ in _MOODS[1:]]

    @property
    def heat(self) -> float:
        """Present volatility relative to the long-run one."""
        excess = self.mood + sum(self._quick) - sum(spread**2 for _, spread in _MOODS)
        return min(_HOTTEST, math.exp(excess))

    def step(self, elapsed_s: float) -> None:
        """Let ``elapsed_s`` pass (a long sleep counts as five minutes)."""
        elapsed = min(elapsed_s, _MAX_STEP_S)
        gauss = self._rng.gauss
        moods = [self.mood, *self._quick]
        for number, (half_life_s, spread) in enumerate(_MOODS):
            keep = 0.5 ** (elapsed / half_life_s)
            moods[number] = moods[number] * keep + gauss(0.0, spread) * math.sqrt(1 - keep * keep)
        self.mood, *self._quick = moods
        common = gauss(0.0, 1.0)
        scale = self.heat * _DIFFUSION * math.sqrt(elapsed / _YEAR_S)
        for coin in COINS:
            own = gauss(0.0, math.sqrt(1 - coin.loading**2))
            self._shock(coin, coin.volatility * scale * (coin.loading * common + own))
        self._jump(elapsed)

    def _jump(self, elapsed_s: float) -> None:
        """The hotter, the likelier; at most one in a step."""
        heat = self.heat
        if self._rng.random() >= 1 - math.exp(-_JUMPS_PER_S * heat * elapsed_s):
            return
        only = None if self._rng.random() < _ALL_JUMP else self._rng.choice(COINS)
        size = self._rng.gauss(0.0, _JUMP) / math.sqrt(_YEAR_S)
        for coin in COINS:
            if only is None or coin is only:
                self._shock(coin, size * coin.volatility * (coin.loading if only is None else 1.0))
        self._quick[-1] += _JUMP_STIRS

    def _shock(self, coin: Coin, shock: float) -> None:
        self.prices[coin.name] *= math.exp(shock - shock * shock / 2)

    def move(self, name: str, price: float) -> None:
        """Jump."""
        self.prices[name] = price
