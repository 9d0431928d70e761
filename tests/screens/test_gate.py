from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.screens.fake_desk import LOST, REFUSED, SENT
from tui.screens.gate import Gate, GateState

STEPS = st.lists(st.sampled_from(["enter", "change", "accepted", "refused", "unknown"]), max_size=30)
ANSWERS = {"accepted": SENT, "refused": REFUSED, "unknown": LOST}


@given(STEPS)
def test_between_two_sends_there_is_always_a_refusal_and_then_a_change(steps: list[str]) -> None:
    gate, since_send = Gate(), ["change"]
    first = True
    for step in steps:
        if step == "enter" and gate.is_open:
            assert first or "refused" in since_send[: _last(since_send, "change")]
            gate.sent()
            first, since_send = False, []
        elif step == "change":
            gate.changed()
            since_send.append(step)
        elif step in ANSWERS and gate.state is GateState.IN_FLIGHT:
            gate.answered(ANSWERS[step])
            since_send.append(step)


def _last(steps: list[str], step: str) -> int:
    return len(steps) - steps[::-1].index(step) if step in steps else 0


def test_an_unknown_outcome_never_opens_the_gate_again() -> None:
    gate = Gate()
    gate.sent()
    gate.answered(LOST)
    gate.changed()
    assert not gate.is_open
