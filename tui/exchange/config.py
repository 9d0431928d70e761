"""The engine's switches: what the venue leaves open, and where a paper account starts.

Invariant: a config is data alone; two engines with equal config and seed behave the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from tui.exchange.collateral import TERMS
from tui.exchange.views import FeeTier

WALLETS: Final = ("fi_xbtusd", "fi_ethusd")
_ALIASES: Final = {"BTC": "XBT"}
_LARGEST: Final = Decimal(10) ** 12


def _default_tiers() -> tuple[FeeTier, ...]:
    """30-day volume schedule of the venue's support pages until 2026-03, cut above $100M."""
    rows = (
        ("0", "0.0200", "0.0500"),
        ("5000000", "0.0175", "0.0450"),
        ("10000000", "0.0100", "0.0350"),
        ("20000000", "0.0075", "0.0300"),
        ("50000000", "0.0030", "0.0200"),
        ("100000000", "0.0000", "0.0125"),
    )
    return tuple(FeeTier(Decimal(volume), Decimal(maker) / 100, Decimal(taker) / 100) for volume, maker, taker in rows)


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """``flex`` and ``wallets`` are the starting balances of a fresh account (currency and wallet names as
    the venue spells them; unknown ones raise ``ValueError``); ``holding`` is the cash wallet. ``price_collar``
    refuses limit prices further through the mark than that fraction. ``activity`` scales how often the
    simulated crowd trades and quotes (0 = a still market). ``full_liquidation_at``: equity / maintenance at
    which partial steps end.
    """

    flex: dict[str, Decimal] = field(default_factory=lambda: {"USD": Decimal(50_000)})
    wallets: dict[str, Decimal] = field(default_factory=lambda: {"fi_xbtusd": Decimal("0.5"), "fi_ethusd": Decimal(5)})
    holding: dict[str, Decimal] = field(default_factory=dict)
    fee_tiers: tuple[FeeTier, ...] = field(default_factory=_default_tiers)
    market_protection: Decimal = Decimal("0.01")
    price_collar: Decimal | None = None
    max_open_orders: int = 500
    max_trailing_stops: int = 50
    max_small_orders: int | None = None
    small_order_usd: Decimal = Decimal(10)
    liquidation_fee: Decimal = Decimal(0)
    liquidation_step: Decimal = Decimal("0.1")
    liquidation_slippage: Decimal = Decimal("0.009")
    full_liquidation_at: Decimal = Decimal("0.25")
    extreme_volatility_multiplier: int = 1
    activity: float = 1.0
    warm_start_hours: int = 24

    def __post_init__(self) -> None:
        check_names(self.flex, self.wallets)


def check_balance(name: str, amount: Decimal) -> tuple[str, Decimal]:
    """A starting balance under the engine's name of its currency or wallet. Raises ``ValueError`` in plain words."""
    if not amount.is_finite() or not 0 <= amount <= _LARGEST:
        raise ValueError(f"{name}: {amount} is not between 0 and 10^12")
    if name.lower() in WALLETS:
        return name.lower(), amount
    currency = _ALIASES.get(name.upper(), name.upper())
    try:
        check_names([currency], [])
    except ValueError as error:
        raise ValueError(f"{error}, {', '.join(WALLETS)}") from None
    return currency, amount


def check_names(flex: Iterable[str], wallets: Iterable[str]) -> None:
    """Raises ``ValueError`` naming the first currency or wallet the exchange does not know."""
    for currency in flex:
        if currency not in TERMS:
            raise ValueError(f"{currency} is not a collateral currency; known are {', '.join(TERMS)}")
    for wallet in wallets:
        if wallet not in WALLETS:
            raise ValueError(f"{wallet} is not a wallet; known are {', '.join(WALLETS)}")
