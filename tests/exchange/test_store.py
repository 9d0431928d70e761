import asyncio
import threading
from pathlib import Path

import pytest

from tui.exchange import store
from tui.exchange.store import Kept, Saver, StateError, StateFile


def test_there_is_nothing_before_the_first_save(tmp_path: Path) -> None:
    assert StateFile(tmp_path / "state.json").load() is None


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    kept = Kept(saved_ms=5, engine={"a": ["1E-9", None, 3]})
    file.save(store.encode(kept))
    assert file.load() == kept
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"{}", b'{"format":2}', b'{"format":"1"}', b"\xff", b'{"format":1', b"null"]
)
def test_a_damaged_or_newer_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    with pytest.raises(StateError, match=r"state\.json.*left as it is"):
        StateFile(path).load()
    assert path.read_bytes() == content


def test_a_folder_is_no_state_file(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be read"):
        StateFile(tmp_path).load()


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "state.json")
    kept = Kept(saved_ms=1, engine={})
    file.save(store.encode(kept))
    (tmp_path / "state.json.tmp").mkdir()
    with pytest.raises(StateError, match="cannot be written"):
        file.save(store.encode(Kept(saved_ms=2, engine={})))
    assert file.load() == kept


def test_one_exchange_per_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LOCK_WAIT_S", 0)
    path = tmp_path / "new" / "state.json"
    with (
        StateFile(path).lock(),
        pytest.raises(StateError, match="in use by another exchange"),
        StateFile(path).lock(),
    ):
        pass
    with StateFile(path).lock():
        pass


def test_one_that_is_just_ending_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    ending = StateFile(path).lock()
    ending.__enter__()
    monkeypatch.setattr("tui.exchange.store.time.sleep", lambda _seconds: ending.__exit__(None, None, None))
    with StateFile(path).lock():
        pass


class Disk(StateFile):
    """Keeps what was saved in memory, or fails."""

    def __init__(self) -> None:
        super().__init__(Path("unused"))
        self.saved: list[bytes] = []
        self.broken = False

    def save(self, content: bytes) -> None:
        if self.broken:
            raise StateError("disk full")
        self.saved.append(content)


async def run_saver(saver: Saver, until: asyncio.Event) -> None:
    task = asyncio.create_task(saver.run())
    async with asyncio.timeout(5):
        await until.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_changes_close_together_are_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "COALESCE_S", 0.01)
    disk, written = Disk(), asyncio.Event()
    asked: list[str] = []

    def content() -> bytes:
        asked.append("once")
        written.set()
        return b"x"

    saver = Saver(disk, content, lambda _text: None)
    for _ in range(3):
        saver.touch()
    await run_saver(saver, written)
    assert asked == ["once"]


async def test_a_failing_disk_is_told_once_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "COALESCE_S", 0)
    monkeypatch.setattr(store, "RETRY_S", 0)
    disk, again = Disk(), asyncio.Event()
    disk.broken = True
    told: list[str] = []
    tries = 0

    def content() -> bytes:
        nonlocal tries
        tries += 1
        if tries == 3:
            again.set()
        return b"x"

    saver = Saver(disk, content, told.append)
    saver.touch()
    await run_saver(saver, again)
    assert told == ["disk full"]


async def test_a_write_under_way_is_finished_before_the_saver_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "COALESCE_S", 0)
    began, may_end = threading.Event(), threading.Event()

    class SlowDisk(Disk):
        def save(self, content: bytes) -> None:
            began.set()
            may_end.wait(5)
            super().save(content)

    disk = SlowDisk()
    saver = Saver(disk, lambda: b"x", lambda _text: None)
    saver.touch()
    task = asyncio.create_task(saver.run())
    await asyncio.to_thread(began.wait, 5)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert disk.saved == [b"x"]
