"""Which market the exchange runs, and what has to run beside it: nothing, a reader of a venue, or of a recording.

Invariant: the network libraries are loaded only if a venue is mirrored.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tui.exchange import rerun
from tui.exchange.driver import Driver
from tui.exchange.mirror.contracts import Upstream
from tui.exchange.mirror.driver import Mirror
from tui.exchange.mirror.session import MirrorSession
from tui.exchange.notices import Notice
from tui.exchange.options import Options
from tui.exchange.synthetic import Synthetic
from tui.exchange.venue import Venue

Beside = Callable[[Venue], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Choice:
    """``beside`` runs as long as the exchange does; ``start_ms`` is where its time begins, None for now."""

    driver: Driver
    beside: Beside | None = None
    start_ms: int | None = None


def choose(options: Options) -> Choice:
    """Raises ``UpstreamError``; a venue that is to be mirrored is asked for its contracts here."""
    match options.market:
        case "live":
            return _live(options)
        case "replay" if options.recording is not None:
            return _replay(options)
        case _:
            return Choice(Synthetic())


def _live(options: Options) -> Choice:
    from tui.exchange import upstream  # noqa: PLC0415 - a tenth of a second that other markets need not wait

    place = upstream.Place(options.upstream)
    found = asyncio.run(upstream.read_contracts(place, options.contracts))

    async def follow(venue: Venue) -> None:
        reader = upstream.Follower(place, _session(found), venue.tick, _announcer(venue), venue.now_ms)
        await reader.run(one.instrument for one in found.contracts)

    return Choice(Mirror(found), follow)


def _replay(options: Options) -> Choice:
    assert options.recording is not None  # noqa: S101 - options are complete
    recording = rerun.open_recording(options.recording)
    found = rerun.read_contracts(recording, options.contracts)

    async def play(venue: Venue) -> None:
        session, speed = _session(found), venue.options.speed
        player = rerun.Player(recording, session, venue.tick, _announcer(venue), venue.now_ms, speed=speed)
        await player.run(loop=options.loop)

    return Choice(Mirror(found), play, recording.header.started_ms)


def _session(found: Upstream) -> MirrorSession:
    return MirrorSession((one.instrument.symbol for one in found.contracts), found.priced)


def _announcer(venue: Venue) -> Callable[[str], None]:
    def announce(note: str) -> None:
        number = venue.hub.notified + 1
        notice = Notice(number=number, note=note, type="market", priority="medium", effective_ms=venue.now_ms())
        venue.hub.notify(notice)

    return announce
