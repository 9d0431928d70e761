"""A chase moves towards the other side only, never past the best price of its own, and not for ever."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tui.model.enums import CloseReason, OrderType, Side
from tui.model.order import OrderRequest
from tui.model.program import Chase, ChaseProgress
from tui.service.programs import chase
from tui.service.programs.sight import Fate, Scene, Sight
from tui.service.programs.steps import Resize, Say

D = Decimal
NOW = 1_000_000


def plan(side: Side = Side.BUY, within: int = 10, edits: int = 3) -> Chase:
    return Chase("c", OrderRequest("own", "PF_XBTUSD", side, OrderType.POST, D(1), D(100)), D(within), edits)


def scene(price: int, best: int, *, at_ms: int = NOW, side: Side = Side.BUY, fate: Fate = Fate.WORKING) -> Scene:
    return Scene(at_ms, {"own": Sight(fate, "id", D(1), D(0), D(price))}, touch={side: D(best)})


def test_it_joins_a_better_best_price_and_waits_before_the_next_edit() -> None:
    progress, (step,) = chase.advance(plan(), ChaseProgress(), scene(100, 101))
    assert isinstance(step, Resize)
    assert (step.request.limit_price, step.request.size) == (D(101), None)
    assert chase.advance(plan(), progress, scene(101, 102))[1] == ()
    assert chase.advance(plan(), progress, scene(101, 102, at_ms=NOW + chase.PACE_MS))[1] != ()


def test_it_never_goes_back_and_stays_when_it_is_best() -> None:
    assert chase.advance(plan(), ChaseProgress(), scene(100, 99))[1] == ()
    assert chase.advance(plan(), ChaseProgress(), scene(100, 100))[1] == ()


def test_a_sell_follows_downwards() -> None:
    _, (step,) = chase.advance(plan(Side.SELL), ChaseProgress(), scene(100, 98, side=Side.SELL))
    assert isinstance(step, Resize)
    assert step.request.limit_price == D(98)


def test_it_rests_where_it_may_not_follow() -> None:
    far, (said,) = chase.advance(plan(), ChaseProgress(), scene(100, 111))
    assert far.ended
    assert isinstance(said, Say)
    worn, _ = chase.advance(plan(), ChaseProgress(edits=3), scene(103, 104))
    assert worn.ended


def test_it_does_nothing_in_the_dark() -> None:
    assert chase.advance(plan(), ChaseProgress(), scene(100, 101, fate=Fate.BUSY))[1] == ()
    progress = chase.refused(ChaseProgress(), NOW)
    assert chase.advance(plan(), progress, scene(100, 101))[1] == ()


def test_it_ends_with_its_order() -> None:
    seen = Scene(NOW, {"own": Sight(Fate.OVER, "id", D(0), D(1), D(100), CloseReason.FILLED)})
    assert chase.advance(plan(), ChaseProgress(), seen)[0].ended == "done"
    assert chase.advance(plan(), ChaseProgress(), Scene(NOW, {}))[0].ended


@given(st.lists(st.integers(80, 130), max_size=40), st.sampled_from(list(Side)), st.integers(1, 30), st.integers(1, 10))
def test_whatever_the_market_does_it_stays_within_what_was_confirmed(
    bests: list[int], side: Side, within: int, edits: int
) -> None:
    program, progress, price, moves = plan(side, within, edits), ChaseProgress(), 100, 0
    for turn, best in enumerate(bests):
        seen = scene(price, best, at_ms=NOW + turn * 1_000, side=side)
        progress, steps = chase.advance(program, progress, seen)
        for step in steps:
            if isinstance(step, Resize):
                assert step.request.limit_price == best
                assert (best - price) * side.sign > 0
                price, moves = best, moves + 1
    assert moves <= edits
    assert abs(price - 100) <= within
