from __future__ import annotations

import random

import httpx
import pytest

from tests.client.derivatives.parts import KEYS, NOW_MS, FakeVenue, Time, said
from tui.client.derivatives.rest import Call, Rest
from tui.client.derivatives.transport import Lane
from tui.model.errors import (
    AuthenticationRefused,
    CredentialsError,
    OutcomeUnknown,
    RateLimited,
    Sent,
    UnknownAnswer,
    Unreachable,
    VenueUnavailable,
)
from tui.wire.derivatives import routes
from tui.wire.derivatives.base import Answer
from tui.wire.derivatives.signing import authent
from tui.wire.derivatives.trading import OpenOrders, SendOrder

EMPTY = '{"result":"success","openOrders":[],"serverTime":"2026-01-02T03:04:06.000Z"}'
PLACED = '{"result":"success","sendStatus":{"status":"placed","order_id":"o-1"}}'
READ = Call(routes.OPEN_ORDERS)
SEND = Call(routes.SEND_ORDER, [("symbol", "PF_XBTUSD"), ("cliOrdId", "my order/1&+")])
CANCEL = Call(routes.CANCEL_ORDER, [("order_id", "o-1")], urgent=True)


async def test_what_is_signed_are_the_bytes_that_leave() -> None:
    venue = FakeVenue(said(PLACED))
    await venue.rest().act(SEND, SendOrder)
    request = venue.asked[0]
    assert request.content == b"symbol=PF_XBTUSD&cliOrdId=my%20order%2F1%26%2B"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    nonce = request.headers["Nonce"]
    assert request.headers["Authent"] == authent(request.content, nonce, "/api/v3/sendorder", KEYS.secret)
    assert request.headers["APIKey"] == KEYS.api_key


async def test_a_query_is_signed_as_it_stands_in_the_url() -> None:
    venue = FakeVenue(said('{"result":"success","fills":[]}'))
    await venue.rest().read(Call(routes.FILLS, [("lastFillTime", "2026-01-02T03:04:05.678Z")]), Answer)
    request = venue.asked[0]
    assert request.url.query == b"lastFillTime=2026-01-02T03%3A04%3A05.678Z"
    expected = authent(request.url.query, request.headers["Nonce"], request.url.path, KEYS.secret)
    assert request.headers["Authent"] == expected


async def test_public_calls_carry_no_key() -> None:
    venue = FakeVenue(said('{"result":"success"}'))
    await venue.rest().read(Call(routes.TICKERS), Answer)
    assert "APIKey" not in venue.asked[0].headers


async def test_private_calls_without_a_key_send_nothing() -> None:
    venue = FakeVenue(said(EMPTY))
    rest = Rest(venue.transport, None, Time().clock, random.Random(1))
    with pytest.raises(CredentialsError):
        await rest.read(READ, OpenOrders)
    assert venue.asked == []


@pytest.mark.parametrize(
    "trouble", [httpx.ReadTimeout("slow"), httpx.ConnectError("no route"), httpx.RemoteProtocolError("cut")]
)
async def test_a_read_is_asked_again_after_trouble_on_the_road(trouble: Exception) -> None:
    time = Time()
    venue = FakeVenue(trouble, said("<html>", 503), said(EMPTY))
    answer = await venue.rest(time).read(READ, OpenOrders)
    assert answer.open_orders == []
    assert len(venue.asked) == 3
    assert len(time.slept) == 2
    nonces = [int(request.headers["Nonce"]) for request in venue.asked]
    assert nonces == sorted(set(nonces))


async def test_a_read_gives_up_after_three_attempts() -> None:
    venue = FakeVenue(said("<html>", 502))
    with pytest.raises(VenueUnavailable):
        await venue.rest().read(READ, OpenOrders)
    assert len(venue.asked) == 3


async def test_a_read_that_was_refused_is_not_asked_again() -> None:
    venue = FakeVenue(said('{"result":"error","error":"authenticationError"}'))
    with pytest.raises(AuthenticationRefused):
        await venue.rest().read(READ, OpenOrders)
    assert len(venue.asked) == 1


@pytest.mark.parametrize(
    ("trouble", "kind", "sent"),
    [
        (httpx.ConnectError("refused"), Unreachable, Sent.NO),
        (httpx.ConnectTimeout("slow"), Unreachable, Sent.NO),
        (httpx.PoolTimeout("busy"), Unreachable, Sent.NO),
        (httpx.WriteError("cut"), OutcomeUnknown, Sent.MAYBE),
        (httpx.ReadTimeout("slow"), OutcomeUnknown, Sent.MAYBE),
        (httpx.ReadError("cut"), OutcomeUnknown, Sent.MAYBE),
        (httpx.RemoteProtocolError("cut"), OutcomeUnknown, Sent.MAYBE),
    ],
)
async def test_an_act_goes_out_once_and_tells_whether_it_may_have_arrived(
    trouble: Exception, kind: type[Unreachable | OutcomeUnknown], sent: Sent
) -> None:
    venue = FakeVenue(trouble)
    with pytest.raises(kind) as caught:
        await venue.rest().act(SEND, SendOrder)
    assert caught.value.sent is sent
    assert len(venue.asked) == 1


@pytest.mark.parametrize("body", ["", "{", "[]", '{"result":"success"}', '{"result":"success","sendStatus":{}}', "<p>"])
async def test_an_act_whose_answer_cannot_be_read_is_unknown(body: str) -> None:
    with pytest.raises(OutcomeUnknown):
        await FakeVenue(said(body)).rest().act(SEND, SendOrder)


async def test_a_read_whose_answer_cannot_be_read_is_an_unknown_answer() -> None:
    with pytest.raises(UnknownAnswer):
        await FakeVenue(said('{"result":"success","openOrders":[{}]}')).rest().read(READ, OpenOrders)


async def test_cancels_have_their_own_lane() -> None:
    venue = FakeVenue(said('{"result":"success"}'))
    rest = venue.rest()
    await rest.act(CANCEL, Answer)
    await rest.act(SEND, Answer)
    assert venue.lanes == [Lane.CANCEL, Lane.COMMON]


async def test_429_stops_orders_shows_a_countdown_and_lets_cancels_through() -> None:
    time = Time()
    venue = FakeVenue(said("", 429, retry_after="5"), said('{"result":"success"}'))
    rest = venue.rest(time)
    with pytest.raises(RateLimited) as caught:
        await rest.act(SEND, SendOrder)
    assert caught.value.retry_after_s == 5.0
    assert rest.budget.wait_until_ms == NOW_MS + 5_000
    with pytest.raises(RateLimited) as held:
        await rest.act(SEND, SendOrder)
    assert held.value.sent is Sent.NO
    assert len(venue.asked) == 1
    await rest.act(CANCEL, Answer)
    assert len(venue.asked) == 2
    time.now_ms += 10_000
    assert rest.budget.wait_until_ms is None
    await rest.act(SEND, Answer)


async def test_a_limit_word_without_a_time_waits_a_second_and_reads_wait_for_it() -> None:
    time = Time()
    venue = FakeVenue(said('{"result":"error","error":"apiLimitExceeded"}'), said(EMPTY))
    rest = venue.rest(time)
    with pytest.raises(RateLimited):
        await rest.read(READ, OpenOrders)
    assert rest.budget.wait_until_ms == NOW_MS + 1_000
    await rest.read(READ, OpenOrders)
    assert sum(time.slept) >= 1.0


async def test_a_spent_budget_refuses_orders_with_nothing_sent() -> None:
    venue = FakeVenue(said('{"result":"success"}'))
    rest = venue.rest()
    for _ in range(42):  # (500 - 75) / 10
        await rest.act(SEND, Answer)
    with pytest.raises(RateLimited) as caught:
        await rest.act(SEND, Answer)
    assert caught.value.sent is Sent.NO
    assert len(venue.asked) == 42
    await rest.act(CANCEL, Answer)


async def test_each_endpoint_keeps_its_own_record() -> None:
    venue = FakeVenue(said(EMPTY), said('{"result":"error","error":"notFound"}'), said(EMPTY))
    rest = venue.rest()
    await rest.read(READ, OpenOrders)
    with pytest.raises(Exception, match="nothing of the kind"):
        await rest.read(Call(routes.ORDERS_STATUS), Answer)
    records = {record.name: record for record in rest.endpoints}
    assert records["openorders"].calls == 1
    assert records["openorders"].last_ok_ms == NOW_MS
    assert records["orders/status"].errors == 1
    assert records["orders/status"].error


async def test_no_error_shows_a_secret() -> None:
    for answer in (httpx.ReadTimeout("slow"), said("{", 200), said('{"result":"error","error":"authenticationError"}')):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is, its text is what is looked at
            await FakeVenue(answer).rest().act(SEND, SendOrder)
        assert "AAECAwQF" not in repr(caught.value)
        assert "canary-key" not in str(caught.value)
