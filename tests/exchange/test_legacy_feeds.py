"""Feeds that are no longer documented: margins and candles."""

from decimal import Decimal

from tests.exchange.test_session import Client
from tui.exchange.commands import SendOrder


def trade(client: Client, size: str) -> None:
    client.venue.apply(SendOrder("PF_XBTUSD", "buy", "mkt", Decimal(size)))


def test_margins_are_sent_at_once_and_when_they_change() -> None:
    client = Client()
    ack, first = client.say(event="subscribe", feed="account_balances_and_margins", **client.credentials())
    assert ack == {"event": "subscribed", "feed": "account_balances_and_margins"}
    wallet = first["margin_accounts"][0]
    assert (wallet["name"], wallet["balance"], wallet["am"], first["seq"]) == ("f-xbt:usd", 0.5, 0.5, 0)
    trade(client, "0.1")
    (after,) = client.taken()
    flex = after["margin_accounts"][-1]
    assert (flex["name"], after["seq"]) == ("flex", 1)
    assert flex["im"] == float(client.venue.engine.account().flex_account().totals.initial_margin_with_orders)
    client.venue.hub.tick(client.hands.now_ms)
    assert client.taken() == []


def test_candles_follow_trades_once_a_second() -> None:
    client = Client()
    ack, first = client.say(event="subscribe", feed="candles_trade_1m", product_ids=["PF_XBTUSD"])
    assert ack["product_ids"] == ["PF_XBTUSD"]
    assert (first["feed"], first["product_id"]) == ("candles_trade_1m_snapshot", "PF_XBTUSD")
    client.venue.hub.tick(client.hands.now_ms)
    trade(client, "0.1")
    trade(client, "0.2")
    client.hands.turn(0.5)
    client.venue.tick()
    assert client.taken() == []
    client.hands.turn(0.5)
    client.venue.tick()
    (frame,) = client.taken()
    candle = frame["candle"]
    newest = client.venue.engine.candles("trade", "PF_XBTUSD", 1)[-1]
    assert frame["feed"] == "candles_trade_1m"
    assert (candle["volume"], Decimal(candle["close"])) == (f"{newest.volume:f}", newest.close)
    client.hands.turn(1)
    client.venue.tick()
    assert client.taken() == []


def test_a_width_that_no_chart_has_is_no_feed() -> None:
    answer = Client().say(event="subscribe", feed="candles_trade_7m", product_ids=["PF_XBTUSD"])
    assert answer == [{"event": "alert", "message": "Couldn't subscribe to invalid feed"}]
