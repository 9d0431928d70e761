"""The leverage preference of one contract: cross, or isolated at a cap, with what it does to margin and liquidation.

Invariant: nothing is set that was not painted with its effect (or with the words that nobody knows it).
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.content import Content

from tui.model.decimals import parse_decimal, plain
from tui.model.draft import Impact, LeverageAssessment
from tui.screens.consequences import liquidation_words, money_places, note_lines
from tui.screens.dialog import Dialog
from tui.screens.fields import ChoiceField, Field, TextField
from tui.screens.tools import Tools
from tui.widgets.format import NONE, printable

_MODES = ("cross", "isolated")


class JudgedLeverage(Struct, frozen=True):
    mode: str
    text: str
    assessment: LeverageAssessment


class LeverageForm(Dialog[JudgedLeverage]):
    AUTO_FOCUS: ClassVar[str | None] = "#field-mode Choices"

    def __init__(self, tools: Tools, symbol: str, mode: str = "", text: str = "") -> None:
        """``mode`` and ``text`` fill the fields; empty means the present setting."""
        super().__init__(tools)
        self._symbol = symbol
        self._cap = cap = self.view.state.leverage.get(symbol)
        self._mode = mode or _MODES[cap is not None]
        self._text = text or ("10" if cap is None else plain(cap))

    def heading(self) -> str:
        return f"Leverage {self._symbol}, now {words(self._cap)}"

    def fields(self) -> ComposeResult:
        yield ChoiceField("mode", "margin", _MODES, self._mode)
        yield TextField("max_leverage", "at most", self._text, "10")

    def judge(self) -> JudgedLeverage:
        mode, text = self._texts()
        return JudgedLeverage(mode, text, self._assess(mode, text))

    def is_fresh(self, verdict: JudgedLeverage) -> bool:
        return (verdict.mode, verdict.text) == self._texts()

    def paint(self, verdict: JudgedLeverage) -> Content:
        self.query_one("#field-max_leverage", Field).display = verdict.mode == "isolated"
        judged = verdict.assessment
        lines = [Content.styled(f"{'':<16}{'now':<22}after", "$dim")]
        rows = [self._impact(side, judged.currency) for side in (judged.before, judged.after)]
        for (label, before), (_, after) in zip(*rows, strict=True):
            lines.append(Content.assemble((f"{label:<16}", "$dim"), f"{before:<22}", (after, "bold")))
        return Content("\n").join([*lines, *note_lines((), judged.warnings, ())])

    def blocked(self, verdict: JudgedLeverage) -> str:
        if verdict.assessment.error:
            return printable(verdict.assessment.error)
        return "This is the present setting" if verdict.assessment.max_leverage == self._cap else ""

    def doubts(self, verdict: JudgedLeverage) -> tuple[str, ...]:  # noqa: ARG002 -- a preference has none
        return ()

    def line(self, verdict: JudgedLeverage) -> str:
        return f"LEVERAGE {self._symbol}: {words(verdict.assessment.max_leverage)}"

    def dispatch(self, verdict: JudgedLeverage, *, accept_doubts: bool) -> bool:  # noqa: ARG002 -- as above
        cap = verdict.assessment.max_leverage
        return self.tools.sender.act(
            f"leverage {self._symbol}",
            self.line(verdict),
            lambda: self.tools.desk.set_leverage(self._symbol, cap),
            answered=self.answered,
        )

    def _assess(self, mode: str, text: str) -> LeverageAssessment:
        if mode == "cross":
            return self.tools.desk.assess_leverage(self._symbol, None)
        try:
            cap = parse_decimal(text)
        except ValueError as error:
            return LeverageAssessment(self._symbol, None, error=str(error))
        if cap <= 0:
            return LeverageAssessment(self._symbol, None, error="leverage must be above zero")
        return self.tools.desk.assess_leverage(self._symbol, cap)

    def _impact(self, impact: Impact | None, currency: str) -> list[tuple[str, str]]:
        fmt, places = self.tools.fmt, money_places(currency)
        labels = ("initial margin", "available", "margin level", "liq price")
        if impact is None:
            return [(label, NONE) for label in labels]
        instrument = self.view.state.instruments.get(self._symbol)
        texts = (
            f"{fmt.number(impact.initial_margin, places)} {currency}",
            f"{fmt.number(impact.available, places)} {currency}",
            "no position" if impact.level_pct is None else fmt.percent(impact.level_pct, 0),
            liquidation_words(impact, instrument.price_places if instrument else 2, fmt),
        )
        return list(zip(labels, texts, strict=True))

    def _texts(self) -> tuple[str, str]:
        mode = self.query_one("#field-mode", ChoiceField).value
        return mode, self.query_one("#field-max_leverage", TextField).value


def words(cap: Decimal | None) -> str:
    return "cross" if cap is None else f"isolated, at most {plain(cap)} x"
