from decimal import Decimal

import pytest

from tests.exchange.doors import D, Door, with_options
from tui.exchange.commands import MovePrice, SendOrder
from tui.wire.derivatives.codec import decode
from tui.wire.derivatives.market import (
    Candles,
    FeeSchedules,
    FundingRates,
    Instruments,
    InstrumentStatuses,
    OneTicker,
    OrderBook,
    PublicTrades,
    Tickers,
)


async def test_instruments_are_whole_and_filtered() -> None:
    door = Door()
    answer = await door.public(f"{D}/instruments")
    rows = {row.symbol: row for row in decode(Instruments, answer.raw).instruments}
    assert {"PF_XBTUSD", "PI_XBTUSD"} <= rows.keys()
    assert any(row.last_trading_time for row in rows.values())
    for row in answer.body["instruments"]:
        for level in row["marginLevels"]:
            assert ("contracts" in level) != ("numNonContractUnits" in level)
        assert ("fundingRateCoefficient" in row) == ("lastTradingTime" not in row)
        assert {"openingDate", "base", "quote", "pair", "mtf", "postOnly"} <= row.keys()
    inverse = await door.public(f"{D}/instruments", "contractType=futures_inverse")
    assert {row["type"] for row in inverse.body["instruments"]} == {"futures_inverse"}
    all_types = await door.public(f"{D}/instruments", "contractType=all&contractType=futures_inverse")
    assert len(all_types.body["instruments"]) == len(rows)
    assert (await door.public(f"{D}/instruments/PF_XBTUSD")).status == 404


async def test_the_callers_view_of_the_instruments() -> None:
    door = Door()
    assert (await door.public(f"{D}/trading/instruments")).body["error"] == "authenticationError"
    rows = (await door.get(f"{D}/trading/instruments")).body["instruments"]
    assert {row["restricted"] for row in rows} == {False}
    assert len(rows) == len(door.venue.engine.instruments())


async def test_status_of_all_and_of_one() -> None:
    door = Door()
    answer = await door.public(f"{D}/instruments/status")
    rows = decode(InstrumentStatuses, answer.raw).instrument_status
    one = (await door.public(f"{D}/instruments/pf_xbtusd/status")).body
    assert one["tradeable"] == "PF_XBTUSD"
    assert one["tradeable"] in {row.tradeable for row in rows}
    missing = await door.public(f"{D}/instruments/PF_NOPE/status")
    assert (missing.status, missing.body["error"]) == (404, "contractNotFound")


async def test_tickers() -> None:
    door = Door()
    answer = await door.public(f"{D}/tickers")
    rows = {row.symbol: row for row in decode(Tickers, answer.raw).tickers}
    engine = door.venue.engine
    for symbol, row in rows.items():
        shown = engine.ticker(symbol)
        assert (row.mark_price, row.bid, row.ask_size) == (shown.mark, shown.bid, shown.ask_size)
        assert row.tag
        assert row.pair
    one = await door.public(f"{D}/tickers/pi_xbtusd")
    assert decode(OneTicker, one.raw).ticker == rows["PI_XBTUSD"]
    some = await door.public(f"{D}/tickers", "symbol=PF_XBTUSD&symbol=pf_ethusd")
    assert {row["symbol"] for row in some.body["tickers"]} == {"PF_XBTUSD", "PF_ETHUSD"}
    missing = await door.public(f"{D}/tickers/PF_NOPE")
    assert (missing.status, missing.body["error"]) == (404, "contractNotFound")


async def test_dated_contracts_have_no_funding() -> None:
    rows = (await Door().public(f"{D}/tickers")).body["tickers"]
    for row in rows:
        assert ("fundingRate" in row) == (row["tag"] == "perpetual")


async def test_index_rows_are_a_switch() -> None:
    rows = (await Door(with_options(index_tickers=True)).public(f"{D}/tickers")).body["tickers"]
    index = next(row for row in rows if row["symbol"] == "in_xbtusd")
    assert index.keys() == {"symbol", "last", "lastTime"}


@pytest.mark.parametrize("ascending", [False, True])
async def test_the_book_is_the_engines_best_first_unless_asked(ascending: bool) -> None:
    door = Door(with_options(bids_ascending=ascending))
    answer = await door.public(f"{D}/orderbook", "symbol=PF_XBTUSD")
    sides = decode(OrderBook, answer.raw).order_book
    book = door.venue.engine.book("PF_XBTUSD")
    assert sides.asks == list(book.asks)
    assert sides.bids == (list(book.bids)[::-1] if ascending else list(book.bids))


async def test_the_book_wants_a_known_symbol() -> None:
    door = Door()
    missing = await door.public(f"{D}/orderbook")
    assert (missing.status, missing.body["errors"][0]["code"]) == (400, 0)
    unknown = await door.public(f"{D}/orderbook", "symbol=PF_NOPE")
    assert (unknown.status, unknown.body["errors"][0]) == (400, {"code": 11, "message": "Argument invalid: symbol"})


def trade(door: Door) -> None:
    door.hands.turn(1)
    door.venue.apply(SendOrder("PF_XBTUSD", "buy", "mkt", Decimal("0.01")))


@pytest.mark.parametrize("descending", [False, True])
async def test_public_trades_count_back_from_the_newest(descending: bool) -> None:
    door = Door(with_options(trades_descending=descending))
    for _ in range(3):
        trade(door)
    answer = await door.public(f"{D}/history", "symbol=PF_XBTUSD")
    rows = decode(PublicTrades, answer.raw).history
    newest = rows[0] if descending else rows[-1]
    assert (newest.trade_id, newest.side, newest.size) == (1, "buy", Decimal("0.01"))
    times = [row.time for row in rows]
    assert times == sorted(times, reverse=descending)
    earlier = await door.public(f"{D}/history", f"symbol=PF_XBTUSD&lastTime={newest.time}")
    assert newest.uid not in {row["uid"] for row in earlier.body["history"]}


async def test_funding_under_both_paths() -> None:
    door = Door()
    for path in ("/derivatives/api/v4/historicalfundingrates", f"{D}/historical-funding-rates"):
        answer = await door.public(path, "symbol=PF_XBTUSD&from=ignored")
        rates = decode(FundingRates, answer.raw).rates
        assert rates
        assert [row.timestamp for row in rates] == sorted(row.timestamp for row in rates)


async def test_fees_leave_as_percent_and_every_contract_names_a_schedule() -> None:
    door = Door()
    schedules = decode(FeeSchedules, (await door.public(f"{D}/feeschedules")).raw).fee_schedules
    assert schedules[0].tiers[0].taker_fee == Decimal("0.05")
    uids = {row["feeScheduleUid"] for row in (await door.public(f"{D}/instruments")).body["instruments"]}
    assert uids == {schedule.uid for schedule in schedules}
    volumes = (await door.get(f"{D}/feeschedules/volumes")).body["volumesByFeeSchedule"]
    assert volumes.keys() == uids


async def test_charts() -> None:
    door = Door()
    assert (await door.public("/api/charts/v1/")).body == ["mark", "spot", "trade"]
    assert "PF_XBTUSD" in (await door.public("/api/charts/v1/mark")).body
    assert (await door.public("/api/charts/v1/trade/PF_XBTUSD")).body[0] == "1m"
    answer = await door.public("/api/charts/v1/trade/pf_xbtusd/1M", "count=3")
    page = decode(Candles, answer.raw)
    assert len(page.candles) == 3
    assert page.more_candles
    assert isinstance(answer.body["candles"][0]["open"], str)
    first = page.candles[0].time // 1000
    window = await door.public("/api/charts/v1/trade/PF_XBTUSD/1m", f"from={first}&to={first + 60}")
    assert [row["time"] for row in window.body["candles"]] == [first * 1000, (first + 60) * 1000]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("trade/PF_XBTUSD/7m", "Invalid resolution"),
        ("trade/PF_NOPE/1m", "Invalid instrument"),
        ("last/PF_XBTUSD/1m", "Invalid tick type"),
    ],
)
async def test_charts_refuse_in_plain_text(path: str, text: str) -> None:
    answer = await Door().public(f"/api/charts/v1/{path}")
    assert (answer.status, answer.body) == (400, text)


async def test_prices_follow_the_market() -> None:
    door = Door()
    door.venue.apply(MovePrice("XBT", Decimal(70_000)))
    shown = (await door.public(f"{D}/tickers/PF_XBTUSD")).body["ticker"]
    assert shown["indexPrice"] == 70_000
