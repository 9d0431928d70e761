"""What everybody may know of a market's past over the history API: executions, orders and mark prices.

The engine's tape does not tell whose orders met; their ids here are derived from the trade's, so that they are stable
and nobody's. The crowd quotes levels, not orders, so the public orders are those of the account, without its name.
Invariant: reads only.
"""

import uuid
from typing import Final

from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.history_pages import EventQuery, envelope
from tui.exchange.orders import BUY, opposite
from tui.exchange.params import Params
from tui.exchange.render_orders import Json
from tui.exchange.rest_history import order_event
from tui.exchange.rest_market import contract
from tui.exchange.venue import Venue, Visitor
from tui.exchange.views import PublicTrade
from tui.wire.derivatives import routes
from tui.wire.derivatives.codec import plain
from tui.wire.derivatives.codes import HistorySide

_ALL_ROWS: Final = 1_000_000
_PUBLIC_KINDS: Final = frozenset({"placed", "updated", "cancelled"})


def _market_executions(venue: Venue, params: Params) -> Act:
    row = contract(venue, params, "tradeable")
    query = EventQuery.of(params)

    def act(_: Visitor) -> Reply:
        oldest_first = reversed(venue.engine.trades(row.symbol, limit=_ALL_ROWS))
        trades = [trade for trade in oldest_first if query.wants(trade.time_ms, trade.symbol)]
        page, token = query.page(trades, lambda trade: trade.uid)
        elements = [_element(trade, inverse=row.inverse) for trade in page]
        return envelope(elements, token, server_time=venue.now_iso())

    return act


def _element(trade: PublicTrade, *, inverse: bool) -> Json:
    usd = trade.size if inverse else trade.size * trade.price
    execution = {
        "uid": trade.uid,
        "makerOrder": _order(trade, opposite(trade.side), "Limit"),
        "takerOrder": _order(trade, trade.side, "IoC"),
        "timestamp": trade.time_ms,
        "quantity": plain(trade.size),
        "price": plain(trade.price),
        "markPrice": plain(trade.price),
        "limitFilled": False,
        "usdValue": plain(usd),
    }
    event = {"Execution": {"execution": execution, "takerReducedQuantity": ""}}
    return {"uid": trade.uid, "timestamp": trade.time_ms, "event": event}


def _order(trade: PublicTrade, side: str, kind: str) -> Json:
    return {
        "uid": str(uuid.uuid5(uuid.UUID(trade.uid), kind)),
        "tradeable": trade.symbol,
        "direction": HistorySide.BUY if side == BUY else HistorySide.SELL,
        "quantity": plain(trade.size),
        "timestamp": trade.time_ms,
        "limitPrice": plain(trade.price),
        "orderType": kind,
        "reduceOnly": False,
        "lastUpdateTimestamp": trade.time_ms,
    }


def _market_orders(venue: Venue, params: Params) -> Act:
    row = contract(venue, params, "tradeable")
    query = EventQuery.of(params)

    def act(_: Visitor) -> Reply:
        of_all = (record for name in venue.engine.accounts for record in venue.engine.account(name).order_history())
        records = [
            record
            for record in sorted(of_all, key=lambda record: record.time_ms)
            if record.kind in _PUBLIC_KINDS
            and record.order.symbol == row.symbol
            and not record.order.is_trigger
            and query.wants(record.time_ms, row.symbol)
        ]
        page, token = query.page(records, lambda record: record.uid)
        return envelope([order_event("", record, public=True) for record in page], token, server_time=venue.now_iso())

    return act


def _market_price(venue: Venue, params: Params) -> Act:
    """Marks have no uid; pages continue by their time."""
    row = contract(venue, params, "tradeable")
    query = EventQuery.of(params)

    def act(_: Visitor) -> Reply:
        marks = [mark for mark in venue.engine.mark_prices(row.symbol) if query.wants(mark[0], row.symbol)]
        page, token = query.page(marks, lambda mark: str(mark[0]))
        elements: list[Json] = [
            {"uid": "", "timestamp": time_ms, "event": {"MarkPriceChanged": {"price": plain(price)}}}
            for time_ms, price in page
        ]
        return envelope(elements, token, server_time=venue.now_iso())

    return act


ENDPOINTS: Final = (
    Endpoint(routes.MARKET_EXECUTIONS, _market_executions),
    Endpoint(routes.MARKET_ORDERS, _market_orders),
    Endpoint(routes.MARKET_PRICE, _market_price),
)
