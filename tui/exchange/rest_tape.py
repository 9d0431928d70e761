"""Public executions over the history API.

The engine's tape does not tell whose orders met; their ids here are derived from the trade's, so that they are stable
and nobody's. Invariant: reads only.
"""

import uuid
from typing import Final

from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.history_pages import EventQuery, envelope
from tui.exchange.orders import BUY, opposite
from tui.exchange.params import Params
from tui.exchange.render_orders import Json
from tui.exchange.rest_market import contract
from tui.exchange.venue import Venue
from tui.exchange.views import PublicTrade
from tui.wire.derivatives import routes
from tui.wire.derivatives.codec import plain
from tui.wire.derivatives.codes import HistorySide

_ALL_ROWS: Final = 1_000_000


def _market_executions(venue: Venue, params: Params) -> Act:
    row = contract(venue, params, "tradeable")
    query = EventQuery.of(params)

    def act() -> Reply:
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


ENDPOINTS: Final = (Endpoint(routes.MARKET_EXECUTIONS, _market_executions),)
