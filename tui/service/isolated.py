"""Isolated positions taken out of REST's totals.

The stream tells the cross pool and each isolated one; REST tells only the sum of them (Kraken docs, accounts), so that
a level from it alone would mix margins that liquidate apart. Invariant: cross and isolated pools add up to what REST
said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from tui.model.account import MarginPool
from tui.model.decimals import ZERO
from tui.model.enums import MarginMode
from tui.model.instrument import Instrument
from tui.model.margin import ladder
from tui.model.position import Position


def apart(
    flex: MarginPool, positions: Iterable[Position], instruments: Mapping[str, Instrument]
) -> tuple[MarginPool, ...]:
    """The cross pool, then the isolated ones. ``flex`` alone if it does not hold what they would need: then the venue
    has left them out already.
    """
    pools = tuple(_pool(one, instruments[one.symbol], flex.currency) for one in positions if _counts(one, instruments))
    set_aside = sum((pool.initial_margin for pool in pools), ZERO)
    if not pools or set_aside > flex.initial_margin:
        return (flex,)
    equity = sum((pool.equity for pool in pools), ZERO)
    with_orders = flex.initial_margin_with_orders
    cross = replace(
        flex,
        equity=flex.equity - equity,
        initial_margin=flex.initial_margin - set_aside,
        initial_margin_with_orders=None if with_orders is None else with_orders - set_aside,
        maintenance_margin=flex.maintenance_margin - sum((pool.maintenance_margin for pool in pools), ZERO),
        available=flex.available - (equity - set_aside),
        balance=flex.balance - set_aside,
    )
    return (cross, *pools)


def _counts(position: Position, instruments: Mapping[str, Instrument]) -> bool:
    instrument = instruments.get(position.symbol)
    return instrument is not None and not instrument.is_inverse and position.max_leverage is not None


def _pool(position: Position, instrument: Instrument, currency: str) -> MarginPool:
    """Margin is entry notional over the cap; equity adds what the position has gained or lost."""
    worth = instrument.notional_usd(position.size, position.entry_price)
    margin = worth / (position.max_leverage or 1)
    return MarginPool(
        name=position.symbol,
        currency=currency,
        mode=MarginMode.ISOLATED,
        equity=margin + (position.unrealised_pnl or ZERO) + (position.unrealised_funding or ZERO),
        initial_margin=margin,
        maintenance_margin=ladder(instrument.tiers, worth).maintenance,
        available=ZERO,
        balance=margin,
        unrealised_pnl=position.unrealised_pnl,
        unrealised_funding=position.unrealised_funding,
        symbol=position.symbol,
    )
