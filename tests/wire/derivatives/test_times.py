import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.wire.derivatives.times import to_iso, to_ms


@pytest.mark.parametrize(
    ("iso", "ms"),
    [
        ("2020-08-27T17:03:33.196Z", 1598547813196),
        ("2026-12-25T08:00:00Z", 1798185600000),
        ("2024-05-03T13:15:34.1Z", 1714742134100),
        ("2025-11-17T00:31:01.835715Z", 1763339461835),
        ("2026-12-25T09:00:00+01:00", 1798185600000),
        ("2026-12-25T08:00:00", 1798185600000),
    ],
)
def test_every_spelling_seen_live_is_read(iso: str, ms: int) -> None:
    assert to_ms(iso) == ms


@given(st.integers(min_value=0, max_value=4_102_444_800_000))
def test_round_trip(ms: int) -> None:
    assert to_ms(to_iso(ms)) == ms


def test_written_with_three_digits() -> None:
    assert to_iso(1798185600000) == "2026-12-25T08:00:00.000Z"


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        to_ms("0")
