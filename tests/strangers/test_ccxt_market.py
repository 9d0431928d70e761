"""Public data through ccxt: what it tells is what the exchange says, wherever the same thing is told twice."""

from itertools import pairwise
from typing import Any

import pytest

from tests.strangers.ccxt_client import INVERSE, LINEAR, configured
from tests.strangers.place import Place, library

ccxt = library("ccxt")


@pytest.fixture
def client(lively: Place) -> Any:
    return configured(ccxt.krakenfutures, lively)


def test_markets_carry_the_contracts_terms(client: Any) -> None:
    markets = client.load_markets()
    linear, inverse = markets[LINEAR], markets[INVERSE]
    assert (linear["id"], linear["swap"], linear["linear"], linear["settle"]) == ("PF_XBTUSD", True, True, "USD")
    assert (inverse["id"], inverse["swap"], inverse["inverse"], inverse["settle"]) == ("PI_XBTUSD", True, True, "BTC")
    assert (linear["precision"]["price"], linear["precision"]["amount"]) == (1.0, 0.0001)
    assert (inverse["precision"]["price"], inverse["precision"]["amount"], inverse["contractSize"]) == (0.5, 1.0, 1.0)
    dated = [market for market in markets.values() if market["future"]]
    assert dated
    assert all(market["expiry"] > client.milliseconds() for market in dated)


def test_tickers_agree_with_the_book(client: Any) -> None:
    ticker, book = client.fetch_ticker(LINEAR), client.fetch_order_book(LINEAR)
    assert ticker["bid"] < ticker["ask"]
    assert abs(book["bids"][0][0] / ticker["bid"] - 1) < 0.005
    prices = [price for price, _ in book["bids"]]
    assert prices == sorted(prices, reverse=True)
    assert [price for price, _ in book["asks"]] == sorted(price for price, _ in book["asks"])
    assert all(size > 0 for side in ("bids", "asks") for _, size in book[side])
    assert set(client.fetch_tickers()) == set(client.markets)


def test_trades_and_candles_tell_of_one_market(client: Any) -> None:
    trades, candles = client.fetch_trades(LINEAR), client.fetch_ohlcv(LINEAR, "1m")
    assert len(trades) > 50
    assert [trade["timestamp"] for trade in trades] == sorted(trade["timestamp"] for trade in trades)
    assert {trade["side"] for trade in trades} == {"buy", "sell"}
    assert all(low <= min(start, end) <= max(start, end) <= high for _, start, high, low, end, _ in candles)
    newest = candles[-1]
    assert newest[3] <= trades[-1]["price"] <= newest[2] or trades[-1]["timestamp"] >= newest[0] + 60_000
    hours = client.fetch_ohlcv(LINEAR, "1h", limit=5)
    assert {right[0] - left[0] for left, right in pairwise(hours)} == {3_600_000}
    assert client.fetch_ohlcv(LINEAR, "1m", params={"price": "mark"})[-1][5] == 0


def test_candles_page_from_a_moment(client: Any) -> None:
    candles = client.fetch_ohlcv(LINEAR, "1m")
    again = client.fetch_ohlcv(LINEAR, "1m", since=candles[-10][0], limit=5)
    assert [row[0] for row in again] == [row[0] for row in candles[-10:-5]]


def test_funding_now_is_funding_in_history(client: Any) -> None:
    now, past = client.fetch_funding_rates([LINEAR])[LINEAR], client.fetch_funding_rate_history(LINEAR)
    assert now["fundingRate"] == pytest.approx(past[-1]["fundingRate"], rel=0.01)  # ccxt divides by the mark
    assert {right["timestamp"] - left["timestamp"] for left, right in pairwise(past)} == {3_600_000}
    assert abs(now["fundingRate"]) < 0.005


def test_tiers_and_fees(client: Any) -> None:
    tiers = client.fetch_leverage_tiers([LINEAR])[LINEAR]
    rates = [tier["maintenanceMarginRate"] for tier in tiers]
    assert rates == sorted(rates)
    assert tiers[0]["maxLeverage"] == 100
    fees = client.fetch_trading_fees()[LINEAR]
    assert (fees["maker"], fees["taker"]) == (0.0002, 0.0005)


def test_an_unknown_market_and_a_wrong_key_are_ccxts_own_errors(client: Any, lively: Place) -> None:
    with pytest.raises(ccxt.BadRequest):
        client.publicGetOrderbook({"symbol": "PF_NONE"})
    with pytest.raises(ccxt.BadRequest):
        client.publicGetOrderbook()
    stranger = configured(ccxt.krakenfutures, lively)
    stranger.apiKey = "somebody"
    with pytest.raises(ccxt.AuthenticationError):
        stranger.fetch_balance()
    with pytest.raises(ccxt.AuthenticationError):
        stranger.fetch_closed_orders()
