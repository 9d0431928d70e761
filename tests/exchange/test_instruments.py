import datetime as dt
from decimal import Decimal

import pytest

from tui.exchange.instruments import contract_table, dated_contract, quarterly_expiry

D = Decimal


def at(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "expiry"),
    [
        ("2026-11-22T00:00+00:00", "2026-12-25T16:00+00:00"),
        ("2026-12-25T15:00+00:00", "2027-03-26T16:00+00:00"),
        ("2026-12-24T15:00+00:00", "2026-12-25T16:00+00:00"),
        ("2026-12-31T23:00+00:00", "2027-03-26T16:00+00:00"),
    ],
)
def test_the_next_quarterly_expiry(now: str, expiry: str) -> None:
    assert quarterly_expiry(at(now)) == dt.datetime.fromisoformat(expiry)


def test_the_table_lists_what_a_desk_needs() -> None:
    table = {instrument.symbol: instrument for instrument in contract_table(at("2026-11-22T00:00+00:00"))}
    wanted = {f"PF_{coin}USD" for coin in ("XBT", "ETH", "SOL", "XRP", "DOGE", "ADA", "LINK", "BCH", "ZEC")}
    assert wanted | {"PI_XBTUSD", "PI_ETHUSD", "FI_XBTUSD_261225", "FF_XBTUSD_261225"} == set(table)
    for instrument in table.values():
        thresholds = [rung.threshold for rung in instrument.rungs]
        assert thresholds == sorted(thresholds)
        assert thresholds[0] == 0
        assert all(rung.initial == 2 * rung.maintenance for rung in instrument.rungs)
        assert instrument.inverse == instrument.symbol.startswith(("PI", "FI"))
    assert table["FI_XBTUSD_261225"].last_trading_ms == at("2026-12-25T16:00+00:00")
    assert table["FF_XBTUSD_261225"].last_trading_ms == at("2026-12-25T08:00+00:00")


def test_grids_are_exact() -> None:
    xbt = contract_table(0)[0]
    assert xbt.to_lots(D("0.0003")) == 3
    assert xbt.to_lots(D("0.00035")) is None
    assert xbt.to_lots(D("0.00010000000000000000000000000001")) is None
    assert xbt.to_lots(D("1e10")) == 10**14
    assert xbt.to_lots(D("1e30")) is None
    assert xbt.to_lots(D("NaN")) is None
    assert xbt.to_ticks(D("84000.0")) == 84_000
    assert xbt.to_ticks(D("84000.5")) is None


def test_a_dated_contract_is_rebuilt_from_its_symbol() -> None:
    built = dated_contract("FI_XBTUSD_261225")
    assert built is not None
    assert built == next(row for row in contract_table(at("2026-11-22T00:00+00:00")) if row.symbol == built.symbol)
    assert dated_contract("PF_XBTUSD") is None
    assert dated_contract("XX_XBTUSD_261225") is None
