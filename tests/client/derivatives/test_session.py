from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.client.derivatives import wires
from tests.client.derivatives.parts import KEYS
from tui.client.derivatives import private, public
from tui.client.derivatives.outbox import PER_SECOND
from tui.client.derivatives.session import SILENCE_MS, Session
from tui.model.events import (
    AccountFrame,
    BookDelta,
    BookSnapshot,
    Event,
    FeedGap,
    FeedRefused,
    FeedSubscribed,
    FillsArrived,
    FrameUnreadable,
    LinkOpened,
    LinkReady,
    OrderRemoved,
    OrdersSnapshot,
    PositionsFrame,
)
from tui.wire.derivatives.feeds import Feed
from tui.wire.derivatives.outcomes import Alert

PRIVATE = ["open_orders_verbose", "fills", "open_positions", "balances", "account_log", "notifications_auth"]


class Desk:
    """Drives a session and keeps what it says and sends."""

    def __init__(self, session: Session, now_ms: int = 1_000_000) -> None:
        self.session = session
        self.now_ms = now_ms

    def open(self) -> list[Event]:
        return self.session.opened(self.now_ms)

    def hear(self, *frames: str) -> list[Event]:
        return [event for raw in frames for event in self.session.receive(raw.encode(), self.now_ms)]

    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(frame) for frame in self.session.outgoing(self.now_ms)]

    def after(self, seconds: float) -> list[dict[str, Any]]:
        """Let time pass in steps of half a second, and return what was sent meanwhile."""
        sent = []
        for _ in range(int(seconds * 2)):
            self.now_ms += 500
            self.session.tick(self.now_ms)
            sent += self.sent()
        return sent


def ready(tickers: Iterable[str] = (), depth: Iterable[str] = ()) -> Desk:
    """A desk whose private feeds have all spoken."""
    desk = Desk(Session(KEYS))
    desk.session.watch(tickers, depth, desk.now_ms)
    desk.open()
    desk.hear(wires.INFO, wires.CHALLENGE, *wires.PRIVATE_FIRST)
    desk.sent()
    assert desk.session.ready
    return desk


def alert(message: str, **more: str) -> str:
    return json.dumps({"event": "alert", "message": message, **more})


def feeds(sent: list[dict[str, Any]], event: str = "subscribe") -> list[str]:
    return [request["feed"] for request in sent if request["event"] == event]


def test_a_connection_asks_for_a_challenge_first_and_public_feeds_do_not_wait_for_it() -> None:
    desk = Desk(Session(KEYS))
    desk.session.watch(["PF_XBTUSD"], ["PF_ETHUSD"], 0)
    assert desk.open() == [LinkOpened(1)]
    sent = desk.sent()
    assert sent[0] == {"event": "challenge", "api_key": KEYS.api_key}
    assert sent[1] == {"event": "subscribe", "feed": "heartbeat"}
    assert {(request["feed"], *request["product_ids"]) for request in sent[2:]} == {
        ("ticker", "PF_XBTUSD"),
        ("book", "PF_ETHUSD"),
        ("trade", "PF_ETHUSD"),
    }


def test_the_challenge_is_signed_as_published_and_every_private_feed_is_asked_for() -> None:
    desk = Desk(Session(KEYS))
    desk.open()
    desk.sent()
    assert desk.hear(wires.INFO, wires.CHALLENGE) == []
    sent = desk.sent()
    assert feeds(sent) == PRIVATE
    assert {request["signed_challenge"] for request in sent} == {wires.SIGNED}
    assert {request["original_challenge"] for request in sent} == {json.loads(wires.CHALLENGE)["message"]}
    assert {request["api_key"] for request in sent} == {KEYS.api_key}


def test_the_link_is_ready_when_orders_fills_positions_and_balances_have_spoken() -> None:
    desk = Desk(Session(KEYS))
    desk.open()
    desk.hear(wires.CHALLENGE)
    events = desk.hear(wires.LOG, wires.positions(), wires.ORDERS, wires.FILLS)
    assert LinkReady(1) not in events
    assert desk.hear(wires.BALANCES)[-1] == LinkReady(1)
    assert desk.hear(wires.BALANCES, wires.ORDERS).count(LinkReady(1)) == 0


def test_public_feeds_alone_are_ready_at_once() -> None:
    desk = Desk(Session(None))
    assert desk.open() == [LinkOpened(1), LinkReady(1)]
    assert feeds(desk.sent()) == ["heartbeat"]


def test_changes_that_overtake_their_snapshot_wait_for_it_in_order() -> None:
    desk = Desk(Session(KEYS))
    desk.open()
    desk.hear(wires.CHALLENGE)
    assert desk.hear(wires.FULL_FILL, wires.CANCELLED, wires.balances(4)) == []
    events = desk.hear(wires.ORDERS)
    assert [type(event) for event in events] == [OrdersSnapshot, OrderRemoved, OrderRemoved]
    assert [event.order_id for event in events if isinstance(event, OrderRemoved)] == ["o-6", "o-7"]
    assert [type(event) for event in desk.hear(wires.BALANCES)] == [AccountFrame, AccountFrame]


def test_a_feed_that_never_sends_its_snapshot_cannot_fill_memory() -> None:
    desk = Desk(Session(KEYS))
    desk.open()
    desk.hear(*[wires.FILL] * private.BUFFER)
    assert desk.session.broken is None
    desk.hear(wires.FILL)
    assert desk.session.broken is not None


def test_every_connection_has_its_own_challenge_and_waits_for_everything_again() -> None:
    desk = ready()
    desk.session.lost("cut", 100)
    assert desk.open() == [LinkOpened(2)]
    assert desk.sent()[0]["event"] == "challenge"
    assert desk.hear(wires.FILL) == []
    desk.hear(wires.CHALLENGE.replace("5a2d", "6b3e"))
    assert all(request["original_challenge"].startswith("6b3e") for request in desk.sent())
    assert LinkReady(2) in desk.hear(*wires.PRIVATE_FIRST)


def test_private_feeds_that_stay_silent_while_public_data_flows_are_asked_anew_then_given_up() -> None:
    desk = Desk(Session(KEYS))
    desk.session.watch(["PF_ETHUSD"], [], desk.now_ms)
    desk.open()
    desk.hear(wires.CHALLENGE)
    desk.sent()
    sent = []
    for _ in range(11):
        desk.hear(wires.TICKER)
        sent += desk.after(1)
    assert [request["event"] for request in sent] == ["challenge"]
    desk.hear(wires.CHALLENGE, wires.ORDERS)
    assert feeds(desk.sent()) == PRIVATE  # whatever had not spoken when the challenge came
    desk.hear(wires.TICKER)
    desk.after(11)
    assert desk.session.broken == "the private feeds are silent"


def test_a_long_private_silence_on_a_ready_link_is_probed_by_asking_for_the_positions() -> None:
    desk = ready()
    sent = desk.after(private.SILENCE_MS / 1000 + 1)
    assert [(request["event"], request["feed"]) for request in sent] == [
        ("unsubscribe", "open_positions"),
        ("subscribe", "open_positions"),
    ]
    assert [type(event) for event in desk.hear(wires.positions())] == [PositionsFrame]
    assert desk.after(20) == []
    assert desk.session.broken is None


def test_an_unanswered_probe_leads_to_a_new_challenge_and_then_a_new_connection() -> None:
    desk = ready()
    desk.after(private.SILENCE_MS / 1000 + 1)
    assert [request["event"] for request in desk.after(10)] == ["challenge"]
    desk.after(11)
    assert desk.session.broken == "the private feeds are silent"


def test_refused_keys_are_told_once_per_round_and_tried_again_in_a_minute_for_ever() -> None:
    desk = Desk(Session(KEYS))
    desk.open()
    desk.hear(wires.CHALLENGE)
    desk.sent()
    refusals = desk.hear(*[alert(Alert.AUTHENTICATION_FAILED)] * 6)
    assert refusals == [FeedRefused(None, Alert.AUTHENTICATION_FAILED, private=True)]
    for _ in range(4):
        assert desk.after(59) == []
        assert [request["event"] for request in desk.after(2)] == ["challenge"]
        desk.hear(wires.CHALLENGE)
        assert len(desk.sent()) == 6
        assert len(desk.hear(*[alert(Alert.AUTHENTICATION_FAILED)] * 6)) == 1
    assert desk.session.broken is None


@pytest.mark.parametrize("message", [Alert.ALREADY_SUBSCRIBED, Alert.NOT_SUBSCRIBED])
def test_benign_alerts_say_nothing(message: Alert) -> None:
    assert ready().hear(alert(message)) == []


@pytest.mark.parametrize("message", [Alert.ENGINE_UNAVAILABLE, Alert.BAD_MESSAGE, Alert.RATE_LIMITED, "something new"])
def test_other_alerts_are_passed_on(message: str) -> None:
    assert ready().hear(alert(message)) == [FeedRefused(None, message)]


def test_acks_are_told_per_product_whatever_they_echo() -> None:
    desk = ready()
    assert desk.hear('{"event":"subscribed","feed":"ticker","product_ids":["A","B"]}') == [
        FeedSubscribed("ticker", "A"),
        FeedSubscribed("ticker", "B"),
    ]
    ack = '{"event":"subscribed","feed":"fills","api_key":"k","original_challenge":"o","signed_challenge":"s"}'
    assert desk.hear(ack) == [FeedSubscribed("fills")]


def test_watching_asks_only_for_what_changed_one_product_a_request() -> None:
    desk = ready(["A", "B"], ["A"])
    desk.session.watch(["B", "C"], ["B"], desk.now_ms)
    sent = desk.sent()
    assert {(r["feed"], *r["product_ids"]) for r in sent if r["event"] == "unsubscribe"} == {
        ("ticker", "A"),
        ("book", "A"),
        ("trade", "A"),
    }
    assert {(r["feed"], *r["product_ids"]) for r in sent if r["event"] == "subscribe"} == {
        ("ticker", "C"),
        ("book", "B"),
        ("trade", "B"),
    }
    desk.session.watch(["B", "C"], ["B"], desk.now_ms)
    assert desk.sent() == []


def test_a_book_begins_with_its_snapshot_and_repeats_are_dropped() -> None:
    desk = ready(depth=["PF_XBTUSD"])
    assert desk.hear(wires.book(5)) == []
    events = desk.hear(wires.book_snapshot(9), wires.book(9), wires.book(10), wires.book(10), wires.book(11))
    assert [type(event) for event in events] == [BookSnapshot, BookDelta, BookDelta]


def test_a_gap_in_a_book_drops_it_until_the_new_snapshot() -> None:
    desk = ready(depth=["PF_XBTUSD"])
    desk.hear(wires.book_snapshot(9))
    assert desk.hear(wires.book(11)) == [FeedGap("book", "PF_XBTUSD", 10, 11)]
    assert [(r["event"], r["feed"]) for r in desk.sent()] == [("unsubscribe", "book"), ("subscribe", "book")]
    assert desk.hear(wires.book(12), wires.book(13)) == []
    assert [type(event) for event in desk.hear(wires.book_snapshot(20), wires.book(21))] == [BookSnapshot, BookDelta]


def test_a_book_whose_snapshot_does_not_come_is_asked_for_again_unless_its_product_is_refused() -> None:
    desk = ready(depth=["PF_XBTUSD", "NOPE"])
    events = desk.hear(alert("Couldn't subscribe to invalid product `NOPE`"))
    assert [type(event) for event in events] == [FeedRefused]
    sent = desk.after(public.SNAPSHOT_WAIT_MS / 1000 + 1)
    assert [(r["event"], *r["product_ids"]) for r in sent] == [("unsubscribe", "PF_XBTUSD"), ("subscribe", "PF_XBTUSD")]


def test_a_gap_in_balances_is_told_and_the_feed_asked_for_again() -> None:
    desk = ready()
    assert [type(event) for event in desk.hear(wires.balances(1))] == [AccountFrame]
    assert desk.hear(wires.balances(3))[-1] == FeedGap("balances", None, 2, 3)
    assert [(r["event"], r["feed"]) for r in desk.sent()] == [("unsubscribe", "balances"), ("subscribe", "balances")]
    assert [type(event) for event in desk.hear(wires.BALANCES)] == [AccountFrame]


def test_the_first_frame_of_a_feed_begins_the_count() -> None:
    assert ready().hear(wires.balances(2))[-1] == FeedGap("balances", None, 1, 2)


def test_numbers_that_keep_jumping_mean_something_else_and_are_ignored() -> None:
    desk = ready()
    gaps = 0
    for seq in range(10, 100, 10):
        events = desk.hear(wires.positions(seq))
        gaps += any(isinstance(event, FeedGap) for event in events)
        desk.hear(wires.positions(seq + 5))
    assert gaps <= private.MOST_GAPS
    desk.sent()
    assert [type(event) for event in desk.hear(wires.positions(500))] == [PositionsFrame]
    assert desk.sent() == []


def test_a_frame_that_cannot_be_read_says_whose_it_was() -> None:
    desk = ready()
    (broken,) = desk.hear('{"feed":"fills","fills":[{"fill_id":1}]}')
    assert isinstance(broken, FrameUnreadable)
    assert (broken.feed, broken.private) == ("fills", True)
    (public_one,) = desk.hear('{"feed":"book_snapshot","product_id":1}')
    assert isinstance(public_one, FrameUnreadable)
    assert (public_one.feed, public_one.private) == ("book", False)
    (nameless,) = desk.hear("<html>")
    assert isinstance(nameless, FrameUnreadable)
    assert (nameless.feed, nameless.private) == (None, True)
    (strange,) = desk.hear('{"feed":"brand_new","x":1}')
    assert isinstance(strange, FrameUnreadable)
    assert not strange.private


def test_silence_of_watched_markets_breaks_the_link_and_controls_are_no_content() -> None:
    desk = ready(["PF_ETHUSD"])
    desk.hear(wires.TICKER)
    desk.after(SILENCE_MS / 1000 - 1)
    assert desk.session.broken is None
    desk.hear(alert(Alert.ALREADY_SUBSCRIBED))
    desk.after(2)
    assert desk.session.broken == "no data for 20 s"


def test_a_quiet_link_without_markets_is_not_broken() -> None:
    desk = ready()
    for _ in range(10):
        desk.after(30)
        desk.hear(wires.positions())
    assert desk.session.broken is None


@pytest.mark.parametrize("jump_ms", [3_600_000, -3_600_000])
def test_a_clock_that_jumps_counts_as_a_lost_connection(jump_ms: int) -> None:
    desk = ready()
    desk.now_ms += jump_ms
    desk.session.tick(desk.now_ms)
    assert desk.session.broken is not None
    desk.session.lost("slept", 1)
    desk.open()
    assert desk.session.broken is None


def test_many_subscriptions_leave_at_the_venues_pace_and_private_ones_overtake() -> None:
    desk = Desk(Session(KEYS))
    desk.session.watch([f"PF_{n}USD" for n in range(300)], [], 0)
    desk.open()
    first = desk.sent()
    assert len(first) == PER_SECOND
    assert desk.sent() == []
    desk.hear(wires.CHALLENGE)
    desk.now_ms += 1_001
    assert feeds(desk.sent())[:6] == PRIVATE
    sent = 2 * PER_SECOND
    for _ in range(3):
        desk.now_ms += 1_001
        sent += len(desk.sent())
    assert sent == 1 + 1 + 300 + 6


def test_requests_meant_for_a_lost_connection_are_void() -> None:
    desk = Desk(Session(KEYS))
    desk.session.watch([f"PF_{n}USD" for n in range(PER_SECOND)], [], 0)
    desk.open()
    desk.sent()
    desk.session.lost("cut", 1)
    desk.session.watch([], [], desk.now_ms)
    desk.now_ms += 2_000
    desk.open()
    assert [request["event"] for request in desk.sent()] == ["challenge", "subscribe"]


def test_the_plain_orders_feed_can_be_chosen_instead() -> None:
    desk = Desk(Session(KEYS, orders_feed=Feed.OPEN_ORDERS))
    desk.open()
    desk.sent()
    desk.hear(wires.CHALLENGE)
    assert feeds(desk.sent())[0] == "open_orders"
    plain = [raw.replace("open_orders_verbose", "open_orders") for raw in wires.PRIVATE_FIRST]
    assert LinkReady(1) in desk.hear(*plain)


def test_a_fill_is_passed_on_once_it_may_be() -> None:
    (event,) = ready().hear(wires.FILL)
    assert isinstance(event, FillsArrived)
