"""What the run learns reaches the journal, if not now then when there is room again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.service.bench import Bench, bench
from tests.service.build import fill, filled, order, request, updated
from tests.service.virtual_time import virtually
from tui.journal.records import Verdict
from tui.model.errors import JournalError
from tui.model.order import Unknown

FULL = "The journal could not be written: the disk is full"


def _fill_disk(desk: Bench, patch: pytest.MonkeyPatch) -> None:
    async def full(*_: object, **__: object) -> None:
        raise JournalError(FULL, "Free some space")

    patch.setattr(desk.journal, "settle", full)
    patch.setattr(desk.journal, "add_fills", full)


def test_what_a_full_disk_did_not_take_is_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.outcomes = [Unknown("timeout")]
            with monkeypatch.context() as patch:
                _fill_disk(desk, patch)
                await desk.trading.submit(request("c1"))
                await desk.trading.submit(request("c2"), accept_doubts=True)
                desk.venue.executed.append(fill("f1"))
                desk.venue.say(filled(fill("f1")))
                await desk.until(lambda state: not state.unresolved, 60)
                assert [entry.verdict for entry in await desk.journal.entries()] == [None, None]
                told = [alarm.text for alarm in desk.state.alarms if FULL in alarm.text]
                assert len(told) == 1, "once, however often it is tried"
            await asyncio.sleep(10)
            second, first = await desk.journal.entries()
            assert (second.verdict, second.status) == (Verdict.ACCEPTED, "placed")
            assert first.verdict is Verdict.NOT_SENT
            assert [one.fill_id for one in await desk.journal.fills()] == ["f1"]

    virtually(main())


def test_an_outcome_found_while_the_disk_is_full_is_not_undone_by_the_answer_that_never_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> None:
        async with bench(tmp_path) as desk:
            await desk.go_live()
            desk.venue.outcomes = [Unknown("timeout")]

            async def full_and_slow(*_: object, **__: object) -> None:
                await asyncio.sleep(1)
                raise JournalError(FULL, "Free some space")

            with monkeypatch.context() as patch:
                patch.setattr(desk.journal, "settle", full_and_slow)
                sending = asyncio.create_task(desk.trading.submit(request("c1")))
                await asyncio.sleep(0.5)
                desk.venue.say(updated(order("o1", client="c1")))
                await sending
            await asyncio.sleep(10)
            (entry,) = await desk.journal.entries()
            assert (entry.verdict, entry.order_id) == (Verdict.ACCEPTED, "o1")

    virtually(main())
