"""Walking a book: never more than asked, never beyond the limit, best first."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.model.contracts import dec
from tui.model.book import Book, Level, Sweep, sweep, walk
from tui.model.enums import Side

ASKS = (Level(dec(84_002), dec("0.8")), Level(dec(84_003), dec("1.5")), Level(dec(84_010), dec(5)))
BIDS = (Level(dec(84_001), dec(1)), Level(dec(84_000), dec(2)))


@pytest.mark.parametrize(
    ("size", "limit", "seen"),
    [
        ("2", None, Sweep(dec(2), dec("84002.60"), dec(84_003))),
        ("2", "84002", Sweep(dec("0.8"), dec(84_002), dec(84_002))),
        ("2", "84001", Sweep(dec(0), None, None)),
        ("99", "84003", Sweep(dec("2.3"), (dec("0.8") * 84_002 + dec("1.5") * 84_003) / dec("2.3"), dec(84_003))),
        ("0", None, Sweep(dec(0), None, None)),
    ],
)
def test_buying(size: str, limit: str | None, seen: Sweep) -> None:
    assert sweep(ASKS, Side.BUY, dec(size), dec(limit) if limit else None) == seen


def test_worked_average_of_three() -> None:
    average = sweep(ASKS, Side.BUY, dec(3)).average
    assert average is not None
    assert round(average, 4) == dec("84004.3667")


def test_selling_stops_below_its_limit() -> None:
    assert walk(BIDS, Side.SELL, dec(9), dec(84_001)) == BIDS[:1]
    assert walk(BIDS, Side.SELL, dec("1.5"), dec(84_000)) == (BIDS[0], Level(dec(84_000), dec("0.5")))


@given(size=st.integers(0, 200).map(lambda tenths: Decimal(tenths) / 10))
def test_it_takes_all_that_was_asked_or_all_there_is(size: Decimal) -> None:
    assert sum(part.size for part in walk(ASKS, Side.BUY, size)) == min(size, dec("7.3"))


def test_sides_of_a_book() -> None:
    book = Book("PF_XBTUSD", BIDS, ASKS)
    assert (book.opposite(Side.BUY), book.opposite(Side.SELL)) == (ASKS, BIDS)
    assert (book.best(Side.BUY), book.best(Side.SELL)) == (dec(84_001), dec(84_002))
    assert Book("PF_XBTUSD").best(Side.BUY) is None
