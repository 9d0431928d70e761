"""Moves an order by ticks: quick presses become one edit, and one edit at a time is under way for an order.

Invariant: the target is counted from the price that was last asked for, so presses are never lost or counted twice
while the venue's answer is still on its way.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from tui.model.decimals import ZERO, plain
from tui.model.order import Accepted, Order, Outcome
from tui.screens.stage import UNSENT
from tui.screens.tools import Tools


class _Asked(Struct, frozen=True):
    """An accepted edit that the order's own description may not show yet."""

    shown: Decimal
    asked: Decimal


class Mover:
    """``window_s``: how long to wait for another press before the edit is sent."""

    def __init__(self, tools: Tools, window_s: float) -> None:
        self._desk = tools.desk
        self._stage = tools.stage
        self._sender = tools.sender
        self._window_s = window_s
        self._shift: dict[str, Decimal] = {}
        self._presses: dict[str, int] = {}
        self._asked: dict[str, _Asked] = {}
        self._moving: set[str] = set()

    def press(self, order: Order, ticks: int) -> None:
        """One key press: ``ticks`` up (positive) or down."""
        instrument = self._stage.view.state.instruments.get(order.symbol)
        if order.working_price is None or instrument is None:
            self._stage.say(f"This order has no price to move. {UNSENT}", "warning")
            return
        key = order.order_id
        self._shift[key] = self._shift.get(key, ZERO) + ticks * instrument.tick_size
        self._presses[key] = press = self._presses.get(key, 0) + 1
        self._stage.later(self._window_s, lambda: self._quiet(key, press))

    def _quiet(self, key: str, press: int) -> None:
        if self._presses.get(key) == press:
            self._flush(key)

    def _flush(self, key: str) -> None:
        if key in self._moving:
            return
        shift = self._shift.pop(key, ZERO)
        self._presses.pop(key, None)
        order = self._stage.view.state.order(key)
        if order is None or order.working_price is None:
            self._asked.pop(key, None)
            self._stage.say(f"The order stopped working before it could be moved. {UNSENT}", "warning")
        elif shift:
            self._send(order, order.working_price, self._base(key, order.working_price) + shift)

    def _base(self, key: str, shown: Decimal) -> Decimal:
        asked = self._asked.get(key)
        if asked is None or asked.shown == shown:
            return asked.asked if asked else shown
        del self._asked[key]
        return shown

    def _send(self, order: Order, shown: Decimal, target: Decimal) -> None:
        limit, stop = moved(order, target)
        verdict = self._desk.assess_edit(order, "", limit, stop)
        obstacles = [error.message for error in verdict.errors] + list(verdict.doubts)
        if verdict.request is None or obstacles:
            self._stage.say(f"Not moved: {'; '.join(obstacles) or 'no change'}. {UNSENT}; e opens the edit.", "warning")
            return
        key = order.order_id
        self._moving.add(key)

        def answered(outcome: Outcome) -> bool:
            self._moving.discard(key)
            accepted = isinstance(outcome, Accepted)
            if accepted:
                self._asked[key] = _Asked(shown, target)
            else:
                self._asked.pop(key, None)
            if key in self._shift:
                self._stage.later(0, lambda: self._flush(key))
            return accepted  # the moved order on the screen is the message

        if not self._sender.edit(verdict.request, order, answered=answered):
            self._moving.discard(key)


def moved(order: Order, target: Decimal) -> tuple[str, str]:
    """``(limit, stop)`` as an edit wants them typed, when the order's working price becomes ``target``: the limit
    behind a stop moves along.
    """
    if not order.type.is_trigger:
        return plain(target), ""
    if order.limit_price is None or order.stop_price is None:
        return "", plain(target)
    return plain(order.limit_price + target - order.stop_price), plain(target)
