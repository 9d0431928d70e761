"""Opening day: markets with a past, so that a chart, a 24-hour change and a trade list are not empty.

The past is the same process as the future, walked forward from nowhere and then scaled so that it ends at the
wanted price. Invariant: after ``open_markets`` every contract has a two-sided book, a mark, and a last price.
"""

import math
from collections.abc import Iterable
from functools import partial

from tui.exchange.core import Core
from tui.exchange.crowd import Crowd
from tui.exchange.execution import take_for_crowd
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


def list_contracts(core: Core, instruments: Iterable[Instrument], trade_seqs: dict[str, int]) -> None:
    """Create markets with empty books at the present fair values."""
    for instrument in instruments:
        name = instrument.underlying
        spot = core.spots.prices[name]
        if name not in core.underlyings:
            core.underlyings[name] = Underlying(name, spot, index_digits(instrument))
        seq = trade_seqs.get(instrument.symbol) or core.rng.randrange(100_000, 900_000)
        market = Market(instrument, core.underlyings[name], last=spot, trade_seq=seq)
        core.markets[instrument.symbol] = market
        core.crowds[instrument.symbol] = Crowd(market, core.rng, core.config.activity, core.now_ms)
        market.book.seq = core.rng.randrange(1_000_000, 90_000_000)
        market.premium = core.crowds[instrument.symbol].basis


def open_markets(core: Core) -> None:
    """Give every market a past and its first quotes."""
    samples = _past(core)
    for name, underlying in core.underlyings.items():
        for at, prices in samples:
            underlying.bars.add(at, prices[name])
        underlying.set_index(core.spots.prices[name], core.now_ms)
    for symbol, market in core.markets.items():
        _remember(core, market, samples)
        market.set_mark(core.now_ms)
        crowd = core.crowds[symbol]
        crowd.quote(core.spots.prices[market.underlying.name], core.now_ms, partial(take_for_crowd, core, market))
        market.update_mark(core.now_ms, 600.0)
        _warm_trades(core, market)
        if market.instrument.perpetual:
            _warm_funding(core, market)


def _past(core: Core) -> list[tuple[int, dict[str, float]]]:
    """Prices every half minute over the warm-up, ending now at the present fair values."""
    steps = core.config.warm_start_hours * 3_600_000 // _SAMPLE_MS
    walk = Spots(core.rng)
    path = []
    for _ in range(steps):
        walk.step(_SAMPLE_MS / 1000)
        path.append(dict(walk.prices))
    scale = {coin.name: core.spots.prices[coin.name] / walk.prices[coin.name] for coin in COINS}
    start = core.now_ms - steps * _SAMPLE_MS
    return [
        (start + number * _SAMPLE_MS, {name: price * scale[name] for name, price in prices.items()})
        for number, prices in enumerate(path)
    ]


def _remember(core: Core, market: Market, samples: list[tuple[int, dict[str, float]]]) -> None:
    """Trade and mark bars of the past, with believable volume."""
    crowd, instrument = core.crowds[market.instrument.symbol], market.instrument
    profile, name, rng = crowd.profile, market.underlying.name, core.rng
    mean_usd = profile.bursts_per_s * _SAMPLE_MS / 1000 * 1.6 * profile.trade_usd * 2.3
    opened = core.spots.prices[name]
    for at, prices in samples:
        price = round(prices[name] * (1 + crowd.basis) / market.tick) * market.tick
        usd = mean_usd * rng.expovariate(1.0)
        market.trade_bars.add(at, price, usd if instrument.inverse else usd / price)
        market.mark_bars.add(at, prices[name] * (1 + market.premium))
    interest_usd = profile.level_usd * _OPEN_INTEREST_USD * 1000
    market.open_interest = interest_usd if instrument.inverse else interest_usd / opened


def _warm_trades(core: Core, market: Market) -> None:
    """The newest public trades, each at the touch of its moment."""
    rng, crowd = core.rng, core.crowds[market.instrument.symbol]
    bid, ask = market.book.bids.best, market.book.asks.best
    if bid is None or ask is None:
        return
    span = min(3_600_000, int(_WARM_TRADES / max(crowd.profile.bursts_per_s, 0.01) * 400))
    for left in range(_WARM_TRADES, 0, -1):
        side = rng.choice(("buy", "sell"))
        tick = max(1, (ask if side == "buy" else bid) + round(rng.gauss(0, 1) * left / 8))
        usd = crowd.profile.trade_usd * rng.lognormvariate(0.0, 1.0)
        lots = max(1, round(usd / (1.0 if market.instrument.inverse else float(market.last)) / market.lot))
        at = core.now_ms - span * left // _WARM_TRADES
        seq = market.trade_seq + 1
        trade = PublicTrade(
            core.new_id(), market.instrument.symbol, side, market.price(tick), market.size(lots), at, seq, "fill"
        )
        market.trades.append(trade)
        market.trade_seq, market.last, market.last_size, market.last_ms = seq, trade.price, trade.size, at
    market.trade_bars.add(core.now_ms, float(market.last), 0.0)


def _warm_funding(core: Core, market: Market) -> None:
    """Two weeks of hourly rates that wander as premiums do."""
    hour = core.now_ms // HOUR_MS * HOUR_MS
    relative = 1.0e-5
    for back in range(_FUNDING_HOURS, -1, -1):
        relative += (1.0e-5 - relative) * 0.1 + core.rng.gauss(0.0, 0.5e-5) * math.sqrt(0.19)
        market.set_funding(decimal(relative, 12), hour - back * HOUR_MS)
