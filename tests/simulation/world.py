"""One world: an exchange, a desk, a trader, a road between them, and everything that goes wrong.

``World.run`` is the whole story of a seed: a while of trading under faults, then calm, then the comparison. Invariant:
a seed determines everything, and ``digest`` shows it.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from unittest.mock import patch

from tests.simulation import market, truth
from tests.simulation.desk import Desk
from tests.simulation.exchange import Exchange
from tests.simulation.faults import NONE, Faults, drawn
from tests.simulation.loop import virtually
from tests.simulation.network import Network
from tests.simulation.trader import Trader
from tui.client.derivatives import feed as feed_module

STEP_S = 1.0
LOOK_S = 0.25
CALM_S = 4.0
AGAIN_S = 10.5  # a second look, after one more whole refresh
LIVE_S = 50.0  # a dead line is noticed after 35 s at most
PATIENCE_S = 120.0
HOUR_MS = 3_600_000
SHM = Path("/dev/shm")  # noqa: S108 - a disk in memory, where the system has one


@dataclass
class Result:
    """``complaints`` empty: the world ended as it should. ``digest`` tells two runs apart."""

    seed: int
    complaints: list[str]
    digest: str
    virtual_s: float
    orders: int = 0
    fills: int = 0
    acts: int = 0
    events: list[str] = field(default_factory=list)


class World:
    def __init__(self, seed: int, faults: Faults | None, folder: Path, *, verbose: bool = False) -> None:
        self.seed = seed
        self._rng = Random(seed)
        self._hash = hashlib.blake2b(digest_size=12)
        self._verbose = verbose
        self.events: list[str] = []
        self._loop = asyncio.get_running_loop()
        self.faults = drawn(self._child()) if faults is None else faults
        start_ms = market.T0 + self._rng.randrange(HOUR_MS)
        self.exchange = Exchange(self._child(), seed, start_ms)
        self.network = Network(self.exchange, self._child(), self.log)
        self.desk = Desk(self.network, self._child(), folder / "journal.db")
        self.trader = Trader(self.desk, self.exchange, self._child())
        self._watcher = truth.Watcher(self.desk, self.exchange)
        self._seen: list[str] = []

    def log(self, what: str, content: bytes = b"") -> None:
        """Something arrived, or happened."""
        head = f"{self._loop.time():.6f} {what} "
        self._hash.update(head.encode())
        self._hash.update(content)
        if self._verbose:
            self.events.append(head + content.decode(errors="backslashreplace"))

    async def run(self) -> Result:
        rng = self._rng
        clock = asyncio.create_task(self.exchange.run())
        if rng.random() < self.faults.skewed:
            self.desk.skew_ms = round(rng.gauss(0, 20_000))
        self.desk.start()
        await asyncio.sleep(rng.choice((0.0, 2.0, 8.0)))
        self.network.faults = self.faults
        looking = asyncio.create_task(self._keep_looking())
        chaos = [asyncio.create_task(self._again(every_s, act)) for every_s, act in self._plagues() if every_s]
        await self._trade(rng.uniform(5.0, 25.0), rng.uniform(0.3, 2.2))
        for plague in chaos:
            plague.cancel()
        await asyncio.gather(*chaos, return_exceptions=True)
        await self._settle()
        looking.cancel()
        complaints = self._seen or await self._compared()
        clock.cancel()
        await self.desk.crash()
        if not complaints:
            complaints = self._read_journal()
        return self._result(complaints)

    # --- the story --------------------------------------------------------------------------------------------

    async def _trade(self, seconds: float, pause_s: float) -> None:
        end_s = self._loop.time() + seconds
        while self._loop.time() < end_s:
            await asyncio.sleep(self._rng.expovariate(1 / pause_s))
            self.trader.press()
            self.desk.check()

    async def _keep_looking(self) -> None:
        while not self._seen:
            await asyncio.sleep(LOOK_S)
            self._look()

    def _look(self) -> None:
        for complaint in self._watcher.look():
            self._seen.append(f"at {self._loop.time():.1f} s: {complaint}")

    async def _settle(self) -> None:
        """Faults stop, everybody is there, the market goes home."""
        self.network.faults = NONE
        self.network.maintenance = False
        self.exchange.calm()
        if not self.exchange.is_up:
            self.exchange.restart()
        if not self.desk.is_up:
            self.desk.start()
        calm_s = self._loop.time()
        await asyncio.sleep(CALM_S)
        while self.network.travelling:  # noqa: ASYNC110 nothing tells, and virtual time costs nothing
            await asyncio.sleep(STEP_S)
        while not truth.is_live(self.desk):
            await asyncio.sleep(STEP_S)
            if self._loop.time() - calm_s > LIVE_S:
                self._seen.append(f"not live {LIVE_S:.0f} s after the last fault")
                return
        self.live_s = self._loop.time() - calm_s
        self.exchange.freeze()

    async def _compared(self) -> list[str]:
        """Complaints that last; empty once two looks in a row found nothing."""
        end_s = self._loop.time() + PATIENCE_S
        equal_since_s: float | None = None
        while True:
            self.desk.check()
            found = list(truth.differences(self.desk, self.exchange))
            now_s = self._loop.time()
            if found:
                equal_since_s = None
            elif equal_since_s is None:
                equal_since_s = now_s
            elif now_s - equal_since_s >= AGAIN_S:
                return []
            if now_s > end_s:
                return found or ["it settled too late"]
            await asyncio.sleep(2 * STEP_S)

    def _read_journal(self) -> list[str]:
        journal = self.desk.read_journal()
        try:
            entries = journal.entries(10_000)
            self._acts = len(entries)
            asked, made, sent = self.trader.asked, self.desk.asked_ids, self.network.sent_ids
            found = list(truth.unexplained(entries, self.exchange, asked=asked, made=made, sent=sent))
        finally:
            journal.close()
        return found

    def _result(self, complaints: list[str]) -> Result:
        ever = self.exchange.orders_ever.values()
        return Result(
            seed=self.seed,
            complaints=complaints,
            digest=self._hash.hexdigest(),
            virtual_s=self._loop.time(),
            orders=sum(record.kind == "placed" for record in ever),
            fills=len(self.exchange.fills_ever),
            acts=getattr(self, "_acts", 0),
            events=self.events,
        )

    # --- plagues ----------------------------------------------------------------------------------------------

    def _plagues(self) -> list[tuple[float, Callable[[], Awaitable[None]]]]:
        faults = self.faults
        return [
            (faults.cut_every_s, self._cut),
            (faults.dead_every_s, self._deaden),
            (faults.desk_crash_every_s, self._crash_desk),
            (faults.exchange_crash_every_s, self._crash_exchange),
            (faults.maintenance_every_s, self._maintain),
            (faults.sleep_every_s, self._sleep),
            (faults.clock_jump_every_s, self._jump_clock),
            (faults.price_jump_every_s, self._jump_price),
            (faults.stranger_every_s, self._stranger),
        ]

    async def _again(self, every_s: float, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            await asyncio.sleep(self._rng.expovariate(1 / every_s))
            self.log(act.__name__)
            await act()

    async def _cut(self) -> None:
        for socket in tuple(self.network.sockets):
            socket.cut()

    async def _deaden(self) -> None:
        for socket in tuple(self.network.sockets):
            socket.die()

    async def _crash_desk(self) -> None:
        if self.desk.is_up:
            await self.desk.crash()
            await asyncio.sleep(self._rng.choice((0.0, 1.0, 10.0)))
            self.desk.start()

    async def _crash_exchange(self) -> None:
        if self.exchange.is_up:
            self.exchange.crash(forgets=self._rng.random() < self.faults.exchange_forgets)
            await asyncio.sleep(self._rng.choice((0.1, 1.0, 10.0)))
            self.exchange.restart()

    async def _maintain(self) -> None:
        self.network.maintenance = True
        try:
            await asyncio.sleep(self._rng.choice((0.5, 3.0, 15.0)))
        finally:
            self.network.maintenance = False

    async def _sleep(self) -> None:
        self.exchange.skip(self._rng.choice((3.0, 20.0, 90.0)))

    async def _jump_clock(self) -> None:
        self.desk.skew_ms += round(self._rng.choice((-1, 1)) * self._rng.choice((500, 5_000, 60_000, 3_600_000)))

    async def _jump_price(self) -> None:
        if self.exchange.is_up:
            self.exchange.jump(self._rng.choice(("XBT", "ETH")), self._rng.gauss(0, 0.01))

    async def _stranger(self) -> None:
        if self.exchange.is_up:
            self.exchange.stranger(self.trader.strange_order())

    def _child(self) -> Random:
        return Random(self._rng.getrandbits(64))


def run(seed: int, faults: Faults | None = None, *, verbose: bool = False) -> Result:
    """Live through the world of ``seed``, with its own faults unless others are given."""
    disk = tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None, prefix="kftui-world-")
    with market.small(), disk as folder:
        result, complaints = virtually(_story(seed, faults, Path(folder), verbose))
    result.complaints += complaints
    return result


async def _story(seed: int, faults: Faults | None, folder: Path, verbose: bool) -> Result:
    world = World(seed, faults, folder, verbose=verbose)
    with patch.object(feed_module, "connect", world.network.connect):
        return await world.run()
