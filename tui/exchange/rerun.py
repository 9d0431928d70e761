"""A recording's public part as an upstream: its frames and answers are heard again when their time has come.

The exchange's clock then begins at the recording's own time, so that candles, funding hours and expiries are those of
the recording; at the end the markets stand still, or all of it comes again. Accounts live on through both. Contracts
whose book was not recorded are listed and stay suspended. Invariant: what is heard depends on the file and the
exchange's time alone.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

from tui.exchange.mirror.answers import past_of
from tui.exchange.mirror.contracts import Upstream, UpstreamError, check, quotes_of, upstream_of
from tui.exchange.mirror.news import LinkLost, News
from tui.exchange.mirror.quote import Quote, of_frame
from tui.exchange.mirror.session import MirrorSession
from tui.wire.derivatives import market as wire
from tui.wire.derivatives.codec import MalformedError, decode, decode_frame
from tui.wire.derivatives.frames import TickerFrame
from tui.wire.derivatives.routes import INSTRUMENTS, TICKERS
from tui.wire.recording import Recording, RecordingError, Said, Told, public_part

PAUSE_S: Final = 0.02
S = TypeVar("S")
_MOST_AT_ONCE: Final = 1_000
_LOOK_FOR_TICKERS: Final = 20_000
"""Rows after which a price that has not come is not waited for."""


def open_recording(path: Path) -> Recording:
    """Raises ``UpstreamError``."""
    try:
        return Recording(path)
    except RecordingError as error:
        raise UpstreamError(str(error)) from None


def read_contracts(recording: Recording, only: Iterable[str]) -> Upstream:
    """What was listed when the recording was made. Raises ``UpstreamError``."""
    instruments: wire.Instruments | None = None
    quotes: dict[str, Quote] = {}
    for number, one in enumerate(public_part(recording.rows())):
        if isinstance(one, Told):
            instruments = instruments or _answer(wire.Instruments, INSTRUMENTS.path, one)
            tickers = _answer(wire.Tickers, TICKERS.path, one)
            quotes = ({} if tickers is None else quotes_of(tickers)) | quotes
        else:
            quotes = _first_quote(one) | quotes
        complete = instruments is not None and all(row.symbol in quotes for row in instruments.instruments)
        if complete or number > _LOOK_FOR_TICKERS:
            break
    if instruments is None:
        raise UpstreamError(f"{recording.path} does not hold the contract list")
    upstream = upstream_of(instruments, quotes, only)
    check(upstream, str(recording.path), only)
    return upstream


def _first_quote(said: Said) -> dict[str, Quote]:
    try:
        frame = decode_frame(said.text)
    except MalformedError:
        return {}
    return {frame.product_id: of_frame(frame)} if isinstance(frame, TickerFrame) else {}


def _answer(shape: type[S], path: str, told: Told) -> S | None:
    try:
        return decode(shape, told.body) if told.path == path else None
    except MalformedError:
        return None


class Player:
    """Tells what was heard. ``now_ms`` is the exchange's time, ``speed`` how fast that runs."""

    def __init__(
        self,
        recording: Recording,
        session: MirrorSession,
        tell: Callable[[Sequence[News]], None],
        announce: Callable[[str], None],
        now_ms: Callable[[], int],
        *,
        speed: float,
    ) -> None:
        self._recording = recording
        self._session = session
        self._tell = tell
        self._announce = announce
        self._now_ms = now_ms
        self._speed = speed
        self._is_good = False

    async def run(self, *, loop: bool) -> None:
        """Ends after the last row, unless ``loop``."""
        while True:
            await self._once()
            self._is_good = False
            self._tell((LinkLost("the recording has ended"),))
            ending = f"The recording has ended ({self._recording.ending})"
            if not loop:
                self._announce(f"{ending}; its markets are suspended.")
                return
            self._announce(f"{ending} and begins again.")
            await asyncio.sleep(PAUSE_S)

    async def _once(self) -> None:
        shift_ms = self._now_ms() - self._recording.header.started_ms
        heard: list[News] = []
        for one in public_part(self._recording.rows()):
            if one.at_ms + shift_ms > self._now_ms() or len(heard) >= _MOST_AT_ONCE:
                self._tell(heard)
                heard = []
                await self._until(one.at_ms, shift_ms)
            heard += self._news(one)
        self._tell(heard)

    async def _until(self, at_ms: int, shift_ms: int) -> None:
        """Wait for a row's time. A silence of the recording is a silence of the venue."""
        while True:
            now_ms = self._now_ms() - shift_ms
            reason = self._session.broken(min(now_ms, at_ms))
            if reason is not None and self._is_good:
                self._is_good = False
                self._tell((LinkLost(reason),))
            await asyncio.sleep(min(max((at_ms - now_ms) / 1000 / self._speed, 0), PAUSE_S))
            if self._now_ms() - shift_ms >= at_ms:
                return

    def _news(self, one: Said | Told) -> Iterator[News]:
        if isinstance(one, Told):
            past = past_of(one.path, one.query, one.body)
            if past is not None:
                yield past
            return
        if not self._is_good:
            self._is_good = True
            yield from self._session.opened(one.at_ms)
        yield from self._session.receive(one.text, one.at_ms)
