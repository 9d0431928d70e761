import pytest

from tests.exchange.doors import D, Door, with_options

PRICE, MARKET = "/rehearsal/v1/price", "/rehearsal/v1/market"


async def test_nobody_moves_prices_unless_it_is_a_rehearsal() -> None:
    door = Door()
    assert (await door.public(PRICE, "underlying=XBT&price=70000", method="POST")).status == 404
    assert (await door.public(MARKET, "symbol=PF_XBTUSD&suspended=true", method="POST")).status == 404


async def test_a_price_that_is_moved_wakes_a_stop() -> None:
    door = Door(with_options(rehearsal=True))
    await door.order(orderType="mkt", symbol="PF_XBTUSD", side="buy", size="0.01")
    await door.order(
        orderType="stp",
        symbol="PF_XBTUSD",
        side="sell",
        size="0.01",
        stopPrice=80000,
        triggerSignal="mark",
        reduceOnly=True,
    )
    moved = await door.public(PRICE, "underlying=xbt&price=79000", method="POST")
    assert moved.body == {"underlying": "XBT", "price": 79000}
    assert (await door.get(f"{D}/openorders")).body["openOrders"] == []
    assert (await door.get(f"{D}/openpositions")).body["openPositions"] == []


async def test_a_market_is_suspended_and_resumed() -> None:
    door = Door(with_options(rehearsal=True))
    for query, status in (("suspended=true", "marketSuspended"), ("postOnly=true", "marketIsPostOnly"), ("", "placed")):
        await door.public(MARKET, f"symbol=PF_XBTUSD&{query}", method="POST")
        assert (await door.rest_limit())["status"] == status


@pytest.mark.parametrize(
    ("path", "query"),
    [(PRICE, "underlying=SEASHELLS&price=1"), (PRICE, "underlying=XBT&price=0"), (MARKET, "symbol=PF_NOPE")],
)
async def test_what_cannot_be_done_is_refused(path: str, query: str) -> None:
    answer = await Door(with_options(rehearsal=True)).public(path, query, method="POST")
    assert (answer.status, answer.body["errors"][0]["code"]) == (400, 11)
