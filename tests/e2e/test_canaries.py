"""The whole program with keys that must not be seen, and a search through every byte it wrote."""

from __future__ import annotations

import base64
import gzip
import os
import random
import re
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.exchange_process import ExchangeProcess, environment
from tests.e2e.terminal import Terminal, descendants
from tests.e2e.test_commands import kftui
from tests.e2e.wiretap import Wiretap

_bytes = random.Random(8).randbytes
PUBLIC = base64.b64encode(_bytes(42)).decode()
PRIVATE = base64.b64encode(_bytes(64)).decode()
SPOT = base64.b64encode(_bytes(48)).decode()
KEYS = {"KRAKEN_FUTURES_API_KEY": PUBLIC, "KRAKEN_FUTURES_PRIVATE_KEY": PRIVATE, "KRAKEN_API_KEY": SPOT}
NONE = dict.fromkeys(KEYS, "")
BREAKS = """
import os
import tui.app

def tick(self):
    signer = self._desk._venue._rest._signer
    headers, environ = signer.headers("/x", b"", b"", 1), {**os.environ}
    raise RuntimeError("broken on purpose")

tui.app.TradingApp._tick = tick
"""


def forms(secret: str) -> Iterable[bytes]:
    """The ways in which it could be written: whole, in part, decoded, encoded otherwise."""
    decoded = base64.b64decode(secret)
    yield from (secret[:24].encode(), secret[-24:].encode(), secret[24:48].encode())
    yield from (decoded[:16], decoded[-16:], decoded.hex().encode()[:32], decoded.hex(" ").encode()[:32])
    yield from (repr(decoded)[2:40].encode(), str(list(decoded))[1:40].encode(), quote(secret, safe="").encode()[:24])
    yield from (base64.urlsafe_b64encode(decoded)[:24], base64.b64encode(secret.encode())[:24], secret[::-1].encode())


FORMS = tuple(form for secret in (PUBLIC, PRIVATE, SPOT) for form in forms(secret))


def seen(text: bytes) -> list[bytes]:
    return [form for form in FORMS if form in text]


def written(folder: Path) -> dict[Path, bytes]:
    """Every file, recordings unpacked."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    texts = {path: path.read_bytes() for path in files}
    return {path: gzip.decompress(text) if text[:2] == b"\x1f\x8b" else text for path, text in texts.items()}


def assert_nothing_in(folder: Path, but: str = "") -> None:
    told = [path for path, text in written(folder).items() if seen(text)]
    assert [path.name for path in told] == ([but] if but else [])


def signed_only(said: bytes) -> bytes:
    """Without the two places that the public half belongs to: the header of a request, the field of a subscription."""
    header, field = rf"(?i)\r\napikey: {re.escape(PUBLIC)}\r\n", rf'"api_key": ?"{re.escape(PUBLIC)}"'
    return re.sub(field.encode(), b"", re.sub(header.encode(), b"\r\n\r\n", said))


def of_process(pid: int, *names: str) -> bytes:
    return b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in names)


@pytest.fixture
async def wire() -> AsyncIterator[Wiretap]:
    keys = {name: KEYS[name] for name in ("KRAKEN_FUTURES_API_KEY", "KRAKEN_FUTURES_PRIVATE_KEY")}
    async with ExchangeProcess("--seed", "21", keys=keys) as exchange, Wiretap(exchange.url) as tap:
        yield tap


async def past_the_tour(desk: Terminal) -> int:
    """A new home begins with it. Returns where what is shown on the desk begins."""
    await desk.until("available")
    at = await desk.until("any key: next")
    desk.type("q")
    return await desk.until("Working orders", at)


async def log_in(home: Path, url: str, *, public: str = PUBLIC, private: str = PRIVATE) -> tuple[int, bytes]:
    async with Terminal("login", "--url", url, env=environment(KFTUI_HOME=str(home), **NONE)) as terminal:
        await terminal.until("API key: ")
        terminal.type(f"{public}\n")
        await terminal.until("Private key: ")
        terminal.type(f"{private}\n")
        return await terminal.ended(), terminal.shown


def test_the_search_finds_what_it_looks_for() -> None:
    for text in (f"x{PRIVATE}y", f"Authorization: {quote(PUBLIC, safe='')}", repr(base64.b64decode(PRIVATE))):
        assert seen(text.encode()), text
    assert seen(signed_only(f"POST / HTTP/1.1\r\nAPIKey: {PUBLIC}\r\nX: {PUBLIC}\r\n\r\n".encode()))
    assert not seen(signed_only(f'GET / HTTP/1.1\r\napikey: {PUBLIC}\r\n\r\n{{"api_key":"{PUBLIC}"}}'.encode()))


async def test_a_desk_shows_writes_and_says_no_key(wire: Wiretap, tmp_path: Path) -> None:
    home = tmp_path / "home"
    env = environment(KFTUI_HOME=str(home), HOME=str(tmp_path), **KEYS)
    record = ("--record", str(tmp_path / "desk.kftui.gz"))
    async with Terminal("--url", wire.url, *record, env=env) as desk:
        at = await past_the_tour(desk)
        for key, words in (("7", "loop late"), ("5", "Fills"), ("3", "rders"), ("1", "available")):
            desk.type(key)
            at = await desk.until(words, at)
        assert not seen(of_process(desk.pid, "cmdline"))
        desk.type("q")
        assert await desk.ended() == 0
    assert not seen(desk.shown)
    assert_nothing_in(tmp_path)
    assert b"apikey: " + PUBLIC.encode() in wire.said.replace(b"APIKey", b"apikey").replace(b"APIkey", b"apikey")
    assert b"signed_challenge" in wire.said
    assert not seen(signed_only(wire.said))


async def test_commands_show_write_and_say_no_key(wire: Wiretap, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shown = ""
    for arguments in (
        ("check",),
        ("watch", "--once"),
        ("order", "buy 0.1 xbt @ 50000 post", "--yes", "--json"),
        ("record", str(tmp_path / "a.kftui.gz"), "--for", "1s"),
        ("flatten",),
        ("cancel-all",),
        ("journal",),
    ):
        code, out, err = await kftui(home, *arguments, "--url", wire.url, **KEYS)
        assert code == 0, err
        shown += out + err
    mishaps: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
        (("config", "--json"), KEYS),
        (("check", "--url", "http://127.0.0.1:9"), KEYS),
        (("check", "--url", wire.url), {**KEYS, "KRAKEN_FUTURES_API_KEY": SPOT}),
        (("check", "--url", wire.url), {**KEYS, "KRAKEN_FUTURES_API_KEY": PRIVATE, "KRAKEN_API_KEY": PRIVATE}),
        (("watch", "--once", "--url", wire.url), {**KEYS, "KRAKEN_FUTURES_PRIVATE_KEY": PRIVATE + "!"}),
        (("watch", "--once", "--url", wire.url), {**KEYS, "KRAKEN_FUTURES_API_KEY": "wrong"}),
    )
    for mishap, more in mishaps:
        _, out, err = await kftui(home, *mishap, **more)
        shown += out + err
    assert "from the environment" in shown
    assert not seen(shown.encode())
    assert_nothing_in(tmp_path)
    assert not seen(signed_only(wire.said))


async def test_the_own_paper_exchange_never_hears_of_the_keys(tmp_path: Path) -> None:
    env = environment(KFTUI_HOME=str(tmp_path), **KEYS)
    async with Terminal(env=env) as desk:
        await past_the_tour(desk)
        children = descendants(desk.pid)
        assert len(children) == 1
        assert not any(seen(of_process(pid, "cmdline", "environ")) for pid in children)
        assert not seen(of_process(desk.pid, "cmdline"))
        desk.type("q")
        assert await desk.ended() == 0
    assert not seen(desk.shown)
    assert_nothing_in(tmp_path)


async def test_a_crash_report_holds_no_key(wire: Wiretap, tmp_path: Path) -> None:
    """It is what people show to others."""
    site, home = tmp_path / "site", tmp_path / "home"
    site.mkdir()
    (site / "sitecustomize.py").write_text(BREAKS, encoding="utf-8")
    env = environment(KFTUI_HOME=str(home), PYTHONPATH=f"{site}{os.pathsep}{Path.cwd()}", **KEYS)
    async with Terminal("--url", wire.url, env=env) as desk:
        assert await desk.ended() != 0
    assert b"broken on purpose" in desk.shown
    assert not seen(desk.shown)
    assert_nothing_in(tmp_path)


async def test_keys_are_typed_unseen_tried_kept_used_and_forgotten(wire: Wiretap, tmp_path: Path) -> None:
    home = tmp_path / "home"
    env = {"KFTUI_HOME": str(home), **NONE}
    code, shown = await log_in(home, wire.url)
    assert code == 0, shown.decode()
    assert b"may read and trade" in shown
    name = f"default@127.0.0.1:{wire.url.rsplit(':', 1)[1]}"
    assert f"Kept as {name} in {home / 'keys.json'}".encode() in shown
    assert not seen(shown)
    assert_nothing_in(tmp_path, but="keys.json")
    assert (home / "keys.json").stat().st_mode & 0o777 == 0o600

    async with Terminal("--url", wire.url, env=environment(**env)) as desk:
        at = await past_the_tour(desk)
        assert not seen(of_process(desk.pid, "cmdline", "environ"))
        assert re.search(rb"Max core file size +0 +0 ", of_process(desk.pid, "limits"))
        desk.type("7")
        await desk.until("loop late", at)
        desk.type("q")
        assert await desk.ended() == 0
    code, out, err = await kftui(home, "check", "--url", wire.url, **NONE)
    assert (code, err) == (0, "")
    assert f"from {home / 'keys.json'}, {name}" in out
    assert not seen(desk.shown + out.encode())
    assert_nothing_in(tmp_path, but="keys.json")

    (home / "keys.json").chmod(0o644)
    code, _, err = await kftui(home, "watch", "--once", "--url", wire.url, **NONE)
    assert code == 3
    assert f'chmod 600 "{home / "keys.json"}"' in err
    (home / "keys.json").chmod(0o600)

    code, out, _ = await kftui(home, "logout", "--url", wire.url, **NONE)
    assert code == 0
    assert "is forgotten" in out
    assert_nothing_in(tmp_path)
    assert not seen(signed_only(wire.said))


async def test_keys_that_do_not_open_the_account_are_not_kept(wire: Wiretap, tmp_path: Path) -> None:
    code, shown = await log_in(tmp_path, wire.url, public="wrong-key-of-somebody")
    assert code == 3
    assert b"Nothing was kept" in shown
    code, shown = await log_in(tmp_path, "http://127.0.0.1:9")
    assert code == 4
    assert not (tmp_path / "keys.json").exists()
    assert not seen(shown)


async def test_login_needs_somebody_and_a_profile_needs_an_account(tmp_path: Path) -> None:
    code, _, err = await kftui(tmp_path, "login")
    assert code == 2
    assert "nobody is there to answer" in err
    code, _, err = await kftui(tmp_path, "watch", "--profile", "work")
    assert code == 2
    assert "add --live" in err
    code, _, err = await kftui(tmp_path, "watch", "--live", "--profile", "work")
    assert code == 3
    assert "none are kept as work@futures.kraken.com" in err
