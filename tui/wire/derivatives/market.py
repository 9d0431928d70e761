"""Public market answers of REST v3 and charts v1.

Source: Kraken docs with live captures of 2024-2026; fields seen to be absent are optional. Lists come in no order
that may be trusted (bids, public trades and funding rows contradict the docs in captures): readers sort.
"""

from decimal import Decimal

from msgspec import field

from tui.wire.derivatives.base import Answer, SnakeWire, Wire


class MarginLevel(Wire, frozen=True, kw_only=True):
    """One tier; margins are fractions. Linear contracts name their threshold in USD notional
    (``numNonContractUnits``), inverse ones in contracts.
    """

    contracts: Decimal | None = None
    num_non_contract_units: Decimal | None = None
    initial_margin: Decimal
    maintenance_margin: Decimal

    @property
    def threshold(self) -> Decimal:
        """Where the tier begins, in the contract's own unit."""
        return self.num_non_contract_units or self.contracts or Decimal(0)


class Instrument(Wire, frozen=True, kw_only=True):
    """A row of ``instruments``. ``contractValueTradePrecision`` may be negative (-3: lots of 1000).
    Only dated contracts carry ``lastTradingTime``; only perpetuals the funding fields.
    """

    symbol: str
    type: str
    tradeable: bool = True
    tick_size: Decimal = Decimal(0)
    contract_size: Decimal = Decimal(1)
    contract_value_trade_precision: int = 0
    impact_mid_size: Decimal | None = None
    max_position_size: Decimal | None = None
    opening_date: str | None = None
    last_trading_time: str | None = None
    margin_levels: list[MarginLevel] | None = None
    funding_rate_coefficient: Decimal | None = None
    max_relative_funding_rate: Decimal | None = None
    post_only: bool = False
    is_expired: bool = False
    base: str | None = None
    quote: str | None = None
    pair: str | None = None
    underlying: str | None = None
    category: str | None = None
    tags: list[str] | None = None
    isin: str | None = None
    fee_schedule_uid: str | None = None
    maker_protection_millis: int | None = None


class Instruments(Answer, frozen=True, kw_only=True):
    instruments: list[Instrument]


class InstrumentStatus(Wire, frozen=True, kw_only=True):
    """``tradeable`` is the symbol here."""

    tradeable: str
    experiencing_dislocation: bool = False
    price_dislocation_direction: str | None = None
    experiencing_extreme_volatility: bool = False
    extreme_volatility_initial_margin_multiplier: Decimal = Decimal(1)


class InstrumentStatuses(Answer, frozen=True, kw_only=True):
    instrument_status: list[InstrumentStatus]


class Ticker(Wire, frozen=True, kw_only=True):
    """A row of ``tickers``. ``change24h`` is percent; ``fundingRate`` is money per contract and hour, the
    relative one a fraction. Index rows carry only ``symbol``, ``last`` and ``lastTime``.
    """

    symbol: str
    last: Decimal | None = None
    last_time: str | None = None
    last_size: Decimal | None = None
    tag: str | None = None
    pair: str | None = None
    mark_price: Decimal | None = None
    index_price: Decimal | None = None
    bid: Decimal | None = None
    bid_size: Decimal | None = None
    ask: Decimal | None = None
    ask_size: Decimal | None = None
    vol24h: Decimal | None = None
    volume_quote: Decimal | None = None
    open_interest: Decimal | None = None
    open24h: Decimal | None = None
    high24h: Decimal | None = None
    low24h: Decimal | None = None
    change24h: Decimal | None = None
    funding_rate: Decimal | None = None
    funding_rate_prediction: Decimal | None = None
    relative_funding_rate: Decimal | None = None
    relative_funding_rate_prediction: Decimal | None = None
    suspended: bool = False
    post_only: bool = False


class Tickers(Answer, frozen=True, kw_only=True):
    tickers: list[Ticker]


class OneTicker(Answer, frozen=True, kw_only=True):
    ticker: Ticker


class BookSides(Wire, frozen=True, kw_only=True):
    """Levels are ``[price, size]``, not cumulative; sort them."""

    bids: list[tuple[Decimal, Decimal]] = field(default_factory=list)
    asks: list[tuple[Decimal, Decimal]] = field(default_factory=list)


class OrderBook(Answer, frozen=True, kw_only=True):
    order_book: BookSides


class PublicTrade(SnakeWire, frozen=True, kw_only=True):
    """A row of the public ``history``; ``side`` is the taker's."""

    time: str
    price: Decimal
    side: str | None = None
    size: Decimal | None = None
    trade_id: int | None = None
    type: str = "fill"
    uid: str | None = None


class PublicTrades(Answer, frozen=True, kw_only=True):
    history: list[PublicTrade]


class FeeTier(Wire, frozen=True, kw_only=True):
    """Fees in percent; ``usdVolume`` is the 30-day threshold."""

    maker_fee: Decimal
    taker_fee: Decimal
    usd_volume: Decimal


class FeeSchedule(Wire, frozen=True, kw_only=True):
    uid: str
    name: str = ""
    tiers: list[FeeTier] = field(default_factory=list)


class FeeSchedules(Answer, frozen=True, kw_only=True):
    fee_schedules: list[FeeSchedule]


class FeeVolumes(Answer, frozen=True, kw_only=True):
    """30-day USD volume by fee schedule uid."""

    volumes_by_fee_schedule: dict[str, Decimal]


class FundingRate(Wire, frozen=True, kw_only=True):
    timestamp: str
    funding_rate: Decimal
    relative_funding_rate: Decimal | None = None


class FundingRates(Answer, frozen=True, kw_only=True):
    rates: list[FundingRate]


class Candle(Wire, frozen=True, kw_only=True):
    """``time`` is the open in milliseconds; prices and volume are text on the wire."""

    time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = Decimal(0)


class Candles(Wire, frozen=True, kw_only=True):
    """Answer of the charts API; it has no ``result`` envelope."""

    candles: list[Candle] = field(default_factory=list)
    more_candles: bool = field(name="more_candles", default=False)
