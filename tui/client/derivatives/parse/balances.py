"""Frames of the balances feed to margin pools, collateral and cash.

Where ``cross`` is told it rules the margin level: the totals beside it were zero in the documents' own sample. The
stream's ``initial_margin`` takes open orders in, the model's does not. An absent section is unchanged.
"""

from __future__ import annotations

from decimal import Decimal

from tui.client.derivatives.parse import words
from tui.client.derivatives.parse.account import FLEX_POOL, USD
from tui.model.account import Collateral, MarginPool
from tui.model.enums import MarginMode
from tui.model.events import AccountFrame
from tui.wire.derivatives import frames as wire


def balances(frame: wire.BalancesFrame, now_ms: int) -> AccountFrame:
    flex = frame.flex_futures
    holding, wallets = frame.holding, frame.futures
    return AccountFrame(
        time_ms=now_ms if frame.timestamp is None else frame.timestamp,
        snapshot=isinstance(frame, wire.BalancesSnapshotFrame),
        cash=None if holding is None else tuple((words.coin(k), words.number(v)) for k, v in holding.items()),
        inverse=None if wallets is None else tuple(_wallet(name, row) for name, row in wallets.items()),
        flex=None if flex is None else _flex_pools(flex),
        collateral=None if flex is None else tuple(_collateral(name, row) for name, row in flex.currencies.items()),
    )


def _flex_pools(flex: wire.FlexFutures) -> tuple[MarginPool, ...]:
    """The cross pool, then isolated positions that hold margin."""
    isolated = (_isolated(words.symbol(name), row) for name, row in (flex.isolated or {}).items() if _in_use(row))
    return (_cross(flex.cross or flex), *isolated)


def _in_use(row: wire.MarginTotals) -> bool:
    return bool(row.initial_margin or row.initial_margin_without_orders or row.maintenance_margin)


def _cross(row: wire.MarginTotals) -> MarginPool:
    with_orders = words.amount(row.initial_margin)
    return MarginPool(
        name=FLEX_POOL,
        currency=USD,
        mode=MarginMode.CROSS,
        equity=words.amount(row.margin_equity),
        initial_margin=_without_orders(row),
        maintenance_margin=words.amount(row.maintenance_margin),
        available=words.amount(row.available_margin),
        balance=words.amount(row.balance_value),
        initial_margin_with_orders=with_orders,
        unrealised_pnl=words.optional(row.pnl),
        unrealised_funding=words.optional(row.unrealized_funding),
        portfolio_value=words.optional(row.portfolio_value),
        effective_leverage=words.optional(row.effective_leverage),
    )


def _isolated(symbol: str, row: wire.MarginTotals) -> MarginPool:
    """Equity is the margin set aside plus what the position has gained or lost of it; nothing of it is available."""
    margin = _without_orders(row)
    return MarginPool(
        name=symbol,
        currency=USD,
        mode=MarginMode.ISOLATED,
        equity=margin + words.amount(row.total_unrealized_as_margin),
        initial_margin=margin,
        maintenance_margin=words.amount(row.maintenance_margin),
        available=Decimal(0),
        balance=margin,
        initial_margin_with_orders=words.optional(row.initial_margin),
        unrealised_pnl=words.optional(row.pnl),
        unrealised_funding=words.optional(row.unrealized_funding),
        symbol=symbol,
    )


def _without_orders(row: wire.MarginTotals) -> Decimal:
    """The stream's ``initial_margin`` takes orders in."""
    told = row.initial_margin_without_orders
    return words.amount(row.initial_margin) if told is None else words.number(told)


def _wallet(name: str, row: wire.Wallet) -> MarginPool:
    """Its ``initial_margin`` takes orders in and nothing tells it without them."""
    initial = words.amount(row.initial_margin)
    return MarginPool(
        name=(row.name or name).upper(),
        currency=words.coin(row.unit or row.pair.partition("/")[0]),
        mode=MarginMode.CROSS,
        equity=words.amount(row.portfolio_value),
        initial_margin=initial,
        maintenance_margin=words.amount(row.maintenance_margin),
        available=words.amount(row.available),
        balance=words.amount(row.balance),
        initial_margin_with_orders=initial,
        unrealised_pnl=words.optional(row.pnl),
        unrealised_funding=words.optional(row.unrealized_funding),
        portfolio_value=words.optional(row.portfolio_value),
    )


def _collateral(currency: str, row: wire.FeedCurrency) -> Collateral:
    return Collateral(
        currency=words.coin(currency),
        quantity=words.number(row.quantity),
        value=words.optional(row.value),
        collateral_value=words.optional(row.collateral_value),
        haircut=words.optional(row.haircut),
        available=words.optional(row.available),
    )
