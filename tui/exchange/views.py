"""What the engine shows of itself: frozen values that queries return and events carry.

Money and sizes are ``Decimal``; times are ms since the epoch, UTC. Field names follow the venue's meaning,
not its spelling: the doors own the spelling. Invariant: nothing here is ever changed after it was made.
"""

from dataclasses import dataclass
from decimal import Decimal

from tui.exchange.orders import Order

# --- trading -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of the account, seen from the account.

    ``fill_type`` is ``maker``, ``taker``, ``takerAfterEdit``, ``liquidation``, ``partialLiquidation`` or
    ``assignor``; ``remaining`` the order's open size after it (0 = done). ``fee`` is positive when paid, in
    ``fee_currency`` (``USD``, ``BTC``, ``ETH``); ``realized_pnl`` (gross of the fee) is in ``pnl_currency``
    (the same word unless a preference says otherwise). ``order`` is the order before this execution. ``seq``
    counts the account's fills from 0, for ever.
    """

    fill_id: str
    seq: int
    order_id: str
    cli_ord_id: str | None
    symbol: str
    side: str
    size: Decimal
    price: Decimal
    time_ms: int
    fill_type: str
    order_type: str
    taker_order_type: str
    remaining: Decimal
    fee: Decimal
    fee_currency: str
    fee_rate: Decimal
    realized_pnl: Decimal
    realized_funding: Decimal
    pnl_currency: str
    mark_price: Decimal
    usd_value: Decimal
    position_before: Decimal
    position_after: Decimal
    entry_before: Decimal
    entry_after: Decimal
    order: Order

    @property
    def is_maker(self) -> bool:
        return self.fill_type == "maker"


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """A row of ``orders/status``. ``status``: ``ENTERED_BOOK FULLY_EXECUTED REJECTED CANCELLED
    TRIGGER_PLACED TRIGGER_ACTIVATION_FAILURE``; ``update_reason`` and ``error`` in the venue's upper-case
    words, or None. ``trigger_ms``: when a trigger fired.
    """

    order: Order
    status: str
    update_reason: str | None
    error: str | None
    changed_ms: int
    trigger_ms: int | None = None


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """A row of the order history. ``kind``: ``placed updated cancelled rejected edit_rejected`` for orders,
    and for triggers (``order.trigger`` set) also ``activated``. ``reason`` in the venue's lower-case words,
    ``error`` in upper case for refusals. ``order`` is the value after, ``old`` the value before.
    """

    uid: str
    time_ms: int
    kind: str
    order: Order
    reason: str
    old: Order | None = None
    error: str | None = None
    reduced_quantity: Decimal | None = None


# --- account -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A row of the account log. A trade writes two: the position leg (``asset == contract``, balances in
    signed contracts) and the cash leg, whose balance change is ``realized_pnl - fee + realized_funding -
    liquidation_fee``. ``asset``, ``contract``, ``margin_account`` and ``collateral`` are lower case.
    ``info``: ``futures trade``, ``futures liquidation``, ``futures assignor``, ``funding rate change``,
    ``settlement``, ``conversion``, ``transfer``, ``cross-exchange transfer``. ``funding_rate`` is absolute.
    Unused figures are 0.
    """

    id: int
    time_ms: int
    asset: str
    contract: str
    info: str
    booking_uid: str
    margin_account: str
    old_balance: Decimal
    new_balance: Decimal
    old_average_entry_price: Decimal
    new_average_entry_price: Decimal
    trade_price: Decimal
    mark_price: Decimal
    realized_pnl: Decimal
    fee: Decimal
    execution: str
    collateral: str
    funding_rate: Decimal
    realized_funding: Decimal
    conversion_spread_percentage: Decimal
    liquidation_fee: Decimal


@dataclass(frozen=True, slots=True)
class PositionUpdate:
    """A row of the position history: a trade, a funding payment or a settlement, and the position before and after.

    ``info`` is the account log's word for it. Sizes are signed. Money is in ``currency`` (``USD``, ``BTC`` ...);
    ``opened_ms`` is when the position that was acted on (or begun) was opened.
    """

    uid: str
    time_ms: int
    symbol: str
    info: str
    old_size: Decimal
    old_entry: Decimal
    new_size: Decimal
    new_entry: Decimal
    opened_ms: int
    price: Decimal
    execution: str
    fee: Decimal
    realized_pnl: Decimal
    realized_funding: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class PositionView:
    """One open position at the present mark. ``size`` is signed. Margin and PnL in ``pnl_currency`` terms:
    USD for multi-collateral (``pnl`` in ``pnl_currency``, margins in USD), coin for inverse.
    ``liquidation_price`` 0 = none. ``effective_leverage``: value at mark / portfolio value of its pool.
    ``max_fixed_leverage`` set = isolated. ``unrealized_funding`` > 0 is to be received.
    """

    symbol: str
    size: Decimal
    entry_price: Decimal
    mark_price: Decimal
    index_price: Decimal
    opened_ms: int
    pnl: Decimal
    unrealized_funding: Decimal
    initial_margin: Decimal
    initial_margin_with_orders: Decimal
    maintenance_margin: Decimal
    return_on_equity: Decimal
    effective_leverage: Decimal
    liquidation_price: Decimal
    pnl_currency: str | None
    max_fixed_leverage: Decimal | None


@dataclass(frozen=True, slots=True)
class FlexCurrency:
    """One collateral currency (upper case, ``XBT``): amount, USD value, USD after haircut, amount free to
    withdraw in that currency, haircut and conversion spread as fractions.
    """

    currency: str
    quantity: Decimal
    value: Decimal
    collateral: Decimal
    available: Decimal
    haircut: Decimal
    conversion_spread: Decimal


@dataclass(frozen=True, slots=True)
class PoolMargin:
    """Margin figures of one pool, USD. ``initial_margin`` is for positions alone."""

    initial_margin: Decimal
    initial_margin_with_orders: Decimal
    maintenance_margin: Decimal
    pnl: Decimal
    unrealized_funding: Decimal
    total_unrealized: Decimal
    total_unrealized_as_margin: Decimal


@dataclass(frozen=True, slots=True)
class CrossPool:
    """What is left of the flex wallet for cross positions. ``balance_value`` excludes the margin locked in
    isolated positions; ``available_margin`` is what a new order may use.
    """

    margin: PoolMargin
    balance_value: Decimal
    collateral_value: Decimal
    portfolio_value: Decimal
    margin_equity: Decimal
    available_margin: Decimal
    effective_leverage: Decimal
    position_value: Decimal


@dataclass(frozen=True, slots=True)
class FlexAccount:
    """The multi-collateral wallet, USD. ``totals`` covers cross and isolated together."""

    currencies: tuple[FlexCurrency, ...]
    balance_value: Decimal
    collateral_value: Decimal
    portfolio_value: Decimal
    margin_equity: Decimal
    available_margin: Decimal
    totals: PoolMargin
    position_value: Decimal
    cross: CrossPool
    isolated: dict[str, PoolMargin]


@dataclass(frozen=True, slots=True)
class TriggerEstimates:
    """Prices at which the wallet's equity meets its initial (``im``) and maintenance (``mm``) margin if its
    underlying alone moves; 0 = none.
    """

    im: Decimal
    mm: Decimal


@dataclass(frozen=True, slots=True)
class InverseWallet:
    """One single-collateral wallet, in its coin. ``name`` is ``fi_xbtusd``; ``currency`` ``xbt``; ``base``
    the coin as pairs spell it (``XBT``). ``initial_margin`` includes orders. The venue's ``lt`` and
    ``tt`` have no documented meaning and read 0 in every live recording: show 0. ``positions`` maps symbol
    to signed size.
    """

    name: str
    currency: str
    base: str
    balance: Decimal
    pnl: Decimal
    unrealized_funding: Decimal
    portfolio_value: Decimal
    initial_margin: Decimal
    initial_margin_without_orders: Decimal
    maintenance_margin: Decimal
    available: Decimal
    usd_value: Decimal
    positions: dict[str, Decimal]
    estimates: TriggerEstimates


@dataclass(frozen=True, slots=True)
class FeeTier:
    """Rates in force from ``usd_volume`` (30 days) on, as fractions (0.0005 = 0.05 %)."""

    usd_volume: Decimal
    maker: Decimal
    taker: Decimal


# --- market ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """``side`` is the taker's. ``kind``: ``fill``, ``liquidation`` or ``assignment``. ``seq`` counts per
    symbol.
    """

    uid: str
    symbol: str
    side: str
    price: Decimal
    size: Decimal
    time_ms: int
    seq: int
    kind: str


@dataclass(frozen=True, slots=True)
class BookView:
    """Whole book: bids best (highest) first, asks best (lowest) first, as ``(price, size)``."""

    symbol: str
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    seq: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Ticker:
    """``premium`` and ``change_24h`` in percent. Funding figures are None on dated contracts; absolute
    rates are USD per base unit (linear) or coin per contract (inverse) per hour. ``volume_quote`` in USD
    for linear, equal to ``volume`` for inverse. ``leverage`` is the first rung's, such as ``100x``.
    """

    symbol: str
    time_ms: int
    bid: Decimal | None
    bid_size: Decimal | None
    ask: Decimal | None
    ask_size: Decimal | None
    last: Decimal
    last_size: Decimal
    last_time_ms: int
    mark: Decimal
    index: Decimal
    premium: Decimal
    volume: Decimal
    volume_quote: Decimal
    open_24h: Decimal
    high_24h: Decimal
    low_24h: Decimal
    vwap_24h: Decimal
    change_24h: Decimal
    open_interest: Decimal
    funding_rate: Decimal | None
    funding_rate_prediction: Decimal | None
    relative_funding_rate: Decimal | None
    relative_funding_rate_prediction: Decimal | None
    next_funding_ms: int | None
    leverage: str
    suspended: bool
    post_only: bool


@dataclass(frozen=True, slots=True)
class FundingRow:
    """The rate that ruled the hour beginning at ``time_ms``."""

    time_ms: int
    absolute: Decimal
    relative: Decimal


@dataclass(frozen=True, slots=True)
class Candle:
    """``time_ms`` is the open's."""

    time_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
