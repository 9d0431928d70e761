"""What sending an order now would do, before it is sent: from local state, exact, in well under 10 ms.

"After" is the account as if the order filled as far as it can: at once against the displayed book, and what rests or
waits at its own price, all else as it is now. Invariant: a preview never changes what it describes; the request is the
very value that would be sent.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tui.model.decimals import ZERO
from tui.model.describe import number
from tui.model.draft import Impact, Preview
from tui.model.enums import MarginMode, OrderType
from tui.model.funding import accrual
from tui.model.margin import Claim, basis, position_requirement, rung
from tui.model.order import OrderRequest
from tui.model.pnl import Holding, break_even, fee, profit, value
from tui.model.sizing import largest_fitting
from tui.model.state import State
from tui.service.execution import Execution, execute, fees, fold, summarise
from tui.service.ground import Ground, ground_of
from tui.service.marking import mark_to_market
from tui.service.standing import Change, reserved, stand, unchanged

_NO_SIZE_LIMIT_LOTS = 10**12


def preview(state: State, request: OrderRequest, *, replaces: str | None = None) -> Preview | None:
    """Consequences of ``request``; ``replaces`` is the id of the order it is an edit of. None: unknown contract."""
    ground = ground_of(mark_to_market(state), request.symbol)
    return preview_on(ground, request, replaces=replaces) if ground else None


def preview_on(ground: Ground, request: OrderRequest, *, replaces: str | None = None) -> Preview:
    """The same on a ground that is already gathered."""
    run = execute(ground, request)
    others = claims_without(ground, replaces)
    holding, realised = fold(ground, run.side, run.parts)
    cash = realised - _expected_fee(ground, run)
    whole = summarise(ground, run.parts)
    price = whole.average if whole.average is not None else request.limit_price or ground.mark
    size = whole.filled or request.size
    instrument, rates = ground.instrument, ground.rates
    return Preview(
        before=stand(ground, unchanged(ground)),
        after=stand(ground, Change(holding, others, ground.leverage, cash)),
        effect="rests" if not run.taken and run.waiting is not None else effect(ground.holding, holding),
        pool=ground.pool.name if ground.pool else ground.currency,
        currency=ground.currency,
        mode=MarginMode.CROSS if ground.leverage is None else MarginMode.ISOLATED,
        execution=summarise(ground, run.taken),
        slippage_bps=_slippage_bps(ground, run),
        notional=value(instrument, size, price) if price else ZERO,
        size_usd=instrument.notional_usd(size, price) if price else ZERO,
        fee_maker=fee(instrument, size, price, rates.maker) if price and _may_rest(request) else None,
        fee_taker=fee(instrument, size, price, rates.taker) if price and request.type is not OrderType.POST else None,
        fee_currency=ground.currency,
        fee_source=rates.source,
        realised_pnl=realised if _closes(ground.holding, run) else None,
        funding_per_hour=_funding_per_hour(ground, holding),
        tier=tier_text(ground, holding),
        assumption=assumption(ground),
        protective_limit=run.protective_limit,
        queue_ahead=_queue_ahead(ground, run),
        break_even=break_even(instrument, holding, _rate_in(ground, request), rates.taker),
        margin_needed=margin_needed(ground, request, replaces=replaces),
    )


def immediate(ground: Ground, request: OrderRequest, *, replaces: str | None = None) -> Impact | None:
    """The account right after what ``request`` takes at once; None if it takes nothing."""
    run = execute(ground, request)
    if not run.taken:
        return None
    holding, realised = fold(ground, run.side, run.taken)
    cash = realised - fees(ground, run.taken, ground.rates.taker)
    return stand(ground, Change(holding, claims_without(ground, replaces), ground.leverage, cash))


def margin_needed(ground: Ground, request: OrderRequest, *, replaces: str | None = None) -> Decimal | None:
    """What the order takes from the available margin: requirement with orders after less before, and the taker fee on
    all of it (the maker fee for a post-only order). A trigger is counted as if it had filled.
    """
    now = _reserved_now(ground)
    return None if now is None else _needed(ground, request, claims_without(ground, replaces), now)


def _reserved_now(ground: Ground) -> Decimal | None:
    return reserved(ground, ground.holding, claims_without(ground, None))


def _needed(ground: Ground, request: OrderRequest, claims: tuple[Claim, ...], now: Decimal) -> Decimal | None:
    """``margin_needed`` beside the other ``claims``, against what is reserved ``now``."""
    run = execute(ground, request)
    holding, realised = fold(ground, run.side, run.taken if run.rests else run.parts)
    if run.rests and run.waiting is not None and not request.reduce_only:
        claims = (*claims, Claim(run.side, run.waiting.size, run.waiting.price))
    then = reserved(ground, holding, claims)
    if then is None:
        return None
    cost = fees(ground, run.parts, _rate_in(ground, request))
    return then - now + cost - (realised if ground.leverage is not None else ZERO)


def loss_at_once(ground: Ground, request: OrderRequest) -> Decimal:
    """What the wallet loses at once because the part that trades now trades worse than mark; never negative.

    The venue keeps free margin above zero after a fill, so it comes on top of ``margin_needed``. An isolated position
    carries it in its own pool.
    """
    mark = ground.mark
    if mark is None or ground.leverage is not None:
        return ZERO
    run = execute(ground, request)
    gained = sum((profit(ground.instrument, part.size * run.side.sign, part.price, mark) for part in run.taken), ZERO)
    return max(-gained, ZERO)


def max_size(ground: Ground, request: OrderRequest) -> Decimal | None:
    """The largest size of ``request`` (its own size is ignored) that the available margin carries, exact to the lot.

    None when the account, the mark, the ladder or the price is unknown. Closing a position always fits.
    """
    instrument, closing = ground.instrument, max(-ground.holding.size * request.side.sign, ZERO)
    if request.reduce_only:
        return instrument.whole_lots(closing)
    if ground.wallet is None or ground.mark is None or not instrument.tiers:
        return None
    free, now, claims = ground.wallet.available, _reserved_now(ground), claims_without(ground, None)
    probe = msgspec.structs.replace(request, size=instrument.lot_step)
    if now is None or (not execute(ground, probe).parts and request.type is not OrderType.FOK):
        return None

    def fits(size: Decimal) -> bool:
        sized = msgspec.structs.replace(request, size=size)
        needed = _needed(ground, sized, claims, now)
        enough = needed is not None and needed + loss_at_once(ground, sized) <= free
        return enough and leverage_allowed(ground, sized)

    return largest_fitting(fits, instrument.lot_step, _bound(ground, request), closing)


def leverage_allowed(ground: Ground, request: OrderRequest) -> bool:
    """Whether the isolated leverage is still available at the size after the order: its margin is not below the
    ladder's. Always true in cross.
    """
    if ground.leverage is None or ground.mark is None:
        return True
    run = execute(ground, request)
    holding, _ = fold(ground, run.side, run.parts)
    locked = position_requirement(ground.instrument, holding, ground.mark, ground.leverage).initial
    return locked >= position_requirement(ground.instrument, holding, ground.mark).initial


def claims_without(ground: Ground, order_id: str | None) -> tuple[Claim, ...]:
    return tuple(claim for number_, claim in ground.claims if number_ != order_id)


def effect(before: Holding, after: Holding) -> str:
    """The word for what happens to a position."""
    if not before.size:
        return "opens" if after.size else "does nothing"
    if not after.size:
        return "closes"
    if before.sign != after.sign:
        return "flips"
    return "adds" if abs(after.size) > abs(before.size) else "reduces"


def tier_text(ground: Ground, holding: Holding) -> str:
    """Such as ``tier 1 of 3 · 1 % · next at 1,000,000``."""
    instrument, mark = ground.instrument, ground.mark
    if not instrument.tiers or mark is None:
        return ""
    notional = instrument.notional_usd(abs(holding.size), basis(instrument, holding, mark))
    at = rung(instrument.tiers, notional)
    text = f"tier {at + 1} of {len(instrument.tiers)} · {number(instrument.tiers[at].initial * 100)} %"
    if at + 1 < len(instrument.tiers):
        text += f" · next at {number(instrument.tiers[at + 1].threshold)}"
    return text


def assumption(ground: Ground) -> str:
    """What must hold for the liquidation price shown to be right."""
    if ground.leverage is not None:
        return "isolated: this position alone"
    if ground.instrument.is_inverse:
        return f"if only {ground.instrument.base} moves; the wallet is in {ground.instrument.base}"
    if ground.coin:
        return f"if only {ground.instrument.symbol} moves, and {ground.instrument.base} collateral with it"
    return f"if only {ground.instrument.symbol} moves"


def _bound(ground: Ground, request: OrderRequest) -> Decimal:
    instrument = ground.instrument
    bound = instrument.lot_step * _NO_SIZE_LIMIT_LOTS
    if instrument.max_position is not None:
        bound = max(instrument.max_position - ground.holding.size * request.side.sign, ZERO)
    if request.type in (OrderType.MARKET, OrderType.IOC, OrderType.FOK):
        run = execute(ground, msgspec.structs.replace(request, size=bound, type=_greedy(request.type)))
        bound = min(bound, instrument.whole_lots(run.filled))
    return bound


def _greedy(type_: OrderType) -> OrderType:
    return OrderType.IOC if type_ is OrderType.FOK else type_


def _expected_fee(ground: Ground, run: Execution) -> Decimal:
    if not run.rests or run.waiting is None:
        return fees(ground, run.parts, ground.rates.taker)
    return fees(ground, run.taken, ground.rates.taker) + fees(ground, (run.waiting,), ground.rates.maker)


def _rate_in(ground: Ground, request: OrderRequest) -> Decimal:
    return ground.rates.maker if request.type is OrderType.POST else ground.rates.taker


def _may_rest(request: OrderRequest) -> bool:
    return request.type.can_rest or (request.type.is_trigger and request.limit_price is not None)


def _closes(holding: Holding, run: Execution) -> bool:
    return bool(run.parts) and holding.size * run.side.sign < 0


def _slippage_bps(ground: Ground, run: Execution) -> Decimal | None:
    """How much worse than mid the taken part would be, in hundredths of a percent."""
    average, mid = summarise(ground, run.taken).average, ground.mid
    if average is None or not mid:
        return None
    return (average / mid - 1) * run.side.sign * 10_000


def _queue_ahead(ground: Ground, run: Execution) -> Decimal | None:
    """Size displayed at the price that the order would join; the venue serves it first."""
    if not run.rests or run.waiting is None or run.taken or ground.book is None:
        return None
    own = ground.book.opposite(run.side.opposite)
    return next((level.size for level in own if level.price == run.waiting.price), ZERO)


def _funding_per_hour(ground: Ground, holding: Holding) -> Decimal | None:
    rate = ground.ticker.funding_rate if ground.ticker else None
    if rate is None or not ground.instrument.is_perpetual:
        return None
    return accrual(holding.size * ground.instrument.contract_size, rate)
