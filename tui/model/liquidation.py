"""Prices at which equity meets a requirement if one contract's price moves and all else stands still.

With the maintenance margin as requirement they are liquidation prices, with zero they are bankruptcy prices. Equity
less requirement is a straight line in the price (linear) or in its reciprocal (inverse), so each is one division.
Invariant: put back into equity, a returned price gives the requirement; None means no positive price does.
Source: the venue's margin pages; the inverse form agrees with a live liquidation threshold of 2021 to 15 digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tui.model.decimals import HUNDRED, ONE, ZERO
from tui.model.instrument import Instrument
from tui.model.pnl import Holding


def linear_threshold(
    instrument: Instrument,
    holding: Holding,
    *,
    backing: Decimal,
    required: Decimal,
    coin: Decimal = ZERO,
) -> Decimal | None:
    """Price P at which ``backing + coin x P + profit(P)`` equals ``required``, USD.

    ``backing`` is all equity that does not move with this price: for an isolated position its margin and accrued
    funding; in cross the other collateral, the other positions' profit and funding. ``coin`` is same-coin collateral
    after haircut: it falls with the price of a long and shields a short; a short with as much coin as size has no
    such price, as the venue has it.
    """
    contracts = holding.size * instrument.contract_size
    slope = contracts + coin
    if not contracts or slope * contracts <= 0:
        return None
    price = (required - backing + contracts * holding.entry) / slope
    return price if price > 0 else None


def inverse_threshold(
    legs: Iterable[tuple[Instrument, Holding]], *, backing: Decimal, required_usd: Decimal
) -> Decimal | None:
    """Price P at which a coin wallet's equity equals ``required_usd / P``; all its contracts move together.

    ``backing`` is balance plus accrued funding in coin; ``required_usd`` the ladders' sum in USD, 0 for bankruptcy.
    """
    contracts, at_entry = ZERO, ZERO
    for instrument, holding in legs:
        if holding.size:
            size = holding.size * instrument.contract_size
            contracts += size
            at_entry += size / holding.entry
    above, below = contracts + required_usd, backing + at_entry
    if not above or not below:
        return None
    price = above / below
    return price if price > 0 else None


def distance_pct(price: Decimal | None, mark: Decimal | None) -> Decimal | None:
    """How far ``price`` is from ``mark``, percent of mark, signed: below is negative."""
    if price is None or not mark:
        return None
    return (price / mark - ONE) * HUNDRED
