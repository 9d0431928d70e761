"""The exchange under load: started as users start it, watched from outside, asked for nothing.

Invariant: it runs on a free port of 127.0.0.1 with keys of its own, and is gone when the block ends.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.benchmarks.load_wire import Caller, Key

_READY_S: Final = 60.0
_STOP_S: Final = 30.0
_TICKS: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@dataclass(frozen=True)
class Use:
    """Processor seconds so far and bytes in memory now; zeros where there is no ``/proc``."""

    cpu_s: float
    memory: int


def make_keys(count: int) -> list[Key]:
    return [Key(f"load-{number}", b64encode(os.urandom(64)).decode()) for number in range(count)]


class Place:
    """``async with Place(folder, keys, ...) as place``. ``restart`` after ``kill`` keeps port, keys and state."""

    def __init__(self, folder: Path, keys: list[Key], *options: str, keeps_state: bool = False) -> None:
        self.keys = keys
        self.host, self.port = "127.0.0.1", 0
        self.state = folder / "state.sqlite3"
        self._folder = folder
        self._options = [*options, *(("--state", str(self.state)) if keeps_state else ())]
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            await self.stop(signal.SIGKILL)

    def caller(self, key: Key | None = None) -> Caller:
        return Caller(self.host, self.port, key)

    async def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KRAKEN_", "KFTUI_"))}
        keys, environment = self._given_keys()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tui.exchange", "--port", str(self.port), *keys, *self._options),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=kept | environment,
        )
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), _READY_S)
        self.port = int(json.loads(line)["url"].rsplit(":", 1)[1])

    def _given_keys(self) -> tuple[list[str], dict[str, str]]:
        """One account comes through the environment, several through a file."""
        if len(self.keys) == 1:
            (key,) = self.keys
            return [], {"KRAKEN_FUTURES_API_KEY": key.api_key, "KRAKEN_FUTURES_PRIVATE_KEY": key.private_key}
        rows = [
            {
                "name": key.api_key,
                "api_key": key.api_key,
                "private_key": key.private_key,
                "balances": {"USD": 1_000_000},
            }
            for key in self.keys
        ]
        path = self._folder / "accounts.json"
        path.write_text(json.dumps({"accounts": rows}))
        path.chmod(0o600)
        return ["--accounts", str(path)], {}

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        process, self._process = self._process, None
        assert process is not None
        process.send_signal(how)
        return await asyncio.wait_for(process.wait(), _STOP_S)

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    def use(self) -> Use:
        assert self._process is not None
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return Use(0.0, 0)
        return Use((int(fields[11]) + int(fields[12])) / _TICKS, int(fields[21]) * os.sysconf("SC_PAGE_SIZE"))
