"""The exchange as strangers find it: another program, known by its addresses and a pair of keys."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import pytest

from tests.e2e.exchange_process import API_KEY, PRIVATE_KEY, environment

START_S = 30
STOP_S = 15
VENUE = "https://futures.kraken.com"


def library(name: str, since: str = "3.11") -> Any:
    """A stranger's module; the asking test module is skipped where it is not installed. ``since``: the first Python it
    is made for.
    """
    reason = f"needs the extra 'strangers' on Python {since} or later: pip install -e '.[strangers]'"
    return pytest.importorskip(name, reason=reason)


@dataclass
class Place:
    """``with Place(options) as place``: a fresh exchange with the tests' keys, gone afterwards. ``home`` is where it
    keeps what it makes.
    """

    options: tuple[str, ...] = ()
    api_key: str = API_KEY
    private_key: str = PRIVATE_KEY
    home: Path | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tui.exchange", "--port", "0", "--seed", "7", *self.options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=environment(**({"KFTUI_HOME": str(self.home)} if self.home else {})),
        )
        assert self._process.stdout is not None
        self.ready: dict[str, Any] = json.loads(self._process.stdout.readline())
        self.url: str = self.ready["url"]
        self.ws: str = self.ready["ws"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        finally:
            self._process.kill()
            assert self._process.stdout is not None
            self._process.stdout.close()

    # --- the operator's hands ------------------------------------------------------------------------------

    def move_price(self, underlying: str, price: float) -> None:
        self._tell("price", underlying=underlying, price=price)

    def advance(self, seconds: int) -> None:
        """Let time pass at once."""
        self._tell("clock/advance", seconds=seconds)

    def _tell(self, command: str, **arguments: object) -> None:
        body = json.dumps(arguments).encode()
        answer = httpx.post(f"{self.url}/paper/v1/{command}", content=body, timeout=START_S)
        assert answer.status_code == 200, answer.text
