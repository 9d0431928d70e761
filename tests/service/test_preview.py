"""Previews against the worked panel of the venue's margin rules, and properties that hold for any order."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from tests.service.desks import (
    BOOK,
    request,
    worked,
)
from tui.model.draft import Impact, Preview
from tui.model.enums import OrderType, Side
from tui.model.order import OrderRequest
from tui.model.state import State
from tui.service.ground import ground_of
from tui.service.marking import mark_to_market
from tui.service.preview import max_size, preview

CENT = Decimal("0.01")


def shown(start: State, asked: OrderRequest) -> Preview:
    seen = preview(start, asked)
    assert seen is not None
    return seen


def largest(start: State, asked: OrderRequest) -> Decimal | None:
    ground = ground_of(mark_to_market(start), asked.symbol)
    assert ground is not None
    return max_size(ground, asked)


def cents(value: Decimal | None) -> Decimal:
    assert value is not None
    return value.quantize(CENT)


def panel(impact: Impact) -> tuple[str, ...]:
    """The rows of the panel, rounded as it prints them."""
    assert impact.level_pct is not None
    assert impact.entry_price is not None
    return (
        str(impact.position.normalize()),
        f"{impact.entry_price:.2f}",
        *(f"{cents(value)}" for value in (impact.initial_margin, impact.maintenance_margin, impact.available)),
        f"{impact.level_pct:.1f}",
        f"{cents(impact.liquidation_price)}",
        f"{impact.liquidation_distance_pct:.2f}",
    )


class TestWorkedPanel:
    def test_before(self) -> None:
        before = shown(worked(), request()).before
        assert panel(before) == ("4", "84400.00", "3376.00", "1688.00", "13270.44", "986.2", "80353.73", "-4.35")

    def test_buying_two_at_market(self) -> None:
        seen = shown(worked(), request(Side.BUY, "2"))
        assert panel(seen.after) == ("6", "84267.53", "5056.05", "2528.03", "11509.41", "655.3", "81702.01", "-2.74")
        assert seen.execution.average == Decimal("84002.60")
        assert cents(seen.fee_taker) == Decimal("84.00")
        assert seen.fee_maker is None
        assert seen.realised_pnl is None
        assert seen.effect == "adds"

    def test_buying_ten_crosses_a_rung(self) -> None:
        deep = msgspec.structs.replace(BOOK, asks=(msgspec.structs.replace(BOOK.asks[0], size=Decimal(50)),))
        start = msgspec.structs.replace(worked(), books={"PF_XBTUSD": deep})
        seen = shown(start, request(Side.BUY, "10", OrderType.LIMIT, "84002"))
        assert panel(seen.after) == (
            "14", "84115.71", "13552.40", "6776.20", "2695.17", "239.8", "83332.23", "-0.80",
        )  # fmt: skip
        assert seen.tier == "tier 2 of 3 · 2 % · next at 3,000,000"

    def test_selling_one(self) -> None:
        seen = shown(worked(), request(Side.SELL, "1"))
        assert panel(seen.after) == ("3", "84400.00", "2532.00", "1266.00", "14069.32", "1311.3", "79053.78", "-5.89")
        assert cents(seen.realised_pnl) == Decimal("-399.00")
        assert seen.effect == "reduces"

    def test_selling_six_flips(self) -> None:
        seen = shown(worked(), request(Side.SELL, "6"))
        assert panel(seen.after) == ("-2", "84001.00", "1680.02", "840.01", "14695.73", "1949.5", "92172.65", "9.72")
        assert cents(seen.realised_pnl) == Decimal("-1596.00")
        assert seen.effect == "flips"
