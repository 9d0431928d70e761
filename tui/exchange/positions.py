"""What a position is and how a fill changes it, linear and inverse.

Linear contracts average arithmetically and pay USD; inverse ones average harmonically (size-weighted) and
pay coin. Invariant: a reduction keeps the entry price, an increase realises nothing, a flip does both.
"""

from dataclasses import dataclass
from decimal import Decimal

ZERO = Decimal(0)
MONEY_STEP = Decimal("1e-14")


def money(amount: Decimal) -> Decimal:
    """Cash flows are kept to 1e-14 (USD or coin), so that balances add up exactly."""
    return amount.quantize(MONEY_STEP)


@dataclass(frozen=True, slots=True)
class Position:
    """``size`` is signed contracts, never 0 (flat = no position). ``funding`` is accrued and not yet
    realised, positive = to be received, in the contract's settlement currency.
    """

    symbol: str
    size: Decimal
    entry: Decimal
    funding: Decimal
    opened_ms: int


def average_entry(*, inverse: bool, size: Decimal, entry: Decimal, added: Decimal, price: Decimal) -> Decimal:
    """Average entry after adding ``added`` at ``price`` to ``size`` at ``entry`` (unsigned sizes)."""
    if inverse:
        return (size + added) / (size / entry + added / price)
    return (size * entry + added * price) / (size + added)


def profit(*, inverse: bool, size: Decimal, entry: Decimal, price: Decimal) -> Decimal:
    """Profit of signed ``size`` from ``entry`` to ``price``: USD for linear, coin for inverse."""
    if inverse:
        return size * (1 / entry - 1 / price)
    return size * (price - entry)


def value_at(*, inverse: bool, size: Decimal, price: Decimal) -> Decimal:
    """Unsigned notional in the settlement currency: USD for linear, coin for inverse."""
    return abs(size) / price if inverse else abs(size) * price


@dataclass(frozen=True, slots=True)
class PositionChange:
    """``position`` is None when flat; ``realized`` in the settlement currency, before fees."""

    position: Position | None
    realized: Decimal


def apply_fill(
    position: Position | None, symbol: str, change: Decimal, price: Decimal, *, inverse: bool, now_ms: int
) -> PositionChange:
    """The position after signed ``change`` contracts at ``price``. Accrued funding is the caller's to
    realise first; what is left of it stays with the position.
    """
    if position is None:
        return PositionChange(Position(symbol, change, price, ZERO, now_ms), ZERO)
    size, entry = position.size, position.entry
    if (size > 0) == (change > 0):
        entry = average_entry(inverse=inverse, size=abs(size), entry=entry, added=abs(change), price=price)
        grown = Position(symbol, size + change, entry, position.funding, position.opened_ms)
        return PositionChange(grown, ZERO)
    closed = size if abs(change) >= abs(size) else -change
    realized = profit(inverse=inverse, size=closed, entry=entry, price=price)
    left = size + change
    if left == 0:
        return PositionChange(None, realized)
    if (left > 0) == (size > 0):
        return PositionChange(Position(symbol, left, entry, position.funding, position.opened_ms), realized)
    return PositionChange(Position(symbol, left, price, position.funding, now_ms), realized)
