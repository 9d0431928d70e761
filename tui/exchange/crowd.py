"""Everybody else: the makers who quote around a moving fair value and the takers who hit the book.

They trade in the same book by the same rules as the account, so the account's fills come from real queues.
Depth grows away from the touch and stands on price lattices, so that a small move of the fair value changes few levels.
When the market is hot makers stand further apart and with less; what was taken comes back over seconds, not at once.
Takers work large orders in pieces, so that buying follows buying for a while, and like round sizes.
Invariant: the crowd never quotes through its own other side, and never pulls the account's orders.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from tui.exchange.book import BookSide
from tui.exchange.market import Market
from tui.exchange.orders import BUY, SELL, opposite

Take = Callable[[str, int, int], None]
"""``take(side, lots, limit_tick)``: the crowd sends an immediate order."""

_BANDS: Final = ((10, 1, 1.0), (8, 4, 2.0), (8, 16, 4.0), (6, 50, 9.0))
"""Levels, spacing in lattice units and size factor of each band away from the touch."""
_JIGGLED_LEVELS: Final = 2
_BASIS_HALF_LIFE_S: Final = 1_200.0
_PRESSURE_HALF_LIFE_S: Final = 15.0
_SIZE_SPREAD: Final = 0.6
_CALM: Final = 1.2
"""Heat up to which makers quote as on any day."""
_WIDENING: Final = 2.0
"""Spread added for each unit of heat beyond, in lattice units."""
_WORN_HALF_LIFE_S: Final = 4.0
_WORN_USD_LEVELS: Final = 12.0
"""A side is worn out once this many touch levels of it were taken."""
_THINNEST: Final = 0.15
_PARENT_SHAPE: Final = 1.4
_LONGEST_PARENT: Final = 80
"""Bursts of one large order: a power law, cut (measured on many markets: the signs of trades have a long memory)."""
_ROUND_SHARE: Final = 0.4


@dataclass(frozen=True, slots=True)
class Profile:
    """How busy a contract is: ``bursts_per_s`` of trading, milliseconds between quotes, USD at a touch
    level, median USD of a trade, lattice spacing in basis points, spreads in ticks.
    """

    bursts_per_s: float
    quote_ms: int
    level_usd: float
    trade_usd: float
    spacing_bp: float = 0.25
    spreads: tuple[int, ...] = (1, 1, 1, 1, 2, 2, 3)


_DATED: Final = Profile(0.04, 1500, 6_000, 1_500, 0.5, (2, 3, 4, 6))
PROFILES: Final = {
    "PF_XBTUSD": Profile(2.2, 250, 12_000, 900),
    "PF_ETHUSD": Profile(0.9, 350, 9_000, 700),
    "PF_SOLUSD": Profile(0.5, 500, 5_000, 400, 0.4),
    "PF_XRPUSD": Profile(0.4, 500, 4_000, 350, 0.4),
    "PF_DOGEUSD": Profile(0.25, 700, 3_000, 250, 0.6),
    "PF_ADAUSD": Profile(0.15, 900, 2_500, 200, 0.6),
    "PF_LINKUSD": Profile(0.12, 900, 2_500, 200, 0.7),
    "PF_BCHUSD": Profile(0.10, 1000, 2_000, 200, 1.0),
    "PF_ZECUSD": Profile(0.15, 1000, 2_000, 250, 1.0),
    "PI_XBTUSD": Profile(0.15, 900, 8_000, 1_500, 0.5, (2, 3, 4, 6)),
    "PI_ETHUSD": Profile(0.08, 1200, 4_000, 800, 0.6, (1, 2, 3, 4)),
}


class Crowd:
    """The crowd of one market. Times are ms; the owner calls ``quote`` and ``trade`` when they are due."""

    def __init__(self, market: Market, rng: Random, activity: float, now_ms: int) -> None:
        self.market = market
        self.profile = PROFILES.get(market.instrument.symbol, _DATED)
        self._rng = rng
        self._activity = activity
        self.next_quote_ms = now_ms + rng.randrange(self.profile.quote_ms)
        self.next_trade_ms = now_ms
        self.basis = self._basis_mean(now_ms)
        self._quoted_ms = now_ms
        self._pressure_bp = 0.0
        self._worn = {BUY: 0.0, SELL: 0.0}
        self._heat = 1.0
        self._side = BUY
        self._bursts_left = 0
        self._spread = 1
        self.schedule_trade(now_ms, 1.0)

    # --- fair value --------------------------------------------------------------------------------------

    def _basis_mean(self, now_ms: int) -> float:
        days = self.market.days_to_maturity(now_ms)
        return 0.8e-4 if days is None else 0.05 * days / 365

    def _drift(self, now_ms: int) -> None:
        elapsed = min((now_ms - self._quoted_ms) / 1000, _BASIS_HALF_LIFE_S)
        self._quoted_ms = now_ms
        keep = 0.5 ** (elapsed / _BASIS_HALF_LIFE_S)
        mean = self._basis_mean(now_ms)
        self.basis = mean + (self.basis - mean) * keep + self._rng.gauss(0.0, 1.5e-4) * math.sqrt(1 - keep * keep)
        self._pressure_bp *= 0.5 ** (elapsed / _PRESSURE_HALF_LIFE_S)
        for side in self._worn:
            self._worn[side] *= 0.5 ** (elapsed / _WORN_HALF_LIFE_S)

    def fair_ticks(self, spot: float) -> float:
        """Fair value in ticks: spot, basis and the pressure of recent trading."""
        return spot * (1 + self.basis + self._pressure_bp * 1e-4) / self.market.tick

    def feel(self, side: str, usd: float) -> None:
        """Somebody took ``usd`` from the book: quotes lean away for a while."""
        push = min(usd / (50 * self.profile.level_usd), 20.0)
        self._pressure_bp += push if side == BUY else -push
        self._wear(side, usd)

    def _wear(self, taker_side: str, usd: float) -> None:
        side = opposite(taker_side)
        self._worn[side] = min(1.0, self._worn[side] + usd / (_WORN_USD_LEVELS * self.profile.level_usd))

    # --- makers ------------------------------------------------------------------------------------------

    def quote(self, spot: float, now_ms: int, take: Take, heat: float = 1.0) -> None:
        """Move the quotes to the present fair value; the account's orders left on the wrong side trade. ``heat`` is
        volatility relative to an ordinary day's.
        """
        rng = self._rng
        self._drift(now_ms)
        self._heat = heat
        if rng.random() < 0.3:
            self._spread = rng.choice(self.profile.spreads)
        fair = self.fair_ticks(spot)
        spread = self._spread + round(_WIDENING * max(0.0, heat - _CALM) * self.profile.spacing_bp * 1e-4 * fair)
        bid = max(1, math.floor(fair - (spread - 1) / 2))
        ask = bid + spread
        book = self.market.book
        self._withdraw(book.bids, bid)
        self._withdraw(book.asks, ask)
        self._run_over(BUY, bid, take)
        self._run_over(SELL, ask, take)
        unit = max(1, round(self.profile.spacing_bp * 1e-4 * fair))
        self._fill_side(book.bids, bid, unit)
        self._fill_side(book.asks, ask, unit)
        self.next_quote_ms = now_ms + rng.randrange(self.profile.quote_ms // 2, self.profile.quote_ms * 3 // 2)

    @staticmethod
    def _withdraw(side: BookSide, touch: int) -> None:
        """Take the crowd's quotes better than ``touch`` away."""
        limit = touch * side.sign
        for key in [key for key in reversed(side.keys) if key > limit]:
            side.set_crowd(key * side.sign, 0)

    def _run_over(self, side: str, limit_tick: int, take: Take) -> None:
        """Trade with what the account left beyond the new touch."""
        against = self.market.book.against(side)
        lots = 0
        for tick in against.ticks():
            if tick > limit_tick if side == BUY else tick < limit_tick:
                break
            lots += against.total(tick)
        if lots:
            take(side, lots, limit_tick)

    def _fill_side(self, side: BookSide, touch: int, unit: int) -> None:
        """Complete one side down its lattices, drop what has fallen off them, vary a few levels."""
        wanted = _lattice(touch * side.sign, unit)
        sign = side.sign
        for key in [key for key in side.keys if key not in wanted]:
            side.set_crowd(key * sign, 0)
        fresh = self._freshness(side)
        for key, factor in wanted.items():
            if not side.crowd(key * sign):
                side.set_crowd(key * sign, self._lots(factor * fresh))
        keys = list(wanted)
        for _ in range(_JIGGLED_LEVELS):
            key = keys[min(int(self._rng.expovariate(0.15)), len(keys) - 1)]
            side.set_crowd(key * sign, self._lots(wanted[key] * fresh))

    def _freshness(self, side: BookSide) -> float:
        """Size of new quotes relative to an ordinary day's."""
        worn = self._worn[BUY if side.sign > 0 else SELL]
        return max(_THINNEST, 1 - worn) / math.pow(max(1.0, self._heat / _CALM), 0.7)

    def _lots(self, factor: float) -> int:
        usd = self.profile.level_usd * factor * self._rng.lognormvariate(0.0, _SIZE_SPREAD)
        return self._usd_to_lots(usd)

    def _usd_to_lots(self, usd: float) -> int:
        price = 1.0 if self.market.instrument.inverse else float(self.market.last)
        return max(1, round(usd / price / self.market.lot))

    # --- takers ------------------------------------------------------------------------------------------

    def schedule_trade(self, now_ms: int, heat: float) -> None:
        rate = self.profile.bursts_per_s * self._activity * heat
        wait_s = self._rng.expovariate(rate) if rate > 0 else math.inf
        self.next_trade_ms = now_ms + max(1, int(min(wait_s, 1e6) * 1000))

    def trade(self, take: Take) -> None:
        """One burst: a few immediate orders of one side, seldom through more than a few levels."""
        rng = self._rng
        if not self._bursts_left:
            self._side = rng.choice((BUY, SELL))
            self._bursts_left = min(int(rng.paretovariate(_PARENT_SHAPE)), _LONGEST_PARENT)
        self._bursts_left -= 1
        reach = max(2, round(3 * self.profile.spacing_bp * 1e-4 * float(self.market.last) / self.market.tick))
        for _ in range(1 + min(int(rng.expovariate(1.0)), 4)):
            best = self.market.book.against(self._side).best
            if best is None:
                return
            usd = self.profile.trade_usd * rng.lognormvariate(0.0, 1.3)
            self._wear(self._side, usd)
            lots = self._usd_to_lots(usd)
            if rng.random() < _ROUND_SHARE:
                lots = _rounded(lots)
            take(self._side, lots, best + reach if self._side == BUY else max(1, best - reach))


def _rounded(lots: int) -> int:
    """The nearest of 1, 2, 5, 10, 20, 50 ..., as people type them."""
    power = int("1" + "0" * (len(str(lots)) - 1))
    return min((power, 2 * power, 5 * power, 10 * power), key=lambda size: abs(size - lots))


def _lattice(touch: int, unit: int) -> dict[int, float]:
    """Book keys to quote from ``touch`` down, with their size factors."""
    wanted = {touch: 0.7}
    key, depth = touch, 1
    for levels, spacing, factor in _BANDS:
        step = unit * spacing
        for _ in range(levels):
            key = (key - 1) // step * step
            wanted[key] = factor * (1 + 0.12 * depth)
            depth += 1
    return wanted
