from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.client.derivatives.parts import NOW_MS, SERVER_MS, FakeVenue, client, ok, said
from tui.client.derivatives.client import KrakenFuturesClient
from tui.client.derivatives.reading import Reading
from tui.client.derivatives.transport import Lane
from tui.model.enums import (
    CloseReason,
    ContractKind,
    DeviationUnit,
    Environment,
    Liquidity,
    OrderState,
    OrderType,
    PositionSide,
    Side,
    TriggerSignal,
)
from tui.model.errors import (
    NotFound,
    SettingsError,
    UnknownAnswer,
)

D = Decimal

POSITIONS = (
    '"openPositions":[{"side":"short","symbol":"PI_XBTUSD","price":9392.749993345933,"size":10000,'
    '"fillTime":"2020-07-22T14:39:12.376Z","unrealizedPnl":-607250.0,"unrealizedFunding":0.00001},'
    '{"side":"long","symbol":"PF_XBTUSD","price":84000,"size":1.5,"pnlCurrency":"BTC","maxFixedLeverage":5,'
    '"unrealizedPnl":12.5}]'
)


async def test_open_positions() -> None:
    inverse, linear = await client(FakeVenue(ok(POSITIONS))).get_open_positions()
    assert (inverse.side, inverse.size, inverse.unrealised_pnl) == (PositionSide.SHORT, D(10000), None)
    assert inverse.opened_ms == 1_595_428_752_376
    assert (linear.max_leverage, linear.pnl_currency, linear.unrealised_pnl) == (D(5), "XBT", D("12.5"))


# --- reading ----------------------------------------------------------------------------------------------------------

OPEN = (
    '"openOrders":[{"order_id":"o-1","symbol":"PI_XBTUSD","side":"sell","orderType":"lmt","limitPrice":10640,'
    '"unfilledSize":300,"filledSize":4,"receivedTime":"2019-09-05T17:01:17.410Z","status":"partiallyFilled",'
    '"reduceOnly":true,"lastUpdateTime":"2019-09-05T17:01:18.410Z"},{"order_id":"o-2","cliOrdId":"my-stop",'
    '"symbol":"pf_xbtusd","side":"buy","orderType":"stop","stopPrice":29259,"unfilledSize":1,"filledSize":0,'
    '"receivedTime":"2023-07-09T17:42:31.153Z","triggerSignal":"spot","reduceOnly":false}]'
)


async def test_open_orders_all_or_by_contract_or_by_either_id() -> None:
    venue = FakeVenue(ok(OPEN))
    limit_order, stop = await client(venue).get_open_orders()
    assert (limit_order.remaining, limit_order.filled, limit_order.size) == (D(300), D(4), D(304))
    assert limit_order.updated_ms - limit_order.created_ms == 1000
    assert (stop.type, stop.stop_price, stop.trigger_signal) == (OrderType.STOP, D(29259), TriggerSignal.INDEX)
    assert (stop.symbol, stop.client_order_id, stop.limit_price) == ("PF_XBTUSD", "my-stop", None)
    assert await client(venue).get_open_orders("PF_XBTUSD") == (stop,)
    assert await client(venue).get_open_orders(order_id="o-1") == (limit_order,)
    assert await client(venue).get_open_orders(order_id="my-stop") == (stop,)
    assert await client(venue).get_open_orders("PI_XBTUSD", "my-stop") == ()


async def test_fills_are_sorted_newest_first_and_pages_cost_more() -> None:
    row = (
        '{{"fill_id":"{id}","symbol":"PF_XBTUSD","side":"buy","order_id":"o","size":1,"price":2,'
        '"fillTime":"{at}","fillType":"{kind}"}}'
    )
    rows = [row.format(id="old", at="2020-07-22T13:37:27Z", kind="maker")]
    rows.append(row.format(id="new", at="2020-07-22T13:37:27.077123Z", kind="partialLiquidation"))
    venue = FakeVenue(ok(f'"fills":[{",".join(rows)}]'))
    desk = client(venue)
    fills = await desk.get_fills(last_fill_time=NOW_MS)
    assert [(fill.fill_id, fill.liquidity) for fill in fills] == [
        ("new", Liquidity.LIQUIDATION),
        ("old", Liquidity.MAKER),
    ]
    assert venue.asked[0].url.query.startswith(b"lastFillTime=2026-09-21T")
    assert desk.budget.available == 475


STATUS = (
    '{{"order":{{"type":"{type}","orderId":"o-1","cliOrdId":"c-1","symbol":"PF_XBTUSD","side":"{side}","quantity":0.5,'
    '"filled":{filled},"limitPrice":null,"reduceOnly":false,"timestamp":"2026-01-02T03:04:05.678Z",'
    '"lastUpdateTimestamp":"2026-01-02T03:04:05.678Z","priceTriggerOptions":{trigger}}},"status":"{status}",'
    '"updateReason":{reason},"error":{error}}}'
)


async def report(**told: str) -> Any:
    facts = {"type": "ORDER", "side": "buy", "filled": "0", "trigger": "null", "reason": "null", "error": "null"}
    venue = FakeVenue(ok(f'"orders":[{STATUS.format(**{**facts, **told})}]'))
    (found,) = await client(venue).get_order_status(order_ids=["o-1", "o-2"], client_order_ids=["c-1"])
    assert venue.asked[0].content == b"orderIds=o-1&orderIds=o-2&cliOrdIds=c-1"
    return found


@pytest.mark.parametrize(
    ("status", "reason", "state", "closed"),
    [
        ("ENTERED_BOOK", "NEW_USER_ORDER", OrderState.OPEN, None),
        ("TRIGGER_PLACED", "NEW_USER_ORDER", OrderState.OPEN, None),
        ("FULLY_EXECUTED", "FULL_FILL", OrderState.CLOSED, CloseReason.FILLED),
        ("REJECTED", "POST_WOULD_EXECUTE_REASON", OrderState.CLOSED, CloseReason.REJECTED),
        ("CANCELLED", "CANCELLED_BY_USER", OrderState.CLOSED, CloseReason.CANCELLED),
        ("CANCELLED", "DEAD_MAN_SWITCH", OrderState.CLOSED, CloseReason.DEAD_MAN_SWITCH),
        ("CANCELLED", "BRAND_NEW", OrderState.CLOSED, CloseReason.UNKNOWN),
        ("TRIGGER_ACTIVATION_FAILURE", "NOT_ENOUGH_MARGIN", OrderState.CLOSED, CloseReason.REJECTED),
        ("BRAND_NEW", "FULL_FILL", OrderState.UNRESOLVED, None),
    ],
)
async def test_order_status_words(status: str, reason: str, state: OrderState, closed: CloseReason | None) -> None:
    found = await report(status=status, reason=f'"{reason}"')
    assert (found.state, found.close_reason) == (state, closed)


async def test_order_status_of_a_filled_order_and_of_an_error() -> None:
    filled = await report(status="FULLY_EXECUTED")
    assert (filled.order.filled, filled.order.remaining) == (D("0.5"), D(0))
    failed = await report(status="TRIGGER_ACTIVATION_FAILURE", error='"INSUFFICIENT_MARGIN"')
    assert failed.error == "not enough available margin"


@pytest.mark.parametrize(
    ("side", "trigger_side", "trailing", "kind"),
    [
        ("buy", "TRIGGER_ABOVE", "null", OrderType.STOP),
        ("sell", "TRIGGER_BELOW", "null", OrderType.STOP),
        ("buy", "TRIGGER_BELOW", "null", OrderType.TAKE_PROFIT),
        ("sell", "TRIGGER_ABOVE", "null", OrderType.TAKE_PROFIT),
        ("sell", "TRIGGER_BELOW", '{"maxDeviation":5,"unit":"PERCENT"}', OrderType.TRAILING_STOP),
    ],
)
async def test_order_status_of_triggers(side: str, trigger_side: str, trailing: str, kind: OrderType) -> None:
    trigger = (
        f'{{"triggerPrice":50000,"triggerSide":"{trigger_side}","triggerSignal":"SPOT_PRICE",'
        f'"trailingStopOptions":{trailing}}}'
    )
    found = await report(type="TRIGGER_ORDER", side=side, trigger=trigger, status="TRIGGER_PLACED")
    assert (found.order.type, found.order.stop_price, found.order.trigger_signal) == (
        kind,
        D(50000),
        TriggerSignal.INDEX,
    )
    assert found.order.deviation_unit is (DeviationUnit.PERCENT if kind is OrderType.TRAILING_STOP else None)


ACCOUNTS = (
    '"accounts":{"cash":{"type":"cashAccount","balances":{"xbt":"141.3"}},"fi_xbtusd":{"type":"marginAccount",'
    '"currency":"xbt","balances":{"FI_XBTUSD_171215":50000,"xbt":141.31756797},"auxiliary":{"usd":0,'
    '"pv":153.73891563,"pnl":12.42134766,"af":100.73891563,"funding":100.73891563},"marginRequirements":{"im":52.8,'
    '"mm":23.76,"lt":39.6,"tt":15.84}},"flex":{"type":"multiCollateralMarginAccount","currencies":{"BTC":'
    '{"quantity":0.1,"value":8400,"collateral":8232,"available":0.1}},"balanceValue":18400,"portfolioValue":16814,'
    '"collateralValue":18231,"initialMargin":3376,"initialMarginWithOrders":4206,"maintenanceMargin":1688,'
    '"pnl":-1583.5,"unrealizedFunding":-1.6,"marginEquity":16646.44,"availableMargin":12440.44}}'
)


async def test_accounts_as_pools_collateral_and_cash() -> None:
    account = await client(FakeVenue(ok(ACCOUNTS))).get_accounts()
    assert account.time_ms == SERVER_MS
    flex, wallet = account.pools
    assert (flex.name, flex.initial_margin, flex.initial_margin_with_orders) == ("flex", D(3376), D(4206))
    assert (wallet.name, wallet.currency, wallet.balance) == ("F-XBT:USD", "XBT", D("141.31756797"))
    assert (wallet.equity, wallet.unrealised_funding, wallet.available) == (D("153.73891563"), D(0), D("100.73891563"))
    assert account.cash == (("XBT", D("141.3")),)
    assert (account.collateral[0].currency, account.collateral[0].haircut) == ("XBT", D("0.02"))


async def test_the_account_summary_tells_the_margin_level_of_each_pool() -> None:
    flex, wallet = await client(FakeVenue(ok(ACCOUNTS))).get_account_summary()
    assert flex.margin_level_pct is not None
    assert round(flex.margin_level_pct, 2) == D("986.16")
    assert (flex.equity, flex.available_margin, flex.maintenance_margin) == (D("16646.44"), D("12440.44"), D(1688))
    assert (wallet.pool, wallet.currency) == ("F-XBT:USD", "XBT")


INSTRUMENTS = (
    '"instruments":[{"symbol":"PF_XBTUSD","type":"flexible_futures","tickSize":1,"contractSize":1,"tradeable":true,'
    '"maxPositionSize":1200.0,"openingDate":"2022-03-22T13:15:36Z","marginLevels":[{"numNonContractUnits":1000000.0,'
    '"initialMargin":0.02,"maintenanceMargin":0.01},{"numNonContractUnits":0.0,"initialMargin":0.01,'
    '"maintenanceMargin":0.005}],"contractValueTradePrecision":4,"postOnly":false,"base":"BTC","quote":"USD"},'
    '{"symbol":"pi_xbtusd","type":"futures_inverse","tickSize":0.5,"contractSize":1,"tradeable":true,"marginLevels":'
    '[{"contracts":0,"initialMargin":0.02,"maintenanceMargin":0.01}],"contractValueTradePrecision":0},'
    '{"symbol":"FI_XBTUSD_261225","type":"futures_inverse","tickSize":0.5,"tradeable":true,'
    '"lastTradingTime":"2026-12-25T16:00:00.000Z","contractValueTradePrecision":0},{"symbol":"PF_PEPEUSD",'
    '"type":"flexible_futures","tickSize":1e-10,"tradeable":true,"contractValueTradePrecision":-3},'
    '{"symbol":"OF_XBTUSD","type":"options","tickSize":1,"tradeable":true},{"symbol":"PF_OLDUSD",'
    '"type":"flexible_futures","tickSize":1,"tradeable":true,"isExpired":true}]'
)
EXTREME = (
    '"instrumentStatus":[{"tradeable":"PF_XBTUSD","experiencingDislocation":false,"experiencingExtremeVolatility":true,'
    '"extremeVolatilityInitialMarginMultiplier":2}]'
)


async def test_instruments_with_their_rules() -> None:
    linear, inverse, dated, pepe = await client(FakeVenue(ok(INSTRUMENTS), ok(EXTREME))).get_instruments()
    assert (linear.kind, linear.base, linear.quote, linear.lot_step) == (ContractKind.LINEAR, "XBT", "USD", D("0.0001"))
    assert [tier.threshold for tier in linear.tiers] == [D(0), D(1_000_000)]
    assert (linear.initial_multiplier, inverse.initial_multiplier) == (D(2), D(1))
    assert (inverse.symbol, inverse.kind, inverse.base, inverse.quote) == (
        "PI_XBTUSD",
        ContractKind.INVERSE,
        "XBT",
        "USD",
    )
    assert (dated.expiry_ms, inverse.expiry_ms) == (1_798_214_400_000, None)
    assert (pepe.lot_step, pepe.base) == (D(1000), "PEPE")


async def test_a_venue_without_the_volatility_page_still_has_instruments() -> None:
    missing = said('{"status":"NOT_FOUND","result":"error","errors":[{"code":0,"message":"404 NOT_FOUND"}]}', 404)
    assert len(await client(FakeVenue(ok(INSTRUMENTS), missing)).get_instruments()) == 4


async def test_margin_requirements_of_a_contract() -> None:
    leverage = ok('"leveragePreferences":[{"symbol":"PF_XBTUSD","maxLeverage":10}]')
    found = await client(FakeVenue(ok(INSTRUMENTS), ok(EXTREME), leverage)).get_margin_requirements("pf_xbtusd")
    assert (found.symbol, found.max_leverage, found.isolated_leverage) == ("PF_XBTUSD", D(100), D(10))
    assert found.initial_multiplier == D(2)
    with pytest.raises(NotFound):
        await client(FakeVenue(ok(INSTRUMENTS), ok(EXTREME), leverage)).get_margin_requirements("PF_NOPE")


async def test_tickers_without_index_rows_and_the_server_time() -> None:
    rows = (
        '"tickers":[{"symbol":"in_xbtusd","last":1},'
        '{"symbol":"PF_XBTUSD","markPrice":9.5,"bid":9,"ask":10,"fundingRate":-4e-9}]'
    )
    venue = FakeVenue(ok(rows))
    (ticker,) = await client(venue).get_tickers()
    assert (ticker.symbol, ticker.mark, ticker.mid, ticker.time_ms) == ("PF_XBTUSD", D("9.5"), D("9.5"), SERVER_MS)
    assert (ticker.funding_rate, ticker.last) == (D("-4e-9"), None)
    assert await client(venue).get_server_time() == SERVER_MS
    assert venue.lanes == [Lane.COMMON, Lane.CANCEL]  # keeps the cancels' connection warm
    with pytest.raises(UnknownAnswer):
        await client(FakeVenue(said('{"result":"success"}'))).get_server_time()


async def test_a_book_is_sorted_whichever_way_it_comes() -> None:
    venue = FakeVenue(ok('"orderBook":{"bids":[[1,5],[3,1],[2,0]],"asks":[[9,1],[8,2]]}'))
    book = await client(venue).get_orderbook("PF_XBTUSD")
    assert [level.price for level in book.bids] == [3, 1]
    assert [level.price for level in book.asks] == [8, 9]


async def test_public_trades_come_newest_last() -> None:
    rows = (
        '"history":[{"time":"2024-05-03T13:05:44Z","trade_id":1,"price":2,"size":"25","side":"sell","uid":"b"},'
        '{"time":"2024-05-03T13:05:43Z","trade_id":2,"price":1,"size":25,"side":"buy","uid":"a"},'
        '{"time":"2024-05-03T13:05:43Z","price":1,"size":1,"uid":"c"}]'
    )
    trades = await client(FakeVenue(ok(rows))).get_trade_history("PF_XBTUSD", before_ms=NOW_MS)
    assert [trade.trade_id for trade in trades] == ["a", "b"]


async def test_candles_are_fetched_page_by_page() -> None:
    row = '{{"time":{time},"open":"1","high":"2","low":"0.5","close":"1.5","volume":"10"}}'
    page = f'{{{{"candles":[{row}],"more_candles":{{more}}}}}}'
    venue = FakeVenue(said(page.format(time=60_000, more="true")), said(page.format(time=120_000, more="false")))
    candles = await client(venue).get_candles("PF_XBTUSD", "1m", since_ms=60_000, tick_type="mark")
    assert [candle.time_ms for candle in candles] == [60_000, 120_000]
    assert [str(request.url.query, "ascii") for request in venue.asked] == ["from=60", "from=61"]
    assert venue.asked[0].url.path == "/api/charts/v1/mark/PF_XBTUSD/1m"


EXECUTION_ROW = (
    '{{"uid":"h","timestamp":{at},"event":{{"{key}":{{"execution":{{"uid":"{uid}",{sides},"timestamp":{at},'
    '"quantity":"0.0113","price":"90771"}},"takerReducedQuantity":""}}}}}}'
)
HISTORY_ORDER = '{{"uid":"{uid}","tradeable":"PF_XBTUSD","direction":"{direction}","clientId":"{client}"}}'


async def test_executions_are_read_in_both_shapes_page_by_page_oldest_first() -> None:
    own = HISTORY_ORDER.format(uid="o-1", direction="Sell", client="c-1")
    other = HISTORY_ORDER.format(uid="o-2", direction="Buy", client="")
    new = EXECUTION_ROW.format(
        key="execution",
        uid="f-2",
        at=2000,
        sides=f'"order":{own},"executionType":"maker","orderData":{{"fee":"0.2","positionSize":"1"}}',
    )
    old = EXECUTION_ROW.format(
        key="Execution",
        uid="f-1",
        at=1000,
        sides=f'"makerOrder":{other},"takerOrder":{own},"takerOrderData":{{"fee":"0.5"}}',
    )
    strange = '{"uid":"x","timestamp":1,"event":{"Other":{}}}'
    pages = [
        said(f'{{"elements":[{new},{strange}],"continuationToken":"t"}}'),
        said(f'{{"elements":[{old}]}}'),
    ]
    venue = FakeVenue(*pages)
    fills = await client(venue).get_executions(since_ms=5)
    assert [(fill.fill_id, fill.side, fill.fee) for fill in fills] == [
        ("f-1", Side.SELL, D("0.5")),
        ("f-2", Side.SELL, D("0.2")),
    ]
    assert fills[1].liquidity is Liquidity.MAKER
    assert fills[1].client_order_id == "c-1"
    assert b"continuation_token=t" in venue.asked[1].url.query


async def test_ends_are_read_from_orders_and_triggers_oldest_first() -> None:
    def row(name: str, uid: str, at: int, reason: str, filled: str = "0") -> str:
        order = f'{{"uid":"{uid}","tradeable":"PF_XBTUSD","direction":"Buy","quantity":"1","filled":"{filled}"}}'
        body = f'{{"order":{order},"reason":"{reason}"}}'
        return f'{{"uid":"e-{at}","timestamp":{at},"event":{{"{name}":{body}}}}}'

    orders = [
        row("OrderPlaced", "o-1", 10, "new_user_order"),
        row("OrderCancelled", "o-1", 30, "dead_man_switch", "0.4"),
        row("OrderRejected", "o-2", 20, "new_user_order"),
        row("OrderCancelled", "o-3", 50, "a_word_of_tomorrow"),
    ]
    triggers = [
        row("OrderTriggerCancelled", "t-1", 25, "cancelled_by_user"),
        row("OrderTriggerActivated", "t-2", 40, ""),
    ]
    venue = FakeVenue(*(said(f'{{"elements":[{",".join(rows)}]}}') for rows in (orders, triggers)))
    ends = await Reading(venue.rest()).order_ends(5)
    assert [(end.order_id, end.reason, end.filled) for end in ends] == [
        ("o-2", CloseReason.REJECTED, 0),
        ("t-1", CloseReason.CANCELLED, 0),
        ("o-1", CloseReason.DEAD_MAN_SWITCH, D("0.4")),
        ("t-2", CloseReason.TRIGGERED, None),
        ("o-3", CloseReason.UNKNOWN, 0),
    ]
    assert [call.url.path for call in venue.asked] == ["/api/history/v3/orders", "/api/history/v3/triggers"]


async def test_account_log_notifications_funding_and_the_key() -> None:
    log = said('{"logs":[{"id":1,"date":"2026-01-02T03:04:05Z","asset":"usd"},{"id":2,"date":"2026-01-02T03:04:05Z"}]}')
    assert [entry.entry_id for entry in await client(FakeVenue(log)).get_account_log()] == [2, 1]
    notes = ok('"notifications":[{"type":"market","priority":"high","note":"post only soon"}]')
    assert (await client(FakeVenue(notes)).get_notifications())[0].priority == "high"
    rates = ok(
        '"rates":[{"timestamp":"2025-09-24T09:00:00Z","fundingRate":2},'
        '{"timestamp":"2025-09-24T08:00:00Z","fundingRate":1}]'
    )
    assert [rate.rate for rate in await client(FakeVenue(rates)).get_funding_rates("PF_XBTUSD")] == [1, 2]
    key = said('{"apiKey":"k","accountUid":"a","permissions":{"general":"READ_ONLY","transfer":"NO_ACCESS"}}')
    found = await client(FakeVenue(key)).check_key()
    assert (found.general, found.transfer, found.account_id) == ("read", "none", "a")


async def test_nonsense_in_an_answer_is_an_unknown_answer() -> None:
    wrong = OPEN.replace('"side":"sell"', '"side":"both"')
    with pytest.raises(UnknownAnswer):
        await client(FakeVenue(ok(wrong))).get_open_orders()
    with pytest.raises(UnknownAnswer):
        await client(FakeVenue(ok(POSITIONS.replace("9392.749993345933", '"NaN"')))).get_open_positions()


def test_the_client_knows_where_it_is() -> None:
    assert client(FakeVenue(ok("{}"))).environment is Environment.PAPER
    assert KrakenFuturesClient().environment is Environment.LIVE
    with pytest.raises(SettingsError):
        KrakenFuturesClient("https://example.org")
