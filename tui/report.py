"""The merged state as one JSON object, for programs: what ``kftui watch`` prints.

Numbers are plain JSON numbers with the digits the desk holds, unknown is null, times are ISO-8601 UTC. Keys are a
promise: they may grow, they do not change meaning.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tui.model.decimals import plain
from tui.model.state import LinkStatus, Slice

if TYPE_CHECKING:
    from tui.model.account import MarginPool
    from tui.model.fill import Fill
    from tui.model.order import Order, Unresolved
    from tui.model.position import Position
    from tui.model.state import Age, State

_ENCODER = msgspec.json.Encoder()
_REST_SLICES = (Slice.ORDERS, Slice.POSITIONS, Slice.MARGIN)


def report_line(state: State, now_ms: int) -> bytes:
    """One line of JSON, without the newline."""
    return _ENCODER.encode(report(state, now_ms))


def report(state: State, now_ms: int) -> dict[str, object]:
    """The object itself, keys in the order of the documentation."""
    return {
        "at": iso(now_ms),
        "environment": state.environment.value,
        "url": state.url,
        "link": _link(state, now_ms),
        "positions": [_position(position) for position in state.positions],
        "orders": [_order(order) for order in state.orders],
        "fills": [fill_report(fill) for fill in state.fills],
        "margin": {"pools": [_pool(pool) for pool in state.account.pools] if state.account else []},
        "unresolved": [_unresolved(item) for item in state.unresolved],
    }


def iso(ms: int | None) -> str | None:
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _link(state: State, now_ms: int) -> dict[str, object]:
    status = state.link.status
    word = "live" if status is LinkStatus.LIVE else "stale" if status is LinkStatus.STALE else "down"
    ages: list[Age] = [state.ages[name] for name in _REST_SLICES if name in state.ages]
    refreshed = [age.rest_ms for age in ages if age.rest_ms is not None]
    oldest = min(refreshed) if len(refreshed) == len(_REST_SLICES) else None
    return {
        "stream": word,
        "stream_age_s": _age(state.link.last_frame_ms, now_ms),
        "refresh_age_s": _age(oldest, now_ms),
        "reason": state.link.reason or None,
    }


def _age(at_ms: int | None, now_ms: int) -> float | None:
    return None if at_ms is None else max(0, now_ms - at_ms) / 1000


def _position(position: Position) -> dict[str, object]:
    return {
        "symbol": position.symbol,
        "side": position.side.value,
        "size": number(position.size),
        "entry_price": number(position.entry_price),
        "mark_price": number(position.mark_price),
        "unrealised_pnl": number(position.unrealised_pnl),
        "unrealised_funding": number(position.unrealised_funding),
        "pnl_currency": position.pnl_currency,
        "liquidation_price": number(position.liquidation_price),
        "max_leverage": number(position.max_leverage),
    }


def _order(order: Order) -> dict[str, object]:
    return {
        "order_id": order.order_id,
        "client_order_id": order.client_order_id,
        "symbol": order.symbol,
        "side": order.side.value,
        "type": order.type.value,
        "size": number(order.size),
        "filled": number(order.filled),
        "remaining": number(order.remaining),
        "limit_price": number(order.limit_price),
        "stop_price": number(order.stop_price),
        "trigger_signal": order.trigger_signal.value if order.trigger_signal else None,
        "reduce_only": order.reduce_only,
        "created": iso(order.created_ms),
        "updated": iso(order.updated_ms),
    }


def fill_report(fill: Fill) -> dict[str, object]:
    return {
        "fill_id": fill.fill_id,
        "order_id": fill.order_id,
        "client_order_id": fill.client_order_id,
        "symbol": fill.symbol,
        "side": fill.side.value,
        "size": number(fill.size),
        "price": number(fill.price),
        "liquidity": fill.liquidity.value,
        "fee": number(fill.fee),
        "fee_currency": fill.fee_currency,
        "time": iso(fill.time_ms),
    }


def _pool(pool: MarginPool) -> dict[str, object]:
    return {
        "name": pool.name,
        "currency": pool.currency,
        "mode": pool.mode.value,
        "level_pct": number(pool.level_pct),
        "equity": number(pool.equity),
        "initial_margin": number(pool.initial_margin),
        "initial_margin_with_orders": number(pool.initial_margin_with_orders),
        "maintenance_margin": number(pool.maintenance_margin),
        "available": number(pool.available),
        "balance": number(pool.balance),
    }


def _unresolved(item: Unresolved) -> dict[str, object]:
    return {
        "client_order_id": item.client_order_id,
        "symbol": item.symbol,
        "kind": item.kind,
        "what": item.what,
        "since": iso(item.since_ms),
        "asking": item.asking,
    }


def number(value: Decimal | None) -> msgspec.Raw | None:
    """The exact digits as a JSON number: no float on the way, no exponent."""
    return None if value is None else msgspec.Raw(plain(value).encode())
