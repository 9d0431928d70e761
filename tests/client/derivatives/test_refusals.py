"""Driven from the wire's lists: a word added there and not explained here fails."""

from __future__ import annotations

import pytest

from tui.client.derivatives.refusals import (
    ORDER_ERRORS,
    REFUSALS,
    SUCCESS,
    Kind,
    is_success,
    order_error_text,
    refusal,
)
from tui.model.errors import OrderRefused, UnknownAnswer
from tui.wire.derivatives.outcomes import OrderError, SendStatus

ONLY_SUCCESSES = {SendStatus.PLACED, SendStatus.PARTIALLY_FILLED, SendStatus.EDITED}
KINDS_AND_WORDS = [(kind, word) for kind in Kind for word in SendStatus]


@pytest.mark.parametrize(("kind", "word"), KINDS_AND_WORDS)
def test_every_status_is_either_a_success_or_a_refusal_in_plain_words(kind: Kind, word: SendStatus) -> None:
    if is_success(kind, word):
        return
    error = refusal(kind, word, order_id="o", client_order_id="c")
    if word in ONLY_SUCCESSES:
        assert isinstance(error, UnknownAnswer)  # a cancel that was "placed" tells nothing
        return
    assert isinstance(error, OrderRefused)
    assert (error.status, error.order_id, error.client_order_id) == (word, "o", "c")
    assert error.what
    assert error.advice or word is SendStatus.NO_ORDERS_TO_CANCEL


def test_only_these_words_are_successes() -> None:
    assert {kind: sorted(words) for kind, words in SUCCESS.items()} == {
        Kind.SEND: ["filled", "partiallyFilled", "placed"],
        Kind.EDIT: ["edited", "filled", "partiallyFilled", "placed"],
        Kind.CANCEL: ["cancelled"],
    }


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("word", ["", "PLACED", "ok", "success", "unknown", "neverHeardOf"])
def test_a_word_nobody_knows_is_an_error_and_never_a_success(kind: Kind, word: str) -> None:
    assert not is_success(kind, word)
    assert isinstance(refusal(kind, word, order_id=None, client_order_id=None), UnknownAnswer)


def test_the_tables_hold_each_word_once_and_no_more() -> None:
    assert set(REFUSALS) | ONLY_SUCCESSES == set(SendStatus)
    assert set(ORDER_ERRORS) == set(OrderError)


def test_reject_reasons_become_words_and_new_ones_pass_as_they_are() -> None:
    assert order_error_text("POST_WOULD_EXECUTE") == "a post-only order would trade at once"
    assert order_error_text("SOMETHING_NEW") == "SOMETHING_NEW"
    assert order_error_text(None) is None
    assert order_error_text("") is None
