"""A tiny exchange whose truth is known, and a road to the desk that delays, drops, doubles and reorders.

Each feed keeps its own order; between feeds there is none. A question is cut somewhere between its asking and its
answer. A disconnect loses every frame on its way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from tests.service.build import ETH, T0, XBT, dec, fill, order, position, removed, request
from tests.service.desk import Desk
from tui.model.enums import CloseReason, OrderState, Side
from tui.model.events import (
    Event,
    FillsArrived,
    LinkLost,
    LinkOpened,
    LinkReady,
    OrdersSnapshot,
    OrderUpdated,
    PositionsFrame,
)
from tui.model.fill import Fill
from tui.model.order import Accepted, Order, OrderRequest, OrderStatusReport
from tui.model.position import Position
from tui.service import answers
from tui.service.duties import Duties
from tui.service.tracked import Closure

Working = dict[str, tuple[Decimal, Decimal, Decimal | None]]
"""Remaining, filled and limit price by order id."""

ACTS = 20
PAGE = 4  # fills in a REST page or a snapshot: small, so that gaps outgrow it
REMEMBERS_MS = 5_000  # an ended order is known to the status call for this long


@dataclass
class Resting:
    row: Order
    ended_ms: int | None = None
    reason: CloseReason | None = None


class ModelExchange:
    """``step`` performs one random act chosen by a number; ``settle`` lets everything arrive and answers all duties."""

    def __init__(self) -> None:
        self.now = T0
        self.desk = Desk()
        self.orders: dict[str, Resting] = {}
        self.fills: list[Fill] = []
        self.sizes = {XBT: dec(0), ETH: dec(0)}
        self.connected = False
        self.epoch = 0
        self._feeds: dict[str, deque[Event]] = {"orders": deque(), "fills": deque(), "positions": deque()}
        self._uncut: deque[Callable[[], Callable[[], None]]] = deque()
        self._cut: list[Callable[[], None]] = []
        self._highest: dict[str, Decimal] = {}
        self._ended: set[str] = set()
        self._asked_in_vain: set[str] = set()
        self.refresh()
        self.connect()

    # --- the truth ----------------------------------------------------------------------------------------------

    def working(self) -> Working:
        return {row.order_id: (row.remaining, row.filled, row.limit_price) for row in self._rows()}

    def believed(self) -> Working:
        """What the desk takes to be working."""
        rows = self.desk.ledger.orders.working()
        known = [row for row in rows if row.state is OrderState.OPEN]
        return {row.order_id: (row.remaining, row.filled, row.limit_price) for row in known}

    def positions(self) -> tuple[Position, ...]:
        return tuple(position(str(size), symbol=symbol) for symbol, size in self.sizes.items() if size)

    def _rows(self) -> tuple[Order, ...]:
        return tuple(known.row for known in self.orders.values() if known.ended_ms is None)

    # --- acts ---------------------------------------------------------------------------------------------------

    def step(self, act: int, choice: int) -> None:
        self.now += 1 + choice % 40
        self.desk.now = self.now
        acts = (
            self._place,
            self._place_taking,
            self._trade,
            self._trade,
            self._edit,
            self._edit,
            self._cancel,
            self._disconnect,
            self._reconnect,
            self._deliver,
            self._deliver,
            self._deliver,
            self._ask,
            self._ask,
            self._cut_one,
            self._cut_one,
            self._answer_one,
            self._answer_one,
            self._wait,
            self._calm,
        )
        acts[act](choice)
        self._check()

    def _place(self, choice: int, *, taking: bool = False) -> None:
        number = len(self.orders)
        client = f"c{number}" if choice % 3 else None
        symbol, side = (XBT, ETH)[choice % 2], (Side.BUY, Side.SELL)[choice // 2 % 2]
        row = order(f"o{number}", 10, at=self.now, created=self.now, symbol=symbol, side=side, client=client, price=100)
        asked = request(client, 10, symbol=symbol) if client else None
        if asked is not None:
            self.desk.ledger.orders.submit(asked, self.desk.ask(), self.desk.now)
        self.orders[row.order_id] = Resting(row)
        before = len(self.fills)
        if taking:
            self._execute(row.order_id, dec(10), resting=False)
        else:
            self._emit("orders", OrderUpdated(row, "new_placed_order_by_user"))
        if asked is not None:
            executions = tuple(self.fills[before:])
            accepted = Accepted(
                "placed",
                row.order_id,
                client,
                dec(10 if taking else 0),
                not taking,
                executions,
                None if taking else row,
            )
            self._cut.append(lambda: self._answer_placement(asked, accepted if choice % 5 else None))

    def _answer_placement(self, asked: OrderRequest, accepted: Accepted | None) -> None:
        """An answer that never comes leaves the order to the stream and to REST."""
        ledger = self.desk.ledger
        if accepted is None:
            ledger.orders.doubt(asked.client_order_id)
        else:
            answers.submitted(ledger, asked, accepted, self.desk.next_n(), self.desk.now)

    def _place_taking(self, choice: int) -> None:
        self._place(choice, taking=True)

    def _trade(self, choice: int) -> None:
        rows = self._rows()
        if rows:
            row = rows[choice % len(rows)]
            self._execute(row.order_id, min(row.remaining, dec(choice % 7 + 1)))

    def _execute(self, order_id: str, size: Decimal, *, resting: bool = True) -> None:
        known = self.orders[order_id]
        row = known.row
        left = row.remaining - size
        known.row = order(
            order_id,
            str(left),
            filled=str(row.filled + size),
            at=self.now,
            created=row.created_ms,
            symbol=row.symbol,
            side=row.side,
            client=row.client_order_id,
            price=str(row.limit_price),
        )
        one = fill(
            f"f{len(self.fills)}",
            str(size),
            order_id=order_id,
            at=self.now,
            side=row.side,
            left=str(left),
            symbol=row.symbol,
            client=row.client_order_id,
        )
        self.fills.append(one)
        self.sizes[row.symbol] += one.signed_size
        self._emit("fills", FillsArrived((one,), snapshot=False))
        self._emit("positions", PositionsFrame(self.positions(), self.now))
        if left:
            self._emit("orders", OrderUpdated(known.row, "partial_fill"))
        else:
            known.ended_ms, known.reason = self.now, CloseReason.FILLED
            if resting:
                self._emit("orders", removed(row=known.row, reason=CloseReason.FILLED))

    def _edit(self, choice: int) -> None:
        rows = self._rows()
        if rows:
            row = rows[choice % len(rows)]
            known = self.orders[row.order_id]
            known.row = order(
                row.order_id,
                choice % 15 + 1,
                filled=str(row.filled),
                at=self.now,
                created=row.created_ms,
                symbol=row.symbol,
                side=row.side,
                client=row.client_order_id,
                price=100 + choice % 9,
            )
            self._emit("orders", OrderUpdated(known.row, "edited_by_user"))

    def _cancel(self, choice: int) -> None:
        rows = self._rows()
        if rows:
            row = rows[choice % len(rows)]
            known = self.orders[row.order_id]
            known.ended_ms, known.reason = self.now, CloseReason.CANCELLED
            self._emit("orders", removed(row.order_id, client=row.client_order_id))

    def _wait(self, choice: int) -> None:
        self.now += 700 * (choice % 5 + 1)
        self.desk.now = self.now
        self.desk.wait(0)
        self._answer_duties()

    # --- the road -----------------------------------------------------------------------------------------------

    def _emit(self, feed: str, event: Event) -> None:
        if self.connected:
            self._feeds[feed].append(event)

    def _deliver(self, choice: int) -> None:
        waiting = [feed for feed in self._feeds.values() if feed]
        if waiting:
            event = waiting[choice % len(waiting)].popleft()
            self.desk.hear(event)
            if choice % 4 == 0:
                self.desk.hear(event)

    def _disconnect(self, choice: int) -> None:
        if self.connected and choice % 3 == 0:
            self.connected = False
            for feed in self._feeds.values():
                feed.clear()
            self.desk.hear(LinkLost(self.epoch, "cut", 1000))

    def _reconnect(self, _choice: int) -> None:
        if not self.connected:
            self.connect()

    def connect(self) -> None:
        self.connected = True
        self.epoch += 1
        self.desk.hear(LinkOpened(self.epoch))
        self._emit("orders", OrdersSnapshot(self._rows()))
        self._emit("fills", FillsArrived(tuple(self.fills[-PAGE:]), snapshot=True))
        self._emit("positions", PositionsFrame(self.positions(), self.now))
        self.desk.hear(LinkReady(self.epoch))

    def _ask(self, choice: int) -> None:
        sent_n = self.desk.ask()
        self._uncut.append((self._orders_question, self._positions_question, self._fills_question)[choice % 3](sent_n))

    def _orders_question(self, sent_n: int) -> Callable[[], Callable[[], None]]:
        def cut() -> Callable[[], None]:
            rows = self._rows()
            return lambda: self.desk.orders_answer(sent_n, *rows)

        return cut

    def _positions_question(self, sent_n: int) -> Callable[[], Callable[[], None]]:
        def cut() -> Callable[[], None]:
            rows, at = self.positions(), self.now
            return lambda: self.desk.positions_answer(sent_n, at, *rows)

        return cut

    def _fills_question(self, _sent_n: int) -> Callable[[], Callable[[], None]]:
        def cut() -> Callable[[], None]:
            page = tuple(reversed(self.fills[-PAGE:]))
            return lambda: self.desk.fills_answer(*page)

        return cut

    def _cut_one(self, choice: int) -> None:
        if self._uncut:
            self._uncut.rotate(-(choice % len(self._uncut)))
            self._cut.append(self._uncut.popleft()())

    def _answer_one(self, choice: int) -> None:
        if self._cut:
            self._cut.pop(choice % len(self._cut))()

    # --- the end ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        for question in (self._orders_question, self._positions_question, self._fills_question):
            question(self.desk.ask())()()

    def settle(self) -> None:
        """Everything on its way arrives, the desk asks what it wants to know, time passes."""
        while self._uncut:
            self._cut_one(0)
        while self._cut:
            self._answer_one(1)
            self._check()
        if not self.connected:
            self.connect()
        self._calm(0)
        for _ in range(12):
            self.now += 2_500
            self.desk.wait(2_500)
            self._answer_duties()
            self.refresh()
            self._check()

    def _calm(self, _choice: int) -> None:
        """When every frame of this connection is here the stream alone has it right, whatever REST said late."""
        while any(self._feeds.values()):
            self._deliver(1)
            self._check()
        if not self.connected:
            return
        duties = self.desk.ledger.wishes.take()
        assert self._certain(self.believed(), duties) == self._certain(self.working(), duties)
        assert self.desk.sizes() == {symbol: size for symbol, size in self.sizes.items() if size}
        self.desk.ledger.wishes.add(duties)

    def _certain(self, orders: Working, duties: Duties) -> Working:
        """Without those that the desk itself doubts: only the next refresh can tell."""
        doubted = self._asked_in_vain.union(duties.ask)
        return {order_id: state for order_id, state in orders.items() if order_id not in doubted}

    def _answer_duties(self) -> None:
        duties = self.desk.ledger.wishes.take()
        if duties.ask:
            sent_n = self.desk.ask()
            remembered = [one for one in duties.ask if self._is_remembered(one)]
            self._asked_in_vain.update(set(duties.ask) - set(remembered))
            self.desk.status_answer(sent_n, *(self._report(one) for one in remembered))
        if duties.backfill_since_ms is not None:
            self.desk.older_fills_answer(*(one for one in self.fills if one.time_ms >= duties.backfill_since_ms))

    def _is_remembered(self, order_id: str) -> bool:
        known = self.orders.get(order_id)
        return known is not None and (known.ended_ms is None or self.now - known.ended_ms <= REMEMBERS_MS)

    def _report(self, order_id: str) -> OrderStatusReport:
        known = self.orders[order_id]
        state = OrderState.OPEN if known.ended_ms is None else OrderState.CLOSED
        return OrderStatusReport(known.row, state, known.reason)

    # --- what must hold at every moment -------------------------------------------------------------------------

    def _check(self) -> None:
        ledger = self.desk.ledger
        for order_id, known in self.orders.items():
            tracked = ledger.orders.get(order_id)
            if tracked is None:
                continue
            assert tracked.order.filled >= self._highest.get(order_id, 0), f"{order_id}: filled fell"
            assert tracked.order.filled <= known.row.filled, f"{order_id}: more filled than true"
            assert tracked.executed <= known.row.filled, f"{order_id}: a fill counted twice"
            self._highest[order_id] = tracked.order.filled
            assert order_id not in self._ended or tracked.closure is Closure.HARD, f"{order_id}: rose from the dead"
            if tracked.closure is Closure.HARD:
                assert known.ended_ms is not None, f"{order_id}: declared dead alive"
                self._ended.add(order_id)
