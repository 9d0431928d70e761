import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.wire.derivatives import codec
from tui.wire.derivatives.base import Answer
from tui.wire.derivatives.codec import MalformedError, decode, decode_frame, encode, plain
from tui.wire.derivatives.frames import (
    BookFrame,
    Control,
    FillsFrame,
    OpenOrdersFrame,
    Request,
    TickerFrame,
    Unknown,
)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("1E-7", "0.0000001"),
        ("1E+3", "1000"),
        ("-0.0", "0.0"),
        ("-0", "0"),
        ("5.494e-6", "0.000005494"),
        ("-2.50", "-2.50"),
    ],
)
def test_numbers_leave_plain(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text
    assert encode({"n": Decimal(number)}) == b'{"n":' + text.encode() + b"}"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**9), max_value=10**9))
def test_every_amount_survives_the_way_out_and_back(amount: Decimal) -> None:
    body = encode({"feed": "book", "product_id": "X", "side": "buy", "seq": 1, "price": amount, "qty": amount})
    frame = decode_frame(body)
    assert isinstance(frame, BookFrame)
    assert frame.price == amount
    assert "E" not in body.decode().replace('"', "")


def test_nested_values_and_structs_are_encoded() -> None:
    body = encode({"rows": [{"a": Decimal("1E-9")}, (Decimal(2), None, True, "x")]})
    assert body == b'{"rows":[{"a":0.000000001},[2,null,true,"x"]]}'
    assert json.loads(encode(Request(event="subscribe", feed="book", product_ids=["PF_XBTUSD"]))) == {
        "event": "subscribe",
        "feed": "book",
        "product_ids": ["PF_XBTUSD"],
    }


@pytest.mark.parametrize("as_bytes", [True, False])
def test_an_ack_is_never_a_data_frame(as_bytes: bool) -> None:
    text = '{"feed":"fills","event":"subscribed","product_ids":["PF_XBTUSD"]}'
    frame = decode_frame(text.encode() if as_bytes else text)
    assert frame == Control(event="subscribed", feed="fills", product_ids=["PF_XBTUSD"])


@pytest.mark.parametrize("feed", sorted(codec._KNOWN_FEEDS))
def test_no_feed_reads_an_ack_as_its_own(feed: str) -> None:
    vital = '"product_id":"P","time":1,"seq":1,"side":"buy","price":1,"qty":1,"uid":"u","is_cancel":true,"positions":[]'
    assert decode_frame(f'{{"feed":"{feed}","event":"subscribed",{vital}}}') == Control(event="subscribed", feed=feed)


def test_the_word_event_inside_a_data_frame_does_not_mislead() -> None:
    frame = decode_frame('{"feed":"open_orders","is_cancel":true,"order_id":"\\"event\\"","reason":"event"}')
    assert isinstance(frame, OpenOrdersFrame)
    nested = '{"feed":"fills","x":{"event":"subscribed"},"fills":[]}'
    assert decode_frame(nested) == FillsFrame()


def test_greeting_challenge_and_alert() -> None:
    assert decode_frame('{"event":"info","version":1}') == Control(event="info", version=1)
    assert decode_frame('{"event":"challenge","message":"226aee50"}') == Control(event="challenge", message="226aee50")
    alert = decode_frame('{"event":"alert","message":"Bad websocket message"}')
    assert alert == Control(event="alert", message="Bad websocket message")


def test_an_echoed_credential_is_not_kept() -> None:
    frame = decode_frame('{"event":"subscribed","feed":"fills","api_key":"canary","signed_challenge":"canary"}')
    assert "canary" not in repr(frame)


def test_unknown_feed_is_told_apart_from_damage() -> None:
    assert decode_frame('{"feed":"account_balances_and_margins","seq":0}') == Unknown(
        feed="account_balances_and_margins"
    )
    assert decode_frame('{"hello":1}') == Unknown(feed="")
    with pytest.raises(MalformedError, match="fills"):
        decode_frame('{"feed":"fills","fills":[{"instrument":"PF_XBTUSD"}]}')


@pytest.mark.parametrize("raw", ["", "{", "[]", "null", "3", '"event"', b"\xff\xfe", "\ud800", '{"event":["a"]}'])
def test_damage_raises_one_kind_of_error(raw: str | bytes) -> None:
    with pytest.raises(MalformedError):
        decode_frame(raw)


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_no_input_raises_anything_else(raw: str | bytes) -> None:
    with contextlib.suppress(MalformedError):
        decode_frame(raw)


def test_rest_damage_raises_the_same_error_without_the_payload() -> None:
    for body in (b"<html>502 canary</html>", b"", b"[1]", b'{"result":{"canary":1}}'):
        with pytest.raises(MalformedError) as caught:
            decode(Answer, body)
        assert "canary" not in str(caught.value)


def test_numbers_as_text_booleans_and_exponents_are_read() -> None:
    frame = decode_frame(
        '{"feed":"ticker","product_id":"PF_XBTUSD","time":"1783587648112","bid":"84001","premium":-0.0,'
        '"funding_rate":4.48E-4,"suspended":"false","later":{"added":[1]}}'
    )
    assert isinstance(frame, TickerFrame)
    assert (frame.time, frame.bid, frame.premium) == (1783587648112, Decimal(84001), Decimal(0))
    assert frame.funding_rate == Decimal("0.000448")
    assert frame.suspended is False


def test_digits_do_not_pass_through_a_float() -> None:
    digits = "84004.113625745160000000001"
    frame = decode_frame(f'{{"feed":"ticker","product_id":"P","time":1,"markPrice":{digits}}}')
    assert isinstance(frame, TickerFrame)
    assert str(frame.mark_price) == digits


def test_decoders_are_built_once() -> None:
    decode(Answer, b"{}")
    assert codec._decoder(Answer) is codec._decoder(Answer)


@pytest.mark.parametrize("raw", ['{"event":"info","deep":', '{"feed":"heartbeat","deep":', '{"deep":', ""])
def test_what_nests_without_end_is_malformed(raw: str) -> None:
    text = raw + "[" * 100_000
    for read in (decode_frame, lambda body: decode(Answer, body)):
        with pytest.raises(MalformedError):
            read(text)
