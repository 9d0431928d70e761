"""What a client sees of a call that a fault befell: over doors without a socket, and over loopback where one breaks."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.exchange.doors import API_KEY, SECRET, D, Door, H, with_options
from tests.exchange.test_faults import dial
from tests.exchange.test_stream import serving
from tui.exchange.app import ENDPOINTS
from tui.exchange.faults import CALLS, call_name
from tui.exchange.options import Options
from tui.wire.derivatives.signing import authent


def failing(**fault: object) -> Options:
    return with_options(faults=dial(dict(fault)))


ORDER = "orderType=lmt&symbol=PF_XBTUSD&side=buy&size=0.1&limitPrice=60000"


async def sent(place: str, path: str = "/sendorder", form: str = ORDER) -> httpx.Response:
    """One signed call over a connection of its own."""
    headers = {
        "APIKey": API_KEY,
        "Authent": authent(form.encode(), "", D + path, SECRET),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with httpx.AsyncClient(timeout=5) as client:
        return await client.post(f"http://{place}{D}{path}", content=form, headers=headers)


@pytest.mark.parametrize(("kind", "orders"), [("lost_answer", 1), ("lost_request", 0)])
async def test_a_connection_ends_without_an_answer_after_or_before_the_engine_acted(kind: str, orders: int) -> None:
    async with serving(failing(kind=kind, on="sendorder", times=1)) as (venue, place):
        with pytest.raises(httpx.RemoteProtocolError):
            await sent(place)
        assert len(venue.engine.account().open_orders()) == orders
        assert (await sent(place)).json()["result"] == "success"


async def test_an_answer_is_late_and_the_engine_was_not() -> None:
    async with serving(failing(kind="late_answer", on="sendorder", ms=30_000)) as (venue, place):
        late = asyncio.create_task(sent(place))
        while not venue.engine.account().open_orders():  # noqa: ASYNC110 - the engine announces its orders to streams only
            await asyncio.sleep(0)
        assert not late.done()
        late.cancel()


async def test_a_late_request_reaches_the_engine_late() -> None:
    door = Door(failing(kind="late_request", on="acts", ms=1, times=1))
    await door.rest_limit()
    assert len(door.venue.engine.account().open_orders()) == 1


@pytest.mark.parametrize(
    ("fault", "status", "word", "header"),
    [
        ({"kind": "rate_limit"}, 429, "apiLimitExceeded", None),
        ({"kind": "rate_limit", "retry_after_s": 3}, 429, "apiLimitExceeded", "3"),
        ({"kind": "rate_limit", "http": 200}, 200, "apiLimitExceeded", None),
        ({"kind": "maintenance"}, 200, "Unavailable", None),
        ({"kind": "maintenance", "http": 503}, 503, "Unavailable", None),
        ({"kind": "nonce", "word": "nonceDuplicate"}, 200, "nonceDuplicate", None),
    ],
)
async def test_calls_are_refused(fault: dict[str, Any], status: int, word: str, header: str | None) -> None:
    door = Door(failing(**fault))
    answer = await door.get(f"{D}/openorders")
    assert (answer.status, answer.body["error"], answer.headers.get("retry-after")) == (status, word, header)


@pytest.mark.parametrize(("acted", "orders"), [(False, 0), (True, 1)])
async def test_a_gateway_answers_in_html(acted: bool, orders: int) -> None:
    door = Door(failing(kind="gateway_error", on="sendorder", http=502, acted=acted))
    answer = await door.post(
        f"{D}/sendorder", orderType="lmt", symbol="PF_XBTUSD", side="buy", size="0.1", limitPrice=60000
    )
    assert answer.status == 502
    assert "<h1>502 Bad Gateway</h1>" in answer.body
    assert len(door.venue.engine.account().open_orders()) == orders


async def test_public_calls_have_no_nonce_to_trouble() -> None:
    door = Door(failing(kind="nonce"))
    assert (await door.public(f"{D}/tickers")).body["result"] == "success"


async def test_a_crash_comes_after_or_before_the_act() -> None:
    for acted, seen in ((True, [1]), (False, [0])):
        door = Door(failing(kind="crash", on="sendorder", acted=acted))
        orders: list[int] = []
        door.venue.crash = lambda door=door, orders=orders: orders.append(  # type: ignore[misc] # bound per turn
            len(door.venue.engine.account().open_orders())
        )
        await door.rest_limit()
        assert orders == seen


@pytest.mark.parametrize("dated", ["now", "then"])
async def test_lists_are_as_old_as_asked(dated: str) -> None:
    door = Door(failing(kind="stale_answer", on="reads", age_s=5, dated=dated))

    async def listed() -> tuple[int, str]:
        answer = (await door.get(f"{D}/openorders")).body
        return len(answer["openOrders"]), answer["serverTime"][17:19]

    door.venue.tick()
    await door.rest_limit()
    for _ in range(4):
        door.hands.turn(1)
        door.venue.tick()
    assert await listed() == (0, "24" if dated == "now" else "20")
    door.hands.turn(2)
    door.venue.tick()
    assert await listed() == (1, "26" if dated == "now" else "21")
    assert (await door.get(f"{D}/openpositions")).body["openPositions"] == []
    assert (await door.get(f"{H}/executions")).body["elements"] == []


async def test_a_stale_list_still_asks_who_is_asking() -> None:
    door = Door(failing(kind="stale_answer"))
    door.venue.tick()
    door.key = "somebody else"
    assert (await door.get(f"{D}/openorders")).body["error"] == "authenticationError"


async def test_markets_are_post_only_after_a_maintenance() -> None:
    door = Door(failing(kind="maintenance", for_s=10, post_only_s=5))
    assert (await door.get(f"{D}/openorders")).body["error"] == "Unavailable"
    door.hands.turn(11)
    door.venue.tick()
    assert (await door.rest_limit())["status"] == "marketIsPostOnly"
    door.hands.turn(5)
    door.venue.tick()
    assert (await door.rest_limit())["status"] == "placed"


async def test_the_clock_is_wrong_in_answers_or_altogether() -> None:
    for told_only, status in ((False, "wouldProcessAfterSpecifiedTime"), (True, "placed")):
        door = Door(failing(kind="clock_skew", ms=3_600_000, told_only=told_only))
        assert (await door.get(f"{D}/openorders")).body["serverTime"] == "2026-09-21T15:13:20.000Z"
        assert (await door.rest_limit(processBefore="2026-09-21T14:13:30.000Z"))["status"] == status


async def test_a_clock_that_is_set_back_stands_still() -> None:
    door = Door(with_options(control=True))
    before = door.venue.now_ms()
    door.venue.set_dial(dial({"kind": "clock_skew", "ms": -2_000}))
    door.hands.turn(1)
    assert door.venue.now_ms() == before
    door.hands.turn(2)
    assert door.venue.now_ms() == before + 1_000


async def test_fractions_come_with_exponents() -> None:
    door = Door(failing(kind="exponents", on="private"))
    await door.rest_limit(size="0.0015", limitPrice=60000)
    answer = await door.get(f"{D}/openorders")
    assert b":1.5E-3" in answer.raw
    assert answer.body["openOrders"][0]["unfilledSize"] == 0.0015
    assert b"E-" not in (await door.public(f"{D}/tickers")).raw


async def test_faults_spare_the_operator() -> None:
    door = Door(with_options(control=True, faults=dial({"kind": "maintenance"})))
    assert (await door.public("/paper/v1/faults")).status == 200


async def test_other_calls_pass_unharmed() -> None:
    door = Door(failing(kind="gateway_error", on="sendorder"))
    assert json.loads((await door.get(f"{D}/openorders")).raw)["result"] == "success"


def test_every_call_has_a_name_on_the_dial() -> None:
    assert {call_name(endpoint.route.path) for endpoint in ENDPOINTS} <= CALLS
