"""Writes of one turn of the loop leave together.

A server writes an answer's head and body apart, and a stream's frames one by one; each would be a system call of its
own, and those cost more than the order itself. Invariant: bytes leave in the order written, within the turn.
"""

import asyncio
from typing import Any


class Cork:
    """Wraps a transport; everything but writing and ending goes straight to it."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._kept:
            self._loop.call_soon(self._let_go)
        self._kept.append(data)

    def close(self) -> None:
        self._let_go()
        self._transport.close()

    def abort(self) -> None:
        self._let_go()
        self._transport.abort()

    def _let_go(self) -> None:
        if self._kept:
            data = b"".join(self._kept)
            self._kept.clear()
            self._transport.write(data)
