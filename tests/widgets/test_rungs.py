from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.scenes_account import ORDERS
from tests.scenes_market import BOOKS, TICKERS
from tui.model.book import Book, Level
from tui.widgets.rungs import LAST, MARK, rungs, top_price

D = Decimal
XBT = BOOKS["PF_XBTUSD"]
OURS = [order for order in ORDERS if order.symbol == "PF_XBTUSD"]
sizes = st.lists(st.integers(1, 50), min_size=1, max_size=30)


@given(sizes, sizes, st.sampled_from([1, 2, 5, 10, 50]))
def test_every_level_is_in_exactly_one_row(bids: list[int], asks: list[int], group: int) -> None:
    book = Book(
        "PF_XBTUSD",
        bids=tuple(Level(D(1000 - n), D(size)) for n, size in enumerate(bids)),
        asks=tuple(Level(D(1001 + n), D(size)) for n, size in enumerate(asks)),
    )
    rows = rungs(book, (), None, D(group))
    assert sum(row.bid for row in rows.values()) == sum(bids)
    assert sum(row.ask for row in rows.values()) == sum(asks)


@given(st.integers(0, 40), st.sampled_from([2, 5, 10, 50]))
def test_a_coarse_row_never_shows_a_better_price_than_there_is(offset: int, group: int) -> None:
    bid, ask = D(1000 - offset), D(1001 + offset)
    rows = rungs(Book("X", (Level(bid, D(1)),), (Level(ask, D(1)),)), (), None, D(group))
    assert next(price for price, row in rows.items() if row.bid) <= bid
    assert next(price for price, row in rows.items() if row.ask) >= ask


def test_our_orders_stand_at_their_prices_with_their_sign() -> None:
    rows = rungs(XBT, OURS, TICKERS["PF_XBTUSD"], D(1))
    buy, sell, stop = rows[D(87957)].own, rows[D(87963)].own, rows[D(82000)].own
    assert buy is not None
    assert (buy.size, buy.waiting) == (D("0.1000"), False)
    assert sell is not None
    assert (sell.size, sell.waiting) == (D("-0.1700"), False)
    assert stop is not None
    assert (stop.size, stop.waiting) == (D("-0.4650"), True)


def test_last_and_mark_are_marked() -> None:
    rows = rungs(XBT, (), TICKERS["PF_XBTUSD"], D(1))
    assert [price for price, row in rows.items() if row.mark == LAST] == [D(87959)]
    assert [price for price, row in rows.items() if row.mark == MARK] == [D(87961)]


@given(st.integers(2, 60))
def test_the_touch_starts_in_the_middle(height: int) -> None:
    row = int(top_price(XBT, D(1), height, None) - XBT.asks[0].price)
    assert abs(row - height // 2) <= 1


def test_prices_stand_still_until_the_touch_leaves_the_middle_half() -> None:
    top = top_price(XBT, D(1), 20, None)

    def moved(ticks: int) -> Book:
        return Book("PF_XBTUSD", asks=tuple(Level(level.price + ticks, level.size) for level in XBT.asks))

    assert top_price(moved(3), D(1), 20, top) == top
    assert top_price(moved(-3), D(1), 20, top) == top
    assert top_price(moved(12), D(1), 20, top) == top + 12
    assert top_price(moved(-12), D(1), 20, top) == top - 12
