import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tests.exchange.engines import D, send, still_engine
from tui.exchange import store
from tui.exchange.exchange import Engine
from tui.exchange.state import HISTORIES, EngineState
from tui.exchange.store import Keeper, StateError, StateFile

PF = "PF_XBTUSD"


def load(path: Path) -> EngineState | None:
    file = StateFile(path)
    with file.opened():
        return file.load()


def orders(path: Path) -> list[str | None]:
    state = load(path)
    assert state is not None
    return [order.cli_ord_id for order in state.accounts["main"].orders]


def test_there_is_nothing_before_the_first_save(tmp_path: Path) -> None:
    assert load(tmp_path / "new" / "state.sqlite3") is None


def test_every_step_is_written_once(tmp_path: Path) -> None:
    path, engine = tmp_path / "state.sqlite3", still_engine()
    file = StateFile(path)
    with file.opened():
        keeper = Keeper(file, engine, pytest.fail)
        keeper.keep_all()
        for number in range(3):
            send(engine, PF, "buy", "0.1", str(80_000 - number), cli_ord_id=str(number))
            keeper.keep()
        assert not engine.has_changes
        send(engine, PF, "sell", "0.1", cli_ord_id="told to nobody")
    assert orders(path) == ["0", "1", "2"]


def test_what_was_written_is_there_though_the_process_died(tmp_path: Path) -> None:
    """Nothing is closed or moved out of the log: another connection sees what a new process would."""
    path, engine = tmp_path / "state.sqlite3", still_engine()
    file = StateFile(path)
    with file.opened():
        keeper = Keeper(file, engine, pytest.fail)
        keeper.keep_all()
        send(engine, PF, "buy", "0.1", "80000", cli_ord_id="mine")
        keeper.keep()
        copy = tmp_path / "copy.sqlite3"
        for suffix in ("", "-wal"):
            copy.with_name(copy.name + suffix).write_bytes(path.with_name(path.name + suffix).read_bytes())
        assert orders(copy) == ["mine"]


def test_histories_are_cut_to_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_TRIM_EVERY", 4)
    limited = {kind: replace(history, limit=3) for kind, history in HISTORIES.items()}
    monkeypatch.setattr(store, "HISTORIES", limited)
    path, engine = tmp_path / "state.sqlite3", still_engine()
    file = StateFile(path)
    with file.opened():
        keeper = Keeper(file, engine, pytest.fail)
        keeper.keep_all()
        for _ in range(8):
            send(engine, PF, "buy", "0.0001")
            keeper.keep()
    state = load(path)
    assert state is not None
    assert [number for number, _ in state.accounts["main"].histories["fill"]] == [6, 7, 8]


@pytest.mark.parametrize(
    "content", [b"{", b'{"format":1,"engine":{}}', b"\xff" * 5_000, b"SQLite format 3\0" + b"\1" * 9_000]
)
def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StateError, match=r"state\.sqlite3.*left as it is"):
        load(path)
    assert path.read_bytes() == content


def test_damage_in_the_middle_is_found_before_anything_starts(tmp_path: Path) -> None:
    path, engine = tmp_path / "state.sqlite3", still_engine()
    file = StateFile(path)
    with file.opened():
        for number in range(50):
            send(engine, PF, "buy", "0.1", str(80_000 - number))
        Keeper(file, engine, pytest.fail).keep_all()
    whole = path.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    path.write_bytes(whole[:middle] + b"\7" * 4096 + whole[middle + 4096 :])
    with pytest.raises(StateError, match="damaged"):
        load(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("PRAGMA user_version = 99", "format 99"),
        ("UPDATE account SET row = '{}'", "damaged"),
        ("UPDATE floor SET row = x'ff'", "damaged"),
        ("UPDATE history SET kind = 'novel'", "damaged"),
        ("DELETE FROM account", "damaged"),
    ],
)
def test_a_newer_or_senseless_database_is_refused(tmp_path: Path, change: str, words: str) -> None:
    path, engine = tmp_path / "state.sqlite3", still_engine()
    send(engine, PF, "buy", "0.1", "80000")
    file = StateFile(path)
    with file.opened():
        Keeper(file, engine, pytest.fail).keep_all()
    with sqlite3.connect(path) as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(StateError, match=words):
        load(path)


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    connection.close()
    with pytest.raises(StateError, match="another program or version"):
        load(path)


def test_a_folder_is_no_state_file(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be opened"):
        load(tmp_path)


def test_one_exchange_per_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LOCK_WAIT_S", 0)
    path = tmp_path / "new" / "state.sqlite3"
    with (
        StateFile(path).opened(),
        pytest.raises(StateError, match="in use by another exchange"),
        StateFile(path).opened(),
    ):
        pass
    assert load(path) is None


def test_one_that_is_just_ending_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.sqlite3"
    ending = StateFile(path).opened()
    ending.__enter__()
    monkeypatch.setattr("tui.exchange.store.time.sleep", lambda _seconds: ending.__exit__(None, None, None))
    assert load(path) is None


def test_a_full_disk_is_told_once_and_nothing_is_forgotten(tmp_path: Path) -> None:
    path, engine = tmp_path / "state.sqlite3", still_engine()
    told: list[str] = []
    file = StateFile(path)
    with file.opened():
        keeper = Keeper(file, engine, told.append)
        keeper.keep_all()
        pages = file._database.execute("PRAGMA page_count").fetchone()[0]
        file._database.execute(f"PRAGMA max_page_count = {pages}")
        for number in range(60):
            send(engine, PF, "buy", "0.1", str(80_000 - number), cli_ord_id=str(number))
            keeper.keep()
        assert len(told) == 1
        assert "full" in told[0]
        assert engine.has_changes
        file._database.execute("PRAGMA max_page_count = 100000")
        keeper.keep()
        assert not engine.has_changes
    assert orders(path) == [str(number) for number in range(60)]


async def test_what_was_written_moves_into_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "CHECKPOINT_S", 0.0)
    monkeypatch.setattr(store, "PERIOD_S", 0.0)
    path, engine = tmp_path / "state.sqlite3", still_engine()
    file = StateFile(path)
    moved = asyncio.Event()

    class Watched(Keeper):
        def keep_all(self) -> None:
            super().keep_all()
            moved.set()

    with file.opened():
        keeper = Watched(file, engine, pytest.fail)
        keeper.keep_all()
        moved.clear()
        small = path.stat().st_size
        for number in range(300):
            send(engine, PF, "buy", "0.1", str(80_000 - number))
        running = asyncio.create_task(keeper.run())
        async with asyncio.timeout(10):
            while path.stat().st_size <= small:
                moved.clear()
                await moved.wait()
        assert not engine.has_changes
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


def test_money_is_kept_to_the_last_digit(tmp_path: Path) -> None:
    engine = still_engine(flex={"USD": D("0.1234567890123456789"), "XBT": D("1E-9")})
    file = StateFile(tmp_path / "state.sqlite3")
    with file.opened():
        Keeper(file, engine, pytest.fail).keep_all()
        state = file.load()
    assert state is not None
    again = Engine.restore(engine._floor.config, 1, engine.now_ms, state)
    assert again._floor.seats["main"].account.flex == engine._floor.seats["main"].account.flex
