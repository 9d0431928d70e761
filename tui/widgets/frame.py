"""The frame row: where orders go, what is in hand, how the link is. Always on top, on every screen.

Invariant: PAPER, LIVE or REPLAY is the last thing that leaves this row, and it is a word before it is a colour.
"""

from __future__ import annotations

from tui.model.decimals import HUNDRED
from tui.model.enums import Environment
from tui.model.instrument import Instrument
from tui.model.state import LinkStatus, Slice, State
from tui.model.ticker import Ticker
from tui.model.view import View
from tui.widgets.flow import Item, item, spread
from tui.widgets.format import NONE, Format, age, arrow, duration, printable
from tui.widgets.freshness import freshness
from tui.widgets.ink import Ink, Line, Span
from tui.widgets.panel import Panel

BUDGET_CELLS = 4
DEAD_MAN_NEAR_MS = 15_000
_ACCOUNT = (Slice.ORDERS, Slice.POSITIONS, Slice.MARGIN)


class FrameRow(Panel):
    """One row; items leave by priority as it narrows."""

    DEFAULT_CSS = """
    FrameRow { height: 1; dock: top; }
    """

    def body(self, view: View, width: int, height: int) -> list[Line]:
        del height
        state = view.state
        instrument, ticker = state.instruments.get(view.focus), state.tickers.get(view.focus)
        market = [_contract(view.focus, instrument, ticker, self.fmt)]
        if ticker is not None:
            market += [*_references(instrument, ticker, self.fmt), _funding(ticker, view.now_ms, self.fmt)]
        if freshness(state, view.now_ms, Slice.MARKET).stale:
            market = [Item(one.priority, tuple((text, Ink.STALE) for text, _ in one.spans)) for one in market]
        left = [_environment(state), *_profile(state), *_tape(state), *market]
        right = [_mode(view), _dead_man(view), *_link(view), _budget(view), _clock(view, self.fmt)]
        return [Line(spread(left, right, width - 1, (" │ ", Ink.RULE)))]


def _environment(state: State) -> Item:
    if state.environment is Environment.LIVE:
        return item(0, (" LIVE ", Ink.FRAME_LIVE))
    if state.environment is Environment.REPLAY:
        return item(0, (" REPLAY ", Ink.FRAME_REPLAY))
    return item(0, (" PAPER ", Ink.FRAME_PAPER))


def _profile(state: State) -> list[Item]:
    """Which of several accounts, by the name that its trader gave its keys."""
    return [item(1, (printable(state.profile), Ink.STRONG))] if state.profile else []


def _tape(state: State) -> list[Item]:
    """How far the replay is. Its end is no lost link, and is said in another word."""
    tape = state.replay
    if tape is None:
        return []
    at = f"{duration(tape.position_ms)} of {duration(tape.length_ms)}"
    if tape.ending:
        return [item(0, (" END ", Ink.FRAME_REPLAY)), item(3, at)]
    pace = "paused" if tape.is_paused else f"x{tape.speed:g}"
    return [item(1, (pace, Ink.WARN if tape.is_paused else Ink.TEXT), f" {at}")]


def _contract(symbol: str, instrument: Instrument | None, ticker: Ticker | None, fmt: Format) -> Item:
    last = ticker.last if ticker else None
    change = ticker.change_24h if ticker else None
    ink = Ink.TEXT if not change else (Ink.UP if change > 0 else Ink.DOWN)
    places = instrument.price_places if instrument else 2
    return item(
        1,
        (f"{symbol}  ", Ink.STRONG),
        (fmt.number(last, places), Ink.STRONG),
        (f" {arrow(change)} {fmt.signed_percent(change, 2)}", ink),
    )


def _references(instrument: Instrument | None, ticker: Ticker, fmt: Format) -> list[Item]:
    """Mark and index are averages, so they get one digit more than the tick."""
    places = (instrument.price_places if instrument else 2) + 1
    return [
        item(6, "mark ", (fmt.number(ticker.mark, places), Ink.TEXT)),
        item(9, "index ", (fmt.number(ticker.index, places), Ink.TEXT)),
    ]


def _funding(ticker: Ticker, now_ms: int, fmt: Format) -> Item:
    rate = ticker.relative_funding_rate
    if rate is None:
        return item(9, "no funding")
    left = "" if ticker.next_funding_ms is None else f" {duration(ticker.next_funding_ms - now_ms)}"
    ink = Ink.TEXT if not rate else (Ink.UP if rate > 0 else Ink.DOWN)
    return item(8, "fund ", (f"{fmt.signed(rate * HUNDRED, 4)} %/h", ink), left)


def _mode(view: View) -> Item:
    if not view.state.can_trade:
        return item(2, ("VIEW ONLY", Ink.WARN))
    name, until = view.mode.name, view.mode.until_ms
    if name == "armed":
        left = "" if until is None else f" {duration(until - view.now_ms)}"
        return item(2, (f"ARMED{left}", Ink.WARN))
    return item(4, (name, Ink.TEXT if name == "confirm" else Ink.WARN))


def _dead_man(view: View) -> Item:
    fires = view.state.dead_man.fires_at_ms
    if fires is None:
        return item(10, "DMS off")
    left = fires - view.now_ms
    is_certain = view.state.dead_man.is_certain
    ink = Ink.TEXT if is_certain and left >= DEAD_MAN_NEAR_MS else Ink.WARN
    return item(3, "DMS ", (duration(left) + ("" if is_certain else "?"), ink))


def _link(view: View) -> list[Item]:
    """A lost link stays as long as the environment does; when it is tried again may leave."""
    link, now = view.state.link, view.now_ms
    quiet = None if link.last_frame_ms is None else now - link.last_frame_ms
    if link.status is LinkStatus.LIVE:
        return [item(2, "ws ", (age(quiet), Ink.TEXT), " rest ", (_rest_age(view), Ink.TEXT))]
    words = link.status.value.upper()
    if link.status is not LinkStatus.CONNECTING:
        words += f" {age(now - link.since_ms)}"
    lost = item(0, (f" {words} ", Ink.FRAME_STALE))
    return [lost] if link.retry_at_ms is None else [lost, item(1, (f"retry {age(link.retry_at_ms - now)}", Ink.WARN))]


def _rest_age(view: View) -> str:
    """The oldest of the account's slices: a chain is as fresh as its oldest link."""
    ages = [view.state.ages.get(part) for part in _ACCOUNT]
    times = [one.rest_ms for one in ages if one is not None and one.rest_ms is not None]
    return age(view.now_ms - min(times)) if len(times) == len(_ACCOUNT) else NONE


def _budget(view: View) -> Item:
    budget = view.state.budget
    if budget.wait_until_ms is not None and budget.wait_until_ms > view.now_ms:
        return item(1, (f"wait {age(budget.wait_until_ms - view.now_ms)}", Ink.WARN))
    return item(5, bar(budget.available, budget.total, BUDGET_CELLS))


def bar(part: int, whole: int, cells: int) -> Span:
    """``▮▮▮▯``: empty only when there is nothing, full only when there is all."""
    share = max(0, min(part, whole)) * cells / whole if whole else 0
    full = int(share) or (1 if part > 0 else 0)
    return "▮" * full + "▯" * (cells - full), Ink.WARN if full * 4 <= cells else Ink.TEXT


def _clock(view: View, fmt: Format) -> Item:
    return item(2, (fmt.clock(view.now_ms), Ink.TEXT))
