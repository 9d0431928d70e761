from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.scenes import RICH
from tests.scenes_modals import SETTLED, JudgingDesk
from tui.model.draft import OrderDraft, Preview
from tui.model.enums import OrderType, Side
from tui.model.order import Accepted, CancelAllResult, Refused, Unknown
from tui.screens.consequences import execution_words, fee_words, impact_rows, money_places, note_lines, strip_lines
from tui.screens.outcome import outcome_words
from tui.screens.preview import preview_body
from tui.widgets.format import PLAIN

XBT = SETTLED.instruments["PF_XBTUSD"]


def preview_of(draft: OrderDraft) -> Preview:
    preview = JudgingDesk(SETTLED).assess(draft).preview
    assert preview is not None
    return preview


RESTS = OrderDraft("PF_XBTUSD", Side.BUY, size="0.1", limit_price="87959")
TAKES = OrderDraft("PF_XBTUSD", Side.BUY, OrderType.MARKET, size="2")


def test_what_rests_tells_its_queue_and_what_takes_its_sweep() -> None:
    assert execution_words(preview_of(RESTS), XBT) == "behind 0.5026 at its price"
    words = execution_words(preview_of(TAKES), XBT)
    assert words.startswith("fills 2.0000 at 87,960.3 average, 87,961 worst")
    assert "never beyond" in words


def test_a_fee_nobody_can_pay_is_not_shown() -> None:
    assert fee_words(preview_of(TAKES)).startswith("fee taker 87.96 USD")
    assert fee_words(preview_of(RESTS)).startswith("fee maker 1.76 / taker 4.40 USD")


def test_before_and_after_stand_in_the_same_rows() -> None:
    rows = dict(impact_rows(preview_of(RESTS), XBT))
    assert rows["position"] == ("+0.7500", "+0.8500")
    assert rows["avg entry"][0] == "84,400.0"


def test_what_is_unknown_is_never_a_zero() -> None:
    preview = preview_of(RESTS)
    blank = replace(preview.after, available=None, liquidation_price=None, level_pct=None, effective_leverage=None)
    rows = dict(impact_rows(replace(preview, after=blank), XBT))
    assert [rows[name][1] for name in ("available", "liq price", "margin level", "leverage")] == [
        "-",
        "none",
        "no position",
        "-",
    ]


@pytest.mark.parametrize("lines", range(4, 30))
def test_a_low_screen_drops_rows_and_keeps_the_position(lines: int) -> None:
    view = replace(RICH, state=SETTLED)
    body = preview_body(view, "PF_XBTUSD", JudgingDesk(SETTLED).assess(RESTS), lines, PLAIN).plain.splitlines()
    assert len(body) <= lines
    assert body[1].startswith("position")


def test_doubts_and_warnings_carry_their_weight_as_a_word() -> None:
    lines = [line.plain for line in note_lines((), ("low margin",), ("stale \x1b[2J data",))]
    assert lines == ["doubt: stale  [2J data", "note: low margin"]


def test_an_order_that_cannot_be_judged_shows_its_errors_only() -> None:
    assessment = JudgingDesk(SETTLED).assess(replace(RESTS, size="much"))
    assert [line.plain for line in strip_lines(assessment, XBT)] == ["cannot be sent: much is not a number"]


@pytest.mark.parametrize(("currency", "places"), [("USD", 2), ("usd", 2), ("BTC", 6)])
def test_coins_get_more_places_than_dollars(currency: str, places: int) -> None:
    assert money_places(currency) == places


@pytest.mark.parametrize(
    ("outcome", "words", "severity"),
    [
        (Accepted("placed", "1", None, resting=True), "BUY: working", "information"),
        (Accepted("placed", "1", None, filled=Decimal("0.10")), "BUY: filled 0.1", "information"),
        (
            Accepted("placed", "1", None, filled=Decimal(1), resting=True),
            "BUY: filled 1, the rest works",
            "information",
        ),
        (Accepted("strange", "1", None), "BUY: strange", "information"),
        (Refused("no", "Too big", "Make it smaller"), "BUY: refused. Too big. Make it smaller.", "error"),
        (Refused("no", "Too big", by_desk=True), "BUY: refused by this desk. Too big.", "error"),
        (
            Unknown("No answer"),
            "UNRESOLVED BUY: No answer. The desk is asking; do not send it again.",
            "warning",
        ),
        (CancelAllResult("cancelled", ("a",)), "BUY: 1 order cancelled", "information"),
        (CancelAllResult("noOrdersToCancel"), "BUY: 0 orders cancelled", "information"),
        (None, "BUY: done", "information"),
    ],
)
def test_the_three_answers_never_read_alike(outcome: Accepted | None, words: str, severity: str) -> None:
    assert outcome_words("BUY", outcome) == (words, severity)
