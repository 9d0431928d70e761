"""``kftui order``, run as users run it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.exchange_process import ExchangeProcess
from tests.e2e.test_commands import kftui
from tui.client.derivatives.client import KrakenFuturesClient


@pytest.fixture
async def exchange() -> AsyncIterator[ExchangeProcess]:
    async with ExchangeProcess("--seed", "21") as running:
        yield running


async def order(exchange: ExchangeProcess, home: Path, *arguments: str) -> tuple[int, str, str]:
    return await kftui(home, "order", *arguments, "--url", exchange.url)


async def test_an_order_is_shown_and_sent_once(exchange: ExchangeProcess, tmp_path: Path) -> None:
    code, out, err = await order(exchange, tmp_path / "home", "buy 0.1 xbt @ 50000 post", "--yes", "--json")
    assert code == 0, err
    assert "BUY 0.1000 PF_XBTUSD @ 50,000 post-only" in err
    assert "position           0.0000 -> 0.1000" in err
    told = json.loads(out)
    async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
        (row,) = await client.get_open_orders()
    assert (told["order_id"], told["client_order_id"]) == (row.order_id, row.client_order_id)


async def test_a_scale_arrives_in_one_batch_and_adds_up(exchange: ExchangeProcess, tmp_path: Path) -> None:
    code, out, err = await order(exchange, tmp_path / "home", "scale", "b", ".5", "50000..51000", "x4", "--yes")
    assert code == 0, err
    assert out.strip() == "4 of 4 placed"
    async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
        rows = await client.get_open_orders()
    assert sum(row.remaining for row in rows) * 2 == 1


async def test_a_bracket_of_which_the_entry_is_refused_ends_at_once(exchange: ExchangeProcess, tmp_path: Path) -> None:
    code, _, err = await order(exchange, tmp_path / "home", "b 0.1 @2 ioc tp 90000 sl 1", "--yes")
    assert code == 1
    assert "then stop 1 and target 90,000" in err
    assert "Refused" in err


async def test_without_a_yes_nothing_is_sent(exchange: ExchangeProcess, tmp_path: Path) -> None:
    home = tmp_path / "home"
    code, out, err = await order(exchange, home, "buy 0.1 xbt @ 50000")
    assert (code, out) == (2, "")
    assert "Nobody is there to be asked" in err
    code, out, err = await order(exchange, home, "buy 0.1 xbt @ 50000 psot", "--yes")
    assert (code, out) == (2, "")
    assert "did you mean post?" in err
    assert "buy 0.1 xbt @ 50000 psot\n" + " " * len("  buy 0.1 xbt @ 50000 ") + "^" in err
    code, out, err = await order(exchange, home, "buy 900 xbt @ 50000", "--yes")
    assert (code, out) == (1, "")
    assert "insufficient margin" in err
    async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
        assert list(await client.get_open_orders()) == []
