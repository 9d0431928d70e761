"""The app over a scripted desk and an empty screen: for tests of keys and what they send."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from tests.screens.fake_desk import FakeDesk, StubScreen
from tui.app import TradingApp
from tui.model.view import Selection
from tui.screens.habits import HabitsFile
from tui.screens.stage import Severity
from tui.settings import Desk, Settings
from tui.widgets.format import printable

CLIPS: dict[str, tuple[Decimal, ...]] = {"PF_XBTUSD": (Decimal("0.1"), Decimal("0.2"), Decimal("0.5"))}
SETTINGS = Settings(desk=Desk(frames_per_s=60), clips=CLIPS)


class KeyApp(TradingApp):
    """The real app; only its screens are empty ones."""

    def __init__(
        self,
        desk: FakeDesk,
        settings: Settings = SETTINGS,
        *,
        view_only: bool = False,
        habits: HabitsFile | None = None,
    ) -> None:
        super().__init__(desk, settings, view_only=view_only, habits=habits)
        self.desk = desk
        self._waiting: list[Callable[[], None]] = []
        self._told: list[str] = []

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Wait for ``elapse`` instead of a clock."""
        del delay_s
        self._waiting.append(call)

    def elapse(self) -> None:
        """The time that anything waits for is over."""
        waiting, self._waiting = self._waiting, []
        for call in waiting:
            call()

    @property
    def marked(self) -> tuple[Selection, ...]:
        return self.stub.marks

    def _make_screen(self, module: str, name: str) -> Screen[None]:
        del module, name
        return StubScreen()

    @property
    def stub(self) -> StubScreen:
        screen = self.screen_stack[0]
        assert isinstance(screen, StubScreen)
        return screen

    @property
    def said(self) -> list[str]:
        """Every toast so far, oldest first, also those that have gone since."""
        return list(self._told)

    def _toast(self, text: str, severity: Severity) -> None:
        self._told.append(printable(text))
        super()._toast(text, severity)

    def select(self, selection: Selection | None) -> None:
        self.stub.cursor = selection

    def press_at_once(self, *keys: str) -> None:
        """Keys that arrive in one read of the terminal: no frame, not even a loop turn, between them."""
        for key in keys:
            self.post_message(events.Key(key, key if len(key) == 1 else None))


async def settle(pilot: Pilot[None]) -> None:
    """Until the strips are drawn and the acts have run."""
    for _ in range(3):
        await pilot.pause()


async def type_text(pilot: Pilot[None], text: str) -> None:
    await pilot.press(*text)
    await pilot.pause()


run = partial(KeyApp.run_test, size=(100, 40))
