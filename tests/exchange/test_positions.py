from decimal import Decimal

import pytest

from tui.exchange.positions import Position, apply_fill, average_entry, profit

D = Decimal


def test_linear_average_is_arithmetic() -> None:
    entry = average_entry(inverse=False, size=D("0.5"), entry=D(84_000), added=D("0.25"), price=D(85_200))
    assert entry == 84_400


def test_linear_unrealised_profit_at_the_live_mark() -> None:
    pnl = profit(inverse=False, size=D("0.75"), entry=D(84_400), price=D("84004.11362574516"))
    assert round(pnl, 8) == D("-296.91478069")


def test_inverse_average_is_harmonic() -> None:
    entry = average_entry(inverse=True, size=D(10_000), entry=D(80_000), added=D(5_000), price=D(90_000))
    assert round(entry, 9) == D("83076.923076923")
    assert round(profit(inverse=True, size=D(15_000), entry=entry, price=D(85_000)), 15) == D("0.004084967320261")


def test_inverse_profit_of_a_live_record() -> None:
    pnl = profit(inverse=True, size=D(1), entry=D("40012.5"), price=D("40022.5"))
    assert round(pnl, 19) == D("6.2445349343E-9")


@pytest.mark.parametrize(
    ("size", "entry", "mark", "expected"),
    [("0.04", "26911.75", "29900.81124638736", "119.56244986"), ("-500", "0.3985", "0.4925844", "-239.65067")],
    ids=["linear sample", "inverse sample"],
)
def test_profit_of_official_samples(size: str, entry: str, mark: str, expected: str) -> None:
    pnl = profit(inverse=D(size) < 0, size=D(size), entry=D(entry), price=D(mark))
    assert abs(pnl - D(expected)) < D("1e-5")


def test_partial_close_keeps_the_entry_and_a_flip_opens_at_the_fill() -> None:
    held = Position("PF_XBTUSD", D("0.75"), D(84_400), D(0), 1)
    closed = apply_fill(held, "PF_XBTUSD", D("-0.30"), D(86_000), inverse=False, now_ms=2)
    assert closed.realized == 480
    assert closed.position == Position("PF_XBTUSD", D("0.45"), D(84_400), D(0), 1)
    flipped = apply_fill(closed.position, "PF_XBTUSD", D("-0.80"), D(86_000), inverse=False, now_ms=3)
    assert flipped.realized == 720
    assert flipped.position == Position("PF_XBTUSD", D("-0.35"), D(86_000), D(0), 3)


def test_inverse_close_and_flip() -> None:
    entry = D(15_000) / (D(10_000) / 80_000 + D(5_000) / 90_000)
    held = Position("PI_XBTUSD", D(15_000), entry, D(0), 1)
    closed = apply_fill(held, "PI_XBTUSD", D(-6_000), D(86_000), inverse=True, now_ms=2)
    assert round(closed.realized, 8) == D("0.00245478")
    flipped = apply_fill(closed.position, "PI_XBTUSD", D(-14_000), D(86_000), inverse=True, now_ms=3)
    assert round(flipped.realized, 8) == D("0.00368217")
    assert flipped.position == Position("PI_XBTUSD", D(-5_000), D(86_000), D(0), 3)


def test_closing_all_leaves_nothing() -> None:
    held = Position("PI_XBTUSD", D(-4_000), D(80_000), D(0), 1)
    closed = apply_fill(held, "PI_XBTUSD", D(4_000), D(78_000), inverse=True, now_ms=2)
    assert closed.position is None
    assert round(closed.realized, 8) == D("0.00128205")
