"""The paper exchange as users run it: another process, found by its ready line, ended by a signal."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from types import TracebackType
from typing import Self

from tui.client.credentials import Credentials, credentials

API_KEY = "e2e-key"
PRIVATE_KEY = b64encode(bytes(range(64))).decode()
READY_S = 30.0
STOP_S = 15.0


def environment(**more: str) -> dict[str, str]:
    """This process's environment with the keys of the tests, without anybody else's and without a keyring."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KRAKEN_", "KFTUI_"))}
    keys = {"KRAKEN_FUTURES_API_KEY": API_KEY, "KRAKEN_FUTURES_PRIVATE_KEY": PRIVATE_KEY}
    return {**kept, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **keys, **more}


class ExchangeProcess:
    """``async with ExchangeProcess(state=...) as exchange``: running inside, gone after. ``restart`` keeps the port."""

    def __init__(self, *options: str, state: Path | None = None, keys: dict[str, str] | None = None) -> None:
        self._options = [*options, *(("--state", str(state)) if state else ())]
        self._keys = keys or {}
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""
        self._port = 0

    @property
    def credentials(self) -> Credentials:
        return credentials(API_KEY, PRIVATE_KEY)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            await self.stop(signal.SIGKILL)

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui.exchange", "--port", str(self._port), *self._options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment(**self._keys),
        )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), READY_S)
        self.url = json.loads(line)["url"]
        self._port = int(self.url.rsplit(":", 1)[1])

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit code (negative: the signal that killed it)."""
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(how)
        return await asyncio.wait_for(process.wait(), STOP_S)
