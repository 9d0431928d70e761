"""What happens to frames on the way, in time that stands still."""

import json

from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.test_faults import dial
from tui.exchange.mishaps import Mishaps
from tui.exchange.road import Fate, Road


def frame(feed: str, number: int, product: str = "PF_XBTUSD") -> str:
    return json.dumps({"feed": feed, "product_id": product, "seq": number}, separators=(",", ":"))


def on(**fault: object) -> Mishaps:
    return Mishaps(dial(dict(fault)), 0.0)


def sent(road: Road, mishaps: Mishaps | None, *frames: str, now_s: float = 0.0) -> list[str]:
    return [left for one in frames for left in road.take(one, mishaps, now_s)]


BOOK = [frame("book", number) for number in range(4)]
TRADE = frame("trade", 1)


def test_a_frame_comes_twice() -> None:
    assert sent(Road(10), on(kind="duplicate_frame", on="book"), BOOK[0], TRADE) == [BOOK[0], BOOK[0], TRADE]


def test_a_frame_never_comes() -> None:
    assert sent(Road(10), on(kind="skip_frame", on="book", times=1), *BOOK) == BOOK[1:]


def test_a_feed_waits_in_order_while_others_pass() -> None:
    road, mishaps = Road(10), on(kind="reorder_frames", on="book", times=1, ms=200)
    assert sent(road, mishaps, BOOK[0], BOOK[1], TRADE, frame("book", 0, "PF_ETHUSD")) == [
        TRADE,
        frame("book", 0, "PF_ETHUSD"),
    ]
    assert road.due_s == 0.2
    assert not list(road.release(0.1))
    assert sent(road, mishaps, BOOK[2], now_s=0.2) == BOOK[:3]
    assert road.is_free
    assert sent(road, None, BOOK[3], now_s=0.2) == [BOOK[3]]


def test_a_late_snapshot_is_waited_for_or_overtaken() -> None:
    snapshot = frame("book_snapshot", 0)
    road = Road(10)
    assert sent(road, on(kind="late_snapshot", ms=100), snapshot, BOOK[1], TRADE) == [TRADE]
    assert list(road.release(0.1)) == [snapshot, BOOK[1]]
    road = Road(10)
    assert sent(road, on(kind="late_snapshot", ms=100, overtaken=True), snapshot, BOOK[1]) == [BOOK[1]]
    assert list(road.release(0.1)) == [snapshot]


def test_a_connection_dies_or_breaks_at_a_frame() -> None:
    for kind, fate in (("half_open", Fate.DEAD), ("cut", Fate.CUT)):
        road = Road(10)
        assert sent(road, on(kind=kind, on="trade"), BOOK[0], TRADE) == [BOOK[0]]
        assert road.fate is fate


def test_what_waits_is_bounded() -> None:
    road = Road(3)
    assert not sent(road, on(kind="reorder_frames", ms=60_000), *BOOK)
    assert road.fate is Fate.CUT


def test_fractions_are_spelt_with_exponents() -> None:
    text = '{"feed":"trade","price":0.00012}'
    assert sent(Road(3), on(kind="exponents", on="trade"), text) == ['{"feed":"trade","price":1.2E-4}']


@given(
    st.lists(st.tuples(st.sampled_from(["book", "trade", "fills"]), st.floats(0, 0.3)), max_size=40),
    st.integers(0, 1_000),
)
def test_no_feed_ever_loses_its_order_or_a_frame(arrivals: list[tuple[str, float]], seed: int) -> None:
    mishaps = Mishaps(dial({"kind": "reorder_frames", "probability": 0.4, "ms": 250}), 0.0)
    mishaps._rng.seed(seed)
    road, now_s, out = Road(1_000), 0.0, []
    for number, (feed, pause_s) in enumerate(arrivals):
        now_s += pause_s
        out += sent(road, mishaps, frame(feed, number), now_s=now_s)
    out += road.release(now_s + 100)
    left = [json.loads(one) for one in out]
    for feed in ("book", "trade", "fills"):
        assert [one["seq"] for one in left if one["feed"] == feed] == [
            number for number, (name, _) in enumerate(arrivals) if name == feed
        ]
