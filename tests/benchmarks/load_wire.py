"""A caller that costs little: one kept connection, one question at a time, requests written by hand.

A load generator shares two cores with what it measures, so a client library's price would be taken from the exchange.
Invariant: a connection carries one question at a time, and its answer is read whole before the next is asked.
"""

import asyncio
import hashlib
import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

ANSWER_S: Final = 30.0


class NoAnswerError(Exception):
    """The connection ended, or patience did: what was asked may have happened or not."""


@dataclass
class Key:
    """An account's key pair and its nonces, which rise whoever asks."""

    api_key: str
    private_key: str = field(repr=False)
    nonce: int = 0

    def __post_init__(self) -> None:
        self._secret = b64decode(self.private_key)

    def headers(self, data: bytes, path: str) -> bytes:
        """``APIKey``, ``Nonce`` and ``Authent`` lines for ``data`` asked of ``path`` (Kraken docs, futures REST)."""
        self.nonce = max(self.nonce + 1, time.time_ns() // 1000)
        nonce = str(self.nonce)
        digest = hashlib.sha256(data + nonce.encode() + path.removeprefix("/derivatives").encode()).digest()
        return f"APIKey: {self.api_key}\r\nNonce: {nonce}\r\nAuthent: {self._sign(digest)}\r\n".encode()

    def sign_challenge(self, challenge: str) -> str:
        return self._sign(hashlib.sha256(challenge.encode()).digest())

    def _sign(self, digest: bytes) -> str:
        return b64encode(hmac.digest(self._secret, digest, "sha512")).decode()


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Caller(asyncio.Protocol):
    """Connects when first asked, and again after a lost connection."""

    def __init__(self, host: str, port: int, key: Key | None = None) -> None:
        self._place = (host, port)
        self._host_line = f"Host: {host}:{port}\r\n".encode()
        self._key = key
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._buffer = b""

    async def get(self, path: str, **query: object) -> Answer:
        text = urlencode(query)
        target = f"{path}?{text}" if text else path
        return await self._ask("GET", path, target, text.encode(), b"")

    async def post(self, path: str, form: Mapping[str, object]) -> Answer:
        body = urlencode(form).encode()
        return await self._ask("POST", path, path, body, body)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    async def _ask(self, method: str, path: str, target: str, signed: bytes, body: bytes) -> Answer:
        """Raises ``NoAnswerError`` once anything may have left; ``OSError`` if nothing has."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            await loop.create_connection(lambda: self, *self._place)
        assert self._transport is not None
        head = f"{method} {target} HTTP/1.1\r\n".encode() + self._host_line
        if self._key is not None:
            head += self._key.headers(signed, path)
        if body:
            head += b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n" % len(body)
        self._answer = loop.create_future()
        self._transport.write(head + b"\r\n" + body)
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._answer
        except TimeoutError:
            self.close()
            raise NoAnswerError(f"nothing for {ANSWER_S:g} s") from None

    # --- as asyncio calls it -------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(NoAnswerError(str(exc or "the connection was closed")))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = self._buffer[:head_end].lower()
        place = head.index(b"content-length:") + len(b"content-length:")
        end = head.find(b"\r\n", place)
        whole = head_end + 4 + int(head[place : end if end >= 0 else head_end])
        if len(self._buffer) < whole or self._answer is None or self._answer.done():
            return
        answer = Answer(int(self._buffer[9:12]), self._buffer[head_end + 4 : whole])
        self._buffer = self._buffer[whole:]
        self._answer.set_result(answer)
