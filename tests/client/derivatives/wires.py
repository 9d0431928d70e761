"""Frames as the venue sends them: the documents' examples and live captures, ids partly made up."""

from __future__ import annotations

INFO = '{"event":"info","version":1}'
CHALLENGE = '{"event":"challenge","message":"5a2d547e-2226-4193-957e-7b19e32cf5b4"}'
SIGNED = "GP+PEGbcoRB4134Eucj9kNU1IG72oPne0zJW70b15UBBvXbk8Ndq/Rx3p0UmqtvrfyXTw2/lcb7I7c/sTOQ7UA=="

TICKER = (
    '{"time":1783587648112,"product_id":"PF_ETHUSD","funding_rate":0.032725177043125,'
    '"relative_funding_rate":0.0000186711875,"next_funding_rate_time":1783591200000,"leverage":"100x","premium":-0.0,'
    '"feed":"ticker","bid":1751.6,"ask":1751.7,"bid_size":1.459,"ask_size":2.886,"volume":57204.177,"dtm":0,'
    '"index":1751.75,"last":1751.7,"change":0.97,"suspended":false,"tag":"perpetual","pair":"ETH:USD",'
    '"openInterest":24085.822,"markPrice":1751.97553924942,"maturityTime":0,"post_only":false,'
    '"volumeQuote":99424431.8132,"open":1734.8,"high":1765.4,"low":1708.8}'
)
HEARTBEAT = '{"feed":"heartbeat","time":1534262350627}'

ORDERS = (
    '{"feed":"open_orders_verbose_snapshot","account":"a","orders":[{"instrument":"PI_XBTUSD","time":1612275024153,'
    '"last_update_time":1612275178153,"qty":1000,"filled":0,"limit_price":34900,"stop_price":13789,"type":"stop",'
    '"order_id":"o-1","direction":1,"reduce_only":false,"triggerSignal":"last"},{"instrument":"PI_XBTUSD",'
    '"time":1612275024153,"last_update_time":1612275178153,"qty":12,"filled":0,"stop_price":3200.1,'
    '"type":"trailing_stop","order_id":"o-2","direction":1,"reduce_only":false,"triggerSignal":"spot",'
    '"trailing_stop_options":{"max_deviation":20.0,"unit":"percent"}}]}'
)
FILLS = (
    '{"feed":"fills_snapshot","account":"a","fills":[{"instrument":"PF_XRPUSD","time":1767779828618,"price":2.24061,'
    '"seq":1,"buy":true,"qty":1.0,"remaining_order_qty":0.0,"order_id":"o-3","cli_ord_id":"1767779828367678891",'
    '"fill_id":"f-1","fill_type":"takerAfterEdit","fee_paid":9.67535E-4,"fee_currency":"BTC",'
    '"taker_order_type":"lmt","order_type":"lmt"}]}'
)
FILL = (
    '{"feed":"fills","username":"a","fills":[{"instrument":"PF_XRPUSD","time":1767802161979,"price":2.21,"seq":3,'
    '"buy":false,"qty":1.0,"remaining_order_qty":0.0,"order_id":"o-4","fill_id":"f-2","fill_type":"maker",'
    '"fee_paid":4.42E-4,"fee_currency":"USD","taker_order_type":"market","order_type":"lmt"}]}'
)
PARTIAL = (
    '{"feed":"open_orders_verbose","order":{"instrument":"PI_XBTUSD","time":1627647670603,'
    '"last_update_time":1627647670999,"qty":7.92,"filled":2.08,"limit_price":39057.5,"stop_price":0.0,"type":"limit",'
    '"order_id":"o-5","cli_ord_id":"c-5","direction":0,"reduce_only":true},"is_cancel":false,"reason":"partial_fill"}'
)
FULL_FILL = (
    '{"feed":"open_orders_verbose","order":{"instrument":"PF_XBTUSD","time":1775831958755,'
    '"last_update_time":1775831973330,"qty":0.0,"filled":0.0001,"limit_price":73110.0,"stop_price":0.0,"type":"limit",'
    '"order_id":"o-6","direction":0,"reduce_only":false},"is_cancel":true,"reason":"full_fill"}'
)
CANCELLED = (
    '{"feed":"open_orders_verbose","order_id":"o-7","cli_ord_id":"c-7","is_cancel":true,"reason":"cancelled_by_user"}'
)


def positions(seq: int = 0) -> str:
    return (
        '{"feed":"open_positions","account":"a","positions":[{"instrument":"PF_LTCUSD","balance":-0.5,'
        '"pnl":-0.8628305877699987,"entry_price":70.53,"mark_price":68.80433882446,"index_price":68.8091,'
        '"liquidation_threshold":0,"effective_leverage":0.007,"return_on_equity":-1.22,'
        '"unrealized_funding":0.0000690610530935388,"initial_margin":0.7053,"initial_margin_with_orders":0.7053,'
        f'"maintenance_margin":0.35265,"pnl_currency":"USD"}}],"seq":{seq},"timestamp":1698608414910}}'
    )


TOTALS = '"pnl":0.0,"unrealized_funding":0.0,"total_unrealized":0.0,"total_unrealized_as_margin":0.0'
BALANCES = (
    '{"feed":"balances_snapshot","account":"a","holding":{"USDT":4997.5,"XBT":0.1285407184},"futures":{"F-XBT:USD":'
    '{"name":"F-XBT:USD","pair":"XBT/USD","unit":"XBT","portfolio_value":0.4,"balance":0.5,"maintenance_margin":0.01,'
    '"initial_margin":0.02,"available":0.38,"unrealized_funding":0.0,"pnl":-0.1}},"flex_futures":{"currencies":{"BTC":'
    '{"quantity":0.1,"value":8400.0,"collateral_value":8232.0,"available":0.1,"haircut":0.02,"conversion_spread":0.0}},'
    '"balance_value":0.0,"portfolio_value":0.0,"collateral_value":0.0,"initial_margin":0.0,'
    f'"initial_margin_without_orders":0.0,"maintenance_margin":0.0,{TOTALS},"margin_equity":0.0,'
    '"available_margin":0.0,"isolated":{"PF_ETHUSD":{"initial_margin":300.0,"initial_margin_without_orders":292.0,'
    '"maintenance_margin":14.6,"pnl":-5.0,"unrealized_funding":1.0,"total_unrealized":-4.0,'
    '"total_unrealized_as_margin":-4.0},"PF_XBTUSD":{"initial_margin":0.0,"initial_margin_without_orders":0.0,'
    f'"maintenance_margin":0.0,{TOTALS}}}}},"cross":{{"balance_value":9963.66,"portfolio_value":9963.66,'
    '"collateral_value":9963.66,"initial_margin":150.0,"initial_margin_without_orders":100.0,'
    f'"maintenance_margin":50.0,{TOTALS},"margin_equity":9963.66,"available_margin":9813.66,'
    '"effective_leverage":0.1}},"timestamp":1640995200000,"seq":0}'
)


def balances(seq: int) -> str:
    return f'{{"feed":"balances","account":"a","holding":{{"USD":5000.0}},"timestamp":1640995200000,"seq":{seq}}}'


LOG = (
    '{"feed":"account_log_snapshot","logs":[{"id":1690,"date":"2019-07-11T08:00:00.000Z","asset":"bch",'
    '"info":"funding rate change","booking_uid":"b","margin_account":"f-bch:usd","old_balance":0.01215667051,'
    '"new_balance":0.01215736653,"realized_pnl":0.0,"fee":0.0,"execution":"","collateral":"bch",'
    '"funding_rate":-8.7002552653e-8,"realized_funding":6.9602e-7}]}'
)
LOG_LINE = (
    '{"feed":"account_log","new_entry":{"id":1697,"date":"2019-07-11T13:00:27.632Z","asset":"pi_bchusd",'
    '"info":"futures trade","old_balance":1.0,"new_balance":2.0,"fee":0.0,"execution":"e-1","collateral":"bch"}}'
)
NOTIFICATIONS = (
    '{"feed":"notifications_auth","notifications":[{"id":5,"type":"market","priority":"low","note":"A note.",'
    '"effective_time":1520288300000}]}'
)
TRADES = (
    '{"feed":"trade_snapshot","product_id":"PF_XBTUSD","trades":[{"product_id":"PF_XBTUSD","feed":"trade","uid":"t-2",'
    '"side":"sell","type":"fill","time":1790359963339,"qty":0.0001,"price":83999.0,"seq":421131},'
    '{"product_id":"PF_XBTUSD","feed":"trade","uid":"t-1","side":"buy","type":"liquidation","time":1790359961107,'
    '"qty":0.0003,"price":84002.0,"seq":421130}]}'
)
TRADE = (
    '{"product_id":"PF_XBTUSD","feed":"trade","uid":"t-3","side":"sell","type":"fill","time":1790360004381,'
    '"qty":0.0002,"price":83994.0,"seq":421135}'
)


def book_snapshot(seq: int, symbol: str = "PF_XBTUSD") -> str:
    return (
        f'{{"feed":"book_snapshot","product_id":"{symbol}","timestamp":1791518718655,"seq":{seq},"tickSize":null,'
        '"bids":[{"price":82379.0,"qty":0.1},{"price":82380.0,"qty":0.0003},{"price":82300.0,"qty":0.0}],'
        '"asks":[{"price":82381.0,"qty":0.6051},{"price":82382,"qty":4.48E-4}]}'
    )


def book(seq: int, symbol: str = "PF_XBTUSD") -> str:
    return (
        f'{{"feed":"book","product_id":"{symbol}","side":"buy","seq":{seq},"price":81529.0,"qty":1.5296,'
        '"timestamp":1791518718725}'
    )


PRIVATE_FIRST = (ORDERS, FILLS, positions(), BALANCES, LOG, NOTIFICATIONS)
EVERYTHING = (
    *(INFO, CHALLENGE, TICKER, HEARTBEAT, *PRIVATE_FIRST, FILL, PARTIAL, FULL_FILL, CANCELLED, balances(1)),
    *(LOG_LINE, TRADES, TRADE, book_snapshot(1), book(2)),
)
