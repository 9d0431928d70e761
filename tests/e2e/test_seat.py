"""One desk on this machine trades on an account; desks on terminals, as people open them."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from tests.e2e.exchange_process import ExchangeProcess, environment
from tests.e2e.terminal import Terminal

TAKEN = "another desk on this machine"


async def leave(desk: Terminal) -> None:
    desk.type("q")
    assert await desk.ended() == 0


async def test_the_second_desk_on_an_account_looks_unless_told_otherwise(tmp_path: Path) -> None:
    async with ExchangeProcess("--seed", "21") as exchange, AsyncExitStack() as stack:

        async def opened(*more: str) -> Terminal:
            desk = Terminal("--url", exchange.url, *more, env=environment(KFTUI_HOME=str(tmp_path)))
            await stack.enter_async_context(desk)
            await desk.until("available")
            return desk

        first = await opened()
        await first.until("any key: next")
        first.type("q")
        await first.until("ws")
        second = await opened()
        await second.until("VIEW ONLY")
        await second.until(TAKEN)
        third = await opened("--also-trade")
        await leave(first)
        fourth = await opened()
        assert b"VIEW ONLY" not in first.shown + third.shown + fourth.shown
        assert TAKEN.encode() not in first.shown + third.shown + fourth.shown
