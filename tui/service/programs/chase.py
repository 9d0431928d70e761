"""A post-only order that follows the best price of its side until it fills, or until it has gone far enough.

Invariants: it only ever moves towards the other side, never beyond the best price of its own, and never further than
was confirmed; when it may not follow any more it rests where it is.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from tui.model.decimals import plain
from tui.model.order import EditRequest
from tui.model.program import Chase, ChaseProgress
from tui.service.programs.sight import Fate, Scene, Sight
from tui.service.programs.steps import ENTRY, Resize, Say, Step

PACE_MS = 500  # an edit costs as much of the rate budget as an order


def advance(plan: Chase, progress: ChaseProgress, scene: Scene) -> tuple[ChaseProgress, tuple[Step, ...]]:
    """The program's next moment."""
    if progress.ended:
        return progress, ()
    seen = scene.of(plan.order.client_order_id)
    if seen.fate in (Fate.OVER, Fate.NOTHING) or (seen.fate is Fate.BUSY and seen.is_odd and not seen.remaining):
        ending = "done" if seen.filled and not seen.remaining else "its order works no more"
        return replace(progress, ended=ending), ()
    price = _touch(plan, seen, scene)
    if price is None or scene.now_ms < progress.wait_ms or not scene.live or scene.doubtful:
        return progress, ()
    if ending := _far_enough(plan, progress, price):
        text = f"Chase {plan.symbol}: {ending}; the order rests at {plain(seen.limit_price or price)}"
        return replace(progress, ended=ending), (Say(text),)
    name = plan.order.client_order_id
    edit = EditRequest(plan.symbol, seen.order_id or "", name, limit_price=price)
    moved = replace(progress, edits=progress.edits + 1, wait_ms=scene.now_ms + PACE_MS)
    return moved, (Resize(ENTRY, name, edit),)


def refused(progress: ChaseProgress, now_ms: int) -> ChaseProgress:
    """The edit was refused, as one is that would cross: the price is looked at again a little later."""
    return replace(progress, wait_ms=now_ms + 2 * PACE_MS)


def _touch(plan: Chase, seen: Sight, scene: Scene) -> Decimal | None:
    """The price to join, if it is better than the order's own. The book shows the order itself, too."""
    best = scene.touch.get(plan.order.side)
    if seen.fate is not Fate.WORKING or best is None or seen.limit_price is None:
        return None
    return best if (best - seen.limit_price) * plan.order.side.sign > 0 else None


def _far_enough(plan: Chase, progress: ChaseProgress, price: Decimal) -> str:
    start = plan.order.limit_price or price
    if progress.edits >= plan.edits:
        return f"it was moved {progress.edits} times, and no more were allowed"
    if abs(price - start) > plan.within:
        return f"the market went further than {plain(plan.within)} from {plain(start)}"
    return ""
