"""How a REST answer meets what the stream said while the answer travelled.

An answer is as old as its question: ``sent_n`` is the evidence counter at asking, and whatever was heard after it wins.
Invariants: a later question's answer is never overwritten by an earlier one's; one absence closes nothing; a failed
question proves nothing, so it never comes here.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from tui.model.account import Account
from tui.model.decimals import ZERO, plain
from tui.model.enums import CloseReason, OrderState
from tui.model.fill import Fill
from tui.model.order import Order, OrderEnd, OrderStatusReport
from tui.model.position import Position
from tui.model.state import Slice
from tui.service.account import FLEX_CURRENCY
from tui.service.isolated import apart
from tui.service.ledger import Ledger
from tui.service.tracked import Closure, Tracked, is_child

MISSES_TO_VANISH = 2


def take_orders(ledger: Ledger, rows: tuple[Order, ...], sent_n: int, now_ms: int) -> None:
    """All working orders, asked at ``sent_n``."""
    orders = ledger.orders
    if sent_n < orders.rest_n:
        return
    orders.rest_n = sent_n
    ledger.ages.rest(Slice.ORDERS, now_ms)
    listed = set()
    for row in rows:
        listed.add(row.order_id)
        _row(ledger, row, sent_n, now_ms)
    for tracked in orders.open_orders():
        if tracked.order.order_id not in listed:
            _absent(ledger, tracked, sent_n, now_ms)
    ledger.judge(now_ms)


def _row(ledger: Ledger, row: Order, sent_n: int, now_ms: int) -> None:
    orders = ledger.orders
    known = orders.get(row.order_id)
    if (known is None or known.closure is Closure.UNSEEN) and sent_n < orders.snapshot_n:
        return  # the stream has listed all orders since, without this one
    tracked = orders.bind(row.order_id, row.client_order_id, sent_n)
    if tracked is None:
        tracked = orders.track_row(row, sent_n)
    elif tracked.is_closed:
        ghost = tracked.closure is Closure.HARD and not is_child(tracked, row)
        if ghost or sent_n <= tracked.close_n:
            return
        ledger.differ(f"order {row.order_id}", "works", "thought it was gone", "took Kraken's", now_ms)
        orders.reopen(tracked)
    elif tracked.closure is Closure.UNSEEN:
        tracked.born_n = min(tracked.born_n, sent_n)
        orders.reopen(tracked)
    tracked.misses = 0
    order = tracked.order
    if row.filled < order.filled:
        return  # the row is older than what we know
    heard_since = tracked.seen_n > sent_n
    if row.updated_ms > order.updated_ms or (not heard_since and row.updated_ms == order.updated_ms):
        orders.take(tracked, row)
    orders.raise_filled(tracked, row.filled, now_ms)


def _absent(ledger: Ledger, tracked: Tracked, sent_n: int, now_ms: int) -> None:
    """Not listed: it may have ended, or the list may be older than it. Ask about it; vanish at the second miss."""
    if tracked.seen_n >= sent_n or tracked.born_n >= sent_n:
        return
    tracked.misses += 1
    if tracked.misses < MISSES_TO_VANISH:
        ledger.orders.suspect(tracked)
        ledger.wishes.refresh()
        return
    topic = f"order {tracked.order.order_id}"
    ledger.differ(topic, "does not list it", "thought it works", "taken as ended, reason unknown", now_ms)
    ledger.orders.vanish(tracked, sent_n)


def take_statuses(ledger: Ledger, reports: Iterable[OrderStatusReport], sent_n: int, n: int, now_ms: int) -> None:
    """Answers about single orders. An order that is not among them proves nothing."""
    for report in reports:
        row = report.order
        if report.state is not OrderState.CLOSED:
            _row(ledger, row, sent_n, now_ms)
            continue
        tracked = ledger.orders.bind(row.order_id, row.client_order_id, n) or ledger.orders.track_row(row, n)
        if tracked.closure is not Closure.HARD and row.updated_ms >= tracked.order.updated_ms:
            ledger.orders.take(tracked, row)
        ledger.orders.close(tracked, report.close_reason or CloseReason.UNKNOWN, n)
        ledger.orders.raise_filled(tracked, row.filled, now_ms)
        ledger.urgent = True
    ledger.judge(now_ms)


def take_ends(ledger: Ledger, ends: Iterable[OrderEnd], n: int, now_ms: int) -> None:
    """History says how orders stopped that vanished while nobody looked, and that requests nobody answered did arrive.
    Of all others it says nothing new.
    """
    for end in ends:
        tracked = ledger.orders.get(end.order_id)
        if tracked is None and end.client_order_id and ledger.orders.is_submitting(end.client_order_id):
            tracked = ledger.orders.bind(end.order_id, end.client_order_id, n)
            if tracked is not None:
                ledger.orders.close(tracked, end.reason, n)
                ledger.orders.raise_filled(tracked, end.filled or ZERO, now_ms)
            continue
        if tracked is None or tracked.closure is not Closure.SOFT or end.reason is CloseReason.UNKNOWN:
            continue
        ledger.orders.close(tracked, end.reason, n)
        ledger.orders.raise_filled(tracked, end.filled or tracked.order.filled, now_ms)
        ledger.urgent = True
    ledger.judge(now_ms)


def take_fills(ledger: Ledger, fills: tuple[Fill, ...], n: int, now_ms: int) -> None:
    """The newest fills. The first such list is the past; what comes after it is news."""
    ledger.ages.rest(Slice.FILLS, now_ms)
    ledger.newest_fills(fills, n, now_ms, streaming=False)
    if ledger.news_after_ms is None:
        ledger.news_after_ms = ledger.fills.newest_ms or 0
        ledger.gap.complete(fills)


def take_older_fills(ledger: Ledger, fills: tuple[Fill, ...], n: int, now_ms: int) -> None:
    """Fills from a page further back or from history, any overlap with known ones."""
    ledger.count_fills(fills, n, now_ms, live=False)


def take_positions(
    ledger: Ledger, positions: tuple[Position, ...], server_ms: int | None, sent_n: int, now_ms: int
) -> None:
    """The complete list of positions, asked at ``sent_n``."""
    ledger.ages.rest(Slice.POSITIONS, now_ms)
    was_known = ledger.positions.is_known
    before = {position.symbol: position.signed_size for position in ledger.positions.view()}
    if not ledger.positions.answer(positions, server_ms, sent_n, now_ms) or not was_known:
        return
    after = {position.symbol: position.signed_size for position in ledger.positions.view()}
    for symbol in sorted(before.keys() | after.keys()):
        desk, venue = before.get(symbol), after.get(symbol)
        if desk != venue:
            words = [plain(size) if size is not None else "flat" for size in (venue, desk)]
            ledger.differ(f"position {symbol}", words[0], words[1], "took Kraken's", now_ms)


def take_account(ledger: Ledger, account: Account, server_ms: int | None, sent_n: int, now_ms: int) -> None:
    """The whole account, asked at ``sent_n``."""
    ledger.ages.rest(Slice.MARGIN, now_ms)
    held = ledger.positions.view()
    pools = tuple(
        part
        for pool in account.pools
        for part in (apart(pool, held, ledger.instruments) if pool.currency == FLEX_CURRENCY else (pool,))
    )
    if ledger.account.answer(replace(account, pools=pools), server_ms, sent_n, ledger.fill_n):
        ledger.watch_margin(now_ms)
