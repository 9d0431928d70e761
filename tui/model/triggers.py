"""When a waiting stop wakes, and where a trailing stop stands.

Invariant: a trailing stop moves only in the direction that protects more; a stop and a take-profit of one side look
at opposite directions. Source: the venue's order-type pages.
"""

from __future__ import annotations

from decimal import Decimal

from tui.model.decimals import HUNDRED, ONE
from tui.model.enums import DeviationUnit, OrderType, Side


def would_trigger(type_: OrderType, side: Side, stop_price: Decimal, signal: Decimal) -> bool:
    """Whether a stop or take-profit of ``side`` wakes at ``signal``. A sell stop wakes at or below its price, a buy
    stop at or above; take-profits the other way round.
    """
    upward = (side is Side.BUY) is (type_ is not OrderType.TAKE_PROFIT)
    return signal >= stop_price if upward else signal <= stop_price


def trailing_stop(
    side: Side, signal: Decimal, deviation: Decimal, unit: DeviationUnit, previous: Decimal | None = None
) -> Decimal:
    """Where a trailing stop stands after ``signal``: ``deviation`` behind it, never worse than ``previous``.

    A sell trails below the signal and only rises; a buy trails above and only falls.
    """
    away = -side.opposite.sign * deviation
    stop = signal * (ONE + away / HUNDRED) if unit is DeviationUnit.PERCENT else signal + away
    if previous is None:
        return stop
    return min(previous, stop) if side is Side.BUY else max(previous, stop)
