"""The largest size that still fits, exact to the lot.

Invariant: the answer fits and one lot more does not (or is above the bound).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_FLOOR, Decimal

from tui.model.decimals import ZERO


def largest_fitting(fits: Callable[[Decimal], bool], lot: Decimal, bound: Decimal, floor: Decimal = ZERO) -> Decimal:
    """The largest whole number of lots in ``floor`` .. ``bound`` for which ``fits`` holds.

    ``floor`` fits by assumption (closing a position always does). ``fits`` must not become true again above the
    first size that does not fit, which holds for margin: it grows faster than linearly. A bound far too high is
    cheap: the search doubles from the floor and then halves.
    """
    low = int((floor / lot).to_integral_value(ROUND_FLOOR))
    high = int((bound / lot).to_integral_value(ROUND_FLOOR))
    step = 1
    while low + step <= high and fits((low + step) * lot):
        low, step = low + step, step * 2
    high = min(high, low + step - 1)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle * lot):
            low = middle
        else:
            high = middle - 1
    return low * lot
