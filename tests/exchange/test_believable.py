"""What traders know of every market: storms come in clusters, spreads widen in them, coins move together.

Figures of 1-second returns of bitcoin futures for comparison: kurtosis 10 to 50, autocorrelation of absolute returns
0.2 to 0.4 after a second and still there after many, none of the returns themselves.
"""

import math
import statistics
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from random import Random

import pytest

from tui.exchange.config import EngineConfig
from tui.exchange.crowd import Crowd
from tui.exchange.events import TradePrinted
from tui.exchange.exchange import Engine
from tui.exchange.execution import take_for_crowd
from tui.exchange.prices import Spots

from .engines import START_MS, made_up, of, still_engine, wait

PF, PI, ETH = "PF_XBTUSD", "PI_XBTUSD", "PF_ETHUSD"
SECONDS = 600


def correlation(first: list[float], second: list[float]) -> float:
    return statistics.correlation(first, second)


def after(series: list[float], lag: int) -> float:
    """Autocorrelation."""
    return correlation(series[:-lag], series[lag:])


def returns(prices: list[float], seconds: int = 1) -> list[float]:
    return [math.log(b / a) for a, b in pairwise(prices[::seconds])]


# --- fair values -------------------------------------------------------------------------------------------


@pytest.fixture(name="walk", scope="module")
def _walk() -> list[float]:
    """Returns of six hours in seconds."""
    spots, prices = Spots(Random(11)), []
    for _ in range(6 * 3_600):
        spots.step(1.0)
        prices.append(spots.prices["XBT"])
    return returns(prices)


def test_returns_have_fat_tails_and_no_direction(walk: list[float]) -> None:
    variance = statistics.pvariance(walk)
    kurtosis = statistics.fmean(value**4 for value in walk) / variance**2
    assert kurtosis > 8
    assert abs(after(walk, 1)) < 0.05


def test_volatility_comes_in_clusters_that_last(walk: list[float]) -> None:
    sizes = [abs(value) for value in walk]
    assert after(sizes, 1) > 0.15
    assert after(sizes, 60) > 0.05
    assert after(sizes, 600) > 0.02


def test_volume_of_the_past_follows_its_volatility() -> None:
    engine = Engine(EngineConfig(activity=0.0, warm_start_hours=24), seed=4, now_ms=START_MS)
    quarters = engine.candles("trade", PF, 15)[1:-1]
    ranges = [float(row.high / row.low) - 1 for row in quarters]
    assert correlation(ranges, [float(row.volume) for row in quarters]) > 0.4


# --- makers ------------------------------------------------------------------------------------------------


def quoted(engine: Engine, crowd: Crowd, heat: float, times: int = 200) -> tuple[float, float]:
    """Mean spread in ticks and mean depth in lots of this many quotes, a quarter of a second apart."""
    floor, market = engine._floor, crowd.market
    spot, take = made_up(engine).spots.prices[market.underlying.name], partial(take_for_crowd, floor, market)
    spreads, depths = [], []
    for _ in range(times):
        floor.now_ms += 250
        crowd.quote(spot, floor.now_ms, take, heat)
        bid, ask = market.book.bids.best, market.book.asks.best
        assert bid is not None
        assert ask is not None
        spreads.append(ask - bid)
        depths.append(sum(market.book.asks.total(tick) for tick in list(market.book.asks.ticks())[:10]))
    return statistics.fmean(spreads), statistics.fmean(depths)


@pytest.mark.parametrize("symbol", [PF, PI, "PF_SOLUSD"])
def test_makers_stand_further_apart_and_with_less_when_it_is_hot(symbol: str) -> None:
    engine = still_engine()
    crowd = made_up(engine).crowds[symbol]
    calm_spread, calm_depth = quoted(engine, crowd, 0.8)
    hot_spread, hot_depth = quoted(engine, crowd, 4.0)
    assert hot_spread > 2 * calm_spread
    assert hot_depth < 0.75 * calm_depth
    assert quoted(engine, crowd, 0.8)[0] < 1.3 * calm_spread, "and come back"


def test_depth_that_was_taken_comes_back_over_seconds() -> None:
    engine = still_engine()
    crowd = made_up(engine).crowds[PF]
    _, ordinary = quoted(engine, crowd, 1.0)
    floor, market = engine._floor, crowd.market
    far = list(market.book.asks.ticks())[14]
    lots = sum(market.book.asks.total(tick) for tick in market.book.asks.ticks() if tick <= far)
    take_for_crowd(floor, market, "buy", lots, far)
    crowd.feel("buy", lots * market.lot * float(market.last))
    _, first = quoted(engine, crowd, 1.0, times=1)
    assert first < 0.5 * ordinary
    quoted(engine, crowd, 1.0, times=80)
    _, later = quoted(engine, crowd, 1.0, times=40)
    assert later > 0.75 * ordinary


# --- the market together -----------------------------------------------------------------------------------


@dataclass
class Seen:
    """A market's middle each second, and its trades."""

    mids: dict[str, list[float]] = field(default_factory=dict)
    signs: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)
    premium: list[float] = field(default_factory=list)


@pytest.fixture(name="seen", scope="module")
def _seen() -> tuple[Engine, Seen]:
    engine, seen = Engine(EngineConfig(warm_start_hours=0), seed=21, now_ms=START_MS), Seen()
    for number in range(SECONDS * 5):
        for event in of(wait(engine, 200), TradePrinted):
            if event.trade.symbol == PF:
                seen.signs.append(1.0 if event.trade.side == "buy" else -1.0)
                seen.sizes.append(float(event.trade.size))
        if number % 5:
            continue
        for symbol in (PF, PI, ETH):
            ticker = engine.ticker(symbol)
            assert ticker.bid is not None
            assert ticker.ask is not None
            middle = float(ticker.bid + ticker.ask) / 2
            seen.mids.setdefault(symbol, []).append(middle)
            assert abs(float(ticker.mark) / middle - 1) < 0.001, "the mark stays with the book"
            if symbol == PF:
                seen.premium.append(float(ticker.mark / ticker.index) - 1)
    return engine, seen


def test_contracts_on_one_coin_move_as_one_and_coins_move_together(seen: tuple[Engine, Seen]) -> None:
    moves = {symbol: returns(mids, 10) for symbol, mids in seen[1].mids.items()}
    assert correlation(moves[PF], moves[PI]) > 0.9
    assert 0.5 < correlation(moves[PF], moves[ETH]) < 0.97


def test_buying_follows_buying_and_people_like_round_sizes(seen: tuple[Engine, Seen]) -> None:
    signs, sizes = seen[1].signs, seen[1].sizes
    assert len(signs) > 300
    assert after(signs, 1) > 0.4
    assert after(signs, 5) > 0.15
    round_ones = sum(1 for size in sizes if f"{size:.4f}".strip("0.") in {"1", "2", "5"})
    assert 0.15 < round_ones / len(sizes) < 0.7
    assert max(sizes) > 10 * statistics.median(sizes)


def test_funding_follows_the_premium(seen: tuple[Engine, Seen]) -> None:
    engine, watched = seen
    ticker = engine.ticker(PF)
    assert ticker.relative_funding_rate_prediction is not None
    hourly = statistics.fmean(watched.premium) / 8
    assert float(ticker.relative_funding_rate_prediction) == pytest.approx(hourly, abs=2e-6)
