"""Which orders a cancel would take, and which protective stops it would strip.

Invariant: a stop that protects an open position is never taken unnamed.
"""

from __future__ import annotations

from msgspec import Struct

from tui.model.enums import OrderType, Side
from tui.model.order import Order
from tui.model.state import State


class CancelPlan(Struct, frozen=True):
    """``everything``: the venue is asked to cancel all on ``symbol`` (None: on every contract), which also takes what
    the desk does not know yet. Otherwise ``orders`` are cancelled one by one.
    """

    label: str
    orders: tuple[Order, ...]
    symbol: str | None = None
    everything: bool = False
    stripped: tuple[Order, ...] = ()


def protects(order: Order, state: State) -> bool:
    """A stop or trailing stop that would reduce the open position on its contract."""
    position = state.position(order.symbol)
    is_stop = order.type in (OrderType.STOP, OrderType.TRAILING_STOP)
    return is_stop and position is not None and order.side is position.closing_side


def cancel_plans(state: State, symbol: str) -> dict[str, CancelPlan]:
    """The plans by the key that picks them, for the contract in hand; ``A`` is every contract."""
    here = tuple(order for order in state.orders if order.symbol == symbol)
    keep = tuple(order for order in here if not protects(order, state))
    return {
        "a": _plan("all", here, state, symbol=symbol, everything=True),
        "b": _plan("buys", tuple(order for order in here if order.side is Side.BUY), state),
        "s": _plan("sells", tuple(order for order in here if order.side is Side.SELL), state),
        "k": _plan("all but protective stops", keep, state),
        "A": _plan("all contracts", state.orders, state, everything=True),
    }


def _plan(
    label: str, orders: tuple[Order, ...], state: State, *, symbol: str | None = None, everything: bool = False
) -> CancelPlan:
    stripped = tuple(order for order in orders if protects(order, state))
    return CancelPlan(label, orders, symbol, everything, stripped)
