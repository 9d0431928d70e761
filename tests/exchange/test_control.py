"""The operator's hands, in-process."""

from typing import Any

import httpx
import pytest

from tests.exchange.doors import Answer, D, Door, with_options
from tui.exchange.app import build

PRICE, MARKET, FAULTS = "/paper/v1/price", "/paper/v1/market", "/paper/v1/faults"


def open_door() -> Door:
    return Door(with_options(control=True))


async def command(door: Door, path: str, method: str = "POST", **fields: Any) -> Answer:
    response = await door.client.request(method, path, json=fields)
    return Answer(response.status_code, response.json(), response.content, response.headers)


async def test_a_stranger_finds_the_page_and_nothing_more_unless_invited() -> None:
    door = Door()
    page = (await door.public("/paper/v1/")).body
    assert "--control" in page["control"]
    assert f"POST {PRICE}" in page["commands"]
    for path in (PRICE, MARKET, "/paper/v1/crash"):
        assert (await door.public(path, "underlying=XBT&price=70000", method="POST")).status == 404
    assert (await open_door().public("/paper/v1")).body["control"] == "open"


async def test_the_page_warns_where_others_can_come() -> None:
    assert "only this machine" in (await Door().public("/paper/v1/")).body["network"]
    assert "WARNING" in (await Door(with_options(public_network=True)).public("/paper/v1/")).body["network"]


async def test_a_price_that_is_moved_wakes_a_stop() -> None:
    door = open_door()
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
    door = open_door()
    for field, status in (("suspended", "marketSuspended"), ("postOnly", "marketIsPostOnly")):
        await command(door, MARKET, "POST", **{"symbol": "pf_xbtusd", field: True})
        assert (await door.rest_limit())["status"] == status
    await door.public(MARKET, "symbol=PF_XBTUSD&suspended=false", method="POST")
    assert (await door.rest_limit())["status"] == "placed"


async def test_time_passes_on_command() -> None:
    door = open_door()
    await door.post(f"{D}/cancelallordersafter", timeout=60)
    await door.rest_limit()
    assert (await command(door, "/paper/v1/clock/advance", seconds=61)).body == {"time": "2026-09-21T14:14:21.000Z"}
    answer = (await door.get(f"{D}/openorders")).body
    assert (answer["openOrders"], answer["serverTime"]) == ([], "2026-09-21T14:14:21.000Z")


async def test_a_notice_is_told_to_all() -> None:
    door = open_door()
    await command(door, "/paper/v1/notification", note="down soon", type="maintenance", priority="high", inSeconds=60)
    (notice,) = (await door.get(f"{D}/notifications")).body["notifications"]
    assert notice == {
        "type": "maintenance",
        "priority": "high",
        "note": "down soon",
        "effectiveTime": "2026-09-21T14:14:20.000Z",
    }


async def test_a_crash_is_a_crash() -> None:
    door = open_door()
    crashed: list[bool] = []
    door.venue.crash = lambda: crashed.append(True)
    await command(door, "/paper/v1/crash")
    assert crashed


async def test_the_dial_is_set_read_and_turned_off() -> None:
    door = open_door()
    told = await command(door, FAULTS, "PUT", faults=[{"kind": "maintenance", "on": "openorders", "times": 1}])
    assert told.status == 200
    assert (await door.get(f"{D}/openorders")).body["error"] == "Unavailable"
    read = (await door.public(FAULTS)).body
    assert (read["dial"]["faults"][0]["kind"], read["struck"]) == ("maintenance", [1])
    assert "lost_answer" in read["kinds"]
    assert (await command(door, FAULTS, "PUT")).body["dial"]["faults"] == []
    assert door.venue.mishaps is None


@pytest.mark.parametrize(
    ("method", "path", "fields", "words"),
    [
        ("POST", PRICE, {"underlying": "SEASHELLS", "price": 1}, "there is no 'SEASHELLS'"),
        ("POST", PRICE, {"underlying": "XBT", "price": 0}, "price"),
        ("POST", PRICE, {"underlying": "XBT"}, "price"),
        ("POST", MARKET, {"symbol": "PF_NOPE"}, "there is no 'PF_NOPE'"),
        ("POST", MARKET, {"symbol": "PF_XBTUSD", "closed": True}, "closed"),
        ("POST", "/paper/v1/clock/advance", {"seconds": -1}, "seconds"),
        ("POST", "/paper/v1/disconnect", {"which": "some"}, "some"),
        ("PUT", FAULTS, {"faults": [{"kind": "nope"}]}, "known are"),
    ],
)
async def test_what_cannot_be_done_is_refused(method: str, path: str, fields: dict[str, Any], words: str) -> None:
    answer = await command(open_door(), path, method, **fields)
    assert answer.status == 400
    assert words in answer.body["error"]


async def test_bodies_that_are_no_command_are_refused() -> None:
    door = open_door()
    for body in (b"{oops", b"[1]", b"[" * 90_000, b"x" * 100_001):
        response = await door.client.post(PRICE, content=body)
        assert (response.status_code, "error" in response.json()) == (400, True)


async def test_only_programs_on_this_machine_may_steer() -> None:
    door = open_door()
    page = await door.client.post(PRICE, params={"underlying": "XBT", "price": 1}, headers={"Origin": "http://evil"})
    assert page.status_code == 403
    for host, status in (("192.168.1.7", 403), ("::ffff:127.0.0.1", 200), ("::1", 200), ("not an address", 403)):
        transport = httpx.ASGITransport(build(door.venue), client=(host, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
            assert (await client.get("/paper/v1/faults")).status_code == status
