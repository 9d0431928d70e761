"""What happens when time passes: the driver moves the market, then funding, expiry, triggers, the dead man, margin.

Order within a tick: the market moves; funding accrues and hours turn; dated contracts expire; triggers see
the new prices; the dead man's switch; then margin is checked. Invariant: the same ticks give the same
market, and funding is exact however rarely ticks come.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from tui.exchange import activation, funding, risk
from tui.exchange.account import Booking
from tui.exchange.events import ContractExpired, FundingSet, TickerChanged
from tui.exchange.fees import fee
from tui.exchange.floor import Floor
from tui.exchange.market import Market
from tui.exchange.mirror.news import News
from tui.exchange.placement import cancel_all
from tui.exchange.positions import ZERO, profit
from tui.exchange.seat import Seat

TICKER_EVERY_MS = 1_000


class Clockwork:
    """Remembers what is due when. All times in ms."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._ticked_ms = floor.now_ms
        self._funded_ms = floor.now_ms
        self._ticker_due = {
            symbol: floor.now_ms + number * TICKER_EVERY_MS // max(1, len(floor.markets))
            for number, symbol in enumerate(floor.markets)
        }

    def tick(self, news: Iterable[News]) -> None:
        """Bring everything to ``floor.now_ms``; ``news`` was heard from outside meanwhile."""
        floor = self._floor
        elapsed = floor.now_ms - self._ticked_ms
        self._ticked_ms = floor.now_ms
        floor.driver.tick(floor, elapsed, news)
        self._fund()
        self._expire()
        coins = {floor.markets[symbol].underlying.name for symbol in floor.marked}
        for seat in floor.seats.values():
            activation.watch(seat)
            _dead_man(seat)
            if risk.is_due(seat, coins):
                risk.guard(seat)
        self._announce()

    def jump(self, underlying: str, price: float) -> None:
        """The operator moves an underlying: index, quotes, marks and all that hangs on them follow at once."""
        floor = self._floor
        floor.driver.jump(floor, underlying, price)
        for seat in floor.seats.values():
            activation.watch(seat)
            risk.guard(seat)

    # --- funding -----------------------------------------------------------------------------------------

    def _fund(self) -> None:
        """Accrue to now, stopping at every full hour to realise it and set the next rate."""
        floor = self._floor
        while self._funded_ms < floor.now_ms:
            hour = funding.next_hour(self._funded_ms)
            until = min(hour, floor.now_ms)
            self._accrue(until - self._funded_ms)
            self._funded_ms = until
            if until == hour:
                self._turn_hour(hour)

    def _accrue(self, elapsed_ms: int) -> None:
        rates = {symbol: market.funding_rate for symbol, market in self._floor.markets.items()}
        for seat in self._floor.seats.values():
            for symbol, position in seat.account.positions.items():
                if rates[symbol]:
                    more = funding.accrued(position.size, rates[symbol], elapsed_ms)
                    seat.account.positions[symbol] = replace(position, funding=position.funding + more)

    def _turn_hour(self, hour_ms: int) -> None:
        floor = self._floor
        for seat in floor.seats.values():
            for symbol in list(seat.account.positions):
                _realise_funding(seat, floor.markets[symbol])
        for symbol, market in floor.markets.items():
            if market.funding_rows:
                floor.emit(FundingSet(symbol, market.set_funding(market.predicted_rate(), hour_ms)))

    # --- ends and switches -------------------------------------------------------------------------------

    def _expire(self) -> None:
        floor = self._floor
        for market in floor.markets.values():
            last = market.instrument.last_trading_ms
            if last is not None and not market.expired and floor.now_ms >= last:
                settle(floor, market)

    def _announce(self) -> None:
        """About once a second each; what the driver has announced itself is left to its rhythm."""
        floor = self._floor
        for symbol in floor.announced:
            self._ticker_due[symbol] = floor.now_ms + 2 * TICKER_EVERY_MS
        for symbol, due in self._ticker_due.items():
            if due <= floor.now_ms:
                periods = math.floor((floor.now_ms - due) / TICKER_EVERY_MS) + 1
                self._ticker_due[symbol] = due + periods * TICKER_EVERY_MS
                floor.emit(TickerChanged(symbol))


def _dead_man(seat: Seat) -> None:
    if seat.dead_man_ms is not None and seat.now_ms >= seat.dead_man_ms:
        seat.dead_man_ms = None
        cancel_all(seat, None, "dead_man_switch")
        seat.note()


def _realise_funding(seat: Seat, market: Market) -> None:
    position = seat.account.positions[market.instrument.symbol]
    if not position.funding:
        return
    booking = Booking(
        info="funding rate change",
        funding=position.funding,
        mark=market.mark,
        funding_rate=market.funding_rate,
    )
    settled = replace(position, funding=ZERO)
    seat.account.book(market.instrument, booking, seat.now_ms, seat.floor.index, position=settled)
    seat.touch(market.instrument, positions=True)


def settle(floor: Floor, market: Market) -> None:
    """A dated contract ends: orders leave, positions are paid out at the index, less the taker fee."""
    price = market.underlying.index
    for seat in floor.seats.values():
        _settle_seat(seat, market, price)
    market.expired = True
    floor.emit(ContractExpired(market.instrument.symbol, price))


def _settle_seat(seat: Seat, market: Market, price: Decimal) -> None:
    instrument = market.instrument
    cancel_all(seat, instrument.symbol, "contract_expired")
    position = seat.account.positions.get(instrument.symbol)
    if position is None:
        return
    booking = Booking(
        info="settlement",
        realized=profit(inverse=instrument.inverse, size=position.size, entry=position.entry, price=price),
        fee=fee(inverse=instrument.inverse, size=abs(position.size), price=price, rate=seat.tier.taker),
        trade_price=price,
        mark=price,
    )
    seat.account.book(instrument, booking, seat.now_ms, seat.floor.index, position=None)
    seat.touch(instrument, positions=True)
