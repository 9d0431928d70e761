"""Margin and liquidation formulas: what a position or an order must have behind it.

Sources: the venue's margin pages and schedules, checked against official samples and live records. Ladders
are progressive, like tax brackets. Linear margin stands on entry notional, inverse margin on mark.
Maintenance always follows the ladder; a fixed leverage changes initial margin alone.
Invariant: margin with orders is never below margin of the position.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tui.exchange.instruments import Instrument, Rung
from tui.exchange.positions import ZERO, value_at


@dataclass(frozen=True, slots=True)
class Margin:
    """Initial and maintenance margin in the settlement currency."""

    initial: Decimal
    maintenance: Decimal


NO_MARGIN = Margin(ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a resting order may still trade: side, open size, limit price."""

    side: str
    size: Decimal
    price: Decimal


def ladder_margin(rungs: Sequence[Rung], notional: Decimal) -> Margin:
    """Each slice of ``notional`` charged its own rung's rates."""
    initial = maintenance = ZERO
    for number, rung in enumerate(rungs):
        if notional <= rung.threshold:
            break
        upper = rungs[number + 1].threshold if number + 1 < len(rungs) else notional
        part = min(notional, upper) - rung.threshold
        initial += part * rung.initial
        maintenance += part * rung.maintenance
    return Margin(initial, maintenance)


def exposure_margin(
    instrument: Instrument, contracts: Decimal, notional: Decimal, leverage: Decimal | None = None
) -> Margin:
    """Margin of unsigned ``contracts`` worth ``notional`` (USD linear, coin inverse).

    Inverse ladders are read in contracts (USD) and scaled to coin; ``leverage`` set = isolated.
    """
    if not contracts:
        return NO_MARGIN
    if instrument.inverse:
        usd = ladder_margin(instrument.rungs, contracts)
        scale = notional / contracts
        return Margin(usd.initial * scale, usd.maintenance * scale)
    margin = ladder_margin(instrument.rungs, notional)
    if leverage is None:
        return margin
    return Margin(notional / leverage, margin.maintenance)


def position_margin(
    instrument: Instrument, size: Decimal, entry: Decimal, mark: Decimal, leverage: Decimal | None = None
) -> Margin:
    """Margin of a position: at entry for linear, at mark for inverse."""
    price = mark if instrument.inverse else entry
    notional = value_at(inverse=instrument.inverse, size=size, price=price)
    return exposure_margin(instrument, abs(size), notional, leverage)


def initial_with_orders(
    instrument: Instrument,
    size: Decimal,
    entry: Decimal,
    mark: Decimal,
    *,
    claims: Iterable[Claim],
    leverage: Decimal | None = None,
) -> Decimal:
    """Worst-case initial margin of a position and its resting orders, one side at a time.

    Buys are walked from the highest price and sells from the lowest; what closes the position is free, the
    rest adds to the same ladder. Reduce-only orders and waiting triggers are not claims.
    """
    claims = tuple(claims)
    margins = [position_margin(instrument, size, entry, mark, leverage).initial if size else ZERO]
    for side, sign in (("buy", 1), ("sell", -1)):
        held = size * sign
        contracts, notional = ZERO, ZERO
        if held > 0:
            price = mark if instrument.inverse else entry
            contracts = held
            notional = value_at(inverse=instrument.inverse, size=held, price=price)
        free = max(-held, ZERO)
        own = [claim for claim in claims if claim.side == side]
        if free:  # only then does the order of the walk matter
            own.sort(key=lambda claim: -sign * claim.price)
        for claim in own:
            closing = min(free, claim.size)
            free -= closing
            opening = claim.size - closing
            contracts += opening
            notional += value_at(inverse=instrument.inverse, size=opening, price=claim.price)
        margins.append(exposure_margin(instrument, contracts, notional, leverage).initial)
    return max(margins)


def netted(long_margins: Iterable[Margin], short_margins: Iterable[Margin]) -> Margin:
    """Perpetual against dated of one underlying, opposite ways, in cross: the dearer side is charged."""
    sides = [(sum_margins(long_margins)), (sum_margins(short_margins))]
    return Margin(max(side.initial for side in sides), max(side.maintenance for side in sides))


def sum_margins(margins: Iterable[Margin]) -> Margin:
    total = NO_MARGIN
    for margin in margins:
        total = Margin(total.initial + margin.initial, total.maintenance + margin.maintenance)
    return total


# --- prices at which equity meets a requirement ------------------------------------------------------------


def linear_threshold(
    size: Decimal, entry: Decimal, *, backing: Decimal, required: Decimal, coin: Decimal = ZERO
) -> Decimal | None:
    """Price at which ``backing + coin * P + size * (P - entry)`` equals ``required``, or None.

    ``size`` is signed; ``backing`` is everything that does not move with the price (collateral, other
    positions' profit, accrued funding); ``coin`` is haircut collateral of the same underlying.
    ``required`` 0 gives the bankruptcy price.
    """
    slope = size + coin
    if slope == 0 or (slope > 0) != (size > 0):
        return None
    price = (required - backing + size * entry) / slope
    return price if price > 0 else None


def isolated_threshold(
    size: Decimal, entry: Decimal, leverage: Decimal, *, funding: Decimal, required: Decimal
) -> Decimal | None:
    """The same for an isolated linear position, whose backing is its own margin and accrued funding."""
    backing = abs(size) * entry / leverage + funding
    return linear_threshold(size, entry, backing=backing, required=required)


def inverse_threshold(
    legs: Iterable[tuple[Decimal, Decimal]], *, backing: Decimal, required_usd: Decimal
) -> Decimal | None:
    """Price at which a coin wallet meets its requirement when every leg ``(signed size, entry)`` moves.

    ``backing`` is balance plus accrued funding in coin; ``required_usd`` the ladder's USD sum (0 gives the
    bankruptcy price). Legs that oppose each other still require margin, so a wallet that is net short may be liquidated
    by a fall, where its coin is worth less than the requirement.
    """
    legs = tuple(legs)
    net = sum((size for size, _ in legs), ZERO)
    at_entry = sum((size / entry for size, entry in legs), ZERO)
    top, bottom = required_usd + net, backing + at_entry
    if top == 0 or bottom == 0:
        return None
    price = top / bottom
    return price if price > 0 else None
