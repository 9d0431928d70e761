import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.mirror.news import BookInDoubt, LinkOpened
from tui.exchange.mirror.session import SILENCE_MS, SNAPSHOT_WAIT_MS, MirrorSession
from tui.wire.derivatives.frames import BookFrame, BookSnapshotFrame, TickerFrame, TradeFrame

from .frames import PF, alert, delta, heartbeat, snapshot, ticker, trade

NOW = 1_000_000


def asked(session: MirrorSession, now_ms: int) -> list[tuple[str, str, str]]:
    requests: list[dict[str, Any]] = [json.loads(frame) for frame in session.outgoing(now_ms)]
    assert all(len(request["product_ids"]) == 1 for request in requests)
    return [(request["event"], request["feed"], request["product_ids"][0]) for request in requests]


def opened(*symbols: str, priced: tuple[str, ...] = ()) -> MirrorSession:
    session = MirrorSession(symbols or (PF,), priced)
    assert session.opened(NOW) == (LinkOpened(),)
    return session


def test_a_connection_asks_for_everything_one_product_at_a_time() -> None:
    session = opened(PF, priced=("PF_ETHUSD",))
    assert asked(session, NOW) == [
        ("subscribe", "book", PF),
        ("subscribe", "ticker", PF),
        ("subscribe", "trade", PF),
        ("subscribe", "ticker", "PF_ETHUSD"),
    ]
    assert asked(session, NOW) == []


def test_requests_leave_no_faster_than_the_venue_allows() -> None:
    session = opened(*(f"PF_C{number}USD" for number in range(100)))
    sent = [len(asked(session, NOW + at)) for at in range(0, 6_000, 100)]
    assert sum(sent) == 300
    assert all(sum(sent[at : at + 10]) <= 160 for at in range(50)), "a full bucket and a second's refill"
    assert sent[0] == 80


def test_a_book_is_passed_on_while_nothing_is_missed() -> None:
    session = opened()
    assert session.receive(delta(5, "buy", 88_000, 1), NOW) == (), "nothing to add it to yet"
    (whole,) = session.receive(snapshot(5, [(88_000, 1)], [(88_001, 2)]), NOW)
    assert isinstance(whole, BookSnapshotFrame)
    assert session.receive(delta(5, "buy", 88_000, 9), NOW) == (), "already in the snapshot"
    (change,) = session.receive(delta(6, "buy", 88_000, 3), NOW)
    assert isinstance(change, BookFrame)
    assert session.receive(delta(6, "buy", 88_000, 3), NOW) == (), "told twice"


def test_after_a_gap_the_book_is_in_doubt_and_asked_for_again() -> None:
    session = opened()
    asked(session, NOW)
    session.receive(snapshot(5, [], []), NOW)
    assert session.receive(delta(7, "buy", 88_000, 3), NOW) == (BookInDoubt(PF),)
    assert asked(session, NOW + 1000) == [("unsubscribe", "book", PF), ("subscribe", "book", PF)]
    assert session.receive(delta(8, "buy", 88_000, 3), NOW) == (), "nothing holds until the snapshot"
    assert len(session.receive(snapshot(11, [], []), NOW)) == 1
    assert len(session.receive(delta(12, "sell", 88_001, 3), NOW)) == 1
    assert session.gaps == 1


def test_one_gap_does_not_hold_up_another_book() -> None:
    session = opened(PF, "PF_ETHUSD")
    session.receive(snapshot(5, [], []), NOW)
    session.receive(snapshot(1, [], [], "PF_ETHUSD"), NOW)
    session.receive(delta(9, "buy", 1, 1), NOW)
    assert len(session.receive(delta(2, "buy", 1, 1, "PF_ETHUSD"), NOW)) == 1


def test_trades_and_tickers_pass() -> None:
    session = opened()
    assert isinstance(session.receive(ticker(), NOW)[0], TickerFrame)
    assert isinstance(session.receive(trade("buy", 88_000, 1), NOW)[0], TradeFrame)


def test_silence_of_the_market_breaks_the_link_though_hearts_beat() -> None:
    session = opened()
    session.receive(ticker(), NOW + 1_000)
    session.receive(heartbeat(), NOW + SILENCE_MS)
    assert session.broken(NOW + 1_000 + SILENCE_MS) is None
    assert session.broken(NOW + 1_001 + SILENCE_MS) is not None
    session.opened(NOW + 60_000)
    assert session.broken(NOW + 60_000) is None


def test_a_snapshot_that_does_not_come_is_asked_for_again() -> None:
    session = opened()
    asked(session, NOW)
    late = NOW + SNAPSHOT_WAIT_MS + 1
    session.receive(ticker(), late)
    assert session.broken(late) is None
    assert asked(session, late) == [("unsubscribe", "book", PF), ("subscribe", "book", PF)]
    session.receive(snapshot(1, [], []), late)
    session.receive(ticker(), late + SNAPSHOT_WAIT_MS + 1)
    session.broken(late + SNAPSHOT_WAIT_MS + 1)
    assert asked(session, late + SNAPSHOT_WAIT_MS + 1) == []


def test_what_the_upstream_does_not_know_is_not_waited_for() -> None:
    session = opened()
    asked(session, NOW)
    session.receive(alert(f"Couldn't subscribe to invalid product `{PF}`"), NOW)
    late = NOW + SNAPSHOT_WAIT_MS + 1
    session.receive(ticker(), late)
    session.broken(late)
    assert asked(session, late) == []


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_nothing_that_arrives_raises(raw: bytes | str) -> None:
    session = opened()
    assert session.receive(raw, NOW) == ()


def test_the_unreadable_is_counted() -> None:
    session = opened()
    session.receive(b'{"feed":"book","product_id":"PF_XBTUSD"}', NOW)
    assert session.unreadable == 1
