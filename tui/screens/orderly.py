"""Keys take effect in the order in which they were pressed, however fast they came.

Textual hands a key to the widget in focus and runs its binding when the event has climbed back to the app, so of keys
that arrive together (a slow line, a busy moment) a later one may act first: what follows ``tab`` would land in the
field before it, what follows ``ctrl+u`` would be wiped. Invariant: a key is let in only when the one before it has
been all the way up.
"""

from __future__ import annotations

import asyncio
from collections import deque

from textual import events
from textual.app import App
from textual.message import Message
from textual.widget import Widget

WAITING = 256
LOST_S = 0.25
PATIENCE_S = 5.0


class KeyDone(Message):
    """Climbs behind a key on the same way; when it reaches the app, the key has been dealt with."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class OrderlyApp(App[None], inherit_bindings=False):
    """An app whose keys and pastes wait for each other. A widget that went away with its key holds up nothing for
    longer than ``LOST_S``; one that is merely slow is waited for, ``PATIENCE_S`` at most. Keys beyond ``WAITING`` are
    dropped.
    """

    def __init__(self) -> None:
        super().__init__()
        self._pressed: deque[events.Event] = deque(maxlen=WAITING)
        self._number = 0
        self._under_way: asyncio.TimerHandle | None = None

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            self._pressed.append(event)
            if self._under_way is None:
                await self._let_in()
        else:
            await super().on_event(event)

    async def on_key_done(self, message: KeyDone) -> None:
        message.stop()
        if message.number == self._number:
            await self._let_in()

    async def _let_in(self) -> None:
        """The next key, if one waits, and those after it while they are done at once."""
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None
        while self._pressed:
            event = self._pressed.popleft()
            if await self.at_once(event):
                continue
            self._number += 1
            done = KeyDone(self._number)
            target = self.focused or self.screen
            self._wait(done, target, PATIENCE_S)
            await super().on_event(event)
            target.post_message(done)
            return

    async def at_once(self, event: events.Event) -> bool:
        """Whether the key was dealt with here and now, so that nothing has to be waited for."""
        del event
        return False

    def _wait(self, done: KeyDone, target: Widget, left_s: float) -> None:
        self._under_way = asyncio.get_running_loop().call_later(LOST_S, self._miss, done, target, left_s - LOST_S)

    def _miss(self, done: KeyDone, target: Widget, left_s: float) -> None:
        """The key has not come up in time."""
        if target.is_attached and left_s > 0:
            self._wait(done, target, left_s)
        else:
            self.post_message(done)
