"""Positions and pools between two words of the venue: moved by the mark, and by nothing else."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from tests.service.accounts import (
    ETH,
    INVERSE,
    MARK,
    NOW,
    TICKER,
    XBT,
    cross_pool,
    dec,
    position,
    state,
    wallet,
    worked,
)
from tui.model.account import Account, MarginPool
from tui.model.enums import MarginMode
from tui.model.state import State
from tui.model.ticker import Ticker
from tui.service.marking import leverage_of, mark_to_market, pool_of, revalue, same_coin


def at(start: State, mark: str, symbol: str = "PF_XBTUSD") -> State:
    ticker = Ticker(symbol, NOW, mark=dec(mark))
    return msgspec.structs.replace(start, tickers={**start.tickers, symbol: ticker})


def pool(start: State, name: str = "flex") -> MarginPool:
    assert start.account is not None
    found = start.account.pool(name)
    assert found is not None
    return found


def test_with_marks_unchanged_everything_is_as_the_venue_said() -> None:
    start = worked()
    marked = mark_to_market(start)
    assert marked.account == start.account
    assert marked.positions[0].unrealised_pnl == 4 * (MARK - 84_400)


def test_marking_twice_changes_nothing_more() -> None:
    once = mark_to_market(at(worked(), "84104.11362574516"))
    assert mark_to_market(once) == once


def test_a_move_of_the_mark_moves_profit_equity_and_available() -> None:
    before, after = pool(worked()), pool(mark_to_market(at(worked(), str(MARK + 100))))
    assert after.equity - before.equity == 400
    assert after.available - before.available == 400
    assert (after.initial_margin, after.maintenance_margin) == (before.initial_margin, before.maintenance_margin)
    assert after.unrealised_pnl is not None
    assert before.unrealised_pnl is not None
    assert after.unrealised_pnl - before.unrealised_pnl == 400
    assert after.level_pct is not None
    assert round(after.level_pct, 2) == round((before.equity + 400) / 1688 * 100, 2)


def test_inverse_margin_follows_the_mark() -> None:
    start = wallet("0.1", "100000", mark="84000")
    moved = pool(mark_to_market(at(start, "42000", "PI_XBTUSD")), "fi_xbtusd")
    assert round(moved.initial_margin, 12) == round(dec(2_000) / 42_000, 12)
    assert round(moved.equity, 12) == round(dec("0.1") + 100_000 * (dec(1) / 84_000 - dec(1) / 42_000), 12)
    assert round(moved.available, 12) == round(moved.equity - moved.initial_margin, 12)


def test_an_isolated_position_moves_its_own_pool_only() -> None:
    own = MarginPool(
        name="PF_XBTUSD", currency="USD", mode=MarginMode.ISOLATED, equity=dec(4_200), initial_margin=dec(4_200),
        maintenance_margin=dec(210), available=dec(0), balance=dec(4_200), symbol="PF_XBTUSD",
    )  # fmt: skip
    start = state(
        account=Account(NOW, pools=(cross_pool(dec(10_000), dec(0), dec(0)), own)),
        positions=(position("0.5", "84000", mark_price=dec(84_000)),),
        leverage={"PF_XBTUSD": dec(10)},
    )
    marked = mark_to_market(at(start, "80000"))
    assert pool(marked, "PF_XBTUSD").equity == 2_200
    assert round(pool(marked, "PF_XBTUSD").level_pct or dec(0), 1) == dec("1047.6")
    assert pool(marked) == pool(start)
    assert marked.positions[0].max_leverage == 10, "the preference tells the position that it is isolated"


def test_without_the_venues_mark_its_pool_is_left_alone() -> None:
    start = state(
        account=Account(NOW, pools=(cross_pool(dec(10_000), dec(840), dec(420)),)), positions=(position("1", "84000"),)
    )
    marked = mark_to_market(start)
    assert pool(marked) == pool(start)
    assert marked.positions[0].unrealised_pnl == MARK - 84_000


def test_flat_is_the_same_object() -> None:
    start = state()
    assert mark_to_market(start) is start


def test_profit_in_another_currency_is_the_venues_to_say() -> None:
    held = position("1", "84000", unrealised_pnl=dec("0.0003"), pnl_currency="BTC")
    marked = revalue(held, TICKER, XBT)
    assert (marked.unrealised_pnl, marked.mark_price) == (dec("0.0003"), MARK)
    inverse = position("100", "84000", "PI_XBTUSD", pnl_currency="BTC")
    marked = revalue(inverse, msgspec.structs.replace(TICKER, mark=dec(85_000)), INVERSE)
    assert marked.unrealised_pnl == 100 * (dec(1) / 84_000 - dec(1) / 85_000)


def test_unknown_contract_or_mark_leaves_a_position_alone() -> None:
    held = position("1", "84000")
    assert revalue(held, TICKER, None) is held
    assert revalue(held, None, XBT) is held


@pytest.mark.parametrize(
    ("one", "other", "same"), [("XBT", "btc", True), ("xbt", "BTC", True), ("ETH", "eth", True), ("ETH", "BTC", False)]
)
def test_spellings(one: str, other: str, same: bool) -> None:
    assert same_coin(one, other) is same


def test_pools_by_contract() -> None:
    inverse = pool(wallet("1"), "fi_xbtusd")
    flex = cross_pool(Decimal(1), Decimal(0), Decimal(0))
    account = Account(NOW, pools=(inverse, flex))
    assert pool_of(account, XBT, isolated=False) is flex
    assert pool_of(account, ETH, isolated=True) is None
    assert pool_of(account, INVERSE, isolated=False) is inverse
    assert pool_of(None, XBT, isolated=False) is None


def test_the_preference_comes_before_the_position() -> None:
    start = state(positions=(position("1", "84000", max_leverage=dec(5)),))
    assert leverage_of(start, "PF_XBTUSD") == 5
    assert leverage_of(msgspec.structs.replace(start, leverage={"PF_XBTUSD": dec(7)}), "PF_XBTUSD") == 7
    assert leverage_of(start, "PF_ETHUSD") is None
