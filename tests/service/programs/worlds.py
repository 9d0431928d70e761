"""One program against the exchange's own engine: what the desk sees is late, answers get lost, others trade beside it.

The machine under test decides from stale sights; the engine is the truth. No service and no clock between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from tests.exchange.engines import crowd_takes, size_of, still_engine
from tui.exchange.commands import CancelOrder, EditOrder, MovePrice, SendOrder, Tick
from tui.exchange.events import Event, OrderChanged
from tui.model.decimals import ZERO
from tui.model.enums import CloseReason, OrderType, Side, TriggerSignal
from tui.model.order import OrderRequest
from tui.model.program import Linked, LinkedProgress, begin
from tui.service.programs import linked
from tui.service.programs.sight import Fate, Scene, Sight
from tui.service.programs.steps import Place, Pull, Resize, Say, Step

XBT = "PF_XBTUSD"
D = Decimal
TURN_MS = 500
TYPES = {OrderType.LIMIT: "lmt", OrderType.POST: "post", OrderType.STOP: "stp", OrderType.MARKET: "mkt"}
REASONS = {
    "full_fill": CloseReason.FILLED,
    "cancelled_by_user": CloseReason.CANCELLED,
    "stop_order_triggered": CloseReason.TRIGGERED,
}


def bracket(side: Side = Side.BUY, size: str = "1", *, entry: str, stop: str, target: str) -> Linked:
    out = side.opposite
    base = OrderRequest("", XBT, out, OrderType.LIMIT, D(size), reduce_only=True)
    legs = (
        OrderRequest(
            "", XBT, out, OrderType.STOP, D(size), None, D(stop), trigger_signal=TriggerSignal.MARK, reduce_only=True
        ),
        OrderRequest("", XBT, out, OrderType.LIMIT, base.size, D(target), reduce_only=True),
    )
    return Linked("program", OrderRequest("entry", XBT, side, OrderType.LIMIT, D(size), D(entry)), legs)


@dataclass
class World:
    """``turn`` lets the machine see and act once. ``faults`` False: everything arrives, and all is seen."""

    plan: Linked
    rng: Random
    faults: bool = True
    sent: Counter[str] = field(default_factory=Counter)
    said: list[str] = field(default_factory=list)
    interfered: bool = False

    def __post_init__(self) -> None:
        self.engine = still_engine()
        self.progress = begin(self.plan)
        self._reasons: dict[str, CloseReason] = {}
        self._sights: dict[str, Sight] = {}
        self._position = ZERO
        self._wire: list[Callable[[], None]] = []
        self._busy: set[str] = set()
        assert self.plan.entry is not None
        self._send(self.plan.entry)

    # --- the truth ------------------------------------------------------------------------------------------------

    @property
    def size(self) -> Decimal:
        return size_of(self.engine, XBT)

    @property
    def closable(self) -> Decimal:
        return max(-self.size * self.plan.side.sign, ZERO)

    def names(self) -> tuple[str, ...]:
        assert isinstance(self.progress, LinkedProgress)
        return linked.watched(self.plan, self.progress)

    def filled(self, name: str) -> Decimal:
        fills = self.engine.account().fills(limit=10_000)
        return sum((fill.size for fill in fills if fill.cli_ord_id == name), ZERO)

    def working(self) -> dict[str, Decimal]:
        mine = {name: at for at, name in enumerate(self.names())}
        rows = self.engine.account().open_orders()
        return {row.cli_ord_id: row.remaining for row in rows if row.cli_ord_id in mine}

    def truth(self, name: str) -> Sight:
        row = next((row for row in self.engine.account().open_orders() if row.cli_ord_id == name), None)
        filled = self.filled(name)
        if row is not None:
            return Sight(Fate.WORKING, row.order_id, row.remaining, filled, row.limit_price)
        if not self.sent[name]:
            return Sight(Fate.NOTHING)
        reason = self._reasons.get(name)
        if reason is None and not filled:
            return Sight(Fate.NOTHING)
        if reason is CloseReason.TRIGGERED and filled < D(1) and self.closable:
            return Sight(Fate.BUSY, name, D(1) - filled, filled, None, reason, is_odd=True)
        reason = reason or CloseReason.FILLED
        left = ZERO if reason is CloseReason.FILLED else D(1)
        return Sight(Fate.OVER, name, left, filled, None, reason)

    # --- acts of others -------------------------------------------------------------------------------------------

    def step(self, events: tuple[Event, ...]) -> None:
        for event in events:
            if isinstance(event, OrderChanged) and event.removed and event.order.cli_ord_id is not None:
                reason = REASONS.get(event.reason, CloseReason.CANCELLED_BY_VENUE)
                self._reasons[event.order.cli_ord_id] = reason

    def move(self, price: str) -> None:
        """The market jumps; what waits for the price is triggered, what it meets is filled."""
        self.step(self.engine.step(MovePrice("XBT", D(price)), self.engine.now_ms).events)

    def crowd(self, side: str, size: str, limit: str) -> None:
        self.step(crowd_takes(self.engine, XBT, side, size, limit))

    def trade(self, side: str, size: Decimal) -> None:
        """The trader, by hand, at market."""
        self.interfered = True
        self.step(self.engine.step(SendOrder(XBT, side, "mkt", size), self.engine.now_ms).events)

    def cancel(self, name: str) -> None:
        self.interfered = True
        self.step(self.engine.step(CancelOrder(cli_ord_id=name), self.engine.now_ms).events)

    # --- the machine ----------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Time passes, some of what is under way arrives, some of what happened is seen, and the machine acts."""
        self.step(self.engine.step(Tick(), self.engine.now_ms + TURN_MS).events)
        self._deliver()
        scene = self._look()
        assert isinstance(self.progress, LinkedProgress)
        self.progress, steps = linked.advance(self.plan, self.progress, scene)
        for one in steps:
            self._act(one)

    def _deliver(self) -> None:
        late = [act for act in self._wire if self.faults and self.rng.random() < 0.4]
        now = [act for act in self._wire if act not in late]
        self._wire = late
        for act in now:
            act()

    def _look(self) -> Scene:
        for name in self.names():
            if not self.faults or self.rng.random() < 0.6:
                self._sights[name] = self.truth(name)
        if not self.faults or self.rng.random() < 0.6:
            self._position = self.closable
        orders = {name: sight for name, sight in self._sights.items() if name not in self._busy}
        orders |= {name: Sight(Fate.BUSY, filled=self._sights[name].filled) for name in self._busy & set(self._sights)}
        orders |= {name: Sight(Fate.BUSY) for name in self.names() if name not in orders}
        live = not self.faults or self.rng.random() < 0.9
        return Scene(self.engine.now_ms, orders, live=live, closable=self._position)

    def _act(self, step: Step) -> None:
        if isinstance(step, Say):
            self.said.append(step.text)
            return
        name = step.request.client_order_id if isinstance(step, Place) else step.client_order_id
        assert name not in self._busy
        self._busy.add(name)
        self._wire.append(lambda: self._arrive(step, name))

    def _arrive(self, step: Place | Resize | Pull, name: str) -> None:
        """The request reaches the venue, or is refused on its way; the answer may be as late again."""
        status = "refused"
        if not self.faults or self.rng.random() < 0.85:
            status = self._perform(step)
        refused = status not in ("placed", "edited", "cancelled", "filled")

        def answer() -> None:
            self._busy.discard(name)
            self._sights[name] = self.truth(name)
            if refused and not isinstance(step, Place):
                assert isinstance(self.progress, LinkedProgress)
                self.progress = linked.refused(self.progress, step.leg, self.engine.now_ms)

        self._wire.append(answer)

    def _perform(self, step: Place | Resize | Pull) -> str:
        match step:
            case Place(request=request):
                return self._send(request)
            case Resize(request=request):
                command = EditOrder(request.order_id, size=request.size, limit_price=request.limit_price)
                outcome = self.engine.step(command, self.engine.now_ms)
            case Pull(request=request):
                outcome = self.engine.step(CancelOrder(request.order_id), self.engine.now_ms)
        self.step(outcome.events)
        return outcome.answer.status

    def _send(self, request: OrderRequest) -> str:
        self.sent[request.client_order_id] += 1
        command = SendOrder(
            XBT,
            request.side.value,
            TYPES[request.type],
            request.size,
            limit_price=request.limit_price,
            stop_price=request.stop_price,
            trigger_signal="mark",
            reduce_only=request.reduce_only,
            cli_ord_id=request.client_order_id,
        )
        outcome = self.engine.step(command, self.engine.now_ms)
        self.step(outcome.events)
        return outcome.answer.status

    def settle(self, turns: int = 60) -> None:
        """No more faults; long enough for every wait to end."""
        self.faults = False
        for _ in range(turns):
            self.turn()
