"""The shell that reads another venue's public market over the network and tells the engine what it hears.

REST once for contracts and prices, then the public feeds for as long as the exchange runs, and the charts of the last
day beside them. Nothing is ever sent but questions and subscriptions; no key is known here. What comes within a moment
is told to the engine as one tick. A lost or silent upstream is told at once, to the engine and to the clients, and then
it is called again for ever, less and less often. Invariant: every wait has an end, and what is kept between two ticks
is bounded.
"""

import asyncio
import logging
import random
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import quote

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from tui.exchange.instruments import Instrument
from tui.exchange.mirror.answers import KINDS, minutes_path, past_of
from tui.exchange.mirror.contracts import Upstream, UpstreamError, check, quotes_of, upstream_of
from tui.exchange.mirror.news import LinkLost, News
from tui.exchange.mirror.session import MirrorSession
from tui.wire.derivatives import market as wire
from tui.wire.derivatives.codec import MalformedError, decode
from tui.wire.derivatives.frames import TickerFrame
from tui.wire.derivatives.routes import FUNDING_RATES, INSTRUMENTS, TICKERS, WS_PATH

BATCH_S: Final = 0.02
OPEN_TIMEOUT_S: Final = 10.0
ANSWER_TIMEOUT_S: Final = 20.0
SEND_TIMEOUT_S: Final = 5.0
CLOSE_TIMEOUT_S: Final = 0.5
PING_EVERY_S: Final = 20.0
JUDGE_EVERY_S: Final = 0.1
PAST_MS: Final = 24 * 3_600_000
_ASKERS: Final = 3
_MOST_WAITING: Final = 5_000
_FRAME_LIMIT: Final = 16 * 1024 * 1024
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 15.0

_socket_log = logging.getLogger("tui.exchange.upstream.socket")
_socket_log.setLevel(logging.WARNING)

S = TypeVar("S")


class _DroppedError(Exception):
    """This side gave the connection up; the text is the reason."""


_LOSSES: Final = (_DroppedError, ConnectionClosed, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an upstream is: ``https://host[:port]``; the socket is beside it."""

    url: str

    @property
    def socket(self) -> str:
        scheme, _, rest = self.url.rstrip("/").partition("://")
        return f"{'wss' if scheme == 'https' else 'ws'}://{rest}{WS_PATH}"


async def read_contracts(place: Place, only: Iterable[str]) -> Upstream:
    """What the upstream lists now. Raises ``UpstreamError``."""
    async with _client(place) as client:
        instruments = await _ask(client, wire.Instruments, INSTRUMENTS.path)
        tickers = await _ask(client, wire.Tickers, TICKERS.path)
    upstream = upstream_of(instruments, quotes_of(tickers), only)
    check(upstream, place.url, only)
    return upstream


class Follower:
    """Follows one upstream. ``tell`` gets what was heard, in order; ``announce`` words for the clients; ``now_ms`` is
    the exchange's time.
    """

    def __init__(
        self,
        place: Place,
        session: MirrorSession,
        tell: Callable[[Sequence[News]], None],
        announce: Callable[[str], None],
        now_ms: Callable[[], int],
    ) -> None:
        self._place = place
        self._session = session
        self._tell = tell
        self._announce = announce
        self._now_ms = now_ms
        self._heard: list[News] = []
        self._wake = asyncio.Event()
        self._lost = False

    async def run(self, past: Iterable[Instrument]) -> None:
        """Ends only by cancellation. ``past``: contracts whose candles and rates are asked for once, in this order."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._connections())
            tasks.create_task(self._batches())
            tasks.create_task(self._recall(past))

    # --- the feeds -----------------------------------------------------------------------------------------

    async def _connections(self) -> None:
        attempts = 0
        while True:
            since_s = _steady_s()
            reason = await self._connection()
            attempts = 0 if _steady_s() - since_s > _LONGEST_WAIT_S else attempts + 1
            self._lose(reason)
            limit_s = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(attempts, 10))
            await asyncio.sleep(limit_s * random.uniform(0.5, 1.0))  # noqa: S311 - so that many do not knock at once

    async def _connection(self) -> str:
        """One connection from its opening to its loss. Returns why it ended."""
        try:
            socket = await connect(
                self._place.socket,
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                ping_interval=PING_EVERY_S,
                max_size=_FRAME_LIMIT,
                compression=None,
                proxy=None,
                logger=_socket_log,
            )
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            return f"no connection: {_said(error)}"
        try:
            return await self._until_lost(socket)
        finally:
            socket.transport.abort()

    async def _until_lost(self, socket: ClientConnection) -> str:
        """Why it ended. Not a task group: one that is cancelled while a part of it fails tells of the failure alone
        (Python 3.11), and whoever waits for this side to end would wait for ever.
        """
        parts = [asyncio.create_task(part) for part in (self._read(socket), self._judge(socket))]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in parts:
                part.cancel()
            ends = await asyncio.gather(*parts, return_exceptions=True)
        errors = [end for end in ends if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError)]
        for error in errors:
            if not isinstance(error, _LOSSES):
                raise error
        return _words(errors[0])

    async def _read(self, socket: ClientConnection) -> None:
        self._hear(self._session.opened(_steady_ms()))
        while True:
            self._hear(self._session.receive(await socket.recv(decode=False), _steady_ms()))

    async def _judge(self, socket: ClientConnection) -> None:
        """Send what is due, and give up an upstream that has nothing to say."""
        while True:
            for frame in self._session.outgoing(_steady_ms()):
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await socket.send(frame, text=True)
            await asyncio.sleep(JUDGE_EVERY_S)
            reason = self._session.broken(_steady_ms())
            if reason is not None:
                raise _DroppedError(reason)

    def _hear(self, news: Sequence[News]) -> None:
        if not news:
            return
        if self._lost and isinstance(news[0], TickerFrame):
            self._lost = False
            self._announce(f"Prices of {self._place.url} are back; each market opens as its book arrives.")
        self._heard.extend(news)
        self._wake.set()
        if len(self._heard) >= _MOST_WAITING:
            self._flush()

    async def _batches(self) -> None:
        """At once when it has been quiet; what comes in quick succession goes together."""
        while True:
            await self._wake.wait()
            self._flush()
            await asyncio.sleep(BATCH_S)

    def _flush(self) -> None:
        heard, self._heard = self._heard, []
        self._wake.clear()
        if heard:
            self._tell(heard)

    def _lose(self, reason: str) -> None:
        """Every market stands still before the next order is looked at."""
        self._heard.append(LinkLost(reason))
        self._flush()
        if not self._lost:
            self._lost = True
            self._announce(f"No prices from {self._place.url}: {reason}. Its markets are suspended until it is back.")

    # --- the past ------------------------------------------------------------------------------------------

    async def _recall(self, past: Iterable[Instrument]) -> None:
        """Candles and funding rates of the last day; what does not answer is left out."""
        since_s = (self._now_ms() - PAST_MS) // 1000
        questions: list[tuple[str, str]] = []
        for instrument in past:
            symbol = instrument.symbol
            questions += [(minutes_path(kind, symbol), f"from={since_s}") for kind in KINDS]
            if instrument.perpetual:
                questions.append((FUNDING_RATES.path, f"symbol={quote(symbol)}"))
        questions.reverse()
        async with _client(self._place) as client, asyncio.TaskGroup() as tasks:
            for _ in range(_ASKERS):
                tasks.create_task(self._ask_past(client, questions))

    async def _ask_past(self, client: httpx.AsyncClient, questions: list[tuple[str, str]]) -> None:
        while questions:
            path, query = questions.pop()
            try:
                response = await _in_time(client.get(f"{path}?{query}"))
            except (httpx.HTTPError, TimeoutError, OSError):
                continue
            found = past_of(path, query, response.content) if response.status_code == httpx.codes.OK else None
            if found is not None:
                self._hear((found,))


# --- one question ------------------------------------------------------------------------------------------


def _client(place: Place) -> httpx.AsyncClient:
    verify: ssl.SSLContext | bool = httpx.create_ssl_context() if place.url.startswith("https") else False
    headers = {"User-Agent": "kftui", "Accept": "application/json"}
    return httpx.AsyncClient(
        base_url=place.url, headers=headers, verify=verify, timeout=ANSWER_TIMEOUT_S, trust_env=False
    )


async def _ask(client: httpx.AsyncClient, shape: type[S], path: str) -> S:
    address = str(client.base_url).rstrip("/") + path
    try:
        response = await _in_time(client.get(path))
        response.raise_for_status()
        return decode(shape, response.content)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
        raise UpstreamError(f"no answer from {address}: {_said(error)}") from None
    except MalformedError as error:
        raise UpstreamError(f"{address} is no venue of this kind: {error}") from None


async def _in_time(answer: Awaitable[httpx.Response]) -> httpx.Response:
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        return await answer


def _steady_s() -> float:
    return asyncio.get_running_loop().time()


def _steady_ms() -> int:
    return int(_steady_s() * 1000)


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _words(error: BaseException) -> str:
    if isinstance(error, ConnectionClosed):
        return f"it closed the connection ({error.rcvd})" if error.rcvd else "the connection broke"
    if isinstance(error, TimeoutError):
        return "it does not take what is sent"
    return _said(error)
