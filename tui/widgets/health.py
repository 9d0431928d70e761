"""Health panels: each feed and endpoint by itself, what was found to differ, and what the desk has been doing.

Invariant: words of the venue appear here as they came, made printable; nothing is summed up into one green light.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from tui.model.state import Difference, EndpointHealth, FeedHealth
from tui.model.view import View
from tui.widgets.columns import Column, Context
from tui.widgets.flow import Item, flow, item
from tui.widgets.format import NONE, PLAIN, Format, age, printable
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.panel import Panel
from tui.widgets.table import LineTable

SPARKS = "▁▂▃▄▅▆▇█"
BUDGET_SECONDS = 120
RATE_SECONDS = 10


def _since(at_ms: int | None, context: Context) -> str:
    return NONE if at_ms is None else age(context.view.now_ms - at_ms)


def _trouble(count: int, context: Context) -> Span:
    del context
    return str(count), Ink.WARN if count else Ink.DIM


FEED_COLUMNS: tuple[Column[FeedHealth], ...] = (
    Column("feed", lambda f, _: (f.name, Ink.STRONG), right=False),
    Column("state", lambda f, _: ("on", Ink.TEXT) if f.subscribed else ("OFF", Ink.WARN), right=False),
    Column("last", lambda f, c: (_since(f.last_ms, c), Ink.TEXT), flashes=False),
    Column("frames", lambda f, c: (c.fmt.thousands_of(f.frames), Ink.TEXT), 3, flashes=False),
    Column("gaps", lambda f, c: _trouble(f.gaps, c), 1),
    Column("last error", lambda f, _: (printable(f.error), Ink.WARN), 2, right=False),
)

ENDPOINT_COLUMNS: tuple[Column[EndpointHealth], ...] = (
    Column("endpoint", lambda e, _: (e.name, Ink.STRONG), right=False),
    Column("last ok", lambda e, c: (_since(e.last_ok_ms, c), Ink.TEXT), flashes=False),
    Column("took", lambda e, _: (age(e.latency_ms), Ink.TEXT), 2, flashes=False),
    Column("calls", lambda e, c: (c.fmt.thousands_of(e.calls), Ink.TEXT), 3, flashes=False),
    Column("errors", lambda e, c: _trouble(e.errors, c), 1),
    Column("last error", lambda e, _: (printable(e.error), Ink.WARN), 2, right=False),
)

DIFFERENCE_COLUMNS: tuple[Column[Difference], ...] = (
    Column("time", lambda d, c: (c.fmt.clock(d.at_ms), Ink.DIM), 1, right=False),
    Column("about", lambda d, _: (printable(d.topic), Ink.STRONG), right=False),
    Column("Kraken says", lambda d, _: (printable(d.venue), Ink.TEXT), right=False),
    Column("we thought", lambda d, _: (printable(d.desk), Ink.TEXT), right=False),
    Column("outcome", lambda d, _: (printable(d.resolution), Ink.TEXT), 2, right=False),
)


class FeedsTable(LineTable[FeedHealth]):
    details = True
    empty = "no feed yet: the stream is being opened"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        rate = Column("rate", self._rate, 4, flashes=False)
        super().__init__("Feeds", (*FEED_COLUMNS[:4], rate, *FEED_COLUMNS[4:]), id=id)
        self._counts: deque[tuple[int, dict[str, int]]] = deque(maxlen=RATE_SECONDS)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.health.feeds, view.now_ms // 1000)

    def show(self, view: View, fmt: Format = PLAIN) -> None:
        """Also remembers, once a second, how many frames there were: the rate is of the last seconds."""
        if not self._counts or view.now_ms - self._counts[-1][0] >= 1000:
            self._counts.append((view.now_ms, {feed.name: feed.frames for feed in view.state.health.feeds}))
        super().show(view, fmt)

    def _rate(self, feed: FeedHealth, context: Context) -> Span:
        at_ms, frames = self._counts[0] if self._counts else (context.view.now_ms, {})
        seconds = (context.view.now_ms - at_ms) / 1000
        if seconds < 1 or feed.name not in frames:
            return NONE, Ink.DIM
        return f"{(feed.frames - frames[feed.name]) / seconds:.1f}/s", Ink.TEXT

    def rows(self, view: View) -> Sequence[FeedHealth]:
        return view.state.health.feeds

    def key(self, row: FeedHealth) -> str:
        return row.name

    def symbol(self, row: FeedHealth) -> str | None:
        del row
        return None


class EndpointsTable(LineTable[EndpointHealth]):
    details = True
    empty = "no request made yet"

    def __init__(self, *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("REST", ENDPOINT_COLUMNS, divider=divider, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.health.endpoints, view.now_ms // 1000)

    def rows(self, view: View) -> Sequence[EndpointHealth]:
        return view.state.health.endpoints

    def key(self, row: EndpointHealth) -> str:
        return row.name

    def symbol(self, row: EndpointHealth) -> str | None:
        del row
        return None


class DifferencesTable(LineTable[Difference]):
    """Cross-checks that disagreed, newest first."""

    empty = "none: REST and stream agree"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Kraken says / we thought", DIFFERENCE_COLUMNS, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.health.differences,)

    def rows(self, view: View) -> Sequence[Difference]:
        return view.state.health.differences

    def key(self, row: Difference) -> str:
        return f"{row.at_ms} {row.topic}"

    def symbol(self, row: Difference) -> str | None:
        del row
        return None


class LinkPanel(Panel):
    """The link, the desk's own pulse, the rate budget of the last two minutes, and the venue's latest notice."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Link", id=id)
        self._budget: deque[tuple[int, int]] = deque(maxlen=BUDGET_SECONDS)

    def sources(self, view: View) -> tuple[object, ...]:
        state = view.state
        return (state.link, state.health, state.budget, state.notifications, view.pulse, view.now_ms // 1000)

    def body(self, view: View, width: int, height: int) -> list[Line]:
        second, left = view.now_ms // 1000, view.state.budget.available
        if not self._budget or self._budget[-1][0] != second:
            self._budget.append((second, left))
        gap = ("   ", Ink.DIM)
        notices = [[item(0, "notice ", (printable(one.note), Ink.WARN))] for one in view.state.notifications[:1]]
        groups = [self._link(view), *notices, self._budget_items(view, width), self._pulse(view)]
        return [Line((("  ", Ink.DIM), *flow(items, width - 2, gap))) for items in groups][:height]

    def _link(self, view: View) -> list[Item]:
        link = view.state.link
        return [
            item(
                0,
                "stream ",
                (link.status.value.upper(), Ink.STRONG if link.status == "live" else Ink.WARN),
                f" for {age(view.now_ms - link.since_ms)}",
            ),
            item(1, "round trip ", (age(link.round_trip_ms), Ink.TEXT)),
            item(2, "reconnects ", (str(link.reconnects), Ink.TEXT)),
            item(3, "url ", (printable(view.state.url), Ink.TEXT)),
            *([item(1, (printable(link.reason), Ink.WARN))] if link.reason else []),
        ]

    def _pulse(self, view: View) -> list[Item]:
        health, pulse = view.state.health, view.pulse
        return [
            item(0, "clock skew ", (_millis(health.clock_skew_ms), Ink.TEXT)),
            item(1, "loop late ", (f"{pulse.loop_late_ms:.1f} ms", Ink.TEXT)),
            item(2, "frame ", (f"{pulse.frame_ms:.1f} ms", Ink.TEXT)),
            item(4, "frames ", (f"{pulse.frames_per_s:.0f}/s", Ink.TEXT)),
            item(3, "queue ", (str(health.queue_depth), Ink.TEXT)),
            item(5, "messages ", (self.fmt.thousands_of(health.messages), Ink.TEXT)),
            item(4, "key ", (printable(health.permissions) or NONE, Ink.TEXT)),
            *([item(6, "keys from ", (printable(view.state.keys_from), Ink.TEXT))] if view.state.keys_from else []),
        ]

    def _budget_items(self, view: View, width: int) -> list[Item]:
        budget = view.state.budget
        room = max(8, min(BUDGET_SECONDS, width - 40))
        sparks = "".join(_spark(left, budget.total) for _, left in list(self._budget)[-room:])
        waiting = budget.wait_until_ms is not None and budget.wait_until_ms > view.now_ms
        words = f"wait {age((budget.wait_until_ms or 0) - view.now_ms)}: {printable(budget.reason)}" if waiting else ""
        return [
            item(0, "budget ", (f"{budget.available} of {budget.total}", Ink.STRONG)),
            *([item(2, (sparks, Ink.DIM))] if len(sparks) > 1 else []),
            *([item(1, (words, Ink.WARN))] if words else []),
        ]


def _millis(skew: int | None) -> str:
    return NONE if skew is None else f"{skew:+d} ms"


def _spark(part: int, whole: int) -> str:
    share = max(0, min(part, whole)) / whole if whole else 0
    return SPARKS[min(len(SPARKS) - 1, int(share * len(SPARKS)))]


class LogTail(Panel):
    """The end of the journal: what was asked and what came back, newest at the bottom."""

    def __init__(self, *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Journal", divider=divider, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.journal_tail,)

    def body(self, view: View, width: int, height: int) -> list[Line]:
        del width
        if not view.journal_tail:
            return [Line((("  nothing asked yet", Ink.DIM),))]
        return [Line(((f"  {printable(text)}", Ink.TEXT),)) for text in view.journal_tail[-height:]]
