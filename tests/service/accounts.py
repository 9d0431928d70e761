"""States to trade from: the worked account of the venue's margin pages, and small ones built from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from tui.model.account import Account, Collateral, MarginPool
from tui.model.book import Book, Level
from tui.model.enums import (
    ContractKind,
    Environment,
    MarginMode,
    OrderType,
    PositionSide,
    Side,
    TriggerSignal,
)
from tui.model.instrument import Instrument, MarginTier
from tui.model.limits import Limits
from tui.model.order import Order, OrderRequest
from tui.model.position import Position
from tui.model.state import Age, Link, LinkStatus, Slice, State
from tui.model.ticker import Ticker

NOW = 1_790_000_000_000
MARK = Decimal("84004.11362574516")
INDEX = Decimal("83995.76")
FUNDING_RATE = Decimal("0.912482213835")


def dec(text: str | float) -> Decimal:
    return Decimal(str(text))


def tiers(*rows: tuple[int | str, str, str]) -> tuple[MarginTier, ...]:
    """Rows of threshold, initial and maintenance in percent."""
    return tuple(MarginTier(dec(at), dec(initial) / 100, dec(maintenance) / 100) for at, initial, maintenance in rows)


XBT = Instrument(
    symbol="PF_XBTUSD",
    kind=ContractKind.LINEAR,
    base="BTC",
    quote="USD",
    tick_size=Decimal(1),
    lot_step=Decimal("0.0001"),
    tiers=tiers((0, "1", "0.5"), (1_000_000, "2", "1"), (3_000_000, "4", "2")),
    max_position=Decimal(1200),
)
ETH = Instrument(
    symbol="PF_ETHUSD",
    kind=ContractKind.LINEAR,
    base="ETH",
    quote="USD",
    tick_size=Decimal("0.1"),
    lot_step=Decimal("0.001"),
    tiers=tiers((0, "2", "1"), (2_000_000, "4", "2")),
    max_position=Decimal(16_000),
)
DATED = msgspec.structs.replace(
    XBT,
    symbol="FF_XBTUSD_261225",
    tiers=tiers((0, "2", "1"), (2_000_000, "4", "2")),
    expiry_ms=NOW + 90 * 86_400_000,
    max_position=Decimal(600),
)
PEPE = msgspec.structs.replace(
    ETH, symbol="PF_PEPEUSD", base="PEPE", tick_size=Decimal("1E-10"), lot_step=Decimal(1000), max_position=None
)
INVERSE = Instrument(
    symbol="PI_XBTUSD",
    kind=ContractKind.INVERSE,
    base="XBT",
    quote="USD",
    tick_size=Decimal("0.5"),
    lot_step=Decimal(1),
    tiers=tiers((0, "2", "1"), (500_000, "4", "2"), (1_000_000, "6", "3"), (3_000_000, "10", "5")),
    max_position=Decimal(75_000_000),
)

TICKER = Ticker(
    symbol="PF_XBTUSD",
    time_ms=NOW,
    bid=Decimal(84001),
    bid_size=Decimal("1.2"),
    ask=Decimal(84002),
    ask_size=Decimal("0.8"),
    last=Decimal(84002),
    mark=MARK,
    index=INDEX,
    funding_rate=FUNDING_RATE,
)
BOOK = Book(
    symbol="PF_XBTUSD",
    bids=(Level(Decimal(84001), Decimal(8)), Level(Decimal(84000), Decimal(20))),
    asks=(
        Level(Decimal(84002), Decimal("0.8")),
        Level(Decimal(84003), Decimal("1.5")),
        Level(Decimal(84010), Decimal(5)),
    ),
    seq=1,
    time_ms=NOW,
)
FRESH = {part: Age(stream_ms=NOW, rest_ms=NOW) for part in Slice}


def position(size: str, entry: str, symbol: str = "PF_XBTUSD", **more: Any) -> Position:
    """A position from a signed size."""
    signed = dec(size)
    side = PositionSide.LONG if signed > 0 else PositionSide.SHORT
    return Position(symbol, side, abs(signed), dec(entry), **more)


def cross_pool(equity: Decimal, initial: Decimal, maintenance: Decimal, **more: Any) -> MarginPool:
    return MarginPool(
        name="flex",
        currency="USD",
        mode=MarginMode.CROSS,
        equity=equity,
        initial_margin=initial,
        maintenance_margin=maintenance,
        available=more.pop("available", equity - initial),
        balance=equity,
        **more,
    )


def state(**changes: Any) -> State:
    """A live, fresh paper desk with the contracts above; ``changes`` replace attributes of the state."""
    base = State(
        environment=Environment.PAPER,
        url="http://127.0.0.1:1",
        link=Link(status=LinkStatus.LIVE, since_ms=NOW),
        instruments={item.symbol: item for item in (XBT, ETH, DATED, INVERSE, PEPE)},
        tickers={"PF_XBTUSD": TICKER},
        books={"PF_XBTUSD": BOOK},
        ages=FRESH,
    )
    return msgspec.structs.replace(base, **changes)


def funded(equity: str, **changes: Any) -> State:
    """A flat account with USD only."""
    pool = cross_pool(dec(equity), Decimal(0), Decimal(0))
    return state(account=Account(NOW, pools=(pool,)), **changes)


def worked() -> State:
    """10,000 USD + 0.1 BTC (haircut 2 %), cross, long 4 PF_XBTUSD @ 84,400, accrued funding -1.60."""
    coin_value = Decimal("0.1") * INDEX
    coin = Collateral("BTC", Decimal("0.1"), coin_value, coin_value * Decimal("0.98"), Decimal("0.02"))
    dollars = Collateral("USD", Decimal(10_000), Decimal(10_000), Decimal(10_000), Decimal(0))
    profit = 4 * (MARK - 84_400)
    equity = 10_000 + coin_value * Decimal("0.98") + profit - Decimal("1.60")
    pool = cross_pool(equity, Decimal(3376), Decimal(1688), unrealised_pnl=profit, unrealised_funding=Decimal("-1.60"))
    held = position("4", "84400", mark_price=MARK, unrealised_funding=Decimal("-1.60"), pnl_currency="USD")
    return state(account=Account(NOW, pools=(pool,), collateral=(coin, dollars)), positions=(held,))


def wallet(balance: str, size: str = "0", entry: str = "84000", mark: str = "84000", **changes: Any) -> State:
    """An inverse wallet of ``balance`` BTC, optionally holding PI_XBTUSD."""
    held, price, at = dec(size), dec(mark), dec(entry)
    profit = held * (1 / at - 1 / price)
    margin = abs(held) / price * Decimal("0.02")
    equity = dec(balance) + profit
    pool = MarginPool(
        name="fi_xbtusd",
        currency="xbt",
        mode=MarginMode.CROSS,
        equity=equity,
        initial_margin=margin,
        maintenance_margin=margin / 2,
        available=equity - margin,
        balance=dec(balance),
    )
    ticker = Ticker("PI_XBTUSD", NOW, bid=price - 1, ask=price + 1, last=price, mark=price, index=price)
    positions = (position(size, entry, "PI_XBTUSD", mark_price=price),) if held else ()
    return state(
        account=Account(NOW, pools=(pool,)), positions=positions, tickers={"PI_XBTUSD": ticker}, books={}, **changes
    )


def request(
    side: Side = Side.BUY,
    size: str = "1",
    type_: OrderType = OrderType.MARKET,
    price: str | None = None,
    symbol: str = "PF_XBTUSD",
    **more: Any,
) -> OrderRequest:
    limit = dec(price) if price is not None else None
    return OrderRequest("test-1", symbol, side, type_, dec(size), limit_price=limit, **more)


def stop(side: Side, size: str, at: str, signal: TriggerSignal = TriggerSignal.MARK, **more: Any) -> OrderRequest:
    return request(side, size, OrderType.STOP, stop_price=dec(at), trigger_signal=signal, **more)


def order(
    number: str, side: Side, size: str, price: str | None, type_: OrderType = OrderType.LIMIT, **more: Any
) -> Order:
    limit = dec(price) if price is not None else None
    more.setdefault("symbol", "PF_XBTUSD")
    return Order(order_id=number, side=side, type=type_, remaining=dec(size), limit_price=limit, **more)


NO_LIMITS = Limits()
