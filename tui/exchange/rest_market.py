"""Public market data over REST, the charts, and the caller's fee volume.

Invariant: reads only. Unknown symbols are refused the way each service refuses them (HTTP 404 with a word for one
ticker, a code for the rest, plain text for charts).
"""

from collections.abc import Callable
from typing import Final

from tui.exchange import render_market
from tui.exchange.commands import UnknownSymbol
from tui.exchange.endpoint import Act, Endpoint, Reply
from tui.exchange.instruments import Instrument
from tui.exchange.params import Params
from tui.exchange.refusals import CodedRefusal, TextRefusal, WordRefusal, invalid_argument
from tui.exchange.render_orders import Json
from tui.exchange.venue import Venue, Visitor
from tui.wire.derivatives import routes
from tui.wire.derivatives.codes import Resolution, TickType
from tui.wire.derivatives.outcomes import ErrorCode, WordError
from tui.wire.derivatives.routes import CHARTS_BASE, Route

_SCHEDULE_NAMES: Final = ("Linear Multi-Collateral Rebate Fees", "Inverse Single-Collateral Rebate Fees")
_CANDLE_PAGE: Final = 2_000
"""Rows of one page as measured live in 2026; the docs speak of 5000."""

_MINUTES: Final = {
    Resolution.M1: 1,
    Resolution.M5: 5,
    Resolution.M15: 15,
    Resolution.M30: 30,
    Resolution.H1: 60,
    Resolution.H4: 240,
    Resolution.H12: 720,
    Resolution.D1: 1_440,
    Resolution.W1: 10_080,
}


def contract(venue: Venue, params: Params, name: str = "symbol") -> Instrument:
    """The contract that an argument names, in any letter case."""
    try:
        return venue.engine.instrument(params.required(name))
    except UnknownSymbol:
        raise invalid_argument(name) from None


# --- contracts ---------------------------------------------------------------------------------------------


def _wanted_types(params: Params) -> Callable[[Instrument], bool]:
    types = set(params.all("contractType"))
    return lambda row: not types or "all" in types or row.kind in types


def _instruments(venue: Venue, params: Params) -> Act:
    wanted = _wanted_types(params)
    expired = params.boolean("expired")

    def act(_: Visitor) -> Reply:
        rows = [
            render_market.instrument(
                row,
                post_only=venue.engine.ticker(row.symbol).post_only,
                expired=not venue.engine.is_tradeable(row.symbol),
            )
            for row in venue.engine.instruments(expired=expired)
            if wanted(row)
        ]
        return Reply({"instruments": rows})

    return act


def _trading_instruments(venue: Venue, params: Params) -> Act:
    """The caller's view of the same contracts; none is withheld from anybody."""
    list_all = _instruments(venue, params)

    def act(visitor: Visitor) -> Reply:
        rows = list_all(visitor).payload["instruments"]
        return Reply({"instruments": [{**row, "restricted": False} for row in rows]})

    return act


def _statuses(venue: Venue, params: Params) -> Act:
    wanted = _wanted_types(params)
    return lambda _: Reply(
        {
            "instrumentStatus": [
                render_market.instrument_status(row.symbol) for row in venue.engine.instruments() if wanted(row)
            ]
        }
    )


def _one_status(venue: Venue, params: Params) -> Act:
    symbol = _found(venue, params).symbol
    return lambda _: Reply(render_market.instrument_status(symbol))


def _found(venue: Venue, params: Params) -> Instrument:
    try:
        return venue.engine.instrument(params.required("symbol"))
    except UnknownSymbol:
        raise WordRefusal(WordError.CONTRACT_NOT_FOUND, http=404) from None


# --- prices ------------------------------------------------------------------------------------------------


def _tickers(venue: Venue, params: Params) -> Act:
    wanted = _wanted_types(params)
    symbols = {name.upper() for name in params.all("symbol")}

    def act(_: Visitor) -> Reply:
        rows = [
            render_market.ticker(venue.engine.ticker(row.symbol), row)
            for row in venue.engine.instruments()
            if wanted(row) and (not symbols or row.symbol.upper() in symbols)
        ]
        return Reply({"tickers": rows + (_index_rows(venue) if venue.options.index_tickers else [])})

    return act


def _index_rows(venue: Venue) -> list[Json]:
    """One row per underlying, under the name of its real-time index."""
    by_name = {f"in_{row.underlying.lower()}usd": row.symbol for row in venue.engine.instruments()}
    return [render_market.index_ticker(name, venue.engine.ticker(symbol)) for name, symbol in by_name.items()]


def _one_ticker(venue: Venue, params: Params) -> Act:
    row = _found(venue, params)
    return lambda _: Reply({"ticker": render_market.ticker(venue.engine.ticker(row.symbol), row)})


def _order_book(venue: Venue, params: Params) -> Act:
    if params.text("symbol") is None:
        raise CodedRefusal(ErrorCode.GENERAL, "400 BAD_REQUEST")
    symbol = contract(venue, params).symbol

    def act(_: Visitor) -> Reply:
        book = venue.engine.book(symbol)
        return Reply({"orderBook": render_market.order_book(book, bids_ascending=venue.options.bids_ascending)})

    return act


def _public_trades(venue: Venue, params: Params) -> Act:
    symbol = contract(venue, params).symbol
    before = params.moment("lastTime")

    def act(_: Visitor) -> Reply:
        trades = venue.engine.trades(symbol, before_ms=before)
        ascending = not venue.options.trades_descending
        return Reply({"history": render_market.public_trades(trades, ascending=ascending)})

    return act


def _funding(venue: Venue, params: Params) -> Act:
    symbol = contract(venue, params).symbol
    return lambda _: Reply({"rates": [render_market.funding_rate(row) for row in venue.engine.funding_history(symbol)]})


# --- fees --------------------------------------------------------------------------------------------------


def _schedule_uids(venue: Venue) -> list[str]:
    """Linear first, then inverse; each contract names one of them."""
    ordered = sorted(venue.engine.instruments(), key=lambda row: row.inverse)
    return list(dict.fromkeys(row.fee_schedule_uid for row in ordered))


def _fee_schedules(venue: Venue, _params: Params) -> Act:
    return lambda _: Reply(
        {
            "feeSchedules": [
                render_market.fee_schedule(uid, name, venue.config.fee_tiers)
                for uid, name in zip(_schedule_uids(venue), _SCHEDULE_NAMES, strict=False)
            ]
        }
    )


def _fee_volumes(venue: Venue, _params: Params) -> Act:
    return lambda visitor: Reply(
        {"volumesByFeeSchedule": dict.fromkeys(_schedule_uids(venue), visitor.account.volume_30d_usd)}
    )


# --- charts ------------------------------------------------------------------------------------------------


def _chart_contract(venue: Venue, params: Params) -> Instrument:
    if params.text("tick_type") not in set(TickType):
        raise TextRefusal("Invalid tick type")
    try:
        return venue.engine.instrument(params.required("symbol"))
    except UnknownSymbol:
        raise TextRefusal("Invalid instrument") from None


def _candles(venue: Venue, params: Params) -> Act:
    row = _chart_contract(venue, params)
    name = params.required("resolution").lower()
    if name not in set(Resolution):
        raise TextRefusal("Invalid resolution")
    start, end = params.integer("from"), params.integer("to")
    count = min(params.integer("count", lowest=1) or _CANDLE_PAGE, _CANDLE_PAGE)

    def act(_: Visitor) -> Reply:
        rows = venue.engine.candles(
            params.required("tick_type"),
            row.symbol,
            _MINUTES[Resolution(name)],
            since_ms=None if start is None else start * 1000,
            until_ms=None if end is None else end * 1000,
        )
        page = rows[:count] if start is not None else rows[-count:]
        candles = [render_market.candle(candle) for candle in page]
        return Reply({"candles": candles, "more_candles": len(rows) > count})

    return act


def _tick_types(_venue: Venue, _params: Params) -> Act:
    return lambda _: Reply(sorted(TickType))


def _chart_symbols(venue: Venue, params: Params) -> Act:
    if params.text("tick_type") not in set(TickType):
        raise TextRefusal("Invalid tick type")
    return lambda _: Reply([row.symbol for row in venue.engine.instruments()])


def _chart_resolutions(venue: Venue, params: Params) -> Act:
    _chart_contract(venue, params)
    return lambda _: Reply(list(Resolution))


ENDPOINTS: Final = (
    Endpoint(routes.INSTRUMENTS, _instruments),
    Endpoint(routes.TRADING_INSTRUMENTS, _trading_instruments),
    Endpoint(routes.INSTRUMENTS_STATUS, _statuses),
    Endpoint(routes.INSTRUMENT_STATUS, _one_status),
    Endpoint(routes.TICKERS, _tickers),
    Endpoint(routes.TICKER, _one_ticker),
    Endpoint(routes.ORDERBOOK, _order_book),
    Endpoint(routes.PUBLIC_TRADES, _public_trades),
    Endpoint(routes.FUNDING_RATES, _funding, aliases=(("GET", routes.FUNDING_RATES_V3.path),)),
    Endpoint(routes.FEE_SCHEDULES, _fee_schedules),
    Endpoint(routes.FEE_VOLUMES, _fee_volumes),
    Endpoint(Route("GET", CHARTS_BASE + "/"), _tick_types),
    Endpoint(Route("GET", CHARTS_BASE + "/{tick_type}"), _chart_symbols),
    Endpoint(Route("GET", CHARTS_BASE + "/{tick_type}/{symbol}"), _chart_resolutions),
    Endpoint(routes.CHART_CANDLES, _candles),
)
