"""Snapshots on request: every reading call as model values, with the venue's time of the answer."""

from __future__ import annotations

from decimal import Decimal

from tui.client.derivatives.parse import account as parse_account
from tui.client.derivatives.parse import market as parse_market
from tui.client.derivatives.parse import orders as parse_orders
from tui.client.derivatives.parse import words
from tui.client.derivatives.rest import Call, Rest
from tui.client.derivatives.results import FundingRate
from tui.client.venue import Answer
from tui.model.account import Account, KeyPermissions, LeveragePreference, LogEntry, Notification
from tui.model.book import Book
from tui.model.errors import NotFound, UnknownAnswer
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.market import Candle, PublicTrade
from tui.model.order import Order, OrderEnd, OrderStatusReport
from tui.model.position import Position
from tui.model.ticker import Ticker
from tui.wire.derivatives import account, base, history, market, routes, trading
from tui.wire.derivatives.codec import MalformedError
from tui.wire.derivatives.codes import TickType
from tui.wire.derivatives.times import to_iso

HISTORY_PAGES = 20
CANDLE_PAGES = 5
_PAGE = 1000
_ALWAYS_LISTED = "PF_XBTUSD"


class Reading:
    """Raises the tree of ``tui.model.errors``; an answer that parses to nonsense is an ``UnknownAnswer``."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    async def server_time(self) -> int:
        """Epoch ms by the venue's clock. There is no call for it, every answer tells it; the cheapest one is asked,
        by the cancels' connection, which is thereby kept warm.
        """
        path = routes.TICKER.path.format(symbol=_ALWAYS_LISTED)
        answer = await self._rest.read(Call(routes.TICKER, path=path, urgent=True), base.Answer)
        server_ms = _server_ms(answer)
        if server_ms is None:
            raise UnknownAnswer("The answer told no server time")
        return server_ms

    async def instruments(self) -> tuple[Instrument, ...]:
        rows = (await self._rest.read(Call(routes.INSTRUMENTS), market.Instruments)).instruments
        factors = await self._margin_factors()
        with _Sense():
            parsed = (parse_market.instrument(row, factors.get(row.symbol.upper(), Decimal(1))) for row in rows)
            return tuple(instrument for instrument in parsed if instrument is not None)

    async def _margin_factors(self) -> dict[str, Decimal]:
        """Extreme-volatility factors by symbol; a venue without that page has none."""
        try:
            answer = await self._rest.read(Call(routes.INSTRUMENTS_STATUS), market.InstrumentStatuses)
        except NotFound:
            return {}
        return {
            row.tradeable.upper(): row.extreme_volatility_initial_margin_multiplier
            for row in answer.instrument_status
            if row.experiencing_extreme_volatility
        }

    async def tickers(self) -> Answer[tuple[Ticker, ...]]:
        answer = await self._rest.read(Call(routes.TICKERS), market.Tickers)
        server_ms = _server_ms(answer)
        with _Sense():
            parsed = (parse_market.ticker(row, server_ms or 0) for row in answer.tickers)
            return Answer(tuple(ticker for ticker in parsed if ticker is not None), server_ms)

    async def ticker(self, symbol: str) -> Ticker:
        path = routes.TICKER.path.format(symbol=symbol)
        answer = await self._rest.read(Call(routes.TICKER, path=path), market.OneTicker)
        with _Sense():
            ticker = parse_market.ticker(answer.ticker, _server_ms(answer) or 0)
        if ticker is None:
            raise NotFound(f"{symbol} is an index, not a contract", "Choose a contract")
        return ticker

    async def order_book(self, symbol: str) -> Answer[Book]:
        answer = await self._rest.read(Call(routes.ORDERBOOK, [("symbol", symbol)]), market.OrderBook)
        server_ms = _server_ms(answer)
        with _Sense():
            return Answer(parse_market.book(symbol, answer.order_book, server_ms or 0), server_ms)

    async def trade_history(self, symbol: str, before_ms: int | None = None) -> tuple[PublicTrade, ...]:
        params = [("symbol", symbol)]
        if before_ms is not None:
            params.append(("lastTime", to_iso(before_ms)))
        answer = await self._rest.read(Call(routes.PUBLIC_TRADES, params), market.PublicTrades)
        with _Sense():
            return parse_market.trades(symbol, answer.history)

    async def funding_rates(self, symbol: str) -> tuple[FundingRate, ...]:
        answer = await self._rest.read(Call(routes.FUNDING_RATES, [("symbol", symbol)]), market.FundingRates)
        with _Sense():
            return parse_market.funding_rates(answer.rates)

    async def candles(
        self, symbol: str, resolution: str, since_ms: int, tick_type: TickType = TickType.TRADE
    ) -> tuple[Candle, ...]:
        """Oldest first. The venue cuts pages at 2000 rows (measured); at most five pages are fetched."""
        path = routes.CHART_CANDLES.path.format(tick_type=tick_type, symbol=symbol, resolution=resolution)
        found: dict[int, Candle] = {}
        since_s = since_ms // 1000
        for _ in range(CANDLE_PAGES):
            call = Call(routes.CHART_CANDLES, [("from", str(since_s))], path=path)
            answer = await self._rest.read(call, market.Candles)
            with _Sense():
                found.update((row.time, parse_market.candle(row)) for row in answer.candles)
            if not answer.more_candles or not answer.candles:
                break
            since_s = max(row.time for row in answer.candles) // 1000 + 1
        return tuple(candle for _, candle in sorted(found.items()))

    async def open_orders(self) -> Answer[tuple[Order, ...]]:
        answer = await self._rest.read(Call(routes.OPEN_ORDERS), trading.OpenOrders)
        with _Sense():
            return Answer(tuple(parse_orders.open_order(row) for row in answer.open_orders), _server_ms(answer))

    async def positions(self) -> Answer[tuple[Position, ...]]:
        answer = await self._rest.read(Call(routes.OPEN_POSITIONS), account.OpenPositions)
        with _Sense():
            rows = (parse_account.position(row) for row in answer.open_positions if row.size)
            return Answer(tuple(rows), _server_ms(answer))

    async def account(self) -> Answer[Account]:
        answer = await self._rest.read(Call(routes.ACCOUNTS), account.Accounts)
        server_ms = _server_ms(answer)
        with _Sense():
            return Answer(parse_account.account(answer, server_ms or 0), server_ms)

    async def fills(self, before_ms: int | None = None) -> Answer[tuple[Fill, ...]]:
        """At most a hundred, newest first; with ``before_ms`` those before it, at twelve times the cost."""
        params = [] if before_ms is None else [("lastFillTime", to_iso(before_ms))]
        call = Call(routes.FILLS, params, cost=routes.fills_cost(paged=before_ms is not None))
        answer = await self._rest.read(call, trading.Fills)
        with _Sense():
            rows = sorted((parse_orders.fill(row) for row in answer.fills), key=lambda row: -row.time_ms)
            return Answer(tuple(rows), _server_ms(answer))

    async def executions(self, since_ms: int) -> tuple[Fill, ...]:
        """Oldest first, at most twenty pages of a thousand."""
        fills: dict[str, Fill] = {}
        token: str | None = None
        for _ in range(HISTORY_PAGES):
            page = await self._rest.read(Call(routes.HISTORY_EXECUTIONS, _page(since_ms, token)), history.Executions)
            with _Sense():
                parsed = (parse_orders.execution(row) for row in page.elements)
                fills.update((fill.fill_id, fill) for fill in parsed if fill is not None)
            token = page.continuation_token
            if not token or not page.elements:
                break
        return tuple(sorted(fills.values(), key=lambda fill: fill.time_ms))

    async def order_ends(self, since_ms: int) -> tuple[OrderEnd, ...]:
        """Of orders and triggers, oldest first, at most twenty pages of a thousand each."""
        ends: list[OrderEnd] = []
        for route in (routes.HISTORY_ORDERS, routes.HISTORY_TRIGGERS):
            token: str | None = None
            for _ in range(HISTORY_PAGES):
                page = await self._rest.read(Call(route, _page(since_ms, token)), history.OrderHistory)
                with _Sense():
                    ends += [end for row in page.elements if (end := parse_orders.order_end(row)) is not None]
                token = page.continuation_token
                if not token or not page.elements:
                    break
        return tuple(sorted(ends, key=lambda end: end.time_ms))

    async def account_log(self, since_ms: int | None = None, count: int = 500) -> tuple[LogEntry, ...]:
        """Newest first."""
        params = [("count", str(count))]
        if since_ms is not None:
            params.append(("since", str(since_ms)))
        call = Call(routes.ACCOUNT_LOG, params, cost=routes.account_log_cost(count))
        answer = await self._rest.read(call, account.AccountLog)
        with _Sense():
            return tuple(sorted((parse_account.log_entry(row) for row in answer.logs), key=lambda row: -row.entry_id))

    async def order_status(
        self, order_ids: tuple[str, ...], client_order_ids: tuple[str, ...]
    ) -> tuple[OrderStatusReport, ...]:
        params = [("orderIds", value) for value in order_ids] + [("cliOrdIds", value) for value in client_order_ids]
        answer = await self._rest.read(Call(routes.ORDERS_STATUS, params), trading.OrdersStatus)
        with _Sense():
            return tuple(parse_orders.status_report(row) for row in answer.orders)

    async def leverage(self) -> tuple[LeveragePreference, ...]:
        answer = await self._rest.read(Call(routes.LEVERAGE_PREFERENCES), account.LeveragePreferences)
        with _Sense():
            return tuple(parse_account.leverage(row) for row in answer.leverage_preferences)

    async def notifications(self) -> tuple[Notification, ...]:
        answer = await self._rest.read(Call(routes.NOTIFICATIONS), account.Notifications)
        return tuple(parse_account.notification(row) for row in answer.notifications)

    async def check_key(self) -> KeyPermissions:
        return parse_account.permissions(await self._rest.read(Call(routes.KEY_CHECK), account.KeyCheck))


class _Sense:
    """Turns what a parser cannot make sense of into an error of the tree."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MalformedError):
            raise UnknownAnswer(f"The answer makes no sense: {error}", "Nothing is concluded from it") from None


def _server_ms(answer: base.Answer) -> int | None:
    return words.time_ms(answer.server_time)


def _page(since_ms: int, token: str | None) -> list[tuple[str, str]]:
    """Parameters of one page of the history, oldest first."""
    params = [("since", str(since_ms)), ("sort", "asc"), ("count", str(_PAGE))]
    return [*params, ("continuation_token", token)] if token else params
