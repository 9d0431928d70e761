"""All contracts that can be traded, each with the summary a trader picks by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from tui.model.decimals import HUNDRED, ZERO
from tui.model.state import Slice
from tui.model.ticker import Ticker
from tui.model.view import View
from tui.widgets.columns import Column, Context, signed
from tui.widgets.figures import spread_ticks
from tui.widgets.format import NONE, duration
from tui.widgets.ink import Ink, Span
from tui.widgets.table import LineTable

_FAMILY = {"PF": 0, "PI": 1, "FF": 2, "FI": 3}


def _price(pick: Callable[[Ticker], Decimal | None], ink: Ink = Ink.TEXT) -> Callable[[str, Context], Span]:
    def cell(symbol: str, context: Context) -> Span:
        ticker = context.ticker(symbol)
        return context.price(symbol, pick(ticker) if ticker else None), ink

    return cell


def _by(pick: Callable[[Ticker], Decimal | None]) -> Callable[[str, Context], Decimal]:
    def key(symbol: str, context: Context) -> Decimal:
        ticker = context.ticker(symbol)
        return (pick(ticker) if ticker else None) or ZERO

    return key


def _change(symbol: str, context: Context) -> Span:
    ticker = context.ticker(symbol)
    change = ticker.change_24h if ticker else None
    return signed(context.fmt.signed_percent(change, 2), change)


def _funding_pct(ticker: Ticker) -> Decimal | None:
    rate = ticker.relative_funding_rate
    return None if rate is None else rate * HUNDRED


def _funding(symbol: str, context: Context) -> Span:
    ticker = context.ticker(symbol)
    rate = _funding_pct(ticker) if ticker else None
    if not rate:
        return context.fmt.signed_percent(rate, 4), Ink.TEXT
    return context.fmt.signed_percent(rate, 4), Ink.UP if rate > 0 else Ink.DOWN


def _spread(symbol: str, context: Context) -> Span:
    ticker = context.ticker(symbol)
    ticks = spread_ticks(ticker, context.instrument(symbol)) if ticker else None
    return (NONE, Ink.DIM) if ticks is None else (f"{context.fmt.number(ticks, 0)} t", Ink.TEXT)


def _volume(symbol: str, context: Context) -> Span:
    ticker = context.ticker(symbol)
    return context.fmt.compact(ticker.volume_quote if ticker else None), Ink.TEXT


def _interest(symbol: str, context: Context) -> Span:
    ticker = context.ticker(symbol)
    return context.fmt.compact(ticker.open_interest if ticker else None), Ink.TEXT


def _status(symbol: str, context: Context) -> Span:
    ticker, instrument = context.ticker(symbol), context.instrument(symbol)
    if (ticker and ticker.suspended) or (instrument and not instrument.tradeable):
        return "suspended", Ink.WARN
    if (ticker and ticker.post_only) or (instrument and instrument.post_only):
        return "post-only", Ink.WARN
    if instrument and instrument.expiry_ms is not None:
        return f"expires in {duration(instrument.expiry_ms - context.view.now_ms)}", Ink.DIM
    return "", Ink.DIM


COLUMNS: tuple[Column[str], ...] = (
    Column("contract", lambda s, _: (s, Ink.STRONG), right=False, sort=lambda s, _: s),
    Column("last", _price(lambda t: t.last), point=True),
    Column("24 h", _change, 1, sort=_by(lambda t: t.change_24h)),
    Column("mark", _price(lambda t: t.mark), 3, point=True),
    Column("index", _price(lambda t: t.index), 6, point=True),
    Column("funding/h", _funding, 2, sort=_by(_funding_pct)),
    Column("bid", _price(lambda t: t.bid), 7, point=True),
    Column("ask", _price(lambda t: t.ask), 7, point=True),
    Column("spread", _spread, 5),
    Column("volume USD", _volume, 2, flashes=False, sort=_by(lambda t: t.volume_quote)),
    Column("open interest", _interest, 4, flashes=False, sort=_by(lambda t: t.open_interest)),
    Column("status", _status, 8, right=False, flashes=False),
)


class MarketsTable(LineTable[str]):
    """Rows are symbols: perpetuals first, linear before inverse, by name."""

    details = True
    empty = "no contract known yet: waiting for the venue's list"

    def __init__(self, heading: str = "Markets", *, divider: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(heading, COLUMNS, part=Slice.MARKET, divider=divider, id=id)
        self._known: object = None
        self._symbols: Sequence[str] = ()

    def sources(self, view: View) -> tuple[object, ...]:
        return (view.state.tickers, view.state.instruments)

    def rows(self, view: View) -> Sequence[str]:
        instruments = view.state.instruments
        if instruments is not self._known:
            self._known = instruments
            self._symbols = sorted(instruments, key=lambda symbol: (_FAMILY.get(symbol[:2], 9), symbol))
        return self._symbols

    def key(self, row: str) -> str:
        return row

    def symbol(self, row: str) -> str:
        return row
