"""Conversations without a socket: what a client says, what it is answered, and the frames that follow."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exchange.doors import API_KEY, LISTED, SECRET, Hands, still_venue, with_options
from tui.exchange.board import Subscriber
from tui.exchange.commands import CancelAll, EditOrder, MovePrice, OrderAnswer, SendOrder, SetLeverage, Tick
from tui.exchange.options import Options
from tui.exchange.session import Session
from tui.wire.derivatives.codec import decode_frame
from tui.wire.derivatives.frames import (
    BalancesFrame,
    BalancesSnapshotFrame,
    BookFrame,
    BookSnapshotFrame,
    Control,
    FillsFrame,
    FillsSnapshotFrame,
    OpenOrdersFrame,
    OpenPositionsFrame,
    TickerFrame,
    Unknown,
)
from tui.wire.derivatives.signing import ApiSecret, sign_challenge

PRIVATE = (
    "open_orders",
    "open_orders_verbose",
    "fills",
    "open_positions",
    "balances",
    "account_log",
    "notifications_auth",
)


class Client:
    """One connected client and the venue it talks to."""

    def __init__(self, options: Options = LISTED, *, limit: int = 5_000) -> None:
        self.hands = Hands()
        self.venue = still_venue(self.hands, options)
        self.subscriber = Subscriber(limit, lambda: None)
        self.session = Session(
            self.venue.engine,
            self.venue.hub,
            self.venue.client,
            self.subscriber,
            ignores_garbage=options.ignores_garbage,
        )
        self.session.open()
        self.taken()

    def say(self, **frame: object) -> list[dict[str, Any]]:
        """Frames that answer this one."""
        self.session.receive(json.dumps(frame), self.hands.steady_s)
        return self.taken()

    def taken(self) -> list[dict[str, Any]]:
        frames = [json.loads(text) for text in self.subscriber.outbox]
        self.subscriber.outbox.clear()
        return frames

    def frames(self, kind: Callable[..., Any]) -> list[Any]:
        """Frames of one kind since the last look, decoded as a client would; the others are dropped."""
        decoded = [decode_frame(text) for text in self.subscriber.outbox]
        self.subscriber.outbox.clear()
        return [frame for frame in decoded if type(frame) is kind]

    def credentials(self, secret: ApiSecret = SECRET) -> dict[str, str]:
        challenge = self.say(event="challenge", api_key=API_KEY)[0]["message"]
        return {
            "api_key": API_KEY,
            "original_challenge": challenge,
            "signed_challenge": sign_challenge(challenge, secret),
        }

    def listen(self, *feeds: str) -> None:
        """Subscribe to private feeds and forget their snapshots."""
        credentials = self.credentials()
        for feed in feeds:
            assert self.say(event="subscribe", feed=feed, **credentials)[0]["event"] == "subscribed"

    def order(self, **fields: Any) -> OrderAnswer:
        order = {"symbol": "PF_XBTUSD", "side": "buy", "order_type": "lmt", "size": Decimal("0.1"), **fields}
        if order["order_type"] == "lmt":
            order.setdefault("limit_price", Decimal(60_000))
        return self.venue.apply(SendOrder(**order))


# --- control -----------------------------------------------------------------------------------------------


def test_the_greeting() -> None:
    client = Client()
    client.session.open()
    assert client.taken() == [{"event": "info", "version": 1}]


def alert(text: str) -> dict[str, str]:
    return {"event": "alert", "message": text}


@pytest.mark.parametrize("raw", ["hello", "[]", "{}", '{"event":"ping"}', '{"event":5}', "\ud800", b"\xff", "null"])
def test_what_is_no_request_is_a_bad_message(raw: str | bytes) -> None:
    client = Client()
    client.session.receive(raw, 0.0)
    assert client.taken() == [alert("Bad websocket message")]


def test_garbage_can_be_left_unanswered() -> None:
    client = Client(with_options(ignores_garbage=True))
    assert client.say(event="ping") == []
    client.session.receive("{", 0.0)
    assert client.taken() == []
    assert client.say(event="subscribe", feed="moon") != []


@given(st.text(max_size=50) | st.binary(max_size=50))
def test_nothing_a_client_sends_raises(raw: str | bytes) -> None:
    CHATTER.hands.turn(1)
    CHATTER.session.receive(raw, CHATTER.hands.steady_s)
    assert len(CHATTER.taken()) <= 1


CHATTER = Client()


def test_products_are_answered_one_by_one_in_order_each_with_its_snapshot() -> None:
    frames = Client().say(event="subscribe", feed="book", product_ids=["PI_XBTUSD", "PF_NOPE", "pf_ethusd"])
    assert [(frame.get("event"), frame.get("feed")) for frame in frames] == [
        ("subscribed", "book"),
        (None, "book_snapshot"),
        ("alert", None),
        ("subscribed", "book"),
        (None, "book_snapshot"),
    ]
    assert frames[0]["product_ids"] == ["PI_XBTUSD"]
    assert frames[2]["message"] == "Couldn't subscribe to invalid product `PF_NOPE`"
    assert frames[3]["product_ids"] == ["PF_ETHUSD"]


@pytest.mark.parametrize("products", [{}, {"product_ids": []}, {"product_ids": None}])
def test_a_product_feed_without_products_is_a_bad_message(products: dict[str, object]) -> None:
    assert Client().say(event="subscribe", feed="book", **products) == [alert("Bad websocket message")]


def test_a_second_subscribe_is_an_alert_and_a_fresh_snapshot() -> None:
    client = Client()
    client.say(event="subscribe", feed="ticker", product_ids=["PF_XBTUSD"])
    alert_frame, snapshot = client.say(event="subscribe", feed="ticker", product_ids=["PF_XBTUSD"])
    assert alert_frame == alert("Already subscribed to feed, re-requesting")
    assert snapshot["feed"] == "ticker"


def test_unsubscribe_ends_the_frames_and_is_told_apart_from_nothing_held() -> None:
    client = Client()
    client.say(event="subscribe", feed="trade", product_ids=["PF_XBTUSD"])
    assert client.say(event="unsubscribe", feed="trade", product_ids=["PF_XBTUSD"]) == [
        {"event": "unsubscribed", "feed": "trade", "product_ids": ["PF_XBTUSD"]}
    ]
    client.order(order_type="mkt")
    assert client.taken() == []
    assert client.say(event="unsubscribe", feed="trade", product_ids=["PF_XBTUSD"]) == [alert("Not subscribed to feed")]


def test_unknown_feeds_and_old_ones() -> None:
    client = Client()
    assert client.say(event="subscribe", feed="weather") == [alert("Couldn't subscribe to invalid feed")]
    assert client.say(event="subscribe") == [alert("Couldn't subscribe to invalid feed")]
    assert client.say(event="subscribe", feed="heartbeat") == [{"event": "subscribed", "feed": "heartbeat"}]
    deposits = client.say(event="subscribe", feed="deposits_withdrawals", **client.credentials())
    assert deposits == [{"event": "subscribed", "feed": "deposits_withdrawals"}]


def test_too_many_requests_a_second_are_refused() -> None:
    client = Client()
    for _ in range(100):
        client.say(event="challenge", api_key="x")
    assert client.say(event="challenge", api_key="x") == [alert("Rate limit exceeded")]
    client.hands.turn(1)
    assert client.say(event="challenge", api_key="x")[0]["event"] == "challenge"


# --- authentication ----------------------------------------------------------------------------------------

REFUSED = [alert("Failed to subscribe to authenticated feed")]


def test_any_key_gets_a_challenge_but_only_the_right_signature_a_feed() -> None:
    client = Client()
    assert client.say(event="challenge", api_key="nobody")[0].keys() == {"event", "message"}
    good = client.credentials()
    wrong_secret = client.credentials(ApiSecret("d3Jvbmc="))
    for bad in (
        {},
        {**good, "api_key": "nobody"},
        {**good, "signed_challenge": "x"},
        {**good, "signed_challenge": None},
        {**good, "original_challenge": None},
        {**good, "original_challenge": "never given"},
        wrong_secret,
    ):
        assert client.say(event="subscribe", feed="fills", **bad) == REFUSED
    frames = client.say(event="subscribe", feed="fills", **good)
    assert frames[0] == {"event": "subscribed", "feed": "fills"}


def test_one_challenge_opens_every_feed_and_closes_them() -> None:
    client = Client()
    credentials = client.credentials()
    for feed in PRIVATE:
        ack, snapshot = client.say(event="subscribe", feed=feed, **credentials)
        assert ack == {"event": "subscribed", "feed": feed}
        assert snapshot["feed"].startswith(feed)
    assert client.say(event="unsubscribe", feed="fills") == REFUSED
    assert client.say(event="unsubscribe", feed="fills", **credentials) == [{"event": "unsubscribed", "feed": "fills"}]


def test_a_challenge_belongs_to_its_connection() -> None:
    client = Client()
    credentials = client.credentials()
    other = Session(client.venue.engine, client.venue.hub, client.venue.client, client.subscriber)
    other.receive(json.dumps({"event": "subscribe", "feed": "fills", **credentials}), 0.0)
    assert client.taken() == REFUSED


def test_who_leaves_is_forgotten() -> None:
    client = Client()
    client.listen(*PRIVATE)
    client.say(event="subscribe", feed="book", product_ids=["PF_XBTUSD"])
    client.session.close()
    client.order(order_type="mkt")
    assert client.taken() == []
    assert client.venue.hub._board._topics == {}


# --- market feeds ------------------------------------------------------------------------------------------


def test_the_book_is_contiguous_from_its_snapshot_and_ends_as_the_engines() -> None:
    client = Client()
    client.session.receive('{"event":"subscribe","feed":"book","product_ids":["PF_XBTUSD"]}', 0.0)
    (snapshot,) = client.frames(BookSnapshotFrame)
    sides = {
        "buy": {level.price: level.qty for level in snapshot.bids},
        "sell": {level.price: level.qty for level in snapshot.asks},
    }
    client.order(limit_price=Decimal(80_000))
    client.order(order_type="mkt", size=Decimal(2))
    client.venue.apply(MovePrice("XBT", Decimal(88_500)))
    deltas = client.frames(BookFrame)
    assert [delta.seq for delta in deltas] == list(range(snapshot.seq + 1, snapshot.seq + 1 + len(deltas)))
    for delta in deltas:
        sides[delta.side][delta.price] = delta.qty
    book = client.venue.engine.book("PF_XBTUSD")
    assert {price: qty for price, qty in sides["buy"].items() if qty} == dict(book.bids)
    assert {price: qty for price, qty in sides["sell"].items() if qty} == dict(book.asks)
    assert deltas[-1].seq == book.seq


def test_the_ticker_agrees_with_the_engine_and_hides_zero_funding() -> None:
    client = Client()
    client.session.receive('{"event":"subscribe","feed":"ticker","product_ids":["PF_XBTUSD"]}', 0.0)
    (ticker,) = client.frames(TickerFrame)
    shown = client.venue.engine.ticker("PF_XBTUSD")
    assert (ticker.mark_price, ticker.bid, ticker.relative_funding_rate) == (
        shown.mark,
        shown.bid,
        shown.relative_funding_rate,
    )
    assert (ticker.pair, ticker.leverage) == ("XBT:USD", shown.leverage)
    dated = next(row.symbol for row in client.venue.engine.instruments() if not row.perpetual)
    (_, frame) = client.say(event="subscribe", feed="ticker", product_ids=[dated])
    assert "funding_rate" not in frame
    assert frame["maturityTime"] > frame["time"]
    assert frame["dtm"] > 0


def test_trades_come_newest_first_in_the_snapshot_and_then_one_by_one() -> None:
    client = Client()
    client.order(order_type="mkt")
    _, snapshot = client.say(event="subscribe", feed="trade", product_ids=["PF_XBTUSD"])
    seqs = [row["seq"] for row in snapshot["trades"]]
    assert seqs == sorted(seqs, reverse=True)
    client.order(order_type="mkt", size=Decimal("0.0001"))
    trades = [frame for frame in client.taken() if frame["feed"] == "trade"]
    assert [row["seq"] for row in trades] == [seqs[0] + 1]
    assert (trades[0]["side"], trades[0]["qty"]) == ("buy", 0.0001)


def test_heartbeats_come_once_a_second() -> None:
    client = Client()
    client.say(event="subscribe", feed="heartbeat")
    for _ in range(21):
        client.hands.turn(0.1)
        client.venue.tick()
    assert [frame["feed"] for frame in client.taken()] == ["heartbeat"] * 3


# --- orders and fills --------------------------------------------------------------------------------------


def test_an_order_lives_on_the_feed_from_placement_to_cancel() -> None:
    client = Client()
    client.listen("open_orders")
    placed = client.order(cli_ord_id="mine")
    client.hands.turn(1)
    client.venue.apply(EditOrder(order_id=placed.order_id, size=Decimal("0.2")))
    client.venue.apply(CancelAll())
    new, edited, gone = client.frames(OpenOrdersFrame)
    assert (new.reason, new.is_cancel, new.order.qty, new.order.filled) == (
        "new_placed_order_by_user",
        False,
        Decimal("0.1"),
        Decimal(0),
    )
    assert (new.order.type, new.order.stop_price, new.order.cli_ord_id) == ("limit", Decimal(0), "mine")
    assert (edited.reason, edited.order.order_id, edited.order.qty) == (
        "edited_by_user",
        placed.order_id,
        Decimal("0.2"),
    )
    assert edited.order.time == new.order.time
    assert edited.order.last_update_time > new.order.last_update_time
    assert (gone.order, gone.order_id, gone.cli_ord_id, gone.is_cancel, gone.reason) == (
        None,
        placed.order_id,
        "mine",
        True,
        "cancelled_by_user",
    )


def test_an_order_filled_on_arrival_never_shows_up_but_its_fills_do() -> None:
    client = Client()
    client.listen("open_orders", "fills")
    client.order(order_type="mkt", size=Decimal("0.5"))
    frames = client.taken()
    assert {frame["feed"] for frame in frames} == {"fills"}
    fills = [row for frame in frames for row in frame["fills"]]
    assert fills[-1]["remaining_order_qty"] == 0
    assert (fills[0]["order_type"], fills[0]["fill_type"], fills[0]["buy"]) == ("market", "taker", True)
    assert "username" in frames[0]


FORMS = {"object": [True], "id": [False], "both": [True, False]}


@pytest.mark.parametrize("form", FORMS)
def test_a_full_fill_leaves_in_the_form_that_was_chosen(form: str) -> None:
    client = Client(with_options(full_fill=form))
    client.listen("open_orders")
    client.order()
    client.venue.apply(MovePrice("XBT", Decimal(59_000)))
    gone = [frame for frame in client.frames(OpenOrdersFrame) if frame.is_cancel]
    assert [frame.order is not None for frame in gone] == FORMS[form]
    assert {frame.reason for frame in gone} == {"full_fill"}
    if gone[0].order is not None:
        assert (gone[0].order.qty, gone[0].order.filled) == (Decimal(0), Decimal("0.1"))


def test_a_refused_post_only_order_is_for_the_verbose_feed_alone() -> None:
    client = Client()
    client.listen("open_orders", "open_orders_verbose")
    client.order(order_type="post", limit_price=Decimal(99_000))
    (frame,) = client.taken()
    assert frame["feed"] == "open_orders_verbose"
    assert frame["order"]["order_id"]
    assert frame["is_cancel"]


def test_fills_count_on_across_connections_and_can_be_narrowed() -> None:
    client = Client()
    client.order(order_type="mkt", size=Decimal("0.0001"))
    client.order(order_type="mkt", size=Decimal(1), symbol="PI_XBTUSD")
    credentials = client.credentials()
    frame = {"event": "subscribe", "feed": "fills", "product_ids": ["PI_XBTUSD"], **credentials}
    client.session.receive(json.dumps(frame), 0.0)
    (snapshot,) = client.frames(FillsSnapshotFrame)
    assert [fill.seq for fill in snapshot.fills] == [1]
    client.order(order_type="mkt", size=Decimal("0.0001"))
    client.order(order_type="mkt", size=Decimal(1), symbol="PI_XBTUSD")
    (live,) = client.frames(FillsFrame)
    assert [(fill.seq, fill.instrument) for fill in live.fills] == [(3, "PI_XBTUSD")]
    assert live.fills[0].fee_currency == "BTC"


def test_the_fills_snapshot_is_oldest_first() -> None:
    client = Client()
    for _ in range(3):
        client.order(order_type="mkt", size=Decimal("0.0001"))
    _, snapshot = client.say(event="subscribe", feed="fills", **client.credentials())
    assert [row["seq"] for row in snapshot["fills"]] == [0, 1, 2]


# --- whole sections ----------------------------------------------------------------------------------------


def test_positions_are_whole_lists_counted_from_0_and_flat_is_absent() -> None:
    client = Client()
    client.listen("open_positions")
    client.order(order_type="mkt", size=Decimal("0.01"))
    client.order(order_type="mkt", side="sell", size=Decimal("0.01"))
    opened, closed = client.frames(OpenPositionsFrame)
    assert [(row.instrument, row.balance) for row in opened.positions] == [("PF_XBTUSD", Decimal("0.01"))]
    assert closed.positions == []
    assert (opened.seq, closed.seq) == (1, 2)


def test_a_short_is_negative_and_isolated_says_its_leverage() -> None:
    client = Client()
    client.venue.apply(SetLeverage("PF_XBTUSD", Decimal(5)))
    client.listen("open_positions")
    client.order(order_type="mkt", side="sell", size=Decimal("0.01"))
    frame = client.frames(OpenPositionsFrame)[-1]
    assert (frame.positions[0].balance, frame.positions[0].max_fixed_leverage) == (Decimal("-0.01"), Decimal(5))


def test_prices_alone_move_positions_and_balances_at_most_once_a_second() -> None:
    client = Client()
    client.order(order_type="mkt", size=Decimal("0.01"))
    client.venue.tick()
    client.listen("open_positions", "balances")
    for step in range(1, 31):
        client.hands.turn(0.1)
        client.venue.apply(MovePrice("XBT", Decimal(88_000 + step)))
        client.venue.apply(Tick())
        client.venue.hub.tick(client.hands.now_ms)
    feeds = [frame["feed"] for frame in client.taken()]
    assert feeds.count("open_positions") == 3
    assert feeds.count("balances") == 3


def test_nothing_is_sent_when_nothing_moved() -> None:
    client = Client()
    client.listen("open_positions", "balances")
    client.hands.turn(5)
    client.venue.hub.tick(client.hands.now_ms)
    assert client.taken() == []


def test_balances_send_whole_sections_or_none() -> None:
    client = Client()
    client.session.receive(json.dumps({"event": "subscribe", "feed": "balances", **client.credentials()}), 0.0)
    (snapshot,) = client.frames(BalancesSnapshotFrame)
    assert snapshot.seq == 0
    assert snapshot.futures.keys() == {"F-XBT:USD", "F-ETH:USD"}
    client.order()
    (delta,) = client.frames(BalancesFrame)
    assert (delta.holding, delta.futures, delta.seq) == (None, None, 1)
    flex = client.venue.engine.account().flex_account()
    assert delta.flex_futures.initial_margin == flex.totals.initial_margin_with_orders > 0
    assert delta.flex_futures.cross.available_margin == flex.cross.available_margin
    assert delta.flex_futures.currencies.keys() == snapshot.flex_futures.currencies.keys()
    client.order(symbol="PI_XBTUSD", size=Decimal(100))
    (delta,) = client.frames(BalancesFrame)
    assert delta.flex_futures is None
    assert delta.futures.keys() == snapshot.futures.keys()


def test_the_account_log_is_newest_first_then_entry_by_entry() -> None:
    client = Client()
    client.order(order_type="mkt", size=Decimal("0.0001"))
    _, snapshot = client.say(event="subscribe", feed="account_log", **client.credentials())
    ids = [row["id"] for row in snapshot["logs"]]
    assert ids == sorted(ids, reverse=True)
    client.order(order_type="mkt", size=Decimal("0.0001"))
    entries = [frame["new_entry"]["id"] for frame in client.taken()]
    assert entries == [ids[0] + 1, ids[0] + 2]


def test_every_frame_a_client_can_get_is_one_it_can_read() -> None:
    client = Client()
    credentials = client.credentials()
    for feed in ("ticker", "ticker_lite", "trade", "book"):
        client.session.receive(json.dumps({"event": "subscribe", "feed": feed, "product_ids": ["PF_XBTUSD"]}), 0.0)
    for feed in PRIVATE:
        client.session.receive(json.dumps({"event": "subscribe", "feed": feed, **credentials}), 0.0)
    client.order(order_type="mkt", size=Decimal("0.3"))
    client.order(order_type="stp", side="sell", stop_price=Decimal(80_000), trigger_signal="index")
    client.order()
    client.venue.apply(MovePrice("XBT", Decimal(70_000)))
    client.hands.turn(2)
    client.venue.tick()
    kinds = {type(decode_frame(text)) for text in client.subscriber.outbox}
    assert Unknown not in kinds
    assert Control in kinds
    assert len(kinds) > 12


# --- slow readers ------------------------------------------------------------------------------------------


def test_a_slow_reader_is_marked_and_never_grows() -> None:
    client = Client(limit=20)
    client.say(event="subscribe", feed="book", product_ids=["PF_XBTUSD"])
    for step in range(30):
        client.order(limit_price=Decimal(60_000 + step), size=Decimal("0.0001"))
        assert len(client.subscriber.outbox) <= 20
    assert client.subscriber.overflowed
    assert not client.subscriber.outbox
