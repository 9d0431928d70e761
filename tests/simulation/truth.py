"""What must be so when the dust has settled: the desk's state against the exchange's, act by act and fill by fill.

Each function returns sentences about what differs. Invariant: nothing here asks the desk's own code what is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from tests.simulation.desk import Desk
from tests.simulation.exchange import Exchange
from tests.simulation.trader import Trader
from tui.client.derivatives.parse.account import FLEX_POOL, wallet_name
from tui.exchange.exchange import MAIN
from tui.exchange.orders import Order as TrueOrder
from tui.journal.records import Entry, Kind, Verdict
from tui.model.account import MarginPool
from tui.model.enums import CloseReason
from tui.model.order import CancelRequest, EditRequest, Order, OrderRequest
from tui.model.state import LinkStatus
from tui.service.tracked import Closure

ZERO = Decimal(0)
TOLERANCE = Decimal("0.01")
COIN_TOLERANCE = Decimal("0.00000002")
_NOT_DONE = frozenset({Verdict.NOT_SENT, Verdict.REFUSED})
_BEGINNINGS = frozenset({"placed", "rejected"})


def is_live(desk: Desk) -> bool:
    return desk.is_ready and desk.store.state.link.status is LinkStatus.LIVE


def unsettled(desk: Desk) -> Iterator[str]:
    """What the desk itself says it does not know yet."""
    if not desk.is_ready:
        yield "the desk is not up"
        return
    state = desk.store.state
    if state.link.status is not LinkStatus.LIVE:
        yield f"the link is {state.link.status}: {state.link.reason}"
    for one in state.unresolved:
        yield f"unresolved: {one.what}"
    if desk.is_busy:
        yield "an act is still waiting"


def differences(desk: Desk, exchange: Exchange) -> Iterator[str]:
    """Desk against exchange, now."""
    yield from unsettled(desk)
    if not desk.is_ready:
        return
    yield from _orders(desk, exchange)
    if not exchange.has_forgotten:
        yield from _ended(desk, exchange)
        yield from _fills(desk, exchange)
    yield from _positions(desk, exchange)
    yield from _money(desk, exchange)


def _orders(desk: Desk, exchange: Exchange) -> Iterator[str]:
    truth = {order.order_id: _true_order(order) for order in exchange.engine.account().open_orders()}
    shown = {order.order_id: _shown_order(order) for order in desk.store.state.orders}
    yield from _compare("order", shown, truth)


def _ended(desk: Desk, exchange: Exchange) -> Iterator[str]:
    ends, filled = _ends(exchange), exchange.filled_ever
    for order in desk.store.state.closed:
        if order.order_id in ends:
            yield from _end(order, ends[order.order_id], filled.get(order.order_id, ZERO))


def _true_order(order: TrueOrder) -> tuple[object, ...]:
    stop = order.trigger.price if order.trigger else None
    limit = order.limit_price
    words = (order.symbol, order.side, order.remaining, order.filled, limit, stop, order.reduce_only)
    return (*words, order.cli_ord_id)


def _shown_order(order: Order) -> tuple[object, ...]:
    words = (order.symbol, order.side.value, order.remaining, order.filled, order.limit_price, order.stop_price)
    return (*words, order.reduce_only, order.client_order_id)


def _ends(exchange: Exchange) -> dict[str, TrueOrder]:
    """Every order that is no longer live, as it was last told of, by id."""
    ends = {
        record.order.order_id: record.order
        for record in exchange.orders_ever.values()
        if record.kind != "edit_rejected"
    }
    for order in exchange.engine.account().open_orders():
        ends.pop(order.order_id, None)
    return ends


def _end(order: Order, last: TrueOrder, filled: Decimal) -> Iterator[str]:
    """A closed order shows how much was filled, and does not call a filled order cancelled or the reverse."""
    if order.filled != filled:
        yield f"closed order {order.order_id}: filled {order.filled}, truly {filled}"
    is_filled = 0 < last.quantity <= filled
    if order.close_reason is CloseReason.FILLED and not is_filled:
        yield f"closed order {order.order_id}: shown as filled, truly {filled} of {last.quantity}"
    cut_down = last.reduce_only and order.close_reason is CloseReason.REMAINDER_DROPPED
    if is_filled and not cut_down and order.close_reason not in (CloseReason.FILLED, CloseReason.UNKNOWN):
        yield f"closed order {order.order_id}: shown as {order.close_reason}, truly filled"


def _fills(desk: Desk, exchange: Exchange) -> Iterator[str]:
    truth = {fill.fill_id: (fill.order_id, fill.side, fill.size, fill.price) for fill in exchange.fills_ever.values()}
    state = desk.store.state
    shown = {fill.fill_id: (fill.order_id, fill.side.value, fill.size, fill.price) for fill in state.fills}
    if len(shown) != len(state.fills):
        yield "a fill is listed twice"
    yield from _compare("fill", shown, truth)
    yield from overcounted(desk, exchange)


def overcounted(desk: Desk, exchange: Exchange) -> Iterator[str]:
    """At no moment may the desk have counted more than there was."""
    if not desk.is_ready:
        return
    sums = exchange.filled_ever
    for order_id, tracked in desk.store.ledger.orders._tracked.items():
        true = sums.get(order_id, ZERO)
        if tracked.executed > true:
            yield f"order {order_id}: fills counted {tracked.executed}, truly {true}"
        if tracked.order.filled > true:
            yield f"order {order_id}: filled {tracked.order.filled}, truly {true}"


class Watcher:
    """What must hold at every moment of one desk's life: no more than the truth is counted, nothing is declared dead
    alive, and nothing that was declared dead is shown alive.
    """

    def __init__(self, desk: Desk, exchange: Exchange) -> None:
        self._desk = desk
        self._exchange = exchange
        self._life = 0
        self._dead: set[str] = set()

    def look(self) -> Iterator[str]:
        if not self._desk.is_ready or self._exchange.has_forgotten:
            return
        if self._life != self._desk.lives:
            self._life = self._desk.lives
            self._dead.clear()
        yield from overcounted(self._desk, self._exchange)
        live = self._exchange.engine._floor.seats[MAIN].blotter.live
        for order_id, tracked in self._desk.store.ledger.orders._tracked.items():
            if tracked.closure is Closure.HARD:
                self._dead.add(order_id)
                if order_id in live:
                    yield f"order {order_id}: declared dead alive"
            elif tracked.closure is Closure.OPEN and order_id in self._dead and order_id not in live:
                yield f"order {order_id}: rose from the dead"


def _positions(desk: Desk, exchange: Exchange) -> Iterator[str]:
    truth = {
        row.symbol: (row.size, row.entry_price.quantize(TOLERANCE), row.max_fixed_leverage)
        for row in exchange.engine.account().positions()
    }
    shown = {
        row.symbol: (row.signed_size, row.entry_price.quantize(TOLERANCE), row.max_leverage)
        for row in desk.store.state.positions
    }
    yield from _compare("position", shown, truth)
    wanted = exchange.engine.account().leverage_preferences()
    if dict(desk.store.state.leverage) != wanted:
        yield f"leverage {dict(desk.store.state.leverage)}, truly {wanted}"


def _money(desk: Desk, exchange: Exchange) -> Iterator[str]:
    account = desk.store.state.account
    if account is None:
        yield "no account"
        return
    flex = exchange.engine.account().flex_account()
    cross, totals = flex.cross, flex.totals
    shown = next((pool for pool in account.pools if pool.name == FLEX_POOL), None)
    by_stream = _pool(
        shown,
        balance=cross.balance_value,
        equity=cross.margin_equity,
        initial_margin=cross.margin.initial_margin,
        maintenance_margin=cross.margin.maintenance_margin,
        available=cross.available_margin,
    )
    by_rest = _pool(
        shown,
        balance=flex.balance_value,
        equity=flex.margin_equity,
        initial_margin=totals.initial_margin,
        maintenance_margin=totals.maintenance_margin,
        available=flex.available_margin,
    )
    if by_stream and by_rest:  # REST tells one sum where the stream tells cross and isolated apart
        yield from by_stream
    for wallet in exchange.engine.account().wallets():
        name = wallet_name(wallet.name, wallet.currency)
        yield from _pool(
            next((pool for pool in account.pools if pool.name == name), None),
            balance=wallet.balance,
            equity=wallet.portfolio_value,
            initial_margin=wallet.initial_margin,
            maintenance_margin=wallet.maintenance_margin,
            available=wallet.available,
        )


def _pool(pool: MarginPool | None, **truth: Decimal) -> list[str]:
    if pool is None:
        return ["a margin pool is missing"]
    tolerance = TOLERANCE if pool.currency == "USD" else COIN_TOLERANCE
    return [
        f"pool {pool.name}: {field} {getattr(pool, field)}, truly {true}"
        for field, true in truth.items()
        if abs(getattr(pool, field) - true) > tolerance
    ]


def _compare(what: str, shown: Mapping[str, object], truth: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(shown.keys() | truth.keys()):
        if shown.get(key) != truth.get(key):
            yield f"{what} {key}: shown {_text(shown.get(key))}, truly {_text(truth.get(key))}"


def _text(values: object) -> str:
    return str([str(value) for value in values]) if isinstance(values, tuple) else str(values)


# --- what was asked for -----------------------------------------------------------------------------------------


def unexplained(
    journals: Sequence[tuple[Entry, ...]],
    desks: Sequence[Desk],
    traders: Sequence[Trader],
    exchange: Exchange,
    sent: Mapping[str, int],
) -> Iterator[str]:
    """Journals against exchange: every order was asked for, once, and every act has a verdict that is true."""
    placed = {
        record.order.cli_ord_id: record.order
        for record in exchange.orders_ever.values()
        if record.kind == "placed" and record.order.parent_id is None
    }
    entries = [entry for journal in journals for entry in journal]
    noted = {entry.intent.client_order_id for entry in entries if isinstance(entry.intent.request, OrderRequest)}
    made = {one for desk in desks for one in desk.asked_ids}
    asked = {one: request for trader in traders for one, request in trader.asked.items()}
    for client_id, order in placed.items():
        if client_id is None:
            continue  # a stranger's
        if client_id not in noted and not any(desk.has_lost_journal for desk in desks):
            yield f"{client_id} is on the exchange and not in the journal"
        if client_id not in made:
            yield f"{client_id} is on the exchange and nobody asked for it"
        if client_id in asked:
            yield from _same_order(asked[client_id], order)
    for client_id, times in sent.items():
        if times > 1:
            yield f"{client_id} was sent {times} times"
    for entry in () if exchange.has_forgotten else entries:
        twins = [other for other in entries if other is not entry and _could_have_done(other, entry)]
        yield from _verdict(entry, exchange, placed, has_twin=bool(twins))


def _same_order(request: OrderRequest, order: TrueOrder) -> Iterator[str]:
    size = min(request.size, order.quantity) if request.reduce_only else request.size  # cut down to the position
    if (request.symbol, request.side.value, size) != (order.symbol, order.side, order.quantity):
        yield f"{request.client_order_id} is another order than the one asked for"


def _could_have_done(other: Entry, entry: Entry) -> bool:
    """Another edit that asked for all that this one asks for: the same key pressed twice, perhaps."""
    a, b = other.intent.request, entry.intent.request
    if not (isinstance(a, EditRequest) and isinstance(b, EditRequest)) or a.order_id != b.order_id:
        return False
    wishes = ((a.size, b.size), (a.limit_price, b.limit_price), (a.stop_price, b.stop_price))
    return all(wanted in (None, theirs) for theirs, wanted in wishes)


def _verdict(
    entry: Entry, exchange: Exchange, placed: Mapping[str | None, TrueOrder], *, has_twin: bool
) -> Iterator[str]:
    intent, verdict = entry.intent, entry.verdict
    request = intent.request
    if verdict is None or verdict is Verdict.UNKNOWN:
        yield f"no verdict: {intent.what} ({verdict})"
    elif isinstance(request, OrderRequest):
        existed = request.client_order_id in placed and not (
            verdict is Verdict.REFUSED and _failed_to_trigger(placed[request.client_order_id], exchange)
        )
        if existed != (verdict is Verdict.ACCEPTED):
            yield f"{_told(entry)}, and truly it {'was' if existed else 'never was'} there"
    elif isinstance(request, EditRequest):
        done, was_so = _edit_done(request, exchange)
        if (verdict is Verdict.ACCEPTED and not done) or (verdict in _NOT_DONE and done and not (has_twin or was_so)):
            yield f"{_told(entry)}, and truly it was {'done' if done else 'not done'}"
    elif isinstance(request, CancelRequest) and intent.kind is Kind.CANCEL and verdict is Verdict.ACCEPTED:
        live = {order.order_id for order in exchange.engine.account().open_orders()}
        if request.order_id in live:
            yield f"{intent.what}: {verdict}, and truly it works"


def _told(entry: Entry) -> str:
    return f"{entry.intent.what}: {entry.verdict} {entry.status} {entry.text}"


def _failed_to_trigger(order: TrueOrder, exchange: Exchange) -> bool:
    """It waited, its time came, and the order it should have become was refused: to call that refused is right."""
    same = [one.order for one in exchange.orders_ever.values() if one.order.cli_ord_id == order.cli_ord_id]
    waits = any(one.order_id == order.order_id for one in exchange.engine.account().open_orders())
    return order.is_trigger and not waits and all(one.is_trigger for one in same)


def _edit_done(request: EditRequest, exchange: Exchange) -> tuple[bool, bool]:
    """Whether the order ever was as the edit wanted it, and whether it was so from the beginning."""
    found = [record for record in exchange.orders_ever.values() if record.order.order_id == request.order_id]
    fitting = [record for record in found if record.kind != "edit_rejected" and _fits(record.order, request)]
    return bool(fitting), any(record.kind in _BEGINNINGS for record in fitting)


def _fits(order: TrueOrder, request: EditRequest) -> bool:
    stop = order.trigger.price if order.trigger else None
    size_fits = order.reduce_only or request.size in (None, order.remaining)  # reduce-only is cut to the position
    return size_fits and request.limit_price in (None, order.limit_price) and request.stop_price in (None, stop)
