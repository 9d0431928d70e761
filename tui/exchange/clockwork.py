"""What happens when time passes: prices and the crowd, funding, expiry, triggers, the dead man, margin.

Order within a tick: the market moves; funding accrues and hours turn; dated contracts expire; triggers see
the new prices; the dead man's switch; then margin is checked. Invariant: the same ticks give the same
market, and funding is exact however rarely ticks come.
"""

import math
from dataclasses import replace
from functools import partial

from tui.exchange import activation, funding, risk
from tui.exchange.account import Booking
from tui.exchange.core import Core
from tui.exchange.events import ContractExpired, FundingSet, TickerChanged
from tui.exchange.execution import take_for_crowd
from tui.exchange.fees import fee
from tui.exchange.market import Market
from tui.exchange.placement import cancel_all
from tui.exchange.positions import ZERO, profit

TICKER_EVERY_MS = 1_000
_INDEX_EVERY_MS = {"XBT": 300, "ETH": 400}
_INDEX_DEFAULT_MS = 700
_MAX_BURSTS = 20


class Clockwork:
    """Remembers what is due when. All times in ms."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._ticked_ms = core.now_ms
        self._funded_ms = core.now_ms
        self._index_due = {name: core.now_ms + 70 * number for number, name in enumerate(core.underlyings)}
        self._mark_ms = dict.fromkeys(core.markets, core.now_ms)
        self._ticker_due = {
            symbol: core.now_ms + number * TICKER_EVERY_MS // max(1, len(core.markets))
            for number, symbol in enumerate(core.markets)
        }

    def tick(self) -> None:
        """Bring everything to ``core.now_ms``."""
        core = self._core
        elapsed = core.now_ms - self._ticked_ms
        self._ticked_ms = core.now_ms
        if core.config.activity and elapsed:
            core.spots.step(elapsed / 1000)
            self._move_indices()
            self._run_crowds()
        self._fund()
        self._expire()
        activation.watch(core)
        self._dead_man()
        risk.guard(core)
        self._announce()

    def jump(self, underlying: str, price: float) -> None:
        """The operator moves an underlying: index, quotes and marks follow at once."""
        core = self._core
        core.spots.move(underlying, price)
        core.underlyings[underlying].set_index(price, core.now_ms)
        for symbol, market in core.markets.items():
            if market.underlying.name == underlying and not market.expired:
                self._quote(symbol, market)
                market.set_mark(core.now_ms)
                core.touched.marks[symbol] = None
        activation.watch(core)
        risk.guard(core)

    # --- the market --------------------------------------------------------------------------------------

    def _move_indices(self) -> None:
        core = self._core
        for name, due in self._index_due.items():
            if due > core.now_ms:
                continue
            self._index_due[name] = core.now_ms + _INDEX_EVERY_MS.get(name, _INDEX_DEFAULT_MS)
            core.underlyings[name].set_index(core.spots.prices[name], core.now_ms)
            for symbol, market in core.markets.items():
                if market.underlying.name == name and not market.expired:
                    self._mark(symbol, market)

    def _mark(self, symbol: str, market: Market) -> None:
        now_ms = self._core.now_ms
        market.update_mark(now_ms, (now_ms - self._mark_ms[symbol]) / 1000)
        self._mark_ms[symbol] = now_ms
        self._core.touched.marks[symbol] = None

    def _run_crowds(self) -> None:
        core = self._core
        for symbol, market in core.markets.items():
            if market.suspended or market.expired:
                continue
            crowd = core.crowds[symbol]
            if crowd.next_quote_ms <= core.now_ms:
                self._quote(symbol, market)
            for _ in range(_MAX_BURSTS):
                if crowd.next_trade_ms > core.now_ms:
                    break
                if not market.post_only:
                    crowd.trade(partial(take_for_crowd, core, market))
                crowd.schedule_trade(crowd.next_trade_ms, core.spots.heat)
            crowd.next_trade_ms = max(crowd.next_trade_ms, core.now_ms)

    def _quote(self, symbol: str, market: Market) -> None:
        core = self._core
        spot = core.spots.prices[market.underlying.name]
        core.crowds[symbol].quote(spot, core.now_ms, partial(take_for_crowd, core, market))

    # --- funding -----------------------------------------------------------------------------------------

    def _fund(self) -> None:
        """Accrue to now, stopping at every full hour to realise it and set the next rate."""
        core = self._core
        while self._funded_ms < core.now_ms:
            hour = funding.next_hour(self._funded_ms)
            until = min(hour, core.now_ms)
            self._accrue(until - self._funded_ms)
            self._funded_ms = until
            if until == hour:
                self._turn_hour(hour)

    def _accrue(self, elapsed_ms: int) -> None:
        core = self._core
        for symbol, position in core.account.positions.items():
            rate = core.markets[symbol].funding_rate
            if rate:
                more = funding.accrued(position.size, rate, elapsed_ms)
                core.account.positions[symbol] = replace(position, funding=position.funding + more)

    def _turn_hour(self, hour_ms: int) -> None:
        core = self._core
        for symbol in list(core.account.positions):
            _realise_funding(core, core.markets[symbol])
        for symbol, market in core.markets.items():
            if market.funding_rows:
                core.emit(FundingSet(symbol, market.set_funding(market.predicted_rate(), hour_ms)))

    # --- ends and switches -------------------------------------------------------------------------------

    def _expire(self) -> None:
        core = self._core
        for market in core.markets.values():
            last = market.instrument.last_trading_ms
            if last is not None and not market.expired and core.now_ms >= last:
                settle(core, market)

    def _dead_man(self) -> None:
        core = self._core
        if core.dead_man_ms is not None and core.now_ms >= core.dead_man_ms:
            core.dead_man_ms = None
            cancel_all(core, None, "dead_man_switch")
            core.revision += 1

    def _announce(self) -> None:
        core = self._core
        for symbol, due in self._ticker_due.items():
            if due <= core.now_ms:
                periods = math.floor((core.now_ms - due) / TICKER_EVERY_MS) + 1
                self._ticker_due[symbol] = due + periods * TICKER_EVERY_MS
                core.emit(TickerChanged(symbol))


def _realise_funding(core: Core, market: Market) -> None:
    position = core.account.positions[market.instrument.symbol]
    if not position.funding:
        return
    booking = Booking(
        info="funding rate change",
        funding=position.funding,
        mark=market.mark,
        funding_rate=market.funding_rate,
    )
    settled = replace(position, funding=ZERO)
    core.account.book(market.instrument, booking, core.now_ms, core.index, position=settled)
    core.touch(market.instrument, positions=True)


def settle(core: Core, market: Market) -> None:
    """A dated contract ends: orders leave, the position is paid out at the index, less the taker fee."""
    instrument = market.instrument
    cancel_all(core, instrument.symbol, "contract_expired")
    price = market.underlying.index
    position = core.account.positions.get(instrument.symbol)
    if position is not None:
        booking = Booking(
            info="settlement",
            realized=profit(inverse=instrument.inverse, size=position.size, entry=position.entry, price=price),
            fee=fee(inverse=instrument.inverse, size=abs(position.size), price=price, rate=core.tier.taker),
            trade_price=price,
            mark=price,
        )
        core.account.book(instrument, booking, core.now_ms, core.index, position=None)
        core.touch(instrument, positions=True)
    market.expired = True
    core.emit(ContractExpired(instrument.symbol, price))
