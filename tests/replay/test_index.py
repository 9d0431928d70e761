from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.derivatives import wires
from tests.replay.tapes import T0, Tape
from tui.replay.index import Index, key_of

READ = ("GET", "/derivatives/api/v3/openorders", "", None)


def index(tape: Tape, tmp_path: Path) -> Index:
    return Index(tape.write(tmp_path / "a"))


def claimed(found: Index, at_ms: int) -> int | None:
    exchange = found.claim(key_of(*READ), T0 + at_ms)
    return None if exchange is None else exchange.asked_ms - T0


def test_each_request_is_handed_out_once_and_in_order(tmp_path: Path) -> None:
    tape = Tape()
    for at_ms in (100, 200, 300):
        tape.call(at_ms, "openorders")
    found = index(tape, tmp_path)
    assert [claimed(found, 50) for _ in range(4)] == [100, 200, 300, None]


@pytest.mark.parametrize(
    ("said", "asked_at_ms", "got"),
    [
        (wires.TICKER, 1_300, 1_000),  # the market is not the account
        (wires.FILL, 1_300, 5_000),
        (wires.FILL, 1_100, 1_000),
        (wires.TICKER, 3_001, 5_000),  # too long ago
        (wires.TICKER, 5_001, 5_000),
        (wires.TICKER, 8_000, None),
        (wires.FILL, -4_100, None),  # that one is another question
    ],
)
def test_an_answer_that_was_asked_for_earlier_counts_only_while_nothing_private_was_said(
    tmp_path: Path, said: str, asked_at_ms: int, got: int | None
) -> None:
    tape = Tape()
    for at_ms in (1_000, 5_000):
        tape.call(at_ms, "openorders")
    tape.frame(1_200, said)
    assert claimed(index(tape, tmp_path), asked_at_ms) == got


def test_acts_are_known_by_their_order_and_questions_by_what_they_name() -> None:
    def key(form: str, path: str = "/sendorder") -> object:
        return key_of("POST", path, "", form)

    assert key("cliOrdId=a&size=1&processBefore=x") == key("size=2&cliOrdId=a")
    assert key("cliOrdId=a") != key("cliOrdId=b")
    assert key("orderIds=a&orderIds=b") == key("orderIds=c")
    assert key("orderIds=a") != key("cliOrdIds=a")
    assert key_of("GET", "/fills", "", None) != key_of("GET", "/fills", "lastFillTime=x", None)
    assert key_of("GET", "/c", "from=1", None) == key_of("GET", "/c", "from=2", None)


def test_it_knows_the_bounds_the_end_and_the_ids_of_orders_to_come(tmp_path: Path) -> None:
    tape = Tape()
    for at_ms, identity in ((100, "a"), (900, "b")):
        tape.call(at_ms, "sendorder", "{}", form=f"cliOrdId={identity}&size=1")
    tape.frame(2_000, wires.HEARTBEAT)
    found = Index(tape.write(tmp_path / "a", "full"))
    assert (found.first_ms, found.last_ms, found.length_ms, found.ending) == (T0, T0 + 2_000, 2_000, "full")
    assert [found.next_client_order_id(T0 + at_ms) for at_ms in (0, 100, 101, 901)] == ["a", "a", "b", None]
