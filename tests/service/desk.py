"""A ledger with a counter and a clock of its own, driven event by event."""

from __future__ import annotations

from decimal import Decimal

from tests.service.build import T0, instrument
from tui.model.account import Account
from tui.model.events import Event, LinkOpened, LinkReady
from tui.model.fill import Fill
from tui.model.order import Order, OrderStatusReport
from tui.model.position import Position
from tui.service import reconcile
from tui.service.ledger import Ledger
from tui.service.reduce import reduce, tick


class Desk:
    """``now`` is local time; every event and every question takes the next evidence number."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.ledger.set_instruments((instrument(),))
        self.now = T0
        self.n = 0

    def next_n(self) -> int:
        self.n += 1
        return self.n

    def hear(self, *events: Event) -> None:
        for event in events:
            reduce(self.ledger, event, self.now, self.next_n())

    def connect(self, epoch: int = 1) -> None:
        self.hear(LinkOpened(epoch), LinkReady(epoch))
        self.ledger.wishes.take()

    def wait(self, ms: int) -> None:
        self.now += ms
        tick(self.ledger, self.now)

    def ask(self) -> int:
        """A question leaves now."""
        return self.next_n()

    def orders_answer(self, sent_n: int, *rows: Order) -> None:
        self.next_n()
        reconcile.take_orders(self.ledger, rows, sent_n, self.now)

    def positions_answer(self, sent_n: int, server_ms: int | None, *positions: Position) -> None:
        self.next_n()
        reconcile.take_positions(self.ledger, positions, server_ms, sent_n, self.now)

    def account_answer(self, sent_n: int, account: Account) -> None:
        self.next_n()
        reconcile.take_account(self.ledger, account, account.time_ms, sent_n, self.now)

    def fills_answer(self, *fills: Fill) -> None:
        reconcile.take_fills(self.ledger, fills, self.next_n(), self.now)

    def older_fills_answer(self, *fills: Fill) -> None:
        reconcile.take_older_fills(self.ledger, fills, self.next_n(), self.now)

    def status_answer(self, sent_n: int, *reports: OrderStatusReport) -> None:
        reconcile.take_statuses(self.ledger, reports, sent_n, self.next_n(), self.now)

    def working(self) -> dict[str, tuple[Decimal, Decimal]]:
        """Remaining and filled by order id."""
        return {order.order_id: (order.remaining, order.filled) for order in self.ledger.orders.working()}

    def closed(self) -> dict[str, str]:
        return {order.order_id: str(order.close_reason) for order in self.ledger.orders.closed()}

    def sizes(self) -> dict[str, Decimal]:
        return {position.symbol: position.signed_size for position in self.ledger.positions.view()}
