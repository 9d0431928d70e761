"""The positions table: what is held, what it is worth, where it ends, and what protects it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tui.model.enums import MarginMode
from tui.model.liquidation import distance_pct
from tui.model.position import Position
from tui.model.state import Slice
from tui.model.view import Selection, View
from tui.widgets.columns import Column, Context, signed
from tui.widgets.figures import funding_per_hour, gain_pct, notional_usd, realised_today
from tui.widgets.format import FINE_COIN_PLACES, NONE, money
from tui.widgets.ink import Ink, Span
from tui.widgets.table import LineTable

NEAR_LIQUIDATION_PCT = 5


def _upnl(position: Position, context: Context) -> Span:
    pnl = position.unrealised_pnl
    return signed(money(pnl, position.pnl_currency, context.fmt, sign=True), pnl)


def _gain(position: Position, context: Context) -> Span:
    gain = gain_pct(position)
    return signed(context.fmt.signed_percent(gain, 2), gain)[0].removeprefix("▲ ").removeprefix("▼ "), _ink(gain)


def _realised(position: Position, context: Context) -> Span:
    sums = realised_today(context.view.state.log, context.view.now_ms, position.symbol)
    if not sums:
        return NONE, Ink.DIM
    currency, amount = next(iter(sums.items()))
    return money(amount, currency, context.fmt, sign=True), _ink(amount)


def _funding(position: Position, context: Context) -> Span:
    funding = position.unrealised_funding
    text = money(funding, position.pnl_currency, context.fmt, sign=True, coin_places=FINE_COIN_PLACES)
    return text, _ink(funding)


def _funding_rate(position: Position, context: Context) -> Span:
    hourly = funding_per_hour(position, context.ticker(position.symbol))
    text = money(hourly, position.pnl_currency, context.fmt, sign=True, coin_places=FINE_COIN_PLACES)
    return text, _ink(hourly)


def _distance(position: Position, context: Context) -> Span:
    away = distance_pct(position.liquidation_price, position.mark_price)
    near = away is not None and abs(away) < NEAR_LIQUIDATION_PCT
    return context.fmt.signed_percent(away), Ink.WARN if near else Ink.TEXT


def _margin(position: Position, context: Context) -> Span:
    del context
    if position.mode is MarginMode.CROSS or position.max_leverage is None:
        return "cross", Ink.DIM
    return f"iso {position.max_leverage.normalize():f}x", Ink.TEXT


def _stops(position: Position, context: Context) -> Span:
    found = next((one for one in context.view.risk.protections if one.symbol == position.symbol), None)
    if found is None:
        return NONE, Ink.DIM
    if found.covered_pct <= 0:
        return "naked", Ink.WARN
    words = f"{found.covered_pct:.0f} %"
    if found.worst_loss is not None:
        words += f" · worst {money(found.worst_loss, position.pnl_currency, context.fmt, sign=True)}"
    return words, Ink.TEXT


def _ink(value: Decimal | None) -> Ink:
    if not value:
        return Ink.TEXT
    return Ink.UP if value > 0 else Ink.DOWN


COLUMNS: tuple[Column[Position], ...] = (
    Column("contract", lambda p, _: (p.symbol, Ink.STRONG), right=False, sort=lambda p, _: p.symbol),
    Column("side", lambda p, _: (p.side.upper(), Ink.TEXT), right=False),
    Column("size", lambda p, c: (c.size(p.symbol, p.size), Ink.TEXT), point=True),
    Column("entry", lambda p, c: (c.price(p.symbol, p.entry_price), Ink.TEXT), 4, point=True),
    Column("mark", lambda p, c: (c.price(p.symbol, p.mark_price), Ink.TEXT), 5, point=True),
    Column(
        "notional",
        lambda p, c: (c.fmt.number(notional_usd(p, c.instrument(p.symbol)), 0), Ink.TEXT),
        8,
        sort=lambda p, c: notional_usd(p, c.instrument(p.symbol)) or Decimal(0),
    ),
    Column("uPnL", _upnl, 1, point=True, sort=lambda p, _: p.unrealised_pnl or Decimal(0)),
    Column("%", _gain, 6, sort=lambda p, _: gain_pct(p) or Decimal(0)),
    Column("rPnL today", _realised, 11, point=True),
    Column("funding", _funding, 12, point=True),
    Column("fund/h", _funding_rate, 10, point=True),
    Column("liq", lambda p, c: (c.price(p.symbol, p.liquidation_price), Ink.TEXT), 3, point=True),
    Column(
        "to liq",
        _distance,
        2,
        sort=lambda p, _: abs(distance_pct(p.liquidation_price, p.mark_price) or Decimal(0)),
    ),
    Column("margin", _margin, 9, right=False),
    Column("stops", _stops, 7, right=False),
)


class PositionsTable(LineTable[Position]):
    details = True
    empty = "no open position · b buy  s sell  t ticket"

    def __init__(self, heading: str = "Positions", *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(heading, COLUMNS, part=Slice.POSITIONS, divider=divider, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        """Of the market, only the contracts that are held."""
        state = view.state
        market = [state.tickers.get(position.symbol) for position in state.positions]
        return (state.positions, state.instruments, state.log, *view.risk.protections, *market)

    def rows(self, view: View) -> Sequence[Position]:
        return view.state.positions

    def key(self, row: Position) -> str:
        return row.symbol

    def symbol(self, row: Position) -> str:
        return row.symbol

    def select(self, row: Position) -> Selection:
        return row
