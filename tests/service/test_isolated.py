"""Worked account: 20,000 USD; long 0.5 PF_XBTUSD at 84,000 isolated at 10x; long 10 PF_ETHUSD at 2,900 cross."""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from tui.model.account import MarginPool
from tui.model.enums import ContractKind, MarginMode, PositionSide
from tui.model.instrument import Instrument, MarginTier
from tui.model.position import Position
from tui.service.isolated import apart

D = Decimal
TIERS = (MarginTier(D(0), D("0.01"), D("0.005")), MarginTier(D(1_000_000), D("0.02"), D("0.01")))
INSTRUMENTS = {
    symbol: Instrument(symbol, ContractKind.LINEAR, symbol[3:6], "USD", D(1), D("0.001"), TIERS)
    for symbol in ("PF_XBTUSD", "PF_ETHUSD")
}
ISOLATED = Position("PF_XBTUSD", PositionSide.LONG, D("0.5"), D(84_000), unrealised_pnl=D(-300), max_leverage=D(10))
CROSS = Position("PF_ETHUSD", PositionSide.LONG, D(10), D(2_900), unrealised_pnl=D(100))
# REST's totals: equity 20,000 - 300 + 100; IM 4,200 + 290; MM 210 + 145
FLEX = MarginPool(
    "flex",
    "USD",
    MarginMode.CROSS,
    equity=D(19_800),
    initial_margin=D(4_490),
    maintenance_margin=D(355),
    available=D(15_310),
    balance=D(20_000),
    initial_margin_with_orders=D(4_600),
)


def test_an_isolated_position_gets_its_own_pool_and_the_cross_pool_keeps_the_rest() -> None:
    cross, isolated = apart(FLEX, (ISOLATED, CROSS), INSTRUMENTS)
    assert (isolated.name, isolated.mode, isolated.symbol) == ("PF_XBTUSD", MarginMode.ISOLATED, "PF_XBTUSD")
    assert (isolated.initial_margin, isolated.maintenance_margin, isolated.equity) == (D(4_200), D(210), D(3_900))
    assert (cross.initial_margin, cross.maintenance_margin, cross.equity) == (D(290), D(145), D(15_900))
    assert (cross.balance, cross.initial_margin_with_orders) == (D(15_800), D(400))
    assert cross.available == cross.equity - cross.initial_margin == D(15_610)


def test_the_parts_add_up_to_the_whole() -> None:
    parts = apart(FLEX, (ISOLATED, CROSS), INSTRUMENTS)
    assert sum(part.equity for part in parts) == FLEX.equity
    assert sum(part.initial_margin for part in parts) == FLEX.initial_margin
    assert sum(part.maintenance_margin for part in parts) == FLEX.maintenance_margin
    assert sum(part.balance for part in parts) == FLEX.balance


def test_without_isolated_positions_the_pool_is_untouched() -> None:
    assert apart(FLEX, (CROSS,), INSTRUMENTS) == (FLEX,)
    assert apart(FLEX, (ISOLATED,), {}) == (FLEX,)


def test_totals_that_leave_isolated_margin_out_are_believed() -> None:
    without = replace(FLEX, initial_margin=D(290))
    assert apart(without, (ISOLATED, CROSS), INSTRUMENTS) == (without,)
