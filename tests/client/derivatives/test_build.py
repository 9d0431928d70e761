from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tui.client.derivatives import build
from tui.model.enums import DeviationUnit, OrderType, Side, TriggerSignal
from tui.model.errors import BadArgument, Sent
from tui.model.order import CancelRequest, EditRequest, OrderRequest

D = Decimal
LIMIT = OrderRequest("c-1", "PF_XBTUSD", Side.BUY, OrderType.LIMIT, D("0.5"), limit_price=D(60000))
MARKET = OrderRequest("c-1", "PF_XBTUSD", Side.SELL, OrderType.MARKET, D(1))
STOP = OrderRequest("c-1", "PF_XBTUSD", Side.SELL, OrderType.STOP, D(1), stop_price=D(50000))
TRAILING = OrderRequest("c-1", "PF_XBTUSD", Side.SELL, OrderType.TRAILING_STOP, D(1), deviation=D("2.5"))


def sent(request: OrderRequest) -> dict[str, str]:
    return dict(build.send_order(request))


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (LIMIT, {"orderType": "lmt", "side": "buy", "size": "0.5", "limitPrice": "60000"}),
        (structs.replace(LIMIT, type=OrderType.POST), {"orderType": "post", "limitPrice": "60000"}),
        (structs.replace(LIMIT, type=OrderType.IOC), {"orderType": "ioc", "limitPrice": "60000"}),
        (structs.replace(LIMIT, type=OrderType.FOK), {"orderType": "fok", "limitPrice": "60000"}),
        (MARKET, {"orderType": "mkt", "side": "sell"}),
        (STOP, {"orderType": "stp", "stopPrice": "50000", "triggerSignal": "mark"}),
        (
            structs.replace(STOP, type=OrderType.TAKE_PROFIT, limit_price=D(51000), trigger_signal=TriggerSignal.INDEX),
            {"orderType": "take_profit", "stopPrice": "50000", "limitPrice": "51000", "triggerSignal": "index"},
        ),
        (
            TRAILING,
            {
                "orderType": "trailing_stop",
                "trailingStopMaxDeviation": "2.5",
                "trailingStopDeviationUnit": "PERCENT",
                "triggerSignal": "mark",
            },
        ),
        (
            structs.replace(TRAILING, deviation_unit=DeviationUnit.QUOTE, trigger_signal=TriggerSignal.LAST),
            {"trailingStopDeviationUnit": "QUOTE_CURRENCY", "triggerSignal": "last"},
        ),
        (structs.replace(LIMIT, reduce_only=True), {"reduceOnly": "true"}),
        (structs.replace(LIMIT, process_before_ms=1_700_000_000_000), {"processBefore": "2023-11-14T22:13:20.000Z"}),
    ],
)
def test_every_order_type_in_the_venues_words(request_: OrderRequest, expected: dict[str, str]) -> None:
    params = sent(request_)
    assert {name: params.get(name) for name in expected} == expected
    assert params["cliOrdId"] == "c-1"
    assert params["symbol"] == "PF_XBTUSD"


def test_fields_that_an_order_does_not_have_are_not_sent() -> None:
    assert set(sent(MARKET)) == {"orderType", "symbol", "side", "size", "cliOrdId"}


@pytest.mark.parametrize(
    "nonsense",
    [
        structs.replace(LIMIT, limit_price=None),
        structs.replace(LIMIT, stop_price=D(1)),
        structs.replace(LIMIT, deviation=D(1)),
        structs.replace(LIMIT, size=D(0)),
        structs.replace(LIMIT, size=D("NaN")),
        structs.replace(LIMIT, client_order_id=""),
        structs.replace(LIMIT, type=OrderType.UNKNOWN),
        structs.replace(MARKET, limit_price=D(1)),
        structs.replace(STOP, stop_price=None),
        structs.replace(TRAILING, deviation=None),
        structs.replace(TRAILING, limit_price=D(1)),
    ],
)
def test_what_the_venue_could_read_otherwise_is_not_sent(nonsense: OrderRequest) -> None:
    with pytest.raises(BadArgument) as caught:
        build.send_order(nonsense)
    assert caught.value.sent is Sent.NO


def test_every_order_type_can_be_built_or_is_unknown() -> None:
    assert set(build._TYPES) == set(OrderType) - {OrderType.UNKNOWN}


def test_edits_and_cancels_name_the_order_by_either_id() -> None:
    edit = EditRequest("PF_XBTUSD", "o-1", "c-1", size=D(2), limit_price=D(5))
    assert build.edit_order(edit) == [
        ("orderId", "o-1"),
        ("size", "2"),
        ("qtyMode", "RELATIVE"),
        ("limitPrice", "5"),
    ]
    assert build.edit_order(EditRequest("", "", "c-1", stop_price=D(5))) == [("cliOrdId", "c-1"), ("stopPrice", "5")]
    assert build.cancel_order(CancelRequest("", "o-1", "c-1")) == [("order_id", "o-1")]
    assert build.cancel_order(CancelRequest("", None, "c-1")) == [("cliOrdId", "c-1")]
    with pytest.raises(BadArgument):
        build.cancel_order(CancelRequest("", None))


def test_a_batch_has_one_deadline_beside_its_orders() -> None:
    late, soon = (
        structs.replace(LIMIT, process_before_ms=1_790_000_005_000),
        structs.replace(LIMIT, process_before_ms=1_790_000_000_000),
    )
    params = dict(build.batch([late, soon]))
    assert params["ProcessBefore"] == dict(build.send_order(soon))["processBefore"]
    assert all("processBefore" not in row for row in json.loads(params["json"])["batchOrder"])


def test_a_batch_spells_ids_its_own_way() -> None:
    ((name, text),) = build.batch([LIMIT, EditRequest("", "o-1", size=D(1)), CancelRequest("", "o-2")])
    assert name == "json"
    rows = json.loads(text)["batchOrder"]
    assert [row["order"] for row in rows] == ["send", "edit", "cancel"]
    assert [row["order_tag"] for row in rows] == ["0", "1", "2"]
    assert (rows[1]["order_id"], rows[2]["order_id"]) == ("o-1", "o-2")
    assert "orderId" not in rows[1]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value="1e-12", max_value="1e12"))
def test_numbers_are_plain_digits(size: Decimal) -> None:
    text = sent(structs.replace(MARKET, size=size))["size"]
    assert set(text) <= set("0123456789.")
    assert Decimal(text) == size


def test_parameters_are_percent_encoded() -> None:
    assert build.encode([("a", "x y/&+ü"), ("b", "2026-01-02T03:04")]) == "a=x%20y%2F%26%2B%C3%BC&b=2026-01-02T03%3A04"
