from hypothesis import given, settings
from hypothesis import strategies as st

from tui.exchange.book import Book, Key
from tui.exchange.matching import Hit, match
from tui.exchange.mirror.shown import PAIRING_MS, ShownBook
from tui.exchange.orders import BUY, SELL

NOW = 1_000


def key(order_id: str) -> Key:
    return Key("paper", order_id)


class Desk:
    """A mirrored book and somebody who puts paper orders into it."""

    def __init__(self, bids: dict[int, int] | None = None, asks: dict[int, int] | None = None) -> None:
        self.book = Book()
        self.shown = ShownBook(self.book)
        self.shown.replace({100: 10, 99: 20} if bids is None else bids, {101: 10, 102: 20} if asks is None else asks, 0)

    def rest(self, side: str, tick: int, lots: int, order_id: str = "me") -> None:
        self.book.side(side).add(tick, lots, key(order_id))

    def take(self, side: str, lots: int, limit: int | None = None) -> list[tuple[int, int]]:
        hits = match(self.book, side, lots, limit).hits
        self.shown.took(side, hits)
        return [(hit.tick, hit.lots) for hit in hits]

    def queue(self, side: str, tick: int) -> list[tuple[Key | None, int]]:
        level = self.book.side(side).levels.get(tick)
        return level.queue if level else []


def test_a_paper_order_waits_for_what_stood_before_it() -> None:
    desk = Desk()
    desk.rest(BUY, 100, 5)
    assert desk.shown.printed(SELL, 100, 4, NOW) == []
    assert desk.shown.printed(SELL, 100, 6, NOW) == [], "the ten before it have traded"
    assert desk.shown.printed(SELL, 100, 3, NOW) == [Hit(key("me"), 100, 3)]
    assert desk.shown.printed(SELL, 100, 9, NOW) == [Hit(key("me"), 100, 2)]


def test_what_joins_later_stands_behind() -> None:
    desk = Desk()
    desk.rest(BUY, 100, 5)
    desk.shown.show(BUY, 100, 50, NOW)
    assert desk.queue(BUY, 100) == [(None, 10), (key("me"), 5), (None, 40)]
    assert desk.shown.printed(SELL, 100, 15, NOW) == [Hit(key("me"), 100, 5)]


def test_a_print_and_its_level_change_are_one_event_in_either_order() -> None:
    for print_first in (True, False):
        desk = Desk()
        desk.rest(BUY, 100, 5)
        desk.shown.show(BUY, 100, 14, NOW)
        for first in (print_first, not print_first):
            if first:
                assert desk.shown.printed(SELL, 100, 4, NOW) == []
            else:
                desk.shown.show(BUY, 100, 10, NOW)
        assert desk.queue(BUY, 100) == [(None, 6), (key("me"), 5), (None, 4)], print_first


def test_a_print_of_a_level_that_is_gone_already_is_not_counted_again() -> None:
    desk = Desk()
    desk.rest(BUY, 100, 5)
    desk.shown.show(BUY, 100, 0, NOW)
    assert desk.shown.printed(SELL, 100, 4, NOW) == []
    assert desk.shown.printed(SELL, 100, 6, NOW) == []
    assert desk.shown.printed(SELL, 100, 2, NOW) == [Hit(key("me"), 100, 2)]
    desk.shown.show(BUY, 100, 7, NOW)
    desk.rest(BUY, 100, 4, "other")
    desk.shown.show(BUY, 100, 0, NOW)
    later = NOW + PAIRING_MS + 1
    hits = desk.shown.printed(SELL, 100, 4, later)
    assert hits == [Hit(key("me"), 100, 3), Hit(key("other"), 100, 1)], "they had given up"


def test_a_print_long_after_a_level_change_is_another_event() -> None:
    desk = Desk()
    desk.rest(BUY, 100, 5)
    desk.shown.show(BUY, 100, 14, NOW)
    desk.shown.show(BUY, 100, 10, NOW)
    desk.shown.printed(SELL, 100, 4, NOW + PAIRING_MS + 1)
    assert desk.queue(BUY, 100) == [(None, 6), (key("me"), 5)]


def test_those_who_give_up_are_taken_to_be_the_youngest() -> None:
    desk = Desk()
    desk.rest(BUY, 100, 5)
    desk.shown.show(BUY, 100, 30, NOW)
    desk.shown.show(BUY, 100, 12, NOW)
    assert desk.queue(BUY, 100) == [(None, 10), (key("me"), 5), (None, 2)]
    desk.shown.show(BUY, 100, 3, NOW)
    assert desk.queue(BUY, 100) == [(None, 3), (key("me"), 5)], "never behind more than is shown"


def test_a_trade_through_its_price_fills_a_paper_order_by_its_size() -> None:
    desk = Desk()
    desk.rest(SELL, 101, 5)
    assert desk.shown.printed(BUY, 102, 3, NOW) == [Hit(key("me"), 101, 3)]
    assert desk.shown.printed(BUY, 102, 8, NOW) == [Hit(key("me"), 101, 2)]


def test_an_order_inside_the_spread_is_first() -> None:
    desk = Desk(asks={105: 10})
    desk.rest(BUY, 103, 2)
    desk.rest(BUY, 102, 2, "second")
    assert desk.shown.printed(SELL, 100, 3, NOW) == [Hit(key("me"), 103, 2), Hit(key("second"), 102, 1)]


def test_what_was_taken_stays_taken_until_the_level_grows() -> None:
    desk = Desk()
    assert desk.take(BUY, 6) == [(101, 6)]
    desk.shown.show(SELL, 101, 9, NOW)
    assert desk.book.asks.total(101) == 3, "nine shown, six taken"
    desk.shown.show(SELL, 101, 5, NOW)
    assert desk.book.asks.best == 102
    desk.shown.show(SELL, 101, 6, NOW)
    assert desk.book.asks.total(101) == 6, "somebody has refilled it"


def test_a_level_that_comes_back_and_a_new_snapshot_are_whole() -> None:
    desk = Desk()
    desk.take(BUY, 12)
    desk.shown.show(SELL, 101, 0, NOW)
    desk.shown.show(SELL, 101, 4, NOW)
    assert desk.book.asks.total(101) == 4
    assert desk.book.asks.total(102) == 18
    desk.shown.replace({100: 10}, {101: 4, 102: 20}, NOW)
    assert desk.book.asks.total(102) == 20
    assert desk.book.bids.total(99) == 0


def test_a_snapshot_keeps_places_in_line() -> None:
    desk = Desk()
    desk.rest(BUY, 100, 5)
    desk.shown.replace({100: 25, 98: 1}, {101: 10}, NOW)
    assert desk.queue(BUY, 100) == [(None, 10), (key("me"), 5), (None, 15)]


def test_depth_that_reaches_a_paper_order_trades_with_it() -> None:
    desk = Desk()
    desk.rest(BUY, 100, 15)
    desk.shown.show(BUY, 100, 0, NOW)
    desk.shown.show(BUY, 99, 0, NOW)
    assert desk.shown.show(SELL, 98, 4, NOW) == [Hit(key("me"), 100, 4)]
    assert desk.book.asks.total(98) == 0, "all of it went to the order"
    assert desk.shown.show(SELL, 98, 20, NOW) == [Hit(key("me"), 100, 11)], "more came, by nine more than the order"
    assert (desk.book.bids.best, desk.book.asks.total(98)) == (None, 9)


def test_the_newest_word_drives_out_the_upstreams_own_other_side() -> None:
    desk = Desk()
    assert desk.shown.show(BUY, 102, 7, NOW) == []
    assert (desk.book.bids.best, desk.book.asks.best) == (102, None)


class Crowded(Desk):
    """The same under arbitrary events; ``open`` is what should rest of each paper order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[Key, int] = {}
        self.now = 0

    def step(self, what: str, side: str, tick: int, lots: int) -> None:
        acts = {"show": self._show, "print": self._print, "whole": self._whole, "rest": self._rest, "buy": self._buy}
        for hit in acts.get(what, self._pull)(side, tick, lots):
            assert hit.maker is not None
            self.open[hit.maker] -= hit.lots
            assert self.open[hit.maker] >= 0, "filled twice"
        self.open = {owner: left for owner, left in self.open.items() if left}

    def _show(self, side: str, tick: int, lots: int) -> list[Hit]:
        return self.shown.show(side, tick, lots, self.now)

    def _print(self, side: str, tick: int, lots: int) -> list[Hit]:
        hits = self.shown.printed(side, tick, lots + 1, self.now)
        assert sum(hit.lots for hit in hits) <= lots + 1, "more was filled than was traded"
        return hits

    def _whole(self, _side: str, tick: int, lots: int) -> list[Hit]:
        met = self.shown.replace({tick - 1: lots + 1}, {tick: 3, tick + 1: lots + 1}, self.now)
        return [*met[BUY], *met[SELL]]

    def _rest(self, side: str, tick: int, lots: int) -> list[Hit]:
        if not self.book.crosses(side, tick):
            order_id = f"o{self.now}"
            self.rest(side, tick, lots + 1, order_id)
            self.open[key(order_id)] = lots + 1
        return []

    def _buy(self, side: str, tick: int, lots: int) -> list[Hit]:
        found = match(self.book, side, lots, tick).hits
        self.shown.took(side, found)
        return [hit for hit in found if hit.maker]

    def _pull(self, _side: str, tick: int, _lots: int) -> list[Hit]:
        for side in (self.book.bids, self.book.asks):
            for owner, lots in [row for row in side.levels[tick].queue if row[0]] if tick in side.levels else ():
                assert owner is not None
                side.resize(tick, owner, 0)
                self.open[owner] -= lots
        return []

    def check(self) -> None:
        bid, ask = self.book.bids.best, self.book.asks.best
        assert bid is None or ask is None or bid < ask
        levels = [level for side in (self.book.bids, self.book.asks) for level in side.levels.values()]
        assert all(level.total == sum(lots for _, lots in level.queue) for level in levels)
        resting = {owner: lots for level in levels for owner, lots in level.queue if owner is not None}
        assert resting == self.open


STEPS = st.tuples(
    st.sampled_from(("show", "show", "print", "whole", "rest", "rest", "buy", "pull")),
    st.sampled_from((BUY, SELL)),
    st.integers(95, 105),
    st.integers(0, 12),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=60), st.integers(1, 700))
def test_whatever_happens_the_book_is_never_crossed_and_nobody_is_filled_twice(
    steps: list[tuple[str, str, int, int]], pause_ms: int
) -> None:
    crowded = Crowded()
    for step in steps:
        crowded.now += pause_ms
        crowded.step(*step)
        crowded.check()
