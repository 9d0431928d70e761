"""What scripters get back where the model has no value for it: the answer to an order with its events, and the like."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.fill import Fill
from tui.model.instrument import MarginTier
from tui.model.order import Order


class OrderEvent(Struct, frozen=True):
    """One step the venue tells in its answer. ``type`` is PLACE, EXECUTION, EDIT, CANCEL or REJECT.

    For an EXECUTION ``size`` and ``price`` are the trade's; else the order's. ``reason``: plain words of a REJECT.
    """

    type: str
    order_id: str | None
    client_order_id: str | None = None
    size: Decimal | None = None
    price: Decimal | None = None
    execution_id: str | None = None
    reason: str | None = None


class OrderResult(Struct, frozen=True):
    """A send, edit or cancel that the venue carried out. ``filled`` is what it executed at once, in contracts.

    ``order`` is what works now, None if nothing rests. ``status`` is the venue's word.
    """

    status: str
    order_id: str | None
    client_order_id: str | None
    filled: Decimal
    order: Order | None
    fills: tuple[Fill, ...]
    events: tuple[OrderEvent, ...]
    server_ms: int | None


class AccountSummary(Struct, frozen=True):
    """One margin pool in short, amounts in ``currency``. ``margin_level_pct`` None without a position."""

    pool: str
    currency: str
    margin_level_pct: Decimal | None
    equity: Decimal
    available_margin: Decimal
    initial_margin: Decimal
    initial_margin_with_orders: Decimal | None
    maintenance_margin: Decimal
    unrealised_pnl: Decimal | None
    balance: Decimal


class MarginRequirements(Struct, frozen=True):
    """The progressive ladder of a contract; ``max_leverage`` is that of its first rung, ``isolated_leverage`` the cap
    set for it, None for cross.
    """

    symbol: str
    tiers: tuple[MarginTier, ...]
    max_leverage: Decimal | None
    isolated_leverage: Decimal | None
    initial_multiplier: Decimal


class FundingRate(Struct, frozen=True):
    """``rate`` is money per contract and hour, ``relative_rate`` a fraction per hour."""

    time_ms: int
    rate: Decimal
    relative_rate: Decimal | None
