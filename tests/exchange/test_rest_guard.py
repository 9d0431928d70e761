"""Who gets in and in which shape the others are told no."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.exchange.doors import API_KEY, KEY_CHECK, SECRET, D, Door, H, with_options
from tui.exchange.app import build
from tui.exchange.statement import Statement
from tui.wire.derivatives.signing import ApiSecret, authent

WRONG = ApiSecret("d3Jvbmc=")
ORDER = {"orderType": "lmt", "symbol": "PF_XBTUSD", "side": "buy", "size": "1", "limitPrice": "60000"}


async def test_a_signed_call_passes_and_says_when() -> None:
    answer = await Door().get(f"{D}/openorders")
    assert answer.status == 200
    assert answer.body == {"result": "success", "openOrders": [], "serverTime": "2026-09-21T14:13:20.000Z"}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("key", "secret"), [(API_KEY, WRONG), ("spot-key", SECRET), ("", SECRET)], ids=["secret", "key", "none"]
)
async def test_failed_authentication_is_http_200_there_and_401_elsewhere(key: str, secret: ApiSecret) -> None:
    door = Door(key=key, secret=secret)
    answer = await door.get(f"{D}/openorders")
    assert (answer.status, answer.body["result"], answer.body["error"]) == (200, "error", "authenticationError")
    history = await door.get(f"{H}/executions")
    assert (history.status, history.body["status"]) == (401, "unauthorized")
    check = await door.get(KEY_CHECK)
    assert (check.status, check.body["error"]) == (401, "api_key_not_found")


async def test_arguments_are_read_before_the_key_is_looked_at() -> None:
    door = Door(secret=WRONG)
    missing = await door.post(f"{D}/sendorder")
    assert missing.body["error"] == "requiredArgumentMissing"
    invalid = await door.post(f"{D}/editorder", orderId="abc", size=1)
    assert (invalid.status, invalid.body["errors"][0]["code"]) == (400, 11)
    assert "error" not in invalid.body
    assert invalid.body["status"] == "BAD_REQUEST"
    assert (await door.post(f"{D}/sendorder", **ORDER)).body["error"] == "authenticationError"
    assert door.venue.engine.account().open_orders() == ()


async def test_unknown_paths_and_methods_come_before_everything() -> None:
    door = Door()
    assert (await door.public(f"{D}/nope")).body["errors"] == [{"code": 0, "message": "404 NOT_FOUND"}]
    wrong = await door.public(f"{D}/sendorder")
    assert (wrong.status, wrong.body["status"]) == (405, "METHOD_NOT_ALLOWED")
    assert (await door.public(f"{D}/tickers", method="HEAD")).status == 200


async def test_a_read_only_key_may_look_but_not_trade() -> None:
    door = Door(with_options(read_only=True))
    assert (await door.get(f"{D}/accounts")).body["result"] == "success"
    assert (await door.post(f"{D}/sendorder", **ORDER)).body["error"] == "authenticationError"
    assert (await door.get(KEY_CHECK)).body["permissions"]["general"] == "READ_ONLY"


async def test_parameters_may_come_by_query_or_body_signed_as_sent() -> None:
    door = Door()
    query = "symbol=PF_XBTUSD&side=buy&size=0.5&cliOrdId=my%20id%2F1&orderType=lmt&limitPrice=60000"
    by_query = await door.signed("POST", f"{D}/sendorder", query=query)
    assert by_query.body["sendStatus"]["cliOrdId"] == "my id/1"
    by_body = await door.signed("POST", f"{D}/sendorder", body=query.replace("%20", "+").encode())
    assert by_body.body["sendStatus"]["status"] == "clientOrderIdAlreadyExist"


async def test_a_signature_over_the_body_alone_or_the_query_alone_passes() -> None:
    door = Door()
    query, body = "symbol=PF_XBTUSD", b"side=buy&size=0.5&orderType=lmt&limitPrice=60000"
    for nonce, signed in (("1", query.encode()), ("2", body), ("3", query.encode() + body)):
        headers = {"APIKey": API_KEY, "Authent": authent(signed, nonce, f"{D}/sendorder", SECRET), "Nonce": nonce}
        answer = await door._send("POST", f"{D}/sendorder", query, body, headers)
        assert answer.body["sendStatus"]["status"] == "placed"


async def test_a_signature_over_nothing_does_not_cover_an_order() -> None:
    door = Door()
    headers = {"APIKey": API_KEY, "Authent": authent("", "", f"{D}/sendorder", SECRET)}
    body = b"symbol=PF_XBTUSD&side=buy&size=0.5&orderType=lmt&limitPrice=60000"
    answer = await door._send("POST", f"{D}/sendorder", "", body, headers)
    assert answer.body["error"] == "authenticationError"


async def test_nonces() -> None:
    door = Door()

    async def words(*nonces: str) -> list[str]:
        answers = [await door.signed("GET", f"{D}/openorders", nonce=nonce) for nonce in nonces]
        return [answer.body.get("error", "ok") for answer in answers]

    assert await words("", "1760000000000", "1760000000000", "1759999980000", "") == [
        "ok",
        "ok",
        "nonceDuplicate",
        "nonceBelowThreshold",
        "ok",
    ]


async def test_a_refused_signature_uses_no_nonce() -> None:
    door = Door(secret=WRONG)
    await door.signed("GET", f"{D}/openorders", nonce="1760000000000")
    door.secret = SECRET
    answer = await door.signed("GET", f"{D}/openorders", nonce="1760000000000")
    assert answer.body["result"] == "success"


async def spend(door: Door, path: str, calls: int) -> list[Any]:
    return [(await door.get(path)).body.get("error") for _ in range(calls)]


async def test_the_budget_is_spent_by_cost_and_flows_back() -> None:
    door = Door()
    assert await spend(door, f"{D}/unwindqueue", 3) == [None, None, "apiLimitExceeded"]
    assert await spend(door, f"{D}/openorders", 51) == [None] * 50 + ["apiLimitExceeded"]
    door.hands.turn(0.1)
    assert await spend(door, f"{D}/openorders", 3) == [None, None, "apiLimitExceeded"]
    assert (await door.public(f"{D}/tickers")).body["result"] == "success"


async def test_paged_fills_and_batches_cost_what_the_docs_say() -> None:
    door = Door()
    await spend(door, f"{D}/unwindqueue", 2)
    for _ in range(4):
        assert (await door.get(f"{D}/fills", "lastFillTime=2026-01-02T03%3A04%3A05Z")).body["result"] == "success"
    assert (await door.get(f"{D}/openorders")).body["error"] == "apiLimitExceeded"
    door.hands.turn(10)
    items = '{"order":"cancel","cliOrdId":"x"},' * 490
    batch = f'json={{"batchOrder":[{items[:-1]}]}}'.encode()
    assert len((await door.signed("POST", f"{D}/batchorder", body=batch)).body["batchStatus"]) == 490
    assert (await door.get(f"{D}/openorders")).body["error"] == "apiLimitExceeded"


async def test_a_spent_budget_can_be_http_429_and_always_is_on_history() -> None:
    door = Door(with_options(rate_limit="http"))
    await spend(door, f"{D}/unwindqueue", 2)
    answer = await door.get(f"{D}/unwindqueue")
    assert (answer.status, answer.body["error"], answer.headers["retry-after"]) == (429, "apiLimitExceeded", "3")
    for _ in range(10):
        assert (await door.get(f"{H}/account-log", "count=6000")).status == 200
    history = await door.get(f"{H}/executions")
    assert (history.status, history.headers["rate-limit-reset"]) == (429, "7")


async def test_limits_can_be_off() -> None:
    door = Door(with_options(rate_limit="off"))
    assert await spend(door, f"{D}/unwindqueue", 9) == [None] * 9


async def test_a_body_without_end_is_cut() -> None:
    answer = await Door().signed("POST", f"{D}/sendorder", body=b"a" * 1_000_001)
    assert answer.status == 413


async def test_a_fault_of_the_program_is_a_server_error(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door()

    def broken(_self: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Statement, "open_orders", broken)
    door.client = httpx.AsyncClient(
        transport=httpx.ASGITransport(build(door.venue), raise_app_exceptions=False), base_url="http://127.0.0.1:1"
    )
    answer = await door.get(f"{D}/openorders")
    assert (answer.status, answer.body["error"]) == (500, "Server Error")
    assert "a bug" not in str(answer.body)


async def test_calls_at_once_are_served_one_after_another() -> None:
    door = Door()
    answers = await asyncio.gather(*(door.rest_limit(cliOrdId=f"c{place}") for place in range(20)))
    assert {answer["status"] for answer in answers} == {"placed"}
    assert len({answer["order_id"] for answer in answers}) == 20
