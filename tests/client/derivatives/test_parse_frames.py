from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.derivatives import wires
from tests.client.derivatives.parts import KEYS
from tui.client.derivatives.parse import frames, words
from tui.client.derivatives.session import Session
from tui.model.account import Collateral
from tui.model.enums import (
    CloseReason,
    DeviationUnit,
    Liquidity,
    MarginMode,
    OrderType,
    PositionSide,
    Side,
    TriggerSignal,
)
from tui.model.events import (
    AccountFrame,
    BookDelta,
    BookSnapshot,
    Event,
    FillsArrived,
    FrameUnreadable,
    LogArrived,
    NotificationsArrived,
    OrderRemoved,
    OrdersSnapshot,
    OrderUpdated,
    PositionsFrame,
    TickerUpdated,
    TradesArrived,
)
from tui.wire.derivatives.codec import MalformedError, decode_frame
from tui.wire.derivatives.codes import SIGNAL_OF_WORD, FillType, OpenOrderType
from tui.wire.derivatives.codes import OrderType as OrderWord
from tui.wire.derivatives.frames import Control, Data, Unknown
from tui.wire.derivatives.outcomes import FeedReason, UpdateReason

D = Decimal


def parsed(raw: str) -> Event:
    frame = decode_frame(raw)
    assert not isinstance(frame, (Control, Unknown))
    event = frames.event(frame, 7)
    assert event is not None
    return event


def test_a_ticker() -> None:
    event = parsed(wires.TICKER)
    assert isinstance(event, TickerUpdated)
    ticker = event.ticker
    assert (ticker.symbol, ticker.time_ms) == ("PF_ETHUSD", 1783587648112)
    assert (ticker.bid, ticker.bid_size, ticker.ask, ticker.ask_size) == (
        D("1751.6"),
        D("1.459"),
        D("1751.7"),
        D("2.886"),
    )
    assert (ticker.last, ticker.mark, ticker.index) == (D("1751.7"), D("1751.97553924942"), D("1751.75"))
    assert (ticker.change_24h, ticker.volume_24h) == (D("0.97"), D("57204.177"))
    assert (ticker.volume_quote, ticker.open_interest) == (D("99424431.8132"), D("24085.822"))
    assert (ticker.high_24h, ticker.low_24h) == (D("1765.4"), D("1708.8"))
    assert (ticker.funding_rate, ticker.funding_rate_prediction) == (D("0.032725177043125"), None)
    assert (ticker.relative_funding_rate, ticker.relative_funding_rate_prediction) == (D("0.0000186711875"), None)
    assert ticker.next_funding_ms == 1783591200000
    assert (ticker.suspended, ticker.post_only) == (False, False)


def test_working_orders_with_prices_of_zero_as_none_and_qty_as_what_remains() -> None:
    event = parsed(wires.ORDERS)
    assert isinstance(event, OrdersSnapshot)
    stop, trailing = event.orders
    assert (stop.type, stop.side, stop.limit_price, stop.stop_price) == (OrderType.STOP, Side.SELL, D(34900), D(13789))
    assert stop.trigger_signal is TriggerSignal.LAST
    assert (trailing.type, trailing.limit_price, trailing.stop_price) == (OrderType.TRAILING_STOP, None, D("3200.1"))
    assert (trailing.deviation, trailing.deviation_unit) == (D("20.0"), DeviationUnit.PERCENT)
    assert trailing.trigger_signal is TriggerSignal.INDEX

    update = parsed(wires.PARTIAL)
    assert isinstance(update, OrderUpdated)
    order = update.order
    assert (order.remaining, order.filled, order.size) == (D("7.92"), D("2.08"), D("10.00"))
    assert (order.client_order_id, order.reduce_only, order.stop_price) == ("c-5", True, None)
    assert (order.created_ms, order.updated_ms) == (1627647670603, 1627647670999)
    assert update.reason == "partial_fill"
    unpriced = parsed(wires.PARTIAL.replace("39057.5", "0.0"))
    assert isinstance(unpriced, OrderUpdated)
    assert unpriced.order.limit_price is None


def test_a_removal_in_both_forms_is_decided_by_its_reason() -> None:
    filled = parsed(wires.FULL_FILL)
    assert isinstance(filled, OrderRemoved)
    assert (filled.order_id, filled.reason, filled.filled) == ("o-6", CloseReason.FILLED, D("0.0001"))
    assert filled.updated_ms == 1775831973330
    assert filled.order is not None
    cancelled = parsed(wires.CANCELLED)
    assert cancelled == OrderRemoved("o-7", "c-7", CloseReason.CANCELLED, "cancelled_by_user")


@pytest.mark.parametrize("word", FeedReason)
def test_every_reason_of_the_feed_is_mapped(word: FeedReason) -> None:
    assert words.removal(word) is words.REMOVALS[word]


@pytest.mark.parametrize("word", UpdateReason)
def test_every_update_reason_is_mapped(word: UpdateReason) -> None:
    assert words.ending(word) is words.ENDINGS[word]
    assert words.ending(word.lower()) is words.ENDINGS[word]


@pytest.mark.parametrize("word", FillType)
def test_every_fill_type_is_mapped(word: FillType) -> None:
    assert words.liquidity(word) is words.LIQUIDITY[word]


def test_words_that_are_not_known_stay_unknown_and_never_become_something_else() -> None:
    assert words.removal("brand_new") is CloseReason.UNKNOWN
    assert words.ending("BRAND_NEW") is CloseReason.UNKNOWN
    assert words.ending(None) is CloseReason.UNKNOWN
    assert words.liquidity("brandNew") is Liquidity.UNKNOWN
    assert words.order_type("unknown") is OrderType.UNKNOWN
    assert words.signal("brand_new") is None
    with pytest.raises(MalformedError):
        words.side("brand_new")


@pytest.mark.parametrize(
    "word", [*OpenOrderType, *OrderWord, "limit", "market", "stop_loss", "Limit", "IoC", "FillOrKill"]
)
def test_every_order_type_word_is_mapped(word: str) -> None:
    assert words.order_type(word) is not OrderType.UNKNOWN


@pytest.mark.parametrize("word", SIGNAL_OF_WORD)
def test_every_spelling_of_a_trigger_signal_is_mapped(word: str) -> None:
    assert words.signal(word) is not None


def test_fills_with_fee_and_whose_side_it_was() -> None:
    snapshot = parsed(wires.FILLS)
    assert isinstance(snapshot, FillsArrived)
    assert snapshot.snapshot
    fill = snapshot.fills[0]
    assert (fill.fill_id, fill.order_id, fill.client_order_id) == ("f-1", "o-3", "1767779828367678891")
    assert (fill.symbol, fill.side, fill.size, fill.price) == ("PF_XRPUSD", Side.BUY, D("1.0"), D("2.24061"))
    assert (fill.fee, fill.fee_currency, fill.remaining) == (D("0.000967535"), "XBT", D("0.0"))
    assert fill.liquidity is Liquidity.TAKER
    live = parsed(wires.FILL)
    assert isinstance(live, FillsArrived)
    assert not live.snapshot
    assert (live.fills[0].side, live.fills[0].liquidity) == (Side.SELL, Liquidity.MAKER)


def test_positions_are_the_whole_list_with_the_sign_as_side() -> None:
    event = parsed(wires.positions())
    assert isinstance(event, PositionsFrame)
    assert event.time_ms == 1698608414910
    position = event.positions[0]
    assert (position.side, position.size, position.entry_price) == (PositionSide.SHORT, D("0.5"), D("70.53"))
    assert position.liquidation_price is None
    assert (position.initial_margin, position.maintenance_margin) == (D("0.7053"), D("0.35265"))


def test_balances_become_pools_with_initial_margin_of_positions_only() -> None:
    event = parsed(wires.BALANCES)
    assert isinstance(event, AccountFrame)
    assert event.snapshot
    assert event.cash == (("USDT", D("4997.5")), ("XBT", D("0.1285407184")))
    assert event.flex is not None
    cross, isolated = event.flex  # an isolated contract without margin is not a pool
    assert (cross.name, cross.equity, cross.available, cross.balance) == (
        "flex",
        D("9963.66"),
        D("9813.66"),
        D("9963.66"),
    )
    assert (cross.initial_margin, cross.initial_margin_with_orders, cross.maintenance_margin) == (D(100), D(150), D(50))
    assert (isolated.name, isolated.symbol, isolated.mode) == ("PF_ETHUSD", "PF_ETHUSD", MarginMode.ISOLATED)
    assert (isolated.equity, isolated.initial_margin, isolated.initial_margin_with_orders) == (D(288), D(292), D(300))
    assert isolated.level_pct == D(288) / D("14.6") * 100
    assert event.inverse is not None
    wallet = event.inverse[0]
    assert (wallet.name, wallet.currency, wallet.equity, wallet.balance) == ("F-XBT:USD", "XBT", D("0.4"), D("0.5"))
    assert event.collateral == (Collateral("XBT", D("0.1"), D("8400.0"), D("8232.0"), D("0.02"), D("0.1")),)


def test_a_section_that_is_absent_is_unchanged() -> None:
    event = parsed(wires.balances(83))
    assert isinstance(event, AccountFrame)
    assert not event.snapshot
    assert event.cash == (("USD", D("5000.0")),)
    assert (event.inverse, event.flex, event.collateral) == (None, None, None)


def test_account_log_and_notifications() -> None:
    event = parsed(wires.LOG)
    assert isinstance(event, LogArrived)
    entry = event.entries[0]
    assert (entry.entry_id, entry.asset, entry.change, entry.symbol) == (1690, "BCH", D("6.9602E-7"), None)
    assert (entry.time_ms, entry.execution) == (1562832000000, None)
    line = parsed(wires.LOG_LINE)
    assert isinstance(line, LogArrived)
    assert (line.entries[0].asset, line.entries[0].symbol, line.entries[0].change) == ("PI_BCHUSD", "PI_BCHUSD", D(1))
    notice = parsed(wires.NOTIFICATIONS)
    assert isinstance(notice, NotificationsArrived)
    assert notice.notifications[0].effective_ms == 1520288300000


@pytest.mark.parametrize(("changed_ms", "reason"), [(0, CloseReason.REJECTED), (3, CloseReason.CANCELLED_BY_VENUE)])
def test_an_order_that_had_nothing_to_reduce_is_rejected_and_one_that_has_no_more_is_not(
    changed_ms: int, reason: CloseReason
) -> None:
    made_ms = 1775831958755
    raw = wires.FULL_FILL.replace("full_fill", "would_not_reduce_position").replace(
        "1775831973330", str(made_ms + changed_ms)
    )
    event = parsed(raw)
    assert isinstance(event, OrderRemoved)
    assert event.reason is reason


def test_trades_come_newest_last() -> None:
    event = parsed(wires.TRADES)
    assert isinstance(event, TradesArrived)
    assert [(trade.trade_id, trade.side, trade.type) for trade in event.trades] == [
        ("t-1", Side.BUY, "liquidation"),
        ("t-2", Side.SELL, "fill"),
    ]
    one = parsed(wires.TRADE)
    assert isinstance(one, TradesArrived)
    assert (len(one.trades), one.snapshot) == (1, False)


def test_books_are_sorted_and_hold_no_empty_levels() -> None:
    event = parsed(wires.book_snapshot(9))
    assert isinstance(event, BookSnapshot)
    assert [level.price for level in event.bids] == [82380, 82379]
    assert [level.price for level in event.asks] == [82381, 82382]
    assert parsed(wires.book(10)) == BookDelta("PF_XBTUSD", Side.BUY, D("81529.0"), D("1.5296"), 10, 1791518718725)


@pytest.mark.parametrize(
    "raw",
    [
        wires.TICKER.replace("1751.6", '"NaN"'),
        wires.PARTIAL.replace("7.92", '"-Infinity"'),
        wires.PARTIAL.replace('"direction":0', '"direction":2'),
        wires.FILL.replace("2.21", "1e999999"),
        wires.book(1).replace("buy", "both"),
        wires.LOG_LINE.replace("2019-07-11T13", "tomorrow"),
        '{"feed":"open_orders","is_cancel":true,"reason":"full_fill"}',
        '{"feed":"open_orders","is_cancel":false,"reason":"edited_by_user"}',
    ],
)
def test_a_frame_that_decodes_and_makes_no_sense_is_malformed(raw: str) -> None:
    with pytest.raises(MalformedError):
        parsed(raw)


@given(st.sampled_from(wires.EVERYTHING), st.booleans(), st.data())
def test_no_mutated_frame_breaks_the_session(raw: str, private: bool, data: st.DataObject) -> None:
    session = Session(KEYS if private else None)
    session.watch([], ["PF_XBTUSD"], 1)
    session.opened(1)
    cut = data.draw(st.integers(0, len(raw)))
    length = data.draw(st.integers(0, 12))
    noise = data.draw(
        st.sampled_from(["", "null", '"NaN"', "-1e400", "[]", "{}", '"', "9" * 40, "true", "\x00", '"é"'])
    )
    for event in session.receive((raw[:cut] + noise + raw[cut + length :]).encode(), 1):
        if isinstance(event, FrameUnreadable):
            assert event.detail


def test_every_data_frame_but_those_without_an_event_is_parsed() -> None:
    silent = {"ticker_lite"}
    tags = {str(kind.__struct_config__.tag): kind for kind in Data.__args__}
    assert {tag for tag, kind in tags.items() if kind not in frames._PARSERS} == silent
