"""A wire between a program and a server on this machine that keeps everything the program said, in clear."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_HEAD_END = b"\r\n\r\n"


class Wiretap:
    """``url`` stands for ``target``. ``said`` is what was sent there, WebSocket frames unmasked."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._host, self._port = parts.hostname, parts.port
        self._lines: list[bytearray] = []
        self.url = ""

    @property
    def said(self) -> bytes:
        return b"\n".join(_clear(bytes(line)) for line in self._lines)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = bytearray()
        self._lines.append(line)
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        await asyncio.gather(_pass(reader, far_writer, line), _pass(far_reader, writer, bytearray()))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            kept += data
            writer.write(data)
            await writer.drain()
    writer.close()


def _clear(line: bytes) -> bytes:
    """HTTP as it is; of an upgraded connection the head, then the payload of each frame (RFC 6455, section 5.2)."""
    head, _, rest = line.partition(_HEAD_END)
    if b"upgrade: websocket" not in head.lower():
        return line
    payloads = [head]
    while len(rest) >= 6:
        assert not rest[0] & 0x40, "a compressed frame hides what it says"
        size, at = rest[1] & 0x7F, 2
        if size >= 126:
            at += 2 if size == 126 else 8
            size = int.from_bytes(rest[2:at], "big")
        mask, body = rest[at : at + 4], rest[at + 4 : at + 4 + size]
        payloads.append(bytes(byte ^ mask[index % 4] for index, byte in enumerate(body)))
        rest = rest[at + 4 + size :]
    return b"\n".join(payloads)
