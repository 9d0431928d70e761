from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tui.exchange.commands import CancelAllAfter, SetLeverage, SetPnlPreference, SetSelfTradeStrategy
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.orders import Offset
from tui.exchange.state import EngineState, StateUnusable
from tui.exchange.store import Keeper, StateFile

from .engines import START_MS, move, send, still_engine, wait

D = Decimal
PF = "PF_XBTUSD"
STILL = EngineConfig(activity=0.0, warm_start_hours=0)


def traded() -> Engine:
    engine = still_engine()
    engine.step(SetLeverage("PF_ETHUSD", D(10)), START_MS)
    engine.step(SetPnlPreference(PF, "BTC"), START_MS)
    engine.step(SetSelfTradeStrategy("CANCEL_MAKER_ANY"), START_MS)
    send(engine, PF, "buy", "0.5")
    send(engine, PF, "sell", "0.2")
    send(engine, "PF_ETHUSD", "sell", "1")
    send(engine, "PI_XBTUSD", "buy", "3000")
    send(engine, PF, "buy", "0.1", "80000", cli_ord_id="resting")
    send(engine, PF, "sell", "0.3", order_type="trailing_stop", trailing=Offset(D(2), "PERCENT"), cli_ord_id="guard")
    engine.step(CancelAllAfter(600), START_MS)
    wait(engine, 60_000)
    return engine


def saved(engine: Engine, folder: Path) -> EngineState:
    """What there is after a trip through a file."""
    file = StateFile(folder / "state.sqlite3")
    with file.opened():
        Keeper(file, engine, pytest.fail).keep_all()
        state = file.load()
    assert state is not None
    return state


def reborn(engine: Engine, folder: Path, later_ms: int = 1_000) -> Engine:
    return Engine.restore(STILL, 1, engine.now_ms + later_ms, saved(engine, folder))


def test_the_account_is_as_it_was_left(tmp_path: Path) -> None:
    engine = traded()
    again = reborn(engine, tmp_path)
    left, found = (saved(each, tmp_path).accounts["main"].head for each in (engine, again))
    assert replace(found, saved_ms=left.saved_ms) == left
    assert again.account().open_orders() == engine.account().open_orders()
    assert again.account().fills() == engine.account().fills()
    assert again.account().account_log() == engine.account().account_log()
    assert again.account().order_history() == engine.account().order_history()
    assert again.account().position_updates() == engine.account().position_updates() != ()
    assert again.account().leverage_preferences() == {"PF_ETHUSD": D(10)}
    assert again.account().pnl_preferences() == {PF: "BTC"}
    assert again.account().self_trade_strategy == "CANCEL_MAKER_ANY"
    assert again.account().volume_30d_usd == engine.account().volume_30d_usd > 0
    assert again.ticker(PF).index == engine.ticker(PF).index


def test_life_goes_on_after_it(tmp_path: Path) -> None:
    again = reborn(traded(), tmp_path)
    assert (D(80_000), D("0.1")) in again.book(PF).bids
    assert send(again, PF, "buy", "0.1", "80000", cli_ord_id="resting").status == "clientOrderIdAlreadyExist"
    seq = again.account().fills()[0].seq
    ids = {fill.fill_id for fill in again.account().fills()}
    move(again, "XBT", "79000")
    assert again.account().fills()[0].seq > seq
    assert len({fill.fill_id for fill in again.account().fills()}) > len(ids)
    assert "guard" not in {order.cli_ord_id for order in again.account().open_orders()}


def test_the_dead_man_survives_a_restart(tmp_path: Path) -> None:
    again = reborn(traded(), tmp_path, later_ms=600_000)
    wait(again, 100)
    assert again.account().open_orders() == ()


def test_ids_do_not_repeat_after_a_restart(tmp_path: Path) -> None:
    engine = traded()
    again = reborn(engine, tmp_path)
    fresh = {send(each, PF, "buy", "0.1", "70000").order_id for each in (engine, again)}
    assert len(fresh) == 2


def test_a_position_in_a_contract_long_gone_is_settled(tmp_path: Path) -> None:
    engine = still_engine()
    symbol = next(row.symbol for row in engine.instruments() if row.symbol.startswith("FI_"))
    send(engine, symbol, "buy", "1000")
    again = reborn(engine, tmp_path, later_ms=400 * 86_400_000)
    wait(again, 100)
    assert again.account().positions() == ()
    assert again.account().account_log()[-1].info == "settlement"


def with_head(state: EngineState, **changes: Any) -> EngineState:
    account = state.accounts["main"]
    return replace(state, accounts={"main": replace(account, head=replace(account.head, **changes))})


def test_an_unknown_contract_is_refused(tmp_path: Path) -> None:
    state = saved(traded(), tmp_path)
    (first, *rest) = state.accounts["main"].head.positions
    with pytest.raises(StateUnusable, match="PF_GONEUSD"):
        Engine.restore(STILL, 1, START_MS, with_head(state, positions=[replace(first, symbol="PF_GONEUSD"), *rest]))


def test_unknown_currencies_are_refused_at_both_doors(tmp_path: Path) -> None:
    with pytest.raises(StateUnusable, match="SHELLS"):
        Engine.restore(STILL, 1, START_MS, with_head(saved(traded(), tmp_path), flex={"SHELLS": D(5)}))
    with pytest.raises(ValueError, match="SHELLS"):
        EngineConfig(flex={"SHELLS": D(5)})
    with pytest.raises(ValueError, match="fi_solusd"):
        EngineConfig(wallets={"fi_solusd": D(5)})


def test_changes_are_those_of_accounts_alone() -> None:
    engine = still_engine()
    engine.settle()
    wait(engine, 1_000)
    assert not engine.has_changes
    send(engine, PF, "buy", "0.1", "80000")
    (change,) = engine.changes()
    assert (change.name, len(change.orders), set(change.histories)) == ("main", 1, {"record"})
    engine.settle()
    assert (engine.has_changes, engine.changes()) == (False, ())


def test_a_refusal_is_kept_too() -> None:
    engine = still_engine()
    engine.settle()
    assert send(engine, PF, "buy", "0.1", "900000", order_type="post").status != "placed"
    assert set(engine.changes()[0].histories) == {"record"}


def test_time_does_not_run_back_behind_what_an_account_has_seen(tmp_path: Path) -> None:
    engine = traded()
    state = saved(engine, tmp_path)
    old = replace(state, floor=replace(state.floor, saved_ms=START_MS - 60_000))
    assert Engine.restore(STILL, 1, START_MS - 90_000, old).now_ms == engine.now_ms


def test_an_account_that_was_not_kept_is_new(tmp_path: Path) -> None:
    state = saved(traded(), tmp_path)
    again = Engine.restore(STILL, 1, START_MS, state, {"second": STILL})
    assert set(again.accounts) == {"main", "second"}
    assert again.account("second").fills() == ()
    assert again.account("main").fills() != ()
