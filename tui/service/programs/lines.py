"""Programs in words, for the screens.

Invariant: what is said of a program is worked out from its plan and progress alone.
"""

from __future__ import annotations

from tui.model.decimals import plain
from tui.model.describe import one_line, price_text
from tui.model.instrument import Instrument
from tui.model.order import OrderRequest
from tui.model.program import Chase, ChaseProgress, Kept, Linked, LinkedProgress, ProgramLine
from tui.service.programs.linked import open_size, role_of

HERE = "lives in this desk: closed, it places nothing more; what is placed stays"


def line(kept: Kept, instrument: Instrument | None) -> ProgramLine:
    match kept.plan, kept.progress:
        case Linked() as plan, LinkedProgress() as progress:
            kind = "bracket" if plan.entry is not None else "oco"
            names = _names(plan, progress)
            return ProgramLine(
                plan.id, kind, plan.symbol, what(plan, instrument), _doing(plan, progress), kept.at_ms, names
            )
        case Chase() as plan, ChaseProgress() as progress:
            doing = f"moved {progress.edits} of {plan.edits} times"
            names = (("chase", plan.order.client_order_id),)
            return ProgramLine(plan.id, "chase", plan.symbol, what(plan, instrument), doing, kept.at_ms, names)
        case _:
            raise TypeError("a program of one kind with the progress of another")


def what(plan: Linked | Chase, instrument: Instrument | None) -> str:
    """Such as ``BUY 0.1 PF_XBTUSD @ 88,000, then stop 87,000 and target 90,000``."""
    if isinstance(plan, Chase):
        within = price_text(plan.within, instrument)
        return f"{one_line(plan.order, instrument)}, follows the best price by {within} at most, {plan.edits} edits"
    if plan.entry is None:
        return " or ".join(one_line(leg, instrument) for leg in plan.legs)
    exits = " and ".join(f"{role_of(plan, at)} {_at(leg, instrument)}" for at, leg in enumerate(plan.legs))
    return f"{one_line(plan.entry, instrument)}, then {exits}"


def _at(leg: OrderRequest, instrument: Instrument | None) -> str:
    if leg.deviation is not None:
        return f"trailing {plain(leg.deviation)}"
    price = leg.stop_price or leg.limit_price
    return price_text(price, instrument) if price is not None else ""


def _names(plan: Linked, progress: LinkedProgress) -> tuple[tuple[str, str], ...]:
    entry = (("entry", plan.entry.client_order_id),) if plan.entry is not None and progress.entry.is_out else ()
    legs = tuple(
        (role_of(plan, at), plan.leg_id(at, len(leg.fills))) for at, leg in enumerate(progress.legs) if leg.is_out
    )
    return (*entry, *legs)


def _doing(plan: Linked, progress: LinkedProgress) -> str:
    size = open_size(plan, progress)
    if plan.entry is not None and not size and progress.entry.is_out:
        return "waits for its entry to fill"
    parts = [f"{plain(size)} open"]
    for at, leg in enumerate(progress.legs):
        said = f"lost ({leg.lost})" if leg.lost else "works" if leg.is_out else "to be placed"
        parts.append(f"{role_of(plan, at)} {said}")
    return ", ".join(parts)
