from __future__ import annotations

import pytest

from tui.cli import build_parser, exit_code, main
from tui.model.errors import (
    AuthenticationRefused,
    CredentialsError,
    DeskError,
    NotPermitted,
    OutcomeUnknown,
    RateLimited,
    SettingsError,
    Unreachable,
)


@pytest.mark.parametrize(
    "line",
    ["--live watch", "watch --live", "--live cancel-all", "cancel-all --live", "--live check", "flatten --live"],
)
def test_the_account_may_stand_before_or_after_the_command(line: str) -> None:
    assert build_parser().parse_args(line.split()).live is True


@pytest.mark.parametrize("line", ["--url http://127.0.0.1:1 watch", "watch --url http://127.0.0.1:1"])
def test_so_may_the_url(line: str) -> None:
    assert build_parser().parse_args(line.split()).url == "http://127.0.0.1:1"


@pytest.mark.parametrize("line", ["--live --profile work watch", "watch --live --profile work"])
def test_and_the_profile(line: str) -> None:
    assert build_parser().parse_args(line.split()).profile == "work"


@pytest.mark.parametrize(
    "line",
    [
        "--live --url http://127.0.0.1:1",
        "--live watch --url http://127.0.0.1:1",
        "watch --onec",
        "cancel-al",
        "journal --last 0",
        "journal --last many",
        "--symbol PF_XBTUSD",
        "--profile work",
        "cancel-all --profile work",
    ],
)
def test_bad_usage_exits_with_2_and_says_why(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(line.split())
    assert caught.value.code == 2
    assert "usage: kftui" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (SettingsError("x"), 2),
        (CredentialsError("x"), 3),
        (Unreachable("x"), 4),
        (OutcomeUnknown("x"), 5),
        (AuthenticationRefused("x"), 3),
        (NotPermitted("x"), 3),
        (RateLimited("x"), 1),
        (DeskError("x"), 1),
    ],
)
def test_every_kind_of_error_has_its_exit_code(error: DeskError, code: int) -> None:
    assert exit_code(error) == code


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("kftui ")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    for command in ("exchange", "check", "watch", "cancel-all", "flatten", "journal", "config", "exit codes"):
        assert command in out
