"""Margin panels: how safe each pool is, what decides it, and what would happen next.

Invariant: a margin level never stands without its band's word, and the formula is always one row away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from tui.model.account import Collateral, MarginPool
from tui.model.decimals import HUNDRED, ONE
from tui.model.enums import MarginMode
from tui.model.margin import BAND_FLOORS, Band, band
from tui.model.state import Slice
from tui.model.view import PoolRisk, View
from tui.widgets.columns import Column, Context
from tui.widgets.flow import flow, item
from tui.widgets.format import FINE_COIN_PLACES, NONE, Format, money, short_name
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.panel import Panel
from tui.widgets.table import LineTable

BAR_CELLS = 8
_BAND_INK = {
    Band.HEALTHY: Ink.TEXT,
    Band.CAUTION: Ink.WARN,
    Band.WARNING: Ink.WARN,
    Band.CRITICAL: Ink.LIVE,
    Band.LIQUIDATION: Ink.LIVE,
}


def level_text(level: Decimal | None, fmt: Format) -> str:
    return NONE if level is None else fmt.percent(level, 0 if level >= 100 else 1)


def level_bar(level: Decimal | None, cells: int = BAR_CELLS) -> str:
    """The share of equity that maintenance margin leaves free: half at 200 %, nothing at 100 %."""
    if level is None:
        return "▯" * cells
    free = max(Decimal(0), ONE - HUNDRED / level) if level > 0 else Decimal(0)
    full = min(cells, int(free * cells))
    return "▮" * full + "▯" * (cells - full)


def band_word(level: Decimal | None) -> Span:
    """``healthy`` and the rest; ``no position`` when there is nothing to judge."""
    where = band(level)
    return ("no position", Ink.DIM) if where is None else (where.value, _BAND_INK[where])


def risk_of(view: View, pool: MarginPool) -> PoolRisk | None:
    return next((risk for risk in view.risk.pools if risk.pool == pool.name), None)


def _liquidates(view: View, pool: MarginPool, fmt: Format) -> tuple[Span, ...]:
    risk = risk_of(view, pool)
    if risk is None or risk.symbol is None or risk.liquidation_price is None:
        return ((NONE, Ink.DIM),)
    price = Context(view, fmt).price(risk.symbol, risk.liquidation_price)
    return ((f"{short_name(risk.symbol)} {price} ({fmt.signed_percent(risk.distance_pct)})", Ink.TEXT),)


def what_if(view: View, width: int) -> tuple[Span, ...]:
    """The what-if sentence; its later parts leave when there is no room."""
    parts = [item(place, (text, Ink.DIM)) for place, text in enumerate(view.risk.what_if.split(" · "))]
    return flow(parts, width, (" · ", Ink.DIM))


class MarginStrip(Panel):
    """The margin line of the desk: the cross pool in full, the others by level, and the what-if line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Margin", part=Slice.MARGIN, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.account, view.risk, view.state.instruments)

    def body(self, view: View, width: int, height: int) -> list[Line]:
        account = view.state.account
        if account is None or not account.pools:
            return [Line(((" no account figures yet", Ink.DIM),))]
        first, *others = [pool for place, pool in enumerate(account.pools) if not place or pool.level_pct is not None]
        rows = [self._pool(view, first, width)]
        if others and height > 2:
            rows.append(self._others(others, width))
        if view.risk.what_if and height > len(rows):
            rows.append(Line(((" ", Ink.DIM), *what_if(view, width - 1))))
        return rows

    def _pool(self, view: View, pool: MarginPool, width: int) -> Line:
        level = pool.level_pct

        def amount(value: Decimal) -> Span:
            return money(value, pool.currency, self.fmt), Ink.TEXT

        items = [
            item(0, " level ", (level_text(level, self.fmt), Ink.STRONG), " ", band_word(level)),
            item(5, (level_bar(level), Ink.TEXT)),
            item(3, "equity ", amount(pool.equity)),
            item(6, "IM ", amount(pool.initial_margin)),
            item(4, "MM ", amount(pool.maintenance_margin)),
            item(2, "available ", amount(pool.available)),
            item(1, "liq first ", *_liquidates(view, pool, self.fmt)),
        ]
        return Line(flow(items, width, ("  ", Ink.DIM)))

    def _others(self, pools: Sequence[MarginPool], width: int) -> Line:
        items = [
            item(
                place,
                f" {pool.name}{' isolated' if pool.mode is MarginMode.ISOLATED else ''} ",
                (level_text(pool.level_pct, self.fmt), Ink.TEXT),
                " ",
                band_word(pool.level_pct),
            )
            for place, pool in enumerate(pools)
        ]
        return Line(flow(items, width, (" ·", Ink.DIM)))


def _amount(
    pick: Callable[[MarginPool], Decimal | None], *, sign: bool = False
) -> Callable[[MarginPool, Context], Span]:
    def cell(pool: MarginPool, context: Context) -> Span:
        value = pick(pool)
        ink = Ink.TEXT if not sign or not value else (Ink.UP if value > 0 else Ink.DOWN)
        return money(value, pool.currency, context.fmt, sign=sign, coin_places=FINE_COIN_PLACES), ink

    return cell


def _liquidation(pool: MarginPool, context: Context) -> Span:
    return "".join(text for text, _ in _liquidates(context.view, pool, context.fmt)), Ink.TEXT


POOL_COLUMNS: tuple[Column[MarginPool], ...] = (
    Column("pool", lambda p, _: (p.name, Ink.STRONG), right=False),
    Column("mode", lambda p, _: (p.mode.value, Ink.TEXT), 7, right=False),
    Column("level", lambda p, c: (level_text(p.level_pct, c.fmt), Ink.STRONG)),
    Column("free", lambda p, _: (level_bar(p.level_pct), Ink.TEXT), 4, right=False),
    Column("band", lambda p, _: band_word(p.level_pct), 1, right=False),
    Column("equity", _amount(lambda p: p.equity), 2),
    Column("uPnL", _amount(lambda p: p.unrealised_pnl, sign=True), 8),
    Column("IM", _amount(lambda p: p.initial_margin), 5),
    Column("IM+orders", _amount(lambda p: p.initial_margin_with_orders), 9),
    Column("MM", _amount(lambda p: p.maintenance_margin), 4),
    Column("available", _amount(lambda p: p.available), 1),
    Column("lev", lambda p, c: (_times(p.effective_leverage, c.fmt), Ink.TEXT), 6),
    Column("liquidates first", _liquidation, 3, right=False),
)


def _times(leverage: Decimal | None, fmt: Format) -> str:
    return NONE if leverage is None else f"{fmt.number(leverage, 2)}x"


class PoolsTable(LineTable[MarginPool]):
    details = True
    empty = "no account figures yet"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Margin pools", POOL_COLUMNS, part=Slice.MARGIN, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.account, view.risk, view.state.instruments)

    def rows(self, view: View) -> Sequence[MarginPool]:
        return view.state.account.pools if view.state.account else ()

    def key(self, row: MarginPool) -> str:
        return row.name

    def symbol(self, row: MarginPool) -> str | None:
        return row.symbol


class LevelPanel(Panel):
    """How the level of the first pool comes about, where it stands among the bands, and the what-if line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Margin level", part=Slice.MARGIN, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.account, view.risk)

    def body(self, view: View, width: int, height: int) -> list[Line]:
        account = view.state.account
        if account is None or not account.pools:
            return [Line((("  no account figures yet", Ink.DIM),))]
        pool = account.pools[0]
        rows = [self._formula(pool, width), *_bands(pool.level_pct, width)]
        if view.risk.what_if:
            rows.append(Line((("  ", Ink.DIM), *what_if(view, width - 2))))
        return rows[:height]

    def _formula(self, pool: MarginPool, width: int) -> Line:
        def amount(value: Decimal) -> Span:
            return money(value, pool.currency, self.fmt, always_named=True), Ink.TEXT

        level = pool.level_pct
        usage = NONE if not level else self.fmt.percent(HUNDRED / level * HUNDRED, 1)
        items = [
            item(1, f"  {pool.name}:  level = equity ", amount(pool.equity), " / MM ", amount(pool.maintenance_margin)),
            item(0, " = ", (level_text(level, self.fmt), Ink.STRONG), " ", band_word(level)),
            item(3, f"   MM uses {usage} of equity"),
            item(2, "   liquidation at 100 %"),
        ]
        return Line(flow(items, width, ("", Ink.DIM)))


def _bands(level: Decimal | None, width: int) -> list[Line]:
    """A ruler of the bands, drawn by the share of equity that is free, with a mark where the pool stands."""
    cells = max(20, min(100, width - 4))
    floors = [(Decimal(100), Band.CRITICAL), *[(floor, name) for floor, name in reversed(BAND_FLOORS)]]
    starts = [int((ONE - HUNDRED / floor) * cells) for floor, _ in floors]
    ruler, names = "", ""
    for (floor, name), start in zip(floors, starts, strict=True):
        ruler = ruler.ljust(start, "─") + ("┬" if start else "├")
        names = names.ljust(start) + f"{floor:f} % {name.value}"
    where = None if not level else min(cells - 1, max(0, int((ONE - HUNDRED / level) * cells)))
    ruler = ruler.ljust(cells, "─")
    mark = [] if where is None else [(" " * (where + 2) + "▼", Ink.STRONG)]
    return [Line(tuple(mark)), Line((("  " + ruler, Ink.DIM),)), Line((("  " + names, Ink.DIM),))]


COLLATERAL_COLUMNS: tuple[Column[Collateral], ...] = (
    Column("currency", lambda r, _: (r.currency, Ink.STRONG), right=False),
    Column("quantity", lambda r, c: (_plain(r.quantity, r.currency, c.fmt), Ink.TEXT)),
    Column("value USD", lambda r, c: (c.fmt.number(r.value, 2), Ink.TEXT), 2),
    Column("haircut", lambda r, c: (c.fmt.percent(None if r.haircut is None else r.haircut * HUNDRED), Ink.TEXT), 3),
    Column("counts USD", lambda r, c: (c.fmt.number(r.collateral_value, 2), Ink.TEXT), 1),
    Column("available", lambda r, c: (_plain(r.available, r.currency, c.fmt), Ink.TEXT), 4),
)


def _plain(value: Decimal | None, currency: str, fmt: Format) -> str:
    return money(value, currency, fmt, coin_places=FINE_COIN_PLACES).removesuffix(f" {currency}")


class CollateralTable(LineTable[Collateral]):
    empty = "no collateral"

    def __init__(self, *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Collateral", COLLATERAL_COLUMNS, part=Slice.MARGIN, divider=divider, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.account,)

    def rows(self, view: View) -> Sequence[Collateral]:
        return view.state.account.collateral if view.state.account else ()

    def key(self, row: Collateral) -> str:
        return row.currency

    def symbol(self, row: Collateral) -> str | None:
        del row
        return None


PREFERENCE_COLUMNS: tuple[Column[tuple[str, Decimal]], ...] = (
    Column("contract", lambda r, _: (r[0], Ink.STRONG), right=False),
    Column("margin", lambda r, _: (f"isolated {r[1].normalize():f}x", Ink.TEXT), right=False),
)


class LeverageTable(LineTable[tuple[str, Decimal]]):
    """Contracts with isolated margin; all others are cross."""

    empty = "all contracts are cross · l sets isolated margin"

    def __init__(self, *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__("Leverage", PREFERENCE_COLUMNS, part=Slice.MARGIN, divider=divider, id=id)

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.leverage,)

    def rows(self, view: View) -> Sequence[tuple[str, Decimal]]:
        return sorted(view.state.leverage.items())

    def key(self, row: tuple[str, Decimal]) -> str:
        return row[0]

    def symbol(self, row: tuple[str, Decimal]) -> str:
        return row[0]
