from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.book import Book, Key
from tui.exchange.matching import Hit, Match, match, preview

MINE, THEIRS = Key("me", "1"), Key("them", "2")


def book_of(*asks: tuple[int, int, Key | None]) -> Book:
    book = Book()
    for tick, lots, key in asks:
        book.asks.add(tick, lots, key)
    return book


def test_a_taker_walks_prices_then_time() -> None:
    result = match(book_of((101, 2, None), (100, 1, THEIRS), (100, 1, None)), "buy", 3, None)
    assert result.hits == [Hit(THEIRS, 100, 1), Hit(None, 100, 1), Hit(None, 101, 1)]
    assert result.remaining == 0


def test_the_limit_stops_it() -> None:
    result = match(book_of((100, 1, None), (102, 5, None)), "buy", 4, 101)
    assert (result.remaining, len(result.hits)) == (3, 1)


def test_reject_taker_fills_others_first_then_stops_at_itself() -> None:
    book = book_of((100, 1, None), (100, 2, MINE), (101, 5, None))
    result = match(book, "buy", 4, None, account="me")
    assert (result.remaining, result.self_hit, result.removed) == (3, True, [])
    assert book.asks.front(100) == MINE


def test_cancel_maker_takes_its_own_order_out_of_the_way() -> None:
    book = book_of((100, 1, None), (100, 2, MINE), (101, 5, None))
    result = match(book, "buy", 4, None, account="me", strategy="CANCEL_MAKER_SELF")
    assert (result.remaining, result.self_hit, result.removed) == (0, False, ["1"])


def test_other_accounts_are_no_self_trade() -> None:
    result = match(book_of((100, 1, THEIRS), (100, 2, MINE)), "buy", 2, None, account="me")
    assert (result.hits, result.self_hit) == ([Hit(THEIRS, 100, 1)], True)


owners = st.sampled_from([None, None, "me", "them"])
entries = st.lists(st.tuples(st.integers(100, 105), st.integers(1, 5), owners), max_size=12)
strategies = st.sampled_from(["REJECT_TAKER", "CANCEL_MAKER_ANY"])


@given(entries, st.integers(1, 30), st.integers(99, 106), strategies)
def test_preview_foretells_the_match(
    rows: list[tuple[int, int, str | None]], lots: int, limit: int, strategy: str
) -> None:
    book = book_of(
        *((tick, size, Key(key, str(number)) if key else None) for number, (tick, size, key) in enumerate(rows))
    )
    foretold = preview(book, "buy", lots, limit, account="me", strategy=strategy)
    result = match(book, "buy", lots, limit, account="me", strategy=strategy)

    def traded(outcome: Match) -> tuple[int, int, bool]:
        return outcome.remaining, sum(hit.tick * hit.lots for hit in outcome.hits), outcome.self_hit

    assert traded(foretold) == traded(result)
    assert sum(hit.lots for hit in result.hits) + result.remaining == lots
