"""The engine: one trading account, its contracts and a simulated market, moved only by commands.

``step(command, now_ms)`` is the one way to change anything; the rest are queries. Pure in the large: no
clock, no I/O, no await; the same config, seed and commands give the same events. Invariant: ``now_ms`` never
runs backwards (a smaller one is read as the latest seen).
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, cast

from tui.exchange import editing, placement, preferences, transfers
from tui.exchange.clockwork import Clockwork
from tui.exchange.collateral import PNL_CURRENCIES, usd_price
from tui.exchange.commands import (
    CancelAll,
    CancelAllAfter,
    CancelAllAnswer,
    CancelOrder,
    Command,
    DeadManAnswer,
    Done,
    EditOrder,
    MovePrice,
    SendOrder,
    SetLeverage,
    SetMarketMode,
    SetPnlPreference,
    SetSelfTradeStrategy,
    Tick,
    TransferFunds,
    UnknownSymbol,
    WithdrawFunds,
)
from tui.exchange.config import EngineConfig, check_names
from tui.exchange.core import Core
from tui.exchange.events import Outcome, TickerChanged
from tui.exchange.fees import Turnover
from tui.exchange.instruments import Instrument, contract_table, dated_contract
from tui.exchange.listing import list_contracts, open_markets
from tui.exchange.orders import Order
from tui.exchange.pools import Exposure, flex_threshold, wallet_requirement, wallet_threshold
from tui.exchange.positions import ZERO
from tui.exchange.snapshot import EngineState, SnapshotError, dump, load
from tui.exchange.views import (
    BookView,
    Candle,
    Fill,
    FlexAccount,
    FundingRow,
    InverseWallet,
    LogEntry,
    OrderRecord,
    OrderStatus,
    PositionUpdate,
    PositionView,
    PublicTrade,
    Ticker,
)

A = TypeVar("A")


class Engine:
    """See the module. ``seed`` None is not accepted: the caller picks (and may print) a seed."""

    def __init__(self, config: EngineConfig, seed: int, now_ms: int) -> None:
        self._core = Core(config, seed, 0, now_ms)
        list_contracts(self._core, contract_table(now_ms), {})
        self._open()

    def _open(self) -> None:
        core = self._core
        open_markets(core)
        core.flush()
        self._clockwork = Clockwork(core)
        self._symbols = {symbol.upper(): symbol for symbol in core.markets}
        self._handlers: dict[type, Callable[[Any], Any]] = {
            SendOrder: lambda command: placement.send(core, command),
            EditOrder: lambda command: editing.edit(core, command),
            CancelOrder: lambda command: placement.cancel(core, command),
            CancelAll: self._cancel_all,
            CancelAllAfter: self._cancel_all_after,
            SetLeverage: lambda command: preferences.set_leverage(core, command),
            SetPnlPreference: lambda command: preferences.set_pnl_preference(core, command),
            SetSelfTradeStrategy: lambda command: preferences.set_self_trade_strategy(core, command),
            TransferFunds: lambda command: transfers.transfer(core, command),
            WithdrawFunds: lambda command: transfers.withdraw(core, command),
            Tick: self._tick,
            SetMarketMode: self._set_mode,
            MovePrice: self._move_price,
        }

    def step(self, command: Command[A], now_ms: int) -> Outcome[A]:
        """Apply one command atomically. Raises ``UnknownSymbol``; nothing has changed then."""
        self._core.now_ms = max(self._core.now_ms, now_ms)
        answer = cast("A", self._handlers[type(command)](command))
        return Outcome(answer, self._core.flush())

    # --- commands that are small -------------------------------------------------------------------------

    def _cancel_all(self, command: CancelAll) -> CancelAllAnswer:
        if command.symbol is not None:
            self._core.market(command.symbol)
        return placement.cancel_all(self._core, command.symbol)

    def _cancel_all_after(self, command: CancelAllAfter) -> DeadManAnswer:
        core = self._core
        core.dead_man_ms = core.now_ms + command.timeout_s * 1000 if command.timeout_s > 0 else None
        core.revision += 1
        return DeadManAnswer(core.now_ms, core.dead_man_ms)

    def _tick(self, _: Tick) -> Done:
        self._clockwork.tick()
        return Done()

    def _set_mode(self, command: SetMarketMode) -> Done:
        market = self._core.market(command.symbol)
        market.suspended, market.post_only = command.suspended, command.post_only
        self._core.emit(TickerChanged(command.symbol))
        return Done()

    def _move_price(self, command: MovePrice) -> Done:
        if command.underlying not in self._core.underlyings:
            raise UnknownSymbol(command.underlying)
        self._clockwork.jump(command.underlying, float(command.price))
        return Done()

    # --- persistence -------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """The account, its orders and histories and the price levels, for ``msgspec.json.encode``, with a
        ``"version"``. Decimals are strings. Books and public trades are not kept: they are made anew.
        """
        return dump(self._core)

    @classmethod
    def restore(cls, config: EngineConfig, seed: int, now_ms: int, state: Mapping[str, Any]) -> "Engine":
        """An engine whose account stands as ``state`` left it. Raises ``SnapshotError`` (from
        ``tui.exchange.snapshot``) with a plain message on a newer version or malformed data.
        """
        saved = load(state)
        engine = cls.__new__(cls)
        core = engine._core = Core(config, seed, saved.generation + 1, max(now_ms, saved.saved_ms))  # noqa: SLF001 - its own
        core.spots.prices |= saved.prices
        core.spots.mood = saved.mood
        list_contracts(core, _contracts_of(saved, now_ms), saved.trade_seqs)
        _restore_account(core, saved)
        engine._open()  # noqa: SLF001 - its own
        return engine

    @property
    def revision(self) -> int:
        """Grows with every change of account state worth saving (not with the market alone)."""
        return self._core.revision

    # --- market ------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        return self._core.now_ms

    def instruments(self, *, expired: bool = False) -> tuple[Instrument, ...]:
        markets = self._core.markets.values()
        return tuple(market.instrument for market in markets if market.expired == expired)

    def instrument(self, symbol: str) -> Instrument:
        """By symbol in any letter case. Raises ``UnknownSymbol``."""
        return self._core.market(self._symbols.get(symbol.upper(), symbol)).instrument

    def is_tradeable(self, symbol: str) -> bool:
        market = self._core.market(symbol)
        return not (market.suspended or market.expired)

    def ticker(self, symbol: str) -> Ticker:
        return self._core.market(symbol).ticker(self._core.now_ms)

    def book(self, symbol: str) -> BookView:
        return self._core.market(symbol).book_view(self._core.now_ms)

    def trades(self, symbol: str, *, before_ms: int | None = None, limit: int = 100) -> tuple[PublicTrade, ...]:
        """Newest first."""
        newest = reversed(self._core.market(symbol).trades)
        return tuple(trade for trade in newest if before_ms is None or trade.time_ms < before_ms)[:limit]

    def candles(
        self, kind: str, symbol: str, minutes: int, *, since_ms: int | None = None, until_ms: int | None = None
    ) -> tuple[Candle, ...]:
        """``kind`` is ``trade``, ``mark`` or ``spot``. Oldest first, ``minutes`` wide, the running one
        included; opens within ``[since_ms, until_ms]``.
        """
        market = self._core.market(symbol)
        bars = {"trade": market.trade_bars, "mark": market.mark_bars, "spot": market.underlying.bars}[kind]
        return bars.candles(minutes, since_ms, until_ms, market.underlying.digits)

    def mark_prices(self, symbol: str) -> tuple[tuple[int, Decimal], ...]:
        """The latest marks as ``(time_ms, price)``, oldest first, bounded."""
        return tuple(self._core.market(symbol).marks)

    def funding_history(self, symbol: str) -> tuple[FundingRow, ...]:
        """Hourly, oldest first. Empty for dated contracts."""
        return tuple(self._core.market(symbol).funding_rows)

    # --- account -----------------------------------------------------------------------------------------

    def open_orders(self) -> tuple[Order, ...]:
        """Resting orders and waiting triggers, newest first."""
        return tuple(reversed(self._core.blotter.live.values()))

    def order_statuses(self, order_ids: Iterable[str] = (), cli_ord_ids: Iterable[str] = ()) -> tuple[OrderStatus, ...]:
        """Open orders and those that ended in the last 5 s; unknown ids are missing. No ids: all open."""
        return self._core.blotter.statuses(order_ids, cli_ord_ids, self._core.now_ms)

    def order_history(self) -> tuple[OrderRecord, ...]:
        """Oldest first, bounded."""
        return tuple(self._core.blotter.records)

    def fills(self, *, before_ms: int | None = None, limit: int = 100) -> tuple[Fill, ...]:
        """Newest first."""
        newest = reversed(self._core.account.fills)
        return tuple(fill for fill in newest if before_ms is None or fill.time_ms < before_ms)[:limit]

    def positions(self) -> tuple[PositionView, ...]:
        core = self._core
        rows = [row for row in core.exposures("flex") if row.size]
        flex = core.flex() if rows else None
        views = [] if flex is None else [self._flex_position(row, flex) for row in rows]
        for name in core.account.wallets:
            wallet_rows = core.exposures(name)
            if any(row.size for row in wallet_rows):
                wallet = core.wallet(name)
                views += [self._coin_position(row, wallet, wallet_rows) for row in wallet_rows if row.size]
        return tuple(views)

    def _flex_position(self, row: Exposure, flex: FlexAccount) -> PositionView:
        core = self._core
        threshold = flex_threshold(row, flex, core.account.flex, core.index)
        return self._position(row, flex.portfolio_value, threshold)

    def _coin_position(self, row: Exposure, wallet: InverseWallet, rows: list[Exposure]) -> PositionView:
        required = wallet_requirement(rows).maintenance
        threshold = wallet_threshold(rows, wallet.balance, required_usd=required)
        return self._position(row, wallet.portfolio_value, threshold)

    def _position(self, row: Exposure, portfolio: Decimal, threshold: Decimal | None) -> PositionView:
        instrument = row.instrument
        position = self._core.account.positions[instrument.symbol]
        paid_in = Decimal(1) if instrument.inverse else usd_price(PNL_CURRENCIES[row.pnl_currency], self._core.index)
        return PositionView(
            symbol=instrument.symbol,
            size=row.size,
            entry_price=row.entry,
            mark_price=row.mark,
            index_price=self._core.index(instrument.underlying),
            opened_ms=position.opened_ms,
            pnl=row.pnl / paid_in,
            unrealized_funding=row.funding,
            initial_margin=row.margin.initial,
            initial_margin_with_orders=row.with_orders,
            maintenance_margin=row.margin.maintenance,
            return_on_equity=row.pnl / row.margin.initial,
            effective_leverage=row.market_value / portfolio if portfolio > 0 else ZERO,
            liquidation_price=threshold or ZERO,
            pnl_currency=None if instrument.inverse else row.pnl_currency,
            max_fixed_leverage=row.leverage,
        )

    def flex_account(self) -> FlexAccount:
        return self._core.flex()

    def wallets(self) -> tuple[InverseWallet, ...]:
        return tuple(self._core.wallet(name) for name in self._core.account.wallets)

    def holding(self) -> dict[str, Decimal]:
        """Cash wallet: upper-case currency -> Decimal amount."""
        return dict(self._core.account.holding)

    def account_log(self) -> tuple[LogEntry, ...]:
        """Oldest first, bounded; ids rise by 1."""
        return tuple(self._core.account.log)

    def position_updates(self) -> tuple[PositionUpdate, ...]:
        """Oldest first, bounded."""
        return tuple(self._core.account.updates)

    def leverage_preferences(self) -> dict[str, Decimal]:
        """Symbol -> max leverage (Decimal); only isolated symbols."""
        return dict(self._core.account.leverage)

    def pnl_preferences(self) -> dict[str, str]:
        return dict(self._core.account.pnl_currency)

    @property
    def self_trade_strategy(self) -> str:
        return self._core.account.self_trade_strategy

    @property
    def volume_30d_usd(self) -> Decimal:
        """Traded USD volume of the last 30 days (Decimal), which picks the fee tier."""
        return self._core.account.turnover.total(self._core.now_ms)


def _contracts_of(saved: EngineState, now_ms: int) -> list[Instrument]:
    """Today's table and every older contract the account still holds or has orders in."""
    try:
        check_names(saved.account.flex, saved.account.wallets)
    except ValueError as error:
        raise SnapshotError(f"the saved state holds something unknown: {error}") from error
    table = {instrument.symbol: instrument for instrument in contract_table(now_ms)}
    held = [position.symbol for position in saved.account.positions] + [order.symbol for order in saved.orders]
    for symbol in held:
        if symbol not in table:
            instrument = dated_contract(symbol)
            if instrument is None:
                raise SnapshotError(f"the saved state holds an unknown contract: {symbol}")
            table[symbol] = instrument
    return list(table.values())


def _restore_account(core: Core, saved: EngineState) -> None:
    account, state = core.account, saved.account
    account.holding, account.flex, account.wallets = dict(state.holding), dict(state.flex), dict(state.wallets)
    account.positions = {position.symbol: position for position in state.positions}
    account.leverage, account.pnl_currency = dict(state.leverage), dict(state.pnl_currency)
    account.self_trade_strategy = state.self_trade_strategy
    account.fills.extend(state.fills)
    account.fill_seq, account.log_id = state.fill_seq, state.log_id
    account.log.extend(state.log)
    account.updates.extend(state.updates)
    account.turnover = Turnover(state.turnover)
    core.blotter.records.extend(saved.records)
    core.dead_man_ms = saved.dead_man_ms
    for order in saved.orders:
        core.blotter.restore(order)
        if not order.is_trigger:
            placement.put_in_book(core.markets[order.symbol], order)
