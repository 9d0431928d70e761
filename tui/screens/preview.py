"""The ticket's table of consequences: now, after, and where each figure comes from and how old it is.

Invariant: where the screen is too low, whole rows go, the least important first; no figure is ever cut.
"""

from __future__ import annotations

from textual.content import Content

from tui.model.draft import Assessment, Preview
from tui.model.instrument import Instrument
from tui.model.state import Slice
from tui.model.view import View
from tui.screens.consequences import execution_words, fee_words, impact_rows, money_places, note_lines
from tui.widgets.format import Format, printable
from tui.widgets.freshness import freshness

_LABEL, _FIGURE, _SOURCE = 13, 20, 21
_KEEP_ORDER = ("position", "liq price", "margin level", "available", "IM / MM", "avg entry", "leverage")


def preview_body(view: View, symbol: str, assessment: Assessment, lines: int, fmt: Format) -> Content:
    """At most ``lines`` rows: notes first, then the table by importance, then execution, fee, PnL and funding."""
    notes = list(note_lines((), assessment.warnings, assessment.doubts))
    preview = assessment.preview
    if preview is None:
        return Content("\n").join([Content.styled("Consequences appear when the order can be read.", "$dim"), *notes])
    instrument = view.state.instruments.get(symbol)
    words = _words(preview, instrument, fmt)
    room = max(2, lines - len(notes) - 1)
    keep = frozenset(_KEEP_ORDER[: min(room, max(4, room - len(words)))])
    words = words[: max(0, room - len(keep))]
    return Content("\n").join([*_table(view, preview, instrument, keep, fmt), *words, *notes])


def _table(
    view: View, preview: Preview, instrument: Instrument | None, keep: frozenset[str], fmt: Format
) -> list[Content]:
    sources = _sources(view)
    rows = [Content.styled(f"{'':<{_LABEL}}{'now':<{_FIGURE}}{'after':<{_FIGURE}}source", "$dim")]
    for label, (before, after) in impact_rows(preview, instrument, fmt):
        if label in keep:
            same = before == after
            rows.append(
                Content.assemble(
                    (f"{label:<{_LABEL}}", "$dim"),
                    f"{before:<{_FIGURE}}",
                    (f"{after:<{_FIGURE}}", "$dim" if same else "bold"),
                    (sources.get(label, ""), "$dim"),
                )
            )
    return rows


def _sources(view: View) -> dict[str, str]:
    def aged(part: Slice) -> str:
        text = freshness(view.state, view.now_ms, part).text
        return text if len(text) <= _SOURCE else text.partition(" · ")[0]

    margin = aged(Slice.MARGIN)
    return {
        "position": aged(Slice.POSITIONS),
        "available": margin,
        "margin level": margin,
        "liq price": "estimate, below",
    }


def _words(preview: Preview, instrument: Instrument | None, fmt: Format) -> list[Content]:
    worth = f"= {fmt.number(preview.size_usd, 2)} USD, {preview.effect}"
    execution = execution_words(preview, instrument, fmt)
    texts = [f"{worth} · {execution}" if execution else worth, fee_words(preview, fmt)]
    money = money_places(preview.currency)
    tail = []
    if preview.realised_pnl is not None:
        tail.append(f"realises {fmt.signed(preview.realised_pnl, money)} {preview.currency}")
    if preview.funding_per_hour is not None:
        tail.append(f"funding {fmt.signed(preview.funding_per_hour, money)} {preview.currency} per hour after")
    lines = [Content(text) for text in (*texts, " · ".join(tail)) if text]
    grounds = (f"margin: {preview.tier}" if preview.tier else "", f"liq price: {preview.assumption}")
    return [*lines, *(Content.styled(printable(text), "$dim") for text in grounds if text)]
