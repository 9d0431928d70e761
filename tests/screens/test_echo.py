from __future__ import annotations

from tui.model.state import Alarm, AlarmKind
from tui.screens.echo import ECHO_MS, STORM_MS, Echoes

REFUSED = Alarm(1, 0, AlarmKind.REFUSED, "Not enough margin. Make the order smaller", "warning")
LOST = Alarm(2, 0, AlarmKind.UNRESOLVED, "No answer: BUY 0.1 PF_XBTUSD. Asking what became of it", "error")
FILL = Alarm(3, 0, AlarmKind.FILL, "Bought 0.1 PF_XBTUSD @ 87,959")


def test_the_answer_of_an_act_silences_its_alarm_whichever_comes_first() -> None:
    echoes = Echoes()
    echoes.begin()
    assert not echoes.admits(REFUSED, 0)
    echoes.shown("BUY: refused. Not enough margin. Make the order smaller.", 10)
    assert not echoes.admits(REFUSED, 20)
    assert echoes.end(20) == []
    assert not echoes.admits(REFUSED, 30)


def test_an_unknown_outcome_is_matched_by_its_order() -> None:
    echoes = Echoes()
    echoes.shown("UNRESOLVED BUY 0.1 PF_XBTUSD: No answer in 5 s.", 0)
    assert not echoes.admits(LOST, 1)


def test_an_alarm_nobody_answered_for_is_said_when_the_acts_are_over() -> None:
    echoes = Echoes()
    echoes.begin()
    echoes.begin()
    assert not echoes.admits(LOST, 0)
    assert echoes.end(1) == []
    assert echoes.end(2) == [LOST]


def test_without_an_act_and_after_a_while_everything_is_said() -> None:
    echoes = Echoes()
    assert echoes.admits(LOST, 0)
    echoes.shown("refused. Not enough margin.", 0)
    assert echoes.admits(REFUSED, ECHO_MS + 1)


def test_a_storm_of_failed_questions_is_told_once_but_the_lost_link_always() -> None:
    echoes = Echoes()
    failed = Alarm(4, 0, AlarmKind.LINK, "Asking fills failed: no route", "warning")
    lost = Alarm(5, 0, AlarmKind.LINK, "The stream is down", "error")
    assert [echoes.admits(alarm, 10) for alarm in (lost, failed, failed, lost)] == [True, True, False, True]
    assert echoes.admits(failed, 10 + STORM_MS + 1)


def test_fills_and_the_rest_never_wait() -> None:
    echoes = Echoes()
    echoes.begin()
    assert echoes.admits(FILL, 0)
