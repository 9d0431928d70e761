"""Order tables: what works at the venue, and on top of it what nobody has answered for yet."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from tui.model.decimals import ZERO
from tui.model.enums import CloseReason, DeviationUnit, OrderState, OrderType
from tui.model.order import Order, Unresolved
from tui.model.program import ProgramLine
from tui.model.state import Slice
from tui.model.view import Selection, View
from tui.widgets.columns import Column, Context
from tui.widgets.figures import distance_ticks, fires_below
from tui.widgets.flow import flow, item
from tui.widgets.format import NONE, age, duration, printable
from tui.widgets.ink import Ink, Span
from tui.widgets.table import Banner, LineTable

TYPE_WORDS = {
    OrderType.LIMIT: "lmt",
    OrderType.POST: "post",
    OrderType.MARKET: "mkt",
    OrderType.IOC: "ioc",
    OrderType.FOK: "fok",
    OrderType.STOP: "stp",
    OrderType.TAKE_PROFIT: "tp",
    OrderType.TRAILING_STOP: "trail",
    OrderType.UNKNOWN: "?",
}

PROGRAM_FLAGS = {"bracket": "brk", "oco": "oco", "chase": "chase"}


def _distance(order: Order, context: Context) -> Span:
    ticks = distance_ticks(order, context.ticker(order.symbol), context.instrument(order.symbol))
    return (NONE, Ink.DIM) if ticks is None else (f"{context.fmt.signed(ticks, 0)} t", Ink.TEXT)


def _trigger(order: Order, context: Context) -> Span:
    """``mark ≤ 82,000``, with the limit of the order it becomes; how far a trailing stop stays behind."""
    if not order.type.is_trigger:
        return "", Ink.TEXT
    signal = order.trigger_signal or "mark"
    if order.type is OrderType.TRAILING_STOP and order.deviation is not None:
        unit = "%" if order.deviation_unit is DeviationUnit.PERCENT else "USD"
        words = f"{signal} trails {order.deviation.normalize():f} {unit}"
    else:
        words = f"{signal} {'≤' if fires_below(order) else '≥'} {context.price(order.symbol, order.stop_price)}"
    if order.limit_price is not None:
        words += f" → lmt {context.price(order.symbol, order.limit_price)}"
    return words, Ink.TEXT


def _flags(order: Order, context: Context) -> Span:
    """``PO`` post-only, ``RO`` reduce-only, and the program of the desk that the order belongs to."""
    flags = [name for name, on in (("PO", order.type is OrderType.POST), ("RO", order.reduce_only)) if on]
    if order.client_order_id is not None:
        programs = context.view.state.programs
        names = ((line.kind, name) for line in programs for _, name in line.client_order_ids)
        flags += [PROGRAM_FLAGS[kind] for kind, name in names if name == order.client_order_id]
    if order.state is OrderState.SUBMITTING:
        flags.append("sending")
    return " ".join(flags), Ink.TEXT


def _queue(order: Order, context: Context) -> Span:
    """What rests at the order's price without it: a bound for what is ahead of it in the queue."""
    book = context.view.state.books.get(order.symbol)
    if book is None or order.type.is_trigger:
        return "", Ink.DIM
    levels = book.bids if order.side == "buy" else book.asks
    size = next((level.size for level in levels if level.price == order.limit_price), None)
    if size is None:
        return "", Ink.DIM
    return f"≤ {context.size(order.symbol, max(ZERO, size - order.remaining))} ahead", Ink.DIM


def _age(order: Order, context: Context) -> Span:
    return duration(context.view.now_ms - order.created_ms) if order.created_ms else NONE, Ink.DIM


COLUMNS: tuple[Column[Order], ...] = (
    Column("contract", lambda o, _: (o.symbol, Ink.STRONG), right=False, sort=lambda o, _: o.symbol),
    Column("side", lambda o, _: (o.side.upper(), Ink.TEXT), right=False, sort=lambda o, _: o.side.value),
    Column("size", lambda o, c: (c.size(o.symbol, o.size), Ink.TEXT), point=True),
    Column("filled", lambda o, c: (c.size(o.symbol, o.filled), Ink.STRONG if o.filled else Ink.DIM), 5, point=True),
    Column("price", lambda o, c: (c.price(o.symbol, o.working_price), Ink.TEXT), point=True),
    Column(
        "to mark",
        _distance,
        3,
        sort=lambda o, c: abs(distance_ticks(o, c.ticker(o.symbol), c.instrument(o.symbol)) or ZERO),
    ),
    Column("type", lambda o, _: (TYPE_WORDS[o.type], Ink.TEXT), 2, right=False),
    Column("trigger", _trigger, 6, right=False),
    Column("flags", _flags, 4, right=False),
    Column("queue", _queue, 7, flashes=False),
    Column("age", _age, 1, flashes=False, sort=lambda o, _: -o.created_ms),
)


class Kinds(Enum):
    """Which orders a table shows."""

    ALL = "all"
    WORKING = "working"
    STOPS = "stops"


class OrdersTable(LineTable[Order]):
    """Working orders newest first, then stops; with ``unresolved`` the orders in doubt stand above them all, and what
    the desk looks after below those.
    """

    details = True

    def __init__(
        self,
        heading: str = "Working orders",
        kinds: Kinds = Kinds.ALL,
        *,
        unresolved: bool = True,
        divider: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(heading, COLUMNS, part=Slice.ORDERS, divider=divider, id=id)
        self._kinds = kinds
        self._unresolved = unresolved
        what = {Kinds.ALL: "working order", Kinds.WORKING: "working order", Kinds.STOPS: "stop or take-profit"}[kinds]
        self.empty = f"no {what} · b buy  s sell  t ticket"

    def sources(self, view: View) -> tuple[object, ...]:
        """Of the market, only the contracts in which something works."""
        state = view.state
        symbols = dict.fromkeys(order.symbol for order in state.orders)
        market = [part.get(symbol) for symbol in symbols for part in (state.tickers, state.books)]
        return (state.orders, state.unresolved, state.programs, state.instruments, view.now_ms // 1000, *market)

    def rows(self, view: View) -> Sequence[Order]:
        working = [order for order in view.state.orders if not order.type.is_trigger]
        stops = [order for order in view.state.orders if order.type.is_trigger]
        return {Kinds.ALL: [*working, *stops], Kinds.WORKING: working, Kinds.STOPS: stops}[self._kinds]

    def banners(self, view: View, width: int) -> Sequence[Banner]:
        if not self._unresolved:
            return []
        state = view.state
        doubts = [
            Banner(f"?{one.client_order_id}", one.symbol, one, _in_doubt(one, view.now_ms, width))
            for one in state.unresolved
        ]
        return doubts + [Banner(f"*{one.id}", one.symbol, one.symbol, _program(one, width)) for one in state.programs]

    def alert(self, view: View) -> str:
        doubtful = len(view.state.unresolved) if self._unresolved else 0
        return f"{doubtful} UNRESOLVED" if doubtful else ""

    def key(self, row: Order) -> str:
        return row.order_id

    def symbol(self, row: Order) -> str:
        return row.symbol

    def select(self, row: Order) -> Selection:
        return row


CLOSED_COLUMNS: tuple[Column[Order], ...] = (
    Column("time", lambda o, c: (c.fmt.clock(o.updated_ms or None), Ink.DIM), 1, right=False),
    *COLUMNS[:5],
    Column("type", lambda o, _: (TYPE_WORDS[o.type], Ink.TEXT), 3, right=False),
    Column("why", lambda o, _: (_why(o), Ink.TEXT), right=False),
    Column("our id", lambda o, _: (o.client_order_id or NONE, Ink.DIM), 6, right=False),
    Column("order", lambda o, _: (o.order_id[:8], Ink.DIM), 7, right=False),
)


def _why(order: Order) -> str:
    if order.close_reason is CloseReason.UNKNOWN or order.close_reason is None:
        return "gone, nobody said why"
    return order.close_reason.value.replace("_", " ")


class ClosedOrdersTable(LineTable[Order]):
    """Orders that stopped working, the latest first, and why."""

    empty = "no order has stopped working yet"
    details = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("No longer working", CLOSED_COLUMNS, part=Slice.ORDERS, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.closed, view.state.instruments)

    def rows(self, view: View) -> Sequence[Order]:
        return view.state.closed

    def key(self, row: Order) -> str:
        return row.order_id

    def symbol(self, row: Order) -> str:
        return row.symbol


def _program(one: ProgramLine, width: int) -> tuple[Span, ...]:
    items = (
        item(1, (f"{one.kind} {one.symbol}", Ink.ACCENT)),
        item(2, (printable(one.what), Ink.TEXT)),
        item(0, (printable(one.doing), Ink.STRONG)),
    )
    return flow(items, width, (" · ", Ink.DIM))


def _in_doubt(one: Unresolved, now_ms: int, width: int) -> tuple[Span, ...]:
    items = (
        item(1, ("UNRESOLVED", Ink.WARN)),
        item(0, (printable(one.what), Ink.STRONG)),
        item(2, (f"sent {age(now_ms - one.since_ms)} ago, no answer", Ink.WARN)),
        item(3, (printable(one.asking), Ink.WARN)),
    )
    return flow(items, width, ("  ", Ink.WARN))
