"""What of the exchange must outlive a restart, as values: the floor's prices, and each account.

Books, bars and public trades are not kept; they are made anew around the kept prices. The generation grows with each
restore so that ids never repeat. Invariant: what ``change_of`` tells of a seat, in order and from its beginning, is all
that ``restored`` needs to make an equal one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from tui.exchange.account import KEPT_FILLS, KEPT_LOG
from tui.exchange.blotter import KEPT_RECORDS
from tui.exchange.config import EngineConfig, check_names
from tui.exchange.fees import Turnover
from tui.exchange.floor import Floor
from tui.exchange.orders import Order
from tui.exchange.placement import put_in_book
from tui.exchange.positions import Position
from tui.exchange.seat import Seat
from tui.exchange.views import Fill, LogEntry, OrderRecord, PositionUpdate

FILL: Final = "fill"
LOG: Final = "log"
RECORD: Final = "record"
UPDATE: Final = "update"


@dataclass(frozen=True, slots=True)
class History:
    """What a row of an account's history is, and how many are kept."""

    row: type
    limit: int


HISTORIES: Final[Mapping[str, History]] = {
    FILL: History(Fill, KEPT_FILLS),
    LOG: History(LogEntry, KEPT_LOG),
    RECORD: History(OrderRecord, KEPT_RECORDS),
    UPDATE: History(PositionUpdate, KEPT_LOG),
}


class StateUnusable(Exception):
    """The saved state cannot be used; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class FloorState:
    """``prices`` in USD by underlying; times in ms since the epoch, UTC."""

    generation: int
    saved_ms: int
    prices: dict[str, float]
    mood: float
    trade_seqs: dict[str, int]


@dataclass(frozen=True, slots=True)
class Head:
    """One account without its orders and histories. ``saved_ms``: the moment of which this is true."""

    saved_ms: int
    holding: dict[str, Decimal]
    flex: dict[str, Decimal]
    wallets: dict[str, Decimal]
    positions: list[Position]
    leverage: dict[str, Decimal]
    pnl_currency: dict[str, str]
    self_trade_strategy: str
    fill_seq: int
    log_id: int
    turnover: list[tuple[int, Decimal]]
    dead_man_ms: int | None


@dataclass(frozen=True, slots=True)
class AccountState:
    """One account. ``histories``: numbered rows by kind, oldest first."""

    head: Head
    orders: list[Order] = field(default_factory=list)
    histories: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EngineState:
    """Everything."""

    floor: FloorState
    accounts: dict[str, AccountState]


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What has changed of an account since it was last written down. ``orders``: live ones by id, None for those that
    have gone.
    """

    name: str
    head: Head
    orders: dict[str, Order | None]
    histories: dict[str, tuple[tuple[int, Any], ...]]


def last_saved_ms(state: EngineState) -> int:
    """The latest moment of which it knows."""
    return max([state.floor.saved_ms, *(account.head.saved_ms for account in state.accounts.values())])


# --- out -----------------------------------------------------------------------------------------------------


def floor_state(floor: Floor) -> FloorState:
    levels = floor.driver.levels
    return FloorState(
        generation=floor.generation,
        saved_ms=floor.now_ms,
        prices=dict(levels.prices),
        mood=levels.mood,
        trade_seqs={symbol: market.trade_seq for symbol, market in floor.markets.items()},
    )


def change_of(seat: Seat) -> AccountChange:
    account, blotter = seat.account, seat.blotter
    histories: dict[str, tuple[tuple[int, Any], ...]] = {
        FILL: account.fills.fresh(),
        LOG: account.log.fresh(),
        RECORD: blotter.records.fresh(),
        UPDATE: account.updates.fresh(),
    }
    return AccountChange(
        seat.name,
        _head(seat),
        {order_id: blotter.live.get(order_id) for order_id in blotter.unsaved},
        {kind: rows for kind, rows in histories.items() if rows},
    )


def settle(seat: Seat) -> None:
    """What ``change_of`` told has been written down."""
    account, blotter = seat.account, seat.blotter
    for history in (account.fills, account.log, account.updates, blotter.records):
        history.settle()
    blotter.unsaved.clear()


def _head(seat: Seat) -> Head:
    account = seat.account
    return Head(
        saved_ms=seat.now_ms,
        holding=dict(account.holding),
        flex=dict(account.flex),
        wallets=dict(account.wallets),
        positions=list(account.positions.values()),
        leverage=dict(account.leverage),
        pnl_currency=dict(account.pnl_currency),
        self_trade_strategy=account.self_trade_strategy,
        fill_seq=account.fill_seq,
        log_id=account.log_id,
        turnover=list(account.turnover.days()),
        dead_man_ms=seat.dead_man_ms,
    )


# --- and back ------------------------------------------------------------------------------------------------


def check(state: EngineState) -> None:
    """Raises ``StateUnusable`` if an account holds what the exchange does not know."""
    for account in state.accounts.values():
        try:
            check_names(account.head.flex, account.head.wallets)
        except ValueError as error:
            raise StateUnusable(f"the saved state holds something unknown: {error}") from error


def restored(floor: Floor, name: str, config: EngineConfig, state: AccountState) -> Seat:
    """A seat as ``state`` left it, its orders in the book again."""
    seat = Seat(floor, name, config)
    account, head = seat.account, state.head
    account.holding, account.flex, account.wallets = dict(head.holding), dict(head.flex), dict(head.wallets)
    account.positions = {position.symbol: position for position in head.positions}
    account.leverage, account.pnl_currency = dict(head.leverage), dict(head.pnl_currency)
    account.self_trade_strategy = head.self_trade_strategy
    account.fill_seq, account.log_id = head.fill_seq, head.log_id
    account.turnover = Turnover(head.turnover)
    account.fills.restore(state.histories.get(FILL, ()))
    account.log.restore(state.histories.get(LOG, ()))
    account.updates.restore(state.histories.get(UPDATE, ()))
    seat.blotter.records.restore(state.histories.get(RECORD, ()))
    seat.dead_man_ms = head.dead_man_ms
    for order in state.orders:
        seat.blotter.restore(order)
        if not order.is_trigger:
            put_in_book(seat, floor.markets[order.symbol], order)
    return seat
