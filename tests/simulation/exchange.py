"""The exchange as a machine that can die: the real engine behind its real doors, without sockets.

Invariant: what it knows at a restart is what it had saved; ``orders_ever``, ``fills_ever`` and ``filled_ever`` remember
all that was ever true, whatever a crash made it forget.
"""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import httpx

from tests.simulation.loop import VirtualLoop
from tui.exchange.app import build
from tui.exchange.auth import Credentials
from tui.exchange.board import Subscriber
from tui.exchange.clients import enrol
from tui.exchange.commands import MovePrice, SendOrder
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import MAIN, Engine
from tui.exchange.options import Options
from tui.exchange.orders import Order
from tui.exchange.seat import Seat
from tui.exchange.session import Session
from tui.exchange.state import AccountState, EngineState, FloorState, Head
from tui.exchange.venue import Venue
from tui.exchange.views import Fill, OrderRecord
from tui.wire.derivatives.signing import ApiSecret

KEY = "simulated-key"
SECOND_KEY = "another-key"
SECRET = ApiSecret(base64.b64encode(bytes(range(64))).decode())
CLIENTS = enrol([(MAIN, Credentials(key, SECRET)) for key in (KEY, SECOND_KEY)])
TICK_S = 1.3
SKIP_MS = 4_000
KEPT_FRAMES = 5_000


class Disk:
    """What is left of an engine when it dies, as the exchange's own file would hold it."""

    def __init__(self) -> None:
        self.written_ms = 0
        self._floor: FloorState | None = None
        self._heads: dict[str, Head] = {}
        self._orders: dict[str, dict[str, Order]] = {}
        self._histories: dict[str, dict[str, list[tuple[int, Any]]]] = {}

    def write(self, engine: Engine) -> None:
        self.written_ms, self._floor = engine.now_ms, engine.floor_state()
        for change in engine.changes(accruing=True):
            self._heads[change.name] = change.head
            orders = self._orders.setdefault(change.name, {})
            for order_id, order in change.orders.items():
                if order is None:
                    orders.pop(order_id, None)
                else:
                    orders[order_id] = order
            for kind, rows in change.histories.items():
                self._histories.setdefault(change.name, {}).setdefault(kind, []).extend(rows)
        engine.settle()

    def state(self) -> EngineState:
        assert self._floor is not None
        accounts = {
            name: AccountState(head, list(self._orders[name].values()), self._histories.get(name, {}))
            for name, head in self._heads.items()
        }
        return EngineState(self._floor, accounts)


class Exchange:
    """``now_ms`` is true time: the loop's, and what passed while the desk's computer slept."""

    def __init__(self, loop: VirtualLoop, rng: Random, seed: int, start_ms: int) -> None:
        self._rng = rng
        self._seed = seed
        self._start_ms = start_ms
        self._loop = loop
        self._skipped_ms = 0
        self._last_tick_ms = 0
        self.is_up = False
        self.is_frozen = False
        self.has_forgotten = False  # a crash has lost something: what was true before is no measure any more
        self.orders_ever: dict[str, OrderRecord] = {}
        self.fills_ever: dict[str, Fill] = {}
        self.filled_ever: dict[str, Decimal] = {}  # by order id
        self.happened: Counter[str] = Counter()
        self._logged = 0
        self._disk = Disk()
        self._sessions: dict[Session, Callable[[], None]] = {}
        config = EngineConfig(activity=rng.choice((0.5, 1.0, 3.0)), warm_start_hours=0)
        self._config = replace(config, flex={"USD": Decimal(rng.choice((400, 3_000, 50_000)))})
        self._options = Options(
            seed=seed,
            rate_limit=rng.choice(("word", "http")),
            full_fill=rng.choice(("object", "id", "both")),
            stop_word=rng.choice(("stop", "stp")),
            nonce_window_s=rng.choice((10.0, 60.0)),  # the wide one lets late requests through
        )
        self._open(Engine(self._config, seed, self.now_ms()))

    # --- time ---------------------------------------------------------------------------------------------------

    def now_ms(self) -> int:
        return self._start_ms + self._skipped_ms + round(self._loop.time() * 1000)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._rng.uniform(0.3, 1.7) * TICK_S)
            if self.is_up:
                self._tick()

    def skip(self, seconds: float, *, leap: bool) -> None:
        """Time passes here while nothing moves at the desk. ``leap``: its monotonic clock finds that out, and
        everything it waited for is due at once; otherwise that clock stood still.
        """
        end_ms = self._skipped_ms + round(seconds * 1000)
        while self._skipped_ms < end_ms:
            self._skipped_ms = min(self._skipped_ms + SKIP_MS, end_ms)
            if self.is_up:
                self._tick()
        if leap:
            self._skipped_ms -= round(seconds * 1000)
            self._loop.leap(seconds)

    def calm(self) -> None:
        """The crowd goes home; time goes on."""
        self._config = replace(self._config, activity=0.0)
        if self.is_up:
            self.engine._floor.config = self._config

    def freeze(self) -> None:
        """From now on only hearts beat: nothing accrues, so that two looks can be compared."""
        self.is_frozen = True

    def _tick(self) -> None:
        if self.is_frozen:
            self.venue.hub.tick(self.now_ms())
        else:
            self.venue.tick()
        self._remember()

    # --- life and death -----------------------------------------------------------------------------------------

    def crash(self, *, forgets: bool) -> None:
        """Gone at once. ``forgets``: what was last saved is what it had half a second ago, or so."""
        self._remember()
        if not forgets:
            self._save()
        self.has_forgotten = self.has_forgotten or forgets
        self.is_up = False
        for cut in list(self._sessions.values()):
            cut()
        self._sessions.clear()

    def restart(self) -> None:
        self._open(Engine.restore(self._config, self._seed, self.now_ms(), self._disk.state()))

    def _open(self, engine: Engine) -> None:
        self.engine = engine
        loop = self._loop
        self.venue = Venue(engine, self._config, self._options, CLIENTS, self.now_ms, steady_s=loop.time)
        self.venue.keep = self._changed
        self._app = build(self.venue)
        self._save()
        self._remember()
        self.is_up = True

    def _changed(self) -> None:
        """The account changed: it is saved within a moment, so that a crash may forget."""
        if self.now_ms() - self._disk.written_ms > 400:
            self._save()

    def _save(self) -> None:
        self._disk.write(self.engine)

    @property
    def is_switch_armed(self) -> bool:
        """Whether it will fire later; one whose time has come fires with the next tick."""
        fires_ms = self._seat.dead_man_ms
        return fires_ms is not None and fires_ms > self.now_ms()

    @property
    def _seat(self) -> Seat:
        return self.engine._floor.seats[MAIN]

    def _remember(self) -> None:
        for record in reversed(self._seat.blotter.records):
            if record.uid in self.orders_ever:
                break
            self.orders_ever[record.uid] = record
            self.happened[f"order {record.kind}: {record.error or record.reason}"] += 1
        for entry in reversed(self._seat.account.log):
            if entry.id <= self._logged:
                break
            self.happened[f"account log: {entry.info}"] += 1
        self._logged = self._seat.account.log_id
        for fill in reversed(self._seat.account.fills):
            if fill.fill_id in self.fills_ever:
                break
            self.fills_ever[fill.fill_id] = fill
            self.filled_ever[fill.order_id] = self.filled_ever.get(fill.order_id, Decimal(0)) + fill.size

    # --- doors --------------------------------------------------------------------------------------------------

    def call(self, request: httpx.Request) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """One call through the whole application. Status, headers, body."""
        reply: dict[str, Any] = {"body": b""}

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": request.content, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                reply.update(status=message["status"], headers=list(message.get("headers", ())))
            else:
                reply["body"] += message.get("body", b"")

        raw_path, _, query = request.url.raw_path.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": request.url.path,
            "raw_path": raw_path,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 1),
        }
        _at_once(self._app(scope, receive, send))
        self._remember()
        return reply["status"], reply["headers"], reply["body"]

    def listen(self, wake: Callable[[], None], cut: Callable[[], None]) -> tuple[Session, Subscriber]:
        """A stream opens. ``wake``: frames wait in the subscriber's outbox; ``cut``: this side is gone."""
        subscriber = Subscriber(KEPT_FRAMES, wake)
        challenge = lambda: str(UUID(int=self._rng.getrandbits(128), version=4))  # noqa: E731
        session = Session(self.engine, self.venue.hub, self.venue.client, subscriber, challenge)
        self._sessions[session] = cut
        return session, subscriber

    def hang_up(self, session: Session) -> None:
        if self._sessions.pop(session, None) is not None:
            session.close()

    # --- the operator's and strangers' hands ----------------------------------------------------------------------

    def jump(self, underlying: str, by: float) -> None:
        """The price moves by a fraction at once."""
        price = Decimal(str(round(float(self.engine._floor.underlyings[underlying].index) * (1 + by), 2)))
        self.venue.apply(MovePrice(underlying, price))
        self._remember()

    def crunch(self, rng: Random) -> bool:
        """The market goes a little beyond the liquidation price of a position. False if there is none."""
        rows = [row for row in self.engine.account().positions() if row.liquidation_price > 0]
        if rows:
            row = rng.choice(rows)
            beyond = Decimal("0.99") if row.size > 0 else Decimal("1.01")
            self.venue.apply(MovePrice(self.engine.instrument(row.symbol).underlying, row.liquidation_price * beyond))
            self._remember()
        return bool(rows)

    def overrun(self, symbol: str, price: Decimal, sign: int) -> None:
        """The market comes for an order at ``price``, of a buyer (``sign`` 1) or a seller."""
        if self.is_up:
            underlying = self.engine.instrument(symbol).underlying
            self.venue.apply(MovePrice(underlying, price * (1 - sign * Decimal("0.001"))))
            self._remember()

    def stranger(self, command: SendOrder) -> None:
        """Another program trades on the account."""
        self.venue.apply(command)
        self._remember()


def _at_once(coroutine: Any) -> None:
    """The doors of the exchange wait for nothing."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("a door of the exchange waited")
