"""What a trade does: public print, the account's fill on either side, position, money, log, order.

Invariant: one hit makes one fill for each order of the account that took part, and its cumulative ``filled``
only grows.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tui.exchange.account import Booking
from tui.exchange.commands import Executed
from tui.exchange.core import Core
from tui.exchange.events import Filled
from tui.exchange.fees import fee
from tui.exchange.market import Market
from tui.exchange.matching import REJECT_TAKER, match
from tui.exchange.orders import Order, sign_of
from tui.exchange.positions import ZERO, apply_fill, money, value_at
from tui.exchange.reducing import trim_reduce_only
from tui.exchange.views import Fill

_LOG_INFO = {
    "liquidation": "futures liquidation",
    "partialLiquidation": "futures liquidation",
    "assignor": "futures assignor",
}
_PUBLIC_KIND = {"liquidation": "liquidation", "partialLiquidation": "liquidation", "assignor": "assignment"}


@dataclass(frozen=True, slots=True)
class Taken:
    """The taker after matching: its last value, its executions, and whether it was stopped by itself."""

    order: Order
    executions: tuple[Executed, ...]
    self_hit: bool


def take(
    core: Core, market: Market, order: Order, *, fill_type: str = "taker", prior_edit: Order | None = None
) -> Taken:
    """Match an order of the account against the book up to its limit price (None = any price).

    The caller settles what is left of the order and then trims reduce-only orders.
    """
    limit = None if order.limit_price is None else market.instrument.to_ticks(order.limit_price)
    lots = int(order.remaining / market.instrument.lot)
    strategy = core.account.self_trade_strategy
    result = match(market.book, order.side, lots, limit, own=True, strategy=strategy)
    for maker_id in result.removed:
        maker = replace(core.blotter.live[maker_id], updated_ms=core.now_ms)
        core.blotter.end(maker, "cancelled_by_self_trade", "CANCELLED", core.now_ms)
    executions = []
    for hit in result.hits:
        price, size, uid = market.price(hit.tick), market.size(hit.lots), core.new_id()
        core.print_trade(market, order.side, price, size, uid=uid, kind=_PUBLIC_KIND.get(fill_type, "fill"))
        before = order
        order = fill(core, market, order, price, size, uid=uid, fill_type=fill_type)
        executions.append(Executed(uid, price, size, before, prior_edit))
    if result.hits:
        core.crowds[order.symbol].feel(order.side, _usd(market, executions))
    return Taken(order, tuple(executions), result.self_hit)


def take_for_crowd(core: Core, market: Market, side: str, lots: int, limit_tick: int) -> None:
    """Match an order of the crowd; the account's makers it hits are filled."""
    result = match(market.book, side, lots, limit_tick, own=False, strategy=REJECT_TAKER)
    hit_account = False
    for hit in result.hits:
        price, size, uid = market.price(hit.tick), market.size(hit.lots), core.new_id()
        core.print_trade(market, side, price, size, uid=uid)
        if hit.maker_id is not None:
            hit_account = True
            _fill_maker(core, market, core.blotter.live[hit.maker_id], price, size, uid=uid)
    if hit_account:
        trim_reduce_only(core, market)


def _fill_maker(core: Core, market: Market, maker: Order, price: Decimal, size: Decimal, *, uid: str) -> None:
    """A resting order of the account was hit."""
    after = fill(core, market, maker, price, size, uid=uid, fill_type="maker")
    if after.remaining:
        core.blotter.update(after, "partial_fill")
    else:
        core.blotter.end(after, "full_fill", "FULLY_EXECUTED", core.now_ms)


def fill(core: Core, market: Market, order: Order, price: Decimal, size: Decimal, *, uid: str, fill_type: str) -> Order:
    """Book one execution of the account; returns the order after it.

    Accrued funding of the contract is realised first, because the net position changes (venue's rule).
    """
    instrument, account = market.instrument, core.account
    before = account.positions.get(order.symbol)
    funding = money(before.funding) if before else ZERO
    settled = replace(before, funding=ZERO) if before else None
    change = apply_fill(
        settled, order.symbol, size * sign_of(order.side), price, inverse=instrument.inverse, now_ms=core.now_ms
    )
    realized = money(change.realized)
    tier = core.tier
    rate = tier.maker if fill_type == "maker" else tier.taker
    paid = fee(inverse=instrument.inverse, size=size, price=price, rate=rate)
    booking = Booking(
        info=_LOG_INFO.get(fill_type, "futures trade"),
        realized=realized,
        fee=paid,
        funding=funding,
        liquidation_fee=_liquidation_fee(core, market, size, price, fill_type),
        trade_price=price,
        mark=market.mark,
        funding_rate=market.funding_rate,
        execution=uid,
    )
    account.book(instrument, booking, core.now_ms, core.index, position=change.position)
    after = replace(order, filled=order.filled + size, updated_ms=core.now_ms)
    usd = size if instrument.inverse else size * price
    record = Fill(
        fill_id=uid,
        seq=account.fill_seq,
        order_id=order.order_id,
        cli_ord_id=order.cli_ord_id,
        symbol=order.symbol,
        side=order.side,
        size=size,
        price=price,
        time_ms=core.now_ms,
        fill_type=fill_type,
        order_type=order.order_type,
        taker_order_type=order.order_type if fill_type != "maker" else "mkt",
        remaining=after.remaining,
        fee=paid,
        fee_currency=instrument.settle_currency,
        fee_rate=rate,
        realized_pnl=realized,
        realized_funding=funding,
        pnl_currency=instrument.settle_currency,
        mark_price=market.mark,
        usd_value=usd,
        position_before=before.size if before else ZERO,
        position_after=account.size(order.symbol),
        entry_before=before.entry if before else ZERO,
        entry_after=change.position.entry if change.position else ZERO,
        order=order,
    )
    account.fill_seq += 1
    account.fills.append(record)
    account.turnover.add(core.now_ms, usd)
    core.emit(Filled(record))
    core.touch(instrument, positions=True)
    return after


def _liquidation_fee(core: Core, market: Market, size: Decimal, price: Decimal, fill_type: str) -> Decimal:
    if fill_type not in {"liquidation", "partialLiquidation"}:
        return ZERO
    return value_at(inverse=market.instrument.inverse, size=size, price=price) * core.config.liquidation_fee


def _usd(market: Market, executions: list[Executed]) -> float:
    size = float(sum((execution.amount for execution in executions), ZERO))
    return size if market.instrument.inverse else size * float(market.last)
