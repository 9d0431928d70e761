"""Full disks and damaged files, for real: nothing that was good is lost, and nothing is sent that was not written."""

from __future__ import annotations

import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tui.journal.file import JournalFile
from tui.journal.records import CancelAllRequest, Kind, Search, Verdict
from tui.journal.rescue import rescue
from tui.model.enums import OrderType, Side
from tui.model.errors import JournalDamaged, JournalError
from tui.model.fill import Fill
from tui.model.order import OrderRequest

OWNER = "paper"
ACTS = 60


def request(number: int) -> OrderRequest:
    return OrderRequest(f"c-{number}", "PF_XBTUSD", Side.BUY, OrderType.LIMIT, Decimal("0.1"), Decimal(80000 + number))


def fill(number: int) -> Fill:
    return Fill(f"f-{number}", "o", "PF_XBTUSD", Side.SELL, Decimal("0.1"), Decimal(number), 1_000 + number)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Acts and fills on several pages."""
    path = tmp_path / "journal.sqlite3"
    opened = JournalFile.open(path, OWNER)
    for number in range(ACTS):
        intent = opened.add_intent(Kind.SEND, "PF_XBTUSD", f"order {number} " + "x" * 300, request(number), number)
        if number % 2:
            opened.settle(intent.number, Verdict.ACCEPTED, status="placed", text="", order_id=None, at_ms=number)
    opened.add_fills(fill(number) for number in range(200))
    opened.close()
    return path


def test_a_sound_file_is_rescued_whole(journal: Path) -> None:
    found = rescue(journal)
    assert [entry.intent.request for entry in found.entries] == [request(number) for number in reversed(range(ACTS))]
    assert found.fills == tuple(fill(number) for number in range(200))


def test_a_damaged_page_in_the_middle_costs_only_what_was_on_it(journal: Path) -> None:
    content = bytearray(journal.read_bytes())
    pages = len(content) // 4096
    lost: list[int] = []
    for page in range(2, pages):  # the first two hold the tables' names and the owner
        spoilt = bytearray(content)
        spoilt[page * 4096 : (page + 1) * 4096] = random.Random(page).randbytes(4096)
        journal.write_bytes(spoilt)
        with pytest.raises(JournalDamaged, match="damaged"):
            JournalFile.open(journal, OWNER)
        assert journal.read_bytes() == spoilt, "left byte for byte as it was"
        found = rescue(journal)
        assert all(entry.intent.request == request(entry.intent.at_ms) for entry in found.entries)
        assert all(one == fill(one.time_ms - 1_000) for one in found.fills)
        lost.append(ACTS - len(found.entries) + 200 - len(found.fills))
    assert sorted(lost)[len(lost) // 2] < ACTS, "half of the pages are leaves and cost little"
    assert all(one < ACTS + 200 for one in lost), "something is always left"


def test_a_destroyed_head_is_told_and_nothing_is_touched(journal: Path) -> None:
    spoilt = bytes(100) + journal.read_bytes()[100:]
    journal.write_bytes(spoilt)
    with pytest.raises(JournalDamaged, match="kftui journal shows"):
        JournalFile.open(journal, OWNER)
    assert journal.read_bytes() == spoilt
    assert rescue(journal).entries == ()


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.8, 0.99])
def test_a_write_ahead_log_that_was_cut_loses_only_its_end(journal: Path, tmp_path: Path, cut: float) -> None:
    """As after a crash of the machine: the log is there, its last part is not."""
    opened = JournalFile.open(journal, OWNER)
    for number in range(ACTS, ACTS + 20):
        opened.add_intent(Kind.SEND, "PF_XBTUSD", f"order {number}", request(number), number)
    crashed = tmp_path / "crashed" / journal.name
    crashed.parent.mkdir()
    crashed.write_bytes(journal.read_bytes())
    log = journal.with_name(journal.name + "-wal").read_bytes()
    opened.close()
    assert len(log) > 20 * 4096
    crashed.with_name(journal.name + "-wal").write_bytes(log[: int(len(log) * cut)])

    again = JournalFile.open(crashed, OWNER)
    numbers = [entry.intent.at_ms for entry in again.entries(1_000)][::-1]
    assert ACTS <= len(numbers) < ACTS + 20 or cut == 0.99
    assert numbers == list(range(len(numbers))), "a beginning, without holes"
    again.add_intent(Kind.SEND, "PF_XBTUSD", "goes on", request(999), 999)
    again.close()


def test_a_file_that_may_not_grow_refuses_and_keeps(journal: Path) -> None:
    """A real limit of the operating system on the size of files."""
    script = """
import resource, sys
from pathlib import Path
from tests.journal.test_damage import OWNER, request
from tui.journal.file import JournalFile
from tui.journal.records import Kind
from tui.model.errors import JournalError
path = Path(sys.argv[1])
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
opened = JournalFile.open(path, OWNER)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
written = refused = 0
for number in range(1000, 1200):
    try:
        opened.add_intent(Kind.SEND, "PF_XBTUSD", "x" * 2000, request(number), number)
        written += 1
    except JournalError as error:
        refused += 1
        assert "Nothing was sent" in str(error) or error.sent == "nothing was sent", error
assert len(opened.entries(10_000)) == 60 + written, (len(opened.entries(10_000)), written)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
opened.add_intent(Kind.SEND, "PF_XBTUSD", "room again", request(5000), 5000)
opened.close()
print(written, refused)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(journal)], check=True, timeout=60, capture_output=True, text=True
    )
    written, refused = map(int, done.stdout.split())
    assert refused > 0
    again = JournalFile.open(journal, OWNER)
    assert len(again.entries(10_000)) == ACTS + written + 1
    assert again.fills(1_000) == tuple(fill(number) for number in range(200))
    again.close()


def test_searches_find_what_holds_of_everything_given(journal: Path) -> None:
    opened = JournalFile.open(journal, OWNER)
    opened.add_intent(Kind.CANCEL_ALL, None, "all", CancelAllRequest(), 99)
    everything = opened.entries(1_000)
    searches = [
        Search(),
        Search(since_ms=30),
        Search(symbol="PF_XBTUSD"),
        Search(symbol="PF_ETHUSD"),
        Search(kind=Kind.CANCEL_ALL),
        Search(verdict=Verdict.ACCEPTED, since_ms=50),
        Search(pending=True),
        Search(pending=True, kind=Kind.SEND, symbol="PF_XBTUSD", since_ms=58),
    ]
    counts = [len(opened.entries(1_000, search)) for search in searches]
    assert counts == [61, 31, 60, 0, 1, 5, 31, 1]
    for search in searches:
        assert opened.entries(1_000, search) == tuple(entry for entry in everything if search.admits(entry))
    assert [one.time_ms for one in opened.fills(3, since_ms=1_050)] == [1_197, 1_198, 1_199]
    assert opened.fills(9, symbol="PF_ETHUSD") == ()
    with pytest.raises(JournalError):
        opened.add_intent(Kind.SEND, "PF_XBTUSD", "again", request(1), 1)
    opened.close()
