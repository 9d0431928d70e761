"""Checks of an order against the account, the trader's own limits, and how far what is known can be believed.

Invariant: old or missing knowledge is a doubt, never silence; the desk's own limits name themselves as the desk's.
"""

from __future__ import annotations

from decimal import Decimal

from tui.model.decimals import HUNDRED, places
from tui.model.describe import number, size_text
from tui.model.margin import Band, band, basis, rung
from tui.model.pnl import Holding
from tui.model.state import LinkStatus, Slice
from tui.service.case import Case, Finding, doubt, error, warning
from tui.service.order_checks import through_mark_pct
from tui.service.preview import leverage_allowed, loss_at_once

REFRESH_GRACE_S = 5
"""Private slices may be silent between two refreshes of 10 s without being old; the answer's travel comes on top."""

_BAND_WORDS = {
    Band.CAUTION: "under 333 %",
    Band.WARNING: "under 200 %: new risk would be refused and orders that add risk cancelled",
    Band.CRITICAL: "under 143 %: close to liquidation",
    Band.LIQUIDATION: "at or under 100 %: liquidation",
}


def may_trade(case: Case) -> Finding | None:
    """View mode, and an account without usable keys, send nothing."""
    if case.state.can_trade:
        return None
    return error(case.state.view_reason or "this desk only views; nothing can be sent")


def link_is_live(case: Case) -> Finding | None:
    link = case.state.link
    if link.status is LinkStatus.LIVE:
        return None
    return doubt(f"the stream is {link.status}" + (f" ({link.reason})" if link.reason else ""))


def data_is_fresh(case: Case) -> Finding | None:
    """Age of every slice that the verdict on this order depends on."""
    parts = [Slice.MARKET, Slice.POSITIONS]
    if not case.request.reduce_only:
        parts += [Slice.MARGIN, Slice.ORDERS]
    old = [words for part in parts if (words := _staleness(case, part))]
    if case.ground.mark is None:
        old.append(f"no mark price of {case.request.symbol}")
    return doubt("old data: " + ", ".join(old)) if old else None


def nothing_unresolved(case: Case) -> Finding | None:
    """An earlier act on the contract whose outcome nobody knows yet may have done this already."""
    for item in case.state.unresolved:
        if item.symbol == case.request.symbol:
            age = max(case.now_ms - item.since_ms, 0) // 1000
            return doubt(f"unresolved since {age} s on this contract: {item.what}")
    return None


def margin_suffices(case: Case) -> Finding | None:
    """What the order takes is available. Orders that only reduce need none; triggers are judged when they wake."""
    if case.reduces:
        return None
    needed, free = case.preview.margin_needed, case.preview.before.available
    if needed is None or free is None:
        return doubt("the margin it needs is not known: no account, mark price or position data")
    if needed <= free:
        return None
    currency = case.ground.currency
    words = f"needs {_money(needed, currency)}, and {_money(free, currency)} is available"
    if case.request.type.is_trigger:
        return warning(f"when triggered it {words} now", "size")
    return error(f"insufficient margin: it {words}", "size")


def survives_fill(case: Case) -> Finding | None:
    """A fill worse than mark that would leave equity under maintenance margin is refused, whatever was available."""
    if case.reduces or case.immediate is None or case.immediate.level_pct is None:
        return None
    if case.immediate.level_pct >= HUNDRED:
        return None
    level = number(round(case.immediate.level_pct, 1))
    return error(f"it would cause liquidation: margin level {level} % right after the fill", "size")


def stays_funded(case: Case) -> Finding | None:
    """Available margin stays above zero right after a fill worse than mark, where the fill alone would survive."""
    needed, free = case.preview.margin_needed, case.preview.before.available
    if case.reduces or needed is None or free is None or needed > free or survives_fill(case) is not None:
        return None
    short = needed + loss_at_once(case.ground, case.request) - free
    if short <= 0:
        return None
    words = f"right after the fill {_money(short, case.ground.currency)} would be missing, as it trades worse than mark"
    return error(f"insufficient margin: {words}", "size")


def leverage_fits_size(case: Case) -> Finding | None:
    """An isolated leverage is only available while its margin is not below the ladder's at the size."""
    if case.reduces or leverage_allowed(case.ground, case.request):
        return None
    return error(f"{number(case.ground.leverage or HUNDRED)}x is too high a leverage for this size", "size")


def level_after(case: Case) -> Finding | None:
    """The margin level falls below one of the lines at 333, 200, 143 or 100 %."""
    before, after = case.preview.before.level_pct, case.preview.after.level_pct
    grade = band(after)
    if after is None or grade is None or grade is Band.HEALTHY or (before is not None and after >= before):
        return None
    return warning(f"margin level after: {number(round(after, 1))} %, {_BAND_WORDS[grade]}")


def crosses_rung(case: Case) -> Finding | None:
    """The position grows into a dearer rung of the ladder."""
    instrument, mark = case.ground.instrument, case.ground.mark
    if mark is None or not instrument.tiers:
        return None
    after = case.preview.after
    held = Holding(after.position, after.entry_price) if after.entry_price is not None else Holding()
    old, new = (
        rung(instrument.tiers, instrument.notional_usd(abs(item.size), basis(instrument, item, mark)))
        for item in (case.ground.holding, held)
    )
    if new <= old:
        return None
    tier = instrument.tiers[new]
    rate = number(tier.initial * HUNDRED)
    return warning(f"above {number(tier.threshold)} the initial margin rate is {rate} %: the size crosses that rung")


def calm_market(case: Case) -> Finding | None:
    factor = case.ground.instrument.initial_multiplier
    return warning(f"extreme volatility: initial margin is multiplied by {number(factor)}") if factor != 1 else None


def venue_not_waiting(case: Case) -> Finding | None:
    until = case.state.budget.wait_until_ms
    if until is None or until <= case.now_ms:
        return None
    return warning(f"the venue asked to wait {-(-(until - case.now_ms) // 1000)} s; the order goes out after that")


# --- the trader's own limits ------------------------------------------------------------------------------------


def contract_allowed(case: Case) -> Finding | None:
    allow = case.limits.allow
    if not allow or case.request.symbol in allow:
        return None
    return error(f"desk limit: {case.request.symbol} is not in the allowed contracts ({', '.join(allow)})", "symbol")


def order_within_size(case: Case) -> Finding | None:
    limit, size = case.limits.of(case.request.symbol).max_order_size, case.request.size
    if limit is None or case.reduces or size <= limit:
        return None
    return error(f"desk limit: order size {_size(case, size)} is above {_size(case, limit)}", "size")


def order_within_notional(case: Case) -> Finding | None:
    limit = case.limits.of(case.request.symbol).max_order_usd
    if limit is None or case.reduces:
        return None
    asked, instrument = case.request, case.ground.instrument
    price = asked.limit_price or asked.stop_price or case.preview.execution.worst or case.ground.mark
    if price is None:
        return error("desk limit: the order's worth cannot be known without a price", "size")
    worth = instrument.notional_usd(asked.size, price)
    if worth <= limit:
        return None
    return error(f"desk limit: order worth {_money(worth, 'USD')} is above {_money(limit, 'USD')}", "size")


def position_within_limit(case: Case) -> Finding | None:
    limit = case.limits.of(case.request.symbol).max_position
    after = abs(case.ground.holding.size + case.request.size * case.request.side.sign)
    if limit is None or case.reduces or after <= limit:
        return None
    return error(f"desk limit: position {_size(case, after)} is above {_size(case, limit)}", "size")


def within_collar(case: Case) -> Finding | None:
    limit, through = case.limits.collar_pct, through_mark_pct(case)
    if limit is None or through is None or through <= limit:
        return None
    percent = f"{number(round(through, 2))} % through mark"
    return error(f"desk limit: the price is {percent}, the collar is {number(limit)} %", "limit_price")


def _staleness(case: Case, part: Slice) -> str:
    age = case.state.ages.get(part)
    latest = age.latest_ms if age else None
    if latest is None:
        return f"{part} never received"
    allowed_s = case.limits.stale_after_s + (0 if part is Slice.MARKET else REFRESH_GRACE_S)
    seconds = (case.now_ms - latest) // 1000
    return f"{part} {seconds} s" if case.now_ms - latest > allowed_s * 1000 else ""


def _money(amount: Decimal, currency: str) -> str:
    step = Decimal("0.01") if currency == "USD" else Decimal("0.00000001")
    return f"{number(round(amount, places(step)), step)} {currency}"


def _size(case: Case, size: Decimal) -> str:
    return size_text(size, case.ground.instrument)
