"""The link is believed only when every feed has spoken and REST was asked after that."""

from __future__ import annotations

from tests.service.build import T0
from tests.service.desk import Desk
from tui.model.events import FeedBeat, FeedSubscribed
from tui.model.state import LinkStatus
from tui.service.link import SILENT_MS, LinkLedger


def ready() -> LinkLedger:
    link = LinkLedger()
    link.heard(T0)
    link.opened(1, T0)
    link.ready(9, T0)
    return link


def test_a_refresh_asked_before_the_link_was_ready_does_not_make_it_live() -> None:
    link = ready()
    assert not link.refreshed(8, T0)
    assert link.view().status is LinkStatus.STALE
    assert link.refreshed(10, T0)
    assert link.view().status is LinkStatus.LIVE


def test_a_new_connection_is_stale_again_and_counted() -> None:
    link = ready()
    link.refreshed(10, T0)
    link.opened(2, T0)
    assert link.view().status is LinkStatus.STALE
    assert link.view().reconnects == 1
    assert not link.refreshed(21, T0), "not ready yet"


def test_a_live_link_that_says_nothing_is_not_called_live() -> None:
    link = ready()
    link.refreshed(10, T0)
    assert not link.silent(T0 + SILENT_MS - 1)
    assert link.silent(T0 + SILENT_MS)
    assert link.view().status is LinkStatus.STALE
    assert not link.refreshed(30, T0 + SILENT_MS), "REST cannot speak for the stream"
    link.pulse(14, T0 + SILENT_MS + 1)
    assert link.refreshed(31, T0 + SILENT_MS + 1)
    assert link.view().round_trip_ms == 14


def test_heartbeats_are_counted_as_a_feed_and_show_that_the_stream_flows() -> None:
    desk = Desk()
    desk.connect()
    desk.hear(FeedSubscribed("heartbeat"))
    desk.wait(59_000)
    desk.hear(FeedBeat(), FeedBeat())
    (feed,) = (feed for feed in desk.ledger.feeds.view() if feed.name == "heartbeat")
    assert (feed.subscribed, feed.frames, feed.last_ms) == (True, 2, desk.now)
    desk.wait(59_000)
    assert not any("silent" in alarm.text for alarm in desk.ledger.alarms.view())
