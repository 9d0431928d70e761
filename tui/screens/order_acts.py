"""Orders by single keys: join, improve, ticket, edit, move and cancel.

Invariant: an act takes hold of what the cursor stood on when its key was pressed, by identity, and acts on nothing else
whatever the rows do meanwhile.
"""

from __future__ import annotations

from msgspec.structs import replace

from tui.model.decimals import plain
from tui.model.describe import one_line
from tui.model.draft import Assessment, OrderDraft
from tui.model.enums import Side
from tui.model.order import CancelRequest, Order, Unresolved
from tui.model.view import View
from tui.screens.cancels import protects
from tui.screens.confirm import OrderAnswer, SendOrder, ToTicket, cancel_content, order_content
from tui.screens.edit import EditForm
from tui.screens.mover import Mover
from tui.screens.strip import Strip, StripContent
from tui.screens.ticket import Ticket
from tui.screens.tools import Tools


class OrderActs:
    def __init__(self, tools: Tools, move_window_s: float) -> None:
        self._tools = tools
        self._desk = tools.desk
        self._stage = tools.stage
        self._sender = tools.sender
        self._mover = Mover(tools, move_window_s)

    def join(self, side: Side, better_ticks: int = 0) -> None:
        """Clip size at the best price of ``side``, or better by ticks."""
        view = self._stage.view
        self.place(self._desk.join_draft(view.focus, side, view.clip, better_ticks))

    def place(self, draft: OrderDraft) -> None:
        """By the strip; armed, at once unless doubtful."""
        if not self._sender.may_send():
            return
        view, draft = self._stage.view, self._named(draft)
        assessment = self._desk.assess(draft)
        if (
            view.mode.name == "armed"
            and assessment.request is not None
            and not (assessment.errors or assessment.doubts)
        ):
            self._sender.order(assessment.request)
            return
        self._confirm(pinned(draft, assessment))

    def confirm(self, draft: OrderDraft) -> None:
        """Any order, by the strip: in every key mode it is shown before it is sent."""
        if self._sender.may_send():
            named = self._named(draft)
            self._confirm(pinned(named, self._desk.assess(named)))

    def ticket(self) -> None:
        """The full ticket on the contract in hand. In view mode it previews and cannot send."""
        view = self._stage.view
        self.open_ticket(OrderDraft(view.focus, Side.BUY, size=plain(view.clip), limit_price="bid"))

    def open_ticket(self, draft: OrderDraft) -> None:
        self._stage.ask(Ticket(self._tools, draft), lambda _: None)

    def edit(self) -> None:
        order = self._order() or self._marked()
        if order is None:
            self._no_order("edit")
        else:
            self.edit_order(order)

    def edit_order(self, order: Order) -> None:
        if self._sender.may_send():
            self._stage.ask(EditForm(self._tools, order), lambda _: None)

    def move(self, ticks: int) -> None:
        order = self._order()
        if order is None:
            self._no_order("move")
        else:
            self.move_order(order, ticks)

    def move_order(self, order: Order, ticks: int) -> None:
        if self._sender.may_send():
            self._mover.press(order, ticks)

    def cancel(self) -> None:
        """The order under the cursor, at once. It asks first about a stop that protects a position, and about a row
        marked in a panel that has not the focus.
        """
        selection = self._stage.selection
        if isinstance(selection, Unresolved):
            request = CancelRequest(selection.symbol, None, selection.client_order_id)
            self._sender.cancel(request, selection.what)
            return
        focused = self._order()
        order = focused or self._marked()
        if order is None:
            self._no_order("cancel")
        elif not self._sender.may_send():
            return
        elif focused is None or protects(order, self._stage.view.state):
            self._stage.ask(Strip(lambda view: cancel_content(view, order), self._stage.view), self.cancel_order)
        else:
            self.cancel_order(order)

    def cancel_order(self, order: Order) -> None:
        request = CancelRequest(order.symbol, order.order_id or None, order.client_order_id)
        self._sender.cancel(request, one_line(order, self._stage.view.state.instruments.get(order.symbol)))

    def _confirm(self, draft: OrderDraft) -> None:
        def build(view: View) -> StripContent[OrderAnswer]:
            heading = f"{draft.side.capitalize()} {draft.symbol}"
            return order_content(view, heading, self._desk.assess(draft), draft, self._tools.fmt)

        self._stage.ask(Strip(build, self._stage.view), self._answer)

    def _answer(self, answer: OrderAnswer) -> None:
        match answer:
            case SendOrder(request, accept_doubts, program):
                self._sender.order(request, accept_doubts=accept_doubts, program=program)
            case ToTicket(draft):
                self.open_ticket(draft)

    def _named(self, draft: OrderDraft) -> OrderDraft:
        return replace(draft, client_order_id=draft.client_order_id or self._desk.new_client_order_id())

    def _order(self) -> Order | None:
        selection = self._stage.selection
        return selection if isinstance(selection, Order) else None

    def _marked(self) -> Order | None:
        """The order that stands marked on the screen while another panel has the focus."""
        return next((row for row in self._stage.marked if isinstance(row, Order)), None)

    def _no_order(self, verb: str) -> None:
        self._stage.say(f"No working order under the cursor to {verb}: tab to the orders, arrows to choose one.")


def pinned(draft: OrderDraft, assessment: Assessment) -> OrderDraft:
    """The draft with its price and size as they are now, so that what is confirmed does not run with the market."""
    limit, size = assessment.resolved_limit, assessment.resolved_size
    return replace(
        draft,
        limit_price=draft.limit_price if limit is None else plain(limit),
        size=draft.size if size is None else plain(size),
    )
