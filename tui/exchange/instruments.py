"""The contract table: what is listed, and each contract's grid, ladder and limits.

Figures follow live instrument records of 2024-2026 where one was recorded; the rest (SOL, XRP, ADA, LINK,
BCH, ZEC ladders) follow the venue's class ladders. A desk must read them from the exchange, never know them.
Invariant: ladders ascend from 0 and maintenance is half of initial on every rung.
"""

import calendar
import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

UTC = dt.timezone.utc  # noqa: UP017 - same object, reads as a constant here
_HOUR_MS = 3_600_000
_MOST_DIGITS = 20
"""Amounts of more digits than this are nobody's orders."""
FEES = {False: "723888f7-0a8e-4183-8648-f920a22339e3", True: "a6cbc326-9477-4a6c-911a-d4cb3ed7481e"}
"""Uid of the fee schedule of linear and of inverse contracts, by ``Instrument.inverse``."""


@dataclass(frozen=True, slots=True)
class Rung:
    """From ``threshold`` (USD notional for linear, contracts for inverse) on, these rates are charged."""

    threshold: Decimal
    initial: Decimal
    maintenance: Decimal


@dataclass(frozen=True, slots=True)
class Instrument:
    """One contract. ``kind`` is the venue's ``type``; ``lot`` = 10^-``size_precision``; ``underlying`` is
    the coin as symbols spell it (``XBT``), ``base`` as pairs do (``BTC``). ``last_trading_ms`` None =
    perpetual. ``wallet`` names the wallet that is charged (``flex`` or ``fi_xbtusd``).
    """

    symbol: str
    kind: str
    underlying: str
    base: str
    tick: Decimal
    size_precision: int
    impact_mid_size: Decimal
    max_position: Decimal
    rungs: tuple[Rung, ...]
    category: str
    opening_ms: int
    isin: str | None = None
    last_trading_ms: int | None = None
    funding_coefficient: int = 8
    max_relative_funding: Decimal = Decimal("0.005")
    tag: str = "perpetual"
    fee_schedule_uid: str = FEES[False]
    lot: Decimal = field(init=False)
    inverse: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lot", Decimal(1).scaleb(-self.size_precision))
        object.__setattr__(self, "inverse", self.kind == "futures_inverse")

    @property
    def perpetual(self) -> bool:
        return self.last_trading_ms is None

    @property
    def pair(self) -> str:
        return f"{self.base}:USD"

    @property
    def wallet(self) -> str:
        return f"fi_{self.underlying.lower()}usd" if self.inverse else "flex"

    @property
    def settle_currency(self) -> str:
        """Currency of fees and PnL as fills spell it (``USD``, ``BTC``, ``ETH``)."""
        return self.base if self.inverse else "USD"

    @property
    def max_leverage(self) -> Decimal:
        return 1 / self.rungs[0].initial

    def to_lots(self, size: Decimal) -> int | None:
        """Whole lots, or None when ``size`` is off the grid."""
        return _units(size, self.lot)

    def to_ticks(self, price: Decimal) -> int | None:
        """Whole ticks, or None when ``price`` is off the grid."""
        return _units(price, self.tick)


def _units(amount: Decimal, step: Decimal) -> int | None:
    if not amount.is_finite() or amount.adjusted() > _MOST_DIGITS:
        return None
    units = (amount / step).to_integral_value()
    return int(units) if units * step == amount else None


def ladder(text: str) -> tuple[Rung, ...]:
    """Rungs from ``threshold:initial rate in percent`` pairs; maintenance is half."""
    steps = (step.split(":") for step in text.split())
    return tuple(Rung(Decimal(int(float(at))), Decimal(rate) / 100, Decimal(rate) / 200) for at, rate in steps)


_MAJOR = ladder("0:1 1e6:2 3e6:4 10e6:10 30e6:20 60e6:30 100e6:40 150e6:50")
_CLASS_B = ladder("0:2 250e3:4 750e3:5 1e6:10 5e6:20 10e6:30 30e6:50")
_DOGE = ladder("0:2 2e6:4 4e6:10 10e6:20 20e6:30 40e6:50")
_PI_XBT = ladder("0:2 500e3:4 1e6:6 3e6:10 6e6:15 12e6:25 20e6:30 50e6:40")
_PI_ETH = ladder("0:2 250e3:4 500e3:6 2e6:10 5e6:15 8e6:25 15e6:30 30e6:40")
_FI_XBT = ladder("0:2 500e3:4 1e6:6 3e6:10 6e6:15 9e6:25 15e6:30 30e6:40")
_FF_XBT = ladder("0:2 2e6:4 5e6:10 10e6:20 30e6:50")


def _linear(
    coin: str, *, tick: str, lot: int, impact: str, limit: int, rungs: tuple[Rung, ...], category: str
) -> Instrument:
    return Instrument(
        symbol=f"PF_{coin}USD",
        kind="flexible_futures",
        underlying=coin,
        base="BTC" if coin == "XBT" else coin,
        tick=Decimal(tick),
        size_precision=lot,
        impact_mid_size=Decimal(impact),
        max_position=Decimal(limit),
        rungs=rungs,
        category=category,
        opening_ms=1_647_954_936_000,
        isin="GB00BQ84JX13" if coin == "XBT" else None,
    )


def _inverse(coin: str, base: str, tick: str, maximum: int, rungs: tuple[Rung, ...]) -> Instrument:
    return Instrument(
        symbol=f"PI_{coin}USD",
        kind="futures_inverse",
        underlying=coin,
        base=base,
        tick=Decimal(tick),
        size_precision=0,
        impact_mid_size=Decimal(1000),
        max_position=Decimal(maximum),
        rungs=rungs,
        category="Layer 1",
        opening_ms=1_535_673_600_000,
        isin="GB00J62YGL67" if coin == "XBT" else None,
        fee_schedule_uid=FEES[True],
    )


def _dated(prefix: str, expiry: dt.datetime) -> Instrument:
    """The quarterly XBT contract. FI_ trades until 16:00Z, FF_ until 08:00Z (live records of 2026)."""
    inverse = prefix == "FI"
    last = expiry.replace(hour=16 if inverse else 8)
    last_ms = int(last.timestamp() * 1000)
    return Instrument(
        symbol=f"{prefix}_XBTUSD_{expiry:%y%m%d}",
        kind="futures_inverse" if inverse else "flexible_futures",
        underlying="XBT",
        base="BTC",
        tick=Decimal("0.5") if inverse else Decimal(1),
        size_precision=0 if inverse else 4,
        impact_mid_size=Decimal(1000) if inverse else Decimal("0.05"),
        max_position=Decimal(40_000_000) if inverse else Decimal(600),
        rungs=_FI_XBT if inverse else _FF_XBT,
        category="Layer 1",
        opening_ms=last_ms - 210 * 24 * _HOUR_MS,
        last_trading_ms=last_ms,
        tag="quarter",
        fee_schedule_uid=FEES[inverse],
    )


def quarterly_expiry(now_ms: int) -> dt.datetime:
    """The next last Friday of March, June, September or December with more than a day left (16:00Z)."""
    after = dt.datetime.fromtimestamp(now_ms / 1000, UTC) + dt.timedelta(days=1)
    year, month = after.year, 3 * ((after.month + 2) // 3)
    while True:
        last_day = calendar.monthrange(year, month)[1]
        day = dt.datetime(year, month, last_day, 16, tzinfo=UTC)
        friday = day - dt.timedelta(days=(day.weekday() - calendar.FRIDAY) % 7)
        if friday > after:
            return friday
        year, month = (year + 1, 3) if month == 12 else (year, month + 3)


def contract_table(now_ms: int) -> tuple[Instrument, ...]:
    """Everything listed at ``now_ms``."""
    expiry = quarterly_expiry(now_ms)
    return (
        _linear("XBT", tick="1", lot=4, impact="0.08", limit=1_200, rungs=_MAJOR, category="Layer 1"),
        _linear("ETH", tick="0.1", lot=3, impact="1.5", limit=16_000, rungs=_MAJOR, category="Layer 1"),
        _linear("SOL", tick="0.01", lot=2, impact="6", limit=300_000, rungs=_CLASS_B, category="Layer 1"),
        _linear("XRP", tick="0.00001", lot=0, impact="4000", limit=20_000_000, rungs=_CLASS_B, category="Payments"),
        _linear("DOGE", tick="0.00001", lot=0, impact="45000", limit=200_000_000, rungs=_DOGE, category="Meme"),
        _linear("ADA", tick="0.00001", lot=0, impact="12000", limit=50_000_000, rungs=_CLASS_B, category="Layer 1"),
        _linear("LINK", tick="0.001", lot=1, impact="400", limit=1_500_000, rungs=_CLASS_B, category="DeFi"),
        _linear("BCH", tick="0.1", lot=2, impact="8", limit=50_000, rungs=_CLASS_B, category="Layer 1"),
        _linear("ZEC", tick="0.1", lot=2, impact="8", limit=40_000, rungs=_CLASS_B, category="Privacy"),
        _inverse("XBT", "BTC", "0.5", 75_000_000, _PI_XBT),
        _inverse("ETH", "ETH", "0.05", 45_000_000, _PI_ETH),
        _dated("FI", expiry),
        _dated("FF", expiry),
    )


def dated_contract(symbol: str) -> Instrument | None:
    """A quarterly contract rebuilt from its symbol (an account may still hold one that is no longer
    listed), or None if the symbol is not of that family.
    """
    prefix, _, maturity = symbol.partition("_XBTUSD_")
    try:
        expiry = dt.datetime.strptime(maturity, "%y%m%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return _dated(prefix, expiry) if prefix in {"FI", "FF"} else None
