from __future__ import annotations

import asyncio

import pytest

from tui.replay.loop import ReplayLoop


def noted(loop: ReplayLoop) -> list[tuple[float, str]]:
    told: list[tuple[float, str]] = []

    async def sleep(seconds: float, name: str) -> None:
        await asyncio.sleep(seconds)
        told.append((round(asyncio.get_running_loop().time(), 6), name))

    for seconds, name in ((2.0, "two"), (1.0, "one"), (0.0, "now"), (9.0, "nine")):
        loop.create_task(sleep(seconds, name))
    return told


def test_time_stands_until_it_is_moved() -> None:
    loop = ReplayLoop()
    told = noted(loop)
    loop.advance(lambda: 0.0)
    assert told == [(0.0, "now")]
    loop.advance(lambda: 2.5)
    assert told == [(0.0, "now"), (1.0, "one"), (2.0, "two")]
    assert loop.time() == 2.5
    loop.advance(lambda: 2.5)
    assert len(told) == 3
    loop.end()
    assert loop.is_closed()
    assert len(told) == 3, "what was left was cancelled"


def test_it_stops_between_two_moments_when_told() -> None:
    loop = ReplayLoop()
    told = noted(loop)
    loop.advance(lambda: 100.0, lambda: not any(name == "one" for _, name in told))
    assert [name for _, name in told] == ["now", "one"]
    assert loop.time() == 1.0
    loop.end()


def test_a_timer_waits_until_nothing_else_is_left_to_do() -> None:
    loop = ReplayLoop()
    order: list[str] = []

    async def busy() -> None:
        for _ in range(50):
            await asyncio.sleep(0)
        order.append("busy")

    async def later() -> None:
        await asyncio.sleep(1e-6)
        order.append("later")

    loop.create_task(later())
    loop.create_task(busy())
    loop.advance(lambda: 1.0)
    assert order == ["busy", "later"]
    loop.end()


async def test_it_moves_inside_another_loop_that_notices_nothing() -> None:
    inner = ReplayLoop()
    told = noted(inner)
    outer = asyncio.get_running_loop()
    moved = asyncio.Event()

    def move() -> None:
        inner.advance(lambda: 3.0)
        assert asyncio.get_running_loop() is outer
        moved.set()

    outer.call_soon(move)
    await moved.wait()
    assert [name for _, name in told] == ["now", "one", "two"]
    assert asyncio.current_task() is not None
    ended = asyncio.Event()
    outer.call_soon(inner.end)
    outer.call_soon(ended.set)
    await ended.wait()


def test_an_error_of_a_task_stays_in_the_task() -> None:
    loop = ReplayLoop()

    async def fail() -> None:
        await asyncio.sleep(1)
        raise ValueError("no")

    task = loop.create_task(fail())
    loop.advance(lambda: 5)
    assert loop.time() == 5
    with pytest.raises(ValueError, match="no"):
        task.result()
    loop.end()
