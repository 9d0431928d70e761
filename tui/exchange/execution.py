"""What a trade does: public print, the account's fill on either side, position, money, log, order.

Invariant: one hit makes one fill for each order of the account that took part, and its cumulative ``filled``
only grows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from tui.exchange.account import Booking
from tui.exchange.book import Key
from tui.exchange.commands import Executed
from tui.exchange.events import Filled
from tui.exchange.fees import fee
from tui.exchange.floor import Floor
from tui.exchange.market import Market
from tui.exchange.matching import Hit, match
from tui.exchange.orders import Order, sign_of
from tui.exchange.positions import ZERO, apply_fill, money, value_at
from tui.exchange.reducing import trim_reduce_only
from tui.exchange.seat import Seat
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
    seat: Seat, market: Market, order: Order, *, fill_type: str = "taker", prior_edit: Order | None = None
) -> Taken:
    """Match an order of the account against the book up to its limit price (None = any price); other accounts that
    stood in the way are settled.

    The caller settles what is left of the order and then trims its reduce-only orders.
    """
    limit = None if order.limit_price is None else market.instrument.to_ticks(order.limit_price)
    lots = int(order.remaining / market.instrument.lot)
    strategy = seat.account.self_trade_strategy
    result = match(market.book, order.side, lots, limit, account=seat.name, strategy=strategy)
    for maker_id in result.removed:
        maker = replace(seat.blotter.live[maker_id], updated_ms=seat.now_ms)
        seat.blotter.end(maker, "cancelled_by_self_trade", "CANCELLED", seat.now_ms)
    executions = []
    for hit in result.hits:
        price, size, uid = market.price(hit.tick), market.size(hit.lots), seat.floor.new_id()
        seat.floor.print_trade(market, order.side, price, size, uid=uid, kind=_PUBLIC_KIND.get(fill_type, "fill"))
        before = order
        order = fill(seat, market, order, price, size, uid=uid, fill_type=fill_type)
        executions.append(Executed(uid, price, size, before, prior_edit))
        if hit.maker is not None:
            _fill_maker(seat.floor, market, hit.maker, price, size, uid=uid)
    _trim_makers(seat.floor, market, result.hits)
    if result.hits:
        seat.floor.driver.felt(market, order.side, result.hits)
    return Taken(order, tuple(executions), result.self_hit)


def take_for_crowd(floor: Floor, market: Market, side: str, lots: int, limit_tick: int) -> None:
    """Match an order of the crowd; the accounts' makers it hits are filled."""
    settle_hits(floor, market, side, match(market.book, side, lots, limit_tick).hits)


def settle_hits(floor: Floor, market: Market, side: str, hits: Sequence[Hit], *, printed: bool = False) -> None:
    """What follows when somebody who is no account took ``hits`` from the book: prints (unless ``printed`` already),
    fills, and reduce-only orders that no longer fit.
    """
    for hit in hits:
        price, size, uid = market.price(hit.tick), market.size(hit.lots), floor.new_id()
        if not printed:
            floor.print_trade(market, side, price, size, uid=uid)
        if hit.maker is not None:
            _fill_maker(floor, market, hit.maker, price, size, uid=uid)
    _trim_makers(floor, market, hits)


def _trim_makers(floor: Floor, market: Market, hits: Sequence[Hit]) -> None:
    """Once all hits are booked: positions have moved, so reduce-only orders may no longer fit them."""
    for name in dict.fromkeys(hit.maker.account for hit in hits if hit.maker is not None):
        trim_reduce_only(floor.seats[name], market)


def _fill_maker(floor: Floor, market: Market, key: Key, price: Decimal, size: Decimal, *, uid: str) -> None:
    """A resting order was hit."""
    seat = floor.seats[key.account]
    maker = seat.blotter.live[key.order_id]
    after = fill(seat, market, maker, price, size, uid=uid, fill_type="maker")
    if after.remaining:
        seat.blotter.update(after, "partial_fill")
    else:
        seat.blotter.end(after, "full_fill", "FULLY_EXECUTED", seat.now_ms)


def fill(seat: Seat, market: Market, order: Order, price: Decimal, size: Decimal, *, uid: str, fill_type: str) -> Order:
    """Book one execution of the account; returns the order after it.

    Accrued funding of the contract is realised first, because the net position changes (venue's rule).
    """
    instrument, account = market.instrument, seat.account
    before = account.positions.get(order.symbol)
    funding = money(before.funding) if before else ZERO
    settled = replace(before, funding=ZERO) if before else None
    change = apply_fill(
        settled, order.symbol, size * sign_of(order.side), price, inverse=instrument.inverse, now_ms=seat.now_ms
    )
    realized = money(change.realized)
    tier = seat.tier
    rate = tier.maker if fill_type == "maker" else tier.taker
    paid = fee(inverse=instrument.inverse, size=size, price=price, rate=rate)
    booking = Booking(
        info=_LOG_INFO.get(fill_type, "futures trade"),
        realized=realized,
        fee=paid,
        funding=funding,
        liquidation_fee=_liquidation_fee(seat, market, size, price, fill_type),
        trade_price=price,
        mark=market.mark,
        funding_rate=market.funding_rate,
        execution=uid,
    )
    account.book(instrument, booking, seat.now_ms, seat.floor.index, position=change.position)
    after = replace(order, filled=order.filled + size, updated_ms=seat.now_ms)
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
        time_ms=seat.now_ms,
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
    account.turnover.add(seat.now_ms, usd)
    seat.emit(Filled(record))
    seat.touch(instrument, positions=True)
    return after


def _liquidation_fee(seat: Seat, market: Market, size: Decimal, price: Decimal, fill_type: str) -> Decimal:
    if fill_type not in {"liquidation", "partialLiquidation"}:
        return ZERO
    return value_at(inverse=market.instrument.inverse, size=size, price=price) * seat.config.liquidation_fee
