"""What honest callers feel of hostile ones: the same calls in peace and under each attack, in one run.

    python -m tests.benchmarks.load_hostile [--seconds 5] [--orders 100] [--attackers 20]

Each attacker connects again as soon as it is cut. They run in a process of their own; generator, attackers and exchange
share the machine, so part of what is felt is the processor that the attackers themselves use.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from tests.benchmarks.load_place import Place, make_keys
from tests.benchmarks.load_record import Record
from tests.benchmarks.load_trader import Tally, Trader, read_quotes

_D: Final = "/derivatives/api/v3"
_PAUSE_S: Final = 0.01

Attack = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load_hostile", description="Attack and measure.")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--orders", type=float, default=100, help="honest calls a second")
    parser.add_argument("--attackers", type=int, default=20)
    parser.add_argument("--only", nargs="*", choices=sorted(ATTACKS), help="these attacks (default: all)")
    parser.add_argument("--attack", choices=sorted(ATTACKS), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.attack:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_attack(ATTACKS[chosen.attack], chosen.port, chosen.attackers))
        return 0
    return asyncio.run(_measure(chosen))


async def _measure(chosen: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with Place(Path(folder), make_keys(1), "--rate-limit", "off") as place:
            await _round("peace", place, chosen)
            for name in chosen.only or ATTACKS:
                command = ("-m", "tests.benchmarks.load_hostile", "--attack", name, "--port", str(place.port))
                hostile = await asyncio.create_subprocess_exec(
                    sys.executable, *command, "--attackers", str(chosen.attackers)
                )
                try:
                    await asyncio.sleep(1)
                    await _round(name, place, chosen)
                finally:
                    hostile.kill()
                    await hostile.wait()
                await asyncio.sleep(1)
            return 0 if place.alive else 1


async def _round(name: str, place: Place, chosen: argparse.Namespace) -> None:
    (key,) = place.keys
    quotes, tally, record = await read_quotes(place.caller()), Tally(), Record()
    before, loop = place.use(), asyncio.get_running_loop()
    end = loop.time() + chosen.seconds
    traders = [Trader(place.caller(key), quotes[0], f"{name}{n}", record=record, tally=tally) for n in range(4)]
    async with asyncio.TaskGroup() as tasks:
        for number, trader in enumerate(traders):
            first_s = number / chosen.orders
            tasks.create_task(trader.run(4 / chosen.orders, lambda: loop.time() >= end, first_s=first_s))
    times = sorted(second for seconds in tally.seconds.values() for second in seconds)
    p50, p99, longest = (times[int(share * (len(times) - 1))] * 1000 if times else 0 for share in (0.5, 0.99, 1))
    use = place.use()
    sys.stdout.write(
        f"{name:>10}: {len(times)} calls, p50 {p50:.1f} p99 {p99:.1f} max {longest:.1f} ms, errors "
        f"{dict(tally.errors) or 'none'}, exchange {(use.cpu_s - before.cpu_s) / chosen.seconds:.0%} of a core, "
        f"{use.memory / 2**20:.0f} MiB\n"
    )
    sys.stdout.flush()


# --- attacks -----------------------------------------------------------------------------------------------


async def _attack(attack: Attack, port: int, count: int) -> None:
    async def one() -> None:
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    await attack(reader, writer)
                finally:
                    writer.transport.abort()
            await asyncio.sleep(_PAUSE_S)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(one())


async def _drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(f"POST {_D}/sendorder HTTP/1.1\r\nHost: x\r\n".encode())
    while True:
        writer.write(b"X")
        await writer.drain()
        await asyncio.sleep(0.1)


def _pour(data: bytes, *, stream: bool = False) -> Attack:
    async def attack(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if stream:
            await _upgrade(reader, writer)
        while True:
            writer.write(data)
            await writer.drain()

    return attack


async def _deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Follows every book and never reads (the stream reader stops once its own small buffer is full)."""
    await _upgrade(reader, writer)
    products = ["PF_XBTUSD", "PF_ETHUSD", "PF_SOLUSD", "PF_XRPUSD", "PF_DOGEUSD", "PF_ADAUSD", "PI_XBTUSD"]
    for feed in ("book", "trade", "ticker"):
        writer.write(_frame(1, json.dumps({"event": "subscribe", "feed": feed, "product_ids": products}).encode()))
    while not writer.is_closing():
        writer.write(_frame(9))
        await writer.drain()
        await asyncio.sleep(0.05)


async def _upgrade(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    key = b64encode(os.urandom(16)).decode()
    writer.write(
        "GET /ws/v1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")


def _frame(kind: int, payload: bytes = b"", *, last: bool = True) -> bytes:
    head = bytes(((0x80 if last else 0) | kind,))
    length = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2)
    return head + length + bytes(4) + payload


_SUBSCRIBE: Final = json.dumps({"event": "subscribe", "feed": "book", "product_ids": ["PF_XBTUSD"] * 50}).encode()
_CHUNKED: Final = f"POST {_D}/sendorder HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode()

ATTACKS: Final[Mapping[str, Attack]] = {
    "drip": _drip,
    "head": _pour(f"GET {_D}/tickers HTTP/1.1\r\nX-Long: ".encode() + b"a" * 60_000),
    "body": _pour(_CHUNKED + b"8000\r\n" + b"a" * 0x8000 + b"\r\n"),
    "pipeline": _pour(f"GET {_D}/instruments/status HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 500),
    "ping": _pour(_frame(9, b"x") * 5_000, stream=True),
    "frames": _pour(_frame(1, b"{}") * 5_000, stream=True),
    "pieces": _pour(_frame(1, b"x", last=False) + _frame(0, b"", last=False) * 5_000, stream=True),
    "subscribe": _pour(_frame(1, _SUBSCRIBE) * 20, stream=True),
    "deaf": _deaf,
}

if __name__ == "__main__":
    sys.exit(main())
