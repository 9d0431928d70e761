"""What one account may see of itself: its orders, fills, positions, wallets, preferences and log.

Invariant: queries only; what they return are values that do not change any more.
"""

from collections.abc import Iterable
from decimal import Decimal

from tui.exchange.collateral import PNL_CURRENCIES, usd_price
from tui.exchange.orders import Order
from tui.exchange.pools import Exposure, flex_threshold, wallet_requirement, wallet_threshold
from tui.exchange.positions import ZERO
from tui.exchange.seat import Seat
from tui.exchange.views import (
    Fill,
    FlexAccount,
    InverseWallet,
    LogEntry,
    OrderRecord,
    OrderStatus,
    PositionUpdate,
    PositionView,
)


class Statement:
    """See the module."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    @property
    def name(self) -> str:
        return self._seat.name

    @property
    def now_ms(self) -> int:
        return self._seat.now_ms

    def open_orders(self) -> tuple[Order, ...]:
        """Resting orders and waiting triggers, newest first."""
        return tuple(reversed(self._seat.blotter.live.values()))

    def order_statuses(self, order_ids: Iterable[str] = (), cli_ord_ids: Iterable[str] = ()) -> tuple[OrderStatus, ...]:
        """Open orders and those that ended in the last 5 s; unknown ids are missing. No ids: all open."""
        return self._seat.blotter.statuses(order_ids, cli_ord_ids, self._seat.now_ms)

    def order_history(self) -> tuple[OrderRecord, ...]:
        """Oldest first, bounded."""
        return tuple(self._seat.blotter.records)

    def fills(self, *, before_ms: int | None = None, limit: int = 100) -> tuple[Fill, ...]:
        """Newest first."""
        newest = reversed(self._seat.account.fills)
        return tuple(fill for fill in newest if before_ms is None or fill.time_ms < before_ms)[:limit]

    def positions(self) -> tuple[PositionView, ...]:
        seat = self._seat
        rows = [row for row in seat.exposures("flex") if row.size]
        flex = seat.flex() if rows else None
        views = [] if flex is None else [self._flex_position(row, flex) for row in rows]
        for name in seat.account.wallets:
            wallet_rows = seat.exposures(name)
            if any(row.size for row in wallet_rows):
                wallet = seat.wallet(name)
                views += [self._coin_position(row, wallet, wallet_rows) for row in wallet_rows if row.size]
        return tuple(views)

    def _flex_position(self, row: Exposure, flex: FlexAccount) -> PositionView:
        seat = self._seat
        threshold = flex_threshold(row, flex, seat.account.flex, seat.floor.index)
        return self._position(row, flex.portfolio_value, threshold)

    def _coin_position(self, row: Exposure, wallet: InverseWallet, rows: list[Exposure]) -> PositionView:
        required = wallet_requirement(rows).maintenance
        threshold = wallet_threshold(rows, wallet.balance, required_usd=required)
        return self._position(row, wallet.portfolio_value, threshold)

    def _position(self, row: Exposure, portfolio: Decimal, threshold: Decimal | None) -> PositionView:
        instrument = row.instrument
        position, index = self._seat.account.positions[instrument.symbol], self._seat.floor.index
        paid_in = Decimal(1) if instrument.inverse else usd_price(PNL_CURRENCIES[row.pnl_currency], index)
        return PositionView(
            symbol=instrument.symbol,
            size=row.size,
            entry_price=row.entry,
            mark_price=row.mark,
            index_price=index(instrument.underlying),
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
        return self._seat.flex()

    def wallets(self) -> tuple[InverseWallet, ...]:
        return tuple(self._seat.wallet(name) for name in self._seat.account.wallets)

    def holding(self) -> dict[str, Decimal]:
        """Cash wallet: upper-case currency -> Decimal amount."""
        return dict(self._seat.account.holding)

    def account_log(self) -> tuple[LogEntry, ...]:
        """Oldest first, bounded; ids rise by 1."""
        return tuple(self._seat.account.log)

    def position_updates(self) -> tuple[PositionUpdate, ...]:
        """Oldest first, bounded."""
        return tuple(self._seat.account.updates)

    def leverage_preferences(self) -> dict[str, Decimal]:
        """Symbol -> max leverage (Decimal); only isolated symbols."""
        return dict(self._seat.account.leverage)

    def pnl_preferences(self) -> dict[str, str]:
        return dict(self._seat.account.pnl_currency)

    @property
    def self_trade_strategy(self) -> str:
        return self._seat.account.self_trade_strategy

    @property
    def volume_30d_usd(self) -> Decimal:
        """Traded USD volume of the last 30 days (Decimal), which picks the fee tier."""
        return self._seat.account.turnover.total(self._seat.now_ms)
