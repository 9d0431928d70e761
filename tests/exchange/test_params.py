from decimal import Decimal
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.params import Params, batch_items
from tui.exchange.refusals import CodedRefusal, Refusal, WordRefusal
from tui.wire.derivatives.outcomes import WordError


def of(query: bytes = b"", body: bytes = b"") -> Params:
    return Params.of_request(query, body)


def test_query_and_form_are_one_and_the_query_comes_first() -> None:
    params = of(b"symbol=A&side=buy", b"symbol=B&size=1")
    assert (params.text("symbol"), params.text("side"), params.text("size")) == ("A", "buy", "1")


@given(st.text(min_size=1, max_size=30))
def test_both_ways_of_encoding_a_space_are_read(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    for encoded in (quote(value, safe=""), quote_plus(value)):
        assert of(b"", b"cliOrdId=" + encoded.encode()).text("cliOrdId") == value


def test_empty_counts_as_absent_and_aliases_are_tried_in_turn() -> None:
    params = of(b"limitPrice=&orderId=x")
    assert params.decimal("limitPrice") is None
    assert params.text("order_id", "orderId") == "x"
    with pytest.raises(WordRefusal, match=WordError.REQUIRED_ARGUMENT_MISSING):
        params.required("limitPrice")


def test_lists_are_repeated_or_joined() -> None:
    assert of(b"orderIds=a&orderIds=b%2Cc&orderIds=,d,").all("orderIds") == ["a", "b", "c", "d"]
    assert of(b"").all("orderIds") == []


@pytest.mark.parametrize("text", ["1", "0.5", ".5", "-3", "1E-7", "1e+2", "+4.20"])
def test_numbers(text: str) -> None:
    assert of(b"", b"size=" + quote_plus(text).encode()).decimal("size") == Decimal(text)


@pytest.mark.parametrize(
    "text", ["NaN", "Infinity", "-inf", "1e999999", "0x10", "1_000", "1,5", "٣", " 1", "1" * 31, "--1", "e5"]
)
def test_what_is_no_honest_number_is_refused_by_name(text: str) -> None:
    with pytest.raises(CodedRefusal, match="Argument invalid: size") as caught:
        of(b"", b"size=" + quote_plus(text).encode()).decimal("size")
    assert (caught.value.code, caught.value.http) == (11, 400)


def test_integers_have_bounds() -> None:
    assert of(b"timeout=60.0").integer("timeout") == 60
    for text in (b"-1", b"1.5", b"4294967296"):
        with pytest.raises(CodedRefusal):
            of(b"timeout=" + text).integer("timeout", highest=4294967295)


def test_booleans_of_every_client() -> None:
    assert of(b"reduceOnly=true").boolean("reduceOnly")
    assert of(b"reduceOnly=True").boolean("reduceOnly")
    assert not of(b"reduceOnly=False").boolean("reduceOnly")
    assert not of(b"").boolean("reduceOnly")
    with pytest.raises(CodedRefusal):
        of(b"reduceOnly=1").boolean("reduceOnly")


def test_times_and_words() -> None:
    assert of(b"processBefore=2023-11-08T19:56:35.441899Z").moment("processBefore") == 1699473395441
    with pytest.raises(CodedRefusal):
        of(b"processBefore=soon").moment("processBefore")
    assert of(b"sort=asc").word("sort", ("asc", "desc")) == "asc"
    with pytest.raises(CodedRefusal):
        of(b"sort=up").word("sort", ("asc", "desc"))


def test_an_order_id_that_is_no_uuid_is_named_in_the_refusal() -> None:
    with pytest.raises(CodedRefusal, match="Invalid UUID string: abc"):
        of(b"orderId=abc").order_uuid("orderId")
    good = "e35d61dd-8a30-4d5f-a574-b5593ef0c050"
    assert of(f"orderId={good}".encode()).order_uuid("orderId") == good


RAW = '{"batchOrder":[{"order":"send","cliOrdId":"a&b=100%","size":"0.5","order_tag":0,"reduceOnly":true}]}'


@pytest.mark.parametrize(
    "body",
    [
        "json=" + RAW,
        "json=" + quote(RAW),
        "json=" + quote_plus(RAW),
        "ProcessBefore=x&json=" + quote(RAW),
    ],
)
def test_a_batch_is_read_raw_and_encoded(body: str) -> None:
    items = batch_items(of(b"", body.encode()), 10)
    assert items[0]["cliOrdId"] == "a&b=100%"
    item = Params.of_item(items[0])
    assert (item.decimal("size"), item.text("order_tag"), item.boolean("reduceOnly")) == (Decimal("0.5"), "0", True)


def test_what_follows_a_raw_batch_is_read_too() -> None:
    params = of(b"", ("json=" + RAW + "&ProcessBefore=2023-11-08T19:56:35Z").encode())
    assert params.text("ProcessBefore") == "2023-11-08T19:56:35Z"
    assert len(batch_items(params, 10)) == 1


@pytest.mark.parametrize("text", ["{", "nope", "[" * 100_000])
def test_a_batch_that_is_no_json(text: str) -> None:
    with pytest.raises(WordRefusal, match="Json Parse Error"):
        batch_items(of(b"", b"json=" + quote(text).encode()), 10)


@pytest.mark.parametrize("text", ["[]", "{}", '{"batchOrder":[]}', '{"batchOrder":[1]}', '{"batchOrder":{}}'])
def test_a_batch_of_another_shape(text: str) -> None:
    with pytest.raises(CodedRefusal):
        batch_items(of(b"", b"json=" + quote(text).encode()), 10)


def test_a_batch_has_a_limit() -> None:
    text = '{"batchOrder":[{"order":"cancel"},{"order":"cancel"}]}'
    with pytest.raises(CodedRefusal, match="batchOrder"):
        batch_items(of(b"", b"json=" + quote(text).encode()), 1)


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_no_bytes_raise_anything_but_a_refusal(query: bytes, body: bytes) -> None:
    try:
        params = Params.of_request(query, body)
        params.decimal("a")
    except Refusal:
        return
    assert isinstance(params, Params)


def test_bytes_that_are_no_text_are_a_bad_request() -> None:
    with pytest.raises(WordRefusal, match="Bad Request") as caught:
        of(b"a=\xff")
    assert caught.value.http == 400
