"""What belongs to the person at the desk: the contract in hand, its clip, the key mode. Builds the view.

Invariant: armed mode ends by its own clock; whoever asks for the view after that gets confirm mode.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tui.model.state import State
from tui.model.view import KeyMode, Pulse, Risk, View
from tui.screens.alerts import Alerts
from tui.screens.clips import chosen, clips_for, index_of
from tui.screens.port import DeskPort

RISK_EVERY_MS = 500


class Seat:
    """``clips`` are the configured sizes by contract."""

    def __init__(
        self,
        desk: DeskPort,
        focus: str,
        mode: KeyMode,
        clips: Mapping[str, tuple[Decimal, ...]],
        alerts: Alerts | None = None,
    ) -> None:
        self._desk = desk
        self._configured = clips
        self._clip: dict[str, Decimal] = {}
        self._risk = Risk()
        self._risk_state: State | None = None
        self._risk_ms = 0
        self.focus = focus
        self.mode = mode
        self.pulse = Pulse()
        self.carried: tuple[str, ...] = ()
        self.alerts = alerts or Alerts()

    def view(self) -> View:
        state, now_ms = self._desk.state, self._desk.now_ms()
        if self.mode.until_ms is not None and now_ms >= self.mode.until_ms:
            self.mode = KeyMode("confirm")
        return View(
            state=state,
            now_ms=now_ms,
            focus=self.focus,
            clip=self._clip.get(self.focus) or chosen(self._clips(state), configured=self.focus in self._configured),
            mode=self.mode,
            risk=self._present_risk(state, now_ms),
            pulse=self.pulse,
            journal_tail=self._desk.journal_tail(),
            carried=self.carried,
            alerts=self.alerts.all,
            said=self.alerts.said,
        )

    def step_clip(self, step: int, *, wrap: bool = False) -> Decimal:
        """The next size up or down; ``wrap`` goes round. Returns the size now chosen."""
        view = self.view()
        clips = self._clips(view.state)
        if not clips:
            return view.clip
        index = index_of(clips, view.clip) + step
        index = index % len(clips) if wrap else min(max(index, 0), len(clips) - 1)
        self._clip[self.focus] = clips[index]
        return clips[index]

    def _clips(self, state: State) -> tuple[Decimal, ...]:
        symbol = self.focus
        return clips_for(symbol, state.instruments.get(symbol), state.tickers.get(symbol), self._configured)

    def _present_risk(self, state: State, now_ms: int) -> Risk:
        """At once when an order or position moved; with mere prices twice a second is as much as anyone reads."""
        before = self._risk_state
        moved = before is None or before.orders is not state.orders or before.positions is not state.positions
        if moved or (before is not state and now_ms - self._risk_ms >= RISK_EVERY_MS):
            self._risk = self._desk.risk(state)
            self._risk_state, self._risk_ms = state, now_ms
        return self._risk
