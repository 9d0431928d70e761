from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.scenes import RICH
from tui.screens.clips import chosen, clips_for, index_of

INSTRUMENTS, TICKERS = RICH.state.instruments, RICH.state.tickers


def test_configured_sizes_come_first() -> None:
    sizes = (Decimal(1), Decimal(3))
    assert clips_for("PF_XBTUSD", None, None, {"PF_XBTUSD": sizes}) == sizes
    assert chosen(sizes, configured=True) == 1


def test_nothing_is_offered_until_the_contract_and_its_price_are_known() -> None:
    assert clips_for("PF_XBTUSD", None, TICKERS["PF_XBTUSD"], {}) == ()
    assert clips_for("PF_XBTUSD", INSTRUMENTS["PF_XBTUSD"], None, {}) == ()
    assert chosen((), configured=False) == 0


def test_default_sizes_are_round_and_worth_what_they_should() -> None:
    sizes = clips_for("PF_XBTUSD", INSTRUMENTS["PF_XBTUSD"], TICKERS["PF_XBTUSD"], {})
    assert sizes == (Decimal("0.001"), Decimal("0.005"), Decimal("0.01"), Decimal("0.05"), Decimal("0.1"))
    assert chosen(sizes, configured=False) == Decimal("0.01")


@given(st.decimals("0.00001", "200000", places=5))
def test_default_sizes_always_fit_the_lot_and_rise(price: Decimal) -> None:
    ticker = replace(TICKERS["PF_XBTUSD"], mark=price)
    instrument = INSTRUMENTS["PF_XBTUSD"]
    sizes = clips_for("PF_XBTUSD", instrument, ticker, {})
    assert all(instrument.size_on_lot(size) for size in sizes)
    assert list(sizes) == sorted(set(sizes))


@pytest.mark.parametrize(("clip", "index"), [("0.1", 0), ("0.14", 0), ("0.19", 1), ("9", 2)])
def test_a_size_that_left_the_list_counts_as_its_nearest(clip: str, index: int) -> None:
    assert index_of((Decimal("0.1"), Decimal("0.2"), Decimal("0.5")), Decimal(clip)) == index
