"""Where an account stands on one contract's ground with a given position: margin, level, liquidation price.

Everything is the venue's own figure plus the difference that the change of position makes, so other contracts in the
pool need no recalculation. Invariant: with nothing changed, the venue's figures come back untouched.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from tui.model.decimals import ZERO
from tui.model.draft import Impact
from tui.model.liquidation import distance_pct, inverse_threshold, linear_threshold
from tui.model.margin import (
    Claim,
    Requirement,
    initial_with_orders,
    level,
    netted,
    position_requirement,
)
from tui.model.pnl import Holding, unrealised, value
from tui.service.ground import Ground


class Change(Struct, frozen=True):
    """A position and orders that might come to be. ``cash`` is what reaches the wallet on the way: realised profit
    less fees. Accrued funding is settled when the position changes, and stays what it is when it does not.
    """

    holding: Holding
    claims: tuple[Claim, ...]
    leverage: Decimal | None
    cash: Decimal = ZERO


class _Stake(Struct, frozen=True):
    """What one contract puts on the wallet: ``needed`` alone, ``reserved`` with its orders, ``profit`` at mark."""

    isolated: bool
    needed: Requirement
    reserved: Decimal
    profit: Decimal
    funding: Decimal

    @property
    def to_wallet(self) -> Decimal:
        """Its part in the wallet's equity: profit in cross; locked margin, as a minus, when isolated."""
        return -self.needed.initial if self.isolated else self.profit + self.funding

    @property
    def from_available(self) -> Decimal:
        """What the wallet must keep free for it beyond equity."""
        return self.reserved - self.needed.initial if self.isolated else self.reserved


def unchanged(ground: Ground) -> Change:
    return Change(ground.holding, tuple(claim for _, claim in ground.claims), ground.leverage)


def stand(ground: Ground, change: Change) -> Impact:
    """The account after ``change``. Amounts in the settlement currency; None where the state cannot tell.

    Effective leverage is this position's worth at mark over its pool's equity.
    """
    mark = ground.mark
    if mark is None:
        return _unknown(change.holding)
    old = _stake(ground, unchanged(ground), mark, ground.funding)
    moved = change.holding != ground.holding
    new = _stake(ground, change, mark, ZERO if moved else ground.funding)
    cash = change.cash + (ground.funding if moved else ZERO)
    shift = cash + new.to_wallet - old.to_wallet
    wallet = ground.wallet
    available = wallet.available + shift - new.from_available + old.from_available if wallet else None
    if new.isolated:
        equity = new.needed.initial + new.funding + new.profit
        return _impact(ground, change.holding, new, mark=mark, needed=new.needed, equity=equity, available=available)
    if wallet is None:
        return _unknown(change.holding)
    total = Requirement(
        wallet.initial_margin + _share(new).initial - _share(old).initial,
        wallet.maintenance_margin + _share(new).maintenance - _share(old).maintenance,
    )
    equity = wallet.equity + shift
    return _impact(ground, change.holding, new, mark=mark, needed=total, equity=equity, available=available)


def reserved(ground: Ground, holding: Holding, claims: Iterable[Claim]) -> Decimal | None:
    """Initial margin that the wallet keeps for this position with these orders, where opposite contracts are netted
    for all of them together. Differences of it are what an order takes from the available margin.
    """
    if ground.mark is None:
        return None
    return _stake(ground, Change(holding, tuple(claims), ground.leverage), ground.mark, ZERO).reserved


def _stake(ground: Ground, change: Change, mark: Decimal, funding: Decimal) -> _Stake:
    instrument = ground.instrument
    own = position_requirement(instrument, change.holding, mark, change.leverage)
    needed = own if change.leverage is not None else _family(ground, change.holding, own)
    with_orders = initial_with_orders(instrument, change.holding, mark, change.claims, change.leverage)
    return _Stake(
        isolated=change.leverage is not None,
        needed=needed,
        reserved=needed.initial + with_orders - own.initial,
        profit=unrealised(instrument, change.holding, mark),
        funding=funding,
    )


def _family(ground: Ground, holding: Holding, own: Requirement) -> Requirement:
    """The requirement of all the coin's contracts together: netted if perpetual stands against dated, else summed.

    Contracts that are never netted are left out, as they do not change.
    """
    if not ground.nets or not ground.legs:
        return own
    rows = [(ground.instrument, holding, own)] if holding.size else []
    rows += [
        (leg.instrument, leg.holding, position_requirement(leg.instrument, leg.holding, leg.mark))
        for leg in ground.legs
    ]
    longs = sum((needed for _, held, needed in rows if held.size > 0), Requirement())
    shorts = sum((needed for _, held, needed in rows if held.size < 0), Requirement())
    mixed = len({contract.is_perpetual for contract, _, _ in rows}) > 1
    return netted(longs, shorts) if mixed else longs + shorts


def _share(stake: _Stake) -> Requirement:
    return Requirement() if stake.isolated else stake.needed


def _impact(
    ground: Ground,
    holding: Holding,
    stake: _Stake,
    *,
    mark: Decimal,
    needed: Requirement,
    equity: Decimal,
    available: Decimal | None,
) -> Impact:
    """``needed`` and ``equity`` are of the pool that liquidates together."""
    coin, coin_worth = (ZERO, ZERO) if stake.isolated else (ground.coin, ground.coin_worth)
    if ground.instrument.is_inverse:
        price = _inverse_liquidation(ground, holding, mark, equity)
    else:
        backing = equity - stake.profit - coin_worth
        price = linear_threshold(ground.instrument, holding, backing=backing, required=needed.maintenance, coin=coin)
    return Impact(
        position=holding.size,
        entry_price=holding.entry if holding.size else None,
        initial_margin=needed.initial,
        maintenance_margin=needed.maintenance,
        available=available,
        level_pct=level(equity, needed.maintenance),
        liquidation_price=price,
        liquidation_distance_pct=distance_pct(price, mark),
        effective_leverage=value(ground.instrument, holding.size, mark) / equity if equity > 0 else None,
    )


def _inverse_liquidation(ground: Ground, holding: Holding, mark: Decimal, equity: Decimal) -> Decimal | None:
    """All contracts of an inverse wallet move with its coin, so they are solved together."""
    if not holding.size:
        return None
    legs = ((ground.instrument, holding, mark), *((leg.instrument, leg.holding, leg.mark) for leg in ground.legs))
    profit = sum((unrealised(contract, held, at) for contract, held, at in legs), ZERO)
    dollars = sum((position_requirement(contract, held, at).maintenance * at for contract, held, at in legs), ZERO)
    return inverse_threshold(((leg[0], leg[1]) for leg in legs), backing=equity - profit, required_usd=dollars)


def _unknown(holding: Holding) -> Impact:
    entry = holding.entry if holding.size else None
    return Impact(holding.size, entry, None, None, None, None, None, None, None)
