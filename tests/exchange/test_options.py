from decimal import Decimal
from pathlib import Path

import pytest

from tui.exchange.config import EngineConfig
from tui.exchange.faults import LostAnswer
from tui.exchange.options import DEFAULT_PORT, Options, parse


def test_nothing_given_is_a_fresh_local_exchange_with_a_seed_of_its_own() -> None:
    first, second = parse([]), parse([])
    assert (first.host, first.port, first.state, first.leash) == ("127.0.0.1", DEFAULT_PORT, None, False)
    assert first.seed != second.seed
    assert parse(["--seed", "0"]) == Options(seed=0)


def test_everything_given() -> None:
    options = parse(
        [
            "--port",
            "0",
            "--seed",
            "7",
            "--state",
            "x/y.json",
            "--speed",
            "2.5",
            "--leash",
            "--read-only",
            "--rate-limit",
            "http",
            "--balance",
            "10000",
            "--balance",
            "xbt=0.1",
            "--balance",
            "FI_XBTUSD=1",
        ]
    )
    assert options.balances == {"USD": Decimal(10000), "XBT": Decimal("0.1"), "fi_xbtusd": Decimal(1)}
    assert (options.state, options.speed, options.rate_limit) == (Path("x/y.json"), 2.5, "http")
    assert options.leash
    assert options.read_only


@pytest.mark.parametrize(
    "argv",
    [
        ["--accounts", "them.json", "--balance", "5"],
        ["--accounts", "them.json", "--keys", "mine.json"],
        ["--accounts", "them.json", "--read-only"],
        ["--port", "65536"],
        ["--port", "-1"],
        ["--port", "http"],
        ["--seed", "-1"],
        ["--seed", "1.5"],
        ["--speed", "0"],
        ["--speed", "nan"],
        ["--speed", "fast"],
        ["--balance", "USD=lots"],
        ["--balance", "USD=-1"],
        ["--balance", "=5"],
        ["--balance", "SEASHELLS=5"],
        ["--balance", "fi_dogeusd=5"],
        ["--balance", "USD=NaN"],
        ["--balance", "USD=1e99"],
        ["--rate-limit", "maybe"],
        ["--silence-s", "-1"],
        ["--feed-queue", "1"],
        ["--unheard-of"],
        ["surplus"],
    ],
)
def test_bad_usage_is_told_on_stderr_with_exit_code_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(argv)
    assert caught.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert argv[0].lstrip("-") in told.err


def test_faults_are_read_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.toml"
    file.write_text('[[faults]]\nkind = "lost_answer"\non = "sendorder"\n')
    assert parse(["--faults", str(file)]).faults.faults == (LostAnswer(on="sendorder"),)
    assert not parse([]).faults
    file.write_text('[[faults]]\nkind = "lost_answer"\non = "sendordr"\n')
    for path, words in ((file, "did you mean 'sendorder'?"), (tmp_path / "none.json", "No such file")):
        with pytest.raises(SystemExit) as ended:
            parse(["--faults", str(path)])
        assert ended.value.code == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_this_machine_needs_no_more_words(host: str) -> None:
    assert parse(["--host", host]).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])  # noqa: S104 - refused here
def test_other_machines_are_let_in_only_in_so_many_words(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse(["--host", host])
    assert "--public-network" in capsys.readouterr().err
    assert parse(["--host", host, "--public-network"]).public_network


def test_rules_of_the_engine_are_set_one_by_one() -> None:
    rules = parse(["--price-collar", "0.05", "--max-open-orders", "20", "--activity", "0"]).rules
    assert rules == EngineConfig(price_collar=Decimal("0.05"), max_open_orders=20, activity=0.0)
    assert parse([]).rules == EngineConfig()
    for wrong in (["--price-collar", "2"], ["--liquidation-step", "some"], ["--max-open-orders", "0"]):
        with pytest.raises(SystemExit):
            parse(wrong)
