"""A bad day is recorded while it happens, and replayed: at every moment the replay knows what the desk knew then."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import httpx
from msgspec import Struct
from msgspec.structs import replace

from tests.e2e.exchange_process import API_KEY, PRIVATE_KEY, ExchangeProcess, environment
from tests.e2e.test_commands import kftui
from tui.client.derivatives.client import KrakenFuturesClient
from tui.client.derivatives.urls import venue_url
from tui.model.enums import OrderType, Side
from tui.model.order import Accepted, CancelRequest, EditRequest, OrderRequest, Unknown
from tui.model.state import LinkStatus, State
from tui.record import open_recorder
from tui.replay.player import Player
from tui.runtime import Runtime, open_runtime, wall_ms
from tui.settings import Desk, Settings
from tui.target import Target
from tui.wire.recording import Frame, Recording

XBT = "PF_XBTUSD"
WAIT_S = 30.0


class Moment(Struct):
    name: str
    at_ms: int
    state: State


def essence(state: State) -> dict[str, object]:
    """All that the state says, but for the local moments at which it was noticed: those lag by what a computer takes,
    and are within a few milliseconds.
    """
    return {
        "orders": [replace(order, created_ms=0) for order in state.orders],
        "closed": [replace(order, created_ms=0) for order in state.closed],
        "fills": state.fills,
        "positions": state.positions,
        "account": state.account,
        "unresolved": [(item.what, item.kind, item.client_order_id) for item in state.unresolved],
        "alarms": [(alarm.kind, alarm.text, alarm.severity) for alarm in state.alarms],
        "link": (state.link.status, state.link.epoch, state.link.reason, state.link.reconnects),
        "books": state.books,
        "tickers": state.tickers,
        "tape": state.tape,
        "candles": state.candles,
        "instruments": state.instruments,
        "leverage": state.leverage,
        "log": state.log,
        "switch": state.dead_man.timeout_s,
    }


class Day:
    """``note`` keeps what the desk knows at this moment, once everything that arrived has been taken in."""

    def __init__(self, runtime: Runtime, operator: httpx.AsyncClient) -> None:
        self.runtime = runtime
        self.moments: list[Moment] = []
        self._operator = operator

    async def until(self, name: str, holds: object) -> None:
        assert callable(holds)
        async with asyncio.timeout(WAIT_S):
            while not holds(self.runtime.store.state):  # noqa: ASYNC110 -- looks at every kind of thing
                await asyncio.sleep(0.02)
        await self.note(name)

    async def note(self, name: str) -> None:
        await asyncio.sleep(0.05)
        while self.runtime.data._queue.qsize():  # noqa: ASYNC110 -- the queue tells nobody
            await asyncio.sleep(0)
        self.moments.append(Moment(name, wall_ms(), self.runtime.store.state))
        await asyncio.sleep(0.01)  # whatever comes next comes at a later millisecond

    async def fail(self, *faults: dict[str, object]) -> None:
        (await self._operator.put("/paper/v1/faults", json={"seed": 1, "faults": faults})).raise_for_status()

    async def command(self, name: str, **fields: object) -> None:
        (await self._operator.post(f"/paper/v1/{name}", json=fields)).raise_for_status()

    def order(self, below: int = 1_000, order_type: OrderType = OrderType.LIMIT) -> OrderRequest:
        bid = self.runtime.store.state.tickers[XBT].bid
        assert bid is not None
        price = None if order_type is OrderType.MARKET else bid - below
        identity = self.runtime.new_client_order_id()
        return OrderRequest(identity, XBT, Side.BUY, order_type, Decimal("0.01"), limit_price=price)


async def live_through(day: Day) -> None:
    runtime = day.runtime
    await day.until("live", lambda s: s.link.status is LinkStatus.LIVE and XBT in s.books)
    placed = await runtime.submit(day.order())
    assert isinstance(placed, Accepted)
    await runtime.submit(day.order(order_type=OrderType.MARKET))
    await day.until("filled", lambda s: s.positions and s.orders)
    await runtime.edit(EditRequest(XBT, placed.order_id or "", limit_price=day.order(1_100).limit_price))
    await day.note("edited")

    await day.fail({"kind": "lost_answer", "on": "sendorder", "times": 1}, {"kind": "skip_frame", "on": "private"})
    runtime.trading._answer_s = 1.0
    lost = asyncio.create_task(runtime.submit(day.order(1_200)))
    await day.until("unresolved", lambda s: s.unresolved)
    assert isinstance(await lost, Unknown)
    await day.until("settled", lambda s: not s.unresolved)
    await day.fail({"kind": "duplicate_frame", "probability": 0.5}, {"kind": "skip_frame", "on": "book", "times": 2})
    await day.command("disconnect")
    await day.until("reconnected", lambda s: s.link.reconnects and s.link.status is LinkStatus.LIVE)
    await runtime.flatten(XBT)
    await day.until("flat", lambda s: not s.positions)
    await runtime.arm_dead_man(60)
    await runtime.cancel(CancelRequest(XBT, placed.order_id))
    await runtime.cancel_all()
    await day.until("nothing works", lambda s: not s.orders and XBT in s.books)
    await day.fail({"kind": "stale_answer", "age_s": 2})
    await runtime.submit(day.order(order_type=OrderType.MARKET))
    await asyncio.sleep(3)
    await day.note("old lists")


async def recorded(exchange: ExchangeProcess, folder: Path) -> list[Moment]:
    target = Target(venue_url(exchange.url), exchange.credentials, folder / "journal.sqlite3", "record")
    recorder = open_recorder(folder / "day.gz", target, XBT)
    operator = httpx.AsyncClient(base_url=exchange.url, trust_env=False, timeout=10)
    settings = Settings(desk=Desk(refresh_s=2))
    async with operator, recorder, open_runtime(target, settings, recorder=recorder) as runtime:
        runtime.watch(XBT)
        day = Day(runtime, operator)
        await live_through(day)
    return day.moments


def test_a_replay_knows_what_the_desk_knew(tmp_path: Path) -> None:
    async def day() -> list[Moment]:
        async with ExchangeProcess("--control", "--seed", "5") as exchange:
            return await recorded(exchange, tmp_path)

    moments = asyncio.run(day())
    assert [moment.name for moment in moments][-1] == "old lists"
    with Player(Recording(tmp_path / "day.gz")) as player:
        for moment in moments:
            player.play_to(moment.at_ms - player.index.first_ms)
            assert player.now_ms() == moment.at_ms
            then, now = essence(moment.state), essence(player.runtime.store.state)
            for part, value in then.items():
                assert now[part] == value, f"{part} at the moment: {moment.name}"
        player.play_to(player.index.length_ms)
        assert player.ending == "stopped"
    text = "".join(row.text for row in Recording(tmp_path / "day.gz").rows() if isinstance(row, Frame))
    assert API_KEY not in text
    assert PRIVATE_KEY not in text


async def test_record_then_replay_as_commands(tmp_path: Path) -> None:
    file = tmp_path / "market.gz"
    async with ExchangeProcess("--seed", "21") as exchange:
        async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
            await client.send_order(XBT, "buy", "0.2", order_type="market")
        code, out, err = await kftui(tmp_path, "record", str(file), "--for", "3s", "--url", exchange.url)
        assert (code, out) == (0, f"{file}\n"), err
        assert "no keys" in err
        code, out, err = await kftui(tmp_path, "record", str(file), "--for", "1s", "--url", exchange.url)
        assert (code, out) == (1, ""), err
        assert "is there already" in err
    code, out, err = await kftui(tmp_path, "replay", str(file), "--json")
    assert code == 0, err
    told = json.loads(out)
    assert told["environment"] == "replay"
    assert told["link"]["stream"] == "live"
    assert [(one["symbol"], one["size"]) for one in told["positions"]] == [(XBT, 0.2)]
    code, out, err = await kftui(tmp_path, "replay", str(tmp_path / "journal"), "--json")
    assert (code, out) == (1, "")
    assert "No such file" in err
    code, out, err = await kftui(tmp_path, "replay", str(file))
    assert (code, out) == (1, "")
    assert "needs a terminal" in err


async def test_a_recorder_that_is_killed_leaves_all_but_its_last_moment(tmp_path: Path) -> None:
    file = tmp_path / "killed.gz"
    async with ExchangeProcess("--seed", "21") as exchange:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui", "record", str(file), "--url", exchange.url),
            stderr=subprocess.DEVNULL,
            env=environment(KFTUI_HOME=str(tmp_path)),
        )
        async with asyncio.timeout(WAIT_S):
            while not file.exists() or file.stat().st_size < 20_000:  # noqa: ASYNC110 -- another process
                await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        killed_ms = wall_ms()
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
    recording = Recording(file)
    rows = list(recording.rows())
    assert "cut off" in recording.ending
    assert killed_ms - rows[-1].at_ms < 3_000
    code, out, err = await kftui(tmp_path, "replay", str(file), "--json")
    assert code == 0, err
    assert json.loads(out)["link"]["stream"] == "live"


async def on_a_terminal(home: Path, *arguments: str, leave_after: bytes) -> tuple[int, bytes]:
    """Run a desk on a terminal of its own until it has shown something, then press ``q``. Exit code and output."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    os.set_blocking(ours, False)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", *arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(KFTUI_HOME=str(home), TERM="xterm-256color"),
    )
    os.close(theirs)
    shown, pressed_at = b"", 0
    try:
        async with asyncio.timeout(WAIT_S):
            while process.returncode is None:
                with suppress(BlockingIOError, OSError):
                    shown += os.read(ours, 65536)
                if leave_after in shown and len(shown) > pressed_at:
                    pressed_at = len(shown) + 20_000
                    os.write(ours, b"q")
                await asyncio.sleep(0.05)
    finally:
        if process.returncode is None:
            process.kill()
        with suppress(OSError):
            shown += os.read(ours, 65536)
        os.close(ours)
    return await process.wait(), shown


async def test_a_desk_is_recorded_and_shown_again_on_terminals(tmp_path: Path) -> None:
    file = tmp_path / "desk.gz"
    async with ExchangeProcess("--seed", "21") as exchange:
        code, shown = await on_a_terminal(
            tmp_path, "--url", exchange.url, "--record", str(file), leave_after=b"available"
        )
    assert code == 0, shown[-2_000:]
    assert f"recorded in {file}".encode() in shown
    assert Recording(file).header.environment == "paper"
    code, shown = await on_a_terminal(tmp_path, "replay", str(file), "--speed", "5", leave_after=b"REPLAY")
    assert code == 0, shown[-2_000:]
    assert b"PAPER" not in shown


async def test_an_interrupted_recorder_ends_its_file_and_well(tmp_path: Path) -> None:
    file = tmp_path / "interrupted.gz"
    async with ExchangeProcess("--seed", "21") as exchange:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui", "record", str(file), "--url", exchange.url, "--limit", "5"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(KFTUI_HOME=str(tmp_path)),
        )
        assert process.stderr is not None
        async with asyncio.timeout(WAIT_S):
            assert b"ctrl+c ends it" in await process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), WAIT_S)
    assert (process.returncode, out.decode()) == (0, f"{file}\n"), err
    recording = Recording(file)
    assert list(recording.rows())
    assert recording.ending == "stopped"
