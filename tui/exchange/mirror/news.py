"""What can be heard of an upstream: its own frames, and what a shell or the session has to add.

Invariant: news are told in the order in which they were heard, and none is told to a book that it does not fit.
"""

from dataclasses import dataclass

from tui.exchange.views import Candle, FundingRow
from tui.wire.derivatives.frames import BookFrame, BookSnapshotFrame, TickerFrame, TradeFrame, TradeSnapshotFrame


@dataclass(frozen=True, slots=True)
class BookInDoubt:
    """A delta of this book was missed: nothing known of it holds until its next snapshot."""

    product_id: str


@dataclass(frozen=True, slots=True)
class LinkLost:
    """Nothing more comes for now: no market may trade. ``reason`` in plain words."""

    reason: str


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """A new connection: each market is good again once its book and ticker have come."""


@dataclass(frozen=True, slots=True)
class PastCandles:
    """Minutes of ``kind`` (``trade``, ``mark`` or ``spot``), oldest first."""

    product_id: str
    kind: str
    rows: tuple[Candle, ...]


@dataclass(frozen=True, slots=True)
class PastFunding:
    """Hourly rates, oldest first."""

    product_id: str
    rows: tuple[FundingRow, ...]


News = (
    BookSnapshotFrame
    | BookFrame
    | TradeSnapshotFrame
    | TradeFrame
    | TickerFrame
    | BookInDoubt
    | LinkLost
    | LinkOpened
    | PastCandles
    | PastFunding
)
