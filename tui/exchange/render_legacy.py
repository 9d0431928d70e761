"""Frames of feeds that the venue no longer documents and some clients still ask for.

Pure functions to plain mappings. Source: live captures of 2021 (margins) and 2026-09 (candles, whose figures are text).
"""

from collections.abc import Iterable
from typing import Final

from tui.exchange.render_market import candle
from tui.exchange.render_orders import Json
from tui.exchange.views import Candle, FlexAccount, InverseWallet

MARGINS: Final = "account_balances_and_margins"
CANDLE_MINUTES: Final = {
    "candles_trade_1m": 1,
    "candles_trade_5m": 5,
    "candles_trade_15m": 15,
    "candles_trade_30m": 30,
    "candles_trade_1h": 60,
    "candles_trade_4h": 240,
    "candles_trade_1d": 1_440,
    "candles_trade_1w": 10_080,
}


def margin_accounts(wallets: Iterable[InverseWallet], flex: FlexAccount) -> list[Json]:
    """Coin wallets in their coin; the multi-collateral wallet, younger than the feed, in USD under its own name."""
    rows: list[Json] = [
        {
            "name": f"f-{row.currency}:usd",
            "balance": row.balance,
            "pnl": row.pnl,
            "funding": row.unrealized_funding,
            "pv": row.portfolio_value,
            "am": row.available,
            "im": row.initial_margin,
            "mm": row.maintenance_margin,
        }
        for row in wallets
    ]
    totals = flex.totals
    multi: Json = {
        "name": "flex",
        "balance": flex.balance_value,
        "pnl": totals.pnl,
        "funding": totals.unrealized_funding,
        "pv": flex.portfolio_value,
        "am": flex.available_margin,
        "im": totals.initial_margin_with_orders,
        "mm": totals.maintenance_margin,
    }
    return [*rows, multi]


def running_candle(feed: str, symbol: str, row: Candle) -> Json:
    return {"feed": feed, "candle": candle(row), "product_id": symbol}
