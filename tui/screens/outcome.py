"""What became of an act, in words for the screen.

Invariant: the three answers never read alike. ``Unknown`` says UNRESOLVED and never "failed"; a refusal names who
refused and what to do next.
"""

from __future__ import annotations

from tui.model.decimals import plain
from tui.model.order import Accepted, CancelAllResult, Outcome, Refused, Unknown
from tui.screens.stage import Severity
from tui.widgets.format import printable


def outcome_words(what: str, outcome: Outcome | CancelAllResult | None) -> tuple[str, Severity]:
    """``what`` is the act in one line. None is the plain "done" of acts that report nothing more."""
    if isinstance(outcome, Refused):
        return f"{what}: {refusal_words(outcome)}", "error"
    if isinstance(outcome, Unknown):
        return (
            f"UNRESOLVED {what}: {_sentence(outcome.explanation)} The desk is asking; do not send it again.",
            "warning",
        )
    if isinstance(outcome, CancelAllResult):
        count = len(outcome.order_ids)
        return f"{what}: {count} order{'' if count == 1 else 's'} cancelled", "information"
    if isinstance(outcome, Accepted):
        return f"{what}: {_accepted(outcome)}", "information"
    return f"{what}: done", "information"


def refusal_words(refused: Refused) -> str:
    """``refused by the desk. Why. What next.``; the venue's text is made printable."""
    who = "refused by this desk" if refused.by_desk else "refused"
    parts = [f"{who}.", _sentence(refused.explanation), _sentence(refused.advice)]
    return " ".join(part for part in parts if part)


def _accepted(accepted: Accepted) -> str:
    if accepted.filled > 0:
        return f"filled {plain(accepted.filled)}{', the rest works' if accepted.resting else ''}"
    return "working" if accepted.resting else printable(accepted.status)


def _sentence(text: str) -> str:
    text = printable(text).strip()
    return text if not text or text[-1] in ".!?" else f"{text}."
