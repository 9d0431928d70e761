"""Stops, take-profits and trailing stops: when they wake and how a trailing stop follows.

Sources: the venue's order-type pages. A stop and a trailing stop sell when the signal falls to the trigger
and buy when it rises to it; a take-profit the other way round. Invariant: a trailing trigger only ever moves
towards the market's best, never back.
"""

from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tui.exchange.orders import BUY, PERCENT, QUOTE_CURRENCY, Offset, Trigger

_MIN_PERCENT, _MAX_PERCENT = Decimal("0.1"), Decimal(50)


def trigger_side(order_type: str, side: str) -> str:
    """``above`` or ``below``."""
    rising = side == BUY
    if order_type == "take_profit":
        rising = not rising
    return "above" if rising else "below"


def round_to_tick(price: Decimal, tick: Decimal, *, up: bool) -> Decimal:
    return (price / tick).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR) * tick


def trailing_price(side: str, trailing: Offset, signal_price: Decimal, tick: Decimal) -> Decimal:
    """Where a trailing stop stands if ``signal_price`` is the best price seen."""
    distance = trailing.from_price(signal_price)
    price = signal_price - distance if side == "below" else signal_price + distance
    return round_to_tick(price, tick, up=side == "above")


def follow(trigger: Trigger, signal_price: Decimal, tick: Decimal) -> Trigger:
    """The trigger after the signal moved; the same object when it need not move."""
    if trigger.trailing is None:
        return trigger
    price = trailing_price(trigger.side, trigger.trailing, signal_price, tick)
    better = price > trigger.price if trigger.side == "below" else price < trigger.price
    return replace(trigger, price=price) if better else trigger


def trailing_error(trailing: Offset, tick: Decimal) -> str | None:
    """The venue's upper-case word for a deviation it would not take, or None."""
    if trailing.unit == PERCENT:
        if trailing.value < _MIN_PERCENT:
            return "TRAILING_STOP_MAX_DEVIATION_TOO_SMALL"
        return "TRAILING_STOP_MAX_DEVIATION_TOO_LARGE" if trailing.value > _MAX_PERCENT else None
    if trailing.value <= 0:
        return "TRAILING_STOP_MAX_DEVIATION_TOO_SMALL"
    if trailing.value % tick:
        return "TRAILING_STOP_QUOTE_DEVIATION_NOT_MULTIPLE_OF_TICK_SIZE"
    return None


def offset_error(offset: Offset, limit_price: Decimal | None, tick: Decimal) -> str | None:
    """The same for a limit price set relative to the trigger."""
    if limit_price is not None:
        return "LIMIT_PRICE_SET_AS_ABSOLUTE_AND_RELATIVE"
    if offset.unit == QUOTE_CURRENCY and offset.value % tick:
        return "LIMIT_PRICE_OFFSET_QUOTE_CURRENCY_VALUE_MUST_BE_MULTIPLE_OF_TICK_SIZE"
    if offset.unit == PERCENT and not -_MAX_PERCENT <= offset.value <= _MAX_PERCENT:
        return "LIMIT_PRICE_OFFSET_TOO_HIGH" if offset.value > 0 else "LIMIT_PRICE_OFFSET_TOO_LOW"
    return None


def child_limit(trigger: Trigger, limit_price: Decimal | None, tick: Decimal, *, buy: bool) -> Decimal | None:
    """The limit price of the order a trigger sends; None = a market order."""
    if trigger.limit_offset is None:
        return limit_price
    price = trigger.price + trigger.limit_offset.from_price(trigger.price)
    return round_to_tick(price, tick, up=not buy)
