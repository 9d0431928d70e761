"""How doubts end when the venue's clock is not ours."""

from __future__ import annotations

import pytest

from tests.service.build import T0, XBT, order
from tests.service.desk import Desk
from tui.journal.records import CancelAllRequest, Intent, Kind, Verdict
from tui.service import answers

HOUR_MS = 3_600_000
ACT = Intent(1, T0, Kind.CANCEL_ALL, XBT, "CANCEL ALL PF_XBTUSD", CancelAllRequest(XBT))


@pytest.mark.parametrize("skew_ms", [0, HOUR_MS, -HOUR_MS])
def test_a_cancel_all_is_done_when_nothing_of_before_works_by_the_venues_own_clock(skew_ms: int) -> None:
    desk = Desk()
    desk.ledger.clock.told(T0 + skew_ms, T0, T0)
    desk.connect()
    old, new = order("old", created=T0 + skew_ms - 5), order("new", created=T0 + skew_ms + 2_000)
    desk.orders_answer(desk.ask(), old, new)
    answers.doubt(desk.ledger, ACT, T0)
    desk.ledger.judge(T0, T0 + skew_ms + 3_000)
    assert desk.ledger.doubts, "an order of before still works"
    desk.orders_answer(desk.ask(), new)
    desk.orders_answer(desk.ask(), new)
    desk.ledger.judge(T0, T0 + skew_ms + 3_000)
    (settled,) = desk.ledger.settled
    assert (settled.verdict, settled.text) == (Verdict.ACCEPTED, "nothing works any more")
