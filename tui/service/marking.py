"""Positions and pools at the latest mark, between two words of the venue about them.

The venue repeats positions and balances a few times a second at best; marks move faster. Each amount here is what
the venue last said plus what the move of the mark since then did to it, so that nothing is lost that only the venue
knows (settled funding, conversions). Invariant: with marks unchanged, everything is exactly as the venue said.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from tui.model.account import Account, MarginPool
from tui.model.decimals import ZERO
from tui.model.instrument import Instrument
from tui.model.margin import position_requirement
from tui.model.pnl import Holding, unrealised
from tui.model.position import Position
from tui.model.state import State
from tui.model.ticker import Ticker


def same_coin(one: str, other: str) -> bool:
    """Whether two spellings name one currency: symbols say XBT where wallets may say BTC or xbt."""
    return _coin(one) == _coin(other)


def _coin(name: str) -> str:
    upper = name.upper()
    return "BTC" if upper == "XBT" else upper


def holding_of(position: Position | None) -> Holding:
    return Holding(position.signed_size, position.entry_price) if position else Holding()


def mark_of(ticker: Ticker | None, position: Position | None) -> Decimal | None:
    """The latest mark known: the ticker's, else the one that came with the position."""
    if ticker is not None and ticker.mark is not None:
        return ticker.mark
    return position.mark_price if position else None


def leverage_of(state: State, symbol: str) -> Decimal | None:
    """The isolated cap of a contract, None for cross: the preference, else what came with the position."""
    preference = state.leverage.get(symbol)
    if preference is not None:
        return preference
    position = state.position(symbol)
    return position.max_leverage if position else None


def revalue(position: Position, ticker: Ticker | None, instrument: Instrument | None) -> Position:
    """The position at the ticker's mark. Profit paid in another currency than the contract's own stays as the venue
    said, because the exchange rate is the venue's.
    """
    mark = ticker.mark if ticker else None
    if instrument is None or mark is None:
        return position
    if position.pnl_currency and not same_coin(position.pnl_currency, instrument.settlement_currency):
        return msgspec.structs.replace(position, mark_price=mark)
    holding = holding_of(position)
    needed = position_requirement(instrument, holding, mark, position.max_leverage)
    return msgspec.structs.replace(
        position,
        mark_price=mark,
        unrealised_pnl=unrealised(instrument, holding, mark),
        pnl_currency=instrument.settlement_currency,
        initial_margin=needed.initial,
        maintenance_margin=needed.maintenance,
    )


def pool_of(account: Account | None, instrument: Instrument, *, isolated: bool) -> MarginPool | None:
    """The pool that a contract's position stands in; for an isolated one its own, if it has one yet."""
    if account is None:
        return None
    if isolated:
        return next((pool for pool in account.pools if pool.symbol == instrument.symbol), None)
    currency = instrument.settlement_currency
    return next((pool for pool in account.pools if pool.symbol is None and same_coin(pool.currency, currency)), None)


def mark_to_market(state: State) -> State:
    """The state with positions and pools at the latest marks. Slices that do not change stay the same objects."""
    shifts: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    positions = []
    for position in state.positions:
        instrument = state.instruments.get(position.symbol)
        cap = leverage_of(state, position.symbol)
        said = position if cap == position.max_leverage else msgspec.structs.replace(position, max_leverage=cap)
        marked = revalue(said, state.tickers.get(position.symbol), instrument)
        positions.append(marked)
        if instrument is not None:
            _note_shift(shifts, state.account, instrument, said, marked)
    if not positions:
        return state
    account = state.account
    if account is not None and shifts:
        account = msgspec.structs.replace(account, pools=_shifted(account.pools, shifts))
    return msgspec.structs.replace(state, positions=tuple(positions), account=account)


def _note_shift(
    shifts: dict[str, tuple[Decimal, Decimal, Decimal]],
    account: Account | None,
    instrument: Instrument,
    said: Position,
    marked: Position,
) -> None:
    """Add what the move from the venue's mark to the latest one does to the position's pool: profit, initial and
    maintenance margin.
    """
    pool = pool_of(account, instrument, isolated=said.max_leverage is not None)
    before, now = said.mark_price, marked.mark_price
    if pool is None or before is None or now is None or before == now:
        return
    holding, leverage = holding_of(said), said.max_leverage
    old = position_requirement(instrument, holding, before, leverage)
    new = position_requirement(instrument, holding, now, leverage)
    gained = unrealised(instrument, holding, now) - unrealised(instrument, holding, before)
    so_far = shifts.get(pool.name, (ZERO, ZERO, ZERO))
    moves = (gained, new.initial - old.initial, new.maintenance - old.maintenance)
    shifts[pool.name] = (so_far[0] + moves[0], so_far[1] + moves[1], so_far[2] + moves[2])


def _shifted(
    pools: tuple[MarginPool, ...], shifts: Mapping[str, tuple[Decimal, Decimal, Decimal]]
) -> tuple[MarginPool, ...]:
    return tuple(_shift(pool, *shifts[pool.name]) if pool.name in shifts else pool for pool in pools)


def _shift(pool: MarginPool, gained: Decimal, initial: Decimal, maintenance: Decimal) -> MarginPool:
    def moved(amount: Decimal | None, by: Decimal) -> Decimal | None:
        return None if amount is None else amount + by

    cross = pool.symbol is None
    return msgspec.structs.replace(
        pool,
        equity=pool.equity + gained,
        available=pool.available + (gained - initial if cross else ZERO),
        initial_margin=pool.initial_margin + initial,
        initial_margin_with_orders=moved(pool.initial_margin_with_orders, initial),
        maintenance_margin=pool.maintenance_margin + maintenance,
        unrealised_pnl=moved(pool.unrealised_pnl, gained),
        portfolio_value=moved(pool.portfolio_value, gained),
    )
