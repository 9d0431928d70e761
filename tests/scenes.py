"""Fixed moments of a desk, for tests and screenshots: every number is invented once, none comes from a clock.

``RICH`` is a full paper account, ``EMPTY`` a new one, ``DOWN`` a lost link, ``LIVE`` the same desk on the real account.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import ClassVar

from msgspec.structs import replace
from textual.app import App
from textual.binding import BindingType
from textual.theme import Theme

from tests.scenes_account import ACCOUNT, CLOSED, FILLS, LEVERAGE, LOG, ORDERS, POSITIONS, RISK, UNRESOLVED
from tests.scenes_market import BOOKS, CANDLES, FOCUS, INSTRUMENTS, NOW_MS, TAPE, TICKERS
from tests.screenshots import ONE_SIZE, Shot
from tui.model.account import Account, MarginPool
from tui.model.alert import Alert, Said, Watched
from tui.model.enums import Environment, MarginMode
from tui.model.state import (
    Age,
    DeadMan,
    Difference,
    EndpointHealth,
    FeedHealth,
    Health,
    Link,
    LinkStatus,
    RateBudget,
    Slice,
    State,
)
from tui.model.view import KeyMode, Pulse, View
from tui.screens.actions import bindings
from tui.screens.base import DeskScreen
from tui.screens.desk import OverviewScreen
from tui.screens.fills import FillsScreen
from tui.screens.health import HealthScreen
from tui.screens.margin import MarginScreen
from tui.screens.markets import MarketsScreen
from tui.screens.orders import OrdersScreen
from tui.screens.positions import PositionsScreen
from tui.screens.watch import AlertsScreen
from tui.widgets.theme import DEFAULT_THEME, LIGHT, SAFE, SAFE_LIGHT, SIXTEEN, THEMES, VARIABLE_DEFAULTS

_FEEDS = (
    # name, last frame ms ago, frames, gaps
    ("book PF_XBTUSD", 14, 48_112, 1),
    ("ticker", 62, 9_120, 0),
    ("trade PF_XBTUSD", 380, 1_204, 0),
    ("open_orders_verbose", 14_020, 61, 0),
    ("open_positions", 212, 3_391, 0),
    ("fills", 88_010, 9, 0),
    ("balances", 212, 3_402, 0),
    ("account_log", 88_030, 12, 0),
    ("notifications_auth", 1_204_000, 1, 0),
)
_ENDPOINTS = (
    # name, calls, errors, last good ms ago, latency, error
    ("accounts", 412, 0, 3_020, 31, ""),
    ("openpositions", 412, 0, 3_010, 28, ""),
    ("openorders", 418, 1, 3_000, 29, "apiLimitExceeded (14:41:20)"),
    ("fills", 84, 0, 31_000, 44, ""),
    ("sendorder", 12, 1, 14_000, 52, "no answer in 5 s (14:57:56)"),
    ("cancelorder", 4, 0, 612_000, 37, ""),
)

HEALTH = Health(
    feeds=tuple(FeedHealth(name, True, NOW_MS - ago, frames, gaps) for name, ago, frames, gaps in _FEEDS),
    endpoints=tuple(
        EndpointHealth(name, calls, errors, NOW_MS - ago, latency, error)
        for name, calls, errors, ago, latency, error in _ENDPOINTS
    ),
    differences=(
        Difference(
            NOW_MS - 1_002_000, "PF_XBTUSD position", "0.7500", "0.8300", "asked again: fill was on its way, now agree"
        ),
    ),
    clock_skew_ms=-42,
    queue_depth=2,
    messages=65_302,
    permissions="general full, transfer none",
)

_AGES = {
    Slice.INSTRUMENTS: Age(None, NOW_MS - 2_460_000),
    Slice.MARKET: Age(NOW_MS - 14, NOW_MS - 3_000),
    Slice.ORDERS: Age(NOW_MS - 14_020, NOW_MS - 3_000),
    Slice.FILLS: Age(NOW_MS - 88_010, NOW_MS - 3_000),
    Slice.POSITIONS: Age(NOW_MS - 212, NOW_MS - 3_010),
    Slice.MARGIN: Age(NOW_MS - 212, NOW_MS - 3_020),
}

_STATE = State(
    environment=Environment.PAPER,
    url="http://127.0.0.1:8750",
    link=Link(LinkStatus.LIVE, since_ms=NOW_MS - 2_460_000, epoch=1, last_frame_ms=NOW_MS - 14, round_trip_ms=2),
    budget=RateBudget(available=412),
    dead_man=DeadMan(fires_at_ms=NOW_MS + 47_000),
    instruments=INSTRUMENTS,
    tickers=TICKERS,
    books=BOOKS,
    tape=TAPE,
    candles=CANDLES,
    orders=ORDERS,
    closed=CLOSED,
    unresolved=UNRESOLVED,
    fills=FILLS,
    positions=POSITIONS,
    account=ACCOUNT,
    leverage=LEVERAGE,
    log=LOG,
    ages=_AGES,
    health=HEALTH,
)

RICH = View(
    state=_STATE,
    now_ms=NOW_MS,
    focus=FOCUS,
    clip=Decimal("0.1000"),
    risk=RISK,
    pulse=Pulse(frame_ms=2.4, loop_late_ms=1.1, frames_per_s=12.0),
    journal_tail=(
        "14:57:48.391 kft-0001 send BUY 0.1000 PF_XBTUSD @ 87,957 post",
        "14:57:48.443 kft-0001 placed, rests as 3f1d0c52",
        "14:57:56.212 kft-0007 send BUY 0.500 PF_ETHUSD @ 2,915.0 limit",
        "14:58:01.214 kft-0007 no answer in 5 s: UNRESOLVED, asking",
    ),
    alerts=(
        Alert(Watched.LAST, FOCUS, True, Decimal(90_000), 1, NOW_MS - 4_210_000),
        Alert(Watched.MARK, "PF_ETHUSD", False, Decimal(2_800), 3, NOW_MS - 62_000),
        Alert(Watched.FUNDING, FOCUS, True, Decimal("0.01"), 4, NOW_MS - 8_000),
        Alert(Watched.LEVEL, "", False, Decimal(300)),
    ),
    said=(
        Said(NOW_MS - 2_460_000, "link", "The stream is back, and state was compared"),
        Said(NOW_MS - 1_210_000, "price", "PF_SOLUSD last ≥ 138: it is 138.01", "warning"),
        Said(NOW_MS - 88_010, "fill", "Sold 0.0800 PF_XBTUSD at 87,963"),
        Said(NOW_MS - 41_000, "refused", "BUY 9.0000 PF_XBTUSD @ 87,959: refused. Not enough margin.", "error"),
        Said(NOW_MS - 1_198, "unresolved", "BUY 0.500 PF_ETHUSD @ 2,915.0: no answer in 5 s", "warning"),
    ),
)

EMPTY = View(
    state=replace(
        _STATE,
        orders=(),
        closed=(),
        unresolved=(),
        fills=(),
        positions=(),
        leverage={},
        log=(),
        dead_man=DeadMan(),
        account=Account(
            NOW_MS - 3_000,
            pools=(
                MarginPool(
                    "cross",
                    "USD",
                    MarginMode.CROSS,
                    Decimal(100_000),
                    Decimal(0),
                    Decimal(0),
                    Decimal(100_000),
                    Decimal(100_000),
                ),
            ),
        ),
    ),
    now_ms=NOW_MS,
    focus=FOCUS,
    clip=Decimal("0.1000"),
)

DOWN = replace(
    RICH,
    state=replace(
        _STATE,
        link=Link(
            LinkStatus.DOWN,
            since_ms=NOW_MS - 12_400,
            epoch=3,
            last_frame_ms=NOW_MS - 12_400,
            reconnects=2,
            reason="the connection was closed (1006)",
            retry_at_ms=NOW_MS + 3_100,
        ),
        ages={part: Age(NOW_MS - 12_400, NOW_MS - 21_000) for part in Slice},
        budget=RateBudget(available=20, wait_until_ms=NOW_MS + 8_000, reason="apiLimitExceeded"),
    ),
)

LIVE = replace(
    RICH,
    state=replace(_STATE, environment=Environment.LIVE, url="https://futures.kraken.com", unresolved=()),
    mode=KeyMode("armed", NOW_MS + 42_000),
)

SCREENS: dict[str, type[DeskScreen]] = {
    "desk": OverviewScreen,
    "positions": PositionsScreen,
    "orders": OrdersScreen,
    "margin": MarginScreen,
    "fills": FillsScreen,
    "markets": MarketsScreen,
    "health": HealthScreen,
    "alerts": AlertsScreen,
}


class SceneApp(App[None]):
    """The least app that can show one screen with one view."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, make: Callable[[], DeskScreen], view: View, theme: Theme | None = None) -> None:
        super().__init__()
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme.name if theme else DEFAULT_THEME
        self._make, self._view = make, view

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def action_act(self, name: str) -> None:
        """Acts are not what is looked at here."""

    def on_mount(self) -> None:
        screen = self._make()
        screen.show(self._view)
        self.push_screen(screen)


SHOTS: tuple[Shot, ...] = (
    *(Shot(name, partial(SceneApp, screen, RICH)) for name, screen in SCREENS.items()),
    Shot("desk-empty", partial(SceneApp, OverviewScreen, EMPTY)),
    Shot("desk-down", partial(SceneApp, OverviewScreen, DOWN)),
    Shot("desk-live", partial(SceneApp, OverviewScreen, LIVE)),
    Shot("desk-light", partial(SceneApp, OverviewScreen, RICH, LIGHT), sizes=ONE_SIZE),
    Shot("desk-safe", partial(SceneApp, OverviewScreen, RICH, SAFE), sizes=ONE_SIZE),
    Shot("desk-safe-light", partial(SceneApp, OverviewScreen, RICH, SAFE_LIGHT), sizes=ONE_SIZE),
    Shot("desk-16", partial(SceneApp, OverviewScreen, RICH, SIXTEEN), sizes=ONE_SIZE),
)
