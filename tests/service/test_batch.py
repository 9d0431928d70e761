"""Several orders in one call: each under an intent of its own, all on disk before it, each with its own outcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.bench import bench
from tests.service.build import request
from tests.service.fake_venue import FakeVenue
from tests.service.virtual_time import virtually
from tui.journal.records import Verdict
from tui.model.errors import JournalError
from tui.model.order import Accepted, OrderRequest, Outcome, Refused, Unknown
from tui.runtime import together

ORDERS = (request("a"), request("b"), request("c"))


def test_all_intents_are_on_disk_before_the_one_call(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:

            async def look() -> tuple[Outcome, ...]:
                pending = await desk.journal.pending()
                assert [entry.intent.client_order_id for entry in pending] == ["a", "b", "c"]
                ids = ("a", "b", "c")
                return tuple(Accepted("placed", f"o-{one}", one, resting=True) for one in ids)

            desk.venue.outcomes = [look]
            outcomes = await desk.trading.submit_batch(ORDERS)
            assert [type(one) for one in outcomes] == [Accepted] * 3
            assert await desk.journal.pending() == ()
            assert {row.order_id for row in desk.state.orders} == {"o-a", "o-b", "o-c"}
            (sent,) = desk.venue.called("submit_batch")
            assert isinstance(sent, tuple)
            bounds = {one.process_before_ms for one in sent if isinstance(one, OrderRequest)}
            assert len(bounds) == 1

    virtually(main())


def test_each_order_has_its_own_outcome(tmp_path: Path) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            rows = (
                Accepted("placed", "o-a", "a", resting=True),
                Refused("insufficientAvailableFunds", "Not enough margin"),
                Unknown("nobody knows"),
            )
            desk.venue.outcomes = [rows]
            assert await desk.trading.submit_batch(ORDERS) == rows
            verdicts = {entry.intent.client_order_id: entry.verdict for entry in await desk.journal.entries()}
            assert verdicts == {"a": Verdict.ACCEPTED, "b": Verdict.REFUSED, "c": Verdict.UNKNOWN}
            assert [one.client_order_id for one in desk.state.unresolved] == ["c"]

    virtually(main())


def test_a_lost_answer_leaves_all_of_them_in_doubt_and_sends_nothing_again(tmp_path: Path) -> None:
    async def main() -> None:
        venue = FakeVenue()
        async with bench(tmp_path, venue) as desk:
            venue.hanging.add("submit_batch")
            outcomes = await desk.trading.submit_batch(ORDERS)
            assert [type(one) for one in outcomes] == [Unknown] * 3
            assert len(desk.state.unresolved) == 3
            again = await desk.trading.submit_batch(ORDERS)
            assert {one.status for one in again if isinstance(one, Refused)} == {"unresolved"}
            assert len(venue.called("submit_batch")) == 1

    virtually(main())


def test_a_journal_that_fails_half_way_sends_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            real = desk.journal.intent

            async def full(kind: object, symbol: object, what: object, asked: OrderRequest, at_ms: int) -> object:
                if asked.client_order_id == "c":
                    raise JournalError("The journal could not be written: the disk is full")
                return await real(kind, symbol, what, asked, at_ms)  # type: ignore[arg-type] # passed on as it came

            monkeypatch.setattr(desk.journal, "intent", full)
            outcomes = await desk.trading.submit_batch(ORDERS)
            assert [type(one) for one in outcomes] == [Refused] * 3
            assert desk.venue.called("submit_batch") == []
            assert desk.state.orders == ()
            assert await desk.journal.pending() == ()

    virtually(main())


def test_what_came_of_them_is_said_together() -> None:
    placed, refused, unknown = Accepted("placed", "o", "a"), Refused("x", "no margin"), Unknown("lost")
    assert isinstance(together((placed, unknown, refused)), Unknown)
    assert together((refused, refused)) == refused
    mixed = together((placed, refused))
    assert isinstance(mixed, Accepted)
    assert mixed.status == "1 of 2 placed, 1 refused: no margin"
