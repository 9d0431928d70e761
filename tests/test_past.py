"""``kftui journal``: what it finds, in three shapes, and what it says of a journal that is broken."""

from __future__ import annotations

import csv
import io
import json
from base64 import b64encode
from decimal import Decimal
from pathlib import Path

import pytest

from tui import cli, past
from tui.cli import main
from tui.journal.file import JournalFile
from tui.journal.records import CancelAllRequest, Kind, Verdict
from tui.model.enums import OrderType, Side
from tui.model.errors import SettingsError
from tui.model.fill import Fill
from tui.model.order import OrderRequest
from tui.paths import find_paths
from tui.target import find_target

URL = "http://127.0.0.1:9"
T0 = 1_790_000_000_000  # 2026-09-21T14:13:20Z


def order(number: int) -> OrderRequest:
    return OrderRequest(f"c-{number}", "PF_XBTUSD", Side.BUY, OrderType.LIMIT, Decimal("0.1"), Decimal(80_000))


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KFTUI_HOME", str(tmp_path))
    monkeypatch.setenv("KRAKEN_FUTURES_API_KEY", "canary-key")
    monkeypatch.setenv("KRAKEN_FUTURES_PRIVATE_KEY", b64encode(bytes(range(64))).decode())
    paths = find_paths()
    paths.make()
    target = find_target(paths, live=False, url=URL)
    opened = JournalFile.open(target.journal, target.identity)
    for number in range(3):
        intent = opened.add_intent(Kind.SEND, "PF_XBTUSD", f"BUY {number}", order(number), T0 + number * 60_000)
        if number:
            verdict = Verdict.REFUSED if number == 1 else Verdict.ACCEPTED
            opened.settle(intent.number, verdict, status="s", text="a, b", order_id=f"o-{number}", at_ms=T0)
    opened.add_intent(Kind.CANCEL_ALL, None, "CANCEL ALL", CancelAllRequest(), T0 + 3_600_000)
    opened.add_fills(
        Fill(f"f-{n}", "o", symbol, Side.SELL, Decimal("0.1"), Decimal("1E+3"), T0 + n, fee=Decimal("0.05"))
        for n, symbol in enumerate(["PF_XBTUSD", "PF_ETHUSD"])
    )
    opened.close()
    return target.journal


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["journal", *arguments, "--url", URL])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        ([], [1, 2, 3, 4]),
        (["--last", "2"], [3, 4]),
        (["--symbol", "PF_XBTUSD"], [1, 2, 3]),
        (["--kind", "cancel-all"], [4]),
        (["--verdict", "refused"], [2]),
        (["--pending"], [1, 4]),
        (["--pending", "--kind", "send"], [1]),
        (["--since", "2026-09-21T14:14"], [2, 3, 4]),
        (["--since", "2026-09-21T14:14+01:00"], [1, 2, 3, 4]),
        (["--since", "2026-09-22"], []),
        (["--since", "1s"], []),
    ],
)
@pytest.mark.usefixtures("journal")
def test_filters_hold_together(capsys: pytest.CaptureFixture[str], arguments: list[str], numbers: list[int]) -> None:
    code, out, _ = run(capsys, "--json", *arguments)
    assert code == 0
    assert [json.loads(line)["intent"]["number"] for line in out.splitlines()] == numbers


@pytest.mark.usefixtures("journal")
def test_acts_as_lines_json_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys)[1].splitlines()[1] == "2026-09-21 14:14:20  BUY 1  refused: a, b"
    told = json.loads(run(capsys, "--json")[1].splitlines()[1])
    assert (told["verdict"], told["intent"]["at"], told["intent"]["kind"]) == (
        "refused",
        "2026-09-21T14:14:20.000Z",
        "send",
    )
    rows = list(csv.DictReader(io.StringIO(run(capsys, "--csv")[1])))
    assert rows[1]["text"] == "a, b"
    assert (rows[0]["verdict"], rows[0]["client_order_id"], rows[3]["symbol"]) == ("", "c-0", "")


@pytest.mark.usefixtures("journal")
def test_fills_as_lines_json_and_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "fills")[1].splitlines() == [
        "2026-09-21 14:13:20  SELL 0.1 PF_XBTUSD @ 1000  unknown  fee 0.05",
        "2026-09-21 14:13:20  SELL 0.1 PF_ETHUSD @ 1000  unknown  fee 0.05",
    ]
    told = json.loads(run(capsys, "fills", "--json", "--symbol", "PF_ETHUSD")[1])
    assert (told["fill_id"], told["price"], told["fee_currency"]) == ("f-1", 1000, None)
    rows = list(csv.DictReader(io.StringIO(run(capsys, "fills", "--csv")[1])))
    assert [row["price"] for row in rows] == ["1000", "1000"]


@pytest.mark.usefixtures("journal")
def test_bad_questions_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "fills", "--pending")[0] == cli.USAGE
    code, out, err = run(capsys, "--since", "yesterday")
    assert (code, out) == (cli.USAGE, "")
    assert "'yesterday' is no time" in err


@pytest.mark.parametrize("arguments", [[], ["fills"]])
def test_of_a_damaged_journal_the_rest_is_printed_first(
    journal: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    content = bytearray(journal.read_bytes())
    root = content.index(b"BUY 2") // 4096 if arguments else content.index(b'"fill_id"') // 4096
    content[root * 4096 : (root + 1) * 4096] = b"\xff" * 4096
    journal.write_bytes(content)
    code, out, err = run(capsys, *arguments)
    assert code == cli.FAILED
    assert len(out.splitlines()) == (2 if arguments else 4)
    assert "damaged" in err
    assert ("0 acts and 2 fills" if arguments else "4 acts and 0 fills") in err
    assert journal.read_bytes() == content


def test_the_words_of_the_options_are_those_of_the_journal() -> None:
    assert set(cli.KINDS) == {kind.replace("_", "-") for kind in Kind}
    assert set(cli.VERDICTS) == {verdict.replace("_", "-") for verdict in Verdict}


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [("90s", T0 - 90_000), ("2h", T0 - 7_200_000), ("30d", T0 - 30 * 86_400_000), ("2026-09-21", 1_789_948_800_000)],
)
def test_times_are_dates_or_so_long_ago(text: str, at_ms: int) -> None:
    assert past.since(text, T0) == at_ms


@pytest.mark.parametrize("text", ["", "5", "5y", "2026-13-01", "soon"])
def test_other_times_are_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        past.since(text, T0)
