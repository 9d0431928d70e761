"""The account log: every change of money the venue booked, newest first, in its own words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tui.model.account import LogEntry
from tui.model.state import Slice
from tui.model.view import View
from tui.widgets.columns import Column, Context
from tui.widgets.format import FINE_COIN_PLACES, NONE, money, printable
from tui.widgets.ink import Ink, Span
from tui.widgets.table import LineTable


def _amount(value: Decimal | None, entry: LogEntry, context: Context, *, sign: bool) -> Span:
    text = money(value, entry.asset.upper(), context.fmt, sign=sign, coin_places=FINE_COIN_PLACES, always_named=True)
    ink = Ink.TEXT if not sign or not value else (Ink.UP if value > 0 else Ink.DOWN)
    return text, ink


COLUMNS: tuple[Column[LogEntry], ...] = (
    Column("time", lambda e, c: (c.fmt.date_clock(e.time_ms), Ink.DIM), right=False),
    Column("what", lambda e, _: (printable(e.info), Ink.TEXT), right=False),
    Column("contract", lambda e, _: ((e.symbol or NONE).upper(), Ink.STRONG), 2, right=False),
    Column("change", lambda e, c: _amount(e.change, e, c, sign=True), point=True),
    Column("balance", lambda e, c: _amount(e.new_balance, e, c, sign=False), 1, point=True),
    Column("realised", lambda e, c: _amount(e.realised_pnl, e, c, sign=True), 3, point=True),
    Column("funding", lambda e, c: _amount(e.realised_funding, e, c, sign=True), 4, point=True),
    Column("fee", lambda e, c: _amount(e.fee, e, c, sign=False), 5, point=True),
)


class LedgerTable(LineTable[LogEntry]):
    empty = "nothing booked yet"
    follows_top = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Account log", COLUMNS, part=Slice.MARGIN, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.log,)

    def rows(self, view: View) -> Sequence[LogEntry]:
        return view.state.log

    def key(self, row: LogEntry) -> str:
        return str(row.entry_id)

    def symbol(self, row: LogEntry) -> str | None:
        return row.symbol.upper() if row.symbol else None
