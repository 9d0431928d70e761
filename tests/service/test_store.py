"""State is made when somebody looks, out of slices that keep their identity."""

from __future__ import annotations

from tests.service.build import ETH, T0, XBT, dec, fill, filled, order, position, updated
from tui.model.enums import Environment, Side
from tui.model.events import BookDelta, BookSnapshot, FeedGap, FeedRefused, LinkPulse, PositionsFrame, TickerUpdated
from tui.model.state import Slice, State
from tui.model.ticker import Ticker
from tui.service.store import Store


def store() -> Store:
    return Store(Environment.PAPER, "http://127.0.0.1:1", clock=lambda: T0)


def test_the_state_is_the_same_object_until_something_changes() -> None:
    desk = store()
    first = desk.state
    assert isinstance(first, State)
    assert desk.state is first
    desk.apply(TickerUpdated(Ticker(XBT, T0)))
    assert desk.state is not first


def test_slices_that_did_not_move_are_the_same_objects() -> None:
    desk = store()
    desk.apply(updated(order()))
    desk.apply(filled(fill()))
    desk.apply(PositionsFrame((position(5),), T0))
    desk.apply(BookSnapshot(ETH, (), (), 1, T0))
    before = desk.state
    desk.apply(TickerUpdated(Ticker(XBT, T0)))
    desk.apply(BookSnapshot(XBT, (), (), 1, T0))
    after = desk.state
    for name in ("orders", "closed", "fills", "positions", "unresolved", "instruments", "alarms", "account", "tape"):
        assert getattr(after, name) is getattr(before, name), name
    assert after.books[ETH] is before.books[ETH]
    assert after.tickers is not before.tickers


def test_a_held_state_never_changes() -> None:
    desk = store()
    desk.apply(BookSnapshot(XBT, (), (), 1, T0))
    desk.apply(TickerUpdated(Ticker(XBT, T0, last=dec(1))))
    held = desk.state
    desk.apply(BookDelta(XBT, Side.BUY, dec(5), dec(1), 2, T0))
    desk.apply(TickerUpdated(Ticker(XBT, T0 + 1, last=dec(2))))
    desk.apply(updated(order()))
    assert desk.state.books[XBT].bids
    assert held.books[XBT].bids == ()
    assert held.tickers[XBT].last == 1
    assert held.orders == ()


def test_subscribers_hear_once_between_two_looks_and_once_more_when_it_is_urgent() -> None:
    desk = store()
    heard: list[bool] = []
    leave = desk.subscribe(heard.append)
    for number in range(100):
        desk.apply(TickerUpdated(Ticker(XBT, T0 + number)))
    assert heard == [False]
    desk.apply(filled(fill()))
    desk.apply(filled(fill("f2")))
    assert heard == [False, True]
    assert desk.state.fills
    desk.apply(TickerUpdated(Ticker(XBT, T0 + 500)))
    assert heard == [False, True, False]
    leave()
    leave()
    assert desk.state.fills
    desk.apply(filled(fill("f3")))
    assert heard == [False, True, False]


def test_ages_say_which_source_spoke_when() -> None:
    desk = store()
    desk.apply(updated(order()))
    ages = desk.state.ages
    assert ages[Slice.ORDERS].stream_ms == T0
    assert ages[Slice.ORDERS].rest_ms is None
    assert Slice.POSITIONS not in ages


def test_health_counts_frames_gaps_and_refusals() -> None:
    desk = store()
    desk.apply(updated(order()))
    desk.apply(FeedGap("book", XBT, 5, 7))
    desk.apply(FeedRefused("open_orders_verbose", "Failed to subscribe to authenticated feed", private=True))
    desk.apply(LinkPulse(14))
    feeds = {feed.name: feed for feed in desk.state.health.feeds}
    assert feeds["open_orders"].frames == 1
    assert feeds["open_orders"].error
    assert feeds["book"].gaps == 1
    assert desk.state.link.round_trip_ms == 14
    assert desk.state.health.messages == 1
    assert [alarm.kind for alarm in desk.state.alarms] == ["link"]


def test_view_only_is_part_of_the_state() -> None:
    desk = store()
    assert desk.view_only is None
    desk.forbid_trading("the key is read-only")
    assert (desk.state.can_trade, desk.state.view_reason) == (False, "the key is read-only")
    assert desk.view_only == "the key is read-only"
    desk.allow_trading()
    assert desk.state.can_trade
