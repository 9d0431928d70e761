"""The account of the scenes: positions, orders, fills and money of one full paper account."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from tests.scenes_market import NOW_MS
from tui.model.account import Account, Collateral, LogEntry, MarginPool
from tui.model.enums import (
    CloseReason,
    Liquidity,
    MarginMode,
    OrderState,
    OrderType,
    PositionSide,
    Side,
    TriggerSignal,
)
from tui.model.fill import Fill
from tui.model.order import Order, OrderRequest, Unresolved
from tui.model.position import Position
from tui.model.view import PoolRisk, Protection, Risk

D = Decimal

POSITIONS = (
    Position(
        symbol="PF_XBTUSD",
        side=PositionSide.LONG,
        size=D("0.7500"),
        entry_price=D(84_400),
        mark_price=D("87961.2"),
        unrealised_pnl=D("2670.90"),
        unrealised_funding=D("-1.60"),
        pnl_currency="USD",
        liquidation_price=D("71353.7"),
        initial_margin=D("633.00"),
        maintenance_margin=D("316.50"),
    ),
    Position(
        symbol="PF_ETHUSD",
        side=PositionSide.SHORT,
        size=D("2.000"),
        entry_price=D("2951.2"),
        mark_price=D("2920.4"),
        unrealised_pnl=D("61.60"),
        unrealised_funding=D("0.22"),
        pnl_currency="USD",
        liquidation_price=D("8812.0"),
        initial_margin=D("59.02"),
        maintenance_margin=D("29.51"),
    ),
    Position(
        symbol="PF_SOLUSD",
        side=PositionSide.LONG,
        size=D("40.00"),
        entry_price=D("139.20"),
        mark_price=D("138.09"),
        unrealised_pnl=D("-44.40"),
        unrealised_funding=D("0.04"),
        pnl_currency="USD",
        liquidation_price=D("112.06"),
        initial_margin=D("1113.60"),
        maintenance_margin=D("27.84"),
        max_leverage=D(5),
    ),
    Position(
        symbol="PI_XBTUSD",
        side=PositionSide.LONG,
        size=D(20_000),
        entry_price=D("86000.0"),
        mark_price=D("87951.1"),
        unrealised_pnl=D("0.00515902"),
        unrealised_funding=D("-0.00000031"),
        pnl_currency="XBT",
        liquidation_price=D("60204.5"),
        initial_margin=D("0.00454799"),
        maintenance_margin=D("0.00227399"),
    ),
)


def _order(  # noqa: PLR0917 - one row of the table below
    number: int,
    symbol: str,
    side: Side,
    kind: OrderType,
    size: str,
    price: str,
    age_s: int,
    *,
    filled: str = "0",
    signal: TriggerSignal | None = None,
    reduce_only: bool = False,
    child: str | None = None,
) -> Order:
    trigger = kind.is_trigger
    return Order(
        order_id=f"3f1d0c52-7a41-4e0e-9d11-0000000000{number:02d}",
        client_order_id=f"kft-{number:04d}",
        symbol=symbol,
        side=side,
        type=kind,
        remaining=D(size) - D(filled),
        filled=D(filled),
        limit_price=(None if child is None else D(child)) if trigger else D(price),
        stop_price=D(price) if trigger else None,
        trigger_signal=signal,
        reduce_only=reduce_only,
        created_ms=NOW_MS - age_s * 1000,
        updated_ms=NOW_MS - age_s * 1000,
    )


ORDERS = (
    _order(1, "PF_XBTUSD", Side.BUY, OrderType.POST, "0.1000", "87957", 14),
    _order(2, "PF_XBTUSD", Side.SELL, OrderType.LIMIT, "0.2500", "87963", 96, filled="0.0800", reduce_only=True),
    _order(3, "PF_ETHUSD", Side.BUY, OrderType.LIMIT, "1.000", "2902.5", 1_212),
    _order(4, "PF_SOLUSD", Side.SELL, OrderType.LIMIT, "20.00", "144.50", 4_810, reduce_only=True),
    _order(
        5, "PF_XBTUSD", Side.SELL, OrderType.STOP, "0.4650", "82000", 7_900, signal=TriggerSignal.MARK, reduce_only=True
    ),
    _order(
        6,
        "PF_SOLUSD",
        Side.SELL,
        OrderType.TAKE_PROFIT,
        "20.00",
        "151.00",
        4_822,
        signal=TriggerSignal.LAST,
        reduce_only=True,
        child="150.80",
    ),
)


def _closed(number: int, order: Order, reason: CloseReason, ago_s: int) -> Order:
    return replace(
        order,
        order_id=f"5b7a0c{number:02d}-7a41-4e0e-9d11-3f1d0c520000",
        client_order_id=f"kft-{80 + number:04d}",
        state=OrderState.CLOSED,
        close_reason=reason,
        updated_ms=NOW_MS - ago_s * 1000,
    )


CLOSED = (
    _closed(1, _order(0, "PF_ETHUSD", Side.SELL, OrderType.LIMIT, "2.000", "2949.7", 0), CloseReason.CANCELLED, 610),
    _closed(2, _order(0, "PF_XBTUSD", Side.BUY, OrderType.POST, "0.1000", "87990", 0), CloseReason.REJECTED, 1_904),
    _closed(
        3,
        _order(0, "PF_XBTUSD", Side.BUY, OrderType.LIMIT, "0.5800", "84055", 0, filled="0.58"),
        CloseReason.FILLED,
        9_000,
    ),
)

UNRESOLVED = (
    Unresolved(
        client_order_id="kft-0007",
        symbol="PF_ETHUSD",
        kind="order",
        what="BUY 0.500 PF_ETHUSD @ 2,915.0 limit",
        since_ms=NOW_MS - 6_200,
        asking="asking Kraken: status, fills, open orders",
        request=OrderRequest(
            client_order_id="kft-0007",
            symbol="PF_ETHUSD",
            side=Side.BUY,
            type=OrderType.LIMIT,
            size=D("0.500"),
            limit_price=D("2915.0"),
        ),
    ),
)

# seconds ago, symbol, side, size, price, liquidity, fee, currency, realised PnL
_FILLS = (
    (88, "PF_XBTUSD", Side.SELL, "0.0800", "87963", Liquidity.MAKER, "1.4074", "USD", "285.04"),
    (2_760, "PF_ETHUSD", Side.SELL, "0.800", "2949.7", Liquidity.TAKER, "1.1799", "USD", None),
    (2_761, "PF_ETHUSD", Side.SELL, "1.200", "2952.2", Liquidity.TAKER, "1.7713", "USD", None),
    (4_830, "PF_SOLUSD", Side.BUY, "40.00", "139.20", Liquidity.TAKER, "2.7840", "USD", None),
    (5_200, "PF_LINKUSD", Side.SELL, "120.0", "12.871", Liquidity.MAKER, "0.3089", "USD", "-18.48"),
    (6_044, "PF_LINKUSD", Side.BUY, "120.0", "13.025", Liquidity.MAKER, "0.3126", "USD", None),
    (7_912, "PF_XBTUSD", Side.BUY, "0.2500", "85200", Liquidity.TAKER, "10.6500", "USD", None),
    (9_000, "PF_XBTUSD", Side.BUY, "0.5800", "84055", Liquidity.MAKER, "9.7504", "USD", None),
    (11_420, "PI_XBTUSD", Side.BUY, "20000", "86000.0", Liquidity.TAKER, "0.00011628", "XBT", None),
)

FILLS = tuple(
    Fill(
        fill_id=f"fill-{number:03d}",
        order_id=f"9c0e{number:04d}-7a41-4e0e-9d11-3f1d0c520000",
        client_order_id=f"kft-{90 - number:04d}",
        symbol=symbol,
        side=side,
        size=D(size),
        price=D(price),
        time_ms=NOW_MS - seconds * 1000,
        liquidity=liquidity,
        fee=D(fee),
        fee_currency=currency,
        realised_pnl=None if pnl is None else D(pnl),
    )
    for number, (seconds, symbol, side, size, price, liquidity, fee, currency, pnl) in enumerate(_FILLS)
)

ACCOUNT = Account(
    time_ms=NOW_MS - 3_000,
    pools=(
        MarginPool(
            name="cross",
            currency="USD",
            mode=MarginMode.CROSS,
            equity=D("16646.44"),
            initial_margin=D("692.02"),
            initial_margin_with_orders=D("721.05"),
            maintenance_margin=D("346.01"),
            available=D("15925.39"),
            balance=D("13918.12"),
            unrealised_pnl=D("2732.50"),
            unrealised_funding=D("-1.38"),
            portfolio_value=D("16814.43"),
            effective_leverage=D("4.16"),
        ),
        MarginPool(
            name="PF_SOLUSD",
            currency="USD",
            mode=MarginMode.ISOLATED,
            equity=D("1069.24"),
            initial_margin=D("1113.60"),
            initial_margin_with_orders=D("1113.60"),
            maintenance_margin=D("27.84"),
            available=D("0.00"),
            balance=D("1113.60"),
            unrealised_pnl=D("-44.40"),
            unrealised_funding=D("0.04"),
            portfolio_value=D("1069.24"),
            effective_leverage=D("5.17"),
            symbol="PF_SOLUSD",
        ),
        MarginPool(
            name="fi_xbtusd",
            currency="XBT",
            mode=MarginMode.CROSS,
            equity=D("0.10515871"),
            initial_margin=D("0.00454799"),
            initial_margin_with_orders=D("0.00454799"),
            maintenance_margin=D("0.00227399"),
            available=D("0.10061072"),
            balance=D("0.10000000"),
            unrealised_pnl=D("0.00515902"),
            unrealised_funding=D("-0.00000031"),
            portfolio_value=D("0.10515871"),
            effective_leverage=D("2.16"),
        ),
    ),
    collateral=(
        Collateral("USD", D("9918.62"), D("9918.62"), D("9918.62"), D(0), D("9196.19")),
        Collateral("XBT", D("0.04000000"), D("3518.24"), D("3447.88"), D("0.02"), D("0.03820000")),
        Collateral("EUR", D("450.00"), D("481.26"), D("476.45"), D("0.01"), D("450.00")),
    ),
    cash=(("xrp", D(0)),),
)

LEVERAGE = {"PF_SOLUSD": D(5)}

LOG = tuple(
    LogEntry(
        entry_id=7_000 - number,
        time_ms=NOW_MS - seconds * 1000,
        info=info,
        asset="usd",
        change=D(change),
        new_balance=D("9918.62"),
        symbol=symbol,
        realised_pnl=None if pnl is None else D(pnl),
    )
    for number, (seconds, info, change, symbol, pnl) in enumerate(
        (
            (88, "futures trade", "283.63", "pf_xbtusd", "285.04"),
            (3_484, "funding rate change", "-0.68", "pf_xbtusd", None),
            (5_200, "futures trade", "-18.79", "pf_linkusd", "-18.48"),
        )
    )
)

RISK = Risk(
    protections=(
        Protection("PF_XBTUSD", D("62"), D("-1116.00")),
        Protection("PF_ETHUSD", D("0"), None),
        Protection("PF_SOLUSD", D("0"), None),
        Protection("PI_XBTUSD", D("0"), None),
    ),
    pools=(
        PoolRisk("cross", MarginMode.CROSS, "PF_XBTUSD", D("71353.7"), D("-18.88")),
        PoolRisk("PF_SOLUSD", MarginMode.ISOLATED, "PF_SOLUSD", D("112.06"), D("-18.85")),
        PoolRisk("fi_xbtusd", MarginMode.CROSS, "PI_XBTUSD", D("60204.5"), D("-31.55")),
    ),
    what_if="if all working orders fill: level 4,241 %, liq 71,902 · and XBT -3 %: level 3,310 %",
)
