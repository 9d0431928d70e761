"""Everything the desk knows, in the hands that may change it.

One object per concern, all without I/O and without a clock. ``reduce`` changes it by what the stream says,
``reconcile`` by what REST answers, ``answers`` by what came back to our own requests. Invariant: nobody else writes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from decimal import Decimal

from tui.model.account import LogEntry, Notification
from tui.model.decimals import plain
from tui.model.enums import Side
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.margin import BAND_FLOORS, Band, band
from tui.model.program import ProgramLine
from tui.model.state import AlarmKind, DeadMan, Difference
from tui.service.account import AccountLedger
from tui.service.alarms import Alarms
from tui.service.doubts import Doubts, Settled
from tui.service.duties import Wishes
from tui.service.fills import FillGap, FillLedger, oldest_first
from tui.service.link import Ages, FeedLedger, LinkLedger
from tui.service.market import MarketLedger
from tui.service.orders import OrderLedger
from tui.service.positions import PositionLedger
from tui.service.venue_clock import VenueClock

DIFFERENCES_KEPT = 50
LOG_KEPT = 200
NEWS_SPELT_OUT = 3

_SEVERITY = [Band.HEALTHY, *(name for _, name in BAND_FLOORS[1:]), Band.CRITICAL, Band.LIQUIDATION]


class Ledger:
    """``urgent``: something happened that a screen should show before its next frame. ``news_after_ms``: fills older
    than this that arrive late are history, not news; None until the first fills were read.
    """

    def __init__(self) -> None:
        self.wishes = Wishes()
        self.orders = OrderLedger(self.wishes)
        self.fills = FillLedger()
        self.gap = FillGap()
        self.positions = PositionLedger(self.wishes)
        self.account = AccountLedger()
        self.market = MarketLedger()
        self.link = LinkLedger()
        self.feeds = FeedLedger()
        self.ages = Ages()
        self.alarms = Alarms()
        self.doubts = Doubts()
        self.instruments: Mapping[str, Instrument] = {}
        self.leverage: Mapping[str, Decimal] = {}
        self.dead_man = DeadMan()
        self.programs: tuple[ProgramLine, ...] = ()
        self.log: tuple[LogEntry, ...] = ()
        self.notifications: tuple[Notification, ...] = ()
        self.clock = VenueClock()
        self.settled: list[Settled] = []
        self.urgent = False
        self.news_after_ms: int | None = None
        self.fill_n = -1
        self._differences: deque[Difference] = deque(maxlen=DIFFERENCES_KEPT)
        self._bands: dict[str, Band] = {}

    @property
    def clock_skew_ms(self) -> int | None:
        """How far the venue's clock is ahead of ours; None while it is not known."""
        return self.clock.skew_ms

    def set_instruments(self, instruments: tuple[Instrument, ...]) -> None:
        self.instruments = {instrument.symbol: instrument for instrument in instruments}
        self.positions.instruments = self.instruments

    def differences(self) -> tuple[Difference, ...]:
        """Latest first."""
        return tuple(reversed(self._differences))

    def differ(self, topic: str, venue: str, desk: str, resolution: str, now_ms: int) -> None:
        """The venue and the desk disagreed; what came of it."""
        self._differences.append(Difference(now_ms, topic, venue, desk, resolution))

    def count_fills(self, fills: tuple[Fill, ...], n: int, now_ms: int, *, live: bool) -> int:
        """Count those that are new, oldest first, each once. Returns how many were."""
        return self.counted([fill for fill in oldest_first(fills) if self.fills.add(fill)], n, now_ms, live=live)

    def count_executions(self, fills: tuple[Fill, ...], n: int, now_ms: int) -> int:
        """Count the executions of an order's own answer that the stream has not brought before."""
        return self.counted([fill for fill in fills if self.fills.add_execution(fill)], n, now_ms, live=True)

    def counted(self, new: list[Fill], n: int, now_ms: int, *, live: bool) -> int:
        news = []
        for fill in new:
            self.orders.fill(fill, n, now_ms, live=live)
            self.positions.fill(fill, n)
            if live or (self.news_after_ms is not None and fill.time_ms > self.news_after_ms):
                self.fill_n = n
                news.append(fill)
        self._tell(news, now_ms)
        self.judge(now_ms)
        return len(new)

    def seed_fills(self, fills: tuple[Fill, ...]) -> None:
        """Fills kept from earlier runs: known, and no news."""
        for fill in fills:
            if self.fills.add(fill):
                self.orders.fill(fill, -1, fill.time_ms, live=False)
        self.fills.take_changed()
        if fills:
            self.gap.complete(fills)
            self.gap.open()

    def stream_lost(self) -> None:
        """From here on fills may be missed; before the first list of fills there is nothing to miss."""
        if self.news_after_ms is not None:
            self.gap.open()

    def newest_fills(self, fills: tuple[Fill, ...], n: int, now_ms: int, *, streaming: bool) -> None:
        """The newest fills as a list: count what is new, and wish for what lies between it and what was known."""
        since_ms = self.gap.page(fills, self.fills, streaming=streaming)
        if since_ms is not None:
            self.wishes.backfill(since_ms)
        self.count_fills(fills, n, now_ms, live=False)

    def judge(self, now_ms: int, asked_ms: int | None = None) -> None:
        """Settle what evidence allows; see ``Doubts.judge``. Results gather in ``settled`` for the journal."""
        if not self.doubts:
            return
        skew_ms = self.clock_skew_ms or 0
        ended = self.doubts.judge(self.orders, self.leverage, asked_ms=asked_ms, skew_ms=skew_ms)
        self.settled.extend(ended)
        for settled in ended:
            text = f"{settled.intent.what}: {settled.text}"
            self.alarms.information(AlarmKind.RESOLVED, text, now_ms)
            self.urgent = True
            if settled.intent.client_order_id and self.orders.is_submitting(settled.intent.client_order_id):
                self.orders.forget(settled.intent.client_order_id)

    def watch_margin(self, now_ms: int) -> None:
        """Sound when a pool's level falls into a worse band, and when it is healthy again."""
        account = self.account.view()
        for pool in account.pools if account else ():
            now = band(pool.level_pct) or Band.HEALTHY
            before = self._bands.get(pool.name, Band.HEALTHY)
            self._bands[pool.name] = now
            if _SEVERITY.index(now) > _SEVERITY.index(before):
                level = plain((pool.level_pct or Decimal(0)).quantize(Decimal(1)))
                self.alarms.error(AlarmKind.MARGIN, f"{pool.name}: margin level {level} %, {now}", now_ms)
                self.urgent = True
            elif now is Band.HEALTHY and before is not Band.HEALTHY:
                self.alarms.information(AlarmKind.MARGIN, f"{pool.name}: margin level is healthy again", now_ms)

    def _tell(self, news: list[Fill], now_ms: int) -> None:
        if not news:
            return
        self.urgent = True
        if len(news) <= NEWS_SPELT_OUT:
            for fill in news:
                self.alarms.information(AlarmKind.FILL, _fill_line(fill), now_ms)
        else:
            text = f"{len(news)} fills, the last: {_fill_line(news[-1])}"
            self.alarms.information(AlarmKind.FILL, text, now_ms)


def _fill_line(fill: Fill) -> str:
    verb = "Bought" if fill.side is Side.BUY else "Sold"
    left = f", {plain(fill.remaining)} left" if fill.remaining else ""
    return f"{verb} {plain(fill.size)} {fill.symbol} @ {plain(fill.price)} ({fill.liquidity}){left}"
