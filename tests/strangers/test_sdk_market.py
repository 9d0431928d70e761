"""Public data, preferences and account lists through python-kraken-sdk."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from tests.strangers.place import Place, library
from tests.strangers.sdk_client import configured

futures = library("kraken.futures")

LINEAR = "PF_XBTUSD"
SYMBOLS = ("PF_XBTUSD", "PF_ETHUSD", "PI_XBTUSD", "PI_ETHUSD")


@pytest.fixture
def market(lively: Place) -> Iterator[Any]:
    with configured(futures.Market, lively) as client:
        yield client


@pytest.fixture
def user(lively: Place) -> Iterator[Any]:
    with configured(futures.User, lively) as client:
        yield client


def test_charts_list_what_they_have(market: Any) -> None:
    assert market.get_tick_types() == ["mark", "spot", "trade"]
    assert set(SYMBOLS) <= set(market.get_tradeable_products("trade"))
    assert market.get_resolutions("trade", LINEAR)[:2] == ["1m", "5m"]
    candles = market.get_ohlc(tick_type="trade", symbol=LINEAR, resolution="1m")["candles"]
    part = market.get_ohlc(
        tick_type="trade",
        symbol=LINEAR,
        resolution="1m",
        from_=candles[-9]["time"] // 1000,
        to=candles[-5]["time"] // 1000,
    )["candles"]
    assert part == candles[-9:-4]


def test_instruments_tickers_and_statuses_name_the_same_contracts(market: Any) -> None:
    instruments = {row["symbol"]: row for row in market.get_instruments()["instruments"]}
    tickers = {row["symbol"] for row in market.get_tickers()["tickers"]}
    statuses = {row["tradeable"] for row in market.get_instruments_status()["instrumentStatus"]}
    assert instruments.keys() == tickers == statuses
    assert (instruments[LINEAR]["type"], instruments["PI_XBTUSD"]["type"]) == ("flexible_futures", "futures_inverse")
    assert market.get_instruments_status(LINEAR)["tradeable"] == LINEAR


def test_book_trades_and_funding(market: Any) -> None:
    book = market.get_orderbook(symbol=LINEAR)["orderBook"]
    assert book["bids"][0][0] < book["asks"][0][0]
    trades = market.get_trade_history(symbol=LINEAR)["history"]
    assert len(trades) > 20
    assert sorted(trade["trade_id"] for trade in trades) == list(range(1, len(trades) + 1))
    rates = market.get_historical_funding_rates(LINEAR)["rates"]
    assert [row["timestamp"] for row in rates] == sorted(row["timestamp"] for row in rates)


@pytest.mark.filterwarnings("ignore:.*get_fee_schedules.*:DeprecationWarning")
def test_fees_are_percent_by_volume(market: Any) -> None:
    schedules = market.get_fee_schedules()["feeSchedules"]
    assert schedules[0]["tiers"][0] == {"makerFee": 0.02, "takerFee": 0.05, "usdVolume": 0}
    volumes = market.get_fee_schedules_vol()["volumesByFeeSchedule"]
    assert volumes == {schedule["uid"]: 0 for schedule in schedules}


def test_preferences_are_kept(market: Any) -> None:
    market.set_leverage_preference(LINEAR, maxLeverage=5)
    assert market.get_leverage_preference()["leveragePreferences"] == [{"symbol": LINEAR, "maxLeverage": 5}]
    market.set_leverage_preference(LINEAR)
    assert market.get_leverage_preference()["leveragePreferences"] == []
    market.set_pnl_preference(LINEAR, "BTC")
    assert market.get_pnl_preference()["preferences"] == [{"symbol": LINEAR, "pnlCurrency": "BTC"}]


def test_the_public_past(market: Any) -> None:
    trades = {row["uid"] for row in market.get_trade_history(symbol=LINEAR)["history"]}
    executions = market.get_public_execution_events(tradeable=LINEAR)["elements"]
    assert trades <= {element["uid"] for element in executions}
    marks = market.get_public_mark_price_events(tradeable=LINEAR)["elements"]
    times = [element["timestamp"] for element in marks]
    assert times == sorted(times, reverse=True)
    newest = float(marks[0]["event"]["MarkPriceChanged"]["price"])
    ticker = next(row for row in market.get_tickers()["tickers"] if row["symbol"] == LINEAR)
    assert newest == pytest.approx(ticker["markPrice"], rel=0.01)
    assert market.get_public_order_events(tradeable=LINEAR)["elements"] == []


def test_an_account_without_subaccounts(user: Any) -> None:
    accounts = user.get_subaccounts()
    assert accounts["subaccounts"] == []
    exceptions = library("kraken.exceptions")
    with pytest.raises(exceptions.KrakenAuthenticationError):
        user.check_trading_enabled_on_subaccount(accounts["masterAccountUid"])
    with pytest.raises(exceptions.KrakenAuthenticationError):
        user.set_trading_on_subaccount(accounts["masterAccountUid"], trading_enabled=True)
    assert user.get_notifications()["notifications"] == []
    assert user.get_unwind_queue()["queue"] == []


def test_wallets_are_the_default_account(user: Any) -> None:
    accounts = user.get_wallets()["accounts"]
    assert accounts["flex"]["currencies"]["USD"]["quantity"] == 50_000
    assert accounts["fi_xbtusd"]["balances"] == {"xbt": 0.5}
    assert list(csv.reader(io.StringIO(user.get_account_log_csv().text)))[1:] == []


def test_a_wrong_secret_is_told_as_such(lively: Place) -> None:
    exceptions = library("kraken.exceptions")
    with futures.User(key=lively.api_key, secret="AAAA", url=lively.url) as stranger:
        with pytest.raises(exceptions.KrakenAuthenticationError):
            stranger.get_wallets()
        with pytest.raises(Exception, match="401"):
            stranger.get_account_log()
