"""The market that is made up: a crowd around fair values that walk by themselves.

Seeded: the same floor, ticks and orders give the same market. With ``activity`` 0 nothing moves but by the operator's
hand. Invariant: books are never crossed, and index, quotes and mark of a coin follow one fair value.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from tui.exchange.crowd import Crowd
from tui.exchange.driver import Levels
from tui.exchange.execution import take_for_crowd
from tui.exchange.floor import Floor
from tui.exchange.instruments import Instrument, contract_table
from tui.exchange.listing import list_contracts, open_markets
from tui.exchange.market import Market
from tui.exchange.matching import Hit
from tui.exchange.mirror.news import News
from tui.exchange.prices import Spots

_INDEX_EVERY_MS = {"XBT": 300, "ETH": 400}
_INDEX_DEFAULT_MS = 700
_MAX_BURSTS = 20


class Synthetic:
    """See the module. Remembers what is due when; times in ms."""

    spots: Spots

    def __init__(self) -> None:
        self.crowds: dict[str, Crowd] = {}
        self._index_due: dict[str, int] = {}
        self._mark_ms: dict[str, int] = {}

    # --- the driver's part ---------------------------------------------------------------------------------

    def contracts(self, now_ms: int) -> Sequence[Instrument]:
        return contract_table(now_ms)

    def enlist(
        self, floor: Floor, contracts: Iterable[Instrument], levels: Levels, trade_seqs: Mapping[str, int]
    ) -> None:
        self.spots = Spots(floor.rng, dict(levels.prices), levels.mood)
        self.crowds = list_contracts(floor, self.spots, contracts, trade_seqs)

    def open(self, floor: Floor) -> None:
        open_markets(floor, self.spots, self.crowds)
        self._index_due = {name: floor.now_ms + 70 * number for number, name in enumerate(floor.underlyings)}
        self._mark_ms = dict.fromkeys(floor.markets, floor.now_ms)

    def tick(self, floor: Floor, elapsed_ms: int, _news: Iterable[News]) -> None:
        """Fair values walk, indices follow when they are due, the crowd quotes and trades."""
        if floor.config.activity and elapsed_ms:
            self.spots.step(elapsed_ms / 1000)
            self._move_indices(floor)
            self._run_crowds(floor)

    def jump(self, floor: Floor, underlying: str, price: float) -> None:
        """Index, quotes and marks follow at once."""
        self.spots.move(underlying, price)
        floor.underlyings[underlying].set_index(price, floor.now_ms)
        for symbol, market in floor.markets.items():
            if market.underlying.name == underlying and not market.expired:
                self.quote(floor, market)
                market.set_mark(floor.now_ms)
                floor.marked[symbol] = None

    def felt(self, market: Market, side: str, hits: Sequence[Hit]) -> None:
        """The crowd feels what was taken."""
        size = sum(hit.lots for hit in hits) * market.lot
        usd = size if market.instrument.inverse else size * float(market.last)
        self.crowds[market.instrument.symbol].feel(side, usd)

    @property
    def levels(self) -> Levels:
        return Levels(self.spots.prices, self.spots.mood)

    # --- the market ----------------------------------------------------------------------------------------

    def quote(self, floor: Floor, market: Market) -> None:
        """The crowd of one market moves its quotes to the present fair value."""
        spot = self.spots.prices[market.underlying.name]
        take = partial(take_for_crowd, floor, market)
        self.crowds[market.instrument.symbol].quote(spot, floor.now_ms, take, self.spots.heat)

    def _move_indices(self, floor: Floor) -> None:
        for name, due in self._index_due.items():
            if due > floor.now_ms:
                continue
            self._index_due[name] = floor.now_ms + _INDEX_EVERY_MS.get(name, _INDEX_DEFAULT_MS)
            floor.underlyings[name].set_index(self.spots.prices[name], floor.now_ms)
            for symbol, market in floor.markets.items():
                if market.underlying.name == name and not market.expired:
                    self._mark(floor, symbol, market)

    def _mark(self, floor: Floor, symbol: str, market: Market) -> None:
        market.update_mark(floor.now_ms, (floor.now_ms - self._mark_ms[symbol]) / 1000)
        self._mark_ms[symbol] = floor.now_ms
        floor.marked[symbol] = None

    def _run_crowds(self, floor: Floor) -> None:
        for symbol, market in floor.markets.items():
            if market.suspended or market.expired:
                continue
            crowd = self.crowds[symbol]
            if crowd.next_quote_ms <= floor.now_ms:
                self.quote(floor, market)
            for _ in range(_MAX_BURSTS):
                if crowd.next_trade_ms > floor.now_ms:
                    break
                if not market.post_only:
                    crowd.trade(partial(take_for_crowd, floor, market))
                crowd.schedule_trade(crowd.next_trade_ms, self.spots.heat)
            crowd.next_trade_ms = max(crowd.next_trade_ms, floor.now_ms)
