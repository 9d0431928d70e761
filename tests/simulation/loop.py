"""Time that nobody waits for: an event loop without sockets whose clock jumps to the next timer.

Invariant: nothing outside the program has a say. Handles run in the order in which they were scheduled, timers by
their time, so that the same world does the same things in the same order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")


class Stuck(RuntimeError):
    """Everything waits for something that can never happen."""


class VirtualLoop(asyncio.BaseEventLoop):
    """It is its own selector: there is nothing to select."""

    _scheduled: list[asyncio.TimerHandle]

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0
        self._selector = self
        self.complaints: list[str] = []
        self.set_exception_handler(lambda _loop, context: self.complaints.append(_words(context)))

    def time(self) -> float:
        return self._now_s

    def select(self, timeout: float | None) -> tuple[()]:
        """Called by the base class when it would sleep."""
        if timeout is None:
            raise Stuck
        if timeout > 0:
            self._now_s = max(self._now_s, self._scheduled[0].when())
        return ()

    def _process_events(self, _events: tuple[()]) -> None:
        return

    def _write_to_self(self) -> None:
        """What was called 'from another thread' is already in the queue: there is one thread."""


def _words(context: dict[str, Any]) -> str:
    return f"{context.get('message')}: {context.get('exception')!r}"


def virtually(main: Coroutine[Any, Any, T]) -> tuple[T, list[str]]:
    """Run to the end. Also returns what the loop's exception handler was told, which a sound program leaves empty."""
    loop = VirtualLoop()
    try:
        try:
            result = loop.run_until_complete(main)
        finally:
            _end_all(loop)
        return result, loop.complaints
    finally:
        loop.close()


def _end_all(loop: VirtualLoop) -> None:
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    if rest:
        loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))


class Disk(Executor):
    """A disk that takes its time, does one thing after the other, and stops dead when its machine does."""

    def __init__(self, loop: asyncio.AbstractEventLoop, delay_s: Callable[[], float]) -> None:
        self._loop = loop
        self._delay_s = delay_s
        self._free_s = 0.0
        self.is_dead = False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        self._free_s = max(self._free_s, self._loop.time()) + self._delay_s()
        self._loop.call_at(self._free_s, self._perform, future, lambda: fn(*args, **kwargs))
        return future

    def _perform(self, future: Future[T], act: Callable[[], T]) -> None:
        if self.is_dead:
            return
        try:
            result = act()
        except Exception as error:  # noqa: BLE001 handed to whoever waits, as any executor does
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
            return
        if not future.cancelled():
            future.set_result(result)
