"""The desk's own paper exchange: a child process on a leash, started again should it die.

The leash is the child's standard input: the exchange ends when it closes, and the operating system closes it however
the desk ends, SIGKILL included. Only a separate process can die under the desk, as a real venue does; the desk then
shows a lost link and finds the same account on the same port.

Keys in the desk's environment are never handed to the child: they may be live ones. The exchange makes its own and
keeps them beside its state.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from tui.model.errors import DeskError

if TYPE_CHECKING:
    from tui.paths import Paths
    from tui.settings import Paper

log = logging.getLogger(__name__)

READY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0
RESTART_AFTER_S = 1.0
_SECRETS = "KRAKEN_"  # every name under which keys are looked for begins so, Spot keys too


class PaperExchange:
    """Async context around the paper exchange of this user's data folder; ``url`` is its base address from the start.

    If another desk already runs one on the same account, that one is used, and taken over on the same port when the
    other desk leaves. Run ``keep`` beside whatever uses it; ``started`` is set when the exchange answers.
    """

    def __init__(self, paths: Paths, options: Paper) -> None:
        self._paths = paths
        self._options = options
        self._child: asyncio.subprocess.Process | None = None
        self.started = asyncio.Event()
        self.url = ""

    async def __aenter__(self) -> Self:
        self._paths.make()
        running = read_running(self._paths)
        if running is not None and await _listens(running):
            self.url = running
            self.started.set()
        else:
            self.url = f"http://127.0.0.1:{_free_port()}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        self._paths.paper_running.unlink(missing_ok=True)
        if child.stdin is not None:
            child.stdin.close()
        try:
            await asyncio.wait_for(child.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            child.kill()
            await child.wait()

    async def keep(self) -> None:
        """Start the exchange if it does not run, and again whenever it is gone. Ends only by cancellation, or with
        DeskError if the first start fails.
        """
        if not self.started.is_set():
            await self._start()
            self.started.set()
        while True:
            await self._gone()
            log.warning("the paper exchange is gone; starting it again at %s", self.url)
            await asyncio.sleep(RESTART_AFTER_S)
            try:
                await self._start()
            except DeskError as error:
                log.warning("%s", error)

    async def _gone(self) -> None:
        if self._child is not None:
            await self._child.wait()
            return
        while await _listens(self.url):  # noqa: ASYNC110 -- another process owns it; there is nothing to wait on
            await asyncio.sleep(RESTART_AFTER_S)

    async def _start(self) -> None:
        port = urlsplit(self.url).port
        command = [sys.executable, "-m", "tui.exchange", "--leash", "--port", str(port)]
        command += ["--state", str(self._paths.paper_state), "--speed", str(self._options.speed)]
        if self._options.seed is not None:
            command += ["--seed", str(self._options.seed)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
        with self._paths.exchange_log.open("ab") as errors:
            self._child = await asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environment,
                start_new_session=sys.platform != "win32",
            )
        await self._ready(self._child)
        self._paths.paper_running.write_text(json.dumps({"url": self.url}), encoding="utf-8")

    async def _ready(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None  # noqa: S101 -- a pipe was asked for
        line = b""
        with suppress(TimeoutError):
            line = await asyncio.wait_for(child.stdout.readline(), READY_TIMEOUT_S)
        if line:
            return
        if child.returncode is None:
            child.kill()
        code = await child.wait()
        self._child = None
        raise DeskError(
            f"The paper exchange did not start (exit code {code})",
            f"Its last words, from {self._paths.exchange_log}: {_last_line(self._paths)}",
        )


def read_running(paths: Paths) -> str | None:
    """Address of the paper exchange that a desk of this user runs, as last written; it may be gone."""
    try:
        return str(json.loads(paths.paper_running.read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(parts.hostname, parts.port), 2.0)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True


def _last_line(paths: Paths) -> str:
    try:
        lines = paths.exchange_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1] if lines else ""
