"""What stands at each price of a ladder: resting sizes, our own orders, and the marks beside prices. Pure.

Invariant: every level is summed into exactly one row, and a coarse row never shows a better price than there is:
bids are summed downwards, asks upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from msgspec import Struct

from tui.model.alert import PRICES, Alert
from tui.model.book import Book, Level
from tui.model.decimals import ZERO, ceil_to, floor_to, round_to
from tui.model.enums import Side
from tui.model.order import Order
from tui.model.position import Position
from tui.model.ticker import Ticker

LAST, MARK = "◂", "◦"
ENTRY, LIQUIDATION, ALERT = "entry", "liq", "alert"


class Own(Struct, frozen=True):
    """Our orders at one price: their sum, signed (buys positive), and whether some still wait for a trigger."""

    size: Decimal
    waiting: bool
    orders: tuple[Order, ...] = ()


class Rung(Struct, frozen=True):
    """One row: sizes resting on either side, our own orders, the sign beside the price, and a word about our position
    or an alert (``entry``, ``liq``, ``alert``).
    """

    bid: Decimal = ZERO
    ask: Decimal = ZERO
    own: Own | None = None
    mark: str = " "
    word: str = ""


EMPTY = Rung()


def rungs(
    book: Book,
    orders: Iterable[Order],
    ticker: Ticker | None,
    step: Decimal,
    words: Mapping[Decimal, str] = MappingProxyType({}),
) -> dict[Decimal, Rung]:
    """Rows that hold anything, by price, for rows ``step`` apart. ``words`` as from ``words_of``."""
    bids, asks = _summed(book.bids, step, floor_to), _summed(book.asks, step, ceil_to)
    own, marks = own_rows(orders, step), _marks(ticker, book, step)
    return {
        price: Rung(
            bids.get(price, ZERO), asks.get(price, ZERO), own.get(price), marks.get(price, " "), words.get(price, "")
        )
        for price in {*bids, *asks, *own, *marks, *words}
    }


def top_price(book: Book, step: Decimal, height: int, before: Decimal | None) -> Decimal:
    """Price of the first of ``height`` rows. It stays where it was while the touch is in the middle half."""
    touch = ceil_to(book.asks[0].price, step) if book.asks else floor_to(book.bids[0].price, step) + step
    row = None if before is None else int((before - touch) / step)
    if before is not None and row is not None and height // 4 <= row < height - height // 4:
        return before
    return touch + step * max(0, height // 2 - 1)


def within(top: Decimal, price: Decimal, step: Decimal, height: int) -> Decimal:
    """``top`` moved by as little as brings ``price`` into ``height`` rows."""
    return min(max(top, price), price + step * (height - 1))


def own_rows(orders: Iterable[Order], step: Decimal) -> dict[Decimal, Own]:
    """Our orders by the row they stand in; an order without a price stands in none."""
    sums: dict[Decimal, Own] = {}
    for order in orders:
        if order.working_price is None:
            continue
        price = (floor_to if order.side is Side.BUY else ceil_to)(order.working_price, step)
        before = sums.get(price, Own(ZERO, waiting=False))
        size = before.size + order.remaining * order.side.sign
        sums[price] = Own(size, before.waiting or order.type.is_trigger, (*before.orders, order))
    return sums


def _summed(
    levels: Sequence[Level], step: Decimal, snap: Callable[[Decimal, Decimal], Decimal]
) -> dict[Decimal, Decimal]:
    sums: dict[Decimal, Decimal] = {}
    for level in levels:
        price = snap(level.price, step)
        sums[price] = sums.get(price, ZERO) + level.size
    return sums


def _marks(ticker: Ticker | None, book: Book, step: Decimal) -> dict[Decimal, str]:
    """The last trade, and mark at the row nearest to it (mark lies between ticks). The last trade wins a tie."""
    marks: dict[Decimal, str] = {}
    if ticker is None:
        return marks
    if ticker.mark is not None:
        marks[round_to(ticker.mark, step)] = MARK
    if ticker.last is not None:
        above = bool(book.asks) and ticker.last >= book.asks[0].price
        marks[(ceil_to if above else floor_to)(ticker.last, step)] = LAST
    return marks


def words_of(position: Position | None, alerts: Iterable[Alert], symbol: str, step: Decimal) -> dict[Decimal, str]:
    """Where an alert on a price of ``symbol`` sounds, where the position was entered and where it is liquidated, in
    the rows nearest to them.
    """
    told = {
        round_to(alert.threshold, step): ALERT for alert in alerts if alert.symbol == symbol and alert.watched in PRICES
    }
    if position is None:
        return told
    told[round_to(position.entry_price, step)] = ENTRY
    if position.liquidation_price is not None:
        told[round_to(position.liquidation_price, step)] = LIQUIDATION
    return told
