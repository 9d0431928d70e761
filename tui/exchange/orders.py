"""What an order is, as an immutable value: every change makes a new one.

The same value is the engine's record, the ``old``/``new`` of an order event and what a query returns, so
an event can never be altered by what happens after it. Invariant: ``0 <= filled <= quantity``.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

BUY: Final = "buy"
SELL: Final = "sell"
TRIGGER_TYPES: Final = frozenset({"stp", "take_profit", "trailing_stop"})
ORDER_TYPES: Final = frozenset({"lmt", "post", "ioc", "mkt", "fok"}) | TRIGGER_TYPES
IMMEDIATE_TYPES: Final = frozenset({"ioc", "mkt", "fok"})
PERCENT: Final = "PERCENT"
QUOTE_CURRENCY: Final = "QUOTE_CURRENCY"


def sign_of(side: str) -> int:
    """+1 for buy, -1 for sell."""
    return 1 if side == BUY else -1


def opposite(side: str) -> str:
    return SELL if side == BUY else BUY


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance from a price: ``value`` in ``unit`` (``PERCENT`` of the price or ``QUOTE_CURRENCY``)."""

    value: Decimal
    unit: str

    def from_price(self, price: Decimal) -> Decimal:
        """The absolute distance at ``price``; keeps the sign of ``value``."""
        return price * self.value / 100 if self.unit == PERCENT else self.value


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a stop, take-profit or trailing stop wakes.

    ``side`` is ``above`` or ``below``: the signal must reach ``price`` from the other side. ``signal`` is
    ``mark``, ``index`` or ``last``. ``trailing`` is set for trailing stops, whose ``price`` then moves;
    ``limit_offset`` sets the child's limit price relative to the trigger price at activation.
    """

    price: Decimal
    side: str
    signal: str
    trailing: Offset | None = None
    limit_offset: Offset | None = None

    def reached(self, signal_price: Decimal) -> bool:
        return signal_price >= self.price if self.side == "above" else signal_price <= self.price


@dataclass(frozen=True, slots=True)
class Order:
    """One order of the account. Sizes in contracts, prices in USD, times in ms since the epoch, UTC.

    ``order_type`` is the word of the request (``lmt post mkt ioc fok stp take_profit trailing_stop``); a
    market order carries its protective ``limit_price``. A stop's child has the type ``lmt`` or ``mkt``, a
    new ``order_id``, the same ``cli_ord_id`` and the trigger's id in ``parent_id``. The exchange's own
    liquidation orders have the type ``liquidation``. ``max_fixed_leverage`` is set while isolated.
    """

    order_id: str
    cli_ord_id: str | None
    symbol: str
    side: str
    order_type: str
    quantity: Decimal
    filled: Decimal
    limit_price: Decimal | None
    reduce_only: bool
    created_ms: int
    updated_ms: int
    trigger: Trigger | None = None
    parent_id: str | None = None
    max_fixed_leverage: Decimal | None = None

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def is_trigger(self) -> bool:
        return self.trigger is not None

    @property
    def child_type(self) -> str:
        """The word order events use for a trigger: the type of the order it will send (``lmt``/``ioc``)."""
        if self.trigger is None:
            return self.order_type
        return "lmt" if self.limit_price is not None or self.trigger.limit_offset is not None else "ioc"
