"""The replayed desk as the screens see it: the same state, at the recording's time, and no way to send.

Invariant: no act of the trader at the screen reaches the replayed desk; every one is refused, and says why.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from tui.model.draft import Assessment, EditAssessment, LeverageAssessment, OrderDraft
from tui.model.enums import Side
from tui.model.order import CancelAllResult, CancelRequest, EditRequest, Order, OrderRequest, Outcome, Refused, Unknown
from tui.model.program import Program
from tui.model.state import State, Tape
from tui.model.view import Risk
from tui.replay.player import Player

REASON: Final = "this is a replay"
_REFUSED: Final = Refused("replay", "This is a replay: nothing can be sent", by_desk=True)


class ReplayDesk:
    """Implements ``DeskPort``. Whoever changes ``speed`` or ``is_paused`` calls ``announce``."""

    def __init__(self, player: Player, *, of: str, speed: float) -> None:
        self.player = player
        self.speed = speed
        self.is_paused = False
        self.now_ms = player.now_ms
        self._of = of
        self._callbacks: list[Callable[[bool], None]] = []
        self._raw: State | None = None
        self._tape: Tape | None = None
        self._shown: State | None = None
        self._is_urgent = False
        player.runtime.subscribe(self._changed)

    @property
    def state(self) -> State:
        raw, tape = self.player.runtime.state, self._where()
        if self._shown is None or raw is not self._raw or tape != self._tape:
            self._raw, self._tape = raw, tape
            self._shown = replace(raw, can_trade=False, view_reason=REASON, replay=tape)
        return self._shown

    def announce(self) -> None:
        """Tell the screens what changed since the last time. Called in the screens' own loop."""
        urgent, self._is_urgent = self._is_urgent, False
        for callback in tuple(self._callbacks):
            callback(urgent)

    def risk(self, state: State) -> Risk:
        return self.player.runtime.risk(state)

    def journal_tail(self) -> tuple[str, ...]:
        return self.player.runtime.journal_tail()

    def subscribe(self, callback: Callable[[bool], None]) -> Callable[[], None]:
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def watch(self, symbol: str) -> None:
        """What was followed is in the recording; another contract in hand adds nothing to it."""

    # --- judging: as ever -----------------------------------------------------------------------------------------

    def new_client_order_id(self) -> str:
        return self.player.runtime.new_client_order_id()

    def join_draft(self, symbol: str, side: Side, clip: Decimal, better_ticks: int = 0) -> OrderDraft:
        return self.player.runtime.join_draft(symbol, side, clip, better_ticks)

    def assess(self, draft: OrderDraft) -> Assessment:
        return self.player.runtime.assess(draft)

    def assess_flatten(self, symbol: str) -> Assessment:
        return self.player.runtime.assess_flatten(symbol)

    def assess_reverse(self, symbol: str) -> Assessment:
        return self.player.runtime.assess_reverse(symbol)

    def assess_edit(self, order: Order, size: str, limit_price: str, stop_price: str) -> EditAssessment:
        return self.player.runtime.assess_edit(order, size, limit_price, stop_price)

    def assess_leverage(self, symbol: str, max_leverage: Decimal | None) -> LeverageAssessment:
        return self.player.runtime.assess_leverage(symbol, max_leverage)

    # --- acting: never --------------------------------------------------------------------------------------------

    async def submit(self, request: OrderRequest, *, accept_doubts: bool = False) -> Outcome:
        del request, accept_doubts
        return _REFUSED

    async def run_program(self, program: Program, *, accept_doubts: bool = False) -> Outcome:
        del program, accept_doubts
        return _REFUSED

    async def edit(self, request: EditRequest, *, accept_doubts: bool = False) -> Outcome:
        del request, accept_doubts
        return _REFUSED

    async def cancel(self, request: CancelRequest) -> Outcome:
        del request
        return _REFUSED

    async def cancel_all(self, symbol: str | None = None) -> CancelAllResult | Refused | Unknown:
        del symbol
        return _REFUSED

    async def flatten(self, symbol: str) -> Outcome:
        del symbol
        return _REFUSED

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> Refused | Unknown | None:
        del symbol, max_leverage
        return _REFUSED

    async def arm_dead_man(self, timeout_s: int, *, keep: bool = True) -> Refused | Unknown | None:
        del timeout_s, keep
        return _REFUSED

    # --- inside -------------------------------------------------------------------------------------------------

    def _changed(self, urgent: bool) -> None:
        """Called in the recording's time; the screens are told in theirs, by ``announce``."""
        self._is_urgent = self._is_urgent or urgent

    def _where(self) -> Tape:
        player = self.player
        second_ms = player.position_ms // 1000 * 1000
        return Tape(self._of, second_ms, player.index.length_ms, self.speed, self.is_paused, player.ending)
