"""Alerts that are set, and the log of what was told."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.model.alert import Alert, Said, Watched, value_of, what
from tui.model.decimals import HUNDRED
from tui.model.describe import number
from tui.model.view import View
from tui.widgets.columns import Column, Context
from tui.widgets.format import NONE, duration, printable
from tui.widgets.ink import Ink, Span
from tui.widgets.messages import AlertDropped
from tui.widgets.table import LineTable

_UNITS = {Watched.LEVEL: " %", Watched.FUNDING: " %/h"}
_INKS = {"error": Ink.DOWN, "warning": Ink.WARN}


def _number(alert: Alert, value: Decimal | None, context: Context) -> str:
    if value is None:
        return NONE
    if alert.watched is Watched.LEVEL:
        return context.fmt.number(value, 0)
    if alert.watched is Watched.FUNDING:
        return context.fmt.signed(value, 4)
    return context.price(alert.symbol, value)


def _away(alert: Alert, context: Context) -> Span:
    """How far the number still has to go, in percent of what it is."""
    now = value_of(alert, context.view.state)
    if not now:
        return NONE, Ink.DIM
    return context.fmt.signed_percent((alert.threshold - now) / abs(now) * HUNDRED, 2), Ink.TEXT


COLUMNS: tuple[Column[Alert], ...] = (
    Column("no", lambda a, _: (str(a.number) if a.number else "settings", Ink.DIM), 3),
    Column("what", lambda a, _: (what(a), Ink.STRONG), right=False, sort=lambda a, _: what(a)),
    Column("when", lambda a, _: (f"{'≥' if a.is_above else '≤'} {number(a.threshold)}", Ink.TEXT)),
    Column("now", lambda a, c: (_number(a, value_of(a, c.view.state), c), Ink.TEXT), 1),
    Column("", lambda a, _: (_UNITS.get(a.watched, "").strip(), Ink.DIM), 1, right=False),
    Column("to go", _away, 2),
    Column("set", lambda a, c: (duration(c.view.now_ms - a.set_ms) if a.set_ms else "", Ink.DIM), 4, flashes=False),
)


class AlertsTable(LineTable[Alert]):
    empty = "no alert set · type : alert > 90000, or alert level < 300"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "drop", "drop alert"),
        Binding("delete", "drop", "drop alert", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Alerts", COLUMNS, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.alerts, view.state.tickers, view.state.account, view.now_ms // 1000)

    def rows(self, view: View) -> Sequence[Alert]:
        return view.alerts

    def key(self, row: Alert) -> str:
        return f"{row.number} {what(row)} {row.threshold}"

    def symbol(self, row: Alert) -> str | None:
        return row.symbol or None

    def action_drop(self) -> None:
        row = self._under_cursor()
        if isinstance(row, Alert):
            self.post_message(AlertDropped(row.number))


SAID_COLUMNS: tuple[Column[Said], ...] = (
    Column("time", lambda s, c: (c.fmt.date_clock(s.at_ms), Ink.DIM), 1, right=False),
    Column("kind", lambda s, _: (s.kind, Ink.DIM), 2, right=False, sort=lambda s, _: s.kind),
    Column("what was told", lambda s, _: (printable(s.text), _INKS.get(s.severity, Ink.TEXT)), right=False),
)


class SaidTable(LineTable[Said]):
    """Newest first."""

    empty = "nothing was told yet: fills, refusals, the link and your alerts come here"
    follows_top = True

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Log", SAID_COLUMNS, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.said,)

    def rows(self, view: View) -> Sequence[Said]:
        return view.said[::-1]

    def key(self, row: Said) -> str:
        return f"{row.at_ms} {row.text}"

    def symbol(self, row: Said) -> str | None:
        return row.text
