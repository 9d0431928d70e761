"""Every endpoint the client calls and the exchange serves: method, path, rights, rate pool and cost.

Paths are whole URL paths; ``{symbol}`` and the like are filled with ``str.format``. Source of the costs:
Kraken docs, futures rate limits; where they are silent the cheapest private cost is assumed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Access(StrEnum):
    """What a key must be allowed to do."""

    PUBLIC = "public"
    READ = "read"
    FULL = "full"


class Pool(StrEnum):
    """Which budget a call is charged to; budgets belong to the account, not to the key."""

    NONE = "none"
    DERIVATIVES = "derivatives"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Budget:
    """``tokens`` refilled evenly over ``period_s`` seconds."""

    tokens: int
    period_s: int


BUDGETS: Final = {Pool.DERIVATIVES: Budget(500, 10), Pool.HISTORY: Budget(100, 600)}


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint; ``cost`` is the base cost, see the functions below for those that vary."""

    method: str
    path: str
    access: Access = Access.PUBLIC
    cost: int = 0
    pool: Pool = Pool.NONE


BASE: Final = "/derivatives/api/v3"
HISTORY_BASE: Final = "/api/history/v3"
HISTORY_ALIAS: Final = "/api/history/v2"
"""A live byte-identical alias of version 3 (live capture 2026-09)."""
CHARTS_BASE: Final = "/api/charts/v1"
WS_PATH: Final = "/ws/v1"


def _read(path: str, cost: int = 2) -> Route:
    return Route("GET", BASE + path, Access.READ, cost, Pool.DERIVATIVES)


def _full(method: str, path: str, cost: int) -> Route:
    return Route(method, BASE + path, Access.FULL, cost, Pool.DERIVATIVES)


def _history(path: str, cost: int = 1) -> Route:
    return Route("GET", HISTORY_BASE + path, Access.READ, cost, Pool.HISTORY)


INSTRUMENTS: Final = Route("GET", BASE + "/instruments")
INSTRUMENTS_STATUS: Final = Route("GET", BASE + "/instruments/status")
INSTRUMENT_STATUS: Final = Route("GET", BASE + "/instruments/{symbol}/status")
TICKERS: Final = Route("GET", BASE + "/tickers")
TICKER: Final = Route("GET", BASE + "/tickers/{symbol}")
ORDERBOOK: Final = Route("GET", BASE + "/orderbook")
PUBLIC_TRADES: Final = Route("GET", BASE + "/history")
FEE_SCHEDULES: Final = Route("GET", BASE + "/feeschedules")
FUNDING_RATES_V3: Final = Route("GET", BASE + "/historical-funding-rates")
FUNDING_RATES: Final = Route("GET", "/derivatives/api/v4/historicalfundingrates")
"""The documented v3 twin answered 404 when measured (2026-09); this one works."""

FEE_VOLUMES: Final = _read("/feeschedules/volumes")
TRADING_INSTRUMENTS: Final = _read("/trading/instruments")
SEND_ORDER: Final = _full("POST", "/sendorder", 10)
EDIT_ORDER: Final = _full("POST", "/editorder", 10)
CANCEL_ORDER: Final = _full("POST", "/cancelorder", 10)
CANCEL_ALL_ORDERS: Final = _full("POST", "/cancelallorders", 25)
CANCEL_ALL_ORDERS_AFTER: Final = _full("POST", "/cancelallordersafter", 25)
BATCH_ORDER: Final = _full("POST", "/batchorder", 9)
ORDERS_STATUS: Final = Route("POST", BASE + "/orders/status", Access.READ, 1, Pool.DERIVATIVES)
OPEN_ORDERS: Final = _read("/openorders")
FILLS: Final = _read("/fills")
ACCOUNTS: Final = _read("/accounts")
OPEN_POSITIONS: Final = _read("/openpositions")
LEVERAGE_PREFERENCES: Final = _read("/leveragepreferences")
SET_LEVERAGE_PREFERENCE: Final = _full("PUT", "/leveragepreferences", 10)
PNL_PREFERENCES: Final = _read("/pnlpreferences")
SET_PNL_PREFERENCE: Final = _full("PUT", "/pnlpreferences", 10)
SELF_TRADE_STRATEGY: Final = _read("/self-trade-strategy")
SET_SELF_TRADE_STRATEGY: Final = _full("PUT", "/self-trade-strategy", 2)
NOTIFICATIONS: Final = _read("/notifications")
UNWIND_QUEUE: Final = _read("/unwindqueue", 200)

TRANSFER: Final = _full("POST", "/transfer", 10)
SUBACCOUNT_TRANSFER: Final = _full("POST", "/transfer/subaccount", 10)
WITHDRAWAL: Final = _full("POST", "/withdrawal", 100)
SUBACCOUNTS: Final = _read("/subaccounts")
SUBACCOUNT_TRADING: Final = _read("/subaccount/{uid}/trading-enabled")
SET_SUBACCOUNT_TRADING: Final = _full("PUT", "/subaccount/{uid}/trading-enabled", 2)

KEY_CHECK: Final = Route("GET", "/api/auth/v1/api-keys/v3/check", Access.READ)

HISTORY_EXECUTIONS: Final = _history("/executions")
HISTORY_ORDERS: Final = _history("/orders")
HISTORY_TRIGGERS: Final = _history("/triggers")
HISTORY_POSITIONS: Final = _history("/positions")
ACCOUNT_LOG: Final = _history("/account-log")
ACCOUNT_LOG_CSV: Final = _history("/accountlogcsv", 6)
MARKET_EXECUTIONS: Final = Route("GET", HISTORY_BASE + "/market/{tradeable}/executions")
MARKET_ORDERS: Final = Route("GET", HISTORY_BASE + "/market/{tradeable}/orders")
MARKET_PRICE: Final = Route("GET", HISTORY_BASE + "/market/{tradeable}/price")

LIQUIDITY_POOL: Final = Route("GET", CHARTS_BASE + "/analytics/liquidity-pool")
ANALYTICS: Final = Route("GET", CHARTS_BASE + "/analytics/{symbol}/{kind}")
CHART_CANDLES: Final = Route("GET", CHARTS_BASE + "/{tick_type}/{symbol}/{resolution}")

_ACCOUNT_LOG_COSTS: Final = ((25, 1), (50, 2), (1_000, 3), (5_000, 6))


def batch_cost(instructions: int) -> int:
    """Cost of one ``batchorder`` with so many instructions."""
    return BATCH_ORDER.cost + instructions


def fills_cost(*, paged: bool) -> int:
    """Cost of ``fills``; ``paged`` means that ``lastFillTime`` is given."""
    return 25 if paged else FILLS.cost


def account_log_cost(count: int) -> int:
    """Cost of ``account-log`` for ``count`` rows (500 if the request names none)."""
    return next((cost for limit, cost in _ACCOUNT_LOG_COSTS if count <= limit), 10)
