"""The public Python API: Kraken Futures for scripts, over the same signed REST as the desk.

    async with KrakenFuturesClient(credentials=from_environment(os.environ)) as client:
        result = await client.send_order("PF_XBTUSD", "buy", "0.001", order_type="market")
        print(result.order_id, result.status, result.filled)

Invariant: every method returns typed values or raises the tree of ``tui.model.errors``: ``OrderRefused`` for a refusal,
``OutcomeUnknown`` when something may have been sent and nobody answered. Reads are repeated on a bad road, orders
never. Amounts may be given as ``Decimal``, ``int`` or text; never as ``float``, which cannot say 0.1.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Self, TypeVar

from tui.client.credentials import Credentials
from tui.client.derivatives.acting import Acting
from tui.client.derivatives.clock import Clock
from tui.client.derivatives.reading import Reading
from tui.client.derivatives.rest import Rest
from tui.client.derivatives.results import AccountSummary, FundingRate, MarginRequirements, OrderResult
from tui.client.derivatives.transport import Transport
from tui.client.derivatives.urls import LIVE_URL, venue_url
from tui.model.account import Account, KeyPermissions, LeveragePreference, LogEntry, Notification
from tui.model.book import Book
from tui.model.enums import DeviationUnit, Environment, OrderType, Side, TriggerSignal
from tui.model.errors import BadArgument, DeskError, NotFound, Sent
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.market import Candle, PublicTrade
from tui.model.order import CancelAllResult, CancelRequest, EditRequest, Order, OrderRequest, OrderStatusReport
from tui.model.position import Position
from tui.model.state import RateBudget
from tui.model.ticker import Ticker
from tui.wire.derivatives.codes import TickType

Number = Decimal | int | str
W = TypeVar("W", bound=StrEnum)


class KrakenFuturesClient:
    """One account at one base URL: ``https://futures.kraken.com``, or the paper exchange on this machine.

    Without ``credentials`` the public calls work and the others raise ``CredentialsError``. Raises
    ``SettingsError`` for a URL that is neither.
    """

    def __init__(
        self,
        url: str = LIVE_URL,
        credentials: Credentials | None = None,
        *,
        clock: Clock | None = None,
        transport: Transport | None = None,
    ) -> None:
        where = venue_url(url)
        self._environment = where.environment
        self._transport = transport or Transport(where.base)
        rng = random.Random()  # noqa: S311 - jitter, not a secret
        self._rest = Rest(self._transport, credentials, clock or Clock(), rng)
        self._reading = Reading(self._rest)
        self._acting = Acting(self._rest)

    @property
    def environment(self) -> Environment:
        return self._environment

    @property
    def budget(self) -> RateBudget:
        """What is left of the trading requests, as counted here."""
        return self._rest.budget

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._transport.__aexit__(*exc)

    # --- market data (public) -----------------------------------------------------------------------------------

    async def get_server_time(self) -> int:
        """Epoch milliseconds by the venue's clock."""
        return await self._reading.server_time()

    async def get_instruments(self) -> tuple[Instrument, ...]:
        return await self._reading.instruments()

    async def get_tickers(self) -> tuple[Ticker, ...]:
        return (await self._reading.tickers()).value

    async def get_ticker(self, symbol: str) -> Ticker:
        return await self._reading.ticker(symbol)

    async def get_orderbook(self, symbol: str) -> Book:
        """Whole book, best first on both sides."""
        return (await self._reading.order_book(symbol)).value

    async def get_trade_history(self, symbol: str, before_ms: int | None = None) -> tuple[PublicTrade, ...]:
        """The last hundred public trades (before a time), newest last."""
        return await self._reading.trade_history(symbol, before_ms)

    async def get_candles(
        self, symbol: str, resolution: str = "1m", since_ms: int = 0, *, tick_type: str = "trade"
    ) -> tuple[Candle, ...]:
        """``resolution``: 1m 5m 15m 30m 1h 4h 12h 1d 1w. ``tick_type``: trade, mark or spot. Oldest first."""
        return await self._reading.candles(symbol, resolution, since_ms, _choice(TickType, tick_type))

    async def get_funding_rates(self, symbol: str) -> tuple[FundingRate, ...]:
        """Hourly, oldest first, about a year."""
        return await self._reading.funding_rates(symbol)

    # --- the account (read access) ------------------------------------------------------------------------------

    async def check_key(self) -> KeyPermissions:
        return await self._reading.check_key()

    async def get_accounts(self) -> Account:
        """All wallets and margin pools."""
        return (await self._reading.account()).value

    async def get_account_summary(self) -> tuple[AccountSummary, ...]:
        """Margin level, equity, margin and what is available, per pool."""
        pools = (await self.get_accounts()).pools
        return tuple(
            AccountSummary(
                pool=pool.name,
                currency=pool.currency,
                margin_level_pct=pool.level_pct,
                equity=pool.equity,
                available_margin=pool.available,
                initial_margin=pool.initial_margin,
                initial_margin_with_orders=pool.initial_margin_with_orders,
                maintenance_margin=pool.maintenance_margin,
                unrealised_pnl=pool.unrealised_pnl,
                balance=pool.balance,
            )
            for pool in pools
        )

    async def get_margin_requirements(self, symbol: str) -> MarginRequirements:
        """The contract's ladder and the leverage set for it. Raises ``NotFound`` for a symbol not listed."""
        instruments = await self._reading.instruments()
        found = next((row for row in instruments if row.symbol.casefold() == symbol.casefold()), None)
        if found is None:
            raise NotFound(f"There is no contract {symbol}", "Check the symbol")
        caps = {row.symbol.casefold(): row.max_leverage for row in await self._reading.leverage()}
        first = found.tiers[0].initial if found.tiers else None
        return MarginRequirements(
            symbol=found.symbol,
            tiers=found.tiers,
            max_leverage=1 / first if first else None,
            isolated_leverage=caps.get(symbol.casefold()),
            initial_multiplier=found.initial_multiplier,
        )

    async def get_open_positions(self) -> tuple[Position, ...]:
        return (await self._reading.positions()).value

    async def get_open_orders(self, symbol: str | None = None, order_id: str | None = None) -> tuple[Order, ...]:
        """All working orders, or those of one contract, or the one with an id (the venue's or ours)."""
        orders = (await self._reading.open_orders()).value
        return tuple(
            order
            for order in orders
            if (symbol is None or order.symbol.casefold() == symbol.casefold())
            and (order_id is None or order_id in (order.order_id, order.client_order_id))
        )

    async def get_order_status(
        self, *, order_ids: Sequence[str] = (), client_order_ids: Sequence[str] = ()
    ) -> tuple[OrderStatusReport, ...]:
        """Orders that work or ended within five seconds. One that is not listed is not thereby dead."""
        return await self._reading.order_status(tuple(order_ids), tuple(client_order_ids))

    async def get_fills(self, last_fill_time: int | None = None) -> tuple[Fill, ...]:
        """The newest hundred, newest first; or the hundred before ``last_fill_time`` (epoch ms), at 25 tokens."""
        return (await self._reading.fills(last_fill_time)).value

    async def get_executions(self, since_ms: int) -> tuple[Fill, ...]:
        """Fills with fees from the history, oldest first."""
        return await self._reading.executions(since_ms)

    async def get_account_log(self, since_ms: int | None = None, count: int = 500) -> tuple[LogEntry, ...]:
        """Newest first."""
        return await self._reading.account_log(since_ms, count)

    async def get_notifications(self) -> tuple[Notification, ...]:
        return await self._reading.notifications()

    async def get_leverage_preferences(self) -> tuple[LeveragePreference, ...]:
        """Contracts with an isolated leverage; the others are cross."""
        return await self._reading.leverage()

    # --- orders (full access) -----------------------------------------------------------------------------------

    async def send_order(
        self,
        symbol: str,
        side: Side | str,
        size: Number,
        *,
        order_type: OrderType | str = OrderType.LIMIT,
        limit_price: Number | None = None,
        stop_price: Number | None = None,
        trigger_signal: TriggerSignal | str | None = None,
        reduce_only: bool = False,
        trailing_stop_max_deviation: Number | None = None,
        trailing_stop_deviation_unit: DeviationUnit | str | None = None,
        client_order_id: str | None = None,
        process_before_ms: int | None = None,
    ) -> OrderResult:
        """Send one order, once. ``order_type``: limit, post, market, ioc, fok, stop, take_profit, trailing_stop.

        A client order id is made if none is given, so that an order whose answer is lost can be found again.
        """
        request = OrderRequest(
            client_order_id=client_order_id or str(uuid.uuid4()),
            symbol=symbol,
            side=_choice(Side, side),
            type=_choice(OrderType, order_type),
            size=_number(size),
            limit_price=_maybe(limit_price),
            stop_price=_maybe(stop_price),
            trigger_signal=_choice(TriggerSignal, trigger_signal) if trigger_signal else None,
            reduce_only=reduce_only,
            deviation=_maybe(trailing_stop_max_deviation),
            deviation_unit=_choice(DeviationUnit, trailing_stop_deviation_unit)
            if trailing_stop_deviation_unit
            else None,
            process_before_ms=process_before_ms,
        )
        return await self._acting.submit(request)

    async def edit_order(
        self,
        order_id: str | None = None,
        *,
        client_order_id: str | None = None,
        size: Number | None = None,
        limit_price: Number | None = None,
        stop_price: Number | None = None,
        trailing_stop_max_deviation: Number | None = None,
        trailing_stop_deviation_unit: DeviationUnit | str | None = None,
        process_before_ms: int | None = None,
    ) -> OrderResult:
        """Change a working order. ``size`` is the new open size. The id stays."""
        request = EditRequest(
            symbol="",
            order_id=order_id or "",
            client_order_id=client_order_id,
            size=_maybe(size),
            limit_price=_maybe(limit_price),
            stop_price=_maybe(stop_price),
            deviation=_maybe(trailing_stop_max_deviation),
            deviation_unit=_choice(DeviationUnit, trailing_stop_deviation_unit)
            if trailing_stop_deviation_unit
            else None,
            process_before_ms=process_before_ms,
        )
        return await self._acting.edit(request)

    async def cancel_order(self, order_id: str | None = None, *, client_order_id: str | None = None) -> OrderResult:
        """Cancel one order. Raises ``OrderRefused`` unless the venue says ``cancelled`` (``filled``, ``notFound``)."""
        return await self._acting.cancel(CancelRequest("", order_id, client_order_id))

    async def cancel_all_orders(self, symbol: str | None = None) -> CancelAllResult:
        return await self._acting.cancel_all(symbol)

    async def cancel_all_orders_after(self, timeout_s: int) -> int | None:
        """Dead man's switch: cancel everything in so many seconds unless called again; 0 disarms."""
        return await self._acting.cancel_all_after(timeout_s)

    async def batch_order(
        self, requests: Sequence[OrderRequest | EditRequest | CancelRequest]
    ) -> tuple[OrderResult | DeskError, ...]:
        """One verdict per request, in order: a result, or the error that the single call would have raised."""
        if not requests:
            return ()
        return await self._acting.batch(requests)

    async def close_position(self, symbol: str, *, client_order_id: str | None = None) -> OrderResult:
        """Close what is open now by an opposing reduce-only market order. Raises ``NotFound`` if flat."""
        positions = await self.get_open_positions()
        held = next((row for row in positions if row.symbol.casefold() == symbol.casefold()), None)
        if held is None:
            raise NotFound(f"There is no position in {symbol}", "Nothing was sent", sent=Sent.NO)
        return await self.send_order(
            held.symbol,
            held.closing_side,
            held.size,
            order_type=OrderType.MARKET,
            reduce_only=True,
            client_order_id=client_order_id,
        )

    async def set_leverage(self, symbol: str, leverage: Number | None) -> None:
        """Isolated margin at a cap, or cross margin with None."""
        await self._acting.set_leverage(symbol, _maybe(leverage))


def _number(value: Number) -> Decimal:
    if isinstance(value, float):
        raise _bad(f"{value} is a float", "Give amounts as text or Decimal: '0.1'")
    try:
        number = Decimal(value)
    except (InvalidOperation, ValueError, TypeError):
        raise _bad(f"{value!r} is not a number", "Give amounts as text or Decimal: '0.1'") from None
    if not number.is_finite():
        raise _bad(f"{value!r} is not a number", "Give amounts as text or Decimal: '0.1'")
    return number


def _maybe(value: Number | None) -> Decimal | None:
    return None if value is None else _number(value)


def _choice(kind: type[W], word: str) -> W:
    try:
        return kind(word)
    except ValueError:
        raise _bad(f"{word!r} is not one of: {', '.join(kind)}", "Nothing was sent") from None


def _bad(what: str, advice: str) -> BadArgument:
    return BadArgument(what, advice, sent=Sent.NO)
