"""Samples of REST answers as the venue sends or documents them; redacted ids are made up."""

from decimal import Decimal

from tui.wire.derivatives.account import (
    AccountLog,
    Accounts,
    KeyCheck,
    LeveragePreferences,
    Notifications,
    OpenPositions,
    PnlPreferences,
    SelfTradeStrategyAnswer,
    UnwindQueue,
)
from tui.wire.derivatives.base import Answer, CodedError, HistoryRefusal
from tui.wire.derivatives.codec import decode
from tui.wire.derivatives.history import Executions, OrderHistory
from tui.wire.derivatives.market import (
    Candles,
    FeeSchedules,
    FeeVolumes,
    FundingRates,
    Instruments,
    InstrumentStatuses,
    OneTicker,
    OrderBook,
    PublicTrades,
    Tickers,
)
from tui.wire.derivatives.trading import (
    BatchOrder,
    CancelAllOrders,
    CancelAllOrdersAfter,
    CancelOrder,
    EditOrder,
    Fills,
    OpenOrders,
    OrdersStatus,
    SendOrder,
)

OK = '"result":"success","serverTime":"2026-01-02T03:04:06.000Z"'


def test_a_word_error_and_a_coded_error_share_one_envelope() -> None:
    word = decode(Answer, '{"result":"error","error":"apiLimitExceeded","serverTime":"2026-01-02T03:04:06.000Z"}')
    assert (word.result, word.error, word.errors) == ("error", "apiLimitExceeded", [])
    coded = decode(
        Answer,
        '{"status":"BAD_REQUEST","result":"error","errors":[{"code":11,"message":"Argument invalid: symbol"}]}',
    )
    assert (coded.error, coded.errors) == (None, [CodedError(code=11, message="Argument invalid: symbol")])
    both = decode(Answer, '{"result":"error","error":"invalidArgument: symbol","errors":["why"]}')
    assert both.errors == ["why"]


def test_refusals_of_the_history_api_and_of_the_key_check() -> None:
    history = decode(HistoryRefusal, '{"status":"unauthorized","reason":"You are not authorized."}')
    assert history.status == "unauthorized"
    key = decode(HistoryRefusal, '{"error":"api_key_not_found","message":"API key not found","suberror":null}')
    assert key.error == "api_key_not_found"


def test_instruments_linear_and_inverse() -> None:
    rows = decode(
        Instruments,
        "{" + OK + ',"instruments":[{"symbol":"PF_XBTUSD","type":"flexible_futures","tickSize":1,"contractSize":1,'
        '"tradeable":true,"impactMidSize":0.08,"maxPositionSize":1200.0,"openingDate":"2022-03-22T13:15:36Z",'
        '"marginLevels":[{"numNonContractUnits":0.0,"initialMargin":0.01,"maintenanceMargin":0.005},'
        '{"numNonContractUnits":1000000.0,"initialMargin":0.02,"maintenanceMargin":0.01}],'
        '"fundingRateCoefficient":8,"contractValueTradePrecision":4,"postOnly":false,"mtf":true,"base":"BTC",'
        '"quote":"USD","pair":"BTC:USD","marginSchedules":{"europa":{"retail":[]}}},'
        '{"symbol":"FI_XBTUSD_261225","type":"futures_inverse","tickSize":0.5,"contractSize":1,"tradeable":true,'
        '"lastTradingTime":"2026-12-25T16:00:00Z","contractValueTradePrecision":0,'
        '"marginLevels":[{"contracts":0,"initialMargin":0.02,"maintenanceMargin":0.01}]}]}',
    ).instruments
    linear, inverse = rows
    assert linear.margin_levels is not None
    assert [level.threshold for level in linear.margin_levels] == [0, 1_000_000]
    assert (linear.contract_value_trade_precision, linear.last_trading_time) == (4, None)
    assert (inverse.last_trading_time, inverse.funding_rate_coefficient) == ("2026-12-25T16:00:00Z", None)


def test_instrument_status_names_the_symbol_tradeable() -> None:
    answer = decode(
        InstrumentStatuses,
        "{" + OK + ',"instrumentStatus":[{"tradeable":"PF_COMPUSD","experiencingDislocation":false,'
        '"priceDislocationDirection":null,"experiencingExtremeVolatility":false,'
        '"extremeVolatilityInitialMarginMultiplier":1}]}',
    )
    assert answer.instrument_status[0].tradeable == "PF_COMPUSD"


TICKER = (
    '{"symbol":"PI_XBTUSD","last":91415.0,"lastTime":"2025-11-17T00:31:01.835715Z","tag":"perpetual",'
    '"pair":"BTC:USD","markPrice":91506.6009839176,"bid":91415.0,"bidSize":4960.0,"vol24h":21118140.0,'
    '"fundingRate":-3.995839963e-09,"suspended":false,"indexPrice":91468.38,"postOnly":false,"change24h":1.57}'
)


def test_tickers_with_an_empty_side_and_an_index_row() -> None:
    full, index = decode(
        Tickers, "{" + OK + ',"tickers":[' + TICKER + ',{"symbol":"in_xbtusd","last":9,"lastTime":"x"}]}'
    ).tickers
    assert (full.funding_rate, full.ask, full.vol24h) == (Decimal("-3.995839963E-9"), None, Decimal(21118140))
    assert index.mark_price is None
    assert decode(OneTicker, "{" + OK + ',"ticker":' + TICKER + "}").ticker == full


def test_orderbook_trades_and_funding() -> None:
    book = decode(OrderBook, "{" + OK + ',"orderBook":{"bids":[[40178,5],[40174,4.2]],"asks":[[40186,5.0183]]}}')
    assert book.order_book.asks == [(Decimal(40186), Decimal("5.0183"))]
    trades = decode(
        PublicTrades,
        "{" + OK + ',"history":[{"time":"2024-05-03T13:05:43.974Z","trade_id":100,"price":61081,"size":"25",'
        '"side":"sell","type":"fill","uid":"d0692c0c"}]}',
    )
    assert (trades.history[0].size, trades.history[0].trade_id) == (Decimal(25), 100)
    rates = decode(
        FundingRates,
        "{" + OK + ',"rates":[{"timestamp":"2025-09-24T08:00:00Z","fundingRate":1.3,"relativeFundingRate":1e-5}]}',
    )
    assert rates.rates[0].relative_funding_rate == Decimal("0.00001")


def test_fees_are_percent() -> None:
    schedules = decode(
        FeeSchedules,
        "{" + OK + ',"feeSchedules":[{"uid":"723888f7","name":"N","tiers":[{"makerFee":0.02,"takerFee":0.05,'
        '"usdVolume":0.0}]}]}',
    )
    assert schedules.fee_schedules[0].tiers[0].taker_fee == Decimal("0.05")
    volumes = decode(FeeVolumes, "{" + OK + ',"volumesByFeeSchedule":{"eef90775":53823.0}}')
    assert volumes.volumes_by_fee_schedule == {"eef90775": 53823}


def test_candles_have_text_prices_and_sometimes_a_number_for_volume() -> None:
    for volume in ('"319499"', "319499"):
        answer = decode(
            Candles,
            '{"candles":[{"time":1731715200000,"open":"91069","high":"91373.5","low":"90956","close":"91045.5",'
            f'"volume":{volume}}}],"more_candles":true}}',
        )
        assert (answer.candles[0].high, answer.candles[0].volume) == (Decimal("91373.5"), Decimal(319499))
        assert answer.more_candles


ORDER = (
    '{"orderId":"179f9af8","cliOrdId":null,"type":"lmt","symbol":"PI_XBTUSD","side":"buy","quantity":10000,'
    '"filled":0,"limitPrice":9400,"reduceOnly":false,"timestamp":"2019-09-05T16:33:50.734Z",'
    '"lastUpdateTimestamp":"2019-09-05T16:33:50.734Z"}'
)


def test_send_order_rests() -> None:
    answer = decode(
        SendOrder,
        "{" + OK + ',"sendStatus":{"order_id":"179f9af8","status":"placed","receivedTime":"2019-09-05T16:33:50.734Z",'
        '"orderEvents":[{"type":"PLACE","order":' + ORDER + ',"reducedQuantity":null}]}}',
    ).send_status
    assert (answer.status, answer.order_id, answer.received) == ("placed", "179f9af8", "2019-09-05T16:33:50.734Z")
    assert answer.events[0].order is not None
    assert answer.events[0].order.quantity == 10000


def test_send_order_executes_and_triggers_wait() -> None:
    events = decode(
        SendOrder,
        "{" + OK + ',"sendStatus":{"status":"placed","orderEvents":[{"type":"EXECUTION","executionId":"e1",'
        '"price":66596.0,"amount":0.001,"orderPriorEdit":null,"orderPriorExecution":' + ORDER + ","
        '"takerReducedQuantity":null},{"type":"PLACE","orderTrigger":{"uid":"fc589be9","clientId":null,"type":"lmt",'
        '"symbol":"PI_XBTUSD","side":"buy","quantity":1,"limitPrice":2.0,"triggerPrice":3.0,'
        '"triggerSide":"trigger_above","triggerSignal":"last_price","reduceOnly":false,"startTime":null}}]}}',
    ).send_status.events
    execution, place = events
    assert (execution.execution_id, execution.price, execution.amount) == ("e1", Decimal(66596), Decimal("0.001"))
    assert place.order_trigger is not None
    assert (place.order_trigger.order_id, place.order_trigger.trigger_price) == ("fc589be9", Decimal(3))


def test_refusals_may_have_no_id_no_time_and_no_events() -> None:
    status = decode(SendOrder, '{"result":"success","sendStatus":{"status":"unknown"}}').send_status
    assert (status.order_id, status.received, status.events) == (None, None, [])


def test_edit_and_cancel_name_the_id_differently() -> None:
    edit = decode(
        EditOrder,
        "{" + OK + ',"editStatus":{"status":"edited","orderId":"022774bc","receivedTime":"t","orderEvents":'
        '[{"type":"EDIT","old":' + ORDER + ',"new":' + ORDER.replace("10000", "1501") + ',"reducedQuantity":null}]}}',
    ).edit_status
    assert edit.order_id == "022774bc"
    assert edit.events[0].new is not None
    assert edit.events[0].new.quantity == 1501
    cancel = decode(
        CancelOrder,
        "{" + OK + ',"cancelStatus":{"status":"cancelled","order_id":"cb4e34f6","cli_ord_id":"mine"}}',
    ).cancel_status
    assert (cancel.order_id, cancel.cli_ord_id) == ("cb4e34f6", "mine")


def test_cancel_all_and_the_dead_man_switch() -> None:
    answer = decode(
        CancelAllOrders,
        "{" + OK + ',"cancelStatus":{"receivedTime":"2026-04-10T13:17:23.291Z","cancelOnly":"PF_XBTUSD",'
        '"status":"noOrdersToCancel","cancelledOrders":[{"order_id":"a182b1c0","cliOrdId":"5f17"}],'
        '"orderEvents":[]}}',
    ).cancel_status
    assert answer.cancelled_orders is not None
    assert (answer.cancelled_orders[0].order_id, answer.cancelled_orders[0].cli_ord_id) == ("a182b1c0", "5f17")
    armed = decode(
        CancelAllOrdersAfter,
        "{" + OK + ',"status":{"currentTime":"2018-06-19T16:51:23.839Z","triggerTime":"0"}}',
    )
    assert armed.status.trigger_time == "0"


def test_batch_rows_keep_their_tag_whatever_its_kind() -> None:
    rows = decode(
        BatchOrder,
        "{" + OK + ',"batchStatus":[{"status":"insufficientAvailableFunds","order_tag":"1","orderEvents":[]},'
        '{"status":"placed","order_tag":2,"order_id":"fc589be9","dateTimeReceived":"2023-04-04T17:03:36.053Z"},'
        '{"status":"requiredArgumentMissing","orderEvents":[]}]}',
    ).batch_status
    assert [row.order_tag for row in rows] == ["1", 2, None]
    assert rows[1].received == "2023-04-04T17:03:36.053Z"


def test_orders_status() -> None:
    row = decode(
        OrdersStatus,
        "{" + OK + ',"orders":[{"order":{"type":"TRIGGER_ORDER","orderId":"2ceb1d31","cliOrdId":null,'
        '"symbol":"PF_XBTUSD","side":"buy","quantity":0.5,"filled":null,"limitPrice":60000,"reduceOnly":false,'
        '"timestamp":"t","lastUpdateTimestamp":"t","priceTriggerOptions":{"triggerPrice":1,'
        '"triggerSide":"TRIGGER_ABOVE","triggerSignal":"MARK_PRICE"},"triggerTime":null},'
        '"status":"TRIGGER_PLACED","updateReason":"NEW_USER_ORDER","error":null}]}',
    ).orders[0]
    assert (row.status, row.order.filled) == ("TRIGGER_PLACED", None)
    assert row.order.price_trigger_options is not None
    assert row.order.price_trigger_options.trigger_signal == "MARK_PRICE"


def test_open_orders_and_fills() -> None:
    stop = decode(
        OpenOrders,
        "{" + OK + ',"openOrders":[{"order_id":"c8135f52","cliOrdId":"my-stop","symbol":"FI_XBTUSD_230728",'
        '"side":"sell","orderType":"stop","stopPrice":29259,"unfilledSize":1,"receivedTime":"t",'
        '"status":"untouched","filledSize":0,"reduceOnly":true,"triggerSignal":"mark","lastUpdateTime":"t"}]}',
    ).open_orders[0]
    assert (stop.order_type, stop.stop_price, stop.limit_price, stop.cli_ord_id) == (
        "stop",
        Decimal(29259),
        None,
        "my-stop",
    )
    fill = decode(
        Fills,
        "{" + OK + ',"fills":[{"fill_id":"3d57ed09","symbol":"PI_XBTUSD","side":"buy","order_id":"693af756",'
        '"cli_ord_id":"x","size":5490,"price":9400,"fillTime":"2020-07-22T13:37:27.077Z","fillType":"maker",'
        '"realized_pnl":null}]}',
    ).fills[0]
    assert (fill.size, fill.cli_ord_id, fill.realized_pnl) == (Decimal(5490), "x", None)


def test_accounts_of_every_kind_with_numbers_or_text() -> None:
    accounts = decode(
        Accounts,
        "{" + OK + ',"accounts":{"cash":{"type":"cashAccount","balances":{"xbt":"141.31756797"}},"fi_xbtusd":'
        '{"type":"marginAccount","currency":"xbt","balances":{"FI_XBTUSD_171215":50000,"xbt":141.3},'
        '"auxiliary":{"pv":153.7,"pnl":12.4,"af":100.7},"marginRequirements":{"im":52.8,"mm":23.76,"lt":39.6,'
        '"tt":15.84},"triggerEstimates":{"im":3110,"mm":3000,"lt":2890,"tt":2830}},"flex":'
        '{"type":"multiCollateralMarginAccount","currencies":{"XBT":{"quantity":0.1,"value":4998.7,'
        '"collateralValue":4886.4,"available":0.1},"USD":{"quantity":5000,"value":5000,"collateral":5000,'
        '"available":5000}},"balanceValue":34995.52,"marginEquity":34122.66,"availableMargin":34122.66,'
        '"portfolioMarginBreakdown":{"isBuyOnly":true}}}}',
    ).accounts
    assert accounts["cash"].balances == {"xbt": Decimal("141.31756797")}
    inverse = accounts["fi_xbtusd"]
    assert inverse.margin_requirements is not None
    assert inverse.margin_requirements.mm == Decimal("23.76")
    assert inverse.auxiliary is not None
    assert inverse.auxiliary.usd is None
    assert accounts["flex"].currencies is not None
    assert {name: row.collateral for name, row in accounts["flex"].currencies.items()} == {
        "XBT": Decimal("4886.4"),
        "USD": Decimal(5000),
    }


def test_positions_and_preferences() -> None:
    positions = decode(
        OpenPositions,
        "{" + OK + ',"openPositions":[{"side":"long","symbol":"PF_DEFIUSD","price":570,"fillTime":"t","size":1,'
        '"unrealizedFunding":-0.0073428045972263895,"pnlCurrency":"BTC","maxFixedLeverage":5}]}',
    )
    assert positions.open_positions[0].max_fixed_leverage == 5
    leverage = decode(LeveragePreferences, "{" + OK + ',"leveragePreferences":[{"symbol":"P","maxLeverage":10}]}')
    assert leverage.leverage_preferences[0].max_leverage == 10
    pnl = decode(PnlPreferences, "{" + OK + ',"preferences":[{"symbol":"PF_XBTUSD","pnlCurrency":"BTC"}]}')
    assert pnl.preferences[0].pnl_currency == "BTC"
    assert decode(SelfTradeStrategyAnswer, "{" + OK + ',"strategy":"REJECT_TAKER"}').strategy == "REJECT_TAKER"


def test_notifications_unwind_queue_and_key_check() -> None:
    notes = decode(
        Notifications, "{" + OK + ',"notifications":[{"type":"market","priority":"high","note":"n"}]}'
    ).notifications
    assert notes[0].priority == "high"
    assert decode(UnwindQueue, "{" + OK + ',"queue":[{"symbol":"P","percentile":80}]}').queue[0].percentile == 80
    key = decode(
        KeyCheck,
        '{"apiKey":"k","accountUid":"3fa85f64","iiban":"AA00","createdAt":"2024-01-02T03:04:05.678Z",'
        '"permissions":{"general":"FULL_ACCESS","transfer":"NO_ACCESS"},"allowedCidrBlock":null}',
    )
    assert key.permissions.general == "FULL_ACCESS"


def test_account_log_rows() -> None:
    log = decode(
        AccountLog,
        '{"accountUid":"a","logs":[{"id":7,"date":"2026-01-02T03:04:05.678Z","asset":"usd","contract":"pf_xbtusd",'
        '"info":"futures trade","fee":"0.5","realized_pnl":null,"new_balance":12,"position_uid":null}]}',
    )
    assert (log.logs[0].fee, log.logs[0].realized_pnl) == (Decimal("0.5"), None)


HISTORY_ORDER = (
    '{"uid":"a07420cd","tradeable":"PF_XBTUSD","direction":"Buy","quantity":"0.0113","timestamp":1764206269616,'
    '"limitPrice":"90771","orderType":"Post","reduceOnly":false,"lastUpdateTimestamp":"1764206269616"}'
)


def test_executions_in_both_spellings_and_both_ages() -> None:
    for key in ("Execution", "execution"):
        page = decode(
            Executions,
            '{"elements":[{"uid":"03591930","timestamp":1764206270368,"event":{"' + key + '":{"execution":'
            '{"uid":"419060e5","makerOrder":' + HISTORY_ORDER + ',"takerOrder":' + HISTORY_ORDER + ","
            '"timestamp":1764206270368,"quantity":"0.0113","price":"90771","orderData":{"fee":"0.2",'
            '"positionSize":"-1"}},"takerReducedQuantity":""}}}],"len":1,"continuationToken":"c3RyaW5n"}',
        )
        execution = page.elements[0].event.execution
        assert execution is not None
        assert (execution.price, page.continuation_token) == (Decimal(90771), "c3RyaW5n")
        assert execution.maker_order is not None
        assert execution.maker_order.last_update_timestamp == 1764206269616
        assert execution.order_data is not None
        assert execution.order_data.position_size == -1


def test_order_history_event_is_named_by_its_key() -> None:
    page = decode(
        OrderHistory,
        '{"elements":[{"uid":"u","timestamp":"1","event":{"OrderUpdated":{"oldOrder":' + HISTORY_ORDER + ","
        '"newOrder":' + HISTORY_ORDER + ',"reason":"full_fill","reducedQuantity":""}}}]}',
    )
    event = page.elements[0].event
    assert event.order_placed is None
    assert event.order_updated is not None
    assert event.order_updated.reason == "full_fill"
