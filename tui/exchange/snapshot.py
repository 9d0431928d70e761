"""The accounts on paper: everything that must outlive a restart, as JSON-able plain data and back.

Books, bars and public trades are not kept; they are made anew around the kept prices. The generation grows
with each restore so that ids never repeat. Invariant: what ``dump`` writes, ``load`` reads back equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import msgspec

from tui.exchange.floor import Floor
from tui.exchange.orders import Order
from tui.exchange.positions import Position
from tui.exchange.seat import Seat
from tui.exchange.views import Fill, LogEntry, OrderRecord, PositionUpdate

VERSION: Final = 2


class SnapshotError(Exception):
    """The saved state cannot be used; the message says why in plain words."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """One account: wallets, positions, preferences, orders and histories."""

    holding: dict[str, Decimal]
    flex: dict[str, Decimal]
    wallets: dict[str, Decimal]
    positions: list[Position]
    leverage: dict[str, Decimal]
    pnl_currency: dict[str, str]
    self_trade_strategy: str
    fills: list[Fill]
    fill_seq: int
    log: list[LogEntry]
    log_id: int
    turnover: list[tuple[int, Decimal]]
    updates: list[PositionUpdate]
    orders: list[Order]
    records: list[OrderRecord]
    dead_man_ms: int | None


@dataclass(frozen=True, slots=True)
class EngineState:
    """The whole snapshot."""

    version: int
    generation: int
    saved_ms: int
    prices: dict[str, float]
    mood: float
    trade_seqs: dict[str, int]
    accounts: dict[str, AccountState]


def dump(floor: Floor) -> dict[str, Any]:
    """What ``load`` reads, ready for ``msgspec.json.encode``: histories are rows of JSON already."""
    levels = floor.driver.levels
    state = EngineState(
        version=VERSION,
        generation=floor.generation,
        saved_ms=floor.now_ms,
        prices=dict(levels.prices),
        mood=levels.mood,
        trade_seqs={symbol: market.trade_seq for symbol, market in floor.markets.items()},
        accounts={},
    )
    plain: dict[str, Any] = msgspec.to_builtins(state)
    plain["accounts"] = {name: _dump_account(seat) for name, seat in floor.seats.items()}
    return plain


def _dump_account(seat: Seat) -> dict[str, Any]:
    account, blotter = seat.account, seat.blotter
    state = AccountState(
        holding=account.holding,
        flex=account.flex,
        wallets=account.wallets,
        positions=list(account.positions.values()),
        leverage=account.leverage,
        pnl_currency=account.pnl_currency,
        self_trade_strategy=account.self_trade_strategy,
        fills=[],
        fill_seq=account.fill_seq,
        log=[],
        log_id=account.log_id,
        turnover=list(account.turnover.days()),
        updates=[],
        orders=list(blotter.live.values()),
        records=[],
        dead_man_ms=seat.dead_man_ms,
    )
    plain: dict[str, Any] = msgspec.to_builtins(state)
    return plain | {
        "fills": account.fills.encoded(),
        "log": account.log.encoded(),
        "updates": account.updates.encoded(),
        "records": blotter.records.encoded(),
    }


def load(data: Mapping[str, Any]) -> EngineState:
    """Raises ``SnapshotError`` for a newer version or data of another shape."""
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise SnapshotError(f"the saved state has version {version}, this program knows up to {VERSION}")
    try:
        return msgspec.convert(data, EngineState)
    except msgspec.ValidationError as error:
        raise SnapshotError(f"the saved state is damaged: {error}") from error
