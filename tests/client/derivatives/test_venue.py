from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

from tests.client.derivatives.parts import BASE, KEYS, FakeVenue, Time, ok, said
from tui.client.derivatives.urls import venue_url
from tui.client.derivatives.venue import DerivativesVenue
from tui.client.venue import Venue
from tui.model.enums import Environment, OrderType, Side
from tui.model.order import Accepted, CancelAllResult, CancelRequest, EditRequest, OrderRequest, Refused, Unknown

REQUEST = OrderRequest("c-1", "PF_XBTUSD", Side.BUY, OrderType.MARKET, Decimal(1))
EDIT = EditRequest("PF_XBTUSD", "o-1", "c-1", size=Decimal(2))
CANCEL = CancelRequest("PF_XBTUSD", "o-1", "c-1")


def venue(*answers: httpx.Response | Exception) -> Venue:
    """Typed as the seam: the checker holds the dialect against it."""
    return DerivativesVenue(venue_url(BASE), KEYS, clock=Time().clock, transport=FakeVenue(*answers).transport)


async def test_accepted_with_what_it_filled_and_whether_it_rests() -> None:
    answer = ok('"sendStatus":{"order_id":"o-1","status":"placed","orderEvents":[]}')
    outcome = await venue(answer).submit(REQUEST)
    assert isinstance(outcome, Accepted)
    assert (outcome.order_id, outcome.client_order_id, outcome.resting) == ("o-1", "c-1", False)
    assert outcome.server_ms is not None


async def test_refused_in_the_venues_word_and_plain_ones() -> None:
    outcome = await venue(ok('"sendStatus":{"status":"invalidSize"}')).submit(REQUEST)
    assert isinstance(outcome, Refused)
    assert (outcome.status, outcome.client_order_id, outcome.by_desk) == ("invalidSize", "c-1", False)
    assert outcome.explanation
    assert outcome.advice


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
        said("<html>", 502),
        said("not json"),
        said('{"result":"error","error":"Server Error"}'),
        said('{"result":"error","error":"brandNew"}'),
        ok(
            '"sendStatus":{"status":"brandNew"},"editStatus":{"status":"brandNew"},"cancelStatus":{"status":"brandNew"}'
        ),
    ],
)
async def test_unknown_whenever_the_order_may_live(answer: httpx.Response | Exception) -> None:
    for outcome in (
        await venue(answer).submit(REQUEST),
        await venue(answer).edit(EDIT),
        await venue(answer).cancel(CANCEL),
        await venue(answer).cancel_all(),
    ):
        assert isinstance(outcome, Unknown)
        assert outcome.explanation


@pytest.mark.parametrize(
    ("answer", "by_desk", "status"),
    [
        (httpx.ConnectError("refused"), True, "Unreachable"),
        (said('{"result":"error","error":"authenticationError"}'), False, "authenticationError"),
        (said('{"result":"error","error":"apiLimitExceeded"}'), False, "apiLimitExceeded"),
        (said("", 429), False, "HTTP 429"),
    ],
)
async def test_refused_when_it_cannot_live(answer: httpx.Response | Exception, by_desk: bool, status: str) -> None:
    outcome = await venue(answer).submit(REQUEST)
    assert isinstance(outcome, Refused)
    assert (outcome.by_desk, outcome.status) == (by_desk, status)


async def test_without_keys_acts_are_refused_here() -> None:
    keyless = DerivativesVenue(venue_url(BASE), None, transport=FakeVenue(ok("{}")).transport)
    outcome = await keyless.submit(REQUEST)
    assert isinstance(outcome, Refused)
    assert outcome.by_desk


async def test_the_other_acts_return_their_own_values() -> None:
    cancelled = ok('"cancelStatus":{"status":"cancelled","cancelledOrders":[{"order_id":"o-1"}]}')
    result = await venue(cancelled).cancel_all("PF_XBTUSD")
    assert isinstance(result, CancelAllResult)
    assert result.order_ids == ("o-1",)
    off = ok('"status":{"currentTime":"2018-06-19T16:51:23.839Z","triggerTime":"0"}')
    assert await venue(off).cancel_all_after(0) is None
    assert isinstance(await venue(httpx.ReadTimeout("slow")).cancel_all_after(60), Unknown)
    assert await venue(said('{"result":"success"}')).set_leverage("PF_XBTUSD", Decimal(5)) is None
    out_of_bounds = said('{"result":"error","errors":[{"code":98,"message":"MAX_LEVERAGE_OUT_OF_BOUNDS"}]}', 500)
    refused = await venue(out_of_bounds).set_leverage("PF_XBTUSD", Decimal(500))
    assert isinstance(refused, Refused)
    assert refused.status == "MAX_LEVERAGE_OUT_OF_BOUNDS"


async def test_it_knows_where_it_is_and_what_was_asked() -> None:
    desk = venue(ok('"openOrders":[]'))
    async with desk:
        answer = await desk.open_orders()
    assert answer.value == ()
    assert answer.server_ms is not None
    assert (desk.environment, desk.url) == (Environment.PAPER, BASE)
    assert desk.budget.available == 498
    assert [record.name for record in desk.endpoints] == ["openorders"]
