"""Every act of trade by its id in ``ACTIONS``: what a key, the palette and a typed command run.

Invariant: a typed command runs the same acts as keys do; there is no second road.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from tui.model.enums import Side
from tui.screens.alert_line import AlertCommand, DropAlert, SetAlert
from tui.screens.command import CancelMany, Command, DoAct, PlaceOrder, SetLeverage, TakeInHand
from tui.screens.command_line import CommandLine
from tui.screens.ladder_acts import LadderActs
from tui.screens.order_acts import OrderActs
from tui.screens.position_acts import PositionActs
from tui.screens.safety_acts import SafetyActs
from tui.screens.tools import Tools

Acts = dict[str, Callable[[], None]]


class Waits(NamedTuple):
    """Spans of the acts: gathering of move keys, length of armed mode, timeout of the dead man's switch."""

    move_window_s: float
    armed_for_s: int
    dead_man_s: int


def trading_acts(
    tools: Tools,
    waits: Waits,
    *,
    focus: Callable[[str], None],
    leave: Callable[[], None],
    alert: Callable[[AlertCommand], None],
    others: Acts,
) -> Acts:
    """``focus`` takes a contract in hand, ``leave`` ends the app, ``alert`` sets and drops alerts. ``others`` are acts
    of the app itself, which a typed command may name too; they are part of what is returned.
    """
    orders, positions = OrderActs(tools, waits.move_window_s), PositionActs(tools)
    ladder = LadderActs(tools, orders, alert)
    safety = SafetyActs(tools, armed_for_s=waits.armed_for_s, dead_man_s=waits.dead_man_s, leave=leave)

    def obey(command: Command) -> None:
        match command:
            case PlaceOrder(draft):
                orders.confirm(draft)
            case CancelMany(key):
                safety.cancel_by_key(key)
            case SetLeverage(cap):
                positions.leverage_to(cap)
            case SetAlert() | DropAlert():
                alert(command)
            case DoAct(name):
                acts[name]()
            case TakeInHand(symbol):
                focus(symbol)

    acts: Acts = {
        **others,
        "buy": partial(ladder.place, Side.BUY),
        "sell": partial(ladder.place, Side.SELL),
        "buy_better": partial(orders.join, Side.BUY, 1),
        "sell_better": partial(orders.join, Side.SELL, 1),
        "ticket": orders.ticket,
        "command": lambda: tools.stage.ask(CommandLine(tools.stage), obey),
        "cancel": ladder.cancel,
        "cancel_many": safety.cancel_many,
        "edit": ladder.edit,
        "move_up": partial(ladder.move, 1),
        "move_down": partial(ladder.move, -1),
        "carry": ladder.carry,
        "alert_here": ladder.alert,
        "flatten": positions.flatten,
        "reverse": positions.reverse,
        "leverage": positions.leverage,
        "panic": safety.panic,
        "dead_man": safety.dead_man,
        "mode": safety.mode,
        "quit": safety.quit,
    }
    return acts
