"""May this order stand? The venue's refusals, each a pure question of the present state.

Order of the questions (as the venue's answers suggest): deadline, form, grid, client id, market mode, order
counts, then what concerns money: position limit, collar, fixed leverage, margin, immediate liquidation.
Invariant: nothing here changes anything.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tui.exchange import words
from tui.exchange.commands import SendOrder
from tui.exchange.fees import fee
from tui.exchange.instruments import Instrument
from tui.exchange.margin import Claim
from tui.exchange.market import Market
from tui.exchange.matching import Match, preview
from tui.exchange.orders import ORDER_TYPES, PERCENT, QUOTE_CURRENCY, TRIGGER_TYPES, Order, sign_of
from tui.exchange.pools import Exposure
from tui.exchange.positions import ZERO, apply_fill
from tui.exchange.seat import Seat
from tui.exchange.words import Refusal

_MAX_CLIENT_ID = 100
_PRICED = frozenset({"lmt", "post", "ioc", "fok"})
_STOPS = frozenset({"stp", "take_profit"})


def form(seat: Seat, market: Market, command: SendOrder) -> Refusal | None:
    """Everything that can be said without looking at money."""
    return (
        _words(command)
        or grid(market.instrument, command.size, _prices(command))
        or _client_id(seat, command.cli_ord_id)
        or mode(market, command.order_type)
        or _counts(seat, market, command)
    )


def late(process_before_ms: int | None, now_ms: int) -> Refusal | None:
    return words.LATE if process_before_ms is not None and now_ms > process_before_ms else None


def _words(command: SendOrder) -> Refusal | None:
    if command.order_type not in ORDER_TYPES:
        return words.INVALID_TYPE
    if command.side not in {"buy", "sell"}:
        return words.INVALID_SIDE
    if command.order_type in _PRICED and command.limit_price is None:
        return words.INVALID_PRICE
    if command.order_type in _STOPS and command.stop_price is None:
        return words.INVALID_PRICE
    for offset in (command.trailing, command.limit_offset):
        if offset is not None and not (offset.value.is_finite() and offset.unit in {PERCENT, QUOTE_CURRENCY}):
            return words.INVALID_PRICE
    trailing = command.order_type == "trailing_stop"
    if trailing and (command.trailing is None or command.stop_price is not None or command.limit_price is not None):
        return words.INVALID_PRICE
    return None


def _prices(command: SendOrder) -> tuple[Decimal | None, ...]:
    if command.order_type == "mkt":
        return ()
    return (command.limit_price, command.stop_price if command.order_type in TRIGGER_TYPES else None)


def grid(instrument: Instrument, size: Decimal, prices: tuple[Decimal | None, ...]) -> Refusal | None:
    """Sizes and prices must be positive and on their steps; no order can be larger than a flip from one
    position limit to the other.
    """
    lots = instrument.to_lots(size)
    if lots is None or lots <= 0:
        return words.INVALID_SIZE
    if size > 2 * instrument.max_position:
        return words.MAX_POSITION
    for price in prices:
        if price is None:
            continue
        ticks = instrument.to_ticks(price)
        if ticks is None or ticks <= 0:
            return words.INVALID_PRICE
    return None


def _client_id(seat: Seat, cli_ord_id: str | None) -> Refusal | None:
    if cli_ord_id is None:
        return None
    if len(cli_ord_id) > _MAX_CLIENT_ID:
        return words.ID_TOO_LONG
    if not cli_ord_id or not cli_ord_id.isprintable():
        return words.ID_INVALID
    return words.ID_IN_USE if seat.blotter.has_client_id(cli_ord_id) else None


def mode(market: Market, order_type: str) -> Refusal | None:
    """Suspended, expired and post-only markets."""
    if market.expired:
        return words.INACTIVE
    if market.suspended:
        return words.SUSPENDED
    return words.POST_ONLY_MARKET if market.post_only and order_type != "post" else None


def _counts(seat: Seat, market: Market, command: SendOrder) -> Refusal | None:
    live, config = seat.blotter.live, seat.config
    if len(live) >= config.max_open_orders:
        return words.TOO_MANY
    if command.order_type == "trailing_stop":
        trailing = sum(1 for order in live.values() if order.order_type == "trailing_stop")
        if trailing >= config.max_trailing_stops:
            return words.TOO_MANY_TRAILING
    if config.max_small_orders is not None and _usd(market, command.size) < config.small_order_usd:
        small = sum(
            1 for order in live.values() if _usd(seat.markets[order.symbol], order.remaining) < config.small_order_usd
        )
        return words.TOO_MANY_SMALL if small >= config.max_small_orders else None
    return None


def _usd(market: Market, size: Decimal) -> Decimal:
    return size if market.instrument.inverse else size * market.mark


# --- money -------------------------------------------------------------------------------------------------


def money(seat: Seat, market: Market, order: Order) -> Refusal | None:
    """Whether the account can carry ``order`` (which may be a live one with new values)."""
    return _max_position(seat, market, order) or _collar(seat, market, order) or _margin(seat, market, order)


def _max_position(seat: Seat, market: Market, order: Order) -> Refusal | None:
    if order.reduce_only:
        return None
    others = seat.blotter.resting(order.symbol, order.side)
    waiting = sum((other.remaining for other in others if other.order_id != order.order_id), ZERO)
    reach = seat.account.size(order.symbol) * sign_of(order.side) + waiting + order.remaining
    return words.MAX_POSITION if reach > market.instrument.max_position else None


def _collar(seat: Seat, market: Market, order: Order) -> Refusal | None:
    width = seat.config.price_collar
    if width is None or order.limit_price is None:
        return None
    beyond = (order.limit_price / market.mark - 1) * sign_of(order.side)
    return words.COLLAR if beyond > width else None


def _margin(seat: Seat, market: Market, order: Order) -> Refusal | None:
    """Initial margin with the order, then the state right after what of it trades at once."""
    if order.reduce_only:
        return None
    position = seat.account.positions.get(order.symbol)
    claims = seat.claims(order.symbol, without=order.order_id)
    size, price = _expected_fill(seat, market, order)
    before = seat.exposure(order.symbol)
    with_it = (*claims, *_claims_of(market, order, size, price))
    ordered = seat.exposure_of(market, position, with_it)
    extra = ordered.with_orders - before.with_orders
    if extra <= 0:
        return None
    if _leverage_too_high(seat, market, ordered, with_it):
        return words.LEVERAGE
    cost = fee(inverse=market.instrument.inverse, size=size, price=price, rate=seat.tier.taker) if size else ZERO
    if _available(seat, market) < extra + cost:
        return words.FUNDS
    return _after_fill(seat, market, order, (size, price, cost), claims) if size else None


def expected_match(seat: Seat, market: Market, order: Order) -> Match:
    """How ``order`` would meet the book now (a post-only order meets nobody)."""
    lots = int(order.remaining / market.instrument.lot)
    if order.order_type == "post":
        return Match(lots)
    limit = None if order.limit_price is None else market.instrument.to_ticks(order.limit_price)
    return preview(market.book, order.side, lots, limit, account=seat.name, strategy=seat.account.self_trade_strategy)


def _expected_fill(seat: Seat, market: Market, order: Order) -> tuple[Decimal, Decimal]:
    """Size that would trade at once and its average price (``(0, limit)`` if nothing)."""
    hits = expected_match(seat, market, order).hits
    lots = sum(hit.lots for hit in hits)
    if not lots:
        return ZERO, order.limit_price or market.mark
    cost = sum(hit.lots * hit.tick for hit in hits)
    return market.size(lots), Decimal(cost) / lots * market.instrument.tick


def _claims_of(market: Market, order: Order, size: Decimal, price: Decimal) -> Sequence[Claim]:
    """The order as claims: what trades now at its expected price (inverse: at mark), the rest at its limit."""
    claims = []
    if size:
        claims.append(Claim(order.side, size, market.mark if market.instrument.inverse else price))
    if order.remaining > size and order.limit_price is not None:
        claims.append(Claim(order.side, order.remaining - size, order.limit_price))
    return claims


def _leverage_too_high(seat: Seat, market: Market, ordered: Exposure, claims: Sequence[Claim]) -> bool:
    """A fixed leverage must not ask less margin than the ladder does at this size."""
    if ordered.leverage is None:
        return False
    position = seat.account.positions.get(market.instrument.symbol)
    by_ladder = seat.exposure_of(market, position, claims, leverage=None)
    return ordered.with_orders < by_ladder.with_orders


def _available(seat: Seat, market: Market) -> Decimal:
    if market.instrument.inverse:
        return seat.wallet(market.instrument.wallet).available
    return seat.cross().available_margin


def _after_fill(
    seat: Seat, market: Market, order: Order, trade: tuple[Decimal, Decimal, Decimal], claims: Sequence[Claim]
) -> Refusal | None:
    """Equity, maintenance and free margin right after ``trade`` (size, price, fee)."""
    size, price, cost = trade
    signed = size * sign_of(order.side)
    inverse = market.instrument.inverse
    position = seat.account.positions.get(order.symbol)
    funding = position.funding if position else ZERO
    settled = replace(position, funding=ZERO) if position else None
    change = apply_fill(settled, order.symbol, signed, price, inverse=inverse, now_ms=seat.now_ms)
    rest = _claims_of(market, replace(order, filled=order.filled + size), ZERO, price)
    after = seat.exposure_of(market, change.position, (*claims, *rest))
    paid = change.realized + funding - cost
    if inverse:
        wallet = seat.wallet(market.instrument.wallet, after, paid)
        equity, maintenance, free = wallet.portfolio_value, wallet.maintenance_margin, wallet.available
    else:
        cross = seat.cross(after, paid)
        equity, maintenance, free = cross.margin_equity, cross.margin.maintenance_margin, cross.available_margin
        if after.leverage is not None:
            equity, maintenance = after.locked + after.unrealized, after.margin.maintenance
    if equity < maintenance:
        return words.LIQUIDATION
    return words.FUNDS if free < 0 else None
