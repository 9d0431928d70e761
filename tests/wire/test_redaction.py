from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.wire.redaction import REDACTED, redact

CANARY = "canary-Zm9v+/=="
KEYS = ("api_key", "apiKey", "signed_challenge", "original_challenge", "Authent", "Nonce", "account", "username")
UIDS = ("accountUid", "account_uid", "masterAccountUid", "iiban", "email", "fullName")


@pytest.mark.parametrize("key", [*KEYS, *UIDS])
def test_telling_values_go_and_the_rest_stays(key: str) -> None:
    text = json.dumps({"feed": "fills", key: CANARY, "qty": 1.5, "order_id": "o-1"})
    assert json.loads(redact(text)) == {"feed": "fills", key: REDACTED, "qty": 1.5, "order_id": "o-1"}


def test_a_challenge_goes_in_both_directions() -> None:
    assert CANARY not in redact(json.dumps({"event": "challenge", "message": CANARY}))
    assert CANARY not in redact(json.dumps({"event": "challenge", "api_key": CANARY}))


def test_a_venue_message_stays() -> None:
    text = '{"event":"alert","message":"Already subscribed to feed, re-requesting"}'
    assert redact(text) == text


def test_literal_secrets_go_wherever_they_stand() -> None:
    assert redact(f'{{"note":"your key {CANARY} is old"}}', [CANARY]) == f'{{"note":"your key {REDACTED} is old"}}'


def test_objects_and_other_names_are_no_identity() -> None:
    text = '{"accounts":{"cash":{"balances":{"xbt":1}}},"margin_account":"flex","account":{"uid":1}}'
    assert redact(text) == text


@given(st.text(max_size=20), st.sampled_from([*KEYS, *UIDS]))
def test_nothing_of_it_is_left_in_a_text_that_was_cut(noise: str, key: str) -> None:
    secret = "S" * 5
    text = json.dumps({"noise": noise.replace("S", ""), key: secret + '\\"\n' + secret, "after": 1})
    for cut in range(len(text)):
        assert "S" not in redact(text[:cut])
