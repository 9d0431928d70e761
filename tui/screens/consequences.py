"""What an order would do, in the few lines of a strip and in the table of the ticket.

Invariant: only what the assessment says is shown; a figure that nobody knows is ``-``, and what is an estimate is
called one.
"""

from __future__ import annotations

from textual.content import Content

from tui.model.draft import Assessment, FieldError, Impact, Preview
from tui.model.instrument import Instrument
from tui.widgets.format import NONE, PLAIN, Format, printable

ARROW = " → "
_DOLLARS = frozenset({"USD", "USDT", "USDC", "EUR", "GBP"})


def money_places(currency: str) -> int:
    """Cents for dollars and the like, six places for coins."""
    return 2 if currency.upper() in _DOLLARS else 6


def note_lines(
    errors: tuple[FieldError, ...], warnings: tuple[str, ...], doubts: tuple[str, ...]
) -> tuple[Content, ...]:
    """Errors first, then doubts, then warnings: each is a sentence with its weight as a word."""
    lines = [_note("cannot be sent", error.message, "$down bold") for error in errors]
    lines += [_note("doubt", doubt, "$warn bold") for doubt in doubts]
    lines += [_note("note", warning, "$warn") for warning in warnings]
    return tuple(lines)


def strip_lines(assessment: Assessment, instrument: Instrument | None, fmt: Format = PLAIN) -> tuple[Content, ...]:
    """Worth and execution, then account before and after, then errors, doubts and warnings."""
    notes = note_lines(assessment.errors, assessment.warnings, assessment.doubts)
    preview = assessment.preview
    if preview is None:
        return notes
    worth = [f"= {fmt.number(preview.size_usd, 2)} USD", preview.effect, execution_words(preview, instrument, fmt)]
    worth.append(fee_words(preview, fmt))
    rows = dict(impact_rows(preview, instrument, fmt))
    changes = [f"{name} {rows[name][0]}{ARROW}{rows[name][1]}" for name in ("position", "margin level", "liq price")]
    changes.append(f"available {rows['available'][0]}{ARROW}{rows['available'][1]} {preview.currency}")
    if preview.realised_pnl is not None:
        changes.append(
            f"realises {fmt.signed(preview.realised_pnl, money_places(preview.currency))} {preview.currency}"
        )
    return (Content(" · ".join(part for part in worth if part)), Content(" · ".join(changes)), *notes)


def execution_words(preview: Preview, instrument: Instrument | None, fmt: Format = PLAIN) -> str:
    """What the book gives now, ``fills 0.1000 at 87,961.2 average, 87,962 worst``, or the queue before it."""
    sweep = preview.execution
    price, size = _places(instrument)
    if not sweep.filled:
        return f"behind {fmt.number(preview.queue_ahead, size)} at its price" if preview.queue_ahead else ""
    text = f"fills {fmt.number(sweep.filled, size)} at {fmt.number(sweep.average, price + 1)} average"
    text += f", {fmt.number(sweep.worst, price)} worst"
    if preview.slippage_bps is not None:
        text += f" ({fmt.signed(preview.slippage_bps, 1)} bp against mid)"
    if preview.protective_limit is not None:
        text += f", never beyond {fmt.number(preview.protective_limit, price)}"
    return text


def fee_words(preview: Preview, fmt: Format = PLAIN) -> str:
    places = money_places(preview.fee_currency)
    fees = (("maker", preview.fee_maker), ("taker", preview.fee_taker))
    known = [f"{name} {fmt.number(fee, places)}" for name, fee in fees if fee is not None]
    return f"fee {' / '.join(known) or NONE} {preview.fee_currency}, {printable(preview.fee_source)}"


def impact_rows(
    preview: Preview, instrument: Instrument | None, fmt: Format = PLAIN
) -> tuple[tuple[str, tuple[str, str]], ...]:
    """``(label, (before, after))`` for every figure that the order changes, in the order of the ticket."""
    before, after = (_impact_texts(side, preview, instrument, fmt) for side in (preview.before, preview.after))
    return tuple((label, (before[label], after[label])) for label in before)


def _impact_texts(impact: Impact, preview: Preview, instrument: Instrument | None, fmt: Format) -> dict[str, str]:
    price, size = _places(instrument)
    money = money_places(preview.currency)
    margins = f"{fmt.number(impact.initial_margin, money)} / {fmt.number(impact.maintenance_margin, money)}"
    return {
        "position": fmt.signed(impact.position, size),
        "avg entry": fmt.number(impact.entry_price, price + 1),
        "IM / MM": margins,
        "available": fmt.number(impact.available, money),
        "margin level": "no position" if impact.level_pct is None else fmt.percent(impact.level_pct, 0),
        "liq price": liquidation_words(impact, price, fmt),
        "leverage": NONE if impact.effective_leverage is None else f"{fmt.number(impact.effective_leverage, 2)} x",
    }


def liquidation_words(impact: Impact, places: int, fmt: Format) -> str:
    if impact.liquidation_price is None:
        return "none"
    text = fmt.number(impact.liquidation_price, places)
    distance = impact.liquidation_distance_pct
    return text if distance is None else f"{text} ({fmt.signed_percent(distance)})"


def _places(instrument: Instrument | None) -> tuple[int, int]:
    """Places of price and size; without the contract's rules, enough for any contract."""
    return (instrument.price_places, instrument.size_places) if instrument else (2, 4)


def _note(weight: str, text: str, style: str) -> Content:
    return Content.assemble((f"{weight}: ", style), printable(text))
