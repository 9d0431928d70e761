"""What befalls a world from outside: each plague strikes now and then, for as long as it is allowed to.

Invariant: a plague knows when it strikes and nothing of why; whatever it does, somebody real has done to a trader.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random

from tests.simulation.desk import Desk
from tests.simulation.exchange import Exchange
from tests.simulation.faults import Faults
from tests.simulation.network import Network
from tests.simulation.trader import Trader

Act = Callable[[], Awaitable[None]]


class Plagues:
    """``strike`` runs all of them until cancelled. ``log`` is told of each blow."""

    def __init__(
        self,
        exchange: Exchange,
        network: Network,
        desks: Sequence[Desk],
        traders: Sequence[Trader],
        rng: Random,
        *,
        log: Callable[[str], None],
    ) -> None:
        self._exchange = exchange
        self._network = network
        self._desks = desks
        self._traders = traders
        self._rng = rng
        self._log = log

    async def strike(self, faults: Faults) -> None:
        async with asyncio.TaskGroup() as group:
            for every_s, act in self._acts(faults):
                if every_s:
                    group.create_task(self._again(every_s, act))
            await asyncio.Event().wait()

    def _acts(self, faults: Faults) -> list[tuple[float, Act]]:
        return [
            (faults.cut_every_s, self._cut),
            (faults.dead_every_s, self._deaden),
            (faults.desk_crash_every_s, lambda: self._crash_desk(faults.journal_damaged)),
            (faults.exchange_crash_every_s, lambda: self._crash_exchange(faults.exchange_forgets)),
            (faults.maintenance_every_s, self._maintain),
            (faults.sleep_every_s, self._sleep),
            (faults.clock_jump_every_s, self._jump_clock),
            (faults.disk_full_every_s, self._fill_disk),
            (faults.price_jump_every_s, self._jump_price),
            (faults.crunch_every_s, self._crunch),
            (faults.stranger_every_s, self._stranger),
        ]

    async def _again(self, every_s: float, act: Act) -> None:
        while True:
            await asyncio.sleep(self._rng.expovariate(1 / every_s))
            await act()

    # --- the road -----------------------------------------------------------------------------------------------

    async def _cut(self) -> None:
        self._log("cut")
        for socket in tuple(self._network.sockets):
            socket.cut()

    async def _deaden(self) -> None:
        self._log("dead line")
        for socket in tuple(self._network.sockets):
            socket.die()

    async def _maintain(self) -> None:
        self._log("maintenance")
        self._network.maintenance = True
        try:
            await asyncio.sleep(self._rng.choice((0.5, 3.0, 15.0)))
        finally:
            self._network.maintenance = False

    # --- machines -----------------------------------------------------------------------------------------------

    async def _crash_desk(self, damaged: float) -> None:
        desk = self._rng.choice(self._desks)
        if not desk.is_up:
            return
        self._log("desk crashes")
        await desk.crash()
        if self._rng.random() < damaged:
            self._log("journal damaged")
            desk.damage_journal()
        await asyncio.sleep(self._rng.choice((0.0, 1.0, 10.0)))
        desk.start()

    async def _crash_exchange(self, forgets: float) -> None:
        if self._exchange.is_up:
            self._log("exchange crashes")
            self._exchange.crash(forgets=self._rng.random() < forgets)
            await asyncio.sleep(self._rng.choice((0.1, 1.0, 10.0)))
            self._exchange.restart()

    async def _sleep(self) -> None:
        """The lid is closed; whether monotonic time stands still meanwhile depends on the system."""
        self._log("sleep")
        self._exchange.skip(self._rng.choice((3.0, 20.0, 90.0)), leap=self._rng.random() < 0.5)

    async def _jump_clock(self) -> None:
        self._log("clock set")
        jump_ms = round(self._rng.choice((-1, 1)) * self._rng.choice((500, 5_000, 60_000, 3_600_000)))
        for desk in self._desks:
            desk.skew_ms += jump_ms

    async def _fill_disk(self) -> None:
        self._log("disk full")
        for desk in self._desks:
            desk.fill_disk(full=True)
        try:
            await asyncio.sleep(self._rng.choice((0.5, 3.0, 15.0)))
        finally:
            for desk in self._desks:
                desk.fill_disk(full=False)

    # --- the market, and others -----------------------------------------------------------------------------------

    async def _jump_price(self) -> None:
        if self._exchange.is_up:
            self._log("price jumps")
            self._exchange.jump(
                self._rng.choice(("XBT", "ETH")), self._rng.gauss(0, self._rng.choice((0.005, 0.02, 0.08)))
            )

    async def _crunch(self) -> None:
        if self._exchange.is_up and self._exchange.crunch(self._rng):
            self._log("crunch")

    async def _stranger(self) -> None:
        if self._exchange.is_up:
            self._log("stranger")
            self._exchange.stranger(self._traders[0].strange_order())
