"""One world: an exchange, a desk, a trader, a road between them, and everything that goes wrong.

``World.run`` is the whole story of a seed: a while of trading under faults, then calm, then the comparison. Invariant:
a seed determines everything, and ``digest`` shows it.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.simulation import market, truth
from tests.simulation.desk import Desk
from tests.simulation.exchange import KEY, SECOND_KEY, Exchange
from tests.simulation.faults import NONE, Faults, drawn
from tests.simulation.loop import VirtualLoop, virtually
from tests.simulation.network import Network
from tests.simulation.plagues import Plagues
from tests.simulation.trader import Trader

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
    happened: Counter[str] = field(default_factory=Counter)


class World:
    def __init__(self, seed: int, faults: Faults | None, folder: Path, *, verbose: bool = False) -> None:
        self.seed = seed
        self._rng = Random(seed)
        self._hash = hashlib.blake2b(digest_size=12)
        self._verbose = verbose
        self.events: list[str] = []
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self._loop = loop
        self.faults = drawn(self._child()) if faults is None else faults
        hour_ms = market.T0 // HOUR_MS * HOUR_MS
        start_ms = hour_ms - self._rng.choice((self._rng.randrange(60_000), self._rng.randrange(HOUR_MS)))
        self.exchange = Exchange(self._loop, self._child(), seed, start_ms)
        self.network = Network(self.exchange, self._child(), self.log)
        desks = 2 if self._rng.random() < self.faults.partner else 1
        keys = self._rng.choice(((KEY, KEY), (KEY, SECOND_KEY)))
        self.desks = [Desk(self.network, self._child(), folder / f"{n}.db", keys[n]) for n in range(desks)]
        self.traders = [Trader(desk, self.exchange, self._child(), self.faults.overrun) for desk in self.desks]
        self._watchers = [truth.Watcher(desk, self.exchange) for desk in self.desks]
        self._plagues = Plagues(self.exchange, self.network, self.desks, self.traders, self._child(), log=self._happens)
        self._seen: list[str] = []
        self.happened: Counter[str] = Counter()

    def log(self, what: str, content: bytes = b"") -> None:
        """Something arrived, or happened."""
        head = f"{self._loop.time():.6f} {what} "
        self._hash.update(head.encode())
        self._hash.update(content)
        if self._verbose:
            self.events.append(head + content.decode(errors="backslashreplace"))

    def _happens(self, what: str) -> None:
        self.happened[what] += 1
        self.log(what)

    async def run(self) -> Result:
        rng = self._rng
        clock = asyncio.create_task(self.exchange.run())
        skew_ms = round(rng.gauss(0, 20_000)) if rng.random() < self.faults.skewed else 0
        for desk in self.desks:
            desk.skew_ms = skew_ms
            desk.start()
        await asyncio.sleep(rng.choice((0.0, 2.0, 8.0)))
        self.network.faults = self.faults
        looking = asyncio.create_task(self._keep_looking())
        plagues = asyncio.create_task(self._plagues.strike(self.faults))
        await self._trade(rng.uniform(5.0, 25.0), rng.uniform(0.3, 2.2))
        plagues.cancel()
        await asyncio.wait([plagues])
        if not plagues.cancelled():
            plagues.result()
        await self._settle()
        looking.cancel()
        complaints = self._seen or await self._compared()
        clock.cancel()
        for desk in self.desks:
            await desk.crash()
        if not complaints:
            complaints = self._read_journals()
        return self._result(complaints)

    # --- the story --------------------------------------------------------------------------------------------

    async def _trade(self, seconds: float, pause_s: float) -> None:
        end_s = self._loop.time() + seconds
        while self._loop.time() < end_s:
            await asyncio.sleep(self._rng.expovariate(1 / pause_s))
            self._rng.choice(self.traders).press()
            self._check()

    def _check(self) -> None:
        for desk in self.desks:
            desk.check()

    async def _keep_looking(self) -> None:
        while not self._seen:
            await asyncio.sleep(LOOK_S)
            self._look()

    def _look(self) -> None:
        for watcher in self._watchers:
            self._seen += [f"at {self._loop.time():.1f} s: {complaint}" for complaint in watcher.look()]

    async def _settle(self) -> None:
        """Faults stop, everybody is there, the market goes home."""
        self.network.faults = NONE
        self.network.maintenance = False
        self.exchange.calm()
        if not self.exchange.is_up:
            self.exchange.restart()
        for desk in self.desks:
            if not desk.is_up:
                desk.start()
        calm_s = self._loop.time()
        await asyncio.sleep(CALM_S)
        while self.network.travelling:  # noqa: ASYNC110 nothing tells, and virtual time costs nothing
            await asyncio.sleep(STEP_S)
        while not all(truth.is_live(desk) for desk in self.desks):
            await asyncio.sleep(STEP_S)
            if self._loop.time() - calm_s > LIVE_S:
                self._seen.append(f"not live {LIVE_S:.0f} s after the last fault")
                return
        self._look_at_switch()
        self.exchange.freeze()

    def _look_at_switch(self) -> None:
        """A dead man's switch that will fire is on a screen, unless the desk that armed it died, or its request
        came so late or so often that nobody can know.
        """
        unknowable = self.faults.call_late or self.faults.call_doubled or any(desk.lives > 1 for desk in self.desks)
        shown = any(desk.store.state.dead_man.fires_at_ms is not None for desk in self.desks)
        if self.exchange.is_switch_armed and not shown and not unknowable:
            self._seen.append("the dead man's switch is armed, and no desk shows it")

    async def _compared(self) -> list[str]:
        """Complaints that last; empty once two looks in a row found nothing."""
        end_s = self._loop.time() + PATIENCE_S
        equal_since_s: float | None = None
        while True:
            self._check()
            found = [complaint for desk in self.desks for complaint in truth.differences(desk, self.exchange)]
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

    def _read_journals(self) -> list[str]:
        kept = [desk.read_journal() for desk in self.desks]
        self._acts = sum(len(entries) for entries in kept)
        return list(truth.unexplained(kept, self.desks, self.traders, self.exchange, self.network.sent_ids))

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
            happened=self.happened + self.exchange.happened,
            events=self.events,
        )

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
    return await World(seed, faults, folder, verbose=verbose).run()
