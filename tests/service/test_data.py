"""The data service: starts in order, never gives up, asks at the right moments, settles what is unresolved."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.service.bench import bench
from tests.service.build import T0, XBT, dec, ended, fill, filled, order, pool, position, removed, request, updated
from tests.service.fake_venue import FakeVenue
from tests.service.virtual_time import clock, virtually
from tui.journal.records import Kind, Verdict
from tui.model.account import Account
from tui.model.enums import CloseReason, OrderType
from tui.model.events import FrameUnreadable, LinkLost, LinkOpened, LinkReady, OrdersSnapshot
from tui.model.order import CancelRequest, EditRequest, OrderEnd, Refused, Unknown
from tui.model.state import LinkStatus, RateBudget, Slice


def test_contracts_come_before_the_stream_and_the_stream_before_the_account(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            names = [name for name, _ in desk.venue.calls]
            assert names.index("instruments") < names.index("stream") < names.index("open_orders")
            assert set(desk.state.instruments) == {XBT}
            assert desk.state.health.clock_skew_ms == 5, "half of the round trip"

    virtually(main())


def test_rest_alone_makes_a_usable_state_with_the_stream_not_live(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.open, venue.held, venue.executed = (order(),), (position(5),), [fill()]
        async with bench(tmp_path, venue) as desk:
            state = desk.state
            assert state.link.status is LinkStatus.CONNECTING
            assert [row.order_id for row in state.orders] == ["o1"]
            assert [held.size for held in state.positions] == [5]
            assert [one.fill_id for one in state.fills] == ["f1"]
            assert state.account is not None
            assert all(state.ages[part].rest_ms is not None for part in (Slice.ORDERS, Slice.MARGIN, Slice.FILLS))
            assert desk.alarms() == [], "what was there before is no news"

    virtually(main())


def test_a_venue_that_is_down_at_the_start_is_tried_for_ever(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.down = True
        async with bench(tmp_path, venue, start=False) as desk:
            running = asyncio.create_task(desk.data.run())
            await asyncio.sleep(600)
            assert desk.state.account is None
            assert any("cannot be reached" in alarm.text for alarm in desk.state.alarms)
            assert len(desk.state.alarms) < 20, "told once for each question"
            venue.down = False
            await asyncio.wait_for(desk.data.wait_usable(), 30)
            assert set(desk.state.instruments) == {XBT}
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    virtually(main())


def test_the_link_is_live_only_after_a_refresh_that_was_asked_when_it_was_ready(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.hanging.add("positions")
            desk.venue.say(LinkOpened(1), OrdersSnapshot(()), LinkReady(1))
            await asyncio.sleep(5)
            assert desk.state.link.status is LinkStatus.STALE
            desk.venue.hanging.clear()
            await desk.until(lambda state: state.link.status is LinkStatus.LIVE, 30)

    virtually(main())


def test_a_lost_link_is_told_at_once_and_its_return_after_the_comparison(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            urgent: list[bool] = []
            desk.store.subscribe(urgent.append)
            assert desk.state.link.status is LinkStatus.LIVE
            desk.venue.say(LinkLost(1, "connection reset", 2_000))
            await asyncio.sleep(0.001)
            assert urgent == [True]
            link = desk.state.link
            assert (link.status, link.reason, link.retry_at_ms) == (
                LinkStatus.DOWN,
                "connection reset",
                desk.store.clock() + 1_999,
            )
            await desk.go_live(epoch=2)
            assert desk.state.link.reconnects == 1
            assert desk.alarms() == ["link", "link"]

    virtually(main())


def test_everything_is_asked_again_at_least_every_ten_seconds(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            before = len(desk.venue.called("open_orders"))
            await asyncio.sleep(100)
            asked = len(desk.venue.called("open_orders")) - before
            assert 9 <= asked <= 11
            assert len(desk.venue.called("account")) == len(desk.venue.called("open_orders"))

    virtually(main())


def test_a_short_budget_slows_the_asking_and_a_wait_stops_it(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.budget = RateBudget(available=20)
            await asyncio.sleep(12)
            before = len(desk.venue.called("open_orders"))
            await asyncio.sleep(100)
            assert 4 <= len(desk.venue.called("open_orders")) - before <= 6
            desk.venue.budget = RateBudget(available=0, wait_until_ms=clock() + 50_000)
            before = len(desk.venue.calls)
            desk.venue.say(FrameUnreadable("open_orders", "bad number", private=True))
            await asyncio.sleep(45)
            assert len(desk.venue.calls) == before
            await asyncio.sleep(20)
            assert len(desk.venue.calls) > before

    virtually(main())


def test_a_question_that_never_answers_ends_and_proves_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.open = (order(),)
        async with bench(tmp_path, venue) as desk:
            venue.hanging.add("open_orders")
            venue.open = ()
            await asyncio.sleep(120)
            assert [row.order_id for row in desk.state.orders] == ["o1"]
            assert any("no answer within" in alarm.text for alarm in desk.state.alarms)
            assert len(venue.called("positions")) > 5, "the other questions go on"

    virtually(main())


def test_an_unreadable_private_frame_asks_everything(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            await asyncio.sleep(2)
            before = len(desk.venue.called("open_orders"))
            desk.venue.say(FrameUnreadable("open_orders", "bad number", private=True))
            await asyncio.sleep(0.1)
            assert len(desk.venue.called("open_orders")) == before + 1

    virtually(main())


def test_owed_fills_are_asked_for(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            at = desk.venue.server_ms()
            row = order(remaining=0, filled=10, at=at)
            desk.venue.say(updated(order(at=at - 1)), removed(row=row, reason=CloseReason.FILLED))
            desk.venue.executed = [fill(size=10, at=at)]
            await desk.until(lambda state: state.fills, 5)
            assert desk.state.closed[0].close_reason == "filled"
            assert "fill" in desk.alarms()

    virtually(main())


def test_a_gap_is_paged_back_until_a_known_fill(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.executed = [fill("first", at=clock())]
            await desk.go_live()
            desk.venue.say(filled(*desk.venue.executed))
            await asyncio.sleep(1)
            desk.venue.say(LinkLost(1, "cut", 1000))
            start = clock() + 1
            desk.venue.down = True
            desk.venue.executed += [fill(f"f{number}", at=start + number // 2) for number in range(330)]
            await asyncio.sleep(1)
            desk.venue.down = False
            desk.venue.say(LinkOpened(2), filled(*desk.venue.executed[-50:], snapshot=True))
            await desk.go_live(epoch=3)
            await desk.until(lambda state: len(state.fills) == 331, 30)
            pages = [before for before in desk.venue.called("fills") if before is not None]
            assert 3 <= len(pages) <= 8
            assert desk.venue.called("executions") == []
            kept = await desk.journal.fills()
            assert {one.fill_id for one in kept} == {one.fill_id for one in desk.venue.executed}

    virtually(main())


def test_an_order_that_ended_while_we_were_away_is_explained_by_history(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.open = (order("gone", at=clock()),)
            await desk.go_live()
            desk.venue.say(updated(desk.venue.open[0]))
            await asyncio.sleep(1)
            desk.venue.say(LinkLost(1, "cut", 1000))
            desk.venue.open = ()
            desk.venue.ended = [
                OrderEnd("another", CloseReason.LIQUIDATION, clock() + 10),
                OrderEnd("gone", CloseReason.DEAD_MAN_SWITCH, clock() + 20, filled=dec(4)),
            ]
            await asyncio.sleep(30)
            await desk.go_live(epoch=2)
            await desk.until(lambda state: bool(state.closed) and state.closed[0].close_reason is not None, 90)
            await asyncio.sleep(90)
            (ended_order,) = desk.state.closed
            assert (ended_order.close_reason, ended_order.filled) == (CloseReason.DEAD_MAN_SWITCH, dec(4))
            assert len(desk.venue.called("order_ends")) == 1

    virtually(main())


def test_history_that_does_not_answer_is_asked_again_at_leisure(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.open = (order("gone", at=clock()),)
            await desk.go_live()
            desk.venue.say(updated(desk.venue.open[0]))
            await asyncio.sleep(1)
            desk.venue.hanging.add("order_ends")
            desk.venue.open = ()
            desk.venue.say(LinkOpened(2), OrdersSnapshot(()), LinkReady(2))
            await asyncio.sleep(600)
            assert desk.state.closed[0].close_reason is CloseReason.UNKNOWN
            assert 5 <= len(desk.venue.called("order_ends")) <= 12
            desk.venue.hanging.clear()
            desk.venue.ended = [OrderEnd("gone", CloseReason.CANCELLED, clock())]
            await desk.until(lambda state: state.closed[0].close_reason is CloseReason.CANCELLED, 120)

    virtually(main())


def test_a_gap_that_cannot_be_read_yet_is_read_later_without_hammering(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.executed = [fill("first", at=clock())]
            await desk.go_live()
            desk.venue.say(filled(*desk.venue.executed))
            await asyncio.sleep(1)
            desk.venue.executed += [fill(f"f{number}", at=clock() + 1 + number) for number in range(150)]
            desk.venue.down = True
            desk.venue.say(LinkOpened(2), filled(*desk.venue.executed[-10:], snapshot=True))
            before = len(desk.venue.called("fills"))
            await asyncio.sleep(30)
            assert len(desk.venue.called("fills")) - before < 100
            desk.venue.down = False
            await desk.until(lambda state: len(state.fills) == 151, 30)

    virtually(main())


def test_a_gap_within_one_millisecond_is_read_from_history(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.executed = [fill("first", at=clock())]
            await desk.go_live()
            desk.venue.say(filled(*desk.venue.executed))
            await asyncio.sleep(1)
            desk.venue.say(LinkLost(1, "cut", 1000))
            at = clock() + 1
            desk.venue.executed += [fill(f"f{number}", at=at) for number in range(250)]
            await desk.go_live(epoch=2)
            await desk.until(lambda state: len(state.fills) == 251, 30)
            assert desk.venue.called("executions")

    virtually(main())


def test_fills_of_earlier_runs_are_known_and_a_gap_since_then_is_closed(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.executed = [fill(f"old{number}", at=T0 - 1000 + number) for number in range(5)]
        async with bench(tmp_path, venue) as desk:
            await asyncio.sleep(1)
        venue.executed += [fill(f"f{number}", at=T0 + 500 + number) for number in range(150)]
        async with bench(tmp_path, venue) as desk:
            await desk.until(lambda state: len(state.fills) == 155, 30)

    virtually(main())


def test_an_order_nobody_can_find_after_its_time_never_reached_the_book(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.outcomes = [Unknown("timeout")]
            start = clock()
            await desk.trading.submit(request("c1"))
            await asyncio.sleep(12)
            assert len(desk.state.unresolved) == 1, "it may still arrive"
            await desk.until(lambda state: not state.unresolved, 30)
            assert clock() - start > 17_000
            assert "never reached the book" in desk.state.alarms[-1].text
            assert len(desk.venue.called("submit")) == 1, "nothing is sent again"
            assert ((), ("c1",)) in desk.venue.called("order_status")
            await asyncio.sleep(0.1)
            (entry,) = await desk.journal.entries()
            assert entry.verdict is Verdict.NOT_SENT
            assert desk.state.orders == ()
            assert not isinstance(await desk.trading.submit(request("c2")), Refused)

    virtually(main())


@pytest.mark.parametrize(("lived_ms", "verdict"), [(0, Verdict.REFUSED), (900, Verdict.ACCEPTED)])
def test_an_unanswered_order_that_met_our_own_at_the_door_was_refused(
    tmp_path: Path, lived_ms: int, verdict: Verdict
) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.outcomes = [Unknown("timeout")]
            await desk.trading.submit(request("c1"))
            row = order("v1", client="c1", created=clock(), at=clock() + lived_ms)
            desk.venue.say(removed(row=row, reason=CloseReason.SELF_TRADE))
            await desk.until(lambda state: not state.unresolved, 30)
            await asyncio.sleep(0.1)
            (entry,) = await desk.journal.entries()
            assert entry.verdict is verdict

    virtually(main())


def test_an_act_of_an_earlier_run_whose_clock_was_ahead_does_not_stay_open_until_then(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path, start=False) as desk:
            later_ms = clock() + 3_600_000
            await desk.journal.intent(Kind.CANCEL, XBT, "CANCEL c1", CancelRequest(XBT, None, "c1"), later_ms)
        async with bench(tmp_path) as desk:
            await desk.go_live()
            await desk.until(lambda state: not state.unresolved, 45)

    virtually(main())


def test_history_shows_that_an_order_nobody_answered_for_had_arrived_and_ended(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.outcomes = [Unknown("timeout")]
            desk.venue.ended = [OrderEnd("v1", CloseReason.CANCELLED, clock() + 100, client_order_id="c1")]
            await desk.trading.submit(request("c1"))
            await desk.until(lambda state: not state.unresolved, 30)
            await asyncio.sleep(0.1)
            (entry,) = await desk.journal.entries()
            assert (entry.verdict, entry.order_id) == (Verdict.ACCEPTED, "v1")
            assert desk.state.closed[0].close_reason is CloseReason.CANCELLED

    virtually(main())


@pytest.mark.parametrize("failing", ["open_orders", "fills", "order_status"])
def test_nothing_is_proved_by_a_round_with_a_hole(tmp_path: Path, failing: str) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.outcomes = [Unknown("timeout")]
            await desk.trading.submit(request("c1"))
            desk.venue.hanging.add(failing)
            await asyncio.sleep(120)
            assert len(desk.state.unresolved) == 1
            desk.venue.hanging.clear()
            await desk.until(lambda state: not state.unresolved, 60)

    virtually(main())


@pytest.mark.parametrize("road", ["stream", "fill", "open orders", "status", "fills"])
def test_any_road_settles_an_order_that_did_arrive(tmp_path: Path, road: str) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.outcomes = [Unknown("timeout")]
            await desk.trading.submit(request("c1"))
            row, at = order("o1", 10, client="c1", at=clock()), desk.venue.server_ms()
            one = fill("f1", 10, at=at, client="c1", left=0)
            match road:
                case "stream":
                    desk.venue.say(updated(row))
                case "fill":
                    desk.venue.say(filled(one))
                case "open orders":
                    desk.venue.open = (row,)
                case "status":
                    desk.venue.reports = (ended(row, CloseReason.CANCELLED),)
                case _:
                    desk.venue.executed = [one]
            await desk.until(lambda state: not state.unresolved, 8)
            await asyncio.sleep(0.1)
            (entry,) = await desk.journal.entries()
            assert entry.verdict is Verdict.ACCEPTED
            assert entry.order_id == "o1"

    virtually(main())


def test_an_order_of_an_earlier_run_is_known_for_what_was_asked(tmp_path: Path) -> None:
    async def first_run() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.outcomes = [Unknown("timeout")]
            await desk.trading.submit(request("c1", type=OrderType.POST))

    async def second_run() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.say(filled(fill("f1", 4, client="c1", left=6, at=desk.venue.server_ms())))
            await desk.until(lambda state: not state.unresolved, 5)
            (row,) = desk.state.orders
            assert (row.type, row.limit_price, row.size) == (OrderType.POST, dec(100), dec(10))

    virtually(first_run())
    virtually(second_run())


def test_an_edit_without_an_answer_is_settled_by_what_the_order_is(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.open = (order("o1"), order("o2"))
        async with bench(tmp_path, venue) as desk:
            await desk.go_live()
            venue.outcomes = [Unknown("timeout"), Unknown("timeout")]
            await desk.trading.edit(EditRequest(XBT, "o1", limit_price=dec(101)))
            await desk.trading.edit(EditRequest(XBT, "o2", limit_price=dec(102)), accept_doubts=True)
            assert len(desk.state.unresolved) == 2
            venue.open = (order("o1", price=101, at=T0 + 1), order("o2"))
            await desk.until(lambda state: len(state.unresolved) == 1, 10)
            assert "took effect" in desk.state.alarms[-1].text
            await desk.until(lambda state: not state.unresolved, 60)
            assert "did not take effect" in desk.state.alarms[-1].text

    virtually(main())


def test_cancels_without_an_answer_are_settled(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.open = (order("o1"), order("o2"))
        async with bench(tmp_path, venue) as desk:
            await desk.go_live()
            venue.outcomes = [Unknown("timeout"), Unknown("timeout"), Unknown("timeout")]
            await desk.trading.cancel(CancelRequest(XBT, "o1"))
            await desk.trading.cancel(CancelRequest(XBT, "o2"))
            await desk.trading.set_leverage(XBT, dec(5))
            assert [one.kind for one in desk.state.unresolved] == ["cancel", "cancel", "leverage"]
            venue.say(removed("o1"))
            await desk.until(lambda state: len(state.unresolved) == 2, 5)
            await desk.until(lambda state: not state.unresolved, 60)
            texts = " ".join(alarm.text for alarm in desk.state.alarms)
            assert "still works" in texts
            assert "was not changed" in texts
            assert [row.order_id for row in desk.state.orders] == ["o2"]

    virtually(main())


def test_cancel_all_without_an_answer_is_settled_by_an_empty_book(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.open = (order("o1"),)
        async with bench(tmp_path, venue) as desk:
            await desk.go_live()
            venue.outcomes = [Unknown("timeout")]
            await desk.trading.cancel_all()
            assert isinstance(await desk.trading.submit(request("c2")), Refused), "it touches every contract"
            venue.open = ()
            await desk.until(lambda state: not state.unresolved, 15)
            assert desk.state.orders == ()

    virtually(main())


def test_a_falling_margin_level_sounds_once_for_each_band(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with bench(tmp_path, venue) as desk:
            for maintenance in (100, 400, 410, 600, 450, 50):
                venue.money = Account(0, (pool(equity=1000, maintenance=maintenance),))
                await desk.data.refresh()
            assert [alarm.text.removeprefix("cross: margin level ") for alarm in desk.state.alarms] == [
                "250 %, caution",
                "167 %, warning",
                "is healthy again",
            ]

    virtually(main())


def test_watching_chooses_books(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.data.watch(tickers=[XBT, "PF_ETHUSD"], depth=[XBT])
            assert desk.venue.called("watch") == [((XBT, "PF_ETHUSD"), (XBT,))]

    virtually(main())
