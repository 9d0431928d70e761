"""Engines for tests: a still market (nobody trades unless told) with a short past, so that each starts fast."""

from decimal import Decimal
from typing import Any, TypeVar

from tui.exchange.commands import MovePrice, OrderAnswer, SendOrder, Tick
from tui.exchange.config import EngineConfig
from tui.exchange.events import Event
from tui.exchange.exchange import MAIN, Engine
from tui.exchange.execution import take_for_crowd
from tui.exchange.synthetic import Synthetic

START_MS = 1_790_000_000_000
D = Decimal
T = TypeVar("T")


def still_engine(**config: Any) -> Engine:
    """An engine whose market moves only by ``MovePrice``."""
    return Engine(EngineConfig(activity=0.0, warm_start_hours=0, **config), seed=1, now_ms=START_MS)


def send(engine: Engine, symbol: str, side: str, size: str, limit: str | None = None, **more: Any) -> OrderAnswer:
    """A limit order if ``limit`` is given, else a market order, unless ``order_type`` says otherwise."""
    more.setdefault("order_type", "mkt" if limit is None else "lmt")
    price = None if limit is None else D(limit)
    command = SendOrder(symbol=symbol, side=side, size=D(size), limit_price=price, **more)
    return engine.step(command, engine.now_ms).answer


def move(engine: Engine, underlying: str, price: str) -> tuple[Event, ...]:
    """The underlying jumps, and everything that follows in the same step."""
    return engine.step(MovePrice(underlying, D(price)), engine.now_ms).events


def wait(engine: Engine, elapsed_ms: int) -> tuple[Event, ...]:
    """One tick after ``elapsed_ms``."""
    return engine.step(Tick(), engine.now_ms + elapsed_ms).events


def of(events: tuple[Event, ...], kind: type[T]) -> list[T]:
    return [event for event in events if isinstance(event, kind)]


def best(engine: Engine, symbol: str) -> tuple[Decimal, Decimal]:
    """Best bid and ask price."""
    book = engine.book(symbol)
    return book.bids[0][0], book.asks[0][0]


Levels = list[tuple[str, str]]


def quotes(engine: Engine, symbol: str, bids: Levels, asks: Levels) -> None:
    """Replace the crowd's book by these ``(price, size)`` levels; the account's orders stay."""
    market = engine._floor.markets[symbol]
    for side, levels in ((market.book.bids, bids), (market.book.asks, asks)):
        for tick in list(side.ticks()):
            side.set_crowd(tick, 0)
        for price, size in levels:
            side.set_crowd(int(D(price) / market.instrument.tick), int(D(size) / market.instrument.lot))


def mark_at(engine: Engine, symbol: str, price: str) -> None:
    """Put the mark exactly at ``price`` without moving the book."""
    engine._floor.markets[symbol].mark = D(price)


def crowd_takes(engine: Engine, symbol: str, side: str, size: str, limit: str) -> tuple[Event, ...]:
    """Somebody else sends an immediate order."""
    floor = engine._floor
    market = floor.markets[symbol]
    lots, tick = int(D(size) / market.instrument.lot), int(D(limit) / market.instrument.tick)
    take_for_crowd(floor, market, side, lots, tick)
    return tuple(told.event for told in floor.flush())


def free_margin(engine: Engine, symbol: str, account: str = MAIN) -> Decimal:
    """Free margin of the wallet that is charged for ``symbol``."""
    instrument, statement = engine.instrument(symbol), engine.account(account)
    if instrument.inverse:
        return next(wallet.available for wallet in statement.wallets() if wallet.name == instrument.wallet)
    return statement.flex_account().cross.available_margin


def size_of(engine: Engine, symbol: str) -> Decimal:
    """Signed position."""
    return next((position.size for position in engine.account().positions() if position.symbol == symbol), D(0))


def made_up(engine: Engine) -> Synthetic:
    """What drives the engine's market."""
    driver = engine._floor.driver
    assert isinstance(driver, Synthetic)
    return driver
