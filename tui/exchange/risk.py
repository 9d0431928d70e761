"""Keeping pools solvent: cancel what they can no longer carry, then reduce, then close.

Sources: the venue's equity-protection pages; where they are silent (which position first, when partial ends)
the config decides. Linear: 10 % steps while equity is at or under maintenance, the whole position once it is
nearly gone; coin wallets: the whole position at once. What the book does not take at the bankruptcy price is
assigned at that price. Positions in a suspended market wait.
Invariant: liquidation never leaves a flat pool with negative equity.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import partial

from tui.exchange.execution import fill, take
from tui.exchange.market import Market
from tui.exchange.orders import BUY, SELL, Order, opposite, sign_of
from tui.exchange.placement import withdraw
from tui.exchange.pools import Exposure, flex_threshold, wallet_threshold
from tui.exchange.positions import ZERO
from tui.exchange.reducing import trim_reduce_only
from tui.exchange.seat import Seat
from tui.exchange.triggers import round_to_tick

GUARD_EVERY_MS = 1_000
_MAX_CLOSINGS = 50


@dataclass(frozen=True, slots=True)
class Health:
    """One pool at one moment: what it has, what it needs, whose positions it can close (``rows``) and whose
    orders it can cancel (``symbols``).
    """

    equity: Decimal
    maintenance: Decimal
    available: Decimal
    rows: list[Exposure]
    symbols: frozenset[str]

    @property
    def liquidating(self) -> bool:
        return self.maintenance > 0 and self.equity <= self.maintenance


def is_due(seat: Seat, coins: Collection[str]) -> bool:
    """Whether prices of ``coins``, which have just moved, concern this account; now and then it is looked at anyway,
    because funding accrues while nothing moves.
    """
    if seat.now_ms - seat.guarded_ms >= GUARD_EVERY_MS:
        return True
    active = seat.active
    if any(seat.markets[symbol].underlying.name in coins for symbol in active):
        return True
    return bool(active) and any(coin in coins for coin in seat.account.flex)


def guard(seat: Seat) -> None:
    """Check every pool that holds anything. Call after prices moved."""
    symbols = seat.active
    seat.guarded_ms = seat.now_ms
    if not symbols:
        return
    wallets = {seat.markets[symbol].instrument.wallet for symbol in symbols}
    for wallet in sorted(wallets - {"flex"}):
        _guard_pool(seat, partial(_wallet_health, seat, wallet))
    if "flex" in wallets:
        for symbol in sorted(set(seat.account.leverage) & set(seat.account.positions)):
            _guard_pool(seat, partial(_isolated_health, seat, symbol))
        _guard_pool(seat, partial(_cross_health, seat))


def _wallet_health(seat: Seat, name: str) -> Health:
    wallet, rows = seat.wallet(name), seat.exposures(name)
    return Health(wallet.portfolio_value, wallet.maintenance_margin, wallet.available, rows, _symbols(rows))


def _cross_health(seat: Seat) -> Health:
    cross, rows = seat.cross(), seat.exposures("flex")
    held = [row for row in rows if row.leverage is None]
    return Health(cross.margin_equity, cross.margin.maintenance_margin, cross.available_margin, held, _symbols(rows))


def _isolated_health(seat: Seat, symbol: str) -> Health:
    rows = [row for row in seat.exposures("flex") if row.instrument.symbol == symbol]
    equity = sum((row.locked + row.unrealized for row in rows), ZERO)
    return Health(equity, sum((row.margin.maintenance for row in rows), ZERO), ZERO, rows, _symbols(rows))


def _symbols(rows: list[Exposure]) -> frozenset[str]:
    return frozenset(row.instrument.symbol for row in rows)


def _guard_pool(seat: Seat, health_now: Callable[[], Health]) -> None:
    health = health_now()
    if health.available < 0 or health.liquidating:
        _cancel_risk(seat, health)
        health = health_now()
    for _ in range(_MAX_CLOSINGS):
        held = [row for row in health.rows if row.size and not seat.markets[row.instrument.symbol].suspended]
        if not health.liquidating or not held:
            return
        row = max(held, key=lambda row: row.margin.maintenance)
        full = row.instrument.inverse or health.equity <= seat.config.full_liquidation_at * health.maintenance
        if full:
            _close(seat, row)
        else:
            _reduce(seat, row)
            return
        health = health_now()


def _cancel_risk(seat: Seat, health: Health) -> None:
    """Every order of the pool that would add risk leaves at once."""
    for order in list(seat.blotter.live.values()):
        if order.is_trigger or order.reduce_only or order.symbol not in health.symbols:
            continue
        closes = -seat.account.size(order.symbol) * sign_of(order.side)
        if order.remaining > closes:
            withdraw(seat, order, "not_enough_margin")


def _liquidation_order(seat: Seat, row: Exposure, size: Decimal, limit: Decimal | None) -> Order:
    return Order(
        order_id=seat.floor.new_id(),
        cli_ord_id=None,
        symbol=row.instrument.symbol,
        side=SELL if row.size > 0 else BUY,
        order_type="liquidation",
        quantity=size,
        filled=ZERO,
        limit_price=limit,
        reduce_only=True,
        created_ms=seat.now_ms,
        updated_ms=seat.now_ms,
        max_fixed_leverage=row.leverage,
    )


def _reduce(seat: Seat, row: Exposure) -> None:
    """One partial step, near the mark (observed live: 0.878 % under it)."""
    market, instrument = seat.markets[row.instrument.symbol], row.instrument
    lots = (abs(row.size) * seat.config.liquidation_step / instrument.lot).to_integral_value(ROUND_CEILING)
    slip = seat.config.liquidation_slippage
    limit = market.mark * (1 - slip if row.size > 0 else 1 + slip)
    limit = round_to_tick(limit, instrument.tick, up=row.size < 0)
    order = _liquidation_order(seat, row, max(lots, Decimal(1)) * instrument.lot, limit)
    _clear_own_side(seat, order)
    take(seat, market, order, fill_type="partialLiquidation")
    trim_reduce_only(seat, market)
    seat.guarded_ms = 0  # perhaps not enough yet: again at the next tick


def _close(seat: Seat, row: Exposure) -> None:
    """The whole position at its bankruptcy price; what the book leaves is assigned there."""
    market, instrument = seat.markets[row.instrument.symbol], row.instrument
    for order in seat.blotter.of(instrument.symbol):
        withdraw(seat, order, "liquidation")
    price = _bankruptcy(seat, row) or market.mark
    price = max(instrument.tick, round_to_tick(price, instrument.tick, up=row.size > 0))
    order = _liquidation_order(seat, row, abs(row.size), price)
    order = take(seat, market, order, fill_type="liquidation").order
    if order.remaining:
        _assign(seat, market, order, price)


def _assign(seat: Seat, market: Market, order: Order, price: Decimal) -> None:
    uid = seat.floor.new_id()
    seat.floor.print_trade(market, order.side, price, order.remaining, uid=uid, kind="assignment")
    fill(seat, market, order, price, order.remaining, uid=uid, fill_type="assignor")


def _clear_own_side(seat: Seat, liquidation: Order) -> None:
    """The account's own makers must not stop its liquidation."""
    for order in seat.blotter.resting(liquidation.symbol, opposite(liquidation.side)):
        withdraw(seat, order, "liquidation")


def _bankruptcy(seat: Seat, row: Exposure) -> Decimal | None:
    """Price at which closing leaves the pool just the closing fee."""
    rate = seat.tier.taker + seat.config.liquidation_fee
    if row.instrument.inverse:
        wallet = row.instrument.wallet
        rows, balance = seat.exposures(wallet), seat.account.wallets.get(wallet, ZERO)
        return wallet_threshold(rows, balance, required_usd=abs(row.size) * rate)
    flex, price = seat.flex(), row.mark
    for _ in range(3):  # the fee depends on the price it helps to find
        cost = abs(row.size) * price * rate
        found = flex_threshold(row, flex, seat.account.flex, seat.floor.index, required=cost)
        if found is None:
            return None
        price = found
    return price
