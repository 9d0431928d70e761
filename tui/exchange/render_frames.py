"""Engine values as WebSocket frames.

Pure functions to plain mappings. Two names differ from REST for the same thing: an order's ``qty`` is what remains,
and the index signal is ``spot``. Source: Kraken docs, WebSocket v1, with live captures 2021-2026 where they differ.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from tui.exchange.events import BookChanged, OrderChanged
from tui.exchange.instruments import Instrument
from tui.exchange.orders import Order
from tui.exchange.render_account import log_entry
from tui.exchange.render_orders import Json, given
from tui.exchange.views import (
    BookView,
    CrossPool,
    Fill,
    FlexAccount,
    InverseWallet,
    LogEntry,
    PoolMargin,
    PositionView,
    PublicTrade,
    Ticker,
)
from tui.wire.derivatives.codes import OPEN_ORDER_SIGNAL, TriggerSignal

_ZERO: Final = Decimal(0)
_FEED_TYPE: Final = {"stp": "stop", "take_profit": "take_profit", "trailing_stop": "trailing_stop"}
_FILL_ORDER_TYPE: Final = {
    "mkt": "market",
    "fok": "fillOrKill",
    "take_profit": "stp",
    "trailing_stop": "stp",
}


# --- market ------------------------------------------------------------------------------------------------


def ticker(row: Ticker, contract: Instrument) -> Json:
    """Funding of zero is left out, as the docs say."""
    return given(
        time=row.time_ms,
        product_id=row.symbol,
        funding_rate=row.funding_rate or None,
        funding_rate_prediction=row.funding_rate_prediction or None,
        relative_funding_rate=row.relative_funding_rate or None,
        relative_funding_rate_prediction=row.relative_funding_rate_prediction or None,
        next_funding_rate_time=row.next_funding_ms,
        leverage=row.leverage,
        premium=row.premium,
        feed="ticker",
        bid=row.bid,
        ask=row.ask,
        bid_size=row.bid_size,
        ask_size=row.ask_size,
        volume=row.volume,
        dtm=_days_to_maturity(row, contract),
        index=row.index,
        last=row.last,
        change=row.change_24h,
        suspended=row.suspended,
        tag=contract.tag,
        pair=f"{contract.underlying}:USD",
        openInterest=row.open_interest,
        markPrice=row.mark,
        maturityTime=contract.last_trading_ms or 0,
        post_only=row.post_only,
        volumeQuote=row.volume_quote,
        open=row.open_24h,
        high=row.high_24h,
        low=row.low_24h,
    )


def ticker_lite(row: Ticker, contract: Instrument) -> Json:
    return given(
        feed="ticker_lite",
        product_id=row.symbol,
        bid=row.bid,
        ask=row.ask,
        change=row.change_24h,
        premium=row.premium,
        volume=row.volume,
        tag=contract.tag,
        pair=f"{contract.underlying}:USD",
        dtm=_days_to_maturity(row, contract),
        maturityTime=contract.last_trading_ms or 0,
        volumeQuote=row.volume_quote,
    )


def _days_to_maturity(row: Ticker, contract: Instrument) -> int:
    if contract.last_trading_ms is None:
        return 0
    return max(0, (contract.last_trading_ms - row.time_ms) // 86_400_000)


def trade(row: PublicTrade) -> Json:
    return {
        "feed": "trade",
        "product_id": row.symbol,
        "uid": row.uid,
        "side": row.side,
        "type": row.kind,
        "seq": row.seq,
        "time": row.time_ms,
        "qty": row.size,
        "price": row.price,
    }


def trade_snapshot(symbol: str, newest_first: Iterable[PublicTrade]) -> Json:
    return {"feed": "trade_snapshot", "product_id": symbol, "trades": [trade(row) for row in newest_first]}


def book_snapshot(book: BookView) -> Json:
    def levels(side: Iterable[tuple[Decimal, Decimal]]) -> list[Json]:
        return [{"price": price, "qty": qty} for price, qty in side]

    return {
        "feed": "book_snapshot",
        "product_id": book.symbol,
        "timestamp": book.time_ms,
        "seq": book.seq,
        "tickSize": None,
        "bids": levels(book.bids),
        "asks": levels(book.asks),
    }


def book_delta(event: BookChanged) -> Json:
    return {
        "feed": "book",
        "product_id": event.symbol,
        "side": event.side,
        "seq": event.seq,
        "price": event.price,
        "qty": event.qty,
        "timestamp": event.time_ms,
    }


# --- orders and fills --------------------------------------------------------------------------------------


def feed_order(order: Order) -> Json:
    """A plain limit order carries a stop price of 0, as captured live."""
    trigger = order.trigger
    trailing = trigger.trailing if trigger else None
    return given(
        instrument=order.symbol,
        time=order.created_ms,
        last_update_time=order.updated_ms,
        qty=order.remaining,
        filled=order.filled,
        limit_price=order.limit_price,
        stop_price=trigger.price if trigger else _ZERO,
        type=_FEED_TYPE.get(order.order_type, "limit"),
        order_id=order.order_id,
        cli_ord_id=order.cli_ord_id,
        direction=0 if order.side == "buy" else 1,
        reduce_only=order.reduce_only,
        triggerSignal=trigger and OPEN_ORDER_SIGNAL[TriggerSignal(trigger.signal)],
        trailing_stop_options=trailing and {"max_deviation": trailing.value, "unit": trailing.unit.lower()},
        max_fixed_leverage=order.max_fixed_leverage,
    )


def order_whole(feed: str, event: OrderChanged) -> Json:
    """The form that carries the order."""
    return {
        "feed": feed,
        "order": feed_order(event.order),
        "is_cancel": event.removed,
        "reason": event.reason,
    }


def order_removed_by_id(feed: str, event: OrderChanged) -> Json:
    """The form that carries ids only."""
    ids = given(order_id=event.order.order_id, cli_ord_id=event.order.cli_ord_id)
    return {"feed": feed, **ids, "is_cancel": True, "reason": event.reason}


def feed_fill(row: Fill) -> Json:
    return given(
        instrument=row.symbol,
        time=row.time_ms,
        price=row.price,
        seq=row.seq,
        buy=row.side == "buy",
        qty=row.size,
        remaining_order_qty=row.remaining,
        order_id=row.order_id,
        cli_ord_id=row.cli_ord_id,
        fill_id=row.fill_id,
        fill_type=row.fill_type,
        fee_paid=row.fee,
        fee_currency=row.fee_currency,
        taker_order_type=_FILL_ORDER_TYPE.get(row.taker_order_type, row.taker_order_type),
        order_type=_FILL_ORDER_TYPE.get(row.order_type, row.order_type),
    )


# --- account -----------------------------------------------------------------------------------------------


def position(row: PositionView) -> Json:
    return given(
        instrument=row.symbol,
        balance=row.size,
        pnl=row.pnl,
        entry_price=row.entry_price,
        mark_price=row.mark_price,
        index_price=row.index_price,
        liquidation_threshold=row.liquidation_price,
        effective_leverage=row.effective_leverage,
        return_on_equity=row.return_on_equity,
        unrealized_funding=row.unrealized_funding,
        initial_margin=row.initial_margin,
        initial_margin_with_orders=row.initial_margin_with_orders,
        maintenance_margin=row.maintenance_margin,
        pnl_currency=row.pnl_currency,
        max_fixed_leverage=row.max_fixed_leverage,
    )


def wallets(rows: Iterable[InverseWallet]) -> Json:
    """The ``futures`` section: single-collateral wallets by the name the feed gives them."""
    return {f"F-{row.base}:USD": _wallet(row) for row in rows}


def _wallet(row: InverseWallet) -> Json:
    return {
        "name": f"F-{row.base}:USD",
        "pair": f"{row.base}/USD",
        "unit": row.base,
        "portfolio_value": row.portfolio_value,
        "balance": row.balance,
        "maintenance_margin": row.maintenance_margin,
        "initial_margin": row.initial_margin,
        "available": row.available,
        "unrealized_funding": row.unrealized_funding,
        "pnl": row.pnl,
        "cash_value": row.usd_value,
    }


def _pool(row: PoolMargin) -> Json:
    """``initial_margin`` includes open orders here, unlike in REST."""
    return {
        "initial_margin": row.initial_margin_with_orders,
        "initial_margin_without_orders": row.initial_margin,
        "maintenance_margin": row.maintenance_margin,
        "pnl": row.pnl,
        "unrealized_funding": row.unrealized_funding,
        "total_unrealized": row.total_unrealized,
        "total_unrealized_as_margin": row.total_unrealized_as_margin,
    }


def _cross(row: CrossPool) -> Json:
    return {
        "balance_value": row.balance_value,
        "portfolio_value": row.portfolio_value,
        "collateral_value": row.collateral_value,
        **_pool(row.margin),
        "margin_equity": row.margin_equity,
        "available_margin": row.available_margin,
        "effective_leverage": row.effective_leverage,
        "total_position_size": row.position_value,
    }


def flex_futures(row: FlexAccount) -> Json:
    return {
        "currencies": {
            held.currency: {
                "quantity": held.quantity,
                "value": held.value,
                "collateral_value": held.collateral,
                "available": held.available,
                "haircut": held.haircut,
                "conversion_spread": held.conversion_spread,
            }
            for held in row.currencies
        },
        "balance_value": row.balance_value,
        "portfolio_value": row.portfolio_value,
        "collateral_value": row.collateral_value,
        **_pool(row.totals),
        "margin_equity": row.margin_equity,
        "available_margin": row.available_margin,
        "total_position_size": row.position_value,
        "isolated": {symbol: _pool(pool) for symbol, pool in row.isolated.items()},
        "cross": _cross(row.cross),
    }


def new_log_entry(entry: LogEntry) -> Json:
    return {"feed": "account_log", "new_entry": log_entry(entry)}


def heartbeat(now_ms: int) -> Json:
    return {"feed": "heartbeat", "time": now_ms}


def holding(row: Mapping[str, Decimal]) -> Json:
    return dict(row)
