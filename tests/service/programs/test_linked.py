"""What a bracket does in one moment, given what is known in it."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from tests.service.programs.worlds import bracket
from tui.model.enums import CloseReason
from tui.model.program import LinkedProgress, begin
from tui.service.programs import linked
from tui.service.programs.sight import Fate, Scene, Sight
from tui.service.programs.steps import ENTRY, Place, Pull, Resize, Say, Step

D = Decimal
PLAN = bracket(entry="100", stop="90", target="120")
STOP, TARGET = PLAN.leg_id(0, 1), PLAN.leg_id(1, 1)
NOW = 1_000_000


def working(remaining: str, filled: str = "0") -> Sight:
    return Sight(Fate.WORKING, "id", D(remaining), D(filled), D(100))


def over(reason: CloseReason | None = CloseReason.FILLED, filled: str = "0", remaining: str = "0") -> Sight:
    return Sight(Fate.OVER, "id", D(remaining), D(filled), None, reason)


def scene(closable: str, at_ms: int = NOW, **orders: Sight) -> Scene:
    names = {"entry": "entry", "stop": STOP, "target": TARGET, "stop2": PLAN.leg_id(0, 2), "target2": PLAN.leg_id(1, 2)}
    return Scene(at_ms, {names[role]: sight for role, sight in orders.items()}, closable=D(closable))


def fresh() -> LinkedProgress:
    progress = begin(PLAN)
    assert isinstance(progress, LinkedProgress)
    return progress


def advance(progress: LinkedProgress, seen: Scene) -> tuple[LinkedProgress, tuple[Step, ...]]:
    return linked.advance(PLAN, progress, seen)


def placed(filled: str = "1", entry: Sight | None = None) -> LinkedProgress:
    """Both legs are out for what was filled."""
    seen = scene(filled, entry=entry or over(filled=filled))
    progress, steps = advance(fresh(), seen)
    assert [type(step) for step in steps] == [Place, Place]
    return progress


def sizes(steps: tuple[Step, ...]) -> dict[int, Decimal | None]:
    return {step.leg: step.request.size for step in steps if isinstance(step, Place | Resize)}


def test_nothing_is_placed_before_the_entry_fills() -> None:
    assert advance(fresh(), scene("0", entry=working("1")))[1] == ()
    assert advance(fresh(), scene("0", entry=Sight(Fate.BUSY)))[1] == ()


def test_the_legs_take_the_size_that_filled_while_the_rest_still_works() -> None:
    progress, steps = advance(fresh(), scene("0.4", entry=working("0.6", "0.4")))
    assert sizes(steps) == {0: D("0.4"), 1: D("0.4")}
    assert all(isinstance(step, Place) and step.request.reduce_only for step in steps)
    more = scene("0.7", entry=working("0.3", "0.7"), stop=working("0.4"), target=working("0.4"))
    assert sizes(advance(progress, more)[1]) == {0: D("0.7"), 1: D("0.7")}


def test_no_more_is_placed_than_the_position_holds() -> None:
    assert sizes(advance(fresh(), scene("0.3", entry=over(filled="1")))[1]) == {0: D("0.3"), 1: D("0.3")}
    assert advance(fresh(), scene("0", entry=over(filled="1")))[1] == ()


def test_nothing_is_placed_or_resized_blind_or_in_doubt() -> None:
    seen = scene("1", entry=over(filled="1"))
    for blind in (replace(seen, live=False), replace(seen, doubtful=True)):
        assert advance(fresh(), blind)[1] == ()


def test_an_order_in_the_dark_is_left_alone() -> None:
    progress = placed("0.4", working("0.6", "0.4"))
    more = scene("0.7", entry=working("0.3", "0.7"), stop=Sight(Fate.BUSY), target=working("0.4"))
    assert sizes(advance(progress, more)[1]) == {1: D("0.7")}


def test_what_the_target_fills_is_taken_off_the_stop_at_once() -> None:
    seen = scene("0.6", entry=over(filled="1"), stop=working("1"), target=working("0.6", "0.4"))
    assert sizes(advance(placed(), seen)[1]) == {0: D("0.6")}


def test_a_full_target_takes_the_stop_away_and_ends_it() -> None:
    progress = placed()
    progress, steps = advance(progress, scene("0", entry=over(filled="1"), stop=working("1"), target=over(filled="1")))
    assert [(type(step), getattr(step, "leg", None)) for step in steps] == [(Pull, 0)]
    seen = scene("0", entry=over(filled="1"), stop=over(CloseReason.CANCELLED), target=over(filled="1"))
    progress, steps = advance(progress, seen)
    assert progress.ended == "done"
    assert [type(step) for step in steps] == [Say]
    assert advance(progress, seen) == (progress, ())


def test_both_legs_filling_at_once_end_it_too() -> None:
    seen = scene("0", entry=over(filled="1"), stop=over(filled="0.6"), target=over(filled="0.4"))
    assert advance(placed(), seen)[0].ended == "done"


def test_the_first_exit_ends_the_entry() -> None:
    progress = placed("0.5", working("0.5", "0.5"))
    seen = scene("0.3", entry=working("0.5", "0.5"), stop=working("0.5"), target=working("0.3", "0.2"))
    pulls = [step for step in advance(progress, seen)[1] if isinstance(step, Pull)]
    assert [pull.leg for pull in pulls] == [ENTRY]


def test_an_entry_that_fills_on_after_the_target_is_protected_again() -> None:
    progress = placed("0.5", working("0.5", "0.5"))
    seen = scene("0.2", entry=over(filled="0.7"), stop=working("0.5"), target=over(filled="0.5"))
    progress, steps = advance(progress, seen)
    assert sizes(steps) == {0: D("0.2"), 1: D("0.2")}
    again = [step.request.client_order_id for step in steps if isinstance(step, Place)]
    assert again == [PLAN.leg_id(1, 2)]


def test_a_position_closed_otherwise_is_believed_after_a_while() -> None:
    progress = placed()
    seen = scene("0", entry=over(filled="1"), stop=working("1"), target=working("1"))
    progress, steps = advance(progress, seen)
    assert steps == ()
    progress, steps = advance(progress, replace(seen, now_ms=NOW + linked.SETTLE_MS))
    assert [type(step) for step in steps] == [Pull, Pull]
    gone = over(CloseReason.CANCELLED, remaining="1")
    later = scene("0", NOW + 5_000, entry=over(filled="1"), stop=gone, target=gone)
    assert advance(progress, later)[0].ended == "the position was closed otherwise"


def test_a_position_made_smaller_otherwise_shrinks_the_legs_after_a_while() -> None:
    progress = placed()
    seen = scene("0.4", entry=over(filled="1"), stop=working("1"), target=working("1"))
    progress, steps = advance(progress, seen)
    assert steps == ()
    assert sizes(advance(progress, replace(seen, now_ms=NOW + linked.SETTLE_MS))[1]) == {0: D("0.4"), 1: D("0.4")}


def test_a_lag_of_the_position_changes_nothing() -> None:
    progress = placed()
    behind = scene("0", entry=over(filled="1"), stop=working("1"), target=working("1"))
    progress, _ = advance(progress, behind)
    progress, _ = advance(progress, replace(behind, closable=D(1), now_ms=NOW + 1_000))
    assert advance(progress, replace(behind, now_ms=NOW + linked.SETTLE_MS))[1] == ()


def test_what_somebody_else_took_away_is_told_and_not_placed_again() -> None:
    progress = placed()
    seen = scene("1", entry=over(filled="1"), stop=over(CloseReason.CANCELLED, remaining="1"), target=working("1"))
    progress, steps = advance(progress, seen)
    assert steps == ()
    progress, steps = advance(progress, replace(seen, now_ms=NOW + linked.SETTLE_MS))
    assert [step.is_bad for step in steps if isinstance(step, Say)] == [True]
    assert advance(progress, replace(seen, now_ms=NOW + 60_000))[1] == ()


def test_a_refused_leg_is_tried_again_under_a_new_id_and_not_for_ever() -> None:
    progress, at, names = placed(), NOW, []
    for number in range(1, 12):
        out = {f"stop{number if number > 1 else ''}": Sight(Fate.NOTHING)} if number < 3 else {}
        at += 60_000
        progress, steps = advance(progress, scene("1", at, entry=over(filled="1"), target=working("1"), **out))
        progress, more = advance(progress, scene("1", at + 59_000, entry=over(filled="1"), target=working("1")))
        names += [step.request.client_order_id for step in (*steps, *more) if isinstance(step, Place)]
    assert len(names) == len(set(names)) == linked.MOST_REFUSALS - 1
    assert progress.legs[0].lost


def test_an_entry_refused_ends_the_program() -> None:
    progress, steps = advance(fresh(), scene("0", entry=Sight(Fate.NOTHING)))
    assert progress.ended == "the entry ended without a fill"
    assert [type(step) for step in steps] == [Say]


def test_a_stop_that_fired_is_waited_for_and_placed_again_for_what_it_left() -> None:
    fired = Sight(Fate.BUSY, "id", D("0.3"), D("0.7"), None, CloseReason.TRIGGERED, is_odd=True)
    seen = scene("0.3", entry=over(filled="1"), stop=fired, target=working("0.3"))
    progress, steps = advance(placed(), seen)
    assert steps == ()
    progress, steps = advance(progress, replace(seen, now_ms=NOW + linked.FIRED_MS))
    assert steps == ()
    progress, steps = advance(progress, replace(seen, now_ms=NOW + linked.FIRED_MS + 1_000))
    assert [step.request.client_order_id for step in steps if isinstance(step, Place)] == [PLAN.leg_id(0, 2)]
    assert sizes(steps) == {0: D("0.3")}


def test_a_leg_that_vanished_is_waited_for_and_then_taken_as_gone() -> None:
    vanished = Sight(Fate.BUSY, "id", D(1), D(0), None, CloseReason.UNKNOWN, is_odd=True)
    seen = scene("1", entry=over(filled="1"), stop=vanished, target=working("1"))
    progress, steps = advance(placed(), seen)
    progress, steps = advance(progress, replace(seen, now_ms=NOW + linked.ODD_MS - 1))
    assert not progress.legs[0].lost
    progress, steps = advance(progress, replace(seen, now_ms=NOW + linked.ODD_MS))
    assert progress.legs[0].lost
    assert steps == ()


def test_an_edit_that_is_taken_and_cut_at_once_is_asked_for_ever_more_slowly() -> None:
    progress, asked = placed(), []
    for turn in range(240):
        seen = scene("1", NOW + turn * 250, entry=over(filled="1"), stop=working("0.6"), target=working("1"))
        progress, steps = advance(progress, seen)
        asked += [turn for step in steps if isinstance(step, Resize)]
    assert len(asked) <= 8
    more = scene("1", NOW + 60_000, entry=over(filled="1"), stop=working("0.6", "0.1"), target=working("0.9"))
    assert sizes(advance(replace(progress, legs=tuple(replace(leg, wait_ms=0) for leg in progress.legs)), more)[1])


def test_a_refused_edit_is_not_repeated_at_once() -> None:
    progress = placed("0.4", working("0.6", "0.4"))
    seen = scene("0.7", entry=working("0.3", "0.7"), stop=working("0.4"), target=working("0.7"))
    assert sizes(advance(progress, seen)[1]) == {0: D("0.7")}
    refused = linked.refused(progress, 0, NOW)
    assert advance(refused, seen)[1] == ()
    assert sizes(advance(refused, replace(seen, now_ms=NOW + 1_000))[1]) == {0: D("0.7")}
