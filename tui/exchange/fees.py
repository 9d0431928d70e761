"""What a fill costs: notional at the fill price times the maker or taker rate.

Sources: the venue's fee pages; rounding of inverse fees from five live fills of 2021, each of which equals
``size / price * rate`` rounded up to 1e-11 coin. Invariant: a fee depends on the fill alone, not on PnL.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_CEILING, Decimal

from tui.exchange.positions import value_at
from tui.exchange.views import FeeTier

_COIN_STEP = Decimal("1e-11")
_DAY_MS = 86_400_000
_WINDOW_DAYS = 30


def fee(*, inverse: bool, size: Decimal, price: Decimal, rate: Decimal) -> Decimal:
    """Positive = paid. USD for linear, coin for inverse (rounded up to 1e-11)."""
    amount = value_at(inverse=inverse, size=size, price=price) * rate
    return amount.quantize(_COIN_STEP, ROUND_CEILING) if inverse else amount


def tier_for(tiers: Sequence[FeeTier], volume_usd: Decimal) -> FeeTier:
    """The last tier whose threshold the 30-day volume has reached."""
    reached = [tier for tier in tiers if volume_usd >= tier.usd_volume]
    return reached[-1] if reached else tiers[0]


class Turnover:
    """USD traded per UTC day over the last 30 days."""

    def __init__(self, days: Iterable[tuple[int, Decimal]] = ()) -> None:
        self._days = dict(days)

    def add(self, now_ms: int, usd: Decimal) -> None:
        today = now_ms // _DAY_MS
        self._days[today] = self._days.get(today, Decimal(0)) + usd
        self._days = {day: amount for day, amount in self._days.items() if day > today - _WINDOW_DAYS}

    def total(self, now_ms: int) -> Decimal:
        oldest = now_ms // _DAY_MS - _WINDOW_DAYS
        return sum((amount for day, amount in self._days.items() if day > oldest), Decimal(0))

    def days(self) -> tuple[tuple[int, Decimal], ...]:
        """Plain rows, to be kept."""
        return tuple(self._days.items())
