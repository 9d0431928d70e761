"""A contract and its rules, as read from the venue at start. Nothing about a contract is hard-coded."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.decimals import ceil_to, floor_to, on_grid, places
from tui.model.enums import ContractKind, Side


class MarginTier(Struct, frozen=True):
    """One rung of a progressive ladder.

    ``threshold``: where it begins, in USD notional (linear) or contracts, which are USD too (inverse).
    ``initial`` and ``maintenance``: fractions of the part of the position inside the rung.
    """

    threshold: Decimal
    initial: Decimal
    maintenance: Decimal


class Instrument(Struct, frozen=True):
    """``lot_step`` and ``max_position`` are contracts (coin for linear, USD for inverse); ``tick_size`` USD.

    ``base`` is the coin's name as wallets spell it. ``expiry_ms`` is None for a perpetual.
    ``initial_multiplier`` is the extreme-volatility factor on initial margin, 1 in normal times.
    """

    symbol: str
    kind: ContractKind
    base: str
    quote: str
    tick_size: Decimal
    lot_step: Decimal
    tiers: tuple[MarginTier, ...]
    contract_size: Decimal = Decimal(1)
    max_position: Decimal | None = None
    expiry_ms: int | None = None
    tradeable: bool = True
    post_only: bool = False
    initial_multiplier: Decimal = Decimal(1)

    @property
    def is_inverse(self) -> bool:
        return self.kind is ContractKind.INVERSE

    @property
    def is_perpetual(self) -> bool:
        return self.expiry_ms is None

    @property
    def settlement_currency(self) -> str:
        """Currency of PnL, fees and margin: the coin for inverse, the quote currency for linear."""
        return self.base if self.is_inverse else self.quote

    @property
    def price_places(self) -> int:
        return places(self.tick_size)

    @property
    def size_places(self) -> int:
        return places(self.lot_step)

    def price_on_tick(self, price: Decimal) -> bool:
        return price > 0 and on_grid(price, self.tick_size)

    def size_on_lot(self, size: Decimal) -> bool:
        return size > 0 and on_grid(size, self.lot_step)

    def passive_price(self, side: Side, price: Decimal) -> Decimal:
        """``price`` moved to the grid in the direction that crosses less: down for a buy, up for a sell."""
        return floor_to(price, self.tick_size) if side is Side.BUY else ceil_to(price, self.tick_size)

    def whole_lots(self, size: Decimal) -> Decimal:
        """``size`` rounded down to whole lots."""
        return floor_to(size, self.lot_step)

    def notional_usd(self, size: Decimal, price: Decimal) -> Decimal:
        """USD worth of ``size`` contracts at ``price``: an inverse contract is a USD already."""
        return size * self.contract_size if self.is_inverse else size * self.contract_size * price
