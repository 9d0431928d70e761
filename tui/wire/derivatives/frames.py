"""WebSocket frames: requests, control frames, and data frames as one union tagged by ``feed``.

Invariant: a frame with an ``event`` is never a data frame, or a subscription ack would pass for an empty frame of its
feed. Times are integer milliseconds.
Source: Kraken docs, WebSocket v1, with live captures of 2021-2026 where they differ.
"""

from decimal import Decimal

from msgspec import Struct, field

from tui.wire.derivatives.account import LogEntry
from tui.wire.derivatives.base import SnakeWire

ZERO = Decimal(0)


class Request(SnakeWire, frozen=True, kw_only=True, omit_defaults=True):
    """What a client sends. Public product feeds carry ``product_ids``; private ones the three signed fields."""

    event: str
    feed: str | None = None
    product_ids: list[str] | None = None
    api_key: str | None = None
    original_challenge: str | None = None
    signed_challenge: str | None = None


class Control(SnakeWire, frozen=True, kw_only=True):
    """Any frame with an ``event``: ``info``, ``challenge`` (the text to sign is ``message``), ``subscribed``,
    ``unsubscribed``, ``alert``, ``error``. Acks may echo credentials (docs) or not (live): they are not read.
    """

    event: str
    feed: str | None = None
    product_ids: list[str] | None = None
    message: str | None = None
    version: int | None = None


class Unknown(SnakeWire, frozen=True, kw_only=True):
    """A data frame of a feed that this dialect does not read; ``feed`` is ``""`` if it names none."""

    feed: str = ""


class Frame(Struct, frozen=True, gc=False, kw_only=True, tag_field="feed"):
    """Base of data frames. ``event`` is here to be absent: a frame that has one is a control frame and does not
    decode as any of these.
    """

    event: None = None


class TickerFrame(Frame, frozen=True, kw_only=True, tag="ticker"):
    """Full state of one product. ``change`` and ``premium`` are percent; ``funding_rate`` is money per contract
    and hour, the relative one a fraction; zero funding is left out; ``next_funding_rate_time`` is an epoch.
    """

    product_id: str
    time: int
    bid: Decimal | None = None
    ask: Decimal | None = None
    bid_size: Decimal | None = None
    ask_size: Decimal | None = None
    last: Decimal | None = None
    volume: Decimal | None = None
    volume_quote: Decimal | None = field(name="volumeQuote", default=None)
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    change: Decimal | None = None
    index: Decimal | None = None
    mark_price: Decimal | None = field(name="markPrice", default=None)
    premium: Decimal | None = None
    open_interest: Decimal | None = field(name="openInterest", default=None)
    funding_rate: Decimal | None = None
    funding_rate_prediction: Decimal | None = None
    relative_funding_rate: Decimal | None = None
    relative_funding_rate_prediction: Decimal | None = None
    next_funding_rate_time: int | None = None
    leverage: str | None = None
    maturity_time: int | None = field(name="maturityTime", default=None)
    suspended: bool = False
    post_only: bool = False
    tag: str | None = None
    pair: str | None = None


class TickerLiteFrame(Frame, frozen=True, kw_only=True, tag="ticker_lite"):
    """Full state without sizes, time and last price."""

    product_id: str
    bid: Decimal | None = None
    ask: Decimal | None = None
    change: Decimal | None = None
    premium: Decimal | None = None
    volume: Decimal | None = None
    volume_quote: Decimal | None = field(name="volumeQuote", default=None)
    tag: str | None = None
    pair: str | None = None


class Trade(SnakeWire, frozen=True, kw_only=True):
    """A public trade; ``side`` is the taker's."""

    product_id: str = ""
    uid: str
    side: str
    type: str = "fill"
    seq: int
    time: int
    qty: Decimal
    price: Decimal


class TradeSnapshotFrame(Frame, frozen=True, kw_only=True, tag="trade_snapshot"):
    """Recent trades, newest first."""

    product_id: str
    trades: list[Trade]


class TradeFrame(Frame, frozen=True, kw_only=True, tag="trade"):
    product_id: str
    uid: str
    side: str
    type: str = "fill"
    seq: int
    time: int
    qty: Decimal
    price: Decimal


class BookLevel(SnakeWire, frozen=True, kw_only=True):
    """A snapshot may hold levels of size zero: skip them."""

    price: Decimal
    qty: Decimal


class BookSnapshotFrame(Frame, frozen=True, kw_only=True, tag="book_snapshot"):
    """The whole book; the next delta has ``seq + 1``."""

    product_id: str
    seq: int
    timestamp: int | None = None
    bids: list[BookLevel] = field(default_factory=list)
    asks: list[BookLevel] = field(default_factory=list)


class BookFrame(Frame, frozen=True, kw_only=True, tag="book"):
    """One level; ``qty`` is its new size, 0 removes it. ``side`` ``buy`` is the bid side."""

    product_id: str
    side: str
    seq: int
    price: Decimal
    qty: Decimal
    timestamp: int | None = None


class HeartbeatFrame(Frame, frozen=True, kw_only=True, tag="heartbeat"):
    time: int


class TrailingStopOptions(SnakeWire, frozen=True, kw_only=True):
    max_deviation: Decimal | None = None
    unit: str | None = None


class FeedOrder(SnakeWire, frozen=True, kw_only=True):
    """``qty`` is what remains, ``filled`` what is done (live 2026-05: 7.92, 5.84, ... 0 for an order of 10).
    A price of 0 means none. ``direction`` is 0 for buy and 1 for sell.
    """

    instrument: str
    order_id: str
    cli_ord_id_snake: str | None = field(name="cli_ord_id", default=None)
    cli_ord_id_camel: str | None = field(name="cliOrdId", default=None)
    time: int
    last_update_time: int
    qty: Decimal
    filled: Decimal = ZERO
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    type: str = ""
    direction: int
    reduce_only: bool = False
    trigger_signal: str | None = field(name="triggerSignal", default=None)
    trailing_stop_options: TrailingStopOptions | None = None
    max_fixed_leverage: Decimal | None = None

    @property
    def cli_ord_id(self) -> str | None:
        return self.cli_ord_id_snake or self.cli_ord_id_camel


class OpenOrdersSnapshotFrame(Frame, frozen=True, kw_only=True, tag="open_orders_snapshot"):
    account: str | None = None
    orders: list[FeedOrder] = field(default_factory=list)


class OpenOrdersVerboseSnapshotFrame(Frame, frozen=True, kw_only=True, tag="open_orders_verbose_snapshot"):
    account: str | None = None
    orders: list[FeedOrder] = field(default_factory=list)


class OpenOrdersFrame(Frame, frozen=True, kw_only=True, tag="open_orders"):
    """One order, whole (``order``) or as a removal that names only its ids. ``is_cancel`` means removed, for
    whatever ``reason``; it does not mean cancelled.
    """

    order: FeedOrder | None = None
    order_id: str | None = None
    cli_ord_id_snake: str | None = field(name="cli_ord_id", default=None)
    cli_ord_id_camel: str | None = field(name="cliOrdId", default=None)
    is_cancel: bool
    reason: str = ""

    @property
    def cli_ord_id(self) -> str | None:
        if self.order is not None:
            return self.order.cli_ord_id
        return self.cli_ord_id_snake or self.cli_ord_id_camel


class OpenOrdersVerboseFrame(OpenOrdersFrame, frozen=True, kw_only=True, tag="open_orders_verbose"):
    """As ``open_orders``, plus post-only orders that were refused because they would have crossed."""


class FeedFill(SnakeWire, frozen=True, kw_only=True):
    """One fill. ``fill_id`` is its identity (the same as in REST), ``seq`` is not."""

    instrument: str
    time: int
    price: Decimal
    qty: Decimal
    seq: int | None = None
    buy: bool
    remaining_order_qty: Decimal | None = None
    order_id: str
    cli_ord_id_snake: str | None = field(name="cli_ord_id", default=None)
    cli_ord_id_camel: str | None = field(name="cliOrdId", default=None)
    fill_id: str
    fill_type: str = ""
    fee_paid: Decimal | None = None
    fee_currency: str | None = None
    taker_order_type: str | None = None
    order_type: str | None = None

    @property
    def cli_ord_id(self) -> str | None:
        return self.cli_ord_id_snake or self.cli_ord_id_camel


class FillsSnapshotFrame(Frame, frozen=True, kw_only=True, tag="fills_snapshot"):
    """Recent fills, oldest first in captures."""

    account: str | None = None
    fills: list[FeedFill] = field(default_factory=list)


class FillsFrame(Frame, frozen=True, kw_only=True, tag="fills"):
    """New fills; the account goes by ``username`` here."""

    username: str | None = None
    fills: list[FeedFill] = field(default_factory=list)


class FeedPosition(SnakeWire, frozen=True, kw_only=True):
    """``balance`` is signed, short is negative. ``pnl`` is in ``pnl_currency`` (inverse: the settlement coin).
    ``liquidation_threshold`` 0 means none.
    """

    instrument: str
    balance: Decimal
    entry_price: Decimal | None = None
    mark_price: Decimal | None = None
    index_price: Decimal | None = None
    pnl: Decimal | None = None
    pnl_currency: str | None = None
    liquidation_threshold: Decimal | None = None
    effective_leverage: Decimal | None = None
    return_on_equity: Decimal | None = None
    unrealized_funding: Decimal | None = None
    initial_margin: Decimal | None = None
    initial_margin_with_orders: Decimal | None = None
    maintenance_margin: Decimal | None = None
    max_fixed_leverage: Decimal | None = None


class OpenPositionsFrame(Frame, frozen=True, kw_only=True, tag="open_positions"):
    """Always the whole list: a contract that is not listed is flat."""

    account: str | None = None
    positions: list[FeedPosition]
    seq: int | None = None
    timestamp: int | None = None


class FeedCurrency(SnakeWire, frozen=True, kw_only=True):
    """``value`` and ``collateral_value`` in USD, before and after the haircut (REST says ``collateral``)."""

    quantity: Decimal = ZERO
    value: Decimal | None = None
    collateral_new: Decimal | None = field(name="collateral_value", default=None)
    collateral_old: Decimal | None = field(name="collateral", default=None)
    available: Decimal | None = None
    haircut: Decimal | None = None
    conversion_spread: Decimal | None = None

    @property
    def collateral_value(self) -> Decimal | None:
        return self.collateral_old if self.collateral_new is None else self.collateral_new


class Wallet(SnakeWire, frozen=True, kw_only=True):
    """A single-collateral wallet, in ``unit``."""

    name: str = ""
    pair: str = ""
    unit: str = ""
    portfolio_value: Decimal | None = None
    balance: Decimal | None = None
    maintenance_margin: Decimal | None = None
    initial_margin: Decimal | None = None
    available: Decimal | None = None
    unrealized_funding: Decimal | None = None
    pnl: Decimal | None = None
    cash_value: Decimal | None = None


class MarginTotals(SnakeWire, frozen=True, kw_only=True):
    """Isolated margin of one contract, or (with the last seven) the cross pool; USD."""

    initial_margin: Decimal | None = None
    initial_margin_without_orders: Decimal | None = None
    maintenance_margin: Decimal | None = None
    pnl: Decimal | None = None
    unrealized_funding: Decimal | None = None
    total_unrealized: Decimal | None = None
    total_unrealized_as_margin: Decimal | None = None
    balance_value: Decimal | None = None
    collateral_value: Decimal | None = None
    portfolio_value: Decimal | None = None
    margin_equity: Decimal | None = None
    available_margin: Decimal | None = None
    effective_leverage: Decimal | None = None
    total_position_size: Decimal | None = None


class FlexFutures(MarginTotals, frozen=True, kw_only=True):
    """The multi-collateral wallet; ``initial_margin`` includes open orders here. Where ``cross`` is present it
    rules the margin level.
    """

    currencies: dict[str, FeedCurrency] = field(default_factory=dict)
    isolated: dict[str, MarginTotals] | None = None
    cross: MarginTotals | None = None


class BalancesFrame(Frame, frozen=True, kw_only=True, tag="balances"):
    """Any subset of the sections. Absent means unchanged; ``holding`` and ``futures`` are to be merged key by
    key, ``flex_futures`` replaces what was known (the docs' own samples allow no narrower reading).
    """

    account: str | None = None
    holding: dict[str, Decimal] | None = None
    futures: dict[str, Wallet] | None = None
    flex_futures: FlexFutures | None = None
    timestamp: int | None = None
    seq: int | None = None


class BalancesSnapshotFrame(BalancesFrame, frozen=True, kw_only=True, tag="balances_snapshot"):
    """All sections."""


class AccountLogSnapshotFrame(Frame, frozen=True, kw_only=True, tag="account_log_snapshot"):
    """Newest first; the docs call the list ``logs`` in the sample and ``log`` in the table."""

    logs: list[LogEntry] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)

    @property
    def entries(self) -> list[LogEntry]:
        return self.logs or self.log


class AccountLogFrame(Frame, frozen=True, kw_only=True, tag="account_log"):
    new_entry: LogEntry


class FeedNotification(SnakeWire, frozen=True, kw_only=True):
    """High priority and ``maintenance`` mean downtime at ``effective_time``."""

    id: int | None = None
    type: str = ""
    priority: str = ""
    note: str = ""
    effective_time: int | None = None
    expected_downtime_minutes: int | None = None


class NotificationsFrame(Frame, frozen=True, kw_only=True, tag="notifications_auth"):
    notifications: list[FeedNotification] = field(default_factory=list)


Data = (
    TickerFrame
    | TickerLiteFrame
    | TradeSnapshotFrame
    | TradeFrame
    | BookSnapshotFrame
    | BookFrame
    | HeartbeatFrame
    | OpenOrdersSnapshotFrame
    | OpenOrdersVerboseSnapshotFrame
    | OpenOrdersFrame
    | OpenOrdersVerboseFrame
    | FillsSnapshotFrame
    | FillsFrame
    | OpenPositionsFrame
    | BalancesSnapshotFrame
    | BalancesFrame
    | AccountLogSnapshotFrame
    | AccountLogFrame
    | NotificationsFrame
)
"""Every data frame this dialect reads."""
