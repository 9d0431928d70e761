"""Positions by single keys: flatten, reverse, leverage.

Invariant: the contract is the one under the cursor when the key was pressed, else the one in hand, else the marked
position; the strip names it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from msgspec.structs import replace

from tui.model.decimals import plain
from tui.model.draft import Assessment
from tui.model.order import Order, Unresolved
from tui.model.position import Position
from tui.model.view import PricePoint, View
from tui.screens.confirm import OrderAnswer, SendOrder, order_content
from tui.screens.leverage import LeverageForm
from tui.screens.strip import Strip, StripContent
from tui.screens.tools import Tools


class PositionActs:
    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._desk = tools.desk
        self._stage = tools.stage
        self._sender = tools.sender

    def flatten(self) -> None:
        """Close the position; the cost of the sweep is shown first, in armed mode too."""
        self._confirm("Flatten", self._desk.assess_flatten)

    def reverse(self) -> None:
        self._confirm("Reverse", self._desk.assess_reverse)

    def leverage(self) -> None:
        self._leverage(LeverageForm(self._tools, self._symbol()))

    def leverage_to(self, cap: Decimal | None) -> None:
        """The form with a wanted setting already in it; its effect is shown before it is sent."""
        focus = self._stage.view.focus
        mode, text = ("cross", "") if cap is None else ("isolated", plain(cap))
        self._leverage(LeverageForm(self._tools, focus, mode, text))

    def _leverage(self, form: LeverageForm) -> None:
        if self._sender.may_send():
            self._stage.ask(form, lambda _: None)

    def _confirm(self, verb: str, assess: Callable[[str], Assessment]) -> None:
        symbol = self._symbol()
        if not self._sender.may_send():
            return
        if self._stage.view.state.position(symbol) is None:
            self._stage.say(f"No position in {symbol} to {verb.lower()}.")
            return

        name = self._desk.new_client_order_id()

        def build(view: View) -> StripContent[OrderAnswer]:
            verdict = assess(symbol)
            if verdict.request is not None:  # one name while the strip is open: it changes only if the order does
                verdict = replace(verdict, request=replace(verdict.request, client_order_id=name))
            return order_content(view, f"{verb} {symbol}", verdict, None, self._tools.fmt)

        self._stage.ask(Strip(build, self._stage.view), self._send)

    def _send(self, answer: OrderAnswer) -> None:
        if isinstance(answer, SendOrder):
            self._sender.order(answer.request, accept_doubts=answer.accept_doubts)

    def _symbol(self) -> str:
        state, selection = self._stage.view.state, self._stage.selection
        if isinstance(selection, Position | Order | Unresolved | PricePoint) and (
            isinstance(selection, Position) or state.position(selection.symbol) is not None
        ):
            return selection.symbol
        focus = self._stage.view.focus
        if state.position(focus) is None:
            return next((row.symbol for row in self._stage.marked if isinstance(row, Position)), focus)
        return focus
