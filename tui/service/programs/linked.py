"""Brackets and OCO: what one order filled is the size of two others, and what either fills is taken off the other.

Level, not edge: every step is worked out anew from what is known now, so a missed or repeated event changes nothing.
Invariants: an order is placed under an id that was decided before and is never used again; nothing is done to an order
of which anything is unknown; reduce-only legs never ask for more than the position holds; what somebody else took away
is not placed again.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from tui.model.decimals import ZERO, plain
from tui.model.enums import CloseReason, OrderType
from tui.model.order import CancelRequest, EditRequest
from tui.model.program import Leg, Linked, LinkedProgress
from tui.service.programs.sight import Fate, Scene, Sight
from tui.service.programs.steps import ENTRY, Place, Pull, Resize, Say, Step, pause_ms

SETTLE_MS = 3_000  # a position may lag behind the fills that make it
FIRED_MS = 10_000
ODD_MS = 60_000
PLACED_AGAIN = (CloseReason.REJECTED, CloseReason.CANCELLED_BY_VENUE, CloseReason.REMAINDER_DROPPED)
"""Ends that were nobody's wish. The venue takes away what would not reduce, and there may be something to reduce later;
a stop that fired may find too little in the book.
"""
MOST_REFUSALS = 5


def advance(plan: Linked, progress: LinkedProgress, scene: Scene) -> tuple[LinkedProgress, tuple[Step, ...]]:
    """The program's next moment: what is known now, and what is to be done about it."""
    if progress.ended:
        return progress, ()
    entry = _noted(progress.entry, _entry_sight(plan, scene), scene, again=False)
    legs = tuple(
        _noted(leg, _leg_sights(plan, leg, at, scene), scene, again=True) for at, leg in enumerate(progress.legs)
    )
    progress = _measured(plan, replace(progress, entry=entry, legs=legs), scene)
    if ending := _ending(plan, progress, scene):
        bad = open_size(plan, progress) > 0
        return replace(progress, ended=ending), (Say(f"{title(plan)}: {ending}", is_bad=bad),)
    progress, said = _complaints(plan, progress, scene)
    legs, steps = _steps(plan, progress, scene)
    return replace(progress, legs=legs), (*said, *_entry_steps(plan, progress, scene), *steps)


def refused(progress: LinkedProgress, leg: int, now_ms: int) -> LinkedProgress:
    """An edit or cancel was refused: look again, but not at once."""
    if leg == ENTRY:
        return replace(progress, entry=_waiting(progress.entry, now_ms))
    legs = tuple(_waiting(one, now_ms) if at == leg else one for at, one in enumerate(progress.legs))
    return replace(progress, legs=legs)


def open_size(plan: Linked, progress: LinkedProgress) -> Decimal:
    """What the entry filled and nothing has closed yet."""
    whole = progress.entry.filled if plan.entry is not None else plan.legs[0].size
    return max(whole - sum((leg.filled for leg in progress.legs), ZERO) - progress.elsewhere, ZERO)


def watched(plan: Linked, progress: LinkedProgress) -> tuple[str, ...]:
    """Client order ids of everything that it ever placed."""
    entry = (plan.entry.client_order_id,) if plan.entry is not None else ()
    legs = (plan.leg_id(at, number + 1) for at, leg in enumerate(progress.legs) for number in range(len(leg.fills)))
    return (*entry, *legs)


def role_of(plan: Linked, leg: int) -> str:
    """The leg's name for people."""
    type_ = plan.legs[leg].type
    return "stop" if type_ in (OrderType.STOP, OrderType.TRAILING_STOP) else "target" if plan.reduces else "order"


def title(plan: Linked) -> str:
    return f"{'Bracket' if plan.entry is not None else 'OCO'} {plan.symbol}"


# --- what happened ------------------------------------------------------------------------------------------------


def _entry_sight(plan: Linked, scene: Scene) -> tuple[Sight, ...]:
    return (scene.of(plan.entry.client_order_id),) if plan.entry is not None else ()


def _leg_sights(plan: Linked, leg: Leg, at: int, scene: Scene) -> tuple[Sight, ...]:
    return tuple(scene.of(plan.leg_id(at, number + 1)) for number in range(len(leg.fills)))


def _noted(leg: Leg, sights: tuple[Sight, ...], scene: Scene, *, again: bool) -> Leg:
    """The leg with what is known of its orders now. ``again``: it may be placed once more after a refusal."""
    fills = tuple(max(known, seen.filled) for known, seen in zip(leg.fills, sights, strict=True))
    leg = replace(leg, fills=fills)
    if not leg.is_out or not sights:
        return leg
    seen = sights[-1]
    match seen.fate:
        case Fate.BUSY:
            return _odd(leg, seen, scene, again=again) if seen.is_odd else leg
        case Fate.WORKING:
            return replace(leg, odd_ms=None, refusals=0) if scene.now_ms >= leg.wait_ms else leg
        case Fate.NOTHING:
            return _after_refusal(leg, scene, again=again)
        case Fate.OVER:
            return _over(leg, seen, scene, again=again)


def _odd(leg: Leg, seen: Sight, scene: Scene, *, again: bool) -> Leg:
    """It fired or vanished, and somebody is being asked. A stop that fired and left something is wanted again; what
    vanished, and nobody can say why in a minute, is taken as gone.
    """
    if leg.odd_ms is None:
        return replace(leg, odd_ms=scene.now_ms)
    fired = seen.reason is CloseReason.TRIGGERED
    if scene.now_ms - leg.odd_ms < (FIRED_MS if fired else ODD_MS):
        return leg
    return _after_refusal(leg, scene, again=again) if fired else _lost(leg, "nobody can say what became of it", scene)


def _after_refusal(leg: Leg, scene: Scene, *, again: bool) -> Leg:
    refusals = leg.refusals + 1
    if again and refusals < MOST_REFUSALS:
        wait_ms = scene.now_ms + pause_ms(leg.refusals)
        return replace(leg, is_out=False, odd_ms=None, refusals=refusals, wait_ms=wait_ms)
    return _lost(leg, f"refused {refusals} times", scene)


def _over(leg: Leg, seen: Sight, scene: Scene, *, again: bool) -> Leg:
    complete = seen.reason is CloseReason.FILLED or (seen.filled > 0 and not seen.remaining)
    if complete or leg.pulled:
        return replace(leg, is_out=False, pulled=False, refusals=0, odd_ms=None)
    if seen.reason in PLACED_AGAIN:
        return _after_refusal(leg, scene, again=again)
    words = str(seen.reason).replace("_", " ") if seen.reason is not None else "ended while the desk was closed"
    return _lost(leg, words, scene)


def _lost(leg: Leg, why: str, scene: Scene) -> Leg:
    """It is told a little later, if there is still something to protect then."""
    return replace(leg, is_out=False, odd_ms=None, lost=why, wait_ms=scene.now_ms + SETTLE_MS)


def _complaints(plan: Linked, progress: LinkedProgress, scene: Scene) -> tuple[LinkedProgress, tuple[Say, ...]]:
    legs, said = list(progress.legs), list[Say]()
    for at, leg in enumerate(progress.legs):
        if leg.lost and not leg.is_told and scene.now_ms >= leg.wait_ms and open_size(plan, progress):
            legs[at] = replace(leg, is_told=True)
            text = f"{title(plan)}: the {role_of(plan, at)} works no more ({leg.lost}) and is not placed again"
            said.append(Say(text, is_bad=True))
    return replace(progress, legs=tuple(legs)), tuple(said)


def _measured(plan: Linked, progress: LinkedProgress, scene: Scene) -> LinkedProgress:
    """What something else closed is taken off; a smaller position is believed only after it has stood for a while, and
    while no order of the program is in the dark.
    """
    size = open_size(plan, progress)
    if not plan.reduces or scene.closable >= size or not scene.live or _in_the_dark(plan, progress, scene):
        return replace(progress, short_ms=None)
    if progress.short_ms is None:
        return replace(progress, short_ms=scene.now_ms)
    if scene.now_ms - progress.short_ms < SETTLE_MS:
        return progress
    return replace(progress, short_ms=None, elsewhere=progress.elsewhere + size - scene.closable)


def _in_the_dark(plan: Linked, progress: LinkedProgress, scene: Scene) -> bool:
    out = [scene.of(plan.leg_id(at, len(leg.fills))) for at, leg in enumerate(progress.legs) if leg.is_out]
    if plan.entry is not None and progress.entry.is_out:
        out.append(scene.of(plan.entry.client_order_id))
    return any(seen.fate is Fate.BUSY for seen in out)


def _ending(plan: Linked, progress: LinkedProgress, scene: Scene) -> str:
    if progress.entry.is_out or any(leg.is_out for leg in progress.legs):
        return ""
    if plan.entry is not None and not progress.entry.filled:
        return "the entry ended without a fill"
    if not open_size(plan, progress):
        return "the position was closed otherwise" if progress.elsewhere else "done"
    if all(leg.lost and scene.now_ms >= leg.wait_ms for leg in progress.legs):
        return f"none of its orders works any more; {plain(open_size(plan, progress))} is left to itself"
    return ""


# --- what to do ---------------------------------------------------------------------------------------------------


def _entry_steps(plan: Linked, progress: LinkedProgress, scene: Scene) -> tuple[Step, ...]:
    """Once a leg has begun to fill, the rest of the entry is not wanted any more."""
    entry = progress.entry
    if plan.entry is None or not entry.is_out or scene.now_ms < entry.wait_ms:
        return ()
    seen = scene.of(plan.entry.client_order_id)
    if seen.fate is not Fate.WORKING or not any(leg.filled for leg in progress.legs):
        return ()
    name = plan.entry.client_order_id
    return (Pull(ENTRY, name, CancelRequest(plan.symbol, seen.order_id, name)),)


def _steps(plan: Linked, progress: LinkedProgress, scene: Scene) -> tuple[tuple[Leg, ...], tuple[Step, ...]]:
    legs, steps = list(progress.legs), []
    for at, leg in enumerate(progress.legs):
        step = _step(plan, progress, at, scene)
        if isinstance(step, Place):
            legs[at] = replace(leg, fills=(*leg.fills, ZERO), is_out=True)
        elif isinstance(step, Pull):
            legs[at] = replace(leg, pulled=True)
        elif isinstance(step, Resize):
            legs[at] = _after_asking(leg, step.request.size, scene)
        if step is not None:
            steps.append(step)
    return tuple(legs), tuple(steps)


def _after_asking(leg: Leg, size: Decimal | None, scene: Scene) -> Leg:
    """The venue may take an edit and cut it at once, as other orders close the position, too: the same size is asked
    for ever more slowly.
    """
    if size != leg.asked:
        return replace(leg, asked=size, tries=1)
    return replace(leg, tries=leg.tries + 1, wait_ms=scene.now_ms + pause_ms(leg.tries - 1))


def _step(plan: Linked, progress: LinkedProgress, at: int, scene: Scene) -> Place | Resize | Pull | None:
    """Bring one leg to the size it should have. Cancels pass every doubt, as the trader's do."""
    leg = progress.legs[at]
    if scene.now_ms < leg.wait_ms:
        return None
    may_place = scene.live and not scene.doubtful
    wanted = _wanted(plan, progress, scene)
    if not leg.is_out:
        return _place(plan, leg, at, wanted) if may_place and wanted > 0 and not leg.lost else None
    name = plan.leg_id(at, len(leg.fills))
    seen = scene.of(name)
    if seen.fate is not Fate.WORKING:
        return None
    if not open_size(plan, progress):
        return Pull(at, name, CancelRequest(plan.symbol, seen.order_id, name))
    if not may_place or seen.order_id is None or not wanted or wanted == seen.remaining:
        return None
    if wanted < seen.remaining:  # what the position alone says is not believed so soon
        wanted = min(open_size(plan, progress), seen.remaining)
    if wanted == seen.remaining:
        return None
    return Resize(at, name, EditRequest(plan.symbol, seen.order_id, name, size=wanted))


def _wanted(plan: Linked, progress: LinkedProgress, scene: Scene) -> Decimal:
    size = open_size(plan, progress)
    return min(size, scene.closable) if plan.reduces else size


def _place(plan: Linked, leg: Leg, at: int, size: Decimal) -> Place:
    name = plan.leg_id(at, len(leg.fills) + 1)
    return Place(at, replace(plan.legs[at], client_order_id=name, size=size, process_before_ms=None))


def _waiting(leg: Leg, now_ms: int) -> Leg:
    return replace(leg, refusals=leg.refusals + 1, wait_ms=now_ms + pause_ms(leg.refusals), pulled=False)
