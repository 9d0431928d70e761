"""Stream frames to model events.

One function per frame kind and a table from frame class to function: the way of a frame is one dictionary look-up and
one value built. Source: Kraken docs, WebSocket v1, and live captures of 2021-2026 where they differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tui.client.derivatives.parse import balances, words
from tui.client.derivatives.parse.account import log_entry
from tui.model.account import Notification
from tui.model.book import Level
from tui.model.enums import CloseReason, DeviationUnit, OrderType, PositionSide, Side
from tui.model.events import (
    BookDelta,
    BookSnapshot,
    Event,
    FeedBeat,
    FillsArrived,
    LogArrived,
    NotificationsArrived,
    OrderRemoved,
    OrdersSnapshot,
    OrderUpdated,
    PositionsFrame,
    TickerUpdated,
    TradesArrived,
)
from tui.model.fill import Fill
from tui.model.market import PublicTrade
from tui.model.order import Order
from tui.model.position import Position
from tui.model.ticker import Ticker
from tui.wire.derivatives import frames as wire
from tui.wire.derivatives.codec import MalformedError
from tui.wire.derivatives.outcomes import FeedReason

_DEFAULT_UNIT: Final = DeviationUnit.PERCENT


def event(frame: wire.Data, now_ms: int) -> Event | None:
    """What a data frame says; None for feeds the model has no event for. ``now_ms`` stands in for a missing time.

    Raises ``MalformedError`` for a frame that decodes and still makes no sense.
    """
    parse = _PARSERS.get(type(frame))
    return parse(frame, now_ms) if parse else None


def ticker(frame: wire.TickerFrame, _now_ms: int) -> TickerUpdated:
    for price in (frame.bid, frame.ask, frame.last, frame.mark_price, frame.index):
        if price is not None and not price.is_finite():
            raise MalformedError("a price that is none")
    return TickerUpdated(
        Ticker(
            frame.product_id,
            frame.time,
            frame.bid or None,
            frame.bid_size,
            frame.ask or None,
            frame.ask_size,
            frame.last or None,
            frame.mark_price or None,
            frame.index or None,
            frame.change,
            frame.volume,
            frame.volume_quote,
            frame.open_interest,
            frame.high,
            frame.low,
            frame.funding_rate,
            frame.funding_rate_prediction,
            frame.relative_funding_rate,
            frame.relative_funding_rate_prediction,
            frame.next_funding_rate_time,
            frame.suspended,
            frame.post_only,
        )
    )


def book_delta(frame: wire.BookFrame, now_ms: int) -> BookDelta:
    price, size = frame.price, frame.qty
    if not (price.is_finite() and size.is_finite()):
        raise MalformedError("a level that is none")
    time_ms = now_ms if frame.timestamp is None else frame.timestamp
    return BookDelta(frame.product_id, words.side(frame.side), price, size, frame.seq, time_ms)


def book_snapshot(frame: wire.BookSnapshotFrame, now_ms: int) -> BookSnapshot:
    time_ms = now_ms if frame.timestamp is None else frame.timestamp
    return BookSnapshot(frame.product_id, _levels(frame.bids, -1), _levels(frame.asks, 1), frame.seq, time_ms)


def trade(frame: wire.TradeFrame, _now_ms: int) -> TradesArrived:
    return TradesArrived(frame.product_id, (_public_trade(frame.product_id, frame),), snapshot=False)


def trade_snapshot(frame: wire.TradeSnapshotFrame, _now_ms: int) -> TradesArrived:
    rows = sorted(frame.trades, key=lambda row: row.seq)
    return TradesArrived(frame.product_id, tuple(_public_trade(frame.product_id, row) for row in rows), snapshot=True)


def orders_snapshot(
    frame: wire.OpenOrdersSnapshotFrame | wire.OpenOrdersVerboseSnapshotFrame, _now_ms: int
) -> OrdersSnapshot:
    return OrdersSnapshot(tuple(order(row) for row in frame.orders))


def order_change(frame: wire.OpenOrdersFrame, _now_ms: int) -> OrderUpdated | OrderRemoved:
    """``is_cancel`` decides whether the order works on; ``reason`` why it does not."""
    row = frame.order
    if not frame.is_cancel:
        if row is None:
            raise MalformedError("an order change without an order")
        return OrderUpdated(order(row), frame.reason)
    order_id = row.order_id if row is not None else frame.order_id
    if not order_id:
        raise MalformedError("a removal without an order id")
    return OrderRemoved(
        order_id=order_id,
        client_order_id=frame.cli_ord_id,
        reason=_why_removed(frame.reason, row),
        word=frame.reason,
        filled=words.number(row.filled) if row is not None else None,
        updated_ms=row.last_update_time if row is not None else None,
        order=order(row) if row is not None else None,
    )


def _why_removed(word: str, row: wire.FeedOrder | None) -> CloseReason:
    """``would_not_reduce_position`` is said of an order refused at the door and of one that worked until there was
    nothing left to reduce; the latter has changed since it was made.
    """
    has_worked = row is not None and row.last_update_time != row.time
    if word == FeedReason.WOULD_NOT_REDUCE_POSITION and has_worked:
        return CloseReason.CANCELLED_BY_VENUE
    return words.removal(word)


def order(row: wire.FeedOrder) -> Order:
    """``qty`` is what remains (live sequence 2026-05 for an order of 10: 7.92, 5.84 ... 0); prices of 0 mean none."""
    if row.direction not in (0, 1):
        raise MalformedError(f"direction {row.direction}")
    kind = words.order_type(row.type)
    trailing = row.trailing_stop_options
    return Order(
        order_id=row.order_id,
        symbol=words.symbol(row.instrument),
        side=Side.SELL if row.direction else Side.BUY,
        type=kind,
        remaining=words.number(row.qty),
        filled=words.number(row.filled),
        client_order_id=row.cli_ord_id,
        limit_price=words.nonzero(row.limit_price),
        stop_price=words.nonzero(row.stop_price),
        trigger_signal=words.signal(row.trigger_signal),
        reduce_only=row.reduce_only,
        deviation=words.nonzero(trailing.max_deviation) if trailing else None,
        deviation_unit=_unit(kind, trailing),
        created_ms=row.time,
        updated_ms=row.last_update_time,
    )


def fills(frame: wire.FillsFrame, _now_ms: int) -> FillsArrived:
    return FillsArrived(tuple(fill(row) for row in frame.fills), snapshot=False)


def fills_snapshot(frame: wire.FillsSnapshotFrame, _now_ms: int) -> FillsArrived:
    return FillsArrived(tuple(fill(row) for row in frame.fills), snapshot=True)


def fill(row: wire.FeedFill) -> Fill:
    return Fill(
        fill_id=row.fill_id,
        order_id=row.order_id,
        symbol=words.symbol(row.instrument),
        side=Side.BUY if row.buy else Side.SELL,
        size=words.number(row.qty),
        price=words.number(row.price),
        time_ms=row.time,
        liquidity=words.liquidity(row.fill_type),
        client_order_id=row.cli_ord_id,
        fee=words.optional(row.fee_paid),
        fee_currency=words.coin(row.fee_currency) if row.fee_currency else None,
        remaining=words.optional(row.remaining_order_qty),
    )


def positions(frame: wire.OpenPositionsFrame, _now_ms: int) -> PositionsFrame:
    """A flat contract is absent; a row of zero would say the same."""
    return PositionsFrame(tuple(_position(row) for row in frame.positions if row.balance), frame.timestamp)


def log_snapshot(frame: wire.AccountLogSnapshotFrame, _now_ms: int) -> LogArrived:
    return LogArrived(tuple(log_entry(row) for row in frame.entries), snapshot=True)


def log_line(frame: wire.AccountLogFrame, _now_ms: int) -> LogArrived:
    return LogArrived((log_entry(frame.new_entry),), snapshot=False)


def notifications(frame: wire.NotificationsFrame, _now_ms: int) -> NotificationsArrived:
    rows = frame.notifications
    return NotificationsArrived(tuple(Notification(r.type, r.priority, r.note, r.effective_time) for r in rows))


def _levels(rows: list[wire.BookLevel], sign: int) -> tuple[Level, ...]:
    """Best first; levels of size zero, which a snapshot may hold, are none."""
    levels = [Level(words.number(row.price), words.number(row.qty)) for row in rows if row.qty]
    return tuple(sorted(levels, key=lambda level: level.price * sign))


def _public_trade(product: str, row: wire.Trade | wire.TradeFrame) -> PublicTrade:
    price, size = words.number(row.price), words.number(row.qty)
    return PublicTrade(product, row.uid, words.side(row.side), price, size, row.time, row.type)


def _unit(kind: OrderType, trailing: wire.TrailingStopOptions | None) -> DeviationUnit | None:
    if kind is not OrderType.TRAILING_STOP or trailing is None:
        return None
    return words.deviation_unit(trailing.unit) or _DEFAULT_UNIT


def _position(row: wire.FeedPosition) -> Position:
    balance = words.number(row.balance)
    return Position(
        symbol=words.symbol(row.instrument),
        side=PositionSide.LONG if balance > 0 else PositionSide.SHORT,
        size=abs(balance),
        entry_price=words.amount(row.entry_price),
        mark_price=words.nonzero(row.mark_price),
        unrealised_pnl=words.optional(row.pnl),
        unrealised_funding=words.optional(row.unrealized_funding),
        pnl_currency=words.coin(row.pnl_currency) if row.pnl_currency else None,
        liquidation_price=words.nonzero(row.liquidation_threshold),
        initial_margin=words.optional(row.initial_margin),
        maintenance_margin=words.optional(row.maintenance_margin),
        max_leverage=words.nonzero(row.max_fixed_leverage),
    )


_PARSERS: Final[dict[type, Callable[[Any, int], Event]]] = {
    wire.TickerFrame: ticker,
    wire.HeartbeatFrame: lambda _frame, _now_ms: FeedBeat(),
    wire.BookFrame: book_delta,
    wire.BookSnapshotFrame: book_snapshot,
    wire.TradeFrame: trade,
    wire.TradeSnapshotFrame: trade_snapshot,
    wire.OpenOrdersSnapshotFrame: orders_snapshot,
    wire.OpenOrdersVerboseSnapshotFrame: orders_snapshot,
    wire.OpenOrdersFrame: order_change,
    wire.OpenOrdersVerboseFrame: order_change,
    wire.FillsFrame: fills,
    wire.FillsSnapshotFrame: fills_snapshot,
    wire.OpenPositionsFrame: positions,
    wire.BalancesFrame: balances.balances,
    wire.BalancesSnapshotFrame: balances.balances,
    wire.AccountLogFrame: log_line,
    wire.AccountLogSnapshotFrame: log_snapshot,
    wire.NotificationsFrame: notifications,
}
