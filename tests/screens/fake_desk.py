"""A scripted desk: says what it is told to say, remembers what it was asked to send."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.widgets import Static

from tests.scenes import EMPTY, RICH
from tui.model.decimals import plain
from tui.model.draft import Assessment, EditAssessment, FieldError, LeverageAssessment, OrderDraft
from tui.model.enums import OrderType, Side
from tui.model.order import (
    Accepted,
    CancelAllResult,
    CancelRequest,
    EditRequest,
    Order,
    OrderRequest,
    Outcome,
    Refused,
    Unknown,
)
from tui.model.program import Program
from tui.model.state import State
from tui.model.view import Risk, Selection, View
from tui.screens.base import DeskScreen
from tui.widgets.format import PLAIN, Format

SENT = Accepted("placed", "order-1", None, resting=True)
REFUSED = Refused("insufficientAvailableFunds", "Not enough margin", "Make the order smaller")
LOST = Unknown("No answer in 5 s")
WORDS = {"bid": Decimal(87_959), "ask": Decimal(87_960), "bid+1t": Decimal(87_960), "ask-1t": Decimal(87_959)}


class FakeDesk:
    """``answers`` are given in turn, then ``SENT``; ``hold`` makes them wait until ``release``."""

    def __init__(self, state: State = RICH.state) -> None:
        self.state = state
        self.now = RICH.now_ms
        self.sent: list[object] = []
        self.accepted_doubts: list[bool] = []
        self.answers: list[Outcome | Exception] = []
        self.doubts: tuple[str, ...] = ()
        self.errors: tuple[FieldError, ...] = ()
        self.program: Program | None = None
        self.what: tuple[str, ...] = ()
        self.watched: list[str] = []
        self.risks = 0
        self.words = dict(WORDS)
        self._callback: Callable[[bool], None] | None = None
        self._open = asyncio.Event()
        self._open.set()
        self._ids = 0

    # --- for the test ----------------------------------------------------------------------------------------------

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def become(self, state: State, *, after_ms: int = 1_000) -> None:
        self.state = state
        self.now += after_ms
        if self._callback is not None:
            self._callback(True)

    # --- the port --------------------------------------------------------------------------------------------------

    def now_ms(self) -> int:
        return self.now

    def risk(self, state: State) -> Risk:
        del state
        self.risks += 1
        return RICH.risk

    def journal_tail(self) -> tuple[str, ...]:
        return ()

    def subscribe(self, callback: Callable[[bool], None]) -> Callable[[], None]:
        self._callback = callback

        def unsubscribe() -> None:
            self._callback = None

        return unsubscribe

    def watch(self, symbol: str) -> None:
        self.watched.append(symbol)

    def new_client_order_id(self) -> str:
        self._ids += 1
        return f"id-{self._ids}"

    def join_draft(self, symbol: str, side: Side, clip: Decimal, better_ticks: int = 0) -> OrderDraft:
        price = {(Side.BUY, 0): "bid", (Side.BUY, 1): "bid+1t", (Side.SELL, 0): "ask", (Side.SELL, 1): "ask-1t"}
        return OrderDraft(symbol, side, size=plain(clip), limit_price=price[side, better_ticks])

    def assess(self, draft: OrderDraft) -> Assessment:
        try:
            size = Decimal(draft.size)
        except ArithmeticError:
            return Assessment(None, (FieldError("size", f"{draft.size or 'nothing'} is not a number"),))
        if self.errors:
            return Assessment(None, self.errors)
        limit = None
        if draft.limit_price:
            limit = self.words.get(draft.limit_price) or Decimal(draft.limit_price)
        stop = Decimal(draft.stop_price) if draft.stop_price else None
        request = OrderRequest(
            draft.client_order_id,
            draft.symbol,
            draft.side,
            draft.type,
            size,
            limit_price=limit,
            stop_price=stop,
            trigger_signal=draft.trigger_signal if draft.type.is_trigger else None,
            reduce_only=draft.reduce_only,
        )
        return Assessment(
            request,
            doubts=self.doubts,
            resolved_limit=limit,
            resolved_size=size,
            program=self.program,
            what=self.what,
        )

    def assess_flatten(self, symbol: str) -> Assessment:
        return self._close(symbol, Decimal(1), reduce_only=True)

    def assess_reverse(self, symbol: str) -> Assessment:
        return self._close(symbol, Decimal(2), reduce_only=False)

    def assess_edit(self, order: Order, size: str, limit_price: str, stop_price: str) -> EditAssessment:
        if not (size or limit_price or stop_price):
            return EditAssessment(None)
        request = EditRequest(
            order.symbol,
            order.order_id,
            size=Decimal(size) if size else None,
            limit_price=Decimal(limit_price) if limit_price else None,
            stop_price=Decimal(stop_price) if stop_price else None,
        )
        return EditAssessment(request, self.errors, doubts=self.doubts)

    def assess_leverage(self, symbol: str, max_leverage: Decimal | None) -> LeverageAssessment:
        return LeverageAssessment(symbol, max_leverage, "USD")

    async def submit(self, request: OrderRequest, *, accept_doubts: bool = False) -> Outcome:
        self.accepted_doubts.append(accept_doubts)
        return await self._answer(request)

    async def run_program(self, program: Program, *, accept_doubts: bool = False) -> Outcome:
        self.accepted_doubts.append(accept_doubts)
        return await self._answer(program)

    async def edit(self, request: EditRequest, *, accept_doubts: bool = False) -> Outcome:
        self.accepted_doubts.append(accept_doubts)
        return await self._answer(request)

    async def cancel(self, request: CancelRequest) -> Outcome:
        return await self._answer(request)

    async def cancel_all(self, symbol: str | None = None) -> CancelAllResult | Refused | Unknown:
        answer = await self._answer(("cancel all", symbol))
        return CancelAllResult("cancelled", ("a", "b")) if isinstance(answer, Accepted) else answer

    async def flatten(self, symbol: str) -> Outcome:
        return await self._answer(("flatten", symbol))

    async def set_leverage(self, symbol: str, max_leverage: Decimal | None) -> Refused | Unknown | None:
        answer = await self._answer(("leverage", symbol, max_leverage))
        return None if isinstance(answer, Accepted) else answer

    async def arm_dead_man(self, timeout_s: int, *, keep: bool = True) -> Refused | Unknown | None:
        answer = await self._answer(("dead man", timeout_s, keep))
        return None if isinstance(answer, Accepted) else answer

    async def _answer(self, what: object) -> Outcome:
        self.sent.append(what)
        await self._open.wait()
        answer = self.answers.pop(0) if self.answers else SENT
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _close(self, symbol: str, times: Decimal, *, reduce_only: bool) -> Assessment:
        position = self.state.position(symbol)
        if position is None:
            return Assessment(None, (FieldError("", "no position"),))
        request = OrderRequest(
            self.new_client_order_id(),
            symbol,
            position.closing_side,
            OrderType.MARKET,
            position.size * times,
            reduce_only=reduce_only,
        )
        return Assessment(request, doubts=self.doubts)


class StubScreen(DeskScreen):
    """A desk screen whose cursor the test sets; remembers what it was shown and whether it is pinned."""

    def __init__(self, fmt: Format = PLAIN) -> None:
        super().__init__(fmt)
        self.cursor: Selection | None = None
        self.marks: tuple[Selection, ...] = ()
        self.shown = 0
        self.pins = 0

    def panels(self) -> ComposeResult:
        yield Static("desk")

    def show(self, view: View) -> None:
        del view
        self.shown += 1

    @property
    def selection(self) -> Selection | None:
        return self.cursor

    def pin(self) -> None:
        self.pins += 1

    def unpin(self) -> None:
        self.pins -= 1


FLAT_STATE = replace(EMPTY.state, orders=(), unresolved=(), positions=())
