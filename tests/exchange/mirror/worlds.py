"""A mirrored exchange in one process: frames of an upstream in, what follows out."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from tests.exchange.engines import START_MS, still_engine
from tests.exchange.test_state import saved
from tui.exchange import render_market
from tui.exchange.commands import SendOrder, Tick
from tui.exchange.config import EngineConfig
from tui.exchange.events import Event
from tui.exchange.exchange import Engine
from tui.exchange.mirror.contracts import Upstream, quotes_of, upstream_of
from tui.exchange.mirror.driver import Mirror
from tui.exchange.mirror.news import LinkLost, News
from tui.exchange.mirror.session import MirrorSession
from tui.wire.derivatives import market as wire
from tui.wire.derivatives.codec import decode, encode

from .frames import PF, Rows, snapshot, ticker

D = Decimal


def told(engine: Engine) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an exchange that runs on ``engine`` says of its contracts and of its prices."""
    rows = engine.instruments()
    listed = [render_market.instrument(row, post_only=False, expired=False) for row in rows]
    tickers = [render_market.ticker(engine.ticker(row.symbol), row) for row in rows]
    return {"instruments": listed}, {"tickers": tickers}


def answers(engine: Engine) -> tuple[wire.Instruments, wire.Tickers]:
    """The same as it is read."""
    instruments, tickers = told(engine)
    return decode(wire.Instruments, encode(instruments)), decode(wire.Tickers, encode(tickers))


@cache
def upstream(*only: str) -> Upstream:
    instruments, tickers = answers(still_engine())
    return upstream_of(instruments, quotes_of(tickers), only)


class World:
    """An engine that mirrors ``only``; ``hear`` is one tick with what these frames tell."""

    def __init__(self, *only: str, **config: Any) -> None:
        found = self.found = upstream(*(only or (PF,)))
        self.session = MirrorSession((one.instrument.symbol for one in found.contracts), found.priced)
        self.engine = Engine(EngineConfig(**config), 1, START_MS, driver=Mirror(found))
        self.seq = 100
        self.events: list[Event] = []
        self.open()

    def open(self) -> None:
        self._tick(self.session.opened(self.engine.now_ms))

    def restart(self, folder: Path) -> None:
        """The exchange ends and begins again with what it kept."""
        kept = saved(self.engine, folder)
        self.engine = Engine.restore(EngineConfig(), 2, self.engine.now_ms + 5_000, kept, driver=Mirror(self.found))
        self.open()

    def hear(self, *frames: bytes, after_ms: int = 10) -> list[Event]:
        now_ms = self.engine.now_ms + after_ms
        return self._tick([news for frame in frames for news in self.session.receive(frame, now_ms)], now_ms)

    def lose(self) -> list[Event]:
        return self._tick([LinkLost("the link is cut")])

    def wait(self, ms: int) -> list[Event]:
        return self._tick((), self.engine.now_ms + ms)

    def tell(self, *news: News) -> list[Event]:
        return self._tick(news)

    def send(self, symbol: str, side: str, size: str, limit: str | None) -> list[Event]:
        kind = "mkt" if limit is None else "lmt"
        command = SendOrder(symbol, side, kind, D(size), limit_price=None if limit is None else D(limit))
        return [event for event, _ in self.engine.step(command, self.engine.now_ms).told]

    def _tick(self, news: Any, now_ms: int | None = None) -> list[Event]:
        told = self.engine.step(Tick(tuple(news)), now_ms or self.engine.now_ms).told
        events = [event for event, _ in told]
        self.events += events
        return events

    def book(self, bids: Rows, asks: Rows) -> list[Event]:
        """A whole book, and a quote beside it."""
        self.seq += 1
        return self.hear(snapshot(self.seq, bids, asks), ticker())

    def next_seq(self) -> int:
        self.seq += 1
        return self.seq


def trading(**config: Any) -> World:
    """Bids of 10 at 88,000 and 20 at 87,999, asks of 10 at 88,001 and 20 at 88,002."""
    world = World(**config)
    world.book([(88_000, 10), (87_999, 20)], [(88_001, 10), (88_002, 20)])
    return world
