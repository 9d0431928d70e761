from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from tests.exchange.engines import still_engine
from tui.exchange.mirror.contracts import UpstreamError, check, coin_of, instrument_of, quotes_of, upstream_of
from tui.wire.derivatives import market as wire
from tui.wire.derivatives.codec import decode

from .frames import PF
from .worlds import answers, upstream

D = Decimal
LIVE = b"""{"instruments":[{"symbol":"PF_DOGEUSD","type":"flexible_futures","tickSize":0.00001,"contractSize":1,
"tradeable":true,"impactMidSize":45000,"maxPositionSize":2.0E8,"openingDate":"2022-03-22T13:15:36Z","marginLevels":[
{"numNonContractUnits":0.0,"initialMargin":0.02,"maintenanceMargin":0.01},
{"numNonContractUnits":2000000.0,"initialMargin":0.04,"maintenanceMargin":0.02}],"fundingRateCoefficient":8,
"maxRelativeFundingRate":0.005,"contractValueTradePrecision":-3,"postOnly":false,"mtf":true,"base":"DOGE","quote":"USD",
"pair":"DOGE:USD","category":"Meme","tradfi":false,"isExpired":false}]}"""


def listed() -> wire.Instrument:
    return decode(wire.Instruments, LIVE).instruments[0]


def test_another_exchange_of_ours_is_mirrored_contract_by_contract() -> None:
    engine = still_engine()
    instruments, tickers = answers(engine)
    mirrored = [one.instrument for one in upstream_of(instruments, quotes_of(tickers)).contracts]
    assert mirrored == list(engine.instruments())


def test_a_live_row_is_read_with_lots_of_a_thousand_and_exponents() -> None:
    row = instrument_of(listed(), "perpetual")
    assert row is not None
    assert (row.tick, row.lot, row.max_position, row.underlying) == (D("0.00001"), D(1000), D(200_000_000), "DOGE")
    assert [(rung.threshold, rung.initial) for rung in row.rungs] == [
        (D(0), D("0.02")),
        (D(2_000_000), D("0.04")),
    ]
    assert row.perpetual


@pytest.mark.parametrize(
    "change",
    [
        {"type": "options"},
        {"type": "futures_vanilla"},
        {"symbol": "PF_XBTEUR"},
        {"margin_levels": None},
        {"margin_levels": []},
        {"tick_size": D(0)},
        {"is_expired": True},
        {"contract_size": D(10)},
    ],
)
def test_what_there_are_no_rules_for_is_left_out(change: dict[str, object]) -> None:
    assert instrument_of(msgspec.structs.replace(listed(), **change), None) is None


@pytest.mark.parametrize(
    ("symbol", "coin"),
    [
        ("PF_XBTUSD", "XBT"),
        ("FI_XBTUSD_261225", "XBT"),
        ("PF_AAPLxUSD", "AAPLx"),
        ("PF_USDTUSD", "USDT"),
        ("PF_XBTEUR", None),
        ("in_xbtusd", None),
    ],
)
def test_the_coin_is_in_the_symbol(symbol: str, coin: str | None) -> None:
    assert coin_of(symbol) == coin


def test_the_perpetual_with_multi_collateral_leads_its_coin() -> None:
    found = upstream("PI_XBTUSD")
    assert found.leaders["XBT"].instrument.symbol == "PF_XBTUSD"
    assert found.priced["PF_XBTUSD"] == "XBT"
    assert found.priced["PF_ETHUSD"] == "ETH", "wallets in ETH have to be worth something"
    assert PF not in upstream(PF).priced


def test_an_upstream_that_cannot_be_mirrored_is_refused_in_words() -> None:
    found = upstream()
    check(found, "there", ["pf_xbtusd"])
    with pytest.raises(UpstreamError, match="there does not list PF_NONEUSD"):
        check(found, "there", ["PF_NONEUSD"])
    with pytest.raises(UpstreamError, match="no prices of XBT and ETH"):
        check(replace(found, leaders={}), "there")
