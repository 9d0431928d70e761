from __future__ import annotations

import json
from decimal import Decimal

from tui.model.account import Account, MarginPool
from tui.model.enums import Environment, Liquidity, MarginMode, OrderType, PositionSide, Side, TriggerSignal
from tui.model.fill import Fill
from tui.model.order import Order, Unresolved
from tui.model.position import Position
from tui.model.state import Age, Link, LinkStatus, Slice, State
from tui.report import report_line

NOW = 1_790_000_000_000


def state() -> State:
    return State(
        environment=Environment.PAPER,
        url="http://127.0.0.1:8750",
        link=Link(status=LinkStatus.LIVE, last_frame_ms=NOW - 250),
        positions=(
            Position(
                "PF_DOGEUSD",
                PositionSide.LONG,
                Decimal(1000),
                Decimal("0.0000001"),
                mark_price=Decimal("0.15090"),
                unrealised_pnl=Decimal("-0.00"),
            ),
        ),
        orders=(
            Order(
                "o-1",
                "PF_XBTUSD",
                Side.SELL,
                OrderType.STOP,
                Decimal("0.3"),
                filled=Decimal("0.2"),
                stop_price=Decimal(82000),
                trigger_signal=TriggerSignal.MARK,
                reduce_only=True,
            ),
        ),
        fills=(Fill("f-1", "o-0", "PF_XBTUSD", Side.BUY, Decimal("0.5"), Decimal("87960.5"), NOW, Liquidity.MAKER),),
        account=Account(
            NOW,
            (
                MarginPool(
                    "cross",
                    "USD",
                    MarginMode.CROSS,
                    Decimal(5000),
                    Decimal(100),
                    Decimal(50),
                    Decimal(4900),
                    Decimal(5000),
                ),
            ),
        ),
        unresolved=(Unresolved("c-9", "PF_ETHUSD", "send", "BUY 1 PF_ETHUSD", NOW - 6000, "asking Kraken"),),
        ages={
            name: Age(rest_ms=NOW - 3000 - i * 1000)
            for i, name in enumerate((Slice.ORDERS, Slice.POSITIONS, Slice.MARGIN))
        },
    )


def test_numbers_are_plain_and_exact() -> None:
    text = report_line(state(), NOW).decode()
    assert '"entry_price":0.0000001' in text
    assert '"mark_price":0.1509' in text
    assert '"unrealised_pnl":0,' in text
    read = json.loads(text, parse_float=Decimal)
    order = read["orders"][0]
    assert (order["size"], order["filled"], order["remaining"]) == (Decimal("0.5"), Decimal("0.2"), Decimal("0.3"))
    assert order["limit_price"] is None
    assert order["trigger_signal"] == "mark"
    assert read["margin"]["pools"][0]["level_pct"] == 10000


def test_times_are_iso_and_ages_are_seconds() -> None:
    read = json.loads(report_line(state(), NOW))
    assert read["fills"][0]["time"] == "2026-09-21T14:13:20.000Z"
    assert read["link"] == {"stream": "live", "stream_age_s": 0.25, "refresh_age_s": 5.0, "reason": None}
    assert read["unresolved"][0]["since"] == "2026-09-21T14:13:14.000Z"


def test_what_nobody_said_is_null() -> None:
    read = json.loads(report_line(State(environment=Environment.LIVE, url="https://futures.kraken.com"), NOW))
    assert read["environment"] == "live"
    assert read["link"] == {"stream": "down", "stream_age_s": None, "refresh_age_s": None, "reason": None}
    assert read["positions"] == read["orders"] == read["fills"] == read["unresolved"] == []
    assert read["margin"] == {"pools": []}
