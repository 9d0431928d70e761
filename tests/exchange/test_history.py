from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tui.exchange.history import DAY_MS, MINUTE_MS, Bars, decimal
from tui.exchange.keeping import Kept

D = Decimal


def test_minutes_add_up_to_wider_candles() -> None:
    bars = Bars()
    for minute, price in enumerate((10.0, 12.0, 9.0, 11.0, 20.0)):
        bars.add(minute * MINUTE_MS, price, 2.0)
        bars.add(minute * MINUTE_MS + 1, price + 0.5, 1.0)
    first, second = bars.candles(4, None, None, 1)
    assert (first.open, first.high, first.low, first.close) == (D(10), D("12.5"), D(9), D("11.5"))
    assert (first.volume, second.time_ms, second.open) == (D(12), 4 * MINUTE_MS, D(20))
    assert bars.candles(4, MINUTE_MS, None, 1) == (second,)
    assert bars.candles(4, None, 3 * MINUTE_MS, 1) == (first,)


def test_the_day_forgets_what_is_older() -> None:
    bars = Bars()
    bars.add(0, 100.0, 5.0)
    bars.add(MINUTE_MS, 50.0, 1.0)
    bars.add(DAY_MS + MINUTE_MS, 70.0, 1.0)
    day = bars.day(DAY_MS + MINUTE_MS)
    assert (day.open, day.high, day.low, day.volume, day.turnover) == (50.0, 70.0, 50.0, 2.0, 120.0)
    bars.add(DAY_MS + MINUTE_MS + 5, 90.0, 1.0)
    assert bars.day(DAY_MS + MINUTE_MS + 5).high == 90.0


ticks = st.lists(st.tuples(st.integers(0, 40_000), st.floats(1, 1e5), st.floats(0, 1e3)), min_size=1, max_size=40)


@given(ticks)
def test_a_candle_holds_its_prices(moves: list[tuple[int, float, float]]) -> None:
    bars, now = Bars(), 0
    for wait, price, volume in moves:
        now += wait
        bars.add(now, price, volume)
    rows = bars.candles(1, None, None, 9)
    assert [row.time_ms for row in rows] == sorted({row.time_ms for row in rows})
    assert all(row.low <= min(row.open, row.close) <= max(row.open, row.close) <= row.high for row in rows)
    assert abs(float(sum(row.volume for row in rows)) - sum(volume for _, _, volume in moves)) < 1e-4


def test_decimals_of_floats_are_short() -> None:
    assert decimal(0.1 + 0.2, 5) == D("0.3")
    assert decimal(88_000.0, 2) == 88_000


def test_kept_rows_are_bounded_and_numbered_for_ever() -> None:
    kept: Kept[str] = Kept(3)
    kept.restore([(7, "a"), (8, "b")])
    assert (list(kept), kept.fresh()) == (["a", "b"], ())
    for row in "cde":
        kept.append(row)
    assert list(kept) == ["c", "d", "e"]
    assert list(reversed(kept)) == ["e", "d", "c"]
    assert kept.fresh() == ((9, "c"), (10, "d"), (11, "e"))
    kept.settle()
    assert (kept.fresh(), len(kept)) == ((), 3)
