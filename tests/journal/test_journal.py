"""The journal: committed before the send, settled after, and never damaged by a file it does not understand."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tui.journal import file as journal_file
from tui.journal.file import JournalFile
from tui.journal.journal import Journal
from tui.journal.records import CancelAllRequest, Kind, LeverageRequest, Request, Search, Verdict
from tui.journal.schema import VERSION
from tui.model.enums import OrderType, Side, TriggerSignal
from tui.model.errors import JournalError, Sent
from tui.model.fill import Fill
from tui.model.order import CancelRequest, EditRequest, OrderRequest

PAPER = "paper http://127.0.0.1:8750 key-1"


def request(client_order_id: str = "c-1") -> OrderRequest:
    return OrderRequest(
        client_order_id,
        "PF_XBTUSD",
        Side.BUY,
        OrderType.STOP,
        Decimal("0.1000"),
        stop_price=Decimal("88000.5"),
        trigger_signal=TriggerSignal.MARK,
        process_before_ms=1_700_000_012_000,
    )


def fill(fill_id: str, time_ms: int, size: str = "0.1") -> Fill:
    return Fill(fill_id, "o-1", "PF_XBTUSD", Side.SELL, Decimal(size), Decimal("87959.5"), time_ms, fee=Decimal("1E-7"))


def write_many(opened: JournalFile) -> None:
    for number in range(200):
        opened.add_intent(Kind.SEND, "PF_XBTUSD", "x" * 500, request(f"c-{number}"), number)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "journal.sqlite"


async def test_an_intent_is_pending_until_it_is_settled(path: Path) -> None:
    async with Journal(path, PAPER) as journal:
        intent = await journal.intent(Kind.SEND, "PF_XBTUSD", "BUY 0.1", request(), 10)
        assert [entry.intent for entry in await journal.pending()] == [intent]
        await journal.settle(intent.number, Verdict.ACCEPTED, status="placed", text="", order_id="o-1", at_ms=20)
        assert await journal.pending() == ()
        (entry,) = await journal.entries()
        assert (entry.verdict, entry.status, entry.order_id, entry.settled_ms) == (
            Verdict.ACCEPTED,
            "placed",
            "o-1",
            20,
        )
        assert entry.intent == intent


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Kind.SEND, request()),
        (Kind.FLATTEN, request("c-2")),
        (Kind.EDIT, EditRequest("PF_XBTUSD", "o-1", size=Decimal("0.2"), process_before_ms=5)),
        (Kind.CANCEL, CancelRequest("PF_XBTUSD", None, "c-1")),
        (Kind.CANCEL_ALL, CancelAllRequest(None)),
        (Kind.LEVERAGE, LeverageRequest("PF_XBTUSD", Decimal("2.5"))),
    ],
)
async def test_what_was_asked_comes_back_as_the_same_value(path: Path, kind: Kind, asked: Request) -> None:
    async with Journal(path, PAPER) as journal:
        await journal.intent(kind, "PF_XBTUSD", "text", asked, 10)
    async with Journal(path, PAPER) as journal:
        (entry,) = await journal.pending()
        assert entry.intent.request == asked
        assert type(entry.intent.request) is type(asked)
        assert entry.intent.kind is kind


async def test_an_unknown_outcome_stays_pending(path: Path) -> None:
    async with Journal(path, PAPER) as journal:
        intent = await journal.intent(Kind.SEND, "PF_XBTUSD", "BUY", request(), 10)
        await journal.settle(intent.number, Verdict.UNKNOWN, status="", text="timeout", order_id=None, at_ms=20)
        (entry,) = await journal.pending()
        assert entry.verdict is Verdict.UNKNOWN


async def test_a_client_order_id_names_one_order_for_ever(path: Path) -> None:
    async with Journal(path, PAPER) as journal:
        await journal.intent(Kind.SEND, "PF_XBTUSD", "BUY", request(), 10)
        with pytest.raises(JournalError, match="sent before") as caught:
            await journal.intent(Kind.FLATTEN, "PF_XBTUSD", "SELL", request(), 11)
        assert caught.value.sent is Sent.NO
        cancel = CancelRequest("PF_XBTUSD", "o-1", "c-1")
        await journal.intent(Kind.CANCEL, "PF_XBTUSD", "cancel", cancel, 12)
        await journal.intent(Kind.CANCEL, "PF_XBTUSD", "cancel again", cancel, 13)
        assert len(await journal.entries()) == 3


async def test_entries_are_newest_first_limited_and_by_contract(path: Path) -> None:
    async with Journal(path, PAPER) as journal:
        for number in range(5):
            symbol = "PF_XBTUSD" if number % 2 else "PF_ETHUSD"
            await journal.intent(Kind.SEND, symbol, f"order {number}", request(f"c-{number}"), number)
        assert [entry.intent.what for entry in await journal.entries(2)] == ["order 4", "order 3"]
        assert [entry.intent.what for entry in await journal.entries(9, Search(symbol="PF_XBTUSD"))] == [
            "order 3",
            "order 1",
        ]


async def test_fills_are_kept_once_and_come_back_oldest_first(path: Path) -> None:
    async with Journal(path, PAPER) as journal:
        await journal.add_fills([fill("b", 2), fill("a", 1)])
        await journal.add_fills([fill("b", 2, "0.3")])
        assert await journal.fills() == (fill("a", 1), fill("b", 2, "0.3"))
        assert await journal.fills(1) == (fill("b", 2, "0.3"),)


async def test_a_crash_between_intent_and_outcome_leaves_the_intent(path: Path) -> None:
    """Another process commits an intent and dies without closing anything."""
    script = """
import asyncio, os, sys
from decimal import Decimal
from pathlib import Path
from tui.journal.journal import Journal
from tui.journal.records import Kind
from tui.model.order import CancelRequest
async def main():
    journal = await Journal(Path(sys.argv[1]), sys.argv[2]).__aenter__()
    await journal.intent(Kind.CANCEL, "PF_XBTUSD", "cancel", CancelRequest("PF_XBTUSD", "o-1"), 10)
    os._exit(9)
asyncio.run(main())
"""
    assert subprocess.run([sys.executable, "-c", script, str(path), PAPER], check=False, timeout=30).returncode == 9  # noqa: ASYNC221 the child is the test
    async with Journal(path, PAPER) as journal:
        assert [entry.intent.what for entry in await journal.pending()] == ["cancel"]


def test_the_file_is_private_and_durable(path: Path) -> None:
    opened = JournalFile.open(path, PAPER)
    assert path.stat().st_mode & 0o077 == 0
    assert opened._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert opened._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    opened.close()


def test_a_file_that_is_no_journal_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    content = b"this was never a database" * 100
    path.write_bytes(content)
    with pytest.raises(JournalError, match="damaged") as caught:
        JournalFile.open(path, PAPER)
    assert "mv " in caught.value.advice
    assert path.read_bytes() == content
    assert [item.name for item in tmp_path.iterdir()] == ["journal.sqlite"]


def test_a_damaged_page_is_found_at_opening(path: Path) -> None:
    opened = JournalFile.open(path, PAPER)
    opened.add_fills(fill(f"f-{number}", number) for number in range(500))
    opened.close()
    content = bytearray(path.read_bytes())
    content[8192:12288] = b"\xff" * 4096
    path.write_bytes(bytes(content))
    with pytest.raises(JournalError, match="damaged"):
        JournalFile.open(path, PAPER)
    assert path.read_bytes() == bytes(content)


def test_a_newer_journal_is_refused_and_untouched(path: Path) -> None:
    JournalFile.open(path, PAPER).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    content = path.read_bytes()
    with pytest.raises(JournalError, match="newer kftui"):
        JournalFile.open(path, PAPER)
    assert path.read_bytes() == content


def test_paper_and_live_never_share_a_journal(path: Path) -> None:
    JournalFile.open(path, PAPER).close()
    with pytest.raises(JournalError, match="belongs to paper"):
        JournalFile.open(path, "live https://futures.kraken.com key-2")


def test_a_full_disk_is_an_error_before_anything_is_sent(path: Path) -> None:
    opened = JournalFile.open(path, PAPER)
    pages = opened._connection.execute("PRAGMA page_count").fetchone()[0]
    opened._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError, match="disk is full") as caught:
        write_many(opened)
    assert "Nothing was sent" in caught.value.advice
    kept = len(opened.entries(1000))
    opened._connection.execute("PRAGMA max_page_count = 100000")
    opened.add_intent(Kind.SEND, "PF_XBTUSD", "room again", request("later"), 1)
    assert len(opened.entries(1000)) == kept + 1
    opened.close()


def test_an_unusable_path_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot be used"):
        JournalFile.open(tmp_path / "file" / "journal.sqlite", PAPER)


def test_old_settled_acts_are_forgotten_and_pending_ones_never(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "KEPT_ACTS", 5)
    monkeypatch.setattr(journal_file, "KEPT_FILLS", 3)
    monkeypatch.setattr(journal_file, "PRUNE_EVERY", 10)
    opened = JournalFile.open(path, PAPER)
    opened.add_intent(Kind.SEND, "PF_XBTUSD", "pending", request("pending"), 0)
    for number in range(20):
        intent = opened.add_intent(Kind.SEND, "PF_XBTUSD", str(number), request(f"c-{number}"), number)
        opened.settle(intent.number, Verdict.ACCEPTED, status="placed", text="", order_id=None, at_ms=number)
        opened.add_fills([fill(f"f-{number}", number)])
    entries = opened.entries(100)
    assert len(entries) <= 5 + 5
    assert [entry.intent.what for entry in opened.pending()] == ["pending"]
    assert len(opened.fills(100)) <= 3 + 5
    opened.close()


async def test_a_journal_that_cannot_open_leaves_no_thread(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"nonsense" * 1000)
    with pytest.raises(JournalError):
        await Journal(path, PAPER).__aenter__()
