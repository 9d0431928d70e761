from decimal import Decimal

import pytest

from tui.exchange.config import EngineConfig
from tui.exchange.fees import Turnover, fee, tier_for

D = Decimal

DAY = 86_400_000


@pytest.mark.parametrize(
    ("size", "price", "rate", "expected"),
    [("0.5", "84000", "0.0005", "21"), ("0.5", "84000", "0.0002", "8.4"), ("0.001", "3162", "0.0005", "0.001581")],
)
def test_linear_fee_is_exact(size: str, price: str, rate: str, expected: str) -> None:
    assert fee(inverse=False, size=D(size), price=D(price), rate=D(rate)) == D(expected)


@pytest.mark.parametrize(
    ("size", "price", "rate", "expected"),
    [
        ("1", "38660.5", "0.0002", "5.18E-9"),
        ("10000", "80000", "0.0005", "0.0000625"),
        ("5000", "364.65", "0.0005", "0.00685588921"),
    ],
)
def test_inverse_fee_rounds_up(size: str, price: str, rate: str, expected: str) -> None:
    assert fee(inverse=True, size=D(size), price=D(price), rate=D(rate)) == D(expected)


def test_volume_picks_the_tier() -> None:
    tiers = EngineConfig().fee_tiers
    assert tier_for(tiers, D(0)).taker == D("0.0005")
    assert tier_for(tiers, D(4_999_999)).maker == D("0.0002")
    assert tier_for(tiers, D(5_000_000)).maker == D("0.000175")


def test_turnover_forgets_after_thirty_days() -> None:
    turnover = Turnover()
    turnover.add(0, D(100))
    turnover.add(29 * DAY, D(10))
    assert turnover.total(29 * DAY) == 110
    assert turnover.total(30 * DAY) == 10
    assert Turnover(turnover.days()).total(29 * DAY) == 110
