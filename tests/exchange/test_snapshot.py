from decimal import Decimal
from typing import Any

import msgspec
import pytest

from tui.exchange.commands import CancelAllAfter, SetLeverage, SetPnlPreference, SetSelfTradeStrategy
from tui.exchange.config import EngineConfig
from tui.exchange.exchange import Engine
from tui.exchange.orders import Offset
from tui.exchange.snapshot import SnapshotError

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


def saved(engine: Engine) -> dict[str, Any]:
    """The snapshot after a trip through a file."""
    state: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(engine.snapshot()))
    return state


def reborn(engine: Engine, later_ms: int = 1_000) -> Engine:
    state = saved(engine)
    return Engine.restore(STILL, 1, engine.now_ms + later_ms, state)


def test_the_account_is_as_it_was_left() -> None:
    engine = traded()
    again = reborn(engine)
    assert saved(again)["accounts"] == saved(engine)["accounts"]
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


def test_life_goes_on_after_it() -> None:
    again = reborn(traded())
    assert (D(80_000), D("0.1")) in again.book(PF).bids
    assert send(again, PF, "buy", "0.1", "80000", cli_ord_id="resting").status == "clientOrderIdAlreadyExist"
    seq = again.account().fills()[0].seq
    ids = {fill.fill_id for fill in again.account().fills()}
    move(again, "XBT", "79000")
    assert again.account().fills()[0].seq > seq
    assert len({fill.fill_id for fill in again.account().fills()}) > len(ids)
    assert "guard" not in {order.cli_ord_id for order in again.account().open_orders()}


def test_the_dead_man_survives_a_restart() -> None:
    again = reborn(traded(), later_ms=600_000)
    wait(again, 100)
    assert again.account().open_orders() == ()


def test_ids_do_not_repeat_after_a_restart() -> None:
    engine = traded()
    again = reborn(engine)
    fresh = {send(each, PF, "buy", "0.1", "70000").order_id for each in (engine, again)}
    assert len(fresh) == 2


def test_a_position_in_a_contract_long_gone_is_settled() -> None:
    engine = still_engine()
    symbol = next(row.symbol for row in engine.instruments() if row.symbol.startswith("FI_"))
    send(engine, symbol, "buy", "1000")
    again = reborn(engine, later_ms=400 * 86_400_000)
    wait(again, 100)
    assert again.account().positions() == ()
    assert again.account().account_log()[-1].info == "settlement"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 99}, "version 99"),
        ({"accounts": None}, "damaged"),
        ({"accounts": {"main": {"orders": [{"order_id": 5}]}}}, "damaged"),
        ({"generation": "x"}, "damaged"),
    ],
)
def test_a_newer_or_damaged_state_is_refused_in_plain_words(change: dict[str, Any], words: str) -> None:
    state = saved(traded()) | change
    with pytest.raises(SnapshotError, match=words):
        Engine.restore(STILL, 1, START_MS, state)


def test_an_unknown_contract_is_refused() -> None:
    state = saved(traded())
    state["accounts"]["main"]["positions"][0]["symbol"] = "PF_GONEUSD"
    with pytest.raises(SnapshotError, match="PF_GONEUSD"):
        Engine.restore(STILL, 1, START_MS, state)


def test_unknown_currencies_are_refused_at_both_doors() -> None:
    state = saved(traded())
    state["accounts"]["main"]["flex"]["SHELLS"] = "5"
    with pytest.raises(SnapshotError, match="SHELLS"):
        Engine.restore(STILL, 1, START_MS, state)
    with pytest.raises(ValueError, match="SHELLS"):
        EngineConfig(flex={"SHELLS": D(5)})
    with pytest.raises(ValueError, match="fi_solusd"):
        EngineConfig(wallets={"fi_solusd": D(5)})


def test_the_revision_grows_with_the_account_alone() -> None:
    engine = still_engine()
    before = engine.revision
    wait(engine, 1_000)
    assert engine.revision == before
    send(engine, PF, "buy", "0.1", "80000")
    assert engine.revision > before
