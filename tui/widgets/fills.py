"""Fills, newest first: what was traded, at what cost, and what it realised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from tui.model.decimals import ZERO
from tui.model.enums import Liquidity
from tui.model.fill import Fill
from tui.model.state import Slice, State
from tui.model.view import Selection, View
from tui.widgets.columns import Column, Context
from tui.widgets.figures import realised_today
from tui.widgets.flow import Item, flow, item
from tui.widgets.format import FINE_COIN_PLACES, NONE, Format, money
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.panel import Panel
from tui.widgets.table import LineTable

_LOUD = (Liquidity.LIQUIDATION, Liquidity.ASSIGNMENT, Liquidity.UNWIND)


def _liquidity(fill: Fill, context: Context) -> Span:
    del context
    return fill.liquidity.value, Ink.WARN if fill.liquidity in _LOUD else Ink.TEXT


def _fee(fill: Fill, context: Context) -> Span:
    return money(fill.fee, fill.fee_currency, context.fmt, places=4, coin_places=FINE_COIN_PLACES), Ink.TEXT


def _realised(fill: Fill, context: Context) -> Span:
    pnl = fill.realised_pnl
    if pnl is None:
        return NONE, Ink.DIM
    return money(pnl, fill.fee_currency, context.fmt, sign=True), Ink.UP if pnl > 0 else Ink.DOWN


def _notional(fill: Fill, context: Context) -> Span:
    return context.fmt.number(notional_usd(fill, context.view.state), 2), Ink.TEXT


COLUMNS: tuple[Column[Fill], ...] = (
    Column("time", lambda f, c: (c.fmt.clock(f.time_ms), Ink.DIM), right=False),
    Column("contract", lambda f, _: (f.symbol, Ink.STRONG), right=False, sort=lambda f, _: f.symbol),
    Column("side", lambda f, _: (f.side.upper(), Ink.TEXT), right=False, sort=lambda f, _: f.side.value),
    Column("size", lambda f, c: (c.size(f.symbol, f.size), Ink.TEXT), point=True),
    Column("price", lambda f, c: (c.price(f.symbol, f.price), Ink.TEXT), point=True),
    Column("USD", _notional, 4, sort=lambda f, c: notional_usd(f, c.view.state) or ZERO),
    Column("role", _liquidity, 2, right=False),
    Column("fee", _fee, 1, point=True),
    Column("realised", _realised, 3, point=True, sort=lambda f, _: f.realised_pnl or ZERO),
    Column("our id", lambda f, _: (f.client_order_id or NONE, Ink.DIM), 6, right=False),
    Column("order", lambda f, _: (f.order_id[:8], Ink.DIM), 5, right=False),
)


def notional_usd(fill: Fill, state: State) -> Decimal | None:
    instrument = state.instruments.get(fill.symbol)
    return None if instrument is None else instrument.notional_usd(fill.size, fill.price)


class FillsTable(LineTable[Fill]):
    details = True
    empty = "no fill yet · b buy  s sell  t ticket"
    follows_top = True

    def __init__(self, heading: str = "Fills", *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(heading, COLUMNS, part=Slice.FILLS, divider=divider, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.fills, view.state.instruments)

    def rows(self, view: View) -> Sequence[Fill]:
        return view.state.fills

    def key(self, row: Fill) -> str:
        return row.fill_id

    def symbol(self, row: Fill) -> str:
        return row.symbol

    def select(self, row: Fill) -> Selection:
        return row


class FillTotals(Panel):
    """What the listed fills sum up to, and what the account log says was realised since midnight UTC."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Totals", part=Slice.FILLS, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.fills, view.state.log, view.state.instruments, view.now_ms // 60_000)

    def body(self, view: View, width: int, height: int) -> list[Line]:
        fills = view.state.fills
        traded = sum((notional_usd(fill, view.state) or ZERO for fill in fills), ZERO)
        maker = sum(1 for fill in fills if fill.liquidity is Liquidity.MAKER)
        items = [
            item(0, "listed ", (f"{len(fills)} fills", Ink.STRONG)),
            item(3, "maker ", (str(maker), Ink.TEXT), " taker and other ", (str(len(fills) - maker), Ink.TEXT)),
            item(2, "traded ", (f"{self.fmt.number(traded, 2)} USD", Ink.TEXT)),
            _sums(1, "fees ", fees(fills), self.fmt, sign=False),
            _sums(0, "realised today ", realised_today(view.state.log, view.now_ms), self.fmt, sign=True),
        ]
        del height
        return [Line((("  ", Ink.DIM), *flow(items, width - 2, ("    ", Ink.DIM))))]


def fees(fills: Iterable[Fill]) -> dict[str, Decimal]:
    """Fees by currency; fills whose fee nobody said are left out."""
    sums: dict[str, Decimal] = {}
    for fill in fills:
        if fill.fee is not None and fill.fee_currency:
            sums[fill.fee_currency] = sums.get(fill.fee_currency, ZERO) + fill.fee
    return sums


def _sums(priority: int, label: str, sums: dict[str, Decimal], fmt: Format, *, sign: bool) -> Item:
    spans: list[Span] = []
    for currency, amount in sums.items():
        ink = Ink.TEXT if not sign or not amount else (Ink.UP if amount > 0 else Ink.DOWN)
        text = money(amount, currency, fmt, sign=sign, coin_places=FINE_COIN_PLACES, always_named=True)
        spans.append((("  " if spans else "") + text, ink))
    return item(priority, label, *(spans or [(NONE, Ink.TEXT)]))
