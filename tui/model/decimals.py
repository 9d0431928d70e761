"""Exact arithmetic on price and size grids.

Invariant: nothing here passes through float, and nothing rounds unless its name says which way.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, InvalidOperation

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


def parse_decimal(text: str) -> Decimal:
    """A finite decimal from what a person typed: thousands separators ``,`` and ``_`` are allowed.

    Raises ``ValueError`` with words for the screen.
    """
    cleaned = text.strip().replace(",", "").replace("_", "")
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        raise ValueError(f"{text.strip() or 'nothing'} is not a number") from None
    if not value.is_finite():
        raise ValueError(f"{text.strip()} is not a number")
    return value


def on_grid(value: Decimal, step: Decimal) -> bool:
    """Whether ``value`` is a whole multiple of ``step``."""
    return value % step == 0


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of ``step`` not above ``value``."""
    return (value / step).to_integral_value(ROUND_FLOOR) * step


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of ``step`` not below ``value``."""
    return (value / step).to_integral_value(ROUND_CEILING) * step


def round_to(value: Decimal, step: Decimal) -> Decimal:
    """The nearest multiple of ``step``, ties to even."""
    return (value / step).to_integral_value(ROUND_HALF_EVEN) * step


def places(step: Decimal) -> int:
    """Digits after the point that values on this grid need: 0.5 -> 1, 0.00001 -> 5, 1000 -> 0."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def plain(value: Decimal) -> str:
    """Digits without an exponent and without trailing zeros: never ``1E-7``, never ``-0``."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
