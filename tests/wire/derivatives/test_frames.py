"""Samples of the WebSocket frames as the venue sends or documents them; redacted ids are made up."""

from decimal import Decimal

from tui.wire.derivatives.codec import decode_frame
from tui.wire.derivatives.frames import (
    AccountLogFrame,
    AccountLogSnapshotFrame,
    BalancesFrame,
    BalancesSnapshotFrame,
    BookFrame,
    BookSnapshotFrame,
    FillsFrame,
    FillsSnapshotFrame,
    HeartbeatFrame,
    NotificationsFrame,
    OpenOrdersFrame,
    OpenOrdersSnapshotFrame,
    OpenOrdersVerboseFrame,
    OpenOrdersVerboseSnapshotFrame,
    OpenPositionsFrame,
    TickerFrame,
    TickerLiteFrame,
    TradeFrame,
    TradeSnapshotFrame,
)


def test_ticker() -> None:
    frame = decode_frame(
        '{"time":1783587648112,"product_id":"PF_ETHUSD","funding_rate":0.032725177043125,'
        '"relative_funding_rate":0.0000186711875,"next_funding_rate_time":1783591200000,"leverage":"100x",'
        '"premium":-0.0,"feed":"ticker","bid":1751.6,"ask":1751.7,"bid_size":1.459,"ask_size":2.886,'
        '"volume":57204.177,"dtm":0,"index":1751.75,"last":1751.7,"change":0.97,"suspended":false,'
        '"tag":"perpetual","pair":"ETH:USD","openInterest":24085.822,"markPrice":1751.97553924942,'
        '"maturityTime":0,"post_only":false,"volumeQuote":99424431.8132}'
    )
    assert isinstance(frame, TickerFrame)
    assert (frame.mark_price, frame.open_interest) == (Decimal("1751.97553924942"), Decimal("24085.822"))
    assert (frame.next_funding_rate_time, frame.tag, frame.open) == (1783591200000, "perpetual", None)


def test_ticker_lite() -> None:
    frame = decode_frame(
        '{"feed":"ticker_lite","product_id":"PI_XBTUSD","bid":34932,"ask":34949.5,"change":3.3705,'
        '"premium":0.1,"volume":264126741,"tag":"perpetual","pair":"XBT:USD","dtm":0,"maturityTime":0,'
        '"volumeQuote":264126741}'
    )
    assert isinstance(frame, TickerLiteFrame)
    assert frame.volume_quote == 264126741


def test_trades() -> None:
    row = (
        '{"product_id":"PF_XBTUSD","feed":"trade","uid":"1893f0aa","side":"sell","type":"fill",'
        '"time":1790359963339,"qty":0.0001,"price":83999.0,"seq":421131}'
    )
    single = decode_frame(row)
    assert isinstance(single, TradeFrame)
    assert (single.seq, single.qty) == (421131, Decimal("0.0001"))
    snapshot = decode_frame('{"feed":"trade_snapshot","product_id":"PF_XBTUSD","trades":[' + row + "]}")
    assert isinstance(snapshot, TradeSnapshotFrame)
    assert snapshot.trades[0].price == 83999


def test_book() -> None:
    snapshot = decode_frame(
        '{"feed":"book_snapshot","product_id":"PF_XBTUSD","timestamp":1791518718655,"seq":173877391,'
        '"tickSize":null,"bids":[{"price":82380.0,"qty":0.0003}],"asks":[{"price":82381.0,"qty":0.6051}]}'
    )
    assert isinstance(snapshot, BookSnapshotFrame)
    assert (snapshot.seq, snapshot.bids[0].qty) == (173877391, Decimal("0.0003"))
    delta = decode_frame(
        '{"feed":"book","product_id":"PF_XBTUSD","side":"buy","seq":173877392,"price":81529.0,"qty":0,'
        '"timestamp":1791518718725}'
    )
    assert isinstance(delta, BookFrame)
    assert (delta.seq, delta.qty) == (snapshot.seq + 1, Decimal(0))


def test_heartbeat() -> None:
    assert decode_frame('{"feed":"heartbeat","time":1534262350627}') == HeartbeatFrame(time=1534262350627)


STOP = (
    '{"instrument":"PI_XBTUSD","time":1612275024153,"last_update_time":1612275178153,"qty":12,"filled":0,'
    '"stop_price":3200.1,"type":"trailing_stop","order_id":"59302619","direction":1,"reduce_only":false,'
    '"triggerSignal":"mark","trailing_stop_options":{"max_deviation":20.0,"unit":"percent"}}'
)


def test_open_orders_snapshots_of_both_feeds() -> None:
    plain = decode_frame('{"feed":"open_orders_snapshot","account":"e258dba9","orders":[' + STOP + "]}")
    verbose = decode_frame('{"feed":"open_orders_verbose_snapshot","account":"e258dba9","orders":[' + STOP + "]}")
    assert isinstance(plain, OpenOrdersSnapshotFrame)
    assert isinstance(verbose, OpenOrdersVerboseSnapshotFrame)
    assert plain.orders == verbose.orders
    order = plain.orders[0]
    assert (order.trigger_signal, order.limit_price, order.cli_ord_id) == ("mark", None, None)
    assert order.trailing_stop_options is not None
    assert order.trailing_stop_options.max_deviation == 20


def test_full_fill_says_remaining_zero_and_all_filled() -> None:
    frame = decode_frame(
        '{"feed":"open_orders","order":{"instrument":"PF_XBTUSD","time":1775831958755,'
        '"last_update_time":1775831973330,"qty":0.0,"filled":0.0001,"limit_price":73110.0,"stop_price":0.0,'
        '"type":"limit","order_id":"a182cf4f","direction":0,"reduce_only":false},"is_cancel":true,'
        '"reason":"full_fill"}'
    )
    assert isinstance(frame, OpenOrdersFrame)
    assert frame.order is not None
    assert (frame.order.qty, frame.order.filled, frame.is_cancel) == (Decimal(0), Decimal("0.0001"), True)


def test_removal_by_id_alone_with_either_spelling_of_the_client_id() -> None:
    for key in ("cli_ord_id", "cliOrdId"):
        frame = decode_frame(
            f'{{"feed":"open_orders","order_id":"df2fa719","{key}":"EwAF","is_cancel":true,"reason":"full_fill"}}'
        )
        assert isinstance(frame, OpenOrdersFrame)
        assert (frame.order, frame.order_id, frame.cli_ord_id) == (None, "df2fa719", "EwAF")


def test_verbose_feed_is_its_own_kind() -> None:
    frame = decode_frame(
        '{"feed":"open_orders_verbose","order_id":"x","is_cancel":true,'
        '"reason":"post_order_failed_because_it_would_be_filled"}'
    )
    assert isinstance(frame, OpenOrdersVerboseFrame)


def test_fills() -> None:
    row = (
        '{"instrument":"PF_XRPUSD","time":1767802161979,"price":2.21,"seq":3,"buy":false,"qty":1.0,'
        '"remaining_order_qty":0.0,"order_id":"a0c7d86f","cli_ord_id":"1767801895873822636",'
        '"fill_id":"fe811159","fill_type":"maker","fee_paid":4.42E-4,"fee_currency":"USD",'
        '"taker_order_type":"market","order_type":"lmt"}'
    )
    update = decode_frame('{"feed":"fills","username":"fd17a6ed","fills":[' + row + "]}")
    snapshot = decode_frame('{"feed":"fills_snapshot","account":"fd17a6ed","fills":[' + row + "]}")
    assert isinstance(update, FillsFrame)
    assert isinstance(snapshot, FillsSnapshotFrame)
    assert update.fills == snapshot.fills
    assert (update.fills[0].fee_paid, update.fills[0].buy) == (Decimal("0.000442"), False)


def test_fill_of_2021_lacks_what_came_later() -> None:
    frame = decode_frame(
        '{"feed":"fills","username":"DemoUser","fills":[{"instrument":"FI_XBTUSD_200925","time":1600256910739,'
        '"price":10937.5,"seq":36,"buy":true,"qty":5000.0,"order_id":"9e30258b","fill_id":"cad76f07",'
        '"fill_type":"maker"}]}'
    )
    assert isinstance(frame, FillsFrame)
    assert (frame.fills[0].remaining_order_qty, frame.fills[0].fee_paid) == (None, None)


def test_open_positions() -> None:
    frame = decode_frame(
        '{"feed":"open_positions","account":"3b111acc","positions":[{"instrument":"PF_LTCUSD","balance":0.5,'
        '"pnl":-0.8628305877699987,"entry_price":70.53,"mark_price":68.80433882446,"index_price":68.8091,'
        '"liquidation_threshold":0,"effective_leverage":0.007028866753648637,'
        '"return_on_equity":-1.2233525985679834,"unrealized_funding":0.0000690610530935388,'
        '"initial_margin":0.7053,"initial_margin_with_orders":0.7053,"maintenance_margin":0.35265,'
        '"pnl_currency":"USD"}],"seq":0,"timestamp":1698608414910}'
    )
    assert isinstance(frame, OpenPositionsFrame)
    assert frame.positions[0].maintenance_margin == Decimal("0.35265")
    assert (frame.seq, frame.timestamp) == (0, 1698608414910)
    old = decode_frame('{"feed":"open_positions","account":"a","positions":[]}')
    assert isinstance(old, OpenPositionsFrame)
    assert (old.positions, old.seq) == ([], None)


TOTALS = '"initial_margin":0.0,"maintenance_margin":0.0,"pnl":0.0,"margin_equity":9963.66,"available_margin":9963.66'


def test_balances_snapshot_has_every_section() -> None:
    frame = decode_frame(
        '{"feed":"balances_snapshot","account":"4a012c31","holding":{"USDT":4997.5012493753,"XBT":0.1285407184},'
        '"futures":{"F-XBT:USD":{"name":"F-XBT:USD","pair":"XBT/USD","unit":"XBT","portfolio_value":0.0,'
        '"balance":0.1,"maintenance_margin":0.0,"initial_margin":0.0,"available":0.1,"unrealized_funding":0.0,'
        '"pnl":0.0}},"flex_futures":{"currencies":{"USDT":{"quantity":1.5,"value":1.5,"collateral_value":1.4,'
        '"available":1.5,"haircut":0.1,"conversion_spread":0.0}},"balance_value":0.0,'
        + TOTALS
        + ',"isolated":{"PF_ETHUSD":{'
        + TOTALS
        + '}},"cross":{'
        + TOTALS
        + ',"effective_leverage":0.0}},"timestamp":1640995200000,"seq":0}'
    )
    assert isinstance(frame, BalancesSnapshotFrame)
    assert frame.holding == {"USDT": Decimal("4997.5012493753"), "XBT": Decimal("0.1285407184")}
    assert frame.futures is not None
    assert frame.futures["F-XBT:USD"].balance == Decimal("0.1")
    flex = frame.flex_futures
    assert flex is not None
    assert flex.cross is not None
    assert flex.cross.margin_equity == Decimal("9963.66")
    assert flex.isolated is not None
    assert flex.isolated.keys() == {"PF_ETHUSD"}
    assert flex.currencies["USDT"].collateral_value == Decimal("1.4")


def test_a_balances_delta_tells_absent_sections_from_empty_ones() -> None:
    frame = decode_frame(
        '{"feed":"balances","account":"a","holding":{"USD":5000.0},"futures":{},"timestamp":1640995200000,"seq":83}'
    )
    assert isinstance(frame, BalancesFrame)
    assert (frame.futures, frame.flex_futures) == ({}, None)


ENTRY = (
    '{"id":1690,"date":"2019-07-11T08:00:00.000Z","asset":"bch","info":"funding rate change",'
    '"booking_uid":"86fdc252","margin_account":"f-bch:usd","old_balance":0.01215667051,'
    '"new_balance":0.01215736653,"old_average_entry_price":0.0,"new_average_entry_price":0.0,"trade_price":0.0,'
    '"mark_price":0.0,"realized_pnl":0.0,"fee":0.0,"execution":"","collateral":"bch",'
    '"funding_rate":-8.7002552653e-8,"realized_funding":6.9602e-7,"conversion_spread_percentage":0.0,'
    '"liquidation_fee":0.0}'
)


def test_account_log_in_both_spellings_of_the_list() -> None:
    for key in ("logs", "log"):
        frame = decode_frame(f'{{"feed":"account_log_snapshot","{key}":[{ENTRY}]}}')
        assert isinstance(frame, AccountLogSnapshotFrame)
        assert frame.entries[0].realized_funding == Decimal("0.00000069602")
    update = decode_frame('{"feed":"account_log","new_entry":' + ENTRY + "}")
    assert isinstance(update, AccountLogFrame)
    assert update.new_entry.id == 1690


def test_notifications() -> None:
    frame = decode_frame(
        '{"feed":"notifications_auth","notifications":[{"id":5,"type":"market","priority":"low",'
        '"note":"A note.","effective_time":1520288300000}]}'
    )
    assert isinstance(frame, NotificationsFrame)
    assert frame.notifications[0].effective_time == 1520288300000
