"""Alerts: what the trader wants to be told of, and what was told. Values and one question: is it so now?

Invariant: a number that nobody knows meets no alert.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tui.model.decimals import HUNDRED
from tui.model.describe import number
from tui.model.state import State


class Watched(StrEnum):
    """What an alert looks at: a price of a contract, its funding in percent per hour, or the lowest margin level of all
    pools in percent.
    """

    LAST = "last"
    MARK = "mark"
    INDEX = "index"
    FUNDING = "funding"
    LEVEL = "level"


PRICES = frozenset({Watched.LAST, Watched.MARK, Watched.INDEX})


class Alert(Struct, frozen=True):
    """``symbol`` is empty for the margin level. ``is_above``: sounds at ``threshold`` or beyond it upwards, else
    downwards. ``number`` names it; 0 while it has no name yet.
    """

    watched: Watched
    symbol: str
    is_above: bool
    threshold: Decimal
    number: int = 0
    set_ms: int = 0


class Said(Struct, frozen=True):
    """One line of the alert log. ``severity`` is information, warning or error."""

    at_ms: int
    kind: str
    text: str
    severity: str = "information"


def value_of(alert: Alert, state: State) -> Decimal | None:
    """What the alert looks at, as it is now; None when nobody knows."""
    if alert.watched is Watched.LEVEL:
        levels = [pool.level_pct for pool in state.account.pools] if state.account else []
        return min((level for level in levels if level is not None), default=None)
    ticker = state.tickers.get(alert.symbol)
    if ticker is None:
        return None
    if alert.watched is Watched.FUNDING:
        rate = ticker.relative_funding_rate
        return None if rate is None else rate * HUNDRED
    prices = {Watched.LAST: ticker.last, Watched.MARK: ticker.mark, Watched.INDEX: ticker.index}
    return prices[alert.watched]


def is_met(alert: Alert, state: State) -> bool:
    now = value_of(alert, state)
    if now is None:
        return False
    return now >= alert.threshold if alert.is_above else now <= alert.threshold


def what(alert: Alert) -> str:
    """``PF_XBTUSD last``, ``margin level``."""
    return "margin level" if alert.watched is Watched.LEVEL else f"{alert.symbol} {alert.watched}"


def one_line(alert: Alert) -> str:
    """``PF_XBTUSD last ≥ 90,000``, ``margin level ≤ 200 %``."""
    unit = {Watched.LEVEL: " %", Watched.FUNDING: " %/h"}.get(alert.watched, "")
    return f"{what(alert)} {'≥' if alert.is_above else '≤'} {number(alert.threshold)}{unit}"
