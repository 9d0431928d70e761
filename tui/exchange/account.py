"""The account's books: balances, positions, preferences and the log that explains every change of them.

Invariant: balances and positions change only through ``Account`` methods that also write the log, so the sum
of the log's deltas is always the change of the balance.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Final

from tui.exchange.collateral import PNL_CURRENCIES, TERMS, usd_price
from tui.exchange.config import EngineConfig
from tui.exchange.fees import Turnover
from tui.exchange.instruments import Instrument
from tui.exchange.keeping import Kept
from tui.exchange.matching import REJECT_TAKER
from tui.exchange.positions import MONEY_STEP, ZERO, Position, money
from tui.exchange.views import Fill, LogEntry, PositionUpdate

KEPT_FILLS: Final = 1_000
KEPT_LOG: Final = 3_000
CASH: Final = "cash"
FLEX: Final = "flex"

Index = Callable[[str], Decimal]
"""Index price of an underlying by name."""


@dataclass(frozen=True, slots=True)
class Booking:
    """What one event does to the money: the cash row of the log before its balances are known.

    ``delta`` of the balance is ``realized - fee + funding - liquidation_fee``, all in the settlement currency
    (USD or coin).
    """

    info: str
    realized: Decimal = ZERO
    fee: Decimal = ZERO
    funding: Decimal = ZERO
    liquidation_fee: Decimal = ZERO
    trade_price: Decimal = ZERO
    mark: Decimal = ZERO
    funding_rate: Decimal = ZERO
    execution: str = ""

    @property
    def delta(self) -> Decimal:
        return self.realized - self.fee + self.funding - self.liquidation_fee

    def scaled(self, factor: Decimal) -> "Booking":
        """The same in another currency, rounded to what balances keep."""
        return replace(
            self,
            realized=money(self.realized * factor),
            fee=money(self.fee * factor),
            funding=money(self.funding * factor),
            liquidation_fee=money(self.liquidation_fee * factor),
        )


class Account:
    """One trading account: a cash wallet, the multi-collateral wallet and single-collateral wallets."""

    def __init__(self, config: EngineConfig, new_id: Callable[[], str], on_log: Callable[[LogEntry], None]) -> None:
        self._new_id = new_id
        self._on_log = on_log
        self.holding = dict(config.holding)
        self.flex = dict(config.flex)
        self.wallets = dict(config.wallets)
        self.positions: dict[str, Position] = {}
        self.leverage: dict[str, Decimal] = {}
        self.pnl_currency: dict[str, str] = {}
        self.self_trade_strategy = REJECT_TAKER
        self.fills: Kept[Fill] = Kept(KEPT_FILLS)
        self.log: Kept[LogEntry] = Kept(KEPT_LOG)
        self.updates: Kept[PositionUpdate] = Kept(KEPT_LOG)
        self.fill_seq = 0
        self.log_id = 0
        self.turnover = Turnover()

    def size(self, symbol: str) -> Decimal:
        """Signed position size, 0 when flat."""
        position = self.positions.get(symbol)
        return position.size if position else ZERO

    def settle_currency(self, instrument: Instrument) -> str:
        """Wallet currency in which this contract pays now (``USD``, ``XBT``, or ``xbt`` for inverse)."""
        if instrument.inverse:
            return instrument.underlying.lower()
        return PNL_CURRENCIES[self.pnl_currency.get(instrument.symbol, "USD")]

    # --- the only ways money moves -----------------------------------------------------------------------

    def book(
        self, instrument: Instrument, booking: Booking, now_ms: int, index: Index, *, position: Position | None
    ) -> None:
        """Set the position and pay ``booking``; writes the position leg (if it moved) and the cash leg."""
        symbol = instrument.symbol
        before = self.positions.get(symbol)
        if position is None:
            self.positions.pop(symbol, None)
        else:
            self.positions[symbol] = position
        booking_uid = self._new_id()
        booking = booking.scaled(1 / self._rate(instrument, index))
        template = self._row(instrument, booking, booking_uid, now_ms, legs=(before, position))
        old_size, new_size = (before.size if before else ZERO), (position.size if position else ZERO)
        if old_size != new_size:
            leg = replace(template, realized_pnl=ZERO, fee=ZERO, realized_funding=ZERO, liquidation_fee=ZERO)
            self._write(replace(leg, asset=symbol.lower(), old_balance=old_size, new_balance=new_size))
        old, new = self._pay(instrument, booking.delta)
        self._write(replace(template, old_balance=old, new_balance=new))
        self._note(instrument, booking, booking_uid, now_ms, legs=(before, position))
        if not instrument.inverse:
            self._cover_usd(now_ms, index)

    def _rate(self, instrument: Instrument, index: Index) -> Decimal:
        """USD per unit of the currency a linear contract pays in; 1 for inverse, which books in coin."""
        return Decimal(1) if instrument.inverse else usd_price(self.settle_currency(instrument), index)

    def _pay(self, instrument: Instrument, delta: Decimal) -> tuple[Decimal, Decimal]:
        """Old and new balance of the wallet the contract pays into."""
        purse, name = (
            (self.wallets, instrument.wallet) if instrument.inverse else (self.flex, self.settle_currency(instrument))
        )
        old = purse.get(name, ZERO)
        purse[name] = old + delta
        return old, old + delta

    def transfer(
        self, info: str, currency: str, amount: Decimal, now_ms: int, *, source: str | None, target: str | None
    ) -> str:
        """Take ``amount`` of ``currency`` (``XBT``) from ``source`` and put it into ``target``, with a log row each.

        Both are ``cash``, ``flex`` or a wallet's name; None is outside of this account. Returns the booking's uid.
        """
        booking_uid = self._new_id()
        for place, delta in ((source, -amount), (target, amount)):
            if place is None:
                continue
            balances, key, name = self._purse(place, currency)
            old = balances.get(key, ZERO)
            balances[key] = old + delta
            row = _blank(now_ms, currency.lower(), info, booking_uid)
            self._write(replace(row, margin_account=name, old_balance=old, new_balance=old + delta))
        return booking_uid

    def _purse(self, place: str, currency: str) -> tuple[dict[str, Decimal], str, str]:
        """The balances, the key in them, and how the log calls it."""
        if place in self.wallets:
            return self.wallets, place, f"f-{currency.lower()}:usd"
        return (self.holding if place == CASH else self.flex), currency, place

    def _cover_usd(self, now_ms: int, index: Index) -> None:
        """Convert other collateral, lowest haircut first, while a currency is short (venue's margin page)."""
        for short in [currency for currency, amount in self.flex.items() if amount < 0 and currency != "USD"]:
            owed = -self.flex[short] * usd_price(short, index) * (1 + TERMS[short].spread)
            self._convert(short, self.flex[short], -money(owed), now_ms, index)
        for donor in sorted(self.flex, key=lambda currency: TERMS[currency].haircut):
            short_usd = -self.flex.get("USD", ZERO)
            if short_usd <= 0:
                return
            if donor == "USD" or self.flex[donor] <= 0:
                continue
            price = usd_price(donor, index) * (1 - TERMS[donor].spread)
            needed = (short_usd / price).quantize(MONEY_STEP, ROUND_CEILING)
            amount = min(self.flex[donor], needed)
            self._convert(donor, amount, short_usd if amount == needed else money(amount * price), now_ms, index)

    def _convert(self, source: str, amount: Decimal, gained: Decimal, now_ms: int, index: Index) -> None:
        """Turn ``amount`` of ``source`` into ``gained`` USD (both negative to buy what is owed)."""
        booking_uid = self._new_id()
        for currency, delta in ((source, -amount), ("USD", gained)):
            old = self.flex.get(currency, ZERO)
            self.flex[currency] = old + delta
            row = _blank(now_ms, currency.lower(), "conversion", booking_uid)
            row = replace(row, old_balance=old, new_balance=old + delta, trade_price=usd_price(source, index))
            self._write(replace(row, conversion_spread_percentage=TERMS[source].spread * 100))

    # --- the log -----------------------------------------------------------------------------------------

    def _row(
        self,
        instrument: Instrument,
        booking: Booking,
        booking_uid: str,
        now_ms: int,
        *,
        legs: tuple[Position | None, Position | None],
    ) -> LogEntry:
        before, after = legs
        currency = self.settle_currency(instrument).lower()
        row = _blank(now_ms, currency, booking.info, booking_uid)
        return replace(
            row,
            contract=instrument.symbol.lower(),
            margin_account=f"f-{currency}:usd" if instrument.inverse else "flex",
            old_average_entry_price=before.entry if before else ZERO,
            new_average_entry_price=after.entry if after else ZERO,
            trade_price=booking.trade_price,
            mark_price=booking.mark,
            realized_pnl=booking.realized,
            fee=booking.fee,
            execution=booking.execution,
            collateral=currency,
            funding_rate=booking.funding_rate,
            realized_funding=booking.funding,
            liquidation_fee=booking.liquidation_fee,
        )

    def _note(
        self,
        instrument: Instrument,
        booking: Booking,
        booking_uid: str,
        now_ms: int,
        *,
        legs: tuple[Position | None, Position | None],
    ) -> None:
        """The position history's row of a booking."""
        before, after = legs
        acted_on = before or after
        update = PositionUpdate(
            uid=booking_uid,
            time_ms=now_ms,
            symbol=instrument.symbol,
            info=booking.info,
            old_size=before.size if before else ZERO,
            old_entry=before.entry if before else ZERO,
            new_size=after.size if after else ZERO,
            new_entry=after.entry if after else ZERO,
            opened_ms=acted_on.opened_ms if acted_on else now_ms,
            price=booking.trade_price,
            execution=booking.execution,
            fee=booking.fee,
            realized_pnl=booking.realized,
            realized_funding=booking.funding,
            currency=self.settle_currency(instrument).upper().replace("XBT", "BTC"),
        )
        self.updates.append(update)

    def _write(self, row: LogEntry) -> None:
        self.log_id += 1
        entry = replace(row, id=self.log_id)
        self.log.append(entry)
        self._on_log(entry)


def _blank(now_ms: int, asset: str, info: str, booking_uid: str) -> LogEntry:
    return LogEntry(
        id=0,
        time_ms=now_ms,
        asset=asset,
        contract="",
        info=info,
        booking_uid=booking_uid,
        margin_account="flex",
        old_balance=ZERO,
        new_balance=ZERO,
        old_average_entry_price=ZERO,
        new_average_entry_price=ZERO,
        trade_price=ZERO,
        mark_price=ZERO,
        realized_pnl=ZERO,
        fee=ZERO,
        execution="",
        collateral=asset,
        funding_rate=ZERO,
        realized_funding=ZERO,
        conversion_spread_percentage=ZERO,
        liquidation_fee=ZERO,
    )
