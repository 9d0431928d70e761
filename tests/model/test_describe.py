"""One line for an order: what the confirm strip shows."""

from __future__ import annotations

import msgspec
import pytest

from tests.model.contracts import PF_XBT, PI_XBT, dec
from tui.model.describe import edit_line, number, one_line
from tui.model.enums import DeviationUnit, OrderType, Side, TriggerSignal
from tui.model.order import EditRequest, Order, OrderRequest

LIMIT = OrderRequest("c1", "PF_XBTUSD", Side.BUY, OrderType.LIMIT, dec("0.1"), limit_price=dec(87_959))
STOP = OrderRequest(
    "c1", "PF_XBTUSD", Side.SELL, OrderType.STOP, dec("0.465"),
    stop_price=dec(82_000), trigger_signal=TriggerSignal.MARK, reduce_only=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "BUY 0.1000 PF_XBTUSD @ 87,959"),
        ({"type": OrderType.POST}, "BUY 0.1000 PF_XBTUSD @ 87,959 post-only"),
        ({"type": OrderType.FOK, "side": Side.SELL}, "SELL 0.1000 PF_XBTUSD @ 87,959 FOK"),
        ({"type": OrderType.MARKET, "limit_price": None}, "BUY 0.1000 PF_XBTUSD market"),
        ({"reduce_only": True, "type": OrderType.IOC}, "BUY 0.1000 PF_XBTUSD @ 87,959 IOC reduce-only"),
    ],
)
def test_orders_for_the_book(changes: dict[str, object], line: str) -> None:
    assert one_line(msgspec.structs.replace(LIMIT, **changes), PF_XBT) == line


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "SELL 0.4650 PF_XBTUSD stop 82,000 (mark) reduce-only"),
        ({"limit_price": dec(81_900)}, "SELL 0.4650 PF_XBTUSD stop 82,000 (mark) limit 81,900 reduce-only"),
        (
            {"type": OrderType.TAKE_PROFIT, "trigger_signal": TriggerSignal.LAST, "reduce_only": False},
            "SELL 0.4650 PF_XBTUSD take-profit 82,000 (last)",
        ),
        (
            {
                "type": OrderType.TRAILING_STOP,
                "stop_price": None,
                "deviation": dec("2.5"),
                "deviation_unit": DeviationUnit.PERCENT,
            },
            "SELL 0.4650 PF_XBTUSD trailing stop 2.5 % (mark) reduce-only",
        ),
    ],
)
def test_triggers(changes: dict[str, object], line: str) -> None:
    assert one_line(msgspec.structs.replace(STOP, **changes), PF_XBT) == line


def test_a_working_order_shows_what_remains() -> None:
    order = Order(
        "o1", "PI_XBTUSD", Side.BUY, OrderType.LIMIT, remaining=dec(1500), filled=dec(500), limit_price=dec("84000.5")
    )
    assert one_line(order, PI_XBT) == "BUY 1,500 PI_XBTUSD @ 84,000.5"
    edit = EditRequest("PI_XBTUSD", "o1", size=dec(2000), limit_price=dec(84_001))
    assert edit_line(edit, order, PI_XBT) == "EDIT BUY 1,500 PI_XBTUSD @ 84,000.5: size 2,000, price 84,001.0"
    assert edit_line(EditRequest("PI_XBTUSD", "o1"), order) == "EDIT BUY 1,500 PI_XBTUSD @ 84,000.5: nothing"


def test_an_edited_stop_says_its_new_price_and_distance() -> None:
    order = Order(
        "o1", "PF_XBTUSD", Side.SELL, OrderType.TRAILING_STOP, remaining=dec(1), deviation=dec(100),
        deviation_unit=DeviationUnit.QUOTE,
    )  # fmt: skip
    edit = EditRequest("PF_XBTUSD", "o1", stop_price=dec(83_000), deviation=dec(1200))
    assert edit_line(edit, order, PF_XBT) == (
        "EDIT SELL 1.0000 PF_XBTUSD trailing stop 100 USD: stop 83,000, distance 1,200 USD"
    )


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        ("1E-7", None, "0.0000001"),
        ("1E+6", None, "1,000,000"),
        ("-1234.50", None, "-1,234.5"),
        ("-0.0", None, "0"),
        ("0.12345", "0.01", "0.12345"),
        ("5", "0.001", "5.000"),
        ("-0.5", None, "-0.5"),
        ("999", None, "999"),
    ],
)
def test_numbers_lose_nothing(value: str, step: str | None, text: str) -> None:
    assert number(dec(value), dec(step) if step else None) == text
