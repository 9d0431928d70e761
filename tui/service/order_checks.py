"""Checks of an order against its contract, the market and the position: would the venue take it, and mean it?

Each check is one function of a ``Case``. Invariant: an ERROR here mirrors a refusal that the venue documents.
"""

from __future__ import annotations

from decimal import Decimal

from tui.model.decimals import HUNDRED, ONE, ZERO, on_grid
from tui.model.describe import number, price_text, size_text
from tui.model.enums import DeviationUnit, OrderType, Side, TriggerSignal
from tui.model.triggers import would_trigger
from tui.service.case import Case, Finding, doubt, error, warning
from tui.service.entry import nearest
from tui.service.execution import execute

FAR_THROUGH_MARK_PCT = Decimal(5)
CLIENT_ID_LENGTH = 100
EXPIRY_NOTICE_MS = 24 * 3_600_000
PERCENT_DEVIATION = (Decimal("0.1"), Decimal(50))


def fields_complete(case: Case) -> Finding | None:
    """A type has the prices it needs, and none that it cannot have."""
    asked = case.request
    if asked.type in (OrderType.LIMIT, OrderType.POST, OrderType.IOC, OrderType.FOK) and asked.limit_price is None:
        return error(f"a {asked.type} order needs a price", "limit_price")
    if asked.type in (OrderType.STOP, OrderType.TAKE_PROFIT) and asked.stop_price is None:
        return error("a stop needs the price it waits for", "stop_price")
    if asked.type is OrderType.TRAILING_STOP and (asked.deviation is None or asked.deviation_unit is None):
        return error("a trailing stop needs its distance", "deviation")
    if asked.type.is_trigger and asked.trigger_signal is None:
        return error("say which price the stop watches: mark, index or last", "trigger_signal")
    if asked.type is OrderType.UNKNOWN:
        return error("this type of order is not known here", "type")
    return None


def size_on_lot(case: Case) -> Finding | None:
    instrument, size = case.ground.instrument, case.request.size
    if size <= 0:
        return error("a size must be above zero", "size")
    if instrument.size_on_lot(size):
        return None
    below, above = (size_text(value, instrument) for value in nearest(size, instrument.lot_step))
    near = above if below == above else f"{below} or {above}"
    step = size_text(instrument.lot_step, instrument)
    return error(f"{number(size)} is not a multiple of {step}; nearest is {near}", "size")


def limit_on_tick(case: Case) -> Finding | None:
    return _on_tick(case, case.request.limit_price, "limit_price")


def stop_on_tick(case: Case) -> Finding | None:
    return _on_tick(case, case.request.stop_price, "stop_price")


def deviation_in_range(case: Case) -> Finding | None:
    """Trailing distance: 0.1 to 50 percent, or a multiple of the tick size in quote currency (order-type pages)."""
    deviation, instrument = case.request.deviation, case.ground.instrument
    if case.request.type is not OrderType.TRAILING_STOP or deviation is None:
        return None
    if case.request.deviation_unit is DeviationUnit.PERCENT:
        low, high = PERCENT_DEVIATION
        if low <= deviation <= high:
            return None
        return error(f"a trailing distance must be from {number(low)} to {number(high)} %", "deviation")
    if deviation > 0 and on_grid(deviation, instrument.tick_size):
        return None
    return error(f"a trailing distance must be a multiple of {number(instrument.tick_size)}", "deviation")


def market_open(case: Case) -> Finding | None:
    """The contract trades at all now."""
    instrument, ticker = case.ground.instrument, case.ground.ticker
    if instrument.expiry_ms is not None and case.now_ms >= instrument.expiry_ms:
        return error(f"{instrument.symbol} has expired", "symbol")
    if not instrument.tradeable:
        return error(f"{instrument.symbol} is not tradeable now", "symbol")
    if ticker is not None and ticker.suspended:
        return error(f"trading in {instrument.symbol} is suspended", "symbol")
    return None


def market_takes_type(case: Case) -> Finding | None:
    """In post-only mode the venue takes post-only orders alone."""
    ticker = case.ground.ticker
    post_only = case.ground.instrument.post_only or (ticker is not None and ticker.post_only)
    if post_only and case.request.type is not OrderType.POST and not case.request.type.is_trigger:
        return error(f"{case.request.symbol} takes only post-only orders now", "type")
    return None


def close_to_expiry(case: Case) -> Finding | None:
    expiry = case.ground.instrument.expiry_ms
    if expiry is None or not 0 < expiry - case.now_ms <= EXPIRY_NOTICE_MS:
        return None
    hours = (expiry - case.now_ms) // 3_600_000
    return warning(f"{case.request.symbol} expires in {hours} h; a position held into settlement pays the taker fee")


def client_id_usable(case: Case) -> Finding | None:
    name = case.request.client_order_id
    if not name or len(name) > CLIENT_ID_LENGTH:
        return error(f"a client order id has 1 to {CLIENT_ID_LENGTH} characters", "client_order_id")
    if case.replaces is None and any(order.client_order_id == name for order in case.state.orders):
        return error(f"a working order already has the client order id {name}", "client_order_id")
    return None


def within_max_position(case: Case) -> Finding | None:
    """The venue's largest position, counted as if the order filled."""
    limit = case.ground.instrument.max_position
    after = abs(case.ground.holding.size + case.request.size * case.request.side.sign)
    if limit is None or case.reduces or after <= limit:
        return None
    shown = size_text(after, case.ground.instrument)
    return error(f"the position would be {shown}, and the venue's largest is {number(limit)}", "size")


def reduce_only_reduces(case: Case) -> Finding | None:
    """Reduce-only needs a position on the other side. A trigger may wait for one: it is judged when it wakes."""
    if not case.request.reduce_only:
        return None
    held = -case.ground.holding.size * case.request.side.sign
    instrument = case.ground.instrument
    if held <= 0:
        what = "there is no position" if not held else f"a {case.request.side} would add to the position"
        if case.request.type.is_trigger:
            return warning(f"{what}: when triggered it would do nothing", "reduce_only")
        return error(f"reduce-only would not reduce: {what}", "reduce_only")
    if case.request.size > held and not case.request.type.is_trigger:
        return warning(f"only {size_text(held, instrument)} can be reduced; the rest would not trade", "size")
    return None


def flips_position(case: Case) -> Finding | None:
    if case.request.reduce_only or case.preview.after.position * case.preview.before.position >= 0:
        return None
    before, after = (number(size) for size in (case.preview.before.position, case.preview.after.position))
    return warning(f"this turns the position around: {before} becomes {after}")


def post_only_rests(case: Case) -> Finding | None:
    """A post-only order that could match at entry is refused, not re-priced."""
    limit, best = case.request.limit_price, case.ground.best(case.request.side.opposite)
    if case.request.type is not OrderType.POST or limit is None or best is None:
        return None
    if (limit - best) * case.request.side.sign < 0:
        return None
    name = "ask" if case.request.side is Side.BUY else "bid"
    return error(f"post-only would execute: the {name} is {price_text(best, case.ground.instrument)}", "limit_price")


def finds_a_match(case: Case) -> Finding | None:
    """Orders that must trade at once, and would not or not wholly, against what is displayed."""
    asked, run = case.request, execute(case.ground, case.request)
    if asked.type is OrderType.FOK and not run.taken:
        return warning("fill-or-kill: the displayed book cannot fill it, so it would be cancelled", "limit_price")
    if asked.type not in (OrderType.MARKET, OrderType.IOC):
        return None
    if not run.taken:
        return warning("nothing would trade against the displayed book", "limit_price")
    wanted = min(asked.size, abs(case.ground.holding.size)) if asked.reduce_only else asked.size
    if run.filled < wanted:
        shown = size_text(run.filled, case.ground.instrument)
        inside = " inside the 1 % protection" if asked.type is OrderType.MARKET else " up to that price"
        return warning(f"only {shown} is displayed{inside}; the rest would be cancelled", "size")
    return None


def meets_own_order(case: Case) -> Finding | None:
    """Self-trade: by default the venue fills what it can against others and cancels what would hit one's own order."""
    run = execute(case.ground, case.request)
    if not run.taken:
        return None
    worst = run.taken[-1].price
    for order in case.state.orders:
        same = order.symbol == case.request.symbol and order.side is case.request.side.opposite
        if not same or order.type.is_trigger or order.limit_price is None:
            continue
        if (worst - order.limit_price) * case.request.side.sign >= 0:
            at = price_text(order.limit_price, case.ground.instrument)
            return warning(f"it would meet your own {order.side} at {at}; the venue cancels what is left there")
    return None


def stop_waits(case: Case) -> Finding | None:
    """A stop on the wrong side of its signal trades at once."""
    asked, signal = case.request, _signal(case)
    if asked.type not in (OrderType.STOP, OrderType.TAKE_PROFIT) or asked.stop_price is None or signal is None:
        return None
    if not would_trigger(asked.type, asked.side, asked.stop_price, signal):
        return None
    shown = price_text(asked.stop_price, case.ground.instrument)
    return doubt(
        f"it would trigger at once: {asked.trigger_signal} is {number(signal)}, the stop {shown}", "stop_price"
    )


def stop_before_liquidation(case: Case) -> Finding | None:
    """A protective stop beyond the liquidation price is never reached."""
    asked, price = case.request, case.preview.before.liquidation_price
    closes = case.ground.holding.size * asked.side.sign < 0
    if asked.type is not OrderType.STOP or asked.stop_price is None or price is None or not closes:
        return None
    if (asked.stop_price - price) * asked.side.sign < 0:
        return None
    shown = price_text(asked.stop_price, case.ground.instrument)
    return warning(f"the stop {shown} is beyond the liquidation price {number(round(price, 2))}", "stop_price")


def limit_near_mark(case: Case) -> Finding | None:
    """A limit far through mark is usually a slip of the finger; the venue's own collar is not published."""
    through = through_mark_pct(case)
    if through is None or through <= FAR_THROUGH_MARK_PCT:
        return None
    return warning(f"the price is {number(round(through, 2))} % through mark", "limit_price")


def through_mark_pct(case: Case) -> Decimal | None:
    """How far the limit price is on the costly side of mark, percent; negative is on the cheap side."""
    limit, mark = case.request.limit_price, case.ground.mark
    if limit is None or not mark:
        return None
    return (limit / mark - ONE) * HUNDRED * case.request.side.sign


def _on_tick(case: Case, price: Decimal | None, field: str) -> Finding | None:
    instrument = case.ground.instrument
    if price is None or instrument.price_on_tick(price):
        return None
    if price <= ZERO:
        return error("a price must be above zero", field)
    below, above = (price_text(value, instrument) for value in nearest(price, instrument.tick_size))
    near = above if below == above else f"{below} or {above}"
    return error(f"{number(price)} is not a multiple of {number(instrument.tick_size)}; nearest is {near}", field)


def _signal(case: Case) -> Decimal | None:
    ticker = case.ground.ticker
    match case.request.trigger_signal:
        case TriggerSignal.MARK:
            return case.ground.mark
        case TriggerSignal.INDEX:
            return ticker.index if ticker else None
        case TriggerSignal.LAST:
            return ticker.last if ticker else None
        case None:
            return None
