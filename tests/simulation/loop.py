"""Time that nobody waits for: an event loop without sockets whose clock jumps to the next timer.

Invariant: nothing outside the program has a say. Handles run in the order in which they were scheduled, timers by
their time, so that the same world does the same things in the same order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from contextvars import Context
from heapq import heappop, heappush
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


LONGEST_S = 3_600.0


class Stuck(RuntimeError):
    """Everything waits for something that can never happen, or goes on for ever."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Ready handles, timers, and nothing else: the base class's own round spends a third of a world on looking at
    sockets that are not there.
    """

    _ready: deque[asyncio.Handle]
    _stopping: bool

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._made = 0
        self.complaints: list[str] = []
        self.set_exception_handler(lambda _loop, context: self.complaints.append(_words(context)))

    def time(self) -> float:
        return self._now_s

    def leap(self, seconds: float) -> None:
        """Time passes in which nothing ran."""
        self._now_s += seconds

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        self._made += 1
        heappush(self._timers, (when, self._made, timer))
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays in the heap until its time comes."""

    def _run_once(self) -> None:
        """Called by the base class again and again: what is ready, or the next timers."""
        ready, timers = self._ready, self._timers
        if not ready and not self._stopping:
            while timers and timers[0][2].cancelled():
                heappop(timers)
            if not timers or self._now_s > LONGEST_S:
                raise Stuck
            self._now_s = max(self._now_s, timers[0][0])
        while timers and timers[0][0] <= self._now_s:
            ready.append(heappop(timers)[2])
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.cancelled():
                handle._run()

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
