"""Brackets against the real engine: late and lossy as the road may be, nothing is sent twice or left behind."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from tests.exchange.engines import best
from tests.service.programs.worlds import D, World, bracket
from tui.model.enums import Side
from tui.model.program import LinkedProgress

WORLDS = 60


def fresh(rng: Random) -> World:
    """A long or a short, whose entry rests at the touch or takes."""
    probe = World(bracket(entry="1", stop="1", target="90000"), Random(0))
    side = rng.choice(list(Side))
    bid, ask = best(probe.engine, "PF_XBTUSD")
    touch = bid if side is Side.BUY else ask
    sign = side.sign
    entry = touch + sign * rng.choice([0, 0, 30])
    plan = bracket(
        side, entry=str(entry), stop=str(touch - sign * 500), target=str(touch + sign * rng.choice([200, 600]))
    )
    return World(plan, rng)


def happen(world: World) -> None:
    """One thing that may happen in a market, or that a trader may do."""
    rng, plan = world.rng, world.plan
    assert plan.entry is not None
    entry, out = plan.entry, plan.side.value
    bid, _ = best(world.engine, "PF_XBTUSD")
    part = str(D(rng.randint(1, 6)) / 10)
    target, stop = plan.legs[1].limit_price, plan.legs[0].stop_price
    assert target is not None
    assert stop is not None
    acts: list[Callable[[], None]] = [
        lambda: world.crowd(out, part, str(entry.limit_price)),
        lambda: world.crowd(out, part, str(entry.limit_price)),
        lambda: world.crowd(entry.side.value, part, str(target)),
        lambda: world.move(str(bid + rng.randint(-150, 150))),
        lambda: world.move(str(stop - entry.side.sign * 50)),
        lambda: world.move(str(target + entry.side.sign * 50)),
        lambda: world.cancel("entry"),
        lambda: world.trade(out, abs(world.size) or D("0.1")),
        lambda: world.trade(entry.side.value, D("0.3")),
        lambda: world.cancel(plan.leg_id(rng.randint(0, 1), 1)),
    ]
    weights = [8, 8, 6, 6, 2, 2, 2, 1, 1, 1]
    rng.choices(acts, weights)[0]()


@pytest.mark.parametrize("seed", range(WORLDS))
def test_a_random_life_leaves_no_orphan_and_sends_nothing_twice(seed: int) -> None:
    world = fresh(Random(seed))
    for _ in range(25):
        if world.rng.random() < 0.35:
            happen(world)
        world.turn()
        assert isinstance(world.progress, LinkedProgress)
    world.settle()
    working = world.working()
    assert isinstance(world.progress, LinkedProgress)
    assert max(world.sent.values()) == 1
    legs = {name: size for name, size in working.items() if name != "entry"}
    assert all(size <= world.closable for size in legs.values()), (legs, world.size)
    if world.progress.ended:
        assert not working, world.progress
    elif not world.interfered and world.closable:
        assert list(legs.values()) == [world.closable, world.closable], (world.progress, world.said)
