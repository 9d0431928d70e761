from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.client.derivatives.failures import CODES, WORDS, Reply, failure, retry_after_s
from tui.model.errors import (
    AuthenticationRefused,
    BadArgument,
    DeskError,
    NonceRefused,
    NotFound,
    NotPermitted,
    OrderRefused,
    OutcomeUnknown,
    RateLimited,
    Sent,
    UnknownAnswer,
    VenueError,
    VenueUnavailable,
)
from tui.wire.derivatives.outcomes import ErrorCode, WordError

NOW_MS = 1_790_000_000_000


def reply(body: str, status: int = 200, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body.encode())


def word(text: str, *, acts: bool = False) -> DeskError:
    return failure(reply(f'{{"result":"error","error":"{text}"}}'), acts=acts, now_ms=NOW_MS)


def code(number: int, message: str = "", status: int = 500) -> DeskError:
    body = f'{{"status":"X","result":"error","errors":[{{"code":{number},"message":"{message}"}}]}}'
    return failure(reply(body, status), acts=True, now_ms=NOW_MS)


@pytest.mark.parametrize("told", WordError)
def test_every_word_error_has_a_type_plain_words_and_a_next_step(told: WordError) -> None:
    error = word(told)
    assert isinstance(error, VenueError)
    assert not isinstance(error, UnknownAnswer)
    assert isinstance(error, WORDS[told][0])
    assert error.what
    assert error.advice
    assert error.sent is Sent.YES


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("authenticationError", AuthenticationRefused),
        ("insufficientPrivileges", NotPermitted),
        ("nonceBelowThreshold", NonceRefused),
        ("nonceDuplicate", NonceRefused),
        ("apiLimitExceeded", RateLimited),
        ("unavailable", VenueUnavailable),
        ("contractNotFound", NotFound),
        ("invalidArgument: limitPrice", BadArgument),
    ],
)
def test_words_are_matched_without_case_and_before_the_colon(told: str, kind: type[DeskError]) -> None:
    assert type(word(told)) is kind
    assert type(word(told, acts=True)) is kind


def test_a_refused_key_says_that_spot_keys_do_not_work() -> None:
    assert "Spot key does not work" in word("authenticationError").advice


def test_the_detail_after_the_colon_is_shown() -> None:
    assert word("invalidArgument: limitPrice").what.endswith("limitPrice")


@pytest.mark.parametrize("told", ["Server Error", "unknownError", "neverHeardOf"])
def test_after_an_internal_error_an_order_may_live(told: str) -> None:
    assert isinstance(word(told, acts=True), OutcomeUnknown)
    assert isinstance(word(told), (VenueUnavailable, UnknownAnswer))


@pytest.mark.parametrize("number", ErrorCode)
def test_every_error_code_has_plain_words_and_a_next_step(number: ErrorCode) -> None:
    error = code(number)
    assert isinstance(error, CODES[number][0])
    assert error.advice


def test_codes_of_the_leverage_setting() -> None:
    assert isinstance(code(92, "INSUFFICIENT_MARGIN"), OrderRefused)
    assert isinstance(code(98, "MAX_LEVERAGE_OUT_OF_BOUNDS"), OrderRefused)
    assert isinstance(code(41, "WOULD_CAUSE_LIQUIDATION"), OrderRefused)
    assert "symbol" in code(11, "Argument invalid: symbol", 400).what
    assert isinstance(code(0, "404 NOT_FOUND", 404), NotFound)
    assert isinstance(code(12345, "NEW"), UnknownAnswer)


@pytest.mark.parametrize(
    ("body", "status", "kind", "told"),
    [
        ('{"status":"unauthorized","reason":"You may not."}', 401, AuthenticationRefused, "You may not."),
        (
            '{"error":"api_key_not_found","message":"API key not found","suberror":null}',
            401,
            AuthenticationRefused,
            "api",
        ),
        ("<html>forbidden</html>", 403, NotPermitted, ""),
        ("Invalid resolution", 400, BadArgument, "Invalid resolution"),
        ('{"timestamp":1,"path":"/x","status":404,"error":"Not Found","message":""}', 404, NotFound, "404"),
        ("<html>down</html>", 405, VenueUnavailable, "HTTP 405"),
    ],
)
def test_refusals_told_by_the_http_status(body: str, status: int, kind: type[VenueError], told: str) -> None:
    for acts in (False, True):
        error = failure(reply(body, status), acts=acts, now_ms=NOW_MS)
        assert type(error) is kind
        assert isinstance(error, VenueError)
        assert told in error.word


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
def test_a_gateways_error_page_is_maintenance_for_a_read_and_unknown_for_an_act(status: int) -> None:
    page = reply("<html><h1>Bad gateway</h1></html>", status, retry_after="30")
    error = failure(page, acts=False, now_ms=NOW_MS)
    assert isinstance(error, VenueUnavailable)
    assert "30 s" in error.advice
    assert type(failure(page, acts=True, now_ms=NOW_MS)) is OutcomeUnknown


def test_an_unreadable_success_is_no_success() -> None:
    assert isinstance(failure(reply("{"), acts=True, now_ms=NOW_MS), OutcomeUnknown)
    assert isinstance(failure(reply("{}"), acts=True, now_ms=NOW_MS), OutcomeUnknown)
    assert isinstance(failure(reply("{}"), acts=False, now_ms=NOW_MS), UnknownAnswer)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"rate-limit-reset": "12"}, 12.0),
        ({"retry-after": "soon", "rate-limit-reset": "3"}, 3.0),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:30 GMT"}, 10.0),
        ({"retry-after": "Mon, 21 Sep 2020 14:13:30 GMT"}, 0.0),
        ({"retry-after": "99999999"}, 3600.0),
        ({"retry-after": "-1"}, None),
    ],
)
def test_the_time_to_wait_is_read_from_either_header(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, NOW_MS) == seconds


def test_http_429_is_a_rate_limit_with_and_without_a_time() -> None:
    limited = failure(reply("Too Many Requests", 429, retry_after="4"), acts=True, now_ms=NOW_MS)
    assert isinstance(limited, RateLimited)
    assert limited.retry_after_s == 4.0
    assert "4 s" in limited.advice
    bare = failure(reply("", 429), acts=False, now_ms=NOW_MS)
    assert isinstance(bare, RateLimited)
    assert bare.retry_after_s is None


@given(st.binary(max_size=200), st.integers(100, 599), st.booleans())
def test_no_body_whatever_becomes_anything_but_an_error(body: bytes, status: int, acts: bool) -> None:
    assert isinstance(failure(Reply(status, {}, body), acts=acts, now_ms=NOW_MS), DeskError)
