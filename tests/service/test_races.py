"""The races between the stream, its snapshots and late REST answers, one by one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.service.build import (
    ETH,
    T0,
    XBT,
    dec,
    ended,
    fill,
    filled,
    order,
    pool,
    position,
    removed,
    request,
    updated,
)
from tests.service.desk import Desk
from tui.model.account import Account
from tui.model.enums import CloseReason, OrderState, OrderType
from tui.model.events import AccountFrame, FeedGap, OrdersSnapshot, PositionsFrame
from tui.model.order import Accepted, OrderStatusReport
from tui.service import answers


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.connect()
    return desk


def test_r1_a_rest_row_of_a_removed_order_is_a_ghost(desk: Desk) -> None:
    desk.hear(updated(order()), removed())
    desk.orders_answer(desk.ask(), order())
    assert desk.working() == {}
    assert desk.closed() == {"o1": "cancelled"}


def test_r2_an_order_that_fills_after_the_cut_is_open_until_the_stream_says_so(desk: Desk) -> None:
    desk.orders_answer(desk.ask(), order())
    assert desk.working() == {"o1": (dec(10), dec(0))}
    desk.hear(
        filled(fill(size=10, left=0)), removed(row=order(remaining=0, filled=10, at=T0 + 1), reason=CloseReason.FILLED)
    )
    assert desk.working() == {}
    assert desk.closed() == {"o1": "filled"}


def test_r3_an_answer_older_than_the_stream_changes_nothing_back(desk: Desk) -> None:
    desk.hear(updated(order(at=T0)))
    sent = desk.ask()
    desk.hear(updated(order(price=105, at=T0 + 5), "edited_by_user"))
    desk.orders_answer(sent, order(price=100, at=T0))
    assert desk.ledger.orders.working()[0].limit_price == 105
    desk.hear(filled(fill(size=4)), updated(order(remaining=6, filled=4, price=105, at=T0 + 6), "partial_fill"))
    desk.orders_answer(desk.ask(), order(remaining=8, filled=2, price=105, at=T0 + 5))
    assert desk.working() == {"o1": (dec(6), dec(4))}


def test_r4_the_answer_of_an_earlier_question_never_overwrites_a_later_one(desk: Desk) -> None:
    first, second = desk.ask(), desk.ask()
    desk.orders_answer(second, order("o2"))
    desk.orders_answer(first, order("o1"))
    assert set(desk.working()) == {"o2"}


def test_r5_a_placement_answer_after_the_fill_cannot_reopen_and_merges_the_ids(desk: Desk) -> None:
    asked = request("c1", 10)
    desk.ledger.orders.submit(asked, desk.ask(), desk.now)
    assert [row.state for row in desk.ledger.orders.working()] == [OrderState.SUBMITTING]
    desk.hear(filled(fill(size=10, left=0, client="c1")))
    assert desk.working() == {}
    accepted = Accepted("placed", "o1", "c1", filled=dec(10), fills=(fill("f1", 10),))
    answers.submitted(desk.ledger, asked, accepted, desk.ask(), desk.now)
    assert desk.closed() == {"o1": "filled"}
    assert desk.working() == {}
    assert len(desk.ledger.fills.view()) == 1
    known = desk.ledger.orders.by_client("c1")
    assert known is not None
    assert known.order.order_id == "o1"


def test_r5_a_resting_answer_after_the_removal_stays_removed(desk: Desk) -> None:
    asked = request("c1", 10)
    desk.ledger.orders.submit(asked, desk.ask(), desk.now)
    desk.hear(updated(order(client="c1")), removed(client="c1"))
    answers.submitted(desk.ledger, asked, Accepted("placed", "o1", "c1", resting=True), desk.ask(), desk.now)
    assert desk.working() == {}


def test_r6_an_order_placed_after_the_question_does_not_miss_in_its_answer(desk: Desk) -> None:
    sent = desk.ask()
    asked = request("c1", 10)
    desk.ledger.orders.submit(asked, desk.ask(), desk.now)
    answers.submitted(desk.ledger, asked, Accepted("placed", "o1", "c1", resting=True), desk.ask(), desk.now)
    desk.orders_answer(sent)
    tracked = desk.ledger.orders.get("o1")
    assert tracked is not None
    assert tracked.misses == 0
    assert set(desk.working()) == {"o1"}


def test_r7_a_fill_counts_once_whatever_road_it_comes_by(desk: Desk) -> None:
    desk.hear(updated(order()), filled(fill(size=3)))
    desk.hear(filled(fill(size=3)), filled(fill(size=3), snapshot=True))
    desk.fills_answer(fill(size=3))
    assert desk.working() == {"o1": (dec(7), dec(3))}
    assert len(desk.ledger.fills.view()) == 1


def test_r8_a_full_fill_whose_fill_frame_was_lost_is_asked_for(desk: Desk) -> None:
    desk.hear(updated(order()), removed(row=order(remaining=0, filled=10, at=T0 + 2), reason=CloseReason.FILLED))
    assert not desk.ledger.wishes.take().fills
    desk.wait(2_100)
    assert desk.ledger.wishes.take().fills
    desk.fills_answer(fill(size=10))
    desk.wait(10_000)
    assert not desk.ledger.wishes.take().fills


def test_r8_a_full_fill_told_without_a_size_claims_none_because_an_edit_may_have_gone_unseen(desk: Desk) -> None:
    desk.hear(updated(order(remaining=10)), removed(reason=CloseReason.FILLED))
    assert desk.ledger.orders.closed()[0].filled == 0
    desk.wait(2_100)
    assert desk.ledger.wishes.take().fills
    desk.fills_answer(fill(size=4))
    (ended,) = desk.ledger.orders.closed()
    assert (ended.filled, ended.close_reason) == (dec(4), CloseReason.FILLED)
    desk.wait(10_000)
    assert not desk.ledger.wishes.take().fills


def test_r8_fills_that_nobody_can_show_are_given_up_and_recorded(desk: Desk) -> None:
    desk.hear(updated(order()), removed(row=order(remaining=0, filled=10, at=T0 + 2), reason=CloseReason.FILLED))
    asked = 0
    for _ in range(60):
        desk.wait(2_000)
        asked += desk.ledger.wishes.take().fills
    assert asked == 3
    assert [one.topic for one in desk.ledger.differences()] == [f"fills of {XBT} order o1"]


@pytest.mark.parametrize("fill_first", [True, False])
def test_r9_a_partial_fill_and_its_fill_never_add_up(desk: Desk, fill_first: bool) -> None:
    frames = [filled(fill(size=4, left=6)), updated(order(remaining=6, filled=4, at=T0 + 1), "partial_fill")]
    desk.hear(updated(order()), *(frames if fill_first else reversed(frames)))
    assert desk.working() == {"o1": (dec(6), dec(4))}


def test_r10_a_position_frame_older_than_a_fill_keeps_the_fill_on_top(desk: Desk) -> None:
    desk.hear(PositionsFrame((position(5),), T0), filled(fill(size=3, at=T0 + 10, price=104)))
    assert desk.sizes() == {XBT: dec(8)}
    (shown,) = desk.ledger.positions.view()
    assert shown.entry_price == Decimal("101.5")
    assert shown.unrealised_pnl is None
    desk.hear(PositionsFrame((position(5),), T0 + 9))
    assert desk.sizes() == {XBT: dec(8)}
    desk.hear(PositionsFrame((position(8),), T0 + 10))
    assert desk.sizes() == {XBT: dec(8)}
    desk.hear(PositionsFrame((position(5),), T0 + 9))
    assert desk.sizes() == {XBT: dec(8)}


def test_r10_a_late_answer_does_not_undo_a_fill(desk: Desk) -> None:
    desk.hear(PositionsFrame((position(5),), T0))
    sent = desk.ask()
    desk.hear(filled(fill(size=3, at=T0 + 5_000)))
    desk.positions_answer(sent, T0 + 5_500, position(5))
    assert desk.sizes() == {XBT: dec(8)}


def test_r11_only_a_list_that_was_read_means_flat(desk: Desk) -> None:
    desk.hear(PositionsFrame((position(5),), T0))
    assert desk.sizes() == {XBT: dec(5)}
    desk.hear(PositionsFrame((), T0 + 1))
    assert desk.sizes() == {}
    desk.positions_answer(desk.ask(), T0 + 5_000, position(-2, symbol=ETH))
    assert desk.sizes() == {ETH: dec(-2)}
    assert desk.ledger.differences()[0].topic == f"position {ETH}"


def test_r12_a_balances_gap_asks_for_everything_and_rest_fills_it(desk: Desk) -> None:
    desk.hear(AccountFrame(T0, snapshot=True, flex=(pool(equity=1000),)))
    desk.hear(FeedGap("balances", None, 4, 6))
    assert desk.ledger.wishes.take().refresh
    desk.account_answer(desk.ask(), Account(T0 + 5_000, (pool(equity=900),)))
    account = desk.ledger.account.view()
    assert account is not None
    assert account.pools[0].equity == 900


@pytest.mark.parametrize("fill_first", [True, False])
def test_r13_an_edit_that_races_a_fill(desk: Desk, fill_first: bool) -> None:
    """Size 10 becomes 20 and executes 5 at once: frames of the two feeds come in either order."""
    frames = [
        filled(fill(size=5, left=15, at=T0 + 2)),
        updated(order(remaining=15, filled=5, price=105, at=T0 + 2), "edited_by_user"),
    ]
    desk.hear(updated(order()), *(frames if fill_first else reversed(frames)))
    assert desk.working() == {"o1": (dec(15), dec(5))}
    assert desk.ledger.orders.working()[0].limit_price == 105


def test_r14_a_triggered_stop_is_told_as_triggered_and_its_child_works(desk: Desk) -> None:
    stop = order("s1", type=OrderType.STOP, stop="90", client="c1")
    desk.hear(updated(stop), removed("s1", CloseReason.TRIGGERED, client="c1"))
    assert desk.closed() == {"s1": "triggered"}
    desk.hear(updated(order("o2", client="c1", at=T0 + 5), "limit_order_from_stop"))
    assert set(desk.working()) == {"o2"}
    child = desk.ledger.orders.by_client("c1")
    assert child is not None
    assert child.order.order_id == "o2"


def test_r14_a_child_that_keeps_the_stops_id_works_too(desk: Desk) -> None:
    stop = order("s1", type=OrderType.STOP, stop="90")
    desk.hear(updated(stop), removed("s1", CloseReason.TRIGGERED))
    desk.hear(updated(order("s1", at=T0 + 5), "limit_order_from_stop"))
    assert set(desk.working()) == {"s1"}
    assert desk.ledger.orders.working()[0].type is OrderType.LIMIT
    desk.hear(removed("s1"))
    desk.hear(updated(order("s1", at=T0 + 6)))
    assert desk.working() == {}


def test_r15_a_removal_of_an_order_never_seen_is_remembered(desk: Desk) -> None:
    desk.hear(removed("ghost"))
    desk.orders_answer(desk.ask(), order("ghost"))
    desk.hear(updated(order("ghost")))
    assert desk.working() == {}
    duties = desk.ledger.wishes.take()
    assert "ghost" in duties.ask
    assert duties.fills


def test_r16_an_empty_snapshot_after_a_venue_restart_closes_softly_and_is_undone(desk: Desk) -> None:
    desk.hear(updated(order()))
    desk.connect(epoch=2)
    desk.hear(OrdersSnapshot(()))
    assert desk.working() == {}
    assert desk.closed() == {"o1": "unknown"}
    assert desk.ledger.wishes.take().ask == ("o1",)
    desk.orders_answer(desk.ask(), order())
    assert set(desk.working()) == {"o1"}
    assert desk.closed() == {}


def test_one_absence_closes_nothing_and_two_close_softly(desk: Desk) -> None:
    desk.hear(updated(order()))
    desk.orders_answer(desk.ask())
    assert set(desk.working()) == {"o1"}
    duties = desk.ledger.wishes.take()
    assert duties.ask == ("o1",)
    assert duties.refresh
    desk.orders_answer(desk.ask())
    assert desk.closed() == {"o1": "unknown"}
    desk.hear(updated(order(at=T0 + 5)))
    assert set(desk.working()) == {"o1"}


def test_a_vanished_order_whose_fills_add_up_was_filled(desk: Desk) -> None:
    desk.hear(updated(order()))
    desk.connect(epoch=2)
    desk.hear(OrdersSnapshot(()))
    desk.fills_answer(fill("f1", 4), fill("f2", 6))
    assert desk.closed() == {"o1": "filled"}


def test_the_venues_word_about_a_vanished_order_is_final(desk: Desk) -> None:
    desk.hear(updated(order()))
    desk.orders_answer(desk.ask())
    sent = desk.ask()
    desk.status_answer(sent, ended(order(remaining=6, filled=4, at=T0 + 1), CloseReason.DEAD_MAN_SWITCH))
    assert desk.closed() == {"o1": "dead_man_switch"}
    assert desk.ledger.orders.closed()[0].filled == 4
    desk.orders_answer(desk.ask(), order())
    assert desk.working() == {}


def test_a_status_that_says_open_ends_the_suspicion(desk: Desk) -> None:
    desk.hear(updated(order()))
    desk.orders_answer(desk.ask())
    desk.status_answer(desk.ask(), OrderStatusReport(order(), OrderState.OPEN))
    desk.orders_answer(desk.ask())
    assert set(desk.working()) == {"o1"}


def test_a_missing_fill_is_asked_for_when_rest_knows_more(desk: Desk) -> None:
    desk.hear(updated(order()))
    desk.orders_answer(desk.ask(), order(remaining=7, filled=3, at=T0 + 1))
    assert desk.working() == {"o1": (dec(7), dec(3))}
    desk.wait(2_100)
    assert desk.ledger.wishes.take().fills


def test_a_position_that_moves_without_a_fill_asks_for_the_fill(desk: Desk) -> None:
    desk.hear(PositionsFrame((position(5),), T0), PositionsFrame((position(3),), T0 + 50))
    desk.wait(2_100)
    assert desk.ledger.wishes.take().fills
    assert "-2" in desk.ledger.differences()[0].venue


def test_a_position_that_moves_before_its_fill_arrives_is_no_difference(desk: Desk) -> None:
    desk.hear(PositionsFrame((position(5),), T0), PositionsFrame((position(8),), T0 + 50))
    desk.hear(filled(fill(size=3, at=T0 + 40)))
    desk.wait(2_100)
    assert desk.ledger.differences() == ()
    assert desk.sizes() == {XBT: dec(8)}


def test_a_removal_by_id_alone_after_partial_fills_keeps_what_was_filled(desk: Desk) -> None:
    desk.hear(updated(order()), filled(fill(size=4, left=6)), removed())
    (gone,) = desk.ledger.orders.closed()
    assert (gone.filled, gone.remaining, gone.close_reason) == (dec(4), dec(6), CloseReason.CANCELLED)


def test_fills_carry_the_truth_over_a_cancel(desk: Desk) -> None:
    desk.hear(updated(order()), removed(), filled(fill(size=10, left=0)))
    assert desk.closed() == {"o1": "filled"}


def test_an_account_answer_older_than_the_frame_or_a_fill_is_dropped(desk: Desk) -> None:
    desk.hear(AccountFrame(T0 + 10_000, snapshot=True, flex=(pool(equity=1000),)))
    desk.account_answer(desk.ask(), Account(T0 + 10_500, (pool(equity=900),)))
    sent = desk.ask()
    desk.hear(filled(fill()))
    desk.account_answer(sent, Account(T0 + 60_000, (pool(equity=800),)))
    account = desk.ledger.account.view()
    assert account is not None
    assert account.pools[0].equity == 1000


def test_old_fills_of_unknown_orders_open_nothing(desk: Desk) -> None:
    desk.hear(filled(fill("f1", 1, order_id="long-gone", left=5), snapshot=True))
    assert desk.working() == {}
    assert desk.closed() == {}
    desk.hear(updated(order("long-gone", 5, filled=1)))
    assert desk.working() == {"long-gone": (dec(5), dec(1))}


def test_a_row_asked_before_the_snapshot_does_not_undo_a_soft_close(desk: Desk) -> None:
    desk.hear(updated(order()))
    sent = desk.ask()
    desk.connect(epoch=2)
    desk.hear(OrdersSnapshot(()))
    desk.orders_answer(sent, order(), order("never-seen"))
    assert desk.working() == {}


def test_an_order_placed_since_the_connection_opened_may_be_younger_than_the_snapshot(desk: Desk) -> None:
    desk.connect(epoch=2)
    asked = request("c1", 10)
    desk.ledger.orders.submit(asked, desk.ask(), desk.now)
    answers.submitted(desk.ledger, asked, Accepted("placed", "o1", "c1", resting=True), desk.ask(), desk.now)
    desk.hear(OrdersSnapshot(()))
    assert set(desk.working()) == {"o1"}


def test_a_row_that_knows_less_filled_is_older_in_everything(desk: Desk) -> None:
    desk.hear(updated(order(remaining=6, filled=4, price=105, at=T0)))
    desk.orders_answer(desk.ask(), order(remaining=10, filled=0, price=100, at=T0))
    assert desk.working() == {"o1": (dec(6), dec(4))}
    assert desk.ledger.orders.working()[0].limit_price == 105


def test_a_repeated_older_frame_changes_nothing_back(desk: Desk) -> None:
    desk.hear(updated(order(price=105, at=T0 + 5)), updated(order(price=100, at=T0)))
    assert desk.ledger.orders.working()[0].limit_price == 105


def test_an_older_position_frame_of_the_same_connection_is_dropped(desk: Desk) -> None:
    desk.hear(PositionsFrame((position(8),), T0 + 10), PositionsFrame((position(4),), T0 + 9))
    assert desk.sizes() == {XBT: dec(8)}
    desk.connect(epoch=2)
    desk.hear(PositionsFrame((position(4),), T0 + 9))
    assert desk.sizes() == {XBT: dec(4)}


def test_a_gap_in_fills_is_wished_to_be_closed_from_the_last_one_the_stream_brought(desk: Desk) -> None:
    desk.fills_answer()
    desk.hear(filled(fill("f1", at=T0 + 1)))
    desk.connect(epoch=2)
    desk.hear(filled(fill("f9", at=T0 + 9), snapshot=True))
    assert desk.ledger.wishes.take().backfill_since_ms == T0 + 1
    desk.connect(epoch=3)
    desk.hear(filled(fill("f9", at=T0 + 9), snapshot=True))
    assert desk.ledger.wishes.take().backfill_since_ms is None


def test_fills_missed_while_away_are_news_and_the_past_is_not(desk: Desk) -> None:
    desk.hear(filled(fill("f1", at=T0 + 1), snapshot=True))
    desk.fills_answer(fill("f1", at=T0 + 1))
    assert desk.ledger.alarms.view() == ()
    desk.connect(epoch=2)
    desk.hear(filled(fill("f1", at=T0 + 1), fill("f2", at=T0 + 2), snapshot=True))
    assert [alarm.kind for alarm in desk.ledger.alarms.view()] == ["fill"]


def test_an_exchange_that_lost_its_last_moment_is_believed(desk: Desk) -> None:
    """Killed and started again, it may have forgotten a cancel, an edit or a fill; its own word rules from then on."""
    desk.hear(updated(order("o1")), removed("o1"))
    desk.hear(updated(order("o2", price=105, at=T0 + 9)))
    desk.hear(updated(order("o3", 6, filled=4, at=T0 + 9)), filled(fill("f1", 4, order_id="o3", left=6)))
    desk.connect(epoch=2)
    desk.hear(OrdersSnapshot((order("o1"), order("o2", price=100), order("o3"))))
    assert desk.working() == {name: (dec(10), dec(0)) for name in ("o1", "o2", "o3")}
    assert {row.limit_price for row in desk.ledger.orders.working()} == {dec(100)}
    assert len(desk.ledger.differences()) == 3
    desk.orders_answer(desk.ask(), order("o1"), order("o2", price=100), order("o3"))
    assert set(desk.working()) == {"o1", "o2", "o3"}


def test_what_was_heard_on_this_connection_is_not_undone_by_its_snapshot(desk: Desk) -> None:
    desk.hear(updated(order("o1")))
    desk.connect(epoch=2)
    desk.hear(removed("o1"), OrdersSnapshot((order("o1"),)))
    assert desk.working() == {}
