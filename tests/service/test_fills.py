"""The set of fills: bounded, forgotten one by one, and wise about the executions of an order's own answer."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.service.build import T0, fill
from tui.service.fills import FillLedger


@given(st.lists(st.integers(0, 30), max_size=80))
def test_ids_are_forgotten_one_by_one_oldest_first(numbers: list[int]) -> None:
    ledger = FillLedger(remembered=10, shown=5)
    remembered: list[int] = []
    for number in numbers:
        is_new = ledger.add(fill(f"f{number}", at=T0 + number))
        assert is_new == (number not in remembered)
        if is_new:
            remembered = [*remembered, number][-10:]
    assert len(ledger) == len(remembered)
    assert all(f"f{number}" in ledger for number in remembered)
    assert len(ledger.view()) <= 5


def test_fills_are_shown_newest_first_whatever_their_arrival() -> None:
    ledger = FillLedger()
    for number in (2, 9, 4):
        ledger.add(fill(f"f{number}", at=T0 + number))
    assert [one.fill_id for one in ledger.view()] == ["f9", "f4", "f2"]
    assert ledger.view() is ledger.view()


def test_sources_complete_each_other() -> None:
    ledger = FillLedger()
    ledger.add(fill("f1"))
    ledger.take_changed()
    rich = fill("f1", left=0)
    assert not ledger.add(rich)
    assert ledger.view()[0].remaining == Decimal(0)
    assert [one.fill_id for one in ledger.take_changed()] == ["f1"]
    assert not ledger.add(rich)
    assert not ledger.has_changed


def test_an_execution_with_the_fills_id_is_that_fill() -> None:
    ledger = FillLedger()
    assert ledger.add_execution(fill("f1"))
    assert not ledger.has_changed, "a provisional fill is not kept in the journal"
    assert not ledger.add(fill("f1", left=3))
    assert ledger.view()[0].remaining == 3
    assert ledger.add(fill("f2")), "ids agree: the same price and size under another id is another fill"


def test_an_execution_with_an_id_of_its_own_matches_a_later_fill_once() -> None:
    ledger = FillLedger()
    assert ledger.add_execution(fill("e1"))
    assert not ledger.add(fill("f1", left=3))
    assert [one.fill_id for one in ledger.view()] == ["f1"]
    assert ledger.add(fill("f2"))
    assert not ledger.add(fill("f1"))


def test_an_execution_matches_an_earlier_fill_once() -> None:
    ledger = FillLedger()
    ledger.add(fill("f1"))
    assert not ledger.add_execution(fill("e1"))
    assert ledger.add_execution(fill("e2"))
    assert not ledger.add_execution(fill("e1"))
