"""Time that somebody moves by hand: an event loop without sockets, whose clock stands until ``advance``.

It can be advanced from a callback of another loop in the same thread, so that a whole desk can live in a past of its
own while the screens live in the present. Invariant: handles run in the order in which they were scheduled and timers
by their time, and a timer fires only when nothing else is left to do at that moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")


class ReplayLoop(asyncio.BaseEventLoop):
    """It is its own selector: there is nothing to select. Time begins at 0."""

    _scheduled: list[asyncio.TimerHandle]

    def __init__(self) -> None:
        super().__init__()
        self._now_s = 0.0
        self._until: Callable[[], float] = float
        self._go_on: Callable[[], bool] = bool
        self._selector = self

    def time(self) -> float:
        return self._now_s

    def advance(self, until: Callable[[], float], go_on: Callable[[], bool] = lambda: True) -> None:
        """Do everything that is due until a time, or until ``go_on`` says no. ``until`` may change its mind while
        things happen. Not from within a task.
        """
        self._until, self._go_on = until, go_on
        outer = asyncio._get_running_loop()  # noqa: SLF001 -- made for those who write event loops
        asyncio._set_running_loop(None)  # noqa: SLF001
        try:
            self.run_forever()
        finally:
            asyncio._set_running_loop(outer)  # noqa: SLF001

    def leap(self, seconds: float) -> None:
        """Time passes in which nothing is done; what was due comes at once. From within."""
        self._now_s += seconds

    def end(self) -> None:
        """Cancel whatever is left, and close."""
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        self.advance(self.time)
        self.close()

    def select(self, timeout: float | None) -> tuple[()]:
        """Called by the base class when it would sleep."""
        if timeout == 0:
            return ()
        due_s = self._scheduled[0].when() if timeout is not None else float("inf")
        if not self._go_on():
            self.stop()
        elif due_s > (until_s := self._until()):
            self._now_s = max(self._now_s, until_s)
            self.stop()
        else:
            self._now_s = max(self._now_s, due_s)
        return ()

    def _process_events(self, _events: tuple[()]) -> None:
        return

    def _write_to_self(self) -> None:
        """What was called 'from another thread' is already in the queue: there is one thread."""

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """A task that nobody asks for its error: the same that a desk would log."""
        self.default_exception_handler(context)


class InlineExecutor(Executor):
    """Does what it is given at once, so that no thread's pace matters."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 -- handed to whoever waits, as any executor does
            future.set_exception(error)
        return future
