import math
from random import Random

import pytest

from tui.exchange.prices import COINS, Spots


def test_yearly_volatility_is_believable() -> None:
    spots = Spots(Random(1))
    squares = dict.fromkeys(spots.prices, 0.0)
    minutes = 4_000
    for _ in range(minutes):
        before = dict(spots.prices)
        spots.step(60)
        for name, price in spots.prices.items():
            squares[name] += math.log(price / before[name]) ** 2
    for coin in COINS:
        yearly = math.sqrt(squares[coin.name] / minutes * 525_960)
        assert yearly == pytest.approx(coin.volatility, rel=0.35)


def test_coins_move_together() -> None:
    spots = Spots(Random(2))
    same = 0
    for _ in range(1_000):
        before = dict(spots.prices)
        spots.step(1)
        same += (spots.prices["XBT"] > before["XBT"]) == (spots.prices["ETH"] > before["ETH"])
    assert 700 < same < 950


def test_a_long_sleep_is_not_a_crash() -> None:
    spots = Spots(Random(3))
    spots.step(30 * 86_400)
    assert all(abs(spots.prices[coin.name] / coin.start - 1) < 0.03 for coin in COINS)


def test_the_same_seed_walks_the_same_way() -> None:
    walks = [Spots(Random("x")) for _ in range(2)]
    for walk in walks:
        for _ in range(10):
            walk.step(0.1)
    assert walks[0].prices == walks[1].prices
