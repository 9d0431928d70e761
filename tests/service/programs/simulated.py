"""The simulated worlds with brackets in them: the whole desk and its programs on a faulty road, crashes included.

What the worlds check stays: every order was asked for, sent once, and explained. Besides, when all is calm, no program
that is over has left an order behind, and none that lives asks for more than the position holds.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random

from msgspec.structs import replace

from tests.simulation import market, truth
from tests.simulation.desk import Desk
from tests.simulation.exchange import KEY, Exchange
from tests.simulation.faults import Faults
from tests.simulation.loop import virtually
from tests.simulation.network import Network
from tests.simulation.plagues import Plagues
from tests.simulation.trader import Act, Trader
from tests.simulation.world import SHM, Result, World
from tui.model.enums import OrderType, Side, TriggerSignal
from tui.model.order import OrderRequest
from tui.model.program import Linked, LinkedProgress
from tui.service.programs.linked import watched
from tui.service.programs.runner import Programs

ATTEMPTS = 20
SYMBOLS = ("PF_XBTUSD", "PF_ETHUSD")
SETTLED_S = 100.0


class ProgramDesk(Desk):
    """A desk that keeps programs, in every life."""

    programs: Programs | None = None
    _keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        super().start()
        self.programs = None
        self._keeping = asyncio.create_task(self._keep())

    async def crash(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        await super().crash()

    def check(self) -> None:
        super().check()
        keeping = self._keeping
        if keeping is not None and keeping.done() and not keeping.cancelled():
            keeping.result()

    async def _keep(self) -> None:
        while not self.is_ready:  # noqa: ASYNC110 - virtual time costs nothing
            await asyncio.sleep(0.01)
        assert self._journal is not None
        data = self.data
        programs = Programs(self.store, self._journal, self.trading, lambda _: None, lambda: data.is_usable)
        self.programs = programs
        await programs.run()


class ProgramTrader(Trader):
    """Starts a bracket or an OCO every now and then."""

    def __init__(self, desk: ProgramDesk, exchange: Exchange, rng: Random, overrun: float) -> None:
        super().__init__(desk, exchange, rng, overrun)
        self._own = desk
        self.plans: list[Linked] = []
        self._choices = [*self._choices, *[self._bracket] * 12]

    def _bracket(self) -> Act | None:
        programs = self._own.programs
        if programs is None:
            return None
        rng, symbol = self._rng, self._rng.choice(SYMBOLS)
        side = rng.choice((Side.BUY, Side.SELL))
        size = self._size(symbol)
        kind = rng.choice((OrderType.LIMIT, OrderType.MARKET))
        limit = self._price(symbol, side, rng.uniform(-0.0005, 0.001)) if kind is OrderType.LIMIT else None
        entry = OrderRequest(self._desk.new_id(), symbol, side, kind, size, limit)
        away = rng.choice((0.0008, 0.003))
        base = OrderRequest("", symbol, side.opposite, OrderType.LIMIT, size, reduce_only=True)
        stop = replace(
            base,
            type=OrderType.STOP,
            stop_price=self._price(symbol, side, away),
            trigger_signal=rng.choice(list(TriggerSignal)),
        )
        target = replace(base, limit_price=self._price(symbol, side.opposite, away))
        plan = Linked(f"p-{entry.client_order_id}", entry, (stop, target))
        self.asked[entry.client_order_id] = entry
        self.plans.append(plan)
        self._own.asked_ids += [plan.leg_id(leg, number) for leg in range(2) for number in range(1, ATTEMPTS)]
        return lambda _: programs.start(plan, accept_doubts=True)


class ProgramWorld(World):
    def __init__(self, seed: int, faults: Faults | None, folder: Path, *, verbose: bool = False) -> None:
        super().__init__(seed, faults, folder, verbose=verbose)
        network: Network = self.network
        desk = ProgramDesk(network, self._child(), folder / "programs.db", KEY)
        self.trader = ProgramTrader(desk, self.exchange, self._child(), self.faults.overrun)
        self.desks, self.traders = [desk], [self.trader]
        self._watchers = [truth.Watcher(desk, self.exchange)]
        self._plagues = Plagues(self.exchange, network, self.desks, self.traders, self._child(), log=self._happens)
        self.desk = desk

    async def _compared(self) -> list[str]:
        found = ["nothing was looked at"]
        end_s = self._loop.time() + SETTLED_S
        while found and self._loop.time() < end_s:
            await asyncio.sleep(2.0)
            found = list(self._wrong())
        return found or await super()._compared()

    def _wrong(self) -> Iterator[str]:
        """Orders left behind by programs, and legs larger than what they may close."""
        if self.desk.has_lost_journal or self.exchange.has_forgotten:
            return
        rows = self.exchange.engine.account().open_orders()
        working = {row.cli_ord_id: row for row in rows if row.cli_ord_id is not None}
        assert self.desk.programs is not None
        kept = {one.plan.id: one for one in self.desk.programs._kept.values()}
        for plan in self.trader.plans:
            mine = {plan.leg_id(leg, number) for leg in range(2) for number in range(1, ATTEMPTS)} & set(working)
            one = kept.get(plan.id)
            if one is None:
                yield from (f"{name} was left behind" for name in mine)
                continue
            assert isinstance(one.progress, LinkedProgress)
            strangers = mine - set(watched(plan, one.progress))
            yield from (f"{name} is not known to its program" for name in strangers)
            for name in mine:
                if working[name].remaining > self._closable(plan):
                    yield f"{name} asks for {working[name].remaining}, the position is {self._closable(plan)}"

    def _closable(self, plan: Linked) -> Decimal:
        positions = self.exchange.engine.account().positions()
        size = next((one.size for one in positions if one.symbol == plan.symbol), Decimal(0))
        return max(-size * plan.side.sign, Decimal(0))


def run(seed: int, faults: Faults | None = None) -> tuple[Result, ProgramWorld]:
    """Live through one world."""
    disk = tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None, prefix="kftui-programs-")
    worlds: list[ProgramWorld] = []

    async def story(folder: Path) -> Result:
        worlds.append(ProgramWorld(seed, faults, folder))
        return await worlds[0].run()

    with market.small(), disk as folder:
        result, complaints = virtually(story(Path(folder)))
        result.complaints += complaints
    return result, worlds[0]
