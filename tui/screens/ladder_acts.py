"""Trading at the ladder's cursor: place, pull, and move by picking up and putting down.

Invariant: with a price under the cursor these acts concern that price and our orders there, as they stood when the key
was pressed; with none they are the acts of everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from textual.content import Content

from tui.model.alert import Alert, Watched
from tui.model.decimals import plain
from tui.model.describe import edit_line, price_text
from tui.model.draft import Assessment, EditAssessment, OrderDraft
from tui.model.enums import OrderType, Side
from tui.model.order import EditRequest, Order
from tui.model.view import PricePoint, View
from tui.screens.alert_line import AlertCommand, SetAlert
from tui.screens.cancels import protects
from tui.screens.confirm import pull_content, titled, tone
from tui.screens.consequences import note_lines, strip_lines
from tui.screens.mover import moved
from tui.screens.order_acts import OrderActs
from tui.screens.stage import UNSENT
from tui.screens.strip import Choice, Strip, StripContent
from tui.screens.tools import Tools
from tui.widgets.format import Format


@dataclass(frozen=True, slots=True)
class SendEdits:
    edits: tuple[tuple[EditRequest, Order], ...]
    accept_doubts: bool = False


class LadderActs:
    """``orders`` does what is done to one order, ``alert`` sets an alert."""

    def __init__(self, tools: Tools, orders: OrderActs, alert: Callable[[AlertCommand], None]) -> None:
        self._tools = tools
        self._desk = tools.desk
        self._stage = tools.stage
        self._sender = tools.sender
        self._orders = orders
        self._alert = alert

    def place(self, side: Side) -> None:
        """The clip at the cursor's price; with no price under the cursor, at the best price of ``side``. A stop is
        always shown first: which of the two an order is hangs on a market that moves.
        """
        point = self._point()
        if point is None:
            self._orders.join(side)
            return
        draft = draft_at(self._stage.view, point, side)
        if draft.type is OrderType.STOP:
            self._orders.confirm(draft)
        else:
            self._orders.place(draft)

    def cancel(self) -> None:
        """All of ours at the cursor, at once; it asks first if protective stops are among them."""
        point = self._point()
        if point is None:
            self._orders.cancel()
        elif not self._some(point, "cancel") or not self._sender.may_send():
            return
        elif any(protects(order, self._stage.view.state) for order in point.orders):
            self._stage.ask(Strip(lambda view: pull_content(view, point.orders), self._stage.view), self._pull)
        else:
            self._pull(point.orders)

    def edit(self) -> None:
        point = self._point()
        if point is None:
            self._orders.edit()
        elif self._some(point, "edit"):
            if len(point.orders) == 1:
                self._orders.edit_order(point.orders[0])
            else:
                self._stage.say(f"{len(point.orders)} orders stand here: choose one among the working orders.")

    def move(self, ticks: int) -> None:
        point = self._point()
        if point is None:
            self._orders.move(ticks)
        elif self._some(point, "move"):
            for order in point.orders:
                self._orders.move_order(order, ticks)

    def carry(self) -> None:
        """Pick up our orders at the cursor, or put down at the cursor what was picked up."""
        point, carried = self._point(), self._stage.view.carried
        if point is None:
            self._stage.say("Choose a price on the ladder first: L, then the arrows.")
        elif not self._sender.may_send():
            return
        elif carried:
            self._put_down(point, carried)
        elif self._some(point, "pick up"):
            self._stage.carry(tuple(order.order_id for order in point.orders))
            self._stage.say("Picked up: arrows to the new price, enter puts down, esc puts back.")

    def alert(self) -> None:
        """An alert at the cursor's price: for the last trade to reach it from where it is now."""
        point = self._point()
        if point is None:
            self._stage.say("Choose a price on the ladder first: L, then the arrows. Or type : alert > 90000.")
            return
        ticker = self._stage.view.state.tickers.get(point.symbol)
        if ticker is None or ticker.last is None:
            self._stage.say(f"No trade in {point.symbol} is known yet. No alert was set.")
            return
        self._alert(SetAlert(Alert(Watched.LAST, point.symbol, point.price > ticker.last, point.price)))

    def _put_down(self, point: PricePoint, carried: tuple[str, ...]) -> None:
        """Armed: sent at once unless doubtful; else shown first."""
        view = self._stage.view
        self._stage.carry(())
        held = tuple(order for order in view.state.orders if order.order_id in carried)
        if not held:
            self._stage.say(f"What was picked up works no more. {UNSENT}", "warning")
            return
        judged = self._judged(held, point.price)
        if view.mode.name == "armed" and _obstacles(judged) == ((), ()):
            self._send(_sendable(held, judged, accept_doubts=False))
            return

        def build(now: View) -> StripContent[SendEdits]:
            alive = tuple(order for one in held if (order := now.state.order(one.order_id)) is not None)
            return edits_content(now, alive, self._judged(alive, point.price), self._tools.fmt)

        self._stage.ask(Strip(build, view), self._send)

    def _judged(self, orders: tuple[Order, ...], price: Decimal) -> tuple[EditAssessment, ...]:
        return tuple(self._desk.assess_edit(order, "", *moved(order, price)) for order in orders)

    def _send(self, answer: SendEdits) -> None:
        for request, order in answer.edits:
            self._sender.edit(request, order, accept_doubts=answer.accept_doubts)

    def _pull(self, orders: tuple[Order, ...]) -> None:
        for order in orders:
            self._orders.cancel_order(order)

    def _point(self) -> PricePoint | None:
        selection = self._stage.selection
        return selection if isinstance(selection, PricePoint) else None

    def _some(self, point: PricePoint, verb: str) -> bool:
        """Whether anything of ours stands at the cursor; says so if not."""
        if not point.orders:
            at = price_text(point.price, self._stage.view.state.instruments.get(point.symbol))
            self._stage.say(f"No order of yours at {at} to {verb}.")
        return bool(point.orders)


def draft_at(view: View, point: PricePoint, side: Side) -> OrderDraft:
    """The clip at a price: a limit order, or beyond the market, where a limit would be filled at a better price at
    once, a stop. A stop that closes no more than the position is reduce-only.
    """
    book, size = view.state.books.get(point.symbol), plain(view.clip)
    across = (book.asks if side is Side.BUY else book.bids) if book else ()
    if not across or (point.price - across[0].price) * side.sign <= 0:
        return OrderDraft(point.symbol, side, size=size, limit_price=plain(point.price))
    position = view.state.position(point.symbol)
    closes = position is not None and position.closing_side is side and view.clip <= position.size
    return OrderDraft(point.symbol, side, OrderType.STOP, size=size, stop_price=plain(point.price), reduce_only=closes)


def edits_content(
    view: View, orders: tuple[Order, ...], judged: tuple[EditAssessment, ...], fmt: Format
) -> StripContent[SendEdits]:
    """What putting down would send: a line for each order, then the consequences of one, or what stands against many.
    The latter's previews are not added up: each is judged with the others where they are.
    """
    lines: list[Content] = []
    for order, verdict in zip(orders, judged, strict=True):
        instrument = view.state.instruments.get(order.symbol)
        if verdict.request is not None:
            lines.append(Content.styled(edit_line(verdict.request, order, instrument), "bold"))
        if len(orders) == 1:
            one = Assessment(None, verdict.errors, verdict.warnings, verdict.doubts, verdict.preview)
            lines += strip_lines(one, instrument, fmt)
        else:
            lines += note_lines(verdict.errors, verdict.warnings, verdict.doubts)
    errors, doubts = _obstacles(judged)
    answer = _sendable(orders, judged, accept_doubts=bool(doubts))
    choices: tuple[Choice[SendEdits], ...] = ()
    if answer.edits and not errors:
        choices = (Choice("y", "move in spite of the doubt", answer) if doubts else Choice("enter", "move", answer),)
    elif not lines:
        lines.append(Content("Nothing would change."))
    return StripContent(titled(view, "Move"), tuple(lines), choices, tone(view))


def _obstacles(judged: tuple[EditAssessment, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """``(errors, doubts)`` of all edits together."""
    errors = tuple(error.message for verdict in judged for error in verdict.errors)
    return errors, tuple(doubt for verdict in judged for doubt in verdict.doubts)


def _sendable(orders: tuple[Order, ...], judged: tuple[EditAssessment, ...], *, accept_doubts: bool) -> SendEdits:
    pairs = zip(orders, judged, strict=True)
    return SendEdits(
        tuple((verdict.request, order) for order, verdict in pairs if verdict.request is not None), accept_doubts
    )
