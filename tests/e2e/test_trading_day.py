"""A whole trading day by keyboard: the real app, the real service, the exchange as another process."""

from __future__ import annotations

import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from textual.pilot import Pilot

from tests.e2e.exchange_process import ExchangeProcess
from tui.app import TradingApp
from tui.client.derivatives.client import KrakenFuturesClient
from tui.client.derivatives.urls import venue_url
from tui.journal.journal import Journal
from tui.journal.records import Verdict
from tui.model.enums import OrderType, Side, TriggerSignal
from tui.model.state import LinkStatus, State
from tui.runtime import Runtime, open_runtime
from tui.settings import Settings
from tui.target import Target

SYMBOL = "PF_XBTUSD"
CLIP = Decimal("0.01")
SETTINGS = Settings(clips={SYMBOL: (CLIP,)})
PATIENCE_S = 20.0


class Day:
    """The desk as its trader: keys in, state out."""

    def __init__(self, app: TradingApp, pilot: Pilot[None], runtime: Runtime) -> None:
        self.app = app
        self.pilot = pilot
        self.runtime = runtime

    @property
    def state(self) -> State:
        return self.runtime.store.state

    @property
    def said(self) -> list[str]:
        return [toast.message for toast in self.app._notifications]

    @property
    def size(self) -> Decimal:
        position = self.state.position(SYMBOL)
        return position.signed_size if position else Decimal(0)

    def screen_text(self) -> str:
        """What the trader sees, for a failure's message."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text for strip in strips)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*(text))

    async def until(self, what: str, holds: Callable[[State], object]) -> None:
        """Let the world go on until something holds; fail with its name if it does not in time."""
        ends = time.monotonic() + PATIENCE_S
        while not holds(self.state):
            if time.monotonic() > ends:
                pytest.fail(f"not within {PATIENCE_S:g} s: {what}\nsaid: {self.said}\n{self.screen_text()}")
            await self.pilot.pause(0.02)

    async def ticket(self, *, type_steps: int, fields: dict[str, str], sell: bool = False) -> None:
        """Open the ticket, choose side and type by arrow keys, fill fields by name, and send."""
        await self.press("t")
        await self.until("the ticket is open", lambda _: len(self.app.screen_stack) > 1)
        screen = self.app.screen
        await self.press("shift+tab", *["right"] * type_steps, "shift+tab", *["right"] * sell)
        for name, text in fields.items():
            entry = screen.query_one(f"#field-{name} Entry")
            entry.focus()
            await self.pilot.pause()
            await self.press("ctrl+u")
            await self.type(text)
        await self.press("enter")
        await self.until("the ticket is closed", lambda _: len(self.app.screen_stack) == 1)


@asynccontextmanager
async def desk(exchange: ExchangeProcess, folder: Path) -> AsyncIterator[Day]:
    where = venue_url(exchange.url)
    target = Target(where, exchange.credentials, folder / "journal.sqlite3", "e2e")
    async with open_runtime(target, SETTINGS) as runtime:
        app = TradingApp(runtime, SETTINGS)
        async with app.run_test(size=(120, 36)) as pilot:
            day = Day(app, pilot, runtime)
            await day.until(
                "the desk is live with a book", lambda s: s.link.status is LinkStatus.LIVE and SYMBOL in s.books
            )
            yield day


async def truth(exchange: ExchangeProcess) -> tuple[dict[str, Decimal], set[str], set[str]]:
    """Positions, working order ids and fill ids as the exchange has them."""
    async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
        positions = {one.symbol: one.signed_size for one in await client.get_open_positions()}
        orders = {one.order_id for one in await client.get_open_orders()}
        fills = {one.fill_id for one in await client.get_fills()}
    return positions, orders, fills


async def agrees(day: Day, exchange: ExchangeProcess) -> None:
    """What the desk shows is what the exchange has, as soon as the last frame has landed."""
    ends = time.monotonic() + PATIENCE_S
    while True:
        theirs = await truth(exchange)
        state = day.state
        ours = (
            {one.symbol: one.signed_size for one in state.positions},
            {one.order_id for one in state.orders},
            {one.fill_id for one in state.fills},
        )
        if ours == theirs:
            return
        assert time.monotonic() < ends, (ours, theirs)
        await day.pilot.pause(0.1)


async def test_a_trading_day(tmp_path: Path) -> None:
    async with ExchangeProcess("--seed", "11", "--control", state=tmp_path / "account.sqlite3") as exchange:
        async with desk(exchange, tmp_path) as day:
            await _joins_and_cancels(day)
            await _edits_and_moves(day)
            await _buys_at_market(day)
            await _sets_leverage(day)
            await _is_stopped_out(day, exchange)
            await _loses_the_exchange(day, exchange)
            await _flattens(day)
            await agrees(day, exchange)
            counted = len(day.state.fills)
        assert await exchange.stop() == 0
        await exchange.start()
        async with desk(exchange, tmp_path) as day:
            assert len(day.state.fills) == counted
            await agrees(day, exchange)
    await _journal_is_settled(tmp_path)


async def _joins_and_cancels(day: Day) -> None:
    """The market may take the order at any moment; both endings are a day's work."""
    await day.press("b", "enter")
    await day.until("the order works or has filled", lambda s: s.orders or s.fills)
    (order,) = [*day.state.orders, *day.state.closed][:1]
    assert (order.symbol, order.side, order.size) == (SYMBOL, Side.BUY, CLIP)
    assert order.client_order_id
    await day.press("X", "a")
    await day.until("no order works", lambda s: not s.orders)


async def _edits_and_moves(day: Day) -> None:
    await day.ticket(type_steps=0, fields={"size": "0.02", "limit_price": "bid-2%"})
    await day.until("the order works", lambda s: s.orders)
    before = day.state.orders[0].limit_price
    assert before is not None
    await day.press("3")
    await day.press("+", "+", "+")
    await day.until("three ticks up, as one edit", lambda s: s.orders[0].limit_price == before + 3)
    await day.press("e")
    await day.until("the edit is open", lambda _: len(day.app.screen_stack) > 1)
    size = day.app.screen.query_one("#field-size Entry")
    size.focus()
    await day.press("ctrl+u")
    await day.type("0.05")
    await day.press("enter")
    await day.until("the order is larger", lambda s: s.orders[0].size == Decimal("0.05"))
    await day.press("x")
    await day.until("no order works", lambda s: not s.orders)
    await day.press("1")


async def _buys_at_market(day: Day) -> None:
    held = day.size
    assert day.state.account is not None
    await day.ticket(type_steps=2, fields={"size": "0.3"})
    await day.until("the position is there", lambda _: day.size == held + Decimal("0.3"))
    assert sum(fill.signed_size for fill in day.state.fills) == day.size
    await day.until("margin moved", lambda s: s.account and any(one.maintenance_margin > 0 for one in s.account.pools))


async def _sets_leverage(day: Day) -> None:
    await day.press("l")
    await day.until("the leverage dialog is open", lambda _: len(day.app.screen_stack) > 1)
    await day.press("right", "enter")  # isolated, at the 10x that the dialog proposes
    await day.until("isolated at 10x", lambda s: s.leverage.get(SYMBOL) == Decimal(10))
    await day.until("the position is isolated", lambda s: (p := s.position(SYMBOL)) and p.max_leverage == Decimal(10))


async def _is_stopped_out(day: Day, exchange: ExchangeProcess) -> None:
    """A stop that waits on the mark goes off when the market falls through it."""
    held = day.size
    await day.ticket(sell=True, type_steps=5, fields={"size": "0.1", "stop_price": "mark-2%"})
    await day.until("the stop waits", lambda s: s.orders)
    (order,) = day.state.orders
    assert (order.type, order.trigger_signal) == (OrderType.STOP, TriggerSignal.MARK)
    assert order.stop_price is not None
    async with httpx.AsyncClient(base_url=exchange.url) as operator:
        fall = {"underlying": "XBT", "price": str(order.stop_price * Decimal("0.99"))}
        (await operator.post("/paper/v1/price", json=fall)).raise_for_status()
    await day.until("the stop has filled", lambda _: day.size == held - Decimal("0.1"))
    await day.until("no order works", lambda s: not s.orders)


async def _loses_the_exchange(day: Day, exchange: ExchangeProcess) -> None:
    """Killed without warning and started again: the desk says so at once and comes back by itself."""
    await exchange.stop(signal.SIGKILL)
    await day.until("the desk says that the link is down", lambda s: s.link.status is LinkStatus.DOWN)
    assert day.state.position(SYMBOL) is not None, "what was known is kept, and shown as old"
    await exchange.start()
    await day.until("the desk is live again", lambda s: s.link.status is LinkStatus.LIVE)
    await agrees(day, exchange)


async def _flattens(day: Day) -> None:
    await day.press("2")
    await day.press("f", "enter")
    await day.until("flat", lambda s: not s.positions)
    await day.press("1")


async def _journal_is_settled(folder: Path) -> None:
    async with Journal(folder / "journal.sqlite3", "e2e") as journal:
        entries = await journal.entries(100)
        assert await journal.pending() == ()
    assert {entry.intent.kind.value for entry in entries} >= {"send", "edit", "cancel", "cancel_all", "leverage"}
    assert all(entry.verdict is Verdict.ACCEPTED for entry in entries)
