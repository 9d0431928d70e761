"""The account's risk in a few lines: what is behind stops, what liquidates first, and what if all orders fill.

Derived from one state, once a publish, so that no widget calculates. Invariant: a stop counts as protection only for
as much as the position holds, and only if it can be reached before liquidation.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec
from msgspec import Struct

from tui.model.account import MarginPool
from tui.model.decimals import HUNDRED, ZERO
from tui.model.describe import number
from tui.model.enums import MarginMode, OrderType
from tui.model.instrument import Instrument
from tui.model.liquidation import distance_pct, linear_threshold
from tui.model.margin import level, position_requirement
from tui.model.order import Order
from tui.model.pnl import Holding, after_fill, fee, profit, unrealised
from tui.model.position import Position
from tui.model.state import State
from tui.model.triggers import trailing_stop
from tui.model.view import PoolRisk, Protection, Risk
from tui.service.ground import ground_of
from tui.service.marking import holding_of, leverage_of, mark_of, mark_to_market, pool_of, same_coin
from tui.service.standing import stand, unchanged

ADVERSE_MOVE_PCT = Decimal(3)


def appraise(state: State) -> State:
    """The state for the eye: positions and pools at the latest marks, and a liquidation price for every position
    that the venue gave none for.
    """
    marked = mark_to_market(state)
    if all(position.liquidation_price is not None for position in marked.positions):
        return marked
    positions = tuple(_with_liquidation(marked, position) for position in marked.positions)
    return msgspec.structs.replace(marked, positions=positions)


def risk(state: State) -> Risk:
    """Stop coverage by position, the first contract to liquidate by pool, and the what-if line."""
    seen = appraise(state)
    return Risk(
        protections=tuple(protection(seen, position) for position in seen.positions),
        pools=tuple(_pool_risks(seen)),
        what_if=what_if(seen),
    )


def protection(state: State, position: Position) -> Protection:
    """How much of a position closes at stops, and what that part would bring if all of them are hit, nearest first.

    A stop beyond the liquidation price protects nothing. A loss is negative.
    """
    instrument = state.instruments.get(position.symbol)
    left, result = position.size, ZERO
    for at, size in _stops(state, position):
        closing = min(size, left)
        left -= closing
        if instrument is not None and closing:
            result += profit(instrument, closing * position.sign, position.entry_price, at)
    covered = position.size - left
    percent = covered / position.size * HUNDRED if position.size else ZERO
    return Protection(position.symbol, percent, result if covered and instrument is not None else None)


def what_if(state: State) -> str:
    """The multi-collateral wallet if every working order fills at its price, and then the coin of its largest position
    moves against it: ``if all working orders fill: level 742 %, liq 81,102 · and BTC -3 %: level 571 %``.

    Waiting stops are not counted: they are there for the day the price moves.
    """
    wallet = _flex_wallet(state)
    if wallet is None:
        return ""
    filled = _if_filled(state, wallet)
    lead = max(filled.stakes, key=lambda stake: stake.maintenance, default=None)
    if lead is None or not lead.maintenance:
        return ""
    start = "if all working orders fill" if filled.orders else "as it is"
    liquidation = _liquidation(state, filled, lead)
    liq = f", liq {number(round(liquidation, lead.instrument.price_places))}" if liquidation is not None else ""
    move = -ADVERSE_MOVE_PCT * lead.holding.sign
    after = level(filled.equity + _moved(state, filled, lead.instrument, move), filled.maintenance)
    return (
        f"{start}: level {_level_text(level(filled.equity, filled.maintenance))}{liq}"
        f" · and {lead.instrument.base} {move:+f} %: level {_level_text(after)}"
    )


class _Stake(Struct, frozen=True):
    """One contract of the wallet after the fills."""

    instrument: Instrument
    holding: Holding
    mark: Decimal
    maintenance: Decimal


class _Filled(Struct, frozen=True):
    """The wallet after the fills. ``orders``: how many were counted."""

    stakes: tuple[_Stake, ...]
    equity: Decimal
    maintenance: Decimal
    orders: int


def _if_filled(state: State, wallet: MarginPool) -> _Filled:
    equity, required, counted = wallet.equity, wallet.maintenance_margin, 0
    stakes = []
    for instrument in _cross_contracts(state):
        symbol = instrument.symbol
        position = state.position(symbol)
        mark = mark_of(state.tickers.get(symbol), position)
        if mark is None:
            continue
        before = holding_of(position)
        orders = [order for order in state.orders if order.symbol == symbol and _rests(order)]
        after, gained = _after_orders(state, instrument, before, mark, orders)
        needed = position_requirement(instrument, after, mark).maintenance
        required += needed - position_requirement(instrument, before, mark).maintenance
        equity, counted = equity + gained, counted + len(orders)
        stakes.append(_Stake(instrument, after, mark, needed))
    return _Filled(tuple(stakes), equity, required, counted)


def _after_orders(
    state: State, instrument: Instrument, holding: Holding, mark: Decimal, orders: Iterable[Order]
) -> tuple[Holding, Decimal]:
    """The holding after all orders fill, nearest to mark first, and what that does to equity: price against mark less
    the maker fee. Reduce-only orders close at most what is there.
    """
    ground = ground_of(state, instrument.symbol)
    rate = ground.rates.maker if ground is not None else ZERO
    gained = ZERO
    for order in sorted(orders, key=lambda order: abs((order.limit_price or mark) - mark)):
        price, size = order.limit_price or mark, order.remaining
        if order.reduce_only:
            size = min(size, max(-holding.size * order.side.sign, ZERO))
        if not size:
            continue
        holding, _ = after_fill(instrument, holding, size * order.side.sign, price)
        gained += profit(instrument, size * order.side.sign, price, mark) - fee(instrument, size, price, rate)
    return holding, gained


def _liquidation(state: State, filled: _Filled, lead: _Stake) -> Decimal | None:
    ground = ground_of(state, lead.instrument.symbol)
    if ground is None:
        return None
    backing = filled.equity - unrealised(lead.instrument, lead.holding, lead.mark) - ground.coin_worth
    return linear_threshold(
        lead.instrument, lead.holding, backing=backing, required=filled.maintenance, coin=ground.coin
    )


def _moved(state: State, filled: _Filled, coin: Instrument, percent: Decimal) -> Decimal:
    """What a move of ``coin`` does to the wallet: all its contracts, and collateral in it."""
    ground = ground_of(state, coin.symbol)
    total = ground.coin_worth * percent / HUNDRED if ground is not None else ZERO
    for stake in filled.stakes:
        if same_coin(stake.instrument.base, coin.base) and stake.holding.size:
            moved = stake.mark * (1 + percent / HUNDRED)
            total += profit(stake.instrument, stake.holding.size, stake.mark, moved)
    return total


def _cross_contracts(state: State) -> list[Instrument]:
    """Linear contracts in cross margin that have a position or a resting order."""
    symbols = dict.fromkeys(
        [position.symbol for position in state.positions] + [order.symbol for order in state.orders if _rests(order)]
    )
    found = (state.instruments.get(symbol) for symbol in symbols)
    return [item for item in found if item and not item.is_inverse and leverage_of(state, item.symbol) is None]


def _flex_wallet(state: State) -> MarginPool | None:
    contracts = _cross_contracts(state)
    return pool_of(state.account, contracts[0], isolated=False) if contracts else None


def _rests(order: Order) -> bool:
    return not order.type.is_trigger and order.limit_price is not None and order.remaining > 0


def _stops(state: State, position: Position) -> list[tuple[Decimal, Decimal]]:
    """Prices and sizes of the stops that close ``position`` and can be reached, nearest to mark first."""
    found = []
    for order in state.orders:
        closes = order.symbol == position.symbol and order.side is position.closing_side
        if not closes or order.type not in (OrderType.STOP, OrderType.TRAILING_STOP):
            continue
        at = order.stop_price if order.stop_price is not None else _trailing_price(order, position)
        if at is not None and not _beyond(at, position):
            found.append((at, order.remaining))
    return sorted(found, key=lambda stop: -stop[0] * position.sign)


def _trailing_price(order: Order, position: Position) -> Decimal | None:
    """Where a trailing stop stands if the venue did not say: its distance from mark, which is its worst case."""
    if order.deviation is None or order.deviation_unit is None or position.mark_price is None:
        return None
    return trailing_stop(order.side, position.mark_price, order.deviation, order.deviation_unit)


def _beyond(at: Decimal, position: Position) -> bool:
    return position.liquidation_price is not None and (at - position.liquidation_price) * position.sign <= 0


def _with_liquidation(state: State, position: Position) -> Position:
    ground = ground_of(state, position.symbol) if position.liquidation_price is None else None
    if ground is None:
        return position
    price = stand(ground, unchanged(ground)).liquidation_price
    return msgspec.structs.replace(position, liquidation_price=price) if price is not None else position


def _pool_risks(state: State) -> Iterable[PoolRisk]:
    for pool in state.account.pools if state.account else ():
        nearest: tuple[Decimal, Position] | None = None
        for position in state.positions:
            instrument = state.instruments.get(position.symbol)
            if instrument is None or not _stands_in(state, pool, instrument):
                continue
            distance = distance_pct(position.liquidation_price, position.mark_price)
            if distance is not None and (nearest is None or abs(distance) < abs(nearest[0])):
                nearest = distance, position
        yield PoolRisk(
            pool=pool.name,
            mode=pool.mode,
            symbol=nearest[1].symbol if nearest else None,
            liquidation_price=nearest[1].liquidation_price if nearest else None,
            distance_pct=nearest[0] if nearest else None,
        )


def _stands_in(state: State, pool: MarginPool, instrument: Instrument) -> bool:
    if pool.mode is MarginMode.ISOLATED:
        return pool.symbol == instrument.symbol
    in_wallet = leverage_of(state, instrument.symbol) is None
    return in_wallet and pool_of(state.account, instrument, isolated=False) is pool


def _level_text(level_pct: Decimal | None) -> str:
    return "-" if level_pct is None else f"{number(round(level_pct, 0))} %"
