"""The desk's own screens over a recording, with a player's keys.

Invariant: the recording's time moves only here, a little at a time, and never so long that a key would wait.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from tui.app import TradingApp
from tui.model.errors import DeskError
from tui.replay.desk import ReplayDesk
from tui.settings import Settings

STEP_S: Final = 0.03
BUSY_S: Final = 0.05
SPEEDS: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0)


class ReplayApp(TradingApp):
    """``failure`` is what ended the replayed desk, if anything did."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "pause", "play/pause"),
        Binding("full_stop", "step", "step", key_display="."),
        Binding("less_than_sign", "pace(-1)", "slower", key_display="<"),
        Binding("greater_than_sign", "pace(1)", "faster", key_display=">"),
    ]

    def __init__(self, desk: ReplayDesk, settings: Settings) -> None:
        super().__init__(desk, settings)
        self.failure: DeskError | None = None
        self._replay = desk
        self._last_s = 0.0
        self._has_said_end = False

    def on_mount(self) -> None:
        """Textual calls the one of ``TradingApp`` too."""
        self._last_s = perf_counter()
        self._schedule()

    def action_pause(self) -> None:
        self._replay.is_paused = not self._replay.is_paused
        self._replay.announce()

    def action_step(self) -> None:
        """Pause, and let the recording say one thing more."""
        self._replay.is_paused = True
        asyncio.get_running_loop().call_soon(self._advance, True)

    def action_pace(self, change: int) -> None:
        now = self._replay.speed
        wanted = [speed for speed in SPEEDS if (speed > now if change > 0 else speed < now)]
        if wanted:
            self._replay.speed = wanted[0] if change > 0 else wanted[-1]
            self._replay.announce()

    # --- time ------------------------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        """By the loop itself: a desk in another time cannot be moved from within a task."""
        asyncio.get_running_loop().call_later(STEP_S, self._turn)

    def _turn(self) -> None:
        if self._exit or self.failure is not None:
            return
        if not self._replay.is_paused:
            self._advance(False)
        self._last_s = perf_counter()
        self._schedule()

    def _advance(self, one_step: bool) -> None:
        player, began_s = self._replay.player, perf_counter()
        try:
            if one_step:
                player.step()
            else:
                ahead_ms = (began_s - self._last_s) * 1000 * self._replay.speed
                player.play_to(player.position_ms + round(ahead_ms), lambda: perf_counter() - began_s < BUSY_S)
        except DeskError as error:
            self.failure = error
            self.exit()
            return
        self._replay.announce()
        if player.ending and not self._has_said_end:
            self._has_said_end = True
            self.say(f"The recording ends here: {player.ending}", "warning")
