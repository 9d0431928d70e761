"""A trader without patience or sense: any act at any time, on whatever the desk shows.

Invariant: what was asked for is written down (``asked``) before the desk hears of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from random import Random

from tests.simulation.desk import Desk
from tests.simulation.exchange import Exchange
from tests.simulation.market import SYMBOLS
from tui.exchange.commands import SendOrder
from tui.model.enums import DeviationUnit, OrderType, Side, TriggerSignal
from tui.model.order import CancelRequest, EditRequest, Order, OrderRequest
from tui.service.trading import Trading

Act = Callable[[Trading], Awaitable[object]]

_SIZES = {"PF_XBTUSD": ("0.0001", 400), "PF_ETHUSD": ("0.001", 900), "PI_XBTUSD": ("1", 3_000)}
_TICKS = {"PF_XBTUSD": Decimal(1), "PF_ETHUSD": Decimal("0.1"), "PI_XBTUSD": Decimal("0.5")}


class Trader:
    def __init__(self, desk: Desk, exchange: Exchange, rng: Random, overrun: float) -> None:
        self._desk = desk
        self._exchange = exchange
        self._rng = rng
        self._overrun = overrun
        self.asked: dict[str, OrderRequest] = {}
        acts: list[tuple[int, Callable[[], Act | None]]] = [
            (10, self._send),
            (4, self._edit),
            (4, self._cancel),
            (1, self._cancel_all),
            (2, self._flatten),
            (1, self._leverage),
            (1, self._dead_man),
        ]
        self._choices = [act for weight, act in acts for _ in range(weight)]

    def press(self) -> None:
        """One key, if the desk is there to hear it."""
        if not self._desk.is_ready:
            return
        act = self._rng.choice(self._choices)()
        if act is not None:
            self._desk.act(act)
            if self._rng.random() < 0.1:
                self._desk.act(act)  # pressed twice

    # --- acts ---------------------------------------------------------------------------------------------------

    def _send(self) -> Act:
        request = self._order(self._rng.choice(SYMBOLS))
        self.asked[request.client_order_id] = request
        doubts = self._rng.random() < 0.5
        return lambda trading: trading.submit(request, accept_doubts=doubts)

    def _edit(self) -> Act | None:
        order = self._some_order()
        if order is None:
            return None
        rng = self._rng
        is_trigger = order.type.is_trigger
        request = EditRequest(
            order.symbol,
            order.order_id,
            order.client_order_id,
            size=self._size(order.symbol) if is_trigger or rng.random() < 0.5 else None,
            limit_price=None if is_trigger else self._price(order.symbol, order.side, rng.uniform(-0.002, 0.004)),
            stop_price=self._price(order.symbol, order.side.opposite, rng.uniform(0.001, 0.01))
            if order.type in (OrderType.STOP, OrderType.TAKE_PROFIT)
            else None,
        )
        if order.limit_price is not None and rng.random() < self._overrun:
            arguments = (order.symbol, order.limit_price, order.side.sign)
            asyncio.get_running_loop().call_later(rng.uniform(0.0, 0.2), self._exchange.overrun, *arguments)
        return lambda trading: trading.edit(request, accept_doubts=True)

    def _cancel(self) -> Act | None:
        order = self._some_order()
        if order is None:
            return None
        request = CancelRequest(order.symbol, order.order_id, order.client_order_id)
        return lambda trading: trading.cancel(request)

    def _cancel_all(self) -> Act:
        symbol = self._rng.choice((None, *SYMBOLS))
        return lambda trading: trading.cancel_all(symbol)

    def _flatten(self) -> Act | None:
        positions = self._desk.store.state.positions
        if not positions:
            return None
        symbol = self._rng.choice(positions).symbol
        return lambda trading: trading.flatten(symbol, accept_doubts=True)

    def _leverage(self) -> Act:
        symbol = self._rng.choice(("PF_XBTUSD", "PF_ETHUSD"))
        cap = self._rng.choice((None, Decimal(5), Decimal(20)))
        return lambda trading: trading.set_leverage(symbol, cap)

    def _dead_man(self) -> Act:
        timeout_s = self._rng.choice((0, 10, 20, 60))
        return lambda trading: trading.arm_dead_man(timeout_s)

    # --- values -------------------------------------------------------------------------------------------------

    def _some_order(self) -> Order | None:
        state = self._desk.store.state
        orders = state.orders if self._rng.random() < 0.9 else state.closed
        return self._rng.choice(orders) if orders else None

    def _order(self, symbol: str) -> OrderRequest:
        rng = self._rng
        side = rng.choice((Side.BUY, Side.SELL))
        kind = rng.choice([kind for kind in OrderType if kind is not OrderType.UNKNOWN])
        limit = stop = deviation = unit = signal = None
        if kind in (OrderType.LIMIT, OrderType.POST, OrderType.IOC, OrderType.FOK):
            limit = self._price(symbol, side, rng.uniform(-0.0005, 0.002))
        if kind in (OrderType.STOP, OrderType.TAKE_PROFIT):
            away = side.opposite if kind is OrderType.STOP else side
            stop = self._price(symbol, away, rng.uniform(0.0005, 0.01))
            limit = self._price(symbol, away, rng.uniform(-0.002, 0.012)) if rng.random() < 0.5 else None
        if kind is OrderType.TRAILING_STOP:
            deviation, unit = Decimal(rng.choice(("0.1", "0.5"))), DeviationUnit.PERCENT
        if kind.is_trigger:
            signal = rng.choice(list(TriggerSignal))
        return OrderRequest(
            client_order_id=self._desk.new_id(),
            symbol=symbol,
            side=side,
            type=kind,
            size=self._size(symbol),
            limit_price=limit,
            stop_price=stop,
            trigger_signal=signal,
            reduce_only=rng.random() < 0.15,
            deviation=deviation,
            deviation_unit=unit,
        )

    def _size(self, symbol: str) -> Decimal:
        lot, most = _SIZES[symbol]
        big = 20 if self._rng.random() < 0.2 else 1
        return Decimal(lot) * self._rng.randrange(1, most) * big

    def _price(self, symbol: str, side: Side, behind: float) -> Decimal:
        """A fraction behind the last price, seen from ``side``; negative: through it."""
        last = float(self._exchange.engine.ticker(symbol).last)
        ticks = round(last * (1 - side.sign * behind) / float(_TICKS[symbol]))
        return ticks * _TICKS[symbol]

    def strange_order(self) -> SendOrder:
        """What another program on the account sends."""
        symbol = self._rng.choice(SYMBOLS)
        side = self._rng.choice((Side.BUY, Side.SELL))
        price = self._price(symbol, side, self._rng.uniform(-0.001, 0.002))
        return SendOrder(symbol, side.value, "lmt", self._size(symbol), limit_price=price)
