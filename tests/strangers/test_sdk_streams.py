"""python-kraken-sdk's socket, which insists on wss: over TLS, trusting the exchange's own certificate."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.strangers.place import Place, library
from tests.strangers.sdk_client import configured

futures = library("kraken.futures")
library("trustme")

LINEAR = "PF_XBTUSD"
PATIENCE_S = 20.0
PRIVATE = (
    "fills",
    "open_positions",
    "open_orders",
    "open_orders_verbose",
    "balances",
    "deposits_withdrawals",
    "account_balances_and_margins",
    "account_log",
    "notifications_auth",
)

Frame = dict[str, Any]


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Both doors of the exchange over TLS; this process trusts it for the length of a test."""
    with Place(("--tls", "--activity", "3", "--rate-limit", "off"), home=tmp_path) as place:
        monkeypatch.setenv("SSL_CERT_FILE", place.ready["certificate"])
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", place.ready["certificate"])
        yield place


class Listener:
    """A socket client that keeps what it is told."""

    def __init__(self, place: Place, **keys: str) -> None:
        self.frames: list[Frame] = []
        self._more = asyncio.Event()
        self.client = futures.FuturesWSClient(url=place.ws.removeprefix("wss://"), callback=self._take, **keys)

    async def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        self._more.set()

    async def until(self, wanted: Callable[[Frame], bool]) -> Frame:
        """The first frame that is what was waited for, told before or after."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for frame in self.frames:
                    if wanted(frame):
                        return frame
                self._more.clear()
                await self._more.wait()

    async def feed(self, name: str, **fields: object) -> Frame:
        """The first data frame of a feed that has these fields; ``...`` stands for anything but nothing."""
        return await self.until(
            lambda frame: frame.get("feed") == name and "event" not in frame and _has(frame, fields)
        )

    async def start(self) -> None:
        """With a heartbeat, without which the library is slow to notice that it was closed."""
        await self.client.start()
        await self.client.subscribe(feed="heartbeat")


def _has(frame: Frame, fields: dict[str, object]) -> bool:
    return all(frame.get(name) if value is ... else frame.get(name) == value for name, value in fields.items())


@pytest.fixture
async def public(secure: Place) -> AsyncIterator[Listener]:
    listener = Listener(secure)
    await listener.start()
    yield listener
    await listener.client.close()


@pytest.fixture
async def private(secure: Place) -> AsyncIterator[Listener]:
    listener = Listener(secure, key=secure.api_key, secret=secure.private_key)
    await listener.start()
    yield listener
    await listener.client.close()


async def test_public_feeds_are_acknowledged_and_flow(public: Listener) -> None:
    assert await public.until(lambda frame: frame.get("event") == "info") == {"event": "info", "version": 1}
    for feed in ("ticker", "ticker_lite", "trade", "book"):
        await public.client.subscribe(feed=feed, products=[LINEAR, "PI_XBTUSD"])
        for product in (LINEAR, "PI_XBTUSD"):
            ack = {"event": "subscribed", "feed": feed, "product_ids": [product]}
            await public.until(lambda frame, ack=ack: frame == ack)  # type: ignore[misc] # bound for this round
    assert (await public.feed("heartbeat"))["time"] > 0
    lite = await public.feed("ticker_lite")
    assert lite["bid"] < lite["ask"]
    snapshot = await public.feed("book_snapshot")
    changes = await public.feed("book", product_id=LINEAR)
    assert changes["seq"] == snapshot["seq"] + 1
    newest = (await public.feed("trade_snapshot"))["trades"][0]
    trade = await public.feed("trade", product_id=LINEAR)
    assert trade["seq"] == newest["seq"] + 1
    await public.client.unsubscribe(feed="book", products=[LINEAR])
    await public.until(lambda frame: frame.get("event") == "unsubscribed")
    assert {
        "event": "subscribed",
        "feed": "book",
        "product_ids": [LINEAR],
    } not in public.client.get_active_subscriptions()


async def test_unknown_products_are_told_by_an_alert(public: Listener) -> None:
    await public.client.subscribe(feed="ticker", products=["PF_NOTAREALTHING"])
    alert = await public.until(lambda frame: frame.get("event") == "alert")
    assert alert["message"] == "Couldn't subscribe to invalid product `PF_NOTAREALTHING`"


async def test_private_feeds_tell_of_a_trade_the_same_as_rest(private: Listener, secure: Place) -> None:
    for feed in PRIVATE:
        await private.client.subscribe(feed=feed)
    for feed in PRIVATE:
        await private.until(lambda frame, feed=feed: frame == {"event": "subscribed", "feed": feed})  # type: ignore[misc] # as above
    assert (await private.feed("open_orders_snapshot"))["orders"] == []
    before = await private.feed("balances_snapshot")
    sent = await asyncio.to_thread(_buy, secure)
    (fill,) = (await private.feed("fills"))["fills"]
    assert (fill["order_id"], fill["qty"], fill["remaining_order_qty"]) == (sent["order_id"], 0.001, 0)
    assert fill["price"] == sent["orderEvents"][0]["price"]
    assert fill["fee_paid"] == pytest.approx(fill["price"] * 0.001 * 0.0005)
    position = await private.feed("open_positions", positions=...)
    assert position["positions"][0]["balance"] == 0.001
    balances = await private.feed("balances", flex_futures=...)
    start = before["flex_futures"]["currencies"]["USD"]["quantity"]
    assert balances["flex_futures"]["currencies"]["USD"]["quantity"] == pytest.approx(start - fill["fee_paid"])
    entry = (await private.feed("account_log"))["new_entry"]
    assert entry["execution"] == fill["fill_id"]
    margins = await private.feed("account_balances_and_margins")
    assert [row["name"] for row in margins["margin_accounts"]] == ["f-xbt:usd", "f-eth:usd", "flex"]
    assert (await private.feed("notifications_auth"))["notifications"] == []


def _buy(place: Place) -> Frame:
    with configured(futures.Trade, place) as trade:
        sent: Frame = trade.create_order(orderType="mkt", symbol=LINEAR, side="buy", size=0.001)["sendStatus"]
        return sent


async def test_a_wrong_secret_gets_the_venues_alert(secure: Place) -> None:
    stranger = Listener(secure, key=secure.api_key, secret="AAAA")
    await stranger.start()
    await stranger.client.subscribe(feed="fills")
    alert = await stranger.until(lambda frame: frame.get("event") == "alert")
    assert alert["message"] == "Failed to subscribe to authenticated feed"
    await stranger.client.close()
