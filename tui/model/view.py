"""What a screen is given to draw: the state, the moment, and what the trader is looking at."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.alert import Alert, Said
from tui.model.enums import MarginMode
from tui.model.fill import Fill
from tui.model.order import Order, Unresolved
from tui.model.position import Position
from tui.model.state import State


class KeyMode(Struct, frozen=True):
    """VIEW sends nothing, CONFIRM shows the confirm strip first, ARMED sends at one key until ``until_ms``."""

    name: str = "confirm"
    until_ms: int | None = None


class Pulse(Struct, frozen=True):
    """The desk's own pulse: last frame's cost and the lateness of the event loop, both in ms."""

    frame_ms: float = 0.0
    loop_late_ms: float = 0.0
    frames_per_s: float = 0.0


class Protection(Struct, frozen=True):
    """Stop coverage of one position: ``covered_pct`` of its size is behind stops.

    ``worst_loss`` in its PnL currency if all of them are hit.
    """

    symbol: str
    covered_pct: Decimal
    worst_loss: Decimal | None


class PoolRisk(Struct, frozen=True):
    """Which contract of a pool liquidates first, where, and how far that is from mark in percent (signed)."""

    pool: str
    mode: MarginMode
    symbol: str | None
    liquidation_price: Decimal | None
    distance_pct: Decimal | None


class Risk(Struct, frozen=True):
    """Derived from state once a publish, so that no widget calculates."""

    protections: tuple[Protection, ...] = ()
    pools: tuple[PoolRisk, ...] = ()
    what_if: str = ""


class View(Struct, frozen=True):
    """``now_ms`` is local time; ``focus`` the contract in hand; ``clip`` its default order size. ``carried`` are ids of
    orders picked up on the ladder and not put down yet; ``said`` is the alert log, newest last.
    """

    state: State
    now_ms: int
    focus: str
    clip: Decimal
    mode: KeyMode = KeyMode()
    risk: Risk = Risk()
    pulse: Pulse = Pulse()
    journal_tail: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    said: tuple[Said, ...] = ()


class PricePoint(Struct, frozen=True):
    """A price of a ladder. ``orders`` are ours that stand in its row."""

    symbol: str
    price: Decimal
    orders: tuple[Order, ...] = ()


Selection = Order | Position | Unresolved | Fill | PricePoint | str
"""What the cursor stands on; a plain string is a contract's symbol."""
