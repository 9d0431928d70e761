"""The data service on a recording: it refreshes when the recorded one did, and only then.

What an answer proves depends on when it was asked for. A computer that has other things to do asks a few milliseconds
later than it meant to, and frames arrive in between; so a refresh that is due before the recorded one waits for it.
Invariant: nothing else differs from the desk's own service.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from tui.service.data import DataService

SOON_MS: Final = 2_500
NEVER_MS: Final = 10_000


class ReplayData(DataService):
    """``asked_in_ms`` says how long it is until the recording refreshes next, None if it does not again. ``SOON_MS`` is
    longer than the service ever looks away.
    """

    def __init__(self, *args: Any, asked_in_ms: Callable[[], int | None], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked_in_ms = asked_in_ms

    async def refresh(self) -> bool:
        """As the desk's own, at the recorded moment. One that is far away yet is put off, and False returned."""
        wait_ms = self._asked_in_ms()
        if wait_ms is None or wait_ms > SOON_MS:
            self._next_refresh_ms = self._store.clock() + (NEVER_MS if wait_ms is None else wait_ms - SOON_MS)
            return False
        await asyncio.sleep(wait_ms / 1000)
        return await super().refresh()
