"""The engine: one trading account, its contracts and a simulated market, moved only by commands.

``step(command, now_ms)`` is the one way to change anything; the rest are queries. Pure in the large: no
clock, no I/O, no await; the same config, seed and commands give the same events. Invariant: ``now_ms`` never
runs backwards (a smaller one is read as the latest seen).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from tui.exchange.commands import Command
from tui.exchange.config import EngineConfig
from tui.exchange.events import Outcome
from tui.exchange.instruments import Instrument
from tui.exchange.orders import Order
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
    PositionView,
    PublicTrade,
    Ticker,
)

A = TypeVar("A")


class Engine:
    """See the module. ``seed`` None is not accepted: the caller picks (and may print) a seed."""

    def __init__(self, config: EngineConfig, seed: int, now_ms: int) -> None:
        raise NotImplementedError

    def step(self, command: Command[A], now_ms: int) -> Outcome[A]:
        """Apply one command atomically. Raises ``UnknownSymbol``; nothing has changed then."""
        raise NotImplementedError

    # --- persistence -------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """The account, its orders and histories and the price levels, as JSON-able plain data with a
        ``"version"``. Decimals are strings. Books and public trades are not kept: they are made anew.
        """
        raise NotImplementedError

    @classmethod
    def restore(cls, config: EngineConfig, seed: int, now_ms: int, state: Mapping[str, Any]) -> "Engine":
        """An engine whose account stands as ``state`` left it. Raises ``SnapshotError`` (from
        ``tui.exchange.snapshot``) with a plain message on a newer version or malformed data.
        """
        raise NotImplementedError

    @property
    def revision(self) -> int:
        """Grows with every change of account state worth saving (not with the market alone)."""
        raise NotImplementedError

    # --- market ------------------------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        raise NotImplementedError

    def instruments(self, *, expired: bool = False) -> tuple[Instrument, ...]:
        raise NotImplementedError

    def instrument(self, symbol: str) -> Instrument:
        """By symbol in any letter case. Raises ``UnknownSymbol``."""
        raise NotImplementedError

    def is_tradeable(self, symbol: str) -> bool:
        raise NotImplementedError

    def ticker(self, symbol: str) -> Ticker:
        raise NotImplementedError

    def book(self, symbol: str) -> BookView:
        raise NotImplementedError

    def trades(self, symbol: str, *, before_ms: int | None = None, limit: int = 100) -> tuple[PublicTrade, ...]:
        """Newest first."""
        raise NotImplementedError

    def candles(
        self, kind: str, symbol: str, minutes: int, *, since_ms: int | None = None, until_ms: int | None = None
    ) -> tuple[Candle, ...]:
        """``kind`` is ``trade``, ``mark`` or ``spot``. Oldest first, ``minutes`` wide, the running one
        included; opens within ``[since_ms, until_ms]``.
        """
        raise NotImplementedError

    def funding_history(self, symbol: str) -> tuple[FundingRow, ...]:
        """Hourly, oldest first. Empty for dated contracts."""
        raise NotImplementedError

    # --- account -----------------------------------------------------------------------------------------

    def open_orders(self) -> tuple[Order, ...]:
        """Resting orders and waiting triggers, newest first."""
        raise NotImplementedError

    def order_statuses(self, order_ids: Iterable[str] = (), cli_ord_ids: Iterable[str] = ()) -> tuple[OrderStatus, ...]:
        """Open orders and those that ended in the last 5 s; unknown ids are missing. No ids: all open."""
        raise NotImplementedError

    def order_history(self) -> tuple[OrderRecord, ...]:
        """Oldest first, bounded."""
        raise NotImplementedError

    def fills(self, *, before_ms: int | None = None, limit: int = 100) -> tuple[Fill, ...]:
        """Newest first."""
        raise NotImplementedError

    def positions(self) -> tuple[PositionView, ...]:
        raise NotImplementedError

    def flex_account(self) -> FlexAccount:
        raise NotImplementedError

    def wallets(self) -> tuple[InverseWallet, ...]:
        raise NotImplementedError

    def holding(self) -> dict[str, Decimal]:
        """Cash wallet: upper-case currency -> Decimal amount."""
        raise NotImplementedError

    def account_log(self) -> tuple[LogEntry, ...]:
        """Oldest first, bounded; ids rise by 1."""
        raise NotImplementedError

    def leverage_preferences(self) -> dict[str, Decimal]:
        """Symbol -> max leverage (Decimal); only isolated symbols."""
        raise NotImplementedError

    def pnl_preferences(self) -> dict[str, str]:
        raise NotImplementedError

    @property
    def self_trade_strategy(self) -> str:
        raise NotImplementedError

    @property
    def volume_30d_usd(self) -> Decimal:
        """Traded USD volume of the last 30 days (Decimal), which picks the fee tier."""
        raise NotImplementedError
