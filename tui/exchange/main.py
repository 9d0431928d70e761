"""The exchange as a program: options, keys, account, ready line, service, end.

The first line on stdout is one JSON object that says where everything is (never the private key). Exit codes: 0 after
SIGTERM, SIGINT or the end of the leash; 2 for bad usage; 1 when it could not start or lost its state file.
"""

import asyncio
import gc
import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from tui.exchange import accounts, keys, markets, options, store
from tui.exchange import certificate as certificates
from tui.exchange.accounts import Account
from tui.exchange.app import build
from tui.exchange.certificate import Certificate, CertificateError
from tui.exchange.clients import enrol
from tui.exchange.clock import Clock
from tui.exchange.exchange import Engine
from tui.exchange.folder import own_folder
from tui.exchange.keys import KeysError
from tui.exchange.markets import Beside, Choice
from tui.exchange.mirror.contracts import UpstreamError
from tui.exchange.mishaps import Mishaps
from tui.exchange.options import Options
from tui.exchange.server import SIGNALS, Server, keep_time, listen, run
from tui.exchange.state import EngineState, StateUnusable, last_saved_ms
from tui.exchange.store import Keeper, StateError, StateFile
from tui.exchange.venue import Venue
from tui.wire.derivatives.routes import BASE, CHARTS_BASE, HISTORY_BASE, WS_PATH

OK: Final = 0
FAILED: Final = 1
BAD_USAGE: Final = 2

_RARELY: Final = (2_000, 20, 500)
"""When garbage is looked for: what an order leaves behind is young; orders, histories and markets stay, and to look
through them all holds everybody up for a tenth of a second.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the exchange; the exit code is the return value."""
    chosen = options.parse(sys.argv[1:] if argv is None else argv)
    for number in SIGNALS:
        signal.signal(number, _stop_early)
    if chosen.leash and not _can_be_leashed():
        _complain("--leash needs a pipe as standard input: it is for programs that start the exchange")
        return BAD_USAGE
    try:
        with ExitStack() as held:
            _serve(chosen, held)
    except (KeysError, StateError, CertificateError, UpstreamError) as error:
        _complain(str(error))
        return FAILED
    except StateUnusable as error:
        _complain(f"{chosen.state}: {error}; it was left as it is. {store.WAY_OUT}")
        return FAILED
    except OSError as error:
        _complain(f"cannot listen on {chosen.host}:{chosen.port}: {error.strerror or error}")
        return FAILED
    return OK


def _can_be_leashed() -> bool:
    """Only of a pipe, a socket or a terminal can the end be waited for."""
    try:
        kind = os.fstat(sys.stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return False
    return stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind) or sys.stdin.isatty()


def _stop_early(_number: int, _frame: object) -> None:
    """A signal before the server has its own handler: nothing is running yet, so just leave."""
    sys.exit(OK)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the ready line tells beside the venue's own: the socket, and the files that a client may need."""

    listener: socket.socket
    accounts: tuple[Account, ...]
    certificate: Certificate | None


def _serve(chosen: Options, held: ExitStack) -> None:
    file = StateFile(chosen.state) if chosen.state else None
    if file is not None:
        held.enter_context(file.opened())
    listed = _accounts(chosen)
    certificate = certificates.kept_in(own_folder(os.environ) / "tls", chosen.host) if chosen.tls else None
    kept = file.load() if file else None
    listener = held.enter_context(listen(chosen.host, chosen.port))
    market = markets.choose(chosen)
    venue = _venue(chosen, listed, kept, market)
    with asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(_service(venue, _Place(listener, listed, certificate), file, market.beside))


def _new_loop() -> asyncio.AbstractEventLoop:
    """The faster one where there is one."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415 - does not exist everywhere

    return uvloop.new_event_loop()


async def _service(venue: Venue, place: _Place, file: StateFile | None, beside: Beside | None) -> None:
    server_pem = place.certificate.server if place.certificate else None
    server = Server(build(venue), lambda: _announce(venue, place), server_pem)
    tasks = [keep_time(venue)]
    if beside is not None:
        tasks.append(beside(venue))
    if file is not None:
        keeper = Keeper(file, venue.engine, _complain)
        venue.keep = keeper.keep
        venue.later = asyncio.get_running_loop().call_soon
        keeper.keep_all()
        tasks.append(keeper.run())
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARELY)
    await run(server, place.listener, *tasks, leash=venue.options.leash)
    if file is not None:
        file.save(venue.engine.changes(accruing=True), venue.engine.floor_state())


# --- what it runs on ---------------------------------------------------------------------------------------


def _accounts(chosen: Options) -> tuple[Account, ...]:
    """Those of the file, or the one whose pair the environment or a key file holds."""
    if chosen.accounts is not None:
        return accounts.read(chosen.accounts)
    given = None if chosen.keys else keys.from_environment(os.environ, read_only=chosen.read_only)
    if given is not None:
        return accounts.of_one(given, chosen.balances, None)
    beside = chosen.state.with_name(keys.KEYS_FILE) if chosen.state else own_folder(os.environ) / keys.KEYS_FILE
    path = chosen.keys or beside
    return accounts.of_one(keys.kept_in(path, read_only=chosen.read_only), chosen.balances, path)


def _venue(chosen: Options, listed: tuple[Account, ...], kept: EngineState | None, market: Choice) -> Venue:
    config = chosen.rules
    starts = accounts.configs(listed, config)
    skew_ms = Mishaps(chosen.faults, 0.0).clock_skew_ms(0.0)
    if kept is None:
        clock = Clock(chosen.speed, start_ms=market.start_ms)
        engine = Engine(config, chosen.seed, clock() + skew_ms, starts, driver=market.driver)
    else:
        clock = Clock(chosen.speed, not_before_ms=last_saved_ms(kept), start_ms=market.start_ms)
        engine = Engine.restore(config, chosen.seed, clock() + skew_ms, kept, starts, driver=market.driver)
    clients = enrol((account.name, account.credentials) for account in listed)
    return Venue(engine, config, chosen, clients, clock)


# --- what it says ------------------------------------------------------------------------------------------


def _announce(venue: Venue, place: _Place) -> None:
    host, port = place.listener.getsockname()[:2]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    secure = "s" if place.certificate else ""
    url = f"http{secure}://{address}"
    ready = {
        "event": "ready",
        "url": url,
        "rest": url + BASE,
        "history": url + HISTORY_BASE,
        "charts": url + CHARTS_BASE,
        "ws": f"ws{secure}://{address}{WS_PATH}",
        "pid": os.getpid(),
        "version": _version(),
        "market": venue.options.market,
        "seed": venue.options.seed,
        **_told(place.accounts[0]),
    }
    if len(place.accounts) > 1:
        ready["accounts"] = [{"name": account.name, **_told(account)} for account in place.accounts]
    if place.certificate:
        ready["certificate"] = str(place.certificate.authority.absolute())
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


def _told(account: Account) -> dict[str, str]:
    keys_file = {"keys_file": str(account.keys_file.absolute())} if account.keys_file else {}
    return {"api_key": account.credentials.api_key, **keys_file}


def _complain(text: str) -> None:
    sys.stderr.write(f"kftui exchange: {text}\n")
    sys.stderr.flush()


def _version() -> str:
    try:
        return version("kraken-futures-tui")
    except PackageNotFoundError:
        return "0"
