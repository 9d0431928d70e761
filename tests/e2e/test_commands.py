"""The commands without a screen, run as users run them: another process, its output, its exit code."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.e2e.exchange_process import ExchangeProcess, environment
from tui.client.derivatives.client import KrakenFuturesClient

RUN_S = 60.0


@pytest.fixture
async def exchange() -> AsyncIterator[ExchangeProcess]:
    async with ExchangeProcess("--seed", "21") as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


async def kftui(home: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(KFTUI_HOME=str(home), **more),
    )
    out, err = await asyncio.wait_for(process.communicate(), RUN_S)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


def write_settings(home: Path, text: str) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(text, encoding="utf-8")


async def trade(exchange: ExchangeProcess) -> None:
    """A long position, a resting order and a stop."""
    async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
        await client.send_order("PF_XBTUSD", "buy", "0.2", order_type="market")
        await client.send_order("PF_ETHUSD", "buy", "1", order_type="limit", limit_price="2000", client_order_id="mine")
        await client.send_order(
            "PF_XBTUSD",
            "sell",
            "0.1",
            order_type="stop",
            stop_price="50000",
            trigger_signal="mark",
            reduce_only=True,
        )


async def test_check_says_a_line_for_each_step(exchange: ExchangeProcess, home: Path) -> None:
    code, out, _ = await kftui(home, "check", "--url", exchange.url)
    assert code == 0, out
    assert [line.split()[:2] for line in out.splitlines()] == [
        ["ok", "keys"],
        ["ok", "venue"],
        ["ok", "account"],
        ["ok", "permissions"],
    ]


async def test_check_names_the_step_that_fails(exchange: ExchangeProcess, home: Path) -> None:
    code, out, _ = await kftui(home, "check", "--json", "--url", exchange.url, KRAKEN_FUTURES_API_KEY="spot-key")
    told = json.loads(out)
    assert code == 1
    assert not told["ok"]
    assert [check["ok"] for check in told["checks"]] == [True, True, False]
    assert "Spot key" in told["checks"][-1]["advice"]


async def test_watch_prints_what_the_exchange_has(exchange: ExchangeProcess, home: Path) -> None:
    await trade(exchange)
    code, out, err = await kftui(home, "watch", "--once", "--url", exchange.url)
    assert code == 0, err
    (line,) = out.splitlines()
    told = json.loads(line, parse_float=Decimal, parse_int=Decimal)
    assert told["environment"] == "paper"
    assert told["url"] == exchange.url
    assert told["link"]["stream"] == "live"
    (position,) = told["positions"]
    assert (position["symbol"], position["side"], position["size"]) == ("PF_XBTUSD", "long", Decimal("0.2"))
    orders = {order["symbol"]: order for order in told["orders"]}
    assert orders["PF_ETHUSD"]["client_order_id"] == "mine"
    assert (orders["PF_ETHUSD"]["type"], orders["PF_ETHUSD"]["limit_price"]) == ("limit", 2000)
    assert orders["PF_ETHUSD"]["remaining"] == orders["PF_ETHUSD"]["size"] == 1
    stop = orders["PF_XBTUSD"]
    assert (stop["type"], stop["stop_price"], stop["trigger_signal"]) == ("stop", 50000, "mark")
    assert stop["reduce_only"] is True
    fills = told["fills"]
    assert sum(fill["size"] for fill in fills) == Decimal("0.2")
    cost = sum(fill["size"] * fill["price"] for fill in fills)
    assert sum(fill["fee"] for fill in fills) == cost * Decimal("0.0005")
    pool = next(pool for pool in told["margin"]["pools"] if pool["currency"] == "USD")
    assert pool["level_pct"] > 1000
    assert pool["initial_margin"] == 2 * pool["maintenance_margin"]
    assert told["unresolved"] == []


async def test_watch_prints_a_line_for_every_change(exchange: ExchangeProcess, home: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tui", "watch", "--url", exchange.url),
        stdout=subprocess.PIPE,
        env=environment(KFTUI_HOME=str(home)),
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(RUN_S):
            while json.loads(await process.stdout.readline())["link"]["stream"] != "live":
                pass
            await trade(exchange)
            while len(json.loads(await process.stdout.readline())["orders"]) < 2:
                pass
    finally:
        process.terminate()
        await process.wait()


async def test_cancel_all_leaves_other_contracts_alone_when_told(exchange: ExchangeProcess, home: Path) -> None:
    await trade(exchange)
    code, out, _ = await kftui(home, "cancel-all", "--symbol", "PF_ETHUSD", "--json", "--url", exchange.url)
    assert code == 0
    assert len(json.loads(out)["cancelled"]) == 1
    async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
        (left,) = await client.get_open_orders()
        assert left.symbol == "PF_XBTUSD"
        code, out, _ = await kftui(home, "cancel-all", "--url", exchange.url)
        assert (code, out.splitlines()[0]) == (0, "1 orders cancelled")
        assert await client.get_open_orders() == ()
    code, out, _ = await kftui(home, "journal", "--json", "--url", exchange.url)
    assert code == 0
    assert [json.loads(line)["intent"]["kind"] for line in out.splitlines()] == ["cancel_all", "cancel_all"]


async def test_flatten_closes_the_position(exchange: ExchangeProcess, home: Path) -> None:
    await trade(exchange)
    code, out, err = await kftui(home, "flatten", "--json", "--url", exchange.url)
    assert code == 0, err
    assert json.loads(out) == {"closed": [{"symbol": "PF_XBTUSD", "status": "placed", "filled": 0.2}]}
    async with KrakenFuturesClient(exchange.url, exchange.credentials) as client:
        assert await client.get_open_positions() == ()
    code, out, _ = await kftui(home, "flatten", "--url", exchange.url)
    assert (code, out) == (0, "No position\n")


async def test_config_says_where_each_setting_comes_from(home: Path) -> None:
    write_settings(home, '[desk]\nfocus = "PF_ETHUSD"\n')
    code, out, _ = await kftui(home, "config", "--json")
    told = json.loads(out)
    assert code == 0
    assert told["settings"]["desk.focus"] == {"value": "PF_ETHUSD", "from": "file"}
    assert told["settings"]["desk.refresh_s"]["from"] == "default"
    assert told["files"]["settings"] == str(home / "settings.toml")


@pytest.mark.parametrize(
    ("arguments", "more", "code", "words"),
    [
        (["watch", "--once", "--url", "http://127.0.0.1:9"], {}, 4, "nothing was sent"),
        (["watch", "--once", "--url", "ftp://x"], {}, 2, "not a base URL"),
        (["watch", "--once", "--url", "http://example.com"], {}, 2, "neither Kraken's host nor this machine"),
        (["watch", "--once", "--url", "http://127.0.0.1:9"], {"KRAKEN_FUTURES_API_KEY": ""}, 3, "not set"),
        (["watch", "--once", "--url", "http://127.0.0.1:9"], {"KRAKEN_FUTURES_PRIVATE_KEY": "?"}, 3, "base64"),
        (["cancel-all"], {}, 2, "no desk with a paper exchange is running"),
        (["journal", "--url", "http://127.0.0.1:9"], {}, 1, "no journal for this account yet"),
        (["--url", "http://127.0.0.1:9"], {}, 1, "needs a terminal"),
        (["--settings", "missing.toml", "config"], {}, 2, "no settings file"),
    ],
)
async def test_bad_input_is_told_in_words_with_its_exit_code(
    tmp_path: Path, arguments: list[str], more: dict[str, str], code: int, words: str
) -> None:
    returned, out, err = await kftui(tmp_path, *arguments, **more)
    assert returned == code, err
    assert words in err
    assert out == ""


async def test_a_misspelt_setting_is_named_with_the_nearest_right_one(home: Path) -> None:
    write_settings(home, "[desk]\nfocsu = 1\n")
    code, out, err = await kftui(home, "config")
    assert (code, out) == (2, "")
    assert "Did you mean desk.focus" in err


@pytest.mark.parametrize("damage", [b"this is no database", b""])
async def test_a_journal_that_cannot_be_used_is_left_alone(
    exchange: ExchangeProcess, home: Path, damage: bytes
) -> None:
    await kftui(home, "cancel-all", "--url", exchange.url)
    (journal,) = (home / "data").glob("journal-*.sqlite3")
    for side in (home / "data").glob("journal-*.sqlite3-*"):
        side.unlink()
    journal.write_bytes(damage)
    code, out, err = await kftui(home, "cancel-all", "--url", exchange.url)
    if damage:
        assert code == 1
        assert str(journal) in err
        assert out == ""
        assert journal.read_bytes() == damage
    else:
        assert code == 0  # an empty file is a new journal
