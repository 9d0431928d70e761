from __future__ import annotations

from datetime import timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.widgets.format import NONE, PLAIN, Format, age, arrow, duration, money, printable, short_name, zone_of

D = Decimal
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (D("87959"), 0, "87,959"),
        (D("87959"), 1, "87,959.0"),
        (D("1E-7"), 8, "0.00000010"),
        (D("1E+3"), 0, "1,000"),
        (D("-0.001"), 2, "0.00"),
        (D("-0.5"), 1, "-0.5"),
        (D("-0"), 2, "0.00"),
        (None, 2, NONE),
    ],
)
def test_numbers_are_written_in_full(value: Decimal | None, places: int, text: str) -> None:
    assert PLAIN.number(value, places) == text


@given(decimals, st.integers(0, 10))
def test_a_number_reads_back_as_itself_to_its_places(value: Decimal, places: int) -> None:
    text = PLAIN.number(value, places)
    assert "E" not in text.upper()
    assert abs(D(text.replace(",", "")) - value) <= D(10) ** -places / 2


@given(decimals, st.integers(0, 8))
def test_a_sign_says_the_truth_and_zero_has_none(value: Decimal, places: int) -> None:
    text = PLAIN.signed(value, places)
    shown = D(text.replace(",", ""))
    assert text.startswith("+") == (shown > 0)
    assert text.startswith("-") == (shown < 0)


def test_the_thousands_separator_is_the_traders() -> None:
    assert Format(thousands="'").number(D("1234567.5"), 1) == "1'234'567.5"
    assert Format(thousands="").number(D("1234567.5"), 1) == "1234567.5"


def test_clock_times_are_in_the_traders_zone() -> None:
    at = 1_791_989_882_412  # 2026-10-14 14:58:02.412 UTC
    assert PLAIN.clock(at) == "14:58:02"
    assert PLAIN.clock(at, millis=True) == "14:58:02.412"
    assert Format(zone=timezone(timedelta(hours=2))).clock(at) == "16:58:02"
    assert PLAIN.date_clock(at) == "10-14 14:58:02"
    assert PLAIN.clock(None) == NONE


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (-5, "0 ms"),
        (14, "14 ms"),
        (999, "999 ms"),
        (1_000, "1 s"),
        (59_999, "59 s"),
        (60_000, "1:00"),
        (3_723_000, "1:02:03"),
        (183_840_000, "2 d 03:04"),
        (None, NONE),
    ],
)
def test_ages(ms: int | None, text: str) -> None:
    assert age(ms) == text


def test_a_countdown_that_ran_out_stands_at_zero() -> None:
    assert duration(-400) == "0:00"


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (D("-1240.5"), "USD", "-1,240.50"),
        (D("0.00515902"), "XBT", "+0.00516 XBT"),
        (D("450"), "EUR", "+450.00 EUR"),
        (D("2"), None, "+2.00"),
        (None, "USD", NONE),
    ],
)
def test_money_names_its_currency_unless_it_is_plain_usd(
    value: Decimal | None, currency: str | None, text: str
) -> None:
    assert money(value, currency, sign=True) == text


def test_money_can_be_fine_and_always_named() -> None:
    assert money(D("0.00011628"), "XBT", coin_places=8) == "0.00011628 XBT"
    assert money(D("1.4074"), "USD", places=4, always_named=True) == "1.4074 USD"


@pytest.mark.parametrize(
    ("value", "text"),
    [(D("1841220000"), "1.84 B"), (D("912480"), "912.5 K"), (D("999"), "999.00"), (None, NONE)],
)
def test_volumes_are_short(value: Decimal | None, text: str) -> None:
    assert PLAIN.compact(value) == text


@given(st.text())
def test_text_from_outside_cannot_steer_the_terminal(text: str) -> None:
    safe = printable(text)
    assert safe.isprintable()
    assert len(safe) == len(text)


def test_arrows_and_short_names() -> None:
    assert [arrow(D(1)), arrow(D(-1)), arrow(D(0)), arrow(None)] == ["▲", "▼", " ", " "]
    assert [short_name(s) for s in ("PF_XBTUSD", "PI_XBTUSD", "PF_USD")] == ["XBT", "PI_XBTUSD", "PF_USD"]


def test_clock_times_are_of_the_traders_zone() -> None:
    summer_ms = 1_783_000_000_000
    assert Format(zone=zone_of("UTC")).clock(summer_ms) == "13:46:40"
    assert Format(zone=zone_of("Europe/Berlin")).clock(summer_ms) == "15:46:40"
    assert zone_of("local") is not None
