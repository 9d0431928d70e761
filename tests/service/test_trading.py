"""The one road to an order: journalled before it is sent, sent once, and never forgotten."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from tests.service.bench import Bench, bench
from tests.service.build import ETH, T0, XBT, dec, fill, order, position, request
from tests.service.fake_venue import FakeVenue
from tests.service.virtual_time import clock, virtually
from tui.journal.records import Verdict
from tui.model.enums import CloseReason, OrderState, OrderType, Side
from tui.model.errors import JournalError, OutcomeUnknown, Unreachable
from tui.model.order import Accepted, CancelAllResult, CancelRequest, EditRequest, OrderRequest, Refused, Unknown


def test_an_order_is_on_disk_before_it_is_sent_and_settled_after(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:

            async def look() -> Accepted:
                (entry,) = await desk.journal.pending()
                assert entry.intent.what == "BUY 10.0000 PF_XBTUSD @ 100.0"
                assert [row.state for row in desk.state.orders] == [OrderState.SUBMITTING]
                return Accepted("placed", "o1", "c1", resting=True)

            desk.venue.outcomes = [look]
            outcome = await desk.trading.submit(request())
            assert isinstance(outcome, Accepted)
            assert await desk.journal.pending() == ()
            (entry,) = await desk.journal.entries()
            assert (entry.verdict, entry.status, entry.order_id) == (Verdict.ACCEPTED, "placed", "o1")
            assert [(row.order_id, row.state) for row in desk.state.orders] == [("o1", OrderState.OPEN)]

    virtually(main())


def test_the_request_carries_the_time_it_must_be_handled_by_in_venue_time(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.skew_ms = 40_000
        async with bench(tmp_path, venue) as desk:
            before = desk.store.venue_now()
            await desk.trading.submit(request())
            (sent,) = venue.called("submit")
            assert isinstance(sent, OrderRequest)
            assert sent.process_before_ms is not None
            assert abs(sent.process_before_ms - before - 12_000) < 100
            assert abs(before - venue.server_ms()) < 100
            (entry,) = await desk.journal.entries()
            assert entry.intent.request == sent

    virtually(main())


def test_a_request_carries_no_bound_while_the_venues_clock_cannot_be_relied_on(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with bench(tmp_path, venue) as desk:
            venue.skew_ms = 90_000  # the venue's clock runs away, as that of a fast paper exchange does
            await desk.data.refresh()
            await desk.trading.submit(request())
            (sent,) = venue.called("submit")
            assert isinstance(sent, OrderRequest)
            assert sent.process_before_ms is None
            assert abs(desk.store.venue_now() - venue.server_ms()) < 100

    virtually(main())


def test_a_journal_that_cannot_write_stops_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:

            async def full(*_: object) -> None:
                raise JournalError("The journal could not be written: the disk is full", "Free some space")

            monkeypatch.setattr(desk.journal, "intent", full)
            outcome = await desk.trading.submit(request())
            assert isinstance(outcome, Refused)
            assert outcome.by_desk
            assert desk.venue.called("submit") == []
            assert desk.state.orders == ()
            assert desk.alarms() == ["refused"]

    virtually(main())


def test_view_only_sends_nothing_at_all(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.store.forbid_trading("the key is read-only")
            outcomes = [
                await desk.trading.submit(request()),
                await desk.trading.cancel(CancelRequest(XBT, "o1")),
                await desk.trading.cancel_all(),
                await desk.trading.set_leverage(XBT, dec(2)),
                await desk.trading.arm_dead_man(60),
            ]
            assert all(isinstance(outcome, Refused) and "read-only" in outcome.explanation for outcome in outcomes)
            names = {name for name, _ in desk.venue.calls}
            assert not names & {"submit", "cancel", "cancel_all", "set_leverage", "cancel_all_after"}

    virtually(main())


def test_two_presses_send_one_order(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            first, second = await asyncio.gather(desk.trading.submit(request()), desk.trading.submit(request()))
            assert isinstance(first, Accepted)
            assert isinstance(second, Refused)
            third = await desk.trading.submit(request())
            assert isinstance(third, Refused)
            assert len(desk.venue.called("submit")) == 1

    virtually(main())


def test_a_refusal_leaves_nothing_working_and_is_told(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.outcomes = [Refused("insufficientAvailableFunds", "Not enough margin", "Send less")]
            outcome = await desk.trading.submit(request())
            assert isinstance(outcome, Refused)
            assert desk.state.orders == ()
            assert desk.state.unresolved == ()
            assert desk.state.alarms[-1].text == "Not enough margin. Send less"
            (entry,) = await desk.journal.entries()
            assert entry.verdict is Verdict.REFUSED

    virtually(main())


def test_what_never_left_is_not_in_doubt(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.outcomes = [Unreachable("No route to the venue", "Check the network")]
            outcome = await desk.trading.submit(request())
            assert isinstance(outcome, Refused)
            assert desk.state.unresolved == ()
            (entry,) = await desk.journal.entries()
            assert entry.verdict is Verdict.NOT_SENT

    virtually(main())


@pytest.mark.parametrize("how", ["unknown", "raises", "hangs"])
def test_no_answer_is_unresolved_and_blocks_blind_repetition(tmp_path: Path, how: str) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            if how == "hangs":
                desk.venue.hanging.add("submit")
            else:
                desk.venue.outcomes = [Unknown("timeout") if how == "unknown" else OutcomeUnknown("read timeout")]
            outcome = await desk.trading.submit(request("c1"))
            assert isinstance(outcome, Unknown)
            (unresolved,) = desk.state.unresolved
            assert (unresolved.client_order_id, unresolved.symbol, unresolved.kind) == ("c1", XBT, "send")
            assert desk.state.orders == ()
            assert "unresolved" in desk.alarms()
            desk.venue.hanging.clear()

            again = await desk.trading.submit(request("c2"))
            assert isinstance(again, Refused)
            assert again.by_desk
            assert again.status == "unresolved"
            other = await desk.trading.submit(request("c3", symbol=ETH))
            assert isinstance(other, Accepted)
            cancel = await desk.trading.cancel(CancelRequest(XBT, "o9"))
            assert isinstance(cancel, Accepted)
            sure = await desk.trading.submit(request("c4"), accept_doubts=True)
            assert isinstance(sure, Accepted)
            assert len(desk.venue.called("submit")) == 3

    virtually(main())


def test_the_executions_of_an_answer_count_once(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            one = fill("f1", 10, order_id="o1", at=desk.venue.server_ms() + 50, client="c1")
            desk.venue.outcomes = [Accepted("placed", "o1", "c1", dec(10), fills=(one,))]
            await desk.trading.submit(request(type=OrderType.MARKET, price=None))
            assert [row.fill_id for row in desk.state.fills] == ["f1"]
            assert [held.size for held in desk.state.positions] == [10]
            (done,) = desk.state.closed
            assert (done.filled, done.close_reason) == (dec(10), CloseReason.FILLED)
            assert desk.alarms() == ["fill"]

    virtually(main())


def test_flatten_sends_one_opposing_reduce_only_market_order(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        venue.held = (position("-0.75"),)
        async with bench(tmp_path, venue) as desk:
            first, second = await asyncio.gather(desk.trading.flatten(XBT), desk.trading.flatten(XBT))
            assert isinstance(first, Accepted)
            assert isinstance(second, Refused)
            (sent,) = venue.called("submit")
            assert isinstance(sent, OrderRequest)
            assert (sent.side, sent.type, sent.size, sent.reduce_only) == (
                Side.BUY,
                OrderType.MARKET,
                Decimal("0.75"),
                True,
            )
            flat = await desk.trading.flatten(ETH)
            assert isinstance(flat, Refused)
            assert len(venue.called("submit")) == 1

    virtually(main())


async def _with_order(desk: Bench) -> None:
    desk.venue.open = (order("o1", 10, client="c1"),)
    await desk.data.refresh()


def test_an_edit_takes_the_answers_description(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await _with_order(desk)
            changed = order("o1", 10, client="c1", price=101, at=T0 + 5)
            desk.venue.outcomes = [Accepted("edited", "o1", "c1", order=changed)]
            await desk.trading.edit(EditRequest(XBT, "o1", limit_price=dec(101)))
            assert desk.state.orders[0].limit_price == 101
            (entry,) = await desk.journal.entries()
            assert "price 101" in entry.intent.what

    virtually(main())


def test_edits_of_one_order_go_out_one_after_the_other(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await _with_order(desk)
            trail: list[str] = []

            def step(name: str) -> object:
                async def answer() -> Accepted:
                    trail.append(f"{name} in")
                    await asyncio.sleep(1)
                    trail.append(f"{name} out")
                    return Accepted("edited", "o1", "c1")

                return answer

            desk.venue.outcomes = [step("first"), step("second")]
            await asyncio.gather(
                desk.trading.edit(EditRequest(XBT, "o1", limit_price=dec(101))),
                desk.trading.edit(EditRequest(XBT, "o1", limit_price=dec(102))),
            )
            assert trail == ["first in", "first out", "second in", "second out"]

    virtually(main())


def test_an_order_without_an_id_cannot_be_edited_and_is_cancelled_by_ours(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            sending = asyncio.create_task(desk.trading.submit(request("c1")))
            desk.venue.latency_s = 5
            await asyncio.sleep(0.005)
            (row,) = desk.state.orders
            assert row.order_id == "c1"
            edited = await desk.trading.edit(EditRequest(XBT, row.order_id, limit_price=dec(101)))
            assert isinstance(edited, Refused)
            assert desk.venue.called("edit") == []
            await desk.trading.cancel(CancelRequest(XBT, row.order_id, row.client_order_id))
            assert desk.venue.called("cancel") == [CancelRequest(XBT, None, "c1")]
            await sending

    virtually(main())


@pytest.mark.parametrize(("status", "reason"), [("cancelled", "cancelled"), ("filled", "filled")])
def test_a_cancel_that_is_answered_takes_the_order_off(tmp_path: Path, status: str, reason: str) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await _with_order(desk)
            desk.venue.outcomes = [Accepted(status, "o1", "c1")]
            await desk.trading.cancel(CancelRequest(XBT, "o1"))
            assert desk.state.orders == ()
            assert desk.state.closed[0].close_reason == reason

    virtually(main())


def test_a_cancel_of_an_order_the_venue_does_not_know_asks_what_became_of_it(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await _with_order(desk)
            desk.venue.outcomes = [Refused("notFound", "Kraken does not know this order")]
            await desk.trading.cancel(CancelRequest(XBT, "o1"))
            assert len(desk.state.orders) == 1, "not found is no proof"
            desk.venue.open = ()
            await desk.until(lambda state: not state.orders, 10)
            assert (("o1",), ()) in desk.venue.called("order_status")
            assert desk.state.closed[0].close_reason == "unknown"

    virtually(main())


def test_cancel_all_believes_the_ids_it_is_given(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.open = (order("o1"), order("o2", symbol=ETH))
            await desk.data.refresh()
            desk.venue.outcomes = [CancelAllResult("noOrdersToCancel", ("o1",))]
            desk.venue.open = (order("o2", symbol=ETH),)
            await desk.trading.cancel_all(XBT)
            assert [row.order_id for row in desk.state.orders] == ["o2"]
            assert desk.venue.called("cancel_all") == [XBT]

    virtually(main())


def test_leverage_is_set_and_shown(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            assert await desk.trading.set_leverage(XBT, dec(5)) is None
            assert desk.state.leverage == {XBT: 5}
            assert await desk.trading.set_leverage(XBT, None) is None
            assert desk.state.leverage == {}
            desk.venue.outcomes = [Refused("tooHigh", "Too high")]
            assert isinstance(await desk.trading.set_leverage(XBT, dec(500)), Refused)
            assert desk.state.leverage == {}

    virtually(main())


def test_quitting_while_an_order_is_on_its_way_leaves_it_for_the_next_run(tmp_path: Path) -> None:
    async def first_run() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.hanging.add("submit")
            sending = asyncio.create_task(desk.trading.submit(request("c1")))
            await asyncio.sleep(1)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            assert [one.client_order_id for one in desk.state.unresolved] == ["c1"]

    async def second_run() -> None:
        venue = FakeVenue()
        venue.hanging = {"open_orders"}
        async with bench(tmp_path, venue, start=False) as desk:
            running = asyncio.create_task(desk.data.run())
            await asyncio.sleep(0.1)
            assert [one.client_order_id for one in desk.state.unresolved] == ["c1"]
            assert isinstance(await desk.trading.submit(request("c2")), Refused)
            venue.hanging.clear()
            venue.open = (order("o1", 10, client="c1"),)
            await desk.until(lambda state: not state.unresolved)
            assert desk.alarms()[-1] == "resolved"
            assert [row.order_id for row in desk.state.orders] == ["o1"]
            await asyncio.sleep(0.1)
            (entry,) = await desk.journal.entries()
            assert entry.verdict is Verdict.ACCEPTED
            assert entry.order_id == "o1"
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    virtually(first_run())
    virtually(second_run())


def test_the_dead_mans_switch_is_renewed_only_while_the_stream_is_live(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            keeping = asyncio.create_task(desk.trading.keep_dead_man())
            assert await desk.trading.arm_dead_man(60) is None
            assert desk.state.dead_man.fires_at_ms is not None
            await asyncio.sleep(40)
            assert desk.venue.called("cancel_all_after") == [60], "no stream, no renewal"
            await desk.go_live()
            await asyncio.sleep(32)
            assert len(desk.venue.called("cancel_all_after")) >= 3
            assert await desk.trading.arm_dead_man(0) is None
            assert desk.state.dead_man.fires_at_ms is None
            assert await desk.trading.arm_dead_man(60, keep=False) is None
            renewals = len(desk.venue.called("cancel_all_after"))
            await asyncio.sleep(100)
            assert len(desk.venue.called("cancel_all_after")) == renewals
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    virtually(main())


def test_a_switch_that_fired_is_told_and_state_asked_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.trading.arm_dead_man(60)
            await desk.until(lambda state: state.dead_man.fires_at_ms is None, 70)
            assert "fired" in desk.state.alarms[-1].text

    virtually(main())


def test_a_switch_whose_arming_was_not_answered_counts_as_armed_and_is_told_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            keeping = asyncio.create_task(desk.trading.keep_dead_man())
            await desk.go_live()
            desk.venue.outcomes = [Unknown("timeout")]
            asked_ms = clock()
            assert isinstance(await desk.trading.arm_dead_man(60), Unknown)
            assert desk.state.dead_man.fires_at_ms == asked_ms + 60_000
            assert not desk.state.dead_man.is_certain
            assert "take it for armed" in desk.state.alarms[-1].text
            await asyncio.sleep(6)
            assert desk.venue.called("cancel_all_after") == [60, 60]
            assert desk.state.dead_man.is_certain
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    virtually(main())


def test_a_switch_that_an_unanswered_renewal_may_have_moved_is_shown_until_it_must_have_fired(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.trading.arm_dead_man(60)
            await asyncio.sleep(50)
            desk.venue.outcomes = [Unknown("timeout")]
            asked_ms = clock()
            assert isinstance(await desk.trading.arm_dead_man(60), Unknown)
            await asyncio.sleep(12)
            shown = desk.state.dead_man
            assert (shown.fires_at_ms or 0) >= asked_ms + 60_000
            assert not shown.is_certain
            assert "may have fired" in desk.state.alarms[-1].text
            await desk.until(lambda state: state.dead_man.fires_at_ms is None, 70)

    virtually(main())


def test_a_switch_whose_disarming_was_not_answered_is_not_armed_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            keeping = asyncio.create_task(desk.trading.keep_dead_man())
            await desk.go_live()
            await desk.trading.arm_dead_man(60)
            armed = desk.state.dead_man.fires_at_ms
            desk.venue.outcomes = [Unknown("timeout"), Unknown("timeout")]
            assert isinstance(await desk.trading.arm_dead_man(0), Unknown)
            assert desk.state.dead_man.fires_at_ms == armed, "it may still fire"
            await asyncio.sleep(11)
            assert desk.venue.called("cancel_all_after") == [60, 0, 0, 0]
            assert desk.state.dead_man.fires_at_ms is None
            await asyncio.sleep(60)
            assert desk.venue.called("cancel_all_after") == [60, 0, 0, 0]
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    virtually(main())


def test_a_switch_that_was_refused_is_not_shown_as_armed(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            desk.venue.outcomes = [Refused("not sent", "the budget is used up")]
            assert isinstance(await desk.trading.arm_dead_man(60), Refused)
            assert desk.state.dead_man.fires_at_ms is None

    virtually(main())
