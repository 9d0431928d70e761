"""The position history: what each trade, funding payment and settlement did to a position.

Amounts leave as text, times as milliseconds. Invariant: reads only. Source: Kraken docs, position update events, with
their two spellings of funding realisation.
"""

from decimal import Decimal
from typing import Final

from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.history_pages import EventQuery, envelope
from tui.exchange.params import Params
from tui.exchange.render_orders import Json
from tui.exchange.venue import Venue, Visitor
from tui.exchange.views import PositionUpdate
from tui.wire.derivatives import routes
from tui.wire.derivatives.codec import plain

_TRADE_TYPE: Final = {
    "futures trade": "userExecution",
    "futures liquidation": "liquidation",
    "futures assignor": "assignment",
}
_OTHER_REASON: Final = {"funding rate change": "fundingRealisation", "settlement": "settlement"}
_CHANGE_FILTERS: Final = {
    "opened": "open",
    "closed": "close",
    "increased": "increase",
    "decreased": "decrease",
    "reversed": "reverse",
    "no_change": "noChange",
}
_REASON_FILTERS: Final = {
    "trades": "trade",
    "funding_realization": "fundingRealisation",
    "settlement": "settlement",
}


def _positions(venue: Venue, params: Params) -> Act:
    """Filters add up: each one set lets more in, none set lets everything in."""
    query = EventQuery.of(params)
    wanted = {word for name, word in (_CHANGE_FILTERS | _REASON_FILTERS).items() if params.boolean(name)}

    def act(visitor: Visitor) -> Reply:
        rows = [
            row
            for row in visitor.account.position_updates()
            if query.wants(row.time_ms, row.symbol) and (not wanted or wanted & {change_of(row), reason_of(row)})
        ]
        page, token = query.page(rows, lambda row: row.uid)
        elements = [_element(visitor.client.uid, row) for row in page]
        return envelope(elements, token, server_time=venue.now_iso(), account_uid=visitor.client.uid)

    return act


def change_of(row: PositionUpdate) -> str:
    """What became of the position, in the venue's word."""
    old, new = row.old_size, row.new_size
    if old == new:
        return "noChange"
    if not old or not new:
        return "close" if old else "open"
    if (old > 0) != (new > 0):
        return "reverse"
    return "increase" if abs(new) > abs(old) else "decrease"


def reason_of(row: PositionUpdate) -> str:
    return _OTHER_REASON.get(row.info, "trade")


def _element(account_uid: str, row: PositionUpdate) -> Json:
    return {"uid": row.uid, "timestamp": row.time_ms, "event": {"PositionUpdate": _update(account_uid, row)}}


def _update(account_uid: str, row: PositionUpdate) -> Json:
    trade = reason_of(row) == "trade"
    settled = row.price if row.info == "settlement" else Decimal(0)
    return {
        "accountUid": account_uid,
        "tradeable": row.symbol,
        "oldPosition": _figure(row.old_size),
        "oldAverageEntryPrice": _figure(row.old_entry),
        "newPosition": _figure(row.new_size),
        "newAverageEntryPrice": _figure(row.new_entry),
        "fillTime": row.opened_ms,
        "fee": _figure(row.fee),
        "feeCurrency": row.currency,
        "realizedPnL": _figure(row.realized_pnl),
        "positionChange": change_of(row),
        "executionUid": row.execution,
        "executionPrice": _figure(row.price if trade else Decimal(0)),
        "executionSize": _figure(abs(row.new_size - row.old_size) if trade else Decimal(0)),
        "tradeType": _TRADE_TYPE.get(row.info, "unknown"),
        "fundingRealizationTime": row.time_ms,
        "realizedFunding": _figure(row.realized_funding),
        "settlementPrice": _figure(settled),
        "timestamp": row.time_ms,
        "updateReason": reason_of(row),
    }


def _figure(amount: Decimal) -> str:
    """Without the zeros that exact bookkeeping leaves behind."""
    return plain(amount.normalize())


ENDPOINTS: Final = (Endpoint(routes.HISTORY_POSITIONS, _positions),)
