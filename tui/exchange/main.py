"""The exchange as a program: options, keys, account, ready line, service, end.

The first line on stdout is one JSON object that says where everything is (never the private key). Exit codes: 0 after
SIGTERM, SIGINT or the end of the leash; 2 for bad usage; 1 when it could not start or lost its state file.
"""

import asyncio
import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from tui.exchange import keys, options, store
from tui.exchange.app import build
from tui.exchange.auth import Credentials
from tui.exchange.clock import Clock
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.keys import KeysError
from tui.exchange.mishaps import Mishaps
from tui.exchange.options import Options
from tui.exchange.server import SIGNALS, Server, keep_time, listen, run
from tui.exchange.snapshot import SnapshotError
from tui.exchange.store import Kept, Saver, StateError, StateFile
from tui.exchange.venue import Venue
from tui.wire.derivatives.routes import BASE, CHARTS_BASE, HISTORY_BASE, WS_PATH

OK: Final = 0
FAILED: Final = 1
BAD_USAGE: Final = 2


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
    except (KeysError, StateError) as error:
        _complain(str(error))
        return FAILED
    except SnapshotError as error:
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


def _serve(chosen: Options, held: ExitStack) -> None:
    file = StateFile(chosen.state) if chosen.state else None
    if file is not None:
        held.enter_context(file.lock())
    credentials = _credentials(chosen)
    kept = file.load() if file else None
    listener = held.enter_context(listen(chosen.host, chosen.port))
    venue = _venue(chosen, credentials, kept)
    asyncio.run(_service(venue, listener, file))


async def _service(venue: Venue, listener: socket.socket, file: StateFile | None) -> None:
    server = Server(build(venue), lambda: _announce(venue, listener))
    tasks = [keep_time(venue)]
    if file is not None:
        saver = Saver(file, lambda: _content(venue), _complain)
        venue.on_change = saver.touch
        tasks.append(saver.run())
    await run(server, listener, *tasks, leash=venue.options.leash)
    if file is not None:
        file.save(_content(venue))


# --- what it runs on ---------------------------------------------------------------------------------------


def _credentials(chosen: Options) -> Credentials:
    read_only = chosen.read_only
    given = keys.from_environment(os.environ, read_only=read_only)
    if given is not None:
        return given
    if chosen.state is not None:
        return keys.kept_beside(chosen.state, read_only=read_only)
    _complain(
        "no keys: only public data can be asked for. To trade, set KRAKEN_FUTURES_API_KEY and "
        "KRAKEN_FUTURES_PRIVATE_KEY (any text, and any base64), or name a --state file to have a pair made and kept"
    )
    return keys.for_this_run(read_only=read_only)


def _venue(chosen: Options, credentials: Credentials, kept: Kept | None) -> Venue:
    config = _config(chosen)
    skew_ms = Mishaps(chosen.faults, 0.0).clock_skew_ms(0.0)
    if kept is None:
        clock = Clock(chosen.speed)
        engine = Engine(config, chosen.seed, clock() + skew_ms)
    else:
        clock = Clock(chosen.speed, not_before_ms=kept.saved_ms)
        engine = Engine.restore(config, chosen.seed, clock() + skew_ms, kept.engine)
    return Venue(engine, config, chosen, credentials, clock)


def _config(chosen: Options) -> EngineConfig:
    if not chosen.balances:
        return EngineConfig(activity=chosen.activity)
    wallets = {name: amount for name, amount in chosen.balances.items() if name.startswith("fi_")}
    flex = {name: amount for name, amount in chosen.balances.items() if name not in wallets}
    return EngineConfig(flex=flex, wallets=EngineConfig().wallets | wallets, activity=chosen.activity)


def _content(venue: Venue) -> bytes:
    return store.encode(Kept(version=_version(), saved_ms=venue.now_ms(), engine=venue.engine.snapshot()))


# --- what it says ------------------------------------------------------------------------------------------


def _announce(venue: Venue, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    url = f"http://{place}"
    ready = {
        "event": "ready",
        "url": url,
        "rest": url + BASE,
        "history": url + HISTORY_BASE,
        "charts": url + CHARTS_BASE,
        "ws": f"ws://{place}{WS_PATH}",
        "pid": os.getpid(),
        "version": _version(),
        "seed": venue.options.seed,
        "api_key": venue.credentials.api_key,
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"kftui exchange: {text}\n")
    sys.stderr.flush()


def _version() -> str:
    try:
        return version("kraken-futures-tui")
    except PackageNotFoundError:
        return "0"
