"""How old the numbers of a panel are, and whether they may still be believed.

Invariant: a number is fresh only while the link is live *and* its own source spoke recently; either alone is not
enough, because a socket can stay open over a dead feed.
"""

from __future__ import annotations

from msgspec import Struct

from tui.model.state import LinkStatus, Slice, State
from tui.widgets.format import age

STALE_AFTER_MS = {
    Slice.INSTRUMENTS: 25 * 3_600_000,  # read at start and then daily
    Slice.MARKET: 10_000,  # tickers come once a second at least
    Slice.ORDERS: 15_000,  # REST repeats these every 10 s, whatever the stream does
    Slice.FILLS: 15_000,
    Slice.POSITIONS: 15_000,
    Slice.MARGIN: 15_000,
}


class Freshness(Struct, frozen=True):
    """``text`` is ``ws 14 ms · rest 3 s``, or ``stale 12 s`` when ``stale``; ``short`` the newest age alone."""

    stale: bool
    text: str
    short: str


def freshness(state: State, now_ms: int, part: Slice) -> Freshness:
    """Freshness of one slice at ``now_ms`` (local clock)."""
    ages = state.ages.get(part)
    latest = ages.latest_ms if ages else None
    if ages is None or latest is None:
        return Freshness(stale=True, text="no data yet", short="no data")
    if state.link.status is not LinkStatus.LIVE or now_ms - latest > STALE_AFTER_MS[part]:
        words = f"stale {age(now_ms - latest)}"
        return Freshness(stale=True, text=words, short=words)
    sources = (("ws", ages.stream_ms), ("rest", ages.rest_ms))
    said = [f"{name} {age(now_ms - at)}" for name, at in sources if at is not None]
    return Freshness(stale=False, text=" · ".join(said), short=age(now_ms - latest))
