"""Margin pools and money: what the account holds, needs and has left."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.decimals import HUNDRED
from tui.model.enums import MarginMode


class Collateral(Struct, frozen=True):
    """One currency of a multi-collateral wallet. ``quantity`` and ``available`` in the currency itself; ``value`` and
    ``collateral_value`` (after haircut) in USD; ``haircut`` a fraction.
    """

    currency: str
    quantity: Decimal
    value: Decimal | None = None
    collateral_value: Decimal | None = None
    haircut: Decimal | None = None
    available: Decimal | None = None


class MarginPool(Struct, frozen=True):
    """What liquidates together: the cross part of the multi-collateral wallet, one isolated position, or one
    inverse wallet.

    All amounts in ``currency``. ``initial_margin`` is of positions only, ``initial_margin_with_orders`` adds working
    orders: the venue's REST and stream use the same word for different ones, this model does not.
    ``equity`` is margin equity (after haircuts, with unrealised PnL and funding).
    """

    name: str
    currency: str
    mode: MarginMode
    equity: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    available: Decimal
    balance: Decimal
    initial_margin_with_orders: Decimal | None = None
    unrealised_pnl: Decimal | None = None
    unrealised_funding: Decimal | None = None
    portfolio_value: Decimal | None = None
    effective_leverage: Decimal | None = None
    symbol: str | None = None  # the contract, for an isolated pool

    @property
    def level_pct(self) -> Decimal | None:
        """Margin level: equity / maintenance margin x 100. None without a position; 100 is where liquidation starts."""
        if self.maintenance_margin <= 0:
            return None
        return self.equity / self.maintenance_margin * HUNDRED


class Account(Struct, frozen=True):
    """The whole account at one venue time."""

    time_ms: int
    pools: tuple[MarginPool, ...] = ()
    collateral: tuple[Collateral, ...] = ()
    cash: tuple[tuple[str, Decimal], ...] = ()

    def pool(self, name: str) -> MarginPool | None:
        return next((pool for pool in self.pools if pool.name == name), None)


class LogEntry(Struct, frozen=True):
    """One row of the venue's account log. ``change`` in ``asset``."""

    entry_id: int
    time_ms: int
    info: str
    asset: str
    change: Decimal
    new_balance: Decimal
    symbol: str | None = None
    fee: Decimal | None = None
    realised_pnl: Decimal | None = None
    realised_funding: Decimal | None = None
    execution: str | None = None


class Notification(Struct, frozen=True):
    """A message the venue shows to all traders. ``priority`` is low, medium or high."""

    type: str
    priority: str
    note: str
    effective_ms: int | None = None


class KeyPermissions(Struct, frozen=True):
    """What a key may do: ``general`` and ``transfer`` are none, read or full."""

    general: str
    transfer: str
    account_id: str | None = None


class LeveragePreference(Struct, frozen=True):
    """``max_leverage`` None is cross; a number is isolated at that cap."""

    symbol: str
    max_leverage: Decimal | None
