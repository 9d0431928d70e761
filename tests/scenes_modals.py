"""Fixed moments of the dialogs: the whole app on a scripted desk that judges with the real checks."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from tests.scenes import DOWN, LIVE, RICH
from tests.screens.fake_desk import REFUSED, FakeDesk
from tui.app import TradingApp
from tui.model.draft import Assessment, EditAssessment, LeverageAssessment, OrderDraft
from tui.model.enums import Side
from tui.model.limits import Limits
from tui.model.order import Order
from tui.model.state import DeadMan, State
from tui.model.view import Risk
from tui.service import amend, risk, ticket
from tui.settings import Settings

SETTINGS = Settings(clips={"PF_XBTUSD": (Decimal("0.1"),)})
SETTLED = replace(RICH.state, unresolved=(), dead_man=DeadMan())


class JudgingDesk(FakeDesk):
    """The scripted desk with the real assessments: what it would send is what the desk would send."""

    def join_draft(self, symbol: str, side: Side, clip: Decimal, better_ticks: int = 0) -> OrderDraft:
        return ticket.join_draft(self.state, symbol, side, clip, better_ticks)

    def assess(self, draft: OrderDraft) -> Assessment:
        return ticket.assess(self.state, draft, Limits(), self.now, self.new_client_order_id)

    def assess_flatten(self, symbol: str) -> Assessment:
        return ticket.assess_flatten(self.state, symbol, Limits(), self.now, self.new_client_order_id)

    def assess_reverse(self, symbol: str) -> Assessment:
        return ticket.assess_reverse(self.state, symbol, Limits(), self.now, self.new_client_order_id)

    def assess_edit(self, order: Order, size: str, limit_price: str, stop_price: str) -> EditAssessment:
        return amend.assess_edit(self.state, order, size, limit_price, stop_price, limits=Limits(), now_ms=self.now)

    def assess_leverage(self, symbol: str, max_leverage: Decimal | None) -> LeverageAssessment:
        return amend.assess_leverage(self.state, symbol, max_leverage)

    def risk(self, state: State) -> Risk:
        return risk.risk(state)


def app_on(state: State, *, refuses: bool = False) -> TradingApp:
    """The app as a scene wants it; ``refuses`` makes the first order come back refused."""
    desk = JudgingDesk(state)
    if refuses:
        desk.answers = [REFUSED]
    return TradingApp(desk, SETTINGS)


KEYS: dict[str, tuple[State, bool, tuple[str, ...]]] = {
    # scene: (state, refuses the first order, keys that lead to it)
    "strip-buy": (SETTLED, False, ("b",)),
    "strip-doubt": (DOWN.state, False, ("b",)),
    "ticket": (SETTLED, False, ("t",)),
    "ticket-stop": (SETTLED, False, ("t", "up", *["right"] * 5, "down", "down", *"84000")),
    "ticket-refused": (SETTLED, True, ("t", "enter")),
    "edit": (SETTLED, False, ("tab", "e", *"87950")),
    "ladder": (SETTLED, False, ("L", "down", "down", "down", "enter", "down", "down")),
    "ladder-stop": (SETTLED, False, ("L", *["down"] * 5, "s")),
    "ladder-move": (SETTLED, False, ("L", "down", "down", "down", "enter", "down", "down", "enter")),
    "command": (SETTLED, False, (":", *"b .25 @bid po")),
    "cancel-many": (SETTLED, False, ("X",)),
    "leverage": (SETTLED, False, ("l", "right")),
    "flatten": (SETTLED, False, ("f",)),
    "mode-live": (LIVE.state, False, ("m", "a")),
    "panic": (SETTLED, False, ("!", "F", "L")),
    "quit": (SETTLED, False, ("q",)),
    "help": (SETTLED, False, ("?",)),
    "tour": (SETTLED, False, ("f1", "enter")),
    "palette": (SETTLED, False, ("ctrl+p",)),
}
