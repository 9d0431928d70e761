"""Balances, margin, positions and the account log in the words of REST v3.

Pure functions from engine values to plain mappings. Source: Kraken docs (accounts, openpositions, account log).
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from tui.exchange.render_orders import Json, given
from tui.exchange.views import FlexAccount, InverseWallet, LogEntry, PositionView
from tui.wire.derivatives.codec import plain
from tui.wire.derivatives.times import to_iso


def accounts(
    holding: Mapping[str, Decimal],
    wallets: Iterable[InverseWallet],
    flex: FlexAccount,
    *,
    balances_as_text: bool,
) -> Json:
    """All accounts by name. ``balances_as_text``: the docs of 2026 show text, captures to 2024 numbers."""

    def amount(value: Decimal) -> Decimal | str:
        return plain(value) if balances_as_text else value

    cash = {name.lower(): amount(value) for name, value in holding.items()}
    result: Json = {"cash": {"type": "cashAccount", "balances": cash}}
    for wallet in wallets:
        held = {symbol: amount(size) for symbol, size in wallet.positions.items()}
        result[wallet.name] = _wallet(wallet) | {"balances": held | {wallet.currency: amount(wallet.balance)}}
    return result | {"flex": _flex(flex)}


def _wallet(wallet: InverseWallet) -> Json:
    """``lt`` and ``tt`` have no documented meaning and read 0 in every live capture."""
    return {
        "type": "marginAccount",
        "currency": wallet.currency,
        "auxiliary": {
            "usd": 0,
            "pv": wallet.portfolio_value,
            "pnl": wallet.pnl,
            "af": wallet.available,
            "funding": wallet.unrealized_funding,
        },
        "marginRequirements": {
            "im": wallet.initial_margin,
            "mm": wallet.maintenance_margin,
            "lt": 0,
            "tt": 0,
        },
        "triggerEstimates": {
            "im": wallet.estimates.im,
            "mm": wallet.estimates.mm,
            "lt": 0,
            "tt": 0,
        },
    }


def _flex(flex: FlexAccount) -> Json:
    totals = flex.totals
    return {
        "type": "multiCollateralMarginAccount",
        "currencies": {
            row.currency: {
                "quantity": row.quantity,
                "value": row.value,
                "collateral": row.collateral,
                "available": row.available,
            }
            for row in flex.currencies
        },
        "balanceValue": flex.balance_value,
        "portfolioValue": flex.portfolio_value,
        "collateralValue": flex.collateral_value,
        "initialMargin": totals.initial_margin,
        "initialMarginWithOrders": totals.initial_margin_with_orders,
        "maintenanceMargin": totals.maintenance_margin,
        "pnl": totals.pnl,
        "unrealizedFunding": totals.unrealized_funding,
        "totalUnrealized": totals.total_unrealized,
        "totalUnrealizedAsMargin": totals.total_unrealized_as_margin,
        "marginEquity": flex.margin_equity,
        "availableMargin": flex.available_margin,
    }


def open_position(row: PositionView) -> Json:
    return given(
        side="long" if row.size > 0 else "short",
        symbol=row.symbol,
        price=row.entry_price,
        fillTime=to_iso(row.opened_ms),
        size=abs(row.size),
        unrealizedFunding=row.unrealized_funding,
        unrealizedPnl=row.pnl,
        pnlCurrency=row.pnl_currency,
        maxFixedLeverage=row.max_fixed_leverage,
    )


def log_entry(row: LogEntry) -> Json:
    """The same in REST and in frames; ``date`` is ISO text in both."""
    return {
        "id": row.id,
        "date": to_iso(row.time_ms),
        "asset": row.asset,
        "contract": row.contract,
        "info": row.info,
        "booking_uid": row.booking_uid,
        "margin_account": row.margin_account,
        "old_balance": row.old_balance,
        "new_balance": row.new_balance,
        "old_average_entry_price": row.old_average_entry_price,
        "new_average_entry_price": row.new_average_entry_price,
        "trade_price": row.trade_price,
        "mark_price": row.mark_price,
        "realized_pnl": row.realized_pnl,
        "fee": row.fee,
        "execution": row.execution,
        "collateral": row.collateral,
        "funding_rate": row.funding_rate,
        "realized_funding": row.realized_funding,
        "conversion_spread_percentage": row.conversion_spread_percentage,
        "liquidation_fee": row.liquidation_fee,
    }


LOG_COLUMNS: Final = (
    "uid",
    "dateTime",
    "account",
    "type",
    "symbol",
    "contract",
    "change",
    "new balance",
    "new average entry price",
    "trade price",
    "mark price",
    "funding rate",
    "realized pnl",
    "fee",
    "realized funding",
    "collateral",
    "conversion spread percentage",
    "liquidation fee",
    "position uid",
    "exchange rate",
    "exchange rate from",
    "conversion fee",
)


def log_line(row: LogEntry) -> list[str]:
    """The row as CSV cells, one per ``LOG_COLUMNS``; what this exchange does not keep is empty."""
    amounts = (
        row.new_balance - row.old_balance,
        row.new_balance,
        row.new_average_entry_price,
        row.trade_price,
        row.mark_price,
        row.funding_rate,
        row.realized_pnl,
        row.fee,
        row.realized_funding,
    )
    last = (plain(row.conversion_spread_percentage), plain(row.liquidation_fee))
    date_time = to_iso(row.time_ms)[:19].replace("T", " ")
    head = [row.booking_uid, date_time, row.margin_account, row.info, row.asset, row.contract]
    return [*head, *(plain(amount) for amount in amounts), row.collateral, *last, "", "", "", ""]
