"""Money between wallets: what moves, what is refused, and that the log explains it."""

from collections import defaultdict
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exchange.engines import D, move, send, still_engine
from tui.exchange.commands import FundsAnswer, TransferFunds, WithdrawFunds
from tui.exchange.events import AccountLogged, BalancesChanged
from tui.exchange.exchange import Engine

PLACES = ("cash", "flex", "fi_xbtusd", "fi_ethusd", "fi_none")


def transfer(engine: Engine, source: str, target: str, unit: str, amount: str) -> FundsAnswer:
    return engine.step(TransferFunds(source, target, unit, D(amount)), engine.now_ms).answer


def balances(engine: Engine) -> dict[tuple[str, str], Decimal]:
    """By the log's names for wallet and asset."""
    flex = {("flex", row.currency.lower()): row.quantity for row in engine.account().flex_account().currencies}
    coins = {(f"f-{row.currency}:usd", row.currency): row.balance for row in engine.account().wallets()}
    cash = {("cash", name.lower()): amount for name, amount in engine.account().holding().items()}
    return {key: amount for key, amount in (flex | coins | cash).items() if amount}


def test_money_moves_and_is_logged_twice() -> None:
    engine = still_engine()
    outcome = engine.step(TransferFunds("FLEX", "cash", "usd", D(10_000)), engine.now_ms)
    assert outcome.answer.error is None
    assert engine.account().holding() == {"USD": 10_000}
    assert engine.account().flex_account().balance_value == 40_000
    rows = [event.entry for event in outcome.events if isinstance(event, AccountLogged)]
    moved = {row.margin_account: (int(row.old_balance), int(row.new_balance)) for row in rows}
    assert moved == {"flex": (50_000, 40_000), "cash": (0, 10_000)}
    assert {(row.info, row.asset, row.booking_uid) for row in rows} == {("transfer", "usd", outcome.answer.booking_uid)}
    assert any(isinstance(event, BalancesChanged) for event in outcome.events)


def test_coins_go_between_wallets_under_either_name() -> None:
    engine = still_engine()
    assert transfer(engine, "fi_XBTUSD", "flex", "BTC", "0.2").error is None
    assert balances(engine)["flex", "xbt"] == D("0.2")
    assert balances(engine)["f-xbt:usd", "xbt"] == D("0.3")


@pytest.mark.parametrize(
    ("source", "target", "unit", "amount", "word"),
    [
        ("flex", "vault", "USD", "1", "invalidAccount"),
        ("flex", "flex", "USD", "1", "invalidAccount"),
        ("flex", "cash", "NOPE", "1", "invalidUnit"),
        ("flex", "fi_xbtusd", "ETH", "1", "invalidUnit"),
        ("flex", "cash", "USD", "0", "invalidAmount"),
        ("flex", "cash", "USD", "-5", "invalidAmount"),
        ("flex", "cash", "USD", "1e-20", "invalidAmount"),
        ("flex", "cash", "USD", "50000.01", "insufficientFunds"),
        ("cash", "flex", "USD", "1", "insufficientFunds"),
        ("fi_xbtusd", "cash", "XBT", "0.51", "insufficientFunds"),
    ],
)
def test_refusals_move_nothing(source: str, target: str, unit: str, amount: str, word: str) -> None:
    engine = still_engine()
    before = balances(engine)
    assert transfer(engine, source, target, unit, amount).error == word
    assert (balances(engine), engine.account().account_log()) == (before, ())


def test_margin_in_use_stays() -> None:
    engine = still_engine()
    send(engine, "PF_XBTUSD", "buy", "2")
    free = next(row.available for row in engine.account().flex_account().currencies if row.currency == "USD")
    assert free < 49_000
    assert transfer(engine, "flex", "cash", "USD", "49000").error == "insufficientFunds"
    assert transfer(engine, "flex", "cash", "USD", str(int(free))).error is None
    assert 0 <= engine.account().flex_account().cross.available_margin < 1


def test_profit_that_is_not_realised_stays() -> None:
    engine = still_engine()
    send(engine, "PF_XBTUSD", "buy", "1")
    move(engine, "XBT", "95000")
    held = next(row for row in engine.account().flex_account().currencies if row.currency == "USD")
    assert held.available > held.quantity + 1_000
    assert transfer(engine, "flex", "cash", "USD", str(int(held.quantity) + 1)).error == "insufficientFunds"


def test_a_transfer_is_worth_saving() -> None:
    engine = still_engine()
    engine.settle()
    transfer(engine, "flex", "cash", "USD", "1")
    assert engine.has_changes


def test_a_withdrawal_leaves_the_account() -> None:
    engine = still_engine()
    answer = engine.step(WithdrawFunds("flex", "USD", D(5)), engine.now_ms).answer
    assert answer.booking_uid
    assert balances(engine)["flex", "usd"] == 49_995
    assert [row.info for row in engine.account().account_log()] == ["cross-exchange transfer"]
    assert engine.step(WithdrawFunds("cash", "USD", D(5)), engine.now_ms).answer.error == "insufficientFunds"


moves = st.tuples(
    st.sampled_from(PLACES), st.sampled_from(PLACES), st.sampled_from(["USD", "XBT", "ETH"]), st.integers(-1, 60_000)
)


@settings(max_examples=40, deadline=None)
@given(st.lists(moves, max_size=12))
def test_transfers_make_and_lose_nothing(session: list[tuple[str, str, str, int]]) -> None:
    engine = still_engine()
    logged = defaultdict(Decimal, balances(engine))
    total = worth(engine)
    for source, target, unit, thousandths in session:
        transfer(engine, source, target, unit, str(D(thousandths) / 1000))
        assert worth(engine) == total
    for row in engine.account().account_log():
        key = (row.margin_account, row.asset)
        assert logged[key] == row.old_balance
        logged[key] = row.new_balance
    assert {key: amount for key, amount in logged.items() if amount} == balances(engine)
    assert all(amount >= 0 for amount in balances(engine).values())


def worth(engine: Engine) -> dict[str, Decimal]:
    """Every currency over all wallets."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for (_, asset), amount in balances(engine).items():
        sums[asset] += amount
    return dict(sums)
