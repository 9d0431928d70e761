"""Account answers of REST v3, and the key check.

Source: Kraken docs and live captures 2023-2026. ``accounts`` mixes three shapes under one object; ``type`` tells
which fields mean something.
"""

from decimal import Decimal

from msgspec import field

from tui.wire.derivatives.base import Answer, SnakeWire, Wire


class FlexCurrency(Wire, frozen=True, kw_only=True):
    """One collateral currency: ``value`` in USD, ``collateral`` in USD after the haircut, ``available`` in the
    currency itself. Older payloads say ``collateralValue``.
    """

    quantity: Decimal = Decimal(0)
    value: Decimal | None = None
    collateral_new: Decimal | None = field(name="collateral", default=None)
    collateral_old: Decimal | None = field(name="collateralValue", default=None)
    available: Decimal | None = None

    @property
    def collateral(self) -> Decimal | None:
        return self.collateral_old if self.collateral_new is None else self.collateral_new


class Auxiliary(Wire, frozen=True, kw_only=True):
    """``af`` available funds, ``pv`` portfolio value, ``pnl`` unrealised; in the wallet's currency."""

    af: Decimal = Decimal(0)
    pv: Decimal = Decimal(0)
    pnl: Decimal = Decimal(0)
    usd: Decimal | None = None
    funding: Decimal | None = None


class Requirements(Wire, frozen=True, kw_only=True):
    """Initial and maintenance margin, liquidation and termination threshold; amounts in
    ``marginRequirements``, estimated prices in ``triggerEstimates``.
    """

    im: Decimal | None = None
    mm: Decimal | None = None
    lt: Decimal | None = None
    tt: Decimal | None = None


class Account(Wire, frozen=True, kw_only=True):
    """``cashAccount``: ``balances``. ``marginAccount``: ``currency``, ``balances``, ``auxiliary`` and the
    margin figures in that currency. ``multiCollateralMarginAccount``: ``currencies`` and the USD totals.
    """

    type: str = ""
    currency: str | None = None
    balances: dict[str, Decimal] | None = None
    auxiliary: Auxiliary | None = None
    margin_requirements: Requirements | None = None
    trigger_estimates: Requirements | None = None
    currencies: dict[str, FlexCurrency] | None = None
    balance_value: Decimal | None = None
    portfolio_value: Decimal | None = None
    collateral_value: Decimal | None = None
    initial_margin: Decimal | None = None
    initial_margin_with_orders: Decimal | None = None
    maintenance_margin: Decimal | None = None
    pnl: Decimal | None = None
    unrealized_funding: Decimal | None = None
    total_unrealized: Decimal | None = None
    total_unrealized_as_margin: Decimal | None = None
    margin_equity: Decimal | None = None
    available_margin: Decimal | None = None


class Accounts(Answer, frozen=True, kw_only=True):
    """By name: ``cash``, ``flex``, and one per single-collateral wallet (``fi_xbtusd``)."""

    accounts: dict[str, Account]


class OpenPosition(Wire, frozen=True, kw_only=True):
    """``price`` is the average entry. ``maxFixedLeverage`` present means isolated margin."""

    side: str
    symbol: str
    price: Decimal
    size: Decimal
    fill_time: str | None = None
    unrealized_pnl: Decimal | None = None
    unrealized_funding: Decimal | None = None
    pnl_currency: str | None = None
    max_fixed_leverage: Decimal | None = None


class OpenPositions(Answer, frozen=True, kw_only=True):
    open_positions: list[OpenPosition]


class LeveragePreference(Wire, frozen=True, kw_only=True):
    symbol: str
    max_leverage: Decimal


class LeveragePreferences(Answer, frozen=True, kw_only=True):
    """Only contracts with a setting, that is with isolated margin, are listed."""

    leverage_preferences: list[LeveragePreference]


class PnlPreference(Wire, frozen=True, kw_only=True):
    symbol: str
    pnl_currency: str


class PnlPreferences(Answer, frozen=True, kw_only=True):
    preferences: list[PnlPreference]


class SelfTradeStrategyAnswer(Answer, frozen=True, kw_only=True):
    strategy: str


class RestNotification(Wire, frozen=True, kw_only=True):
    """``market`` with priority ``high`` announces a post-only phase."""

    type: str
    priority: str = ""
    note: str = ""
    effective_time: str | None = None
    expected_downtime_minutes: int | None = None


class Notifications(Answer, frozen=True, kw_only=True):
    notifications: list[RestNotification]


class QueueRank(Wire, frozen=True, kw_only=True):
    """Place in the unwind queue: 20, 40, 80 or 100."""

    symbol: str
    percentile: int


class UnwindQueue(Answer, frozen=True, kw_only=True):
    queue: list[QueueRank]


class KeyPermissions(Wire, frozen=True, kw_only=True):
    general: str = ""
    transfer: str = ""


class KeyCheck(Wire, frozen=True, kw_only=True):
    """What a key may do; no ``result`` envelope."""

    api_key: str = ""
    account_uid: str = ""
    iiban: str | None = None
    created_at: str | None = None
    permissions: KeyPermissions = KeyPermissions()
    allowed_cidr_block: str | None = None


class LogEntry(SnakeWire, frozen=True, kw_only=True):
    """A row of the account log, in REST and in frames. A trade writes two: one whose ``asset`` is the contract
    (balances in contracts) and one in cash.
    """

    id: int
    date: str
    asset: str = ""
    contract: str | None = None
    info: str = ""
    booking_uid: str | None = None
    execution: str | None = None
    margin_account: str | None = None
    collateral: str | None = None
    fee: Decimal | None = None
    funding_rate: Decimal | None = None
    mark_price: Decimal | None = None
    trade_price: Decimal | None = None
    old_balance: Decimal | None = None
    new_balance: Decimal | None = None
    old_average_entry_price: Decimal | None = None
    new_average_entry_price: Decimal | None = None
    realized_pnl: Decimal | None = None
    realized_funding: Decimal | None = None
    liquidation_fee: Decimal | None = None
    conversion_spread_percentage: Decimal | None = None


class AccountLog(Wire, frozen=True, kw_only=True):
    """Answer of the history API's ``account-log``; pages by ``from`` and ``to`` row ids."""

    account_uid: str | None = None
    logs: list[LogEntry] = field(default_factory=list)
