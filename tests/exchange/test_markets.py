import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.exchange.doors import SECRET
from tests.exchange.engines import START_MS
from tests.exchange.mirror.worlds import upstream
from tui.exchange.app import build
from tui.exchange.auth import Credentials
from tui.exchange.clients import one_client
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.main import main
from tui.exchange.markets import choose
from tui.exchange.mirror.driver import Mirror
from tui.exchange.options import KRAKEN, Options, parse
from tui.exchange.server import SIGNALS
from tui.exchange.synthetic import Synthetic
from tui.exchange.venue import Venue


def test_a_market_is_made_up_unless_another_is_asked_for() -> None:
    options = parse([])
    assert (options.market, options.upstream, options.recording) == ("synthetic", KRAKEN, None)
    choice = choose(options)
    assert isinstance(choice.driver, Synthetic)
    assert choice.beside is None
    assert choice.start_ms is None


def test_a_market_is_chosen_in_words() -> None:
    options = parse(["--market", "live", "--upstream", "http://127.0.0.1:8750/", "--contracts", "pf_xbtusd, PF_ETHUSD"])
    assert (options.market, options.upstream) == ("live", "http://127.0.0.1:8750")
    assert options.contracts == ("PF_XBTUSD", "PF_ETHUSD")
    replay = parse(["--market", "replay", "bug.kftui.gz", "--speed", "10", "--loop"])
    assert (replay.market, replay.recording, replay.speed, replay.loop) == ("replay", Path("bug.kftui.gz"), 10, True)


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["--market", "replay"], "replay with a FILE"),
        (["--market", "live", "file"], "replay with a FILE"),
        (["--market", "moon"], "replay with a FILE"),
        (["--market", "live", "--speed", "2"], "cannot be had faster"),
        (["--upstream", "futures.kraken.com"], "is not an address"),
        (["--upstream", "wss://futures.kraken.com"], "is not an address"),
        (["--upstream", "https://"], "is not an address"),
    ],
)
def test_a_market_that_cannot_be_is_bad_usage(argv: list[str], word: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse(argv)
    assert word in capsys.readouterr().err


@pytest.fixture(name="handlers")
def _handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize(
    ("market", "word"),
    [(["live", "--upstream", "http://127.0.0.1:1"], "no answer from"), (["replay", "none.gz"], "cannot be read")],
)
@pytest.mark.usefixtures("handlers")
def test_a_market_that_is_not_there_ends_the_program_with_words(
    market: list[str], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--port", "0", "--keys", str(tmp_path / "keys.json"), "--market", *market]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert word in told.err
    assert len(told.err.splitlines()) == 1


async def test_the_operator_is_told_that_the_price_is_another_venues() -> None:
    engine = Engine(EngineConfig(), 1, START_MS, driver=Mirror(upstream("PF_XBTUSD")))
    clients = one_client(Credentials("paper", SECRET))
    venue = Venue(engine, EngineConfig(), Options(market="live", control=True), clients, lambda: START_MS)
    transport = httpx.ASGITransport(build(venue))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
        answer = await client.post("/paper/v1/price", json={"underlying": "XBT", "price": 80_000})
        assert (answer.status_code, answer.json()) == (400, {"error": "the price of XBT is the upstream's"})
        index = (await client.get("/paper/v1/")).json()
        assert index["market"] == "live"
