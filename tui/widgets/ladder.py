"""The ladder: a column of prices with what rests at them, our own orders among it, and a cursor to trade by.

Prices stand still and the market moves over them; only when the touch leaves the middle half is the column set anew,
and, while the ladder has the keys, never so far that the cursor would leave it. Invariants: consecutive rows are one
step apart, so distance on the screen is distance in price; the cursor stands on a price, and where that price holds
orders of ours, on those orders.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from tui.model.book import Book
from tui.model.decimals import ceil_to, floor_to
from tui.model.instrument import Instrument
from tui.model.order import Order
from tui.model.state import Slice
from tui.model.view import PricePoint, View
from tui.widgets.columns import Context
from tui.widgets.ink import Ink, Line
from tui.widgets.messages import FocusContract, LeftPrice
from tui.widgets.panel import Panel
from tui.widgets.rung_lines import lines_of, row_of
from tui.widgets.rungs import EMPTY, own_rows, rungs, top_price, within, words_of

GROUPS = (1, 2, 5, 10, 20, 50, 100)


class Ladder(Panel):
    """``symbol_of`` picks the contract of a view; the contract in hand unless said otherwise. Only the ladder of the
    contract in hand has a cursor; a click on another one takes its contract in hand.

    ``{`` and ``}`` change how many ticks one row holds; ``p`` pins the column; ``home`` goes back to the market.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(1)", "price up", show=False),
        Binding("down,j", "move(-1)", "price down", show=False),
        Binding("pageup", "page(1)", "page up", show=False),
        Binding("pagedown", "page(-1)", "page down", show=False),
        Binding("home", "centre", "to the market", show=False),
        Binding("p", "pin", "pin prices", show=False),
        Binding("escape", "leave", "leave the price", show=False),
        Binding("left_curly_bracket", "group(-1)", "finer", show=False),
        Binding("right_curly_bracket", "group(1)", "coarser", show=False),
    ]

    def __init__(
        self,
        *,
        symbol_of: Callable[[View], str | None] | None = None,
        divider: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__("Ladder", part=Slice.MARKET, divider=divider, id=id)
        self.can_focus = symbol_of is None
        self._symbol_of = symbol_of or (lambda view: view.focus)
        self._symbol: str | None = None
        self._group = 0
        self._rows = 0
        self._step: Decimal | None = None
        self._top: Decimal | None = None
        self._is_fixed = False
        self._is_held = False
        self._price: Decimal | None = None
        self._under: frozenset[str] = frozenset()

    # --- the cursor ----------------------------------------------------------------------------------------------

    @property
    def selection(self) -> PricePoint | None:
        """The price under the cursor with our orders in its row; None while the ladder is merely at the market."""
        if self._price is None or self._symbol is None or self.view is None or self._step is None:
            return None
        own = own_rows(self._orders(self.view), self._step).get(self._price)
        return PricePoint(self._symbol, self._price, own.orders if own else ())

    def pin(self) -> None:
        """Hold the cursor to its price while a key sequence is open."""
        self._is_held = True

    def unpin(self) -> None:
        self._is_held = False
        self.redraw()

    def action_move(self, rows: int) -> None:
        """From the market, the first step up is the best offer, the first step down the best bid."""
        book = self._book()
        if self._step is None or book is None or self._is_held:
            return
        price = self._price + rows * self._step if self._price is not None else _touch(book, self._step, up=rows > 0)
        self._place(price)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self._rows - 1))

    def action_centre(self) -> None:
        self._is_fixed = False
        self._top = None
        self.action_leave()

    def action_pin(self) -> None:
        """Prices stand where they are, wherever the market goes; again: the column follows the touch."""
        self._is_fixed = not self._is_fixed
        self.redraw()

    def action_leave(self) -> None:
        self._price = None
        self.post_message(LeftPrice())
        self.redraw()

    def action_group(self, step: int) -> None:
        self._group = min(max(0, self._group + step), len(GROUPS) - 1)
        self._top = None
        self.redraw()

    def _place(self, price: Decimal | None) -> None:
        if price is None or price <= 0:
            return
        self._price = price
        self._under = self._ids_at(price)
        self.redraw()

    def _ids_at(self, price: Decimal) -> frozenset[str]:
        if self.view is None or self._step is None:
            return frozenset()
        own = own_rows(self._orders(self.view), self._step).get(price)
        return frozenset(order.order_id for order in own.orders) if own else frozenset()

    def _follow(self, orders: list[Order], step: Decimal) -> None:
        """Where all orders under the cursor went to one other row together, the cursor goes with them."""
        if self._price is None:
            return
        self._price = floor_to(self._price, step)
        if self._under and not self._is_held:
            rows = {
                price
                for price, own in own_rows(orders, step).items()
                if any(order.order_id in self._under for order in own.orders)
            }
            if len(rows) == 1:
                (self._price,) = rows
        self._under = self._ids_at(self._price)

    # --- drawing -------------------------------------------------------------------------------------------------

    def sources(self, view: View) -> tuple[object, ...]:
        """Of our position only the rows where it is named: its other numbers move with every mark."""
        symbol, state = self._symbol_of(view), view.state
        if symbol is None:
            return (None,)
        parts = (state.books.get(symbol), state.tickers.get(symbol), state.instruments.get(symbol))
        words = words_of(state.position(symbol), view.alerts, symbol, self._step) if self._step else {}
        return (symbol, state.orders, str(words), ",".join(view.carried), *parts)

    def count(self, view: View) -> str:
        symbol = self._symbol_of(view)
        return symbol if symbol is not None and symbol != view.focus else ""

    def note(self, view: View) -> str:
        symbol = self._symbol_of(view)
        instrument = view.state.instruments.get(symbol) if symbol else None
        if instrument is None or symbol is None:
            return ""
        words = ["pinned"] if self._is_fixed else []
        if self._group:
            words.append(f"step {instrument.tick_size * GROUPS[self._group]:f}")
        elif symbol == view.focus:
            words.append(f"clip {Context(view, self.fmt).size(symbol, view.clip)}")
        return " · ".join([*words, *self._out_of_sight(view)])

    def _out_of_sight(self, view: View) -> list[str]:
        """The market, and how many orders of ours, above and below the rows."""
        book = self._book()
        if self._top is None or self._step is None or book is None:
            return []
        bottom = self._top - self._step * (self._rows - 1)
        prices = [order.working_price for order in self._orders(view) if order.working_price is not None]
        market = ["market ▴"] if book.bids and book.bids[0].price > self._top else []
        market += ["market ▾"] if book.asks and book.asks[0].price < bottom else []
        own = (("▴", sum(price > self._top for price in prices)), ("▾", sum(price < bottom for price in prices)))
        return [*market, *(f"{sign}{count}" for sign, count in own if count)]

    def body(self, view: View, width: int, height: int) -> list[Line]:
        symbol = self._symbol_of(view)
        book = view.state.books.get(symbol) if symbol else None
        instrument = view.state.instruments.get(symbol) if symbol else None
        if symbol is None or instrument is None or book is None or not (book.bids or book.asks) or height < 1:
            self._symbol = None
            return [Line(((" no book yet" if symbol else " no other contract is held or worked", Ink.DIM),))]
        step = self._measure(symbol, instrument, height)
        orders = self._orders(view)
        self._follow(orders, step)
        top = self._top = self._first_price(book, step, height)
        words = words_of(view.state.position(symbol), view.alerts, symbol, step)
        known = rungs(book, orders, view.state.tickers.get(symbol), step, words)
        context, carried = Context(view, self.fmt), view.carried
        prices = [top - step * row for row in range(height)]
        rows = [
            row_of(price, known.get(price, EMPTY), symbol, context, here=price == self._price, carried=carried)
            for price in prices
        ]
        return lines_of(rows, width, active=self._active)

    def _measure(self, symbol: str, instrument: Instrument, height: int) -> Decimal:
        """The price of one step. Another contract or height begins at the market."""
        if symbol != self._symbol:
            self._price, self._under, self._is_fixed = None, frozenset(), False
        if (symbol, height) != (self._symbol, self._rows):
            self._symbol, self._rows, self._top = symbol, height, None
        self._step = instrument.tick_size * GROUPS[self._group]
        return self._step

    def _first_price(self, book: Book, step: Decimal, height: int) -> Decimal:
        before = self._top
        top = before if self._is_fixed and before is not None else top_price(book, step, height, before)
        if self._price is None or not (self._active or self._is_held):
            return top
        return within(top, self._price, step, height)

    def _orders(self, view: View) -> list[Order]:
        return [order for order in view.state.orders if order.symbol == self._symbol]

    def _book(self) -> Book | None:
        return self.view.state.books.get(self._symbol) if self.view and self._symbol else None

    # --- events --------------------------------------------------------------------------------------------------

    def on_blur(self) -> None:
        """The keys go elsewhere: nothing stays picked up that a later key might put down."""
        super().on_blur()
        if self.view is not None and self.view.carried:
            self.post_message(LeftPrice())

    def on_mouse_scroll_down(self) -> None:
        if self.can_focus:
            self.action_move(-1)

    def on_mouse_scroll_up(self) -> None:
        if self.can_focus:
            self.action_move(1)

    def on_click(self, event: events.Click) -> None:
        row = event.y - self._title_rows
        if not self.can_focus and self._symbol is not None:
            self.post_message(FocusContract(self._symbol))
        elif self._top is not None and self._step is not None and 0 <= row < self._rows and not self._is_held:
            self._place(self._top - self._step * row)


def _touch(book: Book, step: Decimal, *, up: bool) -> Decimal | None:
    """The row of the best offer or bid; of the other side where one is empty."""
    ask = ceil_to(book.asks[0].price, step) if book.asks else None
    bid = floor_to(book.bids[0].price, step) if book.bids else None
    return (ask or bid) if up else (bid or ask)
