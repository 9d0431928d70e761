"""Margin: what a position and its working orders must have behind them, and how safe a pool is.

Ladders are progressive like tax brackets: each slice of the notional pays its own rung's rate. Linear margin stands
on entry notional and does not move with price; inverse margin stands on mark. A fixed leverage (isolated margin)
changes initial margin only; maintenance always follows the ladder.
Invariant: margin with orders is never below margin of the position alone.
Source: margin pages of the venue; bases and rungs agree with official samples and live balances of 2021 and 2023.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tui.model.decimals import HUNDRED, ONE, ZERO
from tui.model.enums import Side
from tui.model.instrument import Instrument, MarginTier
from tui.model.pnl import Holding, value


class Requirement(Struct, frozen=True):
    """Initial and maintenance margin in one currency."""

    initial: Decimal = ZERO
    maintenance: Decimal = ZERO

    def __add__(self, other: Requirement) -> Requirement:
        return Requirement(self.initial + other.initial, self.maintenance + other.maintenance)


class Claim(Struct, frozen=True):
    """What a working order may still trade: ``size`` contracts at ``price``. Reduce-only orders and waiting
    triggers claim nothing.
    """

    side: Side
    size: Decimal
    price: Decimal


def ladder(tiers: tuple[MarginTier, ...], notional: Decimal) -> Requirement:
    """Requirement of ``notional`` (USD, or contracts for inverse) in the same unit."""
    initial = maintenance = ZERO
    for number, tier in enumerate(tiers):
        if notional <= tier.threshold:
            break
        upper = tiers[number + 1].threshold if number + 1 < len(tiers) else notional
        slice_ = min(notional, upper) - tier.threshold
        initial += slice_ * tier.initial
        maintenance += slice_ * tier.maintenance
    return Requirement(initial, maintenance)


def rung(tiers: tuple[MarginTier, ...], notional: Decimal) -> int:
    """Index of the rung that the last slice of ``notional`` falls into; 0 for nothing."""
    return max(sum(1 for tier in tiers if notional > tier.threshold) - 1, 0)


def requirement(
    instrument: Instrument, contracts: Decimal, worth: Decimal, leverage: Decimal | None = None
) -> Requirement:
    """Requirement of unsigned ``contracts`` worth ``worth`` (settlement currency), in that currency.

    Inverse ladders are counted in contracts and then valued in coin at the same average price. ``leverage`` is the
    isolated cap. The extreme-volatility factor multiplies initial margin only (whether it touches maintenance, the
    venue does not say).
    """
    if not contracts:
        return Requirement()
    if instrument.is_inverse:
        dollars = ladder(instrument.tiers, contracts * instrument.contract_size)
        per_dollar = worth / (contracts * instrument.contract_size)
        base = Requirement(dollars.initial * per_dollar, dollars.maintenance * per_dollar)
    else:
        base = ladder(instrument.tiers, worth)
    initial = base.initial * instrument.initial_multiplier if leverage is None else worth / leverage
    return Requirement(initial, base.maintenance)


def basis(instrument: Instrument, holding: Holding, mark: Decimal) -> Decimal:
    """The price that margin of a holding stands on: entry for linear, mark for inverse."""
    return mark if instrument.is_inverse else holding.entry


def position_requirement(
    instrument: Instrument, holding: Holding, mark: Decimal, leverage: Decimal | None = None
) -> Requirement:
    """Requirement of a position alone, in the settlement currency."""
    if not holding.size:
        return Requirement()
    worth = value(instrument, holding.size, basis(instrument, holding, mark))
    return requirement(instrument, abs(holding.size), worth, leverage)


def initial_with_orders(
    instrument: Instrument,
    holding: Holding,
    mark: Decimal,
    claims: Iterable[Claim],
    leverage: Decimal | None = None,
) -> Decimal:
    """Initial margin of a position and its working orders in the worst case, one side of the market at a time.

    On each side orders are walked from the best price away; what closes the position is free, the rest joins one
    ladder with the position on that side. How the venue nets the sides is not published; this rule is exact for
    one-sided orders.
    """
    orders = tuple(claims)
    worst = position_requirement(instrument, holding, mark, leverage).initial
    for side in Side:
        own = sorted((claim for claim in orders if claim.side is side), key=lambda claim: -side.sign * claim.price)
        if not own:
            continue
        held = holding.size * side.sign
        contracts, free = max(held, ZERO), max(-held, ZERO)
        worth = value(instrument, contracts, basis(instrument, holding, mark)) if contracts else ZERO
        for claim in own:
            opening = max(claim.size - free, ZERO)
            free = max(free - claim.size, ZERO)
            contracts += opening
            worth += value(instrument, opening, claim.price)
        worst = max(worst, requirement(instrument, contracts, worth, leverage).initial)
    return worst


def netted(longs: Requirement, shorts: Requirement) -> Requirement:
    """Perpetual against dated contracts of one underlying, opposite ways, in cross margin: the dearer side pays."""
    return Requirement(max(longs.initial, shorts.initial), max(longs.maintenance, shorts.maintenance))


def max_leverage(instrument: Instrument, worth: Decimal) -> Decimal | None:
    """Largest leverage selectable for a linear position of ``worth`` USD: notional / ladder initial margin.

    For nothing it is the first rung's; None when the ladder is empty (unknown).
    """
    if not instrument.tiers:
        return None
    if worth <= 0:
        return ONE / (instrument.tiers[0].initial * instrument.initial_multiplier)
    return worth / requirement(instrument, ONE, worth).initial


class Band(StrEnum):
    """How safe a margin level is. Below 200 % equity is under initial margin where maintenance is half of it: the
    venue then refuses new risk and cancels orders that add it. At 100 % it liquidates, without a call.
    """

    HEALTHY = "healthy"
    CAUTION = "caution"
    WARNING = "warning"
    CRITICAL = "critical"
    LIQUIDATION = "liquidation"


BAND_FLOORS: tuple[tuple[Decimal, Band], ...] = (
    (Decimal(333), Band.HEALTHY),
    (Decimal(200), Band.CAUTION),
    (Decimal(143), Band.WARNING),
)


def level(equity: Decimal, maintenance: Decimal) -> Decimal | None:
    """Margin level in percent: equity / maintenance margin x 100. None without a position."""
    return equity / maintenance * HUNDRED if maintenance > 0 else None


def band(level_pct: Decimal | None) -> Band | None:
    """The band of a margin level; None when there is no position to judge."""
    if level_pct is None:
        return None
    if level_pct <= HUNDRED:
        return Band.LIQUIDATION
    return next((name for floor, name in BAND_FLOORS if level_pct >= floor), Band.CRITICAL)
