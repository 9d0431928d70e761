from decimal import Decimal

import pytest

from tui.exchange.funding import HOUR_MS, absolute_rate, accrued, next_hour, premium_cap, relative_rate

D = Decimal

RATE = D("0.912482213835")
MINUTE = 60_000


def test_an_hour_and_a_part_of_it() -> None:
    assert round(accrued(D(4), RATE, HOUR_MS), 8) == D("-3.64992886")
    assert round(accrued(D(4), RATE, 17 * MINUTE), 8) == D("-1.03414651")


def test_splitting_the_hour_at_a_reduction() -> None:
    total = accrued(D(4), RATE, 17 * MINUTE) + accrued(D(1), RATE, 43 * MINUTE)
    assert round(total, 8) == D("-1.68809210")


def test_an_inverse_short_pays_a_negative_rate() -> None:
    assert accrued(D(-100_000), D("-6.2604214e-11"), HOUR_MS) == D("-0.0000062604214")


def test_the_rate_is_the_premium_over_the_coefficient_clamped() -> None:
    assert relative_rate(0.006996136, 8, D("0.005")) == D("0.000874517")
    assert relative_rate(0.9, 8, D("0.005")) == D("0.005")
    assert relative_rate(-0.9, 8, D("0.005")) == D("-0.005")


def test_absolute_rates() -> None:
    assert absolute_rate(D("0.00001"), D(80_000), inverse=False) == D("0.8")
    assert absolute_rate(D("0.00001"), D(80_000), inverse=True) == D("1.25E-10")


@pytest.mark.parametrize(
    ("days", "low", "high"), [(87, 31_913.64, 38_086.36), (1, 34_650, 35_350), (400, 28_000, 42_000)]
)
def test_mark_cap_of_dated_contracts(days: float, low: float, high: float) -> None:
    cap = premium_cap(days)
    assert 35_000 * (1 - cap) == pytest.approx(low, abs=0.01)
    assert 35_000 * (1 + cap) == pytest.approx(high, abs=0.01)


def test_mark_cap_of_perpetuals() -> None:
    assert premium_cap(None) == 0.01


def test_the_next_hour_is_always_ahead() -> None:
    assert next_hour(0) == HOUR_MS
    assert next_hour(HOUR_MS - 1) == HOUR_MS
    assert next_hour(HOUR_MS) == 2 * HOUR_MS
