"""Opening day: markets with a past, so that a chart, a 24-hour change and a trade list are not empty.

The past is the same process as the future, walked forward from nowhere and then scaled so that it ends at the
wanted price. Invariant: after ``open_markets`` every contract has a two-sided book, a mark, and a last price.
"""

import math
from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from tui.exchange.crowd import Crowd
from tui.exchange.execution import take_for_crowd
from tui.exchange.floor import Floor
from tui.exchange.funding import HOUR_MS
from tui.exchange.history import decimal
from tui.exchange.instruments import Instrument
from tui.exchange.market import Market, Underlying, index_digits
from tui.exchange.prices import COINS, Spots
from tui.exchange.views import PublicTrade

_SAMPLE_MS = 30_000
_WARM_TRADES = 60
_FUNDING_HOURS = 24 * 14
_OPEN_INTEREST_USD = 60
"""Open interest as a multiple of the liquidity unit of a contract's crowd, in thousands."""


Crowds = dict[str, Crowd]
"""By symbol."""


class Sample(NamedTuple):
    """A moment of the past: prices by coin, and how hot the market was."""

    at_ms: int
    prices: dict[str, float]
    heat: float


def list_contracts(
    floor: Floor, spots: Spots, instruments: Iterable[Instrument], trade_seqs: Mapping[str, int]
) -> Crowds:
    """Create markets with empty books at the present fair values; returns their crowds."""
    crowds: Crowds = {}
    for instrument in instruments:
        name = instrument.underlying
        spot = spots.prices[name]
        if name not in floor.underlyings:
            floor.underlyings[name] = Underlying(name, spot, index_digits(instrument))
        seq = trade_seqs.get(instrument.symbol) or floor.rng.randrange(100_000, 900_000)
        market = Market(instrument, floor.underlyings[name], last=spot, trade_seq=seq)
        floor.markets[instrument.symbol] = market
        crowd = crowds[instrument.symbol] = Crowd(market, floor.rng, floor.config.activity, floor.now_ms)
        market.book.seq = floor.rng.randrange(1_000_000, 90_000_000)
        market.premium = crowd.basis
    return crowds


def open_markets(floor: Floor, spots: Spots, crowds: Crowds) -> None:
    """Give every market a past and its first quotes."""
    samples = _past(floor, spots)
    for name, underlying in floor.underlyings.items():
        for sample in samples:
            underlying.bars.add(sample.at_ms, sample.prices[name])
        underlying.set_index(spots.prices[name], floor.now_ms)
    for symbol, market in floor.markets.items():
        crowd = crowds[symbol]
        _remember(floor, crowd, samples)
        market.set_mark(floor.now_ms)
        crowd.quote(spots.prices[market.underlying.name], floor.now_ms, partial(take_for_crowd, floor, market))
        market.update_mark(floor.now_ms, 600.0)
        _warm_trades(floor, crowd)
        if market.instrument.perpetual:
            _warm_funding(floor, market)


def _past(floor: Floor, spots: Spots) -> list[Sample]:
    """Prices every half minute over the warm-up, ending now at the present fair values."""
    steps = floor.config.warm_start_hours * 3_600_000 // _SAMPLE_MS
    walk = Spots(floor.rng)
    path: list[tuple[dict[str, float], float]] = []
    for _ in range(steps):
        walk.step(_SAMPLE_MS / 1000)
        path.append((dict(walk.prices), walk.heat))
    scale = {coin.name: spots.prices[coin.name] / walk.prices[coin.name] for coin in COINS}
    start = floor.now_ms - steps * _SAMPLE_MS
    return [
        Sample(start + number * _SAMPLE_MS, {name: price * scale[name] for name, price in prices.items()}, heat)
        for number, (prices, heat) in enumerate(path)
    ]


def _remember(floor: Floor, crowd: Crowd, samples: list[Sample]) -> None:
    """Trade and mark bars of the past; when it was hot, more was traded."""
    market, instrument = crowd.market, crowd.market.instrument
    profile, name, rng = crowd.profile, market.underlying.name, floor.rng
    mean_usd = profile.bursts_per_s * _SAMPLE_MS / 1000 * 1.6 * profile.trade_usd * 2.3
    opened = float(market.underlying.index)
    for at, prices, heat in samples:
        price = round(prices[name] * (1 + crowd.basis) / market.tick) * market.tick
        usd = mean_usd * heat * rng.expovariate(1.0)
        market.trade_bars.add(at, price, usd if instrument.inverse else usd / price)
        market.mark_bars.add(at, prices[name] * (1 + market.premium))
    interest_usd = profile.level_usd * _OPEN_INTEREST_USD * 1000
    market.open_interest = interest_usd if instrument.inverse else interest_usd / opened


def _warm_trades(floor: Floor, crowd: Crowd) -> None:
    """The newest public trades, each at the touch of its moment."""
    rng, market = floor.rng, crowd.market
    bid, ask = market.book.bids.best, market.book.asks.best
    if bid is None or ask is None:
        return
    span = min(3_600_000, int(_WARM_TRADES / max(crowd.profile.bursts_per_s, 0.01) * 400))
    for left in range(_WARM_TRADES, 0, -1):
        side = rng.choice(("buy", "sell"))
        tick = max(1, (ask if side == "buy" else bid) + round(rng.gauss(0, 1) * left / 8))
        usd = crowd.profile.trade_usd * rng.lognormvariate(0.0, 1.0)
        lots = max(1, round(usd / (1.0 if market.instrument.inverse else float(market.last)) / market.lot))
        at = floor.now_ms - span * left // _WARM_TRADES
        seq = market.trade_seq + 1
        trade = PublicTrade(
            floor.new_id(), market.instrument.symbol, side, market.price(tick), market.size(lots), at, seq, "fill"
        )
        market.recall_trade(trade)
    market.trade_bars.add(floor.now_ms, float(market.last), 0.0)


def _warm_funding(floor: Floor, market: Market) -> None:
    """Two weeks of hourly rates that wander as premiums do."""
    hour = floor.now_ms // HOUR_MS * HOUR_MS
    relative = 1.0e-5
    for back in range(_FUNDING_HOURS, -1, -1):
        relative += (1.0e-5 - relative) * 0.1 + floor.rng.gauss(0.0, 0.5e-5) * math.sqrt(0.19)
        market.set_funding(decimal(relative, 12), hour - back * HOUR_MS)
