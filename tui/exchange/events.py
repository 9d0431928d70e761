"""Everything that happens, as values, in the order it happened.

The doors turn these into feed frames. An event is a fact about the moment it was made: it carries the whole
value it speaks of, except the four ``*Changed`` notes without a payload, which say "ask the engine again" so
that a door may coalesce them. Invariant: within one step, a fill comes before the order update it causes,
and both before the position and balance notes.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from tui.exchange.orders import Order
from tui.exchange.views import Fill, FundingRow, LogEntry, OrderRecord, PublicTrade

A_co = TypeVar("A_co", covariant=True)


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """An ``open_orders`` frame's substance. ``order`` is the value after the change (``remaining`` is the
    feed's ``qty``). ``removed`` is the feed's ``is_cancel``; ``reason`` its word (``partial_fill``,
    ``cancelled_by_user`` ...). ``verbose_only``: for orders that never rested (``open_orders_verbose``).
    """

    order: Order
    reason: str
    removed: bool
    verbose_only: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """One fill of the account."""

    fill: Fill


@dataclass(frozen=True, slots=True)
class PositionsChanged:
    """``engine.positions()`` differs by a fill, settlement or preference (not by price alone)."""


@dataclass(frozen=True, slots=True)
class BalancesChanged:
    """``engine.flex_account()`` (``flex``) or ``engine.wallets()`` (``wallets``) differ by an account event:
    a fill, an order's margin, funding, a preference (not by price alone).
    """

    flex: bool
    wallets: bool


@dataclass(frozen=True, slots=True)
class MarksChanged:
    """Mark or index of these symbols moved: unrealised figures of positions in them moved too."""

    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountLogged:
    """A new row of the account log."""

    entry: LogEntry


@dataclass(frozen=True, slots=True)
class OrderRecorded:
    """A new row of the order history."""

    record: OrderRecord


@dataclass(frozen=True, slots=True)
class TradePrinted:
    """A public trade."""

    trade: PublicTrade


@dataclass(frozen=True, slots=True)
class BookChanged:
    """One level of one book. ``side`` ``buy`` = bids. ``qty`` is the new absolute size, 0 = level gone.
    ``seq`` is contiguous per symbol, and continues the ``seq`` of ``engine.book(symbol)``.
    """

    symbol: str
    side: str
    price: Decimal
    qty: Decimal
    seq: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class TickerChanged:
    """Something in ``engine.ticker(symbol)`` moved (at most about once a second per symbol)."""

    symbol: str


@dataclass(frozen=True, slots=True)
class FundingSet:
    """A new hour began: ``row`` is the rate that rules it."""

    symbol: str
    row: FundingRow


@dataclass(frozen=True, slots=True)
class ContractExpired:
    """A dated contract has settled at ``price``; it takes no more orders."""

    symbol: str
    price: Decimal


Event = (
    OrderChanged
    | Filled
    | PositionsChanged
    | BalancesChanged
    | MarksChanged
    | AccountLogged
    | OrderRecorded
    | TradePrinted
    | BookChanged
    | TickerChanged
    | FundingSet
    | ContractExpired
)


class Told(NamedTuple):
    """An event and the account it is told to; None is everybody."""

    event: Event
    account: str | None


@dataclass(frozen=True, slots=True)
class Outcome(Generic[A_co]):
    """What one step did: ``answer`` for the asker, ``told`` for the feeds, in order."""

    answer: A_co
    told: tuple[Told, ...]

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(told.event for told in self.told)
