"""Which currencies may stand as multi-collateral, what they are worth and what is taken off.

Haircuts and conversion spreads are given to the desk at run time (balances feed); these figures follow the
venue's tables of 2023 and the observed 2 % on bitcoin (2026-04). Invariant: a value is in USD, at the index.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final


@dataclass(frozen=True, slots=True)
class Terms:
    """Fractions: ``haircut`` off the value as margin, ``spread`` lost when converted to USD."""

    haircut: Decimal
    spread: Decimal


_CASH = Decimal("0.0005")
_COIN = Decimal("0.005")
TERMS: Final = {
    "USD": Terms(Decimal(0), Decimal(0)),
    "EUR": Terms(Decimal("0.01"), _CASH),
    "GBP": Terms(Decimal("0.01"), _CASH),
    "USDC": Terms(Decimal("0.01"), _CASH),
    "USDT": Terms(Decimal("0.05"), _CASH),
    "XBT": Terms(Decimal("0.02"), _COIN),
    "ETH": Terms(Decimal("0.03"), _COIN),
    "ADA": Terms(Decimal("0.05"), _COIN),
    "DOGE": Terms(Decimal("0.05"), _COIN),
    "SOL": Terms(Decimal("0.075"), _COIN),
    "XRP": Terms(Decimal("0.075"), _COIN),
    "LINK": Terms(Decimal("0.075"), _COIN),
    "BCH": Terms(Decimal("0.075"), _COIN),
    "ZEC": Terms(Decimal("0.2"), _COIN),
}
_FIXED_PRICES: Final = {
    "USD": Decimal(1),
    "USDC": Decimal(1),
    "USDT": Decimal(1),
    "EUR": Decimal("1.16"),
    "GBP": Decimal("1.32"),
}
COINS: Final = frozenset(TERMS) - frozenset(_FIXED_PRICES)
"""Currencies whose price is an index."""

PNL_CURRENCIES: Final = {"USD": "USD", "EUR": "EUR", "GBP": "GBP", "USDC": "USDC", "USDT": "USDT"} | {
    "BTC": "XBT",
    "XBT": "XBT",
    "ETH": "ETH",
}
"""What a PnL preference may say, and the wallet's spelling of it."""


def usd_price(currency: str, index: Callable[[str], Decimal]) -> Decimal:
    """USD per unit; ``index`` gives the index price of an underlying by its symbol spelling."""
    fixed = _FIXED_PRICES.get(currency)
    return index(currency) if fixed is None else fixed
