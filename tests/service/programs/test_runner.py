"""The runner on the whole service: what it writes before it sends, and how it goes on after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.service.bench import Bench, bench
from tests.service.build import XBT, fill, order, position
from tests.service.fake_venue import FakeVenue
from tests.service.virtual_time import virtually
from tui.model.enums import CloseReason, OrderType, Side, TriggerSignal
from tui.model.errors import JournalError
from tui.model.events import FillsArrived, OrderRemoved, OrdersSnapshot, OrderUpdated, PositionsFrame
from tui.model.order import Accepted, EditRequest, OrderRequest, Refused, Unknown
from tui.model.program import Chase, Linked
from tui.model.ticker import Ticker
from tui.service.programs.runner import Programs

D = Decimal


def bracket(size: str = "1") -> Linked:
    entry = OrderRequest("entry", XBT, Side.BUY, OrderType.LIMIT, D(size), D(100))
    base = OrderRequest("", XBT, Side.SELL, OrderType.LIMIT, D(size), D(120), reduce_only=True)
    stop = replace(base, type=OrderType.STOP, limit_price=None, stop_price=D(90), trigger_signal=TriggerSignal.MARK)
    return Linked("p1", entry, (stop, base))


PLAN = bracket()
STOP, TARGET = PLAN.leg_id(0, 1), PLAN.leg_id(1, 1)


@asynccontextmanager
async def desk_with_programs(path: Path, venue: FakeVenue) -> AsyncIterator[tuple[Bench, Programs]]:
    async with bench(path, venue) as desk:
        await desk.go_live()
        programs = Programs(desk.store, desk.journal, desk.trading, lambda _: None, lambda: desk.data.is_usable)
        running = asyncio.create_task(programs.run())
        try:
            yield desk, programs
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def sent(venue: FakeVenue) -> list[str]:
    return [one.client_order_id for one in venue.called("submit") if isinstance(one, OrderRequest)]


def fills_entry(venue: FakeVenue, size: str, fill_id: str = "f1") -> None:
    """The stream tells of a fill of the entry, and of the position."""
    told = fill(fill_id, size, order_id="id-entry", client="entry", at=venue.server_ms())
    venue.held = (position(size),)
    venue.executed.append(told)
    venue.say(FillsArrived((told,), snapshot=False), PositionsFrame(venue.held, venue.server_ms()))


def works(venue: FakeVenue, order_id: str, client: str, size: str) -> None:
    row = order(order_id, size, client=client, side=Side.SELL, price=120)
    venue.open = (*venue.open, row)
    venue.say(OrderUpdated(row, "new_placed_order_by_user"))


def test_the_legs_follow_the_fill_under_ids_known_beforehand(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with desk_with_programs(tmp_path, venue) as (desk, programs):
            assert isinstance(await programs.start(PLAN), Accepted)
            works(venue, "id-entry", "entry", "1")
            await asyncio.sleep(2)
            assert sent(venue) == ["entry"]
            assert desk.state.programs[0].doing == "waits for its entry to fill"
            fills_entry(venue, "0.4")
            await asyncio.sleep(2)
            assert sorted(sent(venue)) == sorted(["entry", STOP, TARGET])
            legs = [one for one in venue.called("submit") if isinstance(one, OrderRequest)][1:]
            assert {one.size for one in legs} == {D("0.4")}

    virtually(main())


def test_a_leg_whose_answer_was_lost_is_not_sent_again(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with desk_with_programs(tmp_path, venue) as (_, programs):
            await programs.start(PLAN)
            venue.outcomes = [Unknown("no answer"), Unknown("no answer")]
            fills_entry(venue, "1")
            await asyncio.sleep(10)
            assert sorted(sent(venue)) == sorted(["entry", STOP, TARGET])

    virtually(main())


def test_an_entry_that_was_refused_leaves_no_program(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with desk_with_programs(tmp_path, venue) as (desk, programs):
            venue.outcomes = [Refused("insufficientAvailableFunds", "Not enough margin")]
            assert isinstance(await programs.start(PLAN), Refused)
            await asyncio.sleep(2)
            assert desk.state.programs == ()
            assert await desk.journal.programs() == ()

    virtually(main())


def test_nothing_is_sent_of_a_program_that_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with desk_with_programs(tmp_path, venue) as (desk, programs):

            async def full(_: object) -> None:
                raise JournalError("The journal could not be written: the disk is full")

            monkeypatch.setattr(desk.journal, "keep_program", full)
            assert isinstance(await programs.start(PLAN), Refused)
            assert sent(venue) == []

    virtually(main())


def test_a_desk_that_died_before_the_fill_protects_it_after_its_restart(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with desk_with_programs(tmp_path, venue) as (_, programs):
            await programs.start(PLAN)
            works(venue, "id-entry", "entry", "1")
            await asyncio.sleep(1)
        fills_entry(venue, "0.7")
        venue.open = (replace(venue.open[0], remaining=D("0.3"), filled=D("0.7")),)
        async with desk_with_programs(tmp_path, venue):
            await asyncio.sleep(5)
            assert sorted(sent(venue)) == sorted(["entry", STOP, TARGET])

    virtually(main())


def test_a_restart_sends_nothing_that_was_sent_and_clears_what_is_left_over(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with desk_with_programs(tmp_path, venue) as (_, programs):
            await programs.start(PLAN)
            fills_entry(venue, "1")
            await asyncio.sleep(1)
            works(venue, f"id-{STOP}", STOP, "1")
            works(venue, f"id-{TARGET}", TARGET, "1")
            await asyncio.sleep(1)
        exit_ = fill("f2", order_id=f"id-{TARGET}", client=TARGET, side=Side.SELL, at=venue.server_ms())
        venue.executed.append(exit_)
        venue.held = ()
        venue.open = tuple(row for row in venue.open if row.client_order_id == STOP)
        async with desk_with_programs(tmp_path, venue) as (desk, _):
            await asyncio.sleep(5)
            assert sorted(sent(venue)) == sorted(["entry", STOP, TARGET])
            assert len(venue.called("cancel")) == 1
            venue.open = ()
            gone = OrderRemoved(f"id-{STOP}", STOP, CloseReason.CANCELLED, "cancelled_by_user")
            venue.say(gone)
            await asyncio.sleep(5)
            assert desk.state.programs == ()
            assert await desk.journal.programs() == ()

    virtually(main())


def test_a_lost_link_places_nothing_until_it_was_compared_again(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with desk_with_programs(tmp_path, venue) as (desk, programs):
            await programs.start(PLAN)
            desk.store.ledger.link.lost("test", 1_000, desk.store.clock())
            fills_entry(venue, "1")
            await asyncio.sleep(3)
            assert sent(venue) == ["entry"]
            await desk.go_live(2)
            await asyncio.sleep(3)
            assert sorted(sent(venue)) == sorted(["entry", STOP, TARGET])

    virtually(main())


def test_a_chase_follows_the_best_bid_and_stops_where_it_was_told(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        plan = Chase("c1", OrderRequest("chase", XBT, Side.BUY, OrderType.POST, D(1), D(100)), within=D(2), edits=5)
        async with desk_with_programs(tmp_path, venue) as (desk, programs):
            await programs.start(plan)
            works(venue, "id-chase", "chase", "1")
            row = order("id-chase", 1, client="chase", price=100, type=OrderType.POST)
            for at, bid in enumerate(("100", "101", "102", "104")):
                venue.open = (replace(row, limit_price=min(D(bid), D(102)), updated_ms=venue.server_ms() + at),)
                desk.store.ledger.market.ticker(quote(bid, venue.server_ms()))
                desk.store.announce()
                await asyncio.sleep(2)
                venue.say(OrdersSnapshot(venue.open))
                await asyncio.sleep(2)
            prices = [one.limit_price for one in venue.called("edit") if isinstance(one, EditRequest)]
            assert prices == [D(101), D(102)]
            assert desk.state.programs == ()

    virtually(main())


def test_one_program_on_a_journal_keeps_what_another_has_started(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with desk_with_programs(tmp_path, venue) as (desk, _):
            other = Programs(desk.store, desk.journal, desk.trading, lambda _: None, lambda: True)
            running = asyncio.create_task(other.run())
            await asyncio.sleep(1)
            await other.start(PLAN)
            assert not await other.over(PLAN)
            works(venue, "id-entry", "entry", "1")
            fills_entry(venue, "1")
            await asyncio.sleep(5)
            assert sorted(sent(venue)) == sorted(["entry", STOP, TARGET])
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    virtually(main())


def test_a_limit_of_the_traders_holds_back_a_leg(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with bench(tmp_path, venue) as desk:
            await desk.go_live()
            no = Refused("not allowed", "desk limit", by_desk=True)
            programs = Programs(desk.store, desk.journal, desk.trading, lambda _: no, lambda: True)
            running = asyncio.create_task(programs.run())
            await programs.start(PLAN)
            fills_entry(venue, "1")
            await asyncio.sleep(90)
            assert sent(venue) == ["entry"]
            assert any("1 is left to itself" in alarm.text for alarm in desk.state.alarms)
            assert desk.state.programs == ()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    virtually(main())


def quote(bid: str, at_ms: int) -> Ticker:
    return Ticker(XBT, at_ms, bid=D(bid), ask=D(bid) + D("0.5"), mark=D(bid))
