"""The charts service's analytics, as far as a simulated market has any.

Trade volume is counted; everything else the venue computes from what this exchange does not have (other traders, years
of data) and is refused in the service's own shape. Invariant: reads only. Source: Kraken docs, charts analytics.
"""

from typing import Final

from tui.exchange.commands import UnknownSymbol
from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.params import Params
from tui.exchange.refusals import ObjectRefusal
from tui.exchange.venue import Venue, Visitor
from tui.wire.derivatives import routes
from tui.wire.derivatives.codec import plain

_INTERVALS: Final = (60, 300, 900, 1_800, 3_600, 14_400, 43_200, 86_400, 604_800)
_TRADE_VOLUME: Final = "trade-volume"
_PAGE: Final = 2_000


def _refusal(message: str, value: str, field: str) -> ObjectRefusal:
    error = {
        "severity": "E",
        "error_class": "General",
        "type": "Invalid arguments",
        "msg": message,
        "value": value,
        "field": field,
    }
    return ObjectRefusal({"result": None, "errors": [error]}, http=400)


def _integer(params: Params, name: str) -> int | None:
    text = params.text(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise _refusal("must be an integer", text[:64], name)
    return int(text)


def _analytics(venue: Venue, params: Params) -> Act:
    """Buckets of ``interval`` seconds from ``since`` to ``to`` (seconds, both matched against a bucket's start)."""
    name, kind = params.required("symbol"), params.required("kind")
    try:
        symbol = venue.engine.instrument(name).symbol
    except UnknownSymbol:
        raise _refusal("not found", name[:64], "symbol") from None
    if kind != _TRADE_VOLUME:
        raise _refusal("is not available here", kind[:64], "analytics_type")
    interval = _integer(params, "interval")
    if interval not in _INTERVALS:
        raise _refusal("must be one of", str(interval), "interval")
    since, until = _integer(params, "since"), _integer(params, "to")
    if since is None:
        raise _refusal("is required", "", "since")

    def act(_: Visitor) -> Reply:
        rows = venue.engine.candles(
            "trade",
            symbol,
            interval // 60,
            since_ms=since * 1000,
            until_ms=None if until is None else until * 1000,
        )
        page = rows[:_PAGE]
        result = {
            "timestamp": [row.time_ms // 1000 for row in page],
            "more": len(rows) > len(page),
            "data": [plain(row.volume) for row in page],
        }
        return Reply({"result": result, "errors": []})

    return act


def _liquidity_pool(_venue: Venue, _params: Params) -> Act:
    raise _refusal("is not available here", "liquidity-pool", "analytics_type")


ENDPOINTS: Final = (
    Endpoint(routes.LIQUIDITY_POOL, _liquidity_pool),
    Endpoint(routes.ANALYTICS, _analytics),
)
