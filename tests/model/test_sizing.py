"""The largest size that fits: exact to the lot, whatever the bound."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tui.model.sizing import largest_fitting


@settings(max_examples=100)
@given(limit=st.integers(0, 10**9), floor=st.integers(0, 1000), bound=st.integers(0, 10**12), places=st.integers(-3, 4))
def test_it_fits_and_one_lot_more_does_not(limit: int, floor: int, bound: int, places: int) -> None:
    lot = Decimal(1).scaleb(-places)
    tried: list[Decimal] = []

    def fits(size: Decimal) -> bool:
        tried.append(size)
        return size <= limit * lot

    found = largest_fitting(fits, lot, bound * lot, floor * lot)
    assert found == max(floor, min(limit, bound)) * lot
    assert len(tried) <= 90
