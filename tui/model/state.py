"""The desk's whole knowledge at one moment, immutable. Screens read this and nothing else.

A slice that did not change is the same object, so a screen may skip it with ``is``. Every number here has an age:
``ages`` says, per slice, when the stream and when REST last spoke about it (local receipt time).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct, field

from tui.model.account import Account, LogEntry, Notification
from tui.model.book import Book
from tui.model.enums import Environment
from tui.model.fill import Fill
from tui.model.instrument import Instrument
from tui.model.market import Candle, PublicTrade
from tui.model.order import Order, Unresolved
from tui.model.position import Position
from tui.model.program import ProgramLine
from tui.model.ticker import Ticker


class Slice(StrEnum):
    """The parts of state that age on their own."""

    INSTRUMENTS = "instruments"
    MARKET = "market"
    ORDERS = "orders"
    FILLS = "fills"
    POSITIONS = "positions"
    MARGIN = "margin"


class LinkStatus(StrEnum):
    CONNECTING = "connecting"
    LIVE = "live"
    STALE = "stale"
    DOWN = "down"


class Age(Struct, frozen=True):
    """When each source last spoke, epoch ms of the local clock; None = never."""

    stream_ms: int | None = None
    rest_ms: int | None = None

    @property
    def latest_ms(self) -> int | None:
        seen = [at for at in (self.stream_ms, self.rest_ms) if at is not None]
        return max(seen) if seen else None


class Link(Struct, frozen=True):
    """State of the stream. ``stale`` means connected, but not (yet) to be believed."""

    status: LinkStatus = LinkStatus.CONNECTING
    since_ms: int = 0
    epoch: int = 0
    last_frame_ms: int | None = None
    round_trip_ms: int | None = None
    reconnects: int = 0
    reason: str = ""
    retry_at_ms: int | None = None


class RateBudget(Struct, frozen=True):
    """The venue's request budget as counted here.

    ``wait_until_ms``: the venue said to wait; new orders wait, cancels go first.
    """

    available: int = 500
    total: int = 500
    wait_until_ms: int | None = None
    reason: str = ""


class DeadMan(Struct, frozen=True):
    """The venue's cancel-all timer, and when it fires at the earliest. None: not armed by this desk. ``is_certain``
    False: the last request about it was not answered; ``latest_ms`` is then when it has fired at the latest, if it was
    set by that request.
    """

    fires_at_ms: int | None = None
    timeout_s: int = 60
    is_certain: bool = True
    latest_ms: int | None = None


class FeedHealth(Struct, frozen=True):
    name: str
    subscribed: bool = False
    last_ms: int | None = None
    frames: int = 0
    gaps: int = 0
    error: str = ""


class EndpointHealth(Struct, frozen=True):
    name: str
    calls: int = 0
    errors: int = 0
    last_ok_ms: int | None = None
    latency_ms: int | None = None
    error: str = ""


class Difference(Struct, frozen=True):
    """A cross-check that disagreed: what Kraken said and what we thought, and what became of it."""

    at_ms: int
    topic: str
    venue: str
    desk: str
    resolution: str


class AlarmKind(StrEnum):
    FILL = "fill"
    REFUSED = "refused"
    UNRESOLVED = "unresolved"
    RESOLVED = "resolved"
    LINK = "link"
    MARGIN = "margin"
    NOTICE = "notice"


class Alarm(Struct, frozen=True):
    """Something the trader must hear of at once. ``number`` rises by one, so that a screen shows each once."""

    number: int
    at_ms: int
    kind: AlarmKind
    text: str
    severity: str = "information"  # information, warning or error


class Health(Struct, frozen=True):
    feeds: tuple[FeedHealth, ...] = ()
    endpoints: tuple[EndpointHealth, ...] = ()
    differences: tuple[Difference, ...] = ()
    clock_skew_ms: int | None = None
    queue_depth: int = 0
    messages: int = 0
    permissions: str = ""


class Tape(Struct, frozen=True):
    """Where in a recording this moment is. ``of`` is what was recorded; ``ending`` how the recording ended, empty
    before its end.
    """

    of: str
    position_ms: int
    length_ms: int
    speed: float = 1.0
    is_paused: bool = False
    ending: str = ""


class State(Struct, frozen=True):
    """``orders`` are those that work (open or submitting), newest first; ``closed`` the last ones that stopped;
    ``programs`` are brackets, OCO and chases that the desk looks after;
    ``fills`` newest first, bounded; ``unresolved`` oldest first. Books and tape exist for watched symbols only.
    ``leverage`` maps a symbol to its isolated cap; absent means cross. ``replay`` is None where things happen now.
    """

    environment: Environment
    url: str
    link: Link = Link()
    budget: RateBudget = RateBudget()
    dead_man: DeadMan = DeadMan()
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    tickers: Mapping[str, Ticker] = field(default_factory=dict)
    books: Mapping[str, Book] = field(default_factory=dict)
    tape: Mapping[str, tuple[PublicTrade, ...]] = field(default_factory=dict)
    candles: Mapping[str, tuple[Candle, ...]] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    closed: tuple[Order, ...] = ()
    programs: tuple[ProgramLine, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    fills: tuple[Fill, ...] = ()
    positions: tuple[Position, ...] = ()
    account: Account | None = None
    leverage: Mapping[str, Decimal] = field(default_factory=dict)
    log: tuple[LogEntry, ...] = ()
    notifications: tuple[Notification, ...] = ()
    ages: Mapping[Slice, Age] = field(default_factory=dict)
    health: Health = Health()
    alarms: tuple[Alarm, ...] = ()
    can_trade: bool = True
    view_reason: str = ""
    replay: Tape | None = None
    profile: str = ""  # the name of the keys, if they were called by one
    keys_from: str = ""  # where they were found, in words

    def position(self, symbol: str) -> Position | None:
        return next((position for position in self.positions if position.symbol == symbol), None)

    def order(self, order_id: str) -> Order | None:
        return next((order for order in self.orders if order.order_id == order_id), None)
