from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.book import Book, BookSide, Key

MINE = Key("me", "1")


def test_best_prices_of_both_sides() -> None:
    book = Book()
    for tick in (100, 102, 101):
        book.bids.add(tick, 1)
        book.asks.add(tick + 10, 1)
    assert (book.bids.best, book.asks.best) == (102, 110)
    assert list(book.bids.ticks()) == [102, 101, 100]
    assert list(book.asks.ticks()) == [110, 111, 112]


def test_time_priority_within_a_level() -> None:
    side = BookSide(1)
    side.add(100, 5)
    side.add(100, 3, MINE)
    side.add(100, 4)
    assert side.take_front(100, 9) == (None, 5)
    assert side.take_front(100, 9) == (MINE, 3)
    assert side.take_front(100, 1) == (None, 1)
    assert side.total(100) == 3


def test_the_crowd_joins_behind_and_leaves_from_behind() -> None:
    side = BookSide(-1)
    side.add(100, 5)
    side.add(100, 3, MINE)
    side.set_crowd(100, 9)
    assert [lots for _, lots in side.levels[100].queue] == [5, 3, 4]
    side.set_crowd(100, 2)
    assert side.levels[100].queue == [(None, 2), (MINE, 3)]
    side.set_crowd(100, 0)
    assert side.front(100) == MINE


def test_a_smaller_order_keeps_its_place() -> None:
    side = BookSide(1)
    side.add(100, 3, MINE)
    side.add(100, 5)
    side.resize(100, MINE, 1)
    assert side.front(100) == MINE
    side.resize(100, MINE, 0)
    assert side.front(100) is None


def test_average_price_walks_the_levels() -> None:
    book = Book()
    for tick, lots in ((84_002, 8_000), (84_003, 15_000), (84_010, 50_000)):
        book.asks.add(tick, lots)
    assert book.average_tick("buy", 20_000) == 84_002.6
    assert book.average_tick("buy", 100_000) is None


changes = st.lists(st.tuples(st.integers(95, 105), st.integers(0, 6)), max_size=40)


@given(changes)
def test_no_empty_level_and_totals_hold(steps: list[tuple[int, int]]) -> None:
    side = BookSide(1)
    for number, (tick, lots) in enumerate(steps):
        if number % 3 == 2 and side.best is not None:
            side.take_front(side.best, lots or 1)
        elif number % 3 == 1 and lots:
            side.add(tick, lots, Key("me", f"order-{number}"))
        else:
            side.set_crowd(tick, lots)
    assert side.keys == sorted(side.levels)
    for level in side.levels.values():
        assert level.total == sum(lots for _, lots in level.queue) > 0
        assert all(lots > 0 for _, lots in level.queue)
