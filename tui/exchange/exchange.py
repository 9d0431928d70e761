"""The engine: contracts, a market and the accounts that trade there, moved only by commands.

``step(command, now_ms, account)`` is the one way to change anything; the rest are queries. Pure in the large: no
clock, no I/O, no await; the same config, driver, seed and commands give the same events. Invariant: ``now_ms`` never
runs backwards (a smaller one is read as the latest seen).
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, TypeVar, cast

from tui.exchange import editing, placement, preferences, transfers
from tui.exchange.clockwork import Clockwork
from tui.exchange.commands import (
    CancelAll,
    CancelAllAfter,
    CancelOrder,
    Command,
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
from tui.exchange.config import EngineConfig
from tui.exchange.driver import Driver, Levels
from tui.exchange.events import Outcome, TickerChanged
from tui.exchange.floor import Floor
from tui.exchange.instruments import Instrument, dated_contract
from tui.exchange.seat import Seat
from tui.exchange.state import (
    AccountChange,
    EngineState,
    FloorState,
    StateUnusable,
    change_of,
    check,
    floor_state,
    last_saved_ms,
    restored,
    settle,
)
from tui.exchange.statement import Statement
from tui.exchange.synthetic import Synthetic
from tui.exchange.views import (
    BookView,
    Candle,
    FundingRow,
    PublicTrade,
    Ticker,
)

A = TypeVar("A")


MAIN: Final = "main"
"""The account there is if no other is named."""

_OF_AN_ACCOUNT: Final[Mapping[type, Callable[[Seat, Any], Any]]] = {
    SendOrder: placement.send,
    EditOrder: editing.edit,
    CancelOrder: placement.cancel,
    CancelAll: placement.answer_cancel_all,
    CancelAllAfter: placement.cancel_all_after,
    SetLeverage: preferences.set_leverage,
    SetPnlPreference: preferences.set_pnl_preference,
    SetSelfTradeStrategy: preferences.set_self_trade_strategy,
    TransferFunds: transfers.transfer,
    WithdrawFunds: transfers.withdraw,
}


class Engine:
    """See the module. ``seed`` None is not accepted: the caller picks (and may print) a seed. ``accounts`` names the
    accounts and what each starts with; None is one of the name ``MAIN``, with ``config``. ``driver`` None is a market
    that is made up.
    """

    def __init__(
        self,
        config: EngineConfig,
        seed: int,
        now_ms: int,
        accounts: Mapping[str, EngineConfig] | None = None,
        *,
        driver: Driver | None = None,
    ) -> None:
        driver = driver or Synthetic()
        self._floor = Floor(config, driver, seed, 0, now_ms)
        driver.enlist(self._floor, driver.contracts(now_ms), Levels(), {})
        self._open({MAIN: config} if accounts is None else accounts)

    def _open(self, accounts: Mapping[str, EngineConfig]) -> None:
        floor = self._floor
        for name, config in accounts.items():
            if name not in floor.seats:
                floor.seats[name] = Seat(floor, name, config)
                floor.seats[name].note()
        floor.driver.open(floor)
        floor.flush()
        self._clockwork = Clockwork(floor)
        self._symbols = {symbol.upper(): symbol for symbol in floor.markets}
        self._of_all: dict[type, Callable[[Any], Any]] = {
            Tick: self._tick,
            SetMarketMode: self._set_mode,
            MovePrice: self._move_price,
        }

    def step(self, command: Command[A], now_ms: int, account: str = MAIN) -> Outcome[A]:
        """Apply one command atomically, for ``account`` if it concerns one. Raises ``UnknownSymbol``; nothing has
        changed then.
        """
        floor = self._floor
        floor.now_ms = max(floor.now_ms, now_ms)
        of_an_account = _OF_AN_ACCOUNT.get(type(command))
        if of_an_account is not None:
            answer = of_an_account(floor.seats[account], command)
        else:
            answer = self._of_all[type(command)](command)
        return Outcome(cast("A", answer), floor.flush())

    # --- commands that concern everybody -------------------------------------------------------------------

    def _tick(self, command: Tick) -> Done:
        self._clockwork.tick(command.news)
        return Done()

    def _set_mode(self, command: SetMarketMode) -> Done:
        market = self._floor.market(command.symbol)
        market.suspended, market.post_only = command.suspended, command.post_only
        self._floor.emit(TickerChanged(command.symbol))
        return Done()

    def _move_price(self, command: MovePrice) -> Done:
        if command.underlying not in self._floor.underlyings:
            raise UnknownSymbol(command.underlying)
        self._clockwork.jump(command.underlying, float(command.price))
        return Done()

    # --- persistence -------------------------------------------------------------------------------------

    @property
    def has_changes(self) -> bool:
        """Whether an account has changed since ``settle``."""
        return bool(self._floor.unsaved)

    def changes(self, *, accruing: bool = False) -> tuple[AccountChange, ...]:
        """Of every account that has changed since ``settle``; ``accruing``: and of those to whose positions funding has
        accrued meanwhile.
        """
        seats = dict(self._floor.unsaved)
        if accruing:
            seats |= {name: seat for name, seat in self._floor.seats.items() if seat.account.positions}
        return tuple(change_of(seat) for seat in seats.values())

    def settle(self) -> None:
        """All changes have been written down."""
        for seat in self._floor.unsaved.values():
            settle(seat)
        self._floor.unsaved.clear()

    def floor_state(self) -> FloorState:
        """Prices and time, for ``restore``."""
        return floor_state(self._floor)

    @classmethod
    def restore(
        cls,
        config: EngineConfig,
        seed: int,
        now_ms: int,
        state: EngineState,
        accounts: Mapping[str, EngineConfig] | None = None,
        *,
        driver: Driver | None = None,
    ) -> "Engine":
        """An engine whose accounts stand as ``state`` left them; those of ``accounts`` that it does not hold are new.
        Raises ``StateUnusable``.
        """
        check(state)
        wanted, saved = {MAIN: config} if accounts is None else accounts, state.floor
        engine = cls.__new__(cls)
        driver, start_ms = driver or Synthetic(), max(now_ms, last_saved_ms(state))
        floor = engine._floor = Floor(config, driver, seed, saved.generation + 1, start_ms)  # noqa: SLF001 - its own
        contracts = _contracts_of(state, driver.contracts(now_ms))
        driver.enlist(floor, contracts, Levels(saved.prices, saved.mood), saved.trade_seqs)
        for name, account in state.accounts.items():
            floor.seats[name] = restored(floor, name, wanted.get(name, config), account)
        engine._open(wanted)  # noqa: SLF001 - its own
        return engine

    # --- market ------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        return self._floor.now_ms

    def instruments(self, *, expired: bool = False) -> tuple[Instrument, ...]:
        markets = self._floor.markets.values()
        return tuple(market.instrument for market in markets if market.expired == expired)

    def instrument(self, symbol: str) -> Instrument:
        """By symbol in any letter case. Raises ``UnknownSymbol``."""
        return self._floor.market(self._symbols.get(symbol.upper(), symbol)).instrument

    def is_tradeable(self, symbol: str) -> bool:
        market = self._floor.market(symbol)
        return not (market.suspended or market.expired)

    def ticker(self, symbol: str) -> Ticker:
        return self._floor.market(symbol).ticker(self._floor.now_ms)

    def book_seq(self, symbol: str) -> int:
        """That of ``book``; as long as it stays, the book does."""
        return self._floor.market(symbol).book.seq

    def book(self, symbol: str) -> BookView:
        return self._floor.market(symbol).book_view(self._floor.now_ms)

    def trades(self, symbol: str, *, before_ms: int | None = None, limit: int = 100) -> tuple[PublicTrade, ...]:
        """Newest first."""
        newest = reversed(self._floor.market(symbol).trades)
        return tuple(trade for trade in newest if before_ms is None or trade.time_ms < before_ms)[:limit]

    def candles(
        self, kind: str, symbol: str, minutes: int, *, since_ms: int | None = None, until_ms: int | None = None
    ) -> tuple[Candle, ...]:
        """``kind`` is ``trade``, ``mark`` or ``spot``. Oldest first, ``minutes`` wide, the running one
        included; opens within ``[since_ms, until_ms]``.
        """
        market = self._floor.market(symbol)
        bars = {"trade": market.trade_bars, "mark": market.mark_bars, "spot": market.underlying.bars}[kind]
        return bars.candles(minutes, since_ms, until_ms, market.underlying.digits)

    def mark_prices(self, symbol: str) -> tuple[tuple[int, Decimal], ...]:
        """The latest marks as ``(time_ms, price)``, oldest first, bounded."""
        return tuple(self._floor.market(symbol).marks)

    def funding_history(self, symbol: str) -> tuple[FundingRow, ...]:
        """Hourly, oldest first. Empty for dated contracts."""
        return tuple(self._floor.market(symbol).funding_rows)

    # --- accounts ----------------------------------------------------------------------------------------

    @property
    def accounts(self) -> tuple[str, ...]:
        """Names, in the order in which they were opened."""
        return tuple(self._floor.seats)

    def account(self, name: str = MAIN) -> Statement:
        """What one account may see of itself."""
        return Statement(self._floor.seats[name])


def _contracts_of(state: EngineState, listed: Iterable[Instrument]) -> list[Instrument]:
    """Today's table and every older contract that an account still holds or has orders in."""
    table = {instrument.symbol: instrument for instrument in listed}
    for account in state.accounts.values():
        for symbol in [row.symbol for row in account.head.positions] + [row.symbol for row in account.orders]:
            if symbol not in table:
                table[symbol] = _older(symbol)
    return list(table.values())


def _older(symbol: str) -> Instrument:
    instrument = dated_contract(symbol)
    if instrument is None:
        raise StateUnusable(f"the saved state holds an unknown contract: {symbol}")
    return instrument
