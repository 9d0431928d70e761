"""Every act of the desk in one list: key bindings, the help screen, the palette and the hint row read it.

Invariant: an act is named here once, by ``id``. The settings file may give an id another key; nothing else about it
changes. No default key is one that terminals, tmux or flow control take for themselves (``FORBIDDEN``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from textual.binding import Binding

FORBIDDEN = frozenset({"ctrl+j", "ctrl+s", "ctrl+q", "ctrl+b", "ctrl+a"})


class Group(StrEnum):
    """Headings of the help screen, in its order."""

    ORDERS = "Orders"
    POSITION = "Position"
    SAFETY = "Safety"
    DESK = "Desk"
    SCREENS = "Screens"


class Action(Struct, frozen=True):
    """``keys`` is Textual's comma list. ``hint`` is its word in the bottom row, empty to stay out of it; ``label`` its
    name in palette and help; ``help`` says what it does and what it asks first.
    """

    id: str
    keys: str
    label: str
    help: str
    group: Group
    hint: str = ""
    palette: bool = True


ACTIONS: tuple[Action, ...] = (
    Action("buy", "b", "Buy: join the bid", "Clip at the bid, or at the ladder's price.", Group.ORDERS, "buy"),
    Action(
        "sell",
        "s",
        "Sell: join the offer",
        "Clip at the offer, or at the ladder's price.",
        Group.ORDERS,
        "sell",
    ),
    Action("buy_better", "B", "Buy: one tick better", "As b, one tick above the best bid.", Group.ORDERS),
    Action("sell_better", "S", "Sell: one tick better", "As s, one tick below the best offer.", Group.ORDERS),
    Action("ticket", "t", "Ticket", "All order types, consequences first.", Group.ORDERS, "ticket"),
    Action("command", ":", "Typed order", "b .01 @bid po, sl 84000 all, x all, lev 10.", Group.ORDERS),
    Action("cancel", "x", "Cancel this order", "Under the cursor; asks only for stops.", Group.ORDERS, "cancel"),
    Action("cancel_many", "X", "Cancel many", "Then a all, b buys, s sells, k not stops.", Group.ORDERS, "all"),
    Action("edit", "e", "Edit this order", "Its size and prices.", Group.ORDERS, "edit"),
    Action("move_up", "+,=", "Move up a tick", "Quick presses become one edit.", Group.ORDERS, "move"),
    Action("move_down", "-", "Move down a tick", "Quick presses become one edit.", Group.ORDERS),
    Action("carry", "enter", "Pick up, put down", "On the ladder: orders at the cursor.", Group.ORDERS, "pick up"),
    Action("alert_here", "a", "Alert at this price", "On the ladder: told once when it trades.", Group.ORDERS),
    Action("clip_down", "[", "Smaller clip", "The size that b and s send.", Group.ORDERS),
    Action("clip_up", "]", "Larger clip", "The size that b and s send.", Group.ORDERS),
    Action("clip_next", "c", "Next clip", "The next size, then the smallest again.", Group.ORDERS),
    Action(
        "flatten",
        "f",
        "Flatten",
        "Close under the cursor; cost shown first.",
        Group.POSITION,
        "flatten",
    ),
    Action("reverse", "r", "Reverse", "Close, and open the same the other way.", Group.POSITION, "reverse"),
    Action("leverage", "l", "Leverage", "Cross, or isolated at a cap.", Group.POSITION, "lev"),
    Action("panic", "!", "Panic", "Type FLAT, enter: cancel all, close all.", Group.SAFETY, "panic"),
    Action("dead_man", "d", "Dead man's switch", "The venue's cancel-all timer.", Group.SAFETY),
    Action("mode", "m", "Key mode", "view (nothing sent), confirm, armed.", Group.SAFETY),
    Action("help", "?", "Keys", "The keys of this screen.", Group.DESK, "keys", palette=False),
    Action("palette", "ctrl+p", "Palette", "Every act and contract by name.", Group.DESK, palette=False),
    Action("tour", "f1", "Tour", "Half a minute for the first time.", Group.DESK),
    Action("quit", "q,ctrl+c", "Quit", "Asks what becomes of working orders.", Group.DESK, "quit"),
    Action("screen_desk", "1", "Desk", "Ladder, positions, orders, margin.", Group.SCREENS),
    Action("screen_positions", "2", "Positions", "Every position with its risk.", Group.SCREENS),
    Action("screen_orders", "3", "Orders", "Working orders, stops and the unresolved.", Group.SCREENS),
    Action("screen_margin", "4", "Margin", "Margin level, pools and collateral.", Group.SCREENS),
    Action("screen_fills", "5", "Fills", "Executions, fees and totals.", Group.SCREENS),
    Action("screen_markets", "6", "Markets", "All contracts; enter takes one in hand.", Group.SCREENS),
    Action("screen_health", "7", "Health", "Feeds, endpoints, differences, log.", Group.SCREENS),
    Action("screen_alerts", "8", "Alerts", "Set one by : alert > 90000; all that was told.", Group.SCREENS),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


def bindings() -> list[Binding]:
    """The default bindings, each with its id so that a keymap can move it; those with a hint show in the hint row."""
    return [
        Binding(action.keys, f"act('{action.id}')", action.hint or action.label, id=action.id, show=bool(action.hint))
        for action in ACTIONS
    ]


def keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that trigger an act under a keymap, as one would write them in the settings file."""
    return tuple(key.strip() for key in keymap.get(action.id, action.keys).split(","))


def clashes(keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Keys that two acts would share under a keymap, as sentences."""
    owners: dict[str, list[str]] = {}
    for action in ACTIONS:
        for key in keys_of(action, keymap):
            owners.setdefault(key, []).append(action.id)
    return tuple(f"{key} is bound to {' and '.join(ids)}" for key, ids in owners.items() if len(ids) > 1)
