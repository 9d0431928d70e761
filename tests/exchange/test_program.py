"""The exchange as a child process: ready line, endings, keys, and the account after a crash."""

import base64
import io
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.exchange.doors import D
from tui.exchange import store
from tui.exchange.main import main
from tui.exchange.server import SIGNALS
from tui.exchange.store import StateFile
from tui.wire.derivatives.signing import ApiSecret, authent

SECRET_TEXT = base64.b64encode(b"canary canary canary").decode()
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("KRAKEN")}
KEYS = {"KRAKEN_FUTURES_API_KEY": "env-key", "KRAKEN_FUTURES_PRIVATE_KEY": SECRET_TEXT}
COMMAND = [sys.executable, "-m", "tui.exchange", "--port", "0", "--seed", "1", "--activity", "0"]
TIMEOUT_S = 20

Refused = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


class Child:
    """A running exchange; ``ready`` is its first line."""

    def __init__(self, *more: str, keys: dict[str, str] = KEYS) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**ENVIRONMENT, **keys},
            text=True,
        )
        assert self.process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self.process.stdout.readline())

    def end(self, number: int) -> tuple[int, str, str]:
        """Exit code and what else was said, after this signal."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=TIMEOUT_S)
        return self.process.returncode, out, err

    def call(self, method: str, path: str, form: str = "", *, key: str = "env-key", secret: str = SECRET_TEXT) -> Any:
        headers = {"APIKey": key, "Authent": authent(form, "", path, ApiSecret(secret))}
        url = self.ready["url"] + path
        return httpx.request(method, url, content=form, headers=headers, timeout=TIMEOUT_S, trust_env=False).json()


@contextmanager
def running(*more: str, keys: dict[str, str] = KEYS) -> Iterator[Child]:
    child = Child(*more, keys=keys)
    try:
        yield child
    finally:
        if child.process.returncode is None:
            child.process.kill()
            child.process.communicate()


@pytest.fixture(name="refused")
def _refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Refused]:
    """Exit code, stdout and stderr of an exchange that does not start; it runs in this process."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    for name in ("KRAKEN_FUTURES_API_KEY", "KRAKEN_FUTURES_PRIVATE_KEY", "KRAKEN_FUTURES_API_SECRET"):
        monkeypatch.delenv(name, raising=False)

    def start(*more: str, keys: dict[str, str] = KEYS) -> tuple[int, str, str]:
        for name, value in keys.items():
            monkeypatch.setenv(name, value)
        code = main([*COMMAND[3:], *more])
        told = capsys.readouterr()
        return code, told.out, told.err

    yield start
    for number, handler in handlers.items():
        signal.signal(number, handler)


ORDER = "orderType=lmt&symbol=PF_XBTUSD&side=buy&size=0.1&limitPrice=60000"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_serves_and_ends_with_0(number: int) -> None:
    with running() as child:
        ready = child.ready
        url = ready["url"]
        assert (ready["event"], ready["pid"], ready["seed"]) == ("ready", child.process.pid, 1)
        assert ready["rest"] == f"{url}/derivatives/api/v3"
        assert ready["history"] == f"{url}/api/history/v3"
        assert ready["charts"] == f"{url}/api/charts/v1"
        assert ready["ws"] == url.replace("http", "ws") + "/ws/v1"
        assert ready["version"]
        assert ready["api_key"] == "env-key"
        assert child.call("POST", f"{D}/sendorder", ORDER)["sendStatus"]["status"] == "placed"
        assert child.process.stdin is not None
        child.process.stdin.close()  # by hand its input is no matter
        assert child.call("GET", f"{D}/openorders")["openOrders"]
        child.process.stdin = None
        code, out, err = child.end(number)
        assert (code, out, err) == (0, "", "")
        assert SECRET_TEXT not in json.dumps(ready)


def test_on_a_leash_it_ends_with_its_input() -> None:
    with running("--leash") as child:
        assert child.process.poll() is None
        out, err = child.process.communicate(timeout=TIMEOUT_S)  # closes its input
        assert (child.process.returncode, out, err) == (0, "", "")


def test_a_leash_that_cannot_hold_is_told(refused: Refused, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "input").touch()
    for standard_input in ((tmp_path / "input").open(), io.StringIO(), None):
        monkeypatch.setattr("sys.stdin", standard_input)
        code, out, err = refused("--leash")
        assert (code, out) == (2, "")
        assert "--leash" in err
        if standard_input is not None:
            standard_input.close()


def test_a_port_in_use_is_told(refused: Refused) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = refused("--port", str(port))
    assert (code, out) == (1, "")
    assert f"127.0.0.1:{port}" in err
    assert "in use" in err
    assert "Traceback" not in err


def test_half_a_key_pair_is_told_and_never_shown(refused: Refused) -> None:
    code, out, err = refused(keys={"KRAKEN_FUTURES_API_SECRET": SECRET_TEXT})
    assert (code, out) == (1, "")
    assert "KRAKEN_FUTURES_API_KEY" in err
    assert SECRET_TEXT not in err


def test_without_keys_and_state_a_pair_is_made_and_kept_in_the_users_folder(tmp_path: Path) -> None:
    home = {"KFTUI_HOME": str(tmp_path)}
    with running(keys=home) as child:
        path = Path(child.ready["keys_file"])
        pair = json.loads(path.read_text())
        assert path.is_relative_to(tmp_path)
        assert child.call("GET", f"{D}/openorders", key=pair["api_key"], secret=pair["private_key"])["openOrders"] == []
        code, out, err = child.end(signal.SIGTERM)
    assert (code, err) == (0, "")
    assert pair["private_key"] not in json.dumps(child.ready) + out
    with running(keys=home) as again:
        assert again.ready["api_key"] == pair["api_key"]


def test_a_key_file_of_choice_is_made_once_and_beats_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    with running("--keys", str(path)) as child:
        assert child.ready["keys_file"] == str(path)
        assert child.ready["api_key"] == json.loads(path.read_text())["api_key"] != "env-key"


def test_keys_of_the_environment_have_no_file() -> None:
    with running() as child:
        assert "keys_file" not in child.ready


def test_tls_has_a_certificate_that_is_kept_and_that_a_client_can_trust(tmp_path: Path) -> None:
    pytest.importorskip("trustme", reason="needs the extra 'tls'")
    home = KEYS | {"KFTUI_HOME": str(tmp_path)}
    with running("--tls", keys=home) as child:
        url, authority = child.ready["url"], Path(child.ready["certificate"])
        assert (url[:8], child.ready["ws"][:6]) == ("https://", "wss://")
        trusted = httpx.get(f"{url}{D}/tickers", verify=ssl.create_default_context(cafile=authority), trust_env=False)
        assert trusted.json()["result"] == "success"
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}{D}/tickers", trust_env=False)
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{url.replace('https', 'http')}{D}/tickers", trust_env=False)
        before = authority.read_bytes()
    assert b"PRIVATE" not in before
    assert {stat.S_IMODE(file.stat().st_mode) for file in authority.parent.iterdir()} == {0o600}
    with running("--tls", keys=home) as child:
        assert Path(child.ready["certificate"]).read_bytes() == before


def test_the_account_and_its_keys_outlive_a_crash(tmp_path: Path) -> None:
    state = tmp_path / "paper" / "state.sqlite3"
    with running("--state", str(state), keys={}) as child:
        pair = json.loads((tmp_path / "paper" / "keys.json").read_text())
        mine = {"key": pair["api_key"], "secret": pair["private_key"]}
        child.call("POST", f"{D}/sendorder", ORDER, **mine)
        child.call("POST", f"{D}/sendorder", "orderType=mkt&symbol=PF_XBTUSD&side=buy&size=0.01", **mine)
        before = {path: child.call("GET", D + path, **mine) for path in ("/openorders", "/fills", "/openpositions")}
        child.end(signal.SIGKILL)
    with running("--state", str(state), keys={}) as child:
        assert child.ready["api_key"] == pair["api_key"]
        for path, answer in before.items():
            after = child.call("GET", D + path, **mine)
            key = next(name for name in answer if name not in {"result", "serverTime"})
            assert [without_prices(row) for row in after[key]] == [without_prices(row) for row in answer[key]]
        child.call("POST", f"{D}/cancelallorders", **mine)
        assert child.end(signal.SIGTERM)[0] == 0
    with running("--state", str(state), keys={}) as child:
        assert child.call("GET", f"{D}/openorders", **mine)["openOrders"] == []
        assert len(child.call("GET", f"{D}/fills", **mine)["fills"]) == len(before["/fills"]["fills"])


def without_prices(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("unrealized")}


@pytest.mark.parametrize("content", ["{broken", '{"format":1,"saved_ms":1,"engine":{"version":1}}'])
def test_a_state_that_cannot_be_read_is_refused_and_kept(tmp_path: Path, refused: Refused, content: str) -> None:
    state = tmp_path / "state.sqlite3"
    state.write_text(content)
    code, out, err = refused("--state", str(state))
    assert (code, out) == (1, "")
    assert str(state) in err
    assert "damaged" in err
    assert "left as it is" in err
    assert "Traceback" not in err
    assert state.read_text() == content


def test_one_state_file_serves_one_exchange(tmp_path: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LOCK_WAIT_S", 0)
    state = tmp_path / "state.sqlite3"
    with StateFile(state).opened():
        code, _, err = refused("--state", str(state))
    assert code == 1
    assert "in use by another exchange" in err
