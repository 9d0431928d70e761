"""Keeping pools solvent: cancel what they can no longer carry, then reduce, then close.

Sources: the venue's equity-protection pages; where they are silent (which position first, when partial ends)
the config decides. Linear: 10 % steps while equity is at or under maintenance, the whole position once it is
nearly gone; coin wallets: the whole position at once. What the book does not take at the bankruptcy price is
assigned at that price. Invariant: liquidation never leaves a flat pool with negative equity.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from functools import partial

from tui.exchange.core import Core
from tui.exchange.execution import fill, take
from tui.exchange.market import Market
from tui.exchange.orders import BUY, SELL, Order, opposite, sign_of
from tui.exchange.placement import withdraw
from tui.exchange.pools import Exposure, flex_threshold, wallet_threshold
from tui.exchange.positions import ZERO
from tui.exchange.reducing import trim_reduce_only
from tui.exchange.triggers import round_to_tick

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


def guard(core: Core) -> None:
    """Check every pool that holds anything. Call after prices moved."""
    symbols = set(core.account.positions) | {order.symbol for order in core.blotter.live.values()}
    if not symbols:
        return
    wallets = {core.markets[symbol].instrument.wallet for symbol in symbols}
    for wallet in sorted(wallets - {"flex"}):
        _guard_pool(core, partial(_wallet_health, core, wallet))
    if "flex" in wallets:
        for symbol in sorted(set(core.account.leverage) & set(core.account.positions)):
            _guard_pool(core, partial(_isolated_health, core, symbol))
        _guard_pool(core, partial(_cross_health, core))


def _wallet_health(core: Core, name: str) -> Health:
    wallet, rows = core.wallet(name), core.exposures(name)
    return Health(wallet.portfolio_value, wallet.maintenance_margin, wallet.available, rows, _symbols(rows))


def _cross_health(core: Core) -> Health:
    cross, rows = core.flex().cross, core.exposures("flex")
    held = [row for row in rows if row.leverage is None]
    return Health(cross.margin_equity, cross.margin.maintenance_margin, cross.available_margin, held, _symbols(rows))


def _isolated_health(core: Core, symbol: str) -> Health:
    rows = [row for row in core.exposures("flex") if row.instrument.symbol == symbol]
    equity = sum((row.locked + row.unrealized for row in rows), ZERO)
    return Health(equity, sum((row.margin.maintenance for row in rows), ZERO), ZERO, rows, _symbols(rows))


def _symbols(rows: list[Exposure]) -> frozenset[str]:
    return frozenset(row.instrument.symbol for row in rows)


def _guard_pool(core: Core, health_now: Callable[[], Health]) -> None:
    health = health_now()
    if health.available < 0 or health.liquidating:
        _cancel_risk(core, health)
        health = health_now()
    for _ in range(_MAX_CLOSINGS):
        held = [row for row in health.rows if row.size]
        if not health.liquidating or not held:
            return
        row = max(held, key=lambda row: row.margin.maintenance)
        full = row.instrument.inverse or health.equity <= core.config.full_liquidation_at * health.maintenance
        if full:
            _close(core, row)
        else:
            _reduce(core, row)
            return
        health = health_now()


def _cancel_risk(core: Core, health: Health) -> None:
    """Every order of the pool that would add risk leaves at once."""
    for order in list(core.blotter.live.values()):
        if order.is_trigger or order.reduce_only or order.symbol not in health.symbols:
            continue
        closes = -core.account.size(order.symbol) * sign_of(order.side)
        if order.remaining > closes:
            withdraw(core, order, "not_enough_margin")


def _liquidation_order(core: Core, row: Exposure, size: Decimal, limit: Decimal | None) -> Order:
    return Order(
        order_id=core.new_id(),
        cli_ord_id=None,
        symbol=row.instrument.symbol,
        side=SELL if row.size > 0 else BUY,
        order_type="liquidation",
        quantity=size,
        filled=ZERO,
        limit_price=limit,
        reduce_only=True,
        created_ms=core.now_ms,
        updated_ms=core.now_ms,
        max_fixed_leverage=row.leverage,
    )


def _reduce(core: Core, row: Exposure) -> None:
    """One partial step, near the mark (observed live: 0.878 % under it)."""
    market, instrument = core.markets[row.instrument.symbol], row.instrument
    lots = (abs(row.size) * core.config.liquidation_step / instrument.lot).to_integral_value(ROUND_CEILING)
    slip = core.config.liquidation_slippage
    limit = market.mark * (1 - slip if row.size > 0 else 1 + slip)
    limit = round_to_tick(limit, instrument.tick, up=row.size < 0)
    order = _liquidation_order(core, row, max(lots, Decimal(1)) * instrument.lot, limit)
    _clear_own_side(core, order)
    take(core, market, order, fill_type="partialLiquidation")
    trim_reduce_only(core, market)


def _close(core: Core, row: Exposure) -> None:
    """The whole position at its bankruptcy price; what the book leaves is assigned there."""
    market, instrument = core.markets[row.instrument.symbol], row.instrument
    for order in core.blotter.of(instrument.symbol):
        withdraw(core, order, "liquidation")
    price = _bankruptcy(core, row) or market.mark
    price = max(instrument.tick, round_to_tick(price, instrument.tick, up=row.size > 0))
    order = _liquidation_order(core, row, abs(row.size), price)
    order = take(core, market, order, fill_type="liquidation").order
    if order.remaining:
        _assign(core, market, order, price)


def _assign(core: Core, market: Market, order: Order, price: Decimal) -> None:
    uid = core.new_id()
    core.print_trade(market, order.side, price, order.remaining, uid=uid, kind="assignment")
    fill(core, market, order, price, order.remaining, uid=uid, fill_type="assignor")


def _clear_own_side(core: Core, liquidation: Order) -> None:
    """The account's own makers must not stop its liquidation."""
    for order in core.blotter.resting(liquidation.symbol, opposite(liquidation.side)):
        withdraw(core, order, "liquidation")


def _bankruptcy(core: Core, row: Exposure) -> Decimal | None:
    """Price at which closing leaves the pool just the closing fee."""
    rate = core.tier.taker + core.config.liquidation_fee
    if row.instrument.inverse:
        wallet = row.instrument.wallet
        rows, balance = core.exposures(wallet), core.account.wallets.get(wallet, ZERO)
        return wallet_threshold(rows, balance, required_usd=abs(row.size) * rate)
    flex, price = core.flex(), row.mark
    for _ in range(3):  # the fee depends on the price it helps to find
        cost = abs(row.size) * price * rate
        found = flex_threshold(row, flex, core.account.flex, core.index, required=cost)
        if found is None:
            return None
        price = found
    return price
