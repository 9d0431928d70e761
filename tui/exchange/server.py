"""The running exchange: a socket, the market's heartbeat, and an orderly end.

Invariant: it ends on SIGTERM, SIGINT or (on a leash) the end of its input, and then in order; if one of its own tasks
dies, so does the exchange, loudly. uvicorn's own signal handling would end the process with the signal, ours does not.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from tui.exchange.limits import Bucket
from tui.exchange.line import STREAMS, CallProtocol, LineProtocol
from tui.exchange.venue import Venue

TICK_S: Final = 0.1
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_FRAME_LIMIT: Final = 100_000
_KEEP_ALIVE_S: Final = 75
_GRACE_S: Final = 2


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a port in use is told before anything else happens. Raises ``OSError``."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


class Server(uvicorn.Server):
    """uvicorn's server without its signal handlers; ``ready`` is called once requests are served. ``certificate``: a
    file with key and certificate, and then it speaks TLS only.
    """

    def __init__(self, app: ASGIApp, ready: Callable[[], None], certificate: Path | None = None) -> None:
        class Calls(CallProtocol):
            streams = Bucket(STREAMS, 0.0)

        config = uvicorn.Config(
            app,
            http=Calls,
            ws=LineProtocol,
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            ws_max_size=_FRAME_LIMIT,
            ssl_certfile=certificate,
            lifespan="off",
            log_config=None,
            log_level="error",  # what peers do wrong is theirs; thousands of lines a second would hold everybody up
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nobody stands between, and nobody may say he is somebody else
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=_GRACE_S,
        )
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def stop(self) -> None:
        self.should_exit = True


async def run(server: Server, listener: socket.socket, *beside: Coroutine[Any, Any, None], leash: bool) -> None:
    """Serve until stopped. ``beside`` are endless tasks that live as long as the server does."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(server.stop))
    async with asyncio.TaskGroup() as tasks:
        helpers = [tasks.create_task(work) for work in beside]
        if leash:
            helpers.append(tasks.create_task(_until_input_ends(server)))
        await server.serve([listener])
        for helper in helpers:
            helper.cancel()


async def keep_time(venue: Venue) -> None:
    """Tick the engine at a steady pace, whatever a tick costs."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        venue.tick()
        due = max(due + TICK_S, loop.time())
        await asyncio.sleep(due - loop.time())


async def _until_input_ends(server: Server) -> None:
    """The leash: whoever started us holds the other end of our standard input."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while await reader.read(4096):
            pass
    finally:
        transport.close()
    server.stop()
