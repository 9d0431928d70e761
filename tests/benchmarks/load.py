"""The exchange under load: how fast it answers orders, what it costs, and whether it still tells the truth.

    python -m tests.benchmarks.load [--accounts 200] [--orders 2000] [--batch 3] [--seconds 60] [--keep]

Starts an exchange (``--keep``: with a state file), opens so many public and as many private streams, and sends calls
(single sends, edits, cancels, and a batch now and then) at an even pace whether or not the last ones were answered; the
time of a call runs from the moment it was due. At the end every account is compared with its client's own record:
nothing lost, doubled or invented, positions equal to the sum of fills. Exit code 1 if anything was wrong.

Generator and exchange share the machine. Times mean something only on an idle one; processor time per call hardly
drifts and is what to compare.
"""

import argparse
import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

from tests.benchmarks.load_listener import Listener
from tests.benchmarks.load_place import Place, Use, make_keys
from tests.benchmarks.load_record import Record, ask_truth, differences
from tests.benchmarks.load_trader import Quote, Tally, Trader, instructions_per_call, read_quotes

_PRIVATE_FEEDS = ("fills", "open_orders", "open_positions", "balances")
_SAMPLES = 6


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--accounts", type=int, default=200)
    parser.add_argument(
        "--orders", type=float, default=2_000, help="sends, edits and cancels a second, those in batches included"
    )
    parser.add_argument("--batch", type=int, default=3, help="instructions of a batch; 8 of 100 calls are one")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--sockets", type=int, default=50, help="so many public ones and as many private ones")
    parser.add_argument("--callers", type=int, default=200, help="connections that carry the calls")
    parser.add_argument("--keep", action="store_true", help="the exchange keeps its state in a file")
    parser.add_argument("--option", action="append", default=[], help="passed on to the exchange, e.g. --option=--tls")
    return asyncio.run(_run(parser.parse_args()))


async def _run(chosen: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = Place(
            folder, make_keys(chosen.accounts), "--rate-limit", "off", *chosen.option, keeps_state=chosen.keep
        )
        await stack.enter_async_context(place)
        quotes = await read_quotes(place.caller())
        listeners = await _listen(place, quotes, chosen.sockets)
        tally, records = Tally(), [Record() for _ in place.keys]
        samples, own_s, lasted_s = await _trade(place, quotes, chosen, records, tally)
        await asyncio.sleep(1)
        _tell(samples, own_s, lasted_s, tally)
        wrong = [line async for line in _wrong(place, records, listeners)]
        for line in wrong[:20]:
            _say(f"WRONG: {line}")
        _say(f"{len(wrong)} contradictions over {len(records)} accounts")
        _say(f"streams: {sum(one.frames for one in listeners)} frames, {sum(one.size for one in listeners)} bytes")
        return 1 if wrong or tally.errors else 0


async def _listen(place: Place, quotes: list[Quote], count: int) -> list[Listener]:
    """Public streams each follow one contract, private ones one account."""
    listeners = []
    for number in range(count):
        symbol = quotes[number % len(quotes)].symbol
        listeners.append(Listener([(feed, symbol) for feed in ("book", "trade", "ticker")]))
        listeners.append(Listener([(feed, None) for feed in _PRIVATE_FEEDS], place.keys[number % len(place.keys)]))
    for listener in listeners:
        await listener.open(place.host, place.port)
    return listeners


async def _trade(
    place: Place, quotes: list[Quote], chosen: argparse.Namespace, records: list[Record], tally: Tally
) -> tuple[list[Use], float, float]:
    """The exchange's use at even moments, the generator's processor seconds, and how long it took."""
    count = max(chosen.callers, len(place.keys))
    period_s = count * instructions_per_call(chosen.batch) / chosen.orders
    traders = [
        Trader(
            place.caller(place.keys[number % len(place.keys)]),
            quotes[number % len(quotes)],
            f"c{number}",
            record=records[number % len(records)],
            tally=tally,
            batch=chosen.batch,
        )
        for number in range(count)
    ]
    gc.freeze()
    began, began_own = time.perf_counter(), time.process_time()
    end = began + chosen.seconds
    samples = [place.use()]
    async with asyncio.TaskGroup() as tasks:
        for number, trader in enumerate(traders):
            first_s = period_s * number / count
            tasks.create_task(trader.run(period_s, lambda: time.perf_counter() >= end, first_s=first_s))
        for _ in range(_SAMPLES):
            await asyncio.sleep(chosen.seconds / _SAMPLES)
            samples.append(place.use())
    samples.append(place.use())
    return samples, time.process_time() - began_own, time.perf_counter() - began


async def _wrong(place: Place, records: list[Record], listeners: list[Listener]) -> AsyncIterator[str]:
    if not place.alive:
        yield "the exchange is not running any more"
        return
    seen = _seen_fills(listeners)
    for key, record in zip(place.keys, records, strict=True):
        truth = await ask_truth(place.caller(key))
        for difference in differences(record, truth):
            yield f"{key.api_key}: {difference}"
        told = {fill["uid"] for fill in truth.fills}
        for fills in seen.get(key.api_key, []):
            if len(fills) != len(set(fills)) or set(fills) != told:
                yield f"{key.api_key}: its stream told {len(fills)} fills, the history has {len(told)}"
    for number, listener in enumerate(listeners):
        if listener.lost or listener.alerts:
            yield f"stream {number} was cut or alerted: {listener.alerts[:3]}"


def _seen_fills(listeners: list[Listener]) -> dict[str, list[list[str]]]:
    seen: dict[str, list[list[str]]] = {}
    for listener in listeners:
        if listener.key is not None:
            seen.setdefault(listener.key.api_key, []).append(listener.fills)
    return seen


# --- figures -----------------------------------------------------------------------------------------------


def _tell(samples: list[Use], own_s: float, lasted_s: float, tally: Tally) -> None:
    calls = sum(len(times) for times in tally.seconds.values())
    cpu_s = samples[-1].cpu_s - samples[0].cpu_s
    _say(
        f"{calls} calls, {lasted_s:.1f} s: {calls / lasted_s:.0f} calls/s, {tally.instructions / lasted_s:.0f} orders/s"
    )
    _say(f"exchange: {cpu_s / lasted_s:.0%} of a core, {cpu_s / max(calls, 1) * 1e6:.0f} us a call")
    _say(f"generator: {own_s / lasted_s:.0%} of a core, {own_s / max(calls, 1) * 1e6:.0f} us a call")
    _say("memory, MiB: " + " ".join(f"{sample.memory / 2**20:.0f}" for sample in samples))
    for line in _latencies(tally):
        _say(line)
    _say(f"statuses: {dict(tally.statuses)}")
    _say(f"errors: {dict(tally.errors) or 'none'}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _latencies(tally: Tally) -> Iterator[str]:
    every = [second for times in tally.seconds.values() for second in times]
    for kind, times in [*sorted(tally.seconds.items()), ("all", every)]:
        ordered = sorted(times)
        if ordered:
            shares = [ordered[int(share * (len(ordered) - 1))] * 1000 for share in (0.5, 0.9, 0.99, 0.999, 1)]
            figures = " ".join(f"{ms:8.1f}" for ms in shares)
            yield f"{kind:>7} {len(ordered):>7}  p50 p90 p99 p99.9 max, ms: {figures}"


if __name__ == "__main__":
    sys.exit(main())
