"""The dial: what it may hold, and what it says when it may not."""

import json
from pathlib import Path

import pytest

from tui.exchange import faults
from tui.exchange.faults import ClockSkew, Dial, DialError, LateAnswer, SkipFrame
from tui.wire.derivatives import routes


def dial(*rows: dict[str, object]) -> Dial:
    return faults.of_data({"faults": list(rows)})


def test_a_dial_is_read_from_json_and_toml(tmp_path: Path) -> None:
    as_json, as_toml = tmp_path / "bad.json", tmp_path / "bad.toml"
    as_json.write_text('{"seed": 3, "faults": [{"kind": "late_answer", "on": "sendorder", "ms": 800, "for_s": 5}]}')
    as_toml.write_text('seed = 3\n[[faults]]\nkind = "late_answer"\non = "sendorder"\nms = 800\nfor_s = 5\n')
    read = faults.read(as_json)
    assert read == faults.read(as_toml)
    assert read == Dial(seed=3, faults=(LateAnswer(on="sendorder", ms=800, for_s=5),))


def test_what_it_tells_of_itself_it_reads_back() -> None:
    given = dial({"kind": "clock_skew", "ms": -5}, {"kind": "skip_frame", "on": "private", "times": 2})
    assert given.faults == (ClockSkew(ms=-5), SkipFrame(on="private", times=2))
    assert faults.of_json(json.dumps(faults.plain(given)).encode()) == given


def test_no_fault_is_an_empty_dial() -> None:
    assert not faults.of_json(b"{}")
    assert dial({"kind": "cut"})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"fault": []}, "there is no field `fault`"),
        ({"faults": [{"kind": "late"}]}, "'late' - at `faults[0].kind`; known are late_request, late_answer"),
        ({"faults": [{"kind": "late_answer", "wait": 1}]}, "there is no field `wait` - at `faults[0]`"),
        ({"faults": [{"kind": "late_answer", "ms": -1}]}, "Expected `float` >= 0.0 - at `faults[0].ms`"),
        ({"faults": [{"kind": "cut", "probability": 1.5}]}, "<= 1.0 - at `faults[0].probability`"),
        (
            {"faults": [{"kind": "lost_answer", "on": "sendordr"}]},
            "faults[0].on: 'sendordr' is not known; did you mean",
        ),
        ({"faults": [{"kind": "lost_answer", "on": "book"}]}, "faults[0].on: 'book' is not known"),
        ({"faults": [{"kind": "skip_frame", "on": "sendorder"}]}, "faults[0].on: 'sendorder' is not known"),
        ({"faults": [{"kind": "cut", "every_s": 5}]}, "faults[0]: every_s needs for_s"),
        ({"faults": [{"kind": "maintenance", "post_only_s": 5}]}, "faults[0]: post_only_s needs for_s"),
        ([], "Expected `object`, got `array`"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data: object, words: str) -> None:
    with pytest.raises(DialError) as caught:
        faults.of_data(data)
    assert words in str(caught.value)


def test_files_that_are_no_dial(tmp_path: Path) -> None:
    for name, words in (("a.json", "not JSON"), ("a.toml", "not TOML")):
        (tmp_path / name).write_text("{oops")
        with pytest.raises(DialError, match=words):
            faults.read(tmp_path / name)


def test_calls_have_short_names() -> None:
    paths = (routes.SEND_ORDER, routes.ORDERS_STATUS, routes.TICKER, routes.HISTORY_EXECUTIONS, routes.CHART_CANDLES)
    assert [faults.call_name(route.path) for route in paths] == [
        "sendorder",
        "orders/status",
        "tickers",
        "history/executions",
        "charts",
    ]


def test_every_kind_explains_itself() -> None:
    told = faults.kinds()
    assert set(told) >= {"late_answer", "lost_answer", "skip_frame", "half_open", "clock_skew", "crash"}
    assert all(len(words) > 10 for words in told.values())
