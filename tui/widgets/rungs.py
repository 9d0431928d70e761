"""What stands at each price of a ladder: resting sizes, our own orders, and the marks beside prices. Pure.

Invariant: every level is summed into exactly one row, and a coarse row never shows a better price than there is:
bids are summed downwards, asks upwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec import Struct

from tui.model.book import Book, Level
from tui.model.decimals import ZERO, ceil_to, floor_to
from tui.model.enums import Side
from tui.model.order import Order
from tui.model.ticker import Ticker

LAST, MARK = "◂", "◦"


class Own(Struct, frozen=True):
    """Our orders at one price: their sum, signed (buys positive), and whether some still wait for a trigger."""

    size: Decimal
    waiting: bool


class Rung(Struct, frozen=True):
    """One row: sizes resting on either side, our own orders, and the sign beside the price."""

    bid: Decimal = ZERO
    ask: Decimal = ZERO
    own: Own | None = None
    mark: str = " "


EMPTY = Rung()


def rungs(book: Book, orders: Iterable[Order], ticker: Ticker | None, step: Decimal) -> dict[Decimal, Rung]:
    """Rows that hold anything, by price, for rows ``step`` apart."""
    bids, asks = _summed(book.bids, step, floor_to), _summed(book.asks, step, ceil_to)
    own, marks = _own(orders, step), _marks(ticker, book, step)
    return {
        price: Rung(bids.get(price, ZERO), asks.get(price, ZERO), own.get(price), marks.get(price, " "))
        for price in {*bids, *asks, *own, *marks}
    }


def top_price(book: Book, step: Decimal, height: int, before: Decimal | None) -> Decimal:
    """Price of the first of ``height`` rows. It stays where it was while the touch is in the middle half."""
    touch = ceil_to(book.asks[0].price, step) if book.asks else floor_to(book.bids[0].price, step) + step
    row = None if before is None else int((before - touch) / step)
    if before is not None and row is not None and height // 4 <= row < height - height // 4:
        return before
    return touch + step * max(0, height // 2 - 1)


def _summed(
    levels: Sequence[Level], step: Decimal, snap: Callable[[Decimal, Decimal], Decimal]
) -> dict[Decimal, Decimal]:
    sums: dict[Decimal, Decimal] = {}
    for level in levels:
        price = snap(level.price, step)
        sums[price] = sums.get(price, ZERO) + level.size
    return sums


def _own(orders: Iterable[Order], step: Decimal) -> dict[Decimal, Own]:
    sums: dict[Decimal, Own] = {}
    for order in orders:
        if order.working_price is None:
            continue
        price = (floor_to if order.side is Side.BUY else ceil_to)(order.working_price, step)
        before = sums.get(price, Own(ZERO, waiting=False))
        size = before.size + order.remaining * order.side.sign
        sums[price] = Own(size, waiting=before.waiting or order.type.is_trigger)
    return sums


def _marks(ticker: Ticker | None, book: Book, step: Decimal) -> dict[Decimal, str]:
    """The last trade, and mark at the row nearest to it (mark lies between ticks). The last trade wins a tie."""
    marks: dict[Decimal, str] = {}
    if ticker is None:
        return marks
    if ticker.mark is not None:
        marks[(ticker.mark / step).to_integral_value(ROUND_HALF_EVEN) * step] = MARK
    if ticker.last is not None:
        above = bool(book.asks) and ticker.last >= book.asks[0].price
        marks[(ceil_to if above else floor_to)(ticker.last, step)] = LAST
    return marks
