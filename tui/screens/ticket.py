"""The ticket: every order type, with its errors beside the fields and its consequences before it is sent.

Invariant: the line at the foot is written from the very request that ``enter`` sends.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.content import Content

from tui.model.describe import one_line, price_text, size_text
from tui.model.draft import Assessment, OrderDraft
from tui.model.enums import DeviationUnit, OrderType, Side, TriggerSignal
from tui.model.order import Outcome, Refused
from tui.screens.dialog import Dialog
from tui.screens.fields import ChoiceField, Field, TextField
from tui.screens.preview import preview_body
from tui.screens.tools import Tools

TYPE_WORDS = {
    "limit": OrderType.LIMIT,
    "post": OrderType.POST,
    "market": OrderType.MARKET,
    "ioc": OrderType.IOC,
    "fok": OrderType.FOK,
    "stop": OrderType.STOP,
    "take-profit": OrderType.TAKE_PROFIT,
    "trailing": OrderType.TRAILING_STOP,
}
_WORD_OF = {type_: word for word, type_ in TYPE_WORDS.items()}
_YES_NO = ("no", "yes")


def fields_of(order_type: OrderType) -> frozenset[str]:
    """Names of the fields that an order of a type has."""
    common = {"side", "type", "size", "reduce_only", "stop_loss", "take_profit"}
    if order_type is OrderType.TRAILING_STOP:
        return frozenset(common | {"deviation", "deviation_unit", "trigger_signal"})
    if order_type.is_trigger:
        return frozenset(common | {"stop_price", "trigger_signal", "child_limit"})
    return frozenset(common if order_type is OrderType.MARKET else common | {"limit_price"})


class Judged(Struct, frozen=True):
    draft: OrderDraft
    assessment: Assessment


class Ticket(Dialog[Judged]):
    AUTO_FOCUS: ClassVar[str | None] = "#field-size Entry"

    def __init__(self, tools: Tools, draft: OrderDraft) -> None:
        super().__init__(tools)
        self._start = draft
        self._order_id = draft.client_order_id or tools.desk.new_client_order_id()

    def heading(self) -> str:
        mode = "isolated" if self._start.symbol in self.view.state.leverage else "cross"
        side = self._verdict.draft.side if self._verdict else self._start.side
        return f"{side.capitalize()} {self._start.symbol} · {mode}"

    def fields(self) -> ComposeResult:
        start, trigger = self._start, self._start.type.is_trigger
        yield ChoiceField("side", "side", [str(side) for side in Side], start.side)
        yield ChoiceField("type", "type", list(TYPE_WORDS), _WORD_OF.get(start.type, "limit"))
        yield TextField("size", "size", start.size, "0.1  $500  25%")
        yield TextField("limit_price", "price", "" if trigger else start.limit_price, "87959  bid+1t")
        yield TextField("stop_price", "stop price", start.stop_price, "84000  mark-2%")
        yield TextField("deviation", "distance", start.deviation)
        yield ChoiceField("deviation_unit", "unit", [str(unit) for unit in DeviationUnit], start.deviation_unit)
        yield ChoiceField("trigger_signal", "signal", [str(signal) for signal in TriggerSignal], start.trigger_signal)
        yield TextField("child_limit", "then limit", start.limit_price if trigger else "", "empty: market")
        yield TextField("stop_loss", "then stop", start.stop_loss, "empty: none")
        yield TextField("take_profit", "then target", start.take_profit, "empty: none")
        yield ChoiceField("reduce_only", "reduce-only", _YES_NO, _YES_NO[start.reduce_only])

    def judge(self) -> Judged:
        draft = self._draft()
        return Judged(draft, self.tools.desk.assess(draft))

    def is_fresh(self, verdict: Judged) -> bool:
        return verdict.draft == self._draft()

    def paint(self, verdict: Judged) -> Content:
        shown = fields_of(verdict.draft.type)
        for field in self.query(Field):
            field.display = field.name in shown
            field.note(self._meaning(field.name or "", verdict.assessment))
        for error in verdict.assessment.errors:
            name = "child_limit" if error.field == "limit_price" and "child_limit" in shown else error.field
            if name in shown:
                self.query_one(f"#field-{name}", Field).note(error.message, error=True)
        lines = self.app.size.height - len(shown) - 8 - max(0, len(verdict.assessment.what) - 1)
        return preview_body(self.view, verdict.draft.symbol, verdict.assessment, lines, self.tools.fmt)

    def blocked(self, verdict: Judged) -> str:
        if verdict.assessment.errors:
            return "; ".join(error.message for error in verdict.assessment.errors)
        return "" if verdict.assessment.request is not None else "not an order yet"

    def doubts(self, verdict: Judged) -> tuple[str, ...]:
        return verdict.assessment.doubts

    def line(self, verdict: Judged) -> str:
        request = verdict.assessment.request
        if verdict.assessment.what:
            return "\n".join(verdict.assessment.what)
        return one_line(request, self.view.state.instruments.get(request.symbol)) if request else ""

    def dispatch(self, verdict: Judged, *, accept_doubts: bool) -> bool:
        request = verdict.assessment.request
        return request is not None and self.tools.sender.order(
            request,
            accept_doubts=accept_doubts,
            answered=self.answered,
            program=verdict.assessment.program,
        )

    def answered(self, outcome: Outcome | None) -> bool:
        shown_here = super().answered(outcome)
        if isinstance(outcome, Refused):
            self._order_id = (
                self.tools.desk.new_client_order_id()
            )  # the refused one is spent: another order, another name
        return shown_here

    def _meaning(self, field: str, assessment: Assessment) -> str:
        """What an expression such as ``25%`` or ``bid+1t`` comes to now."""
        instrument = self.view.state.instruments.get(self._start.symbol)
        if field == "size" and assessment.resolved_size is not None:
            text = f"= {size_text(assessment.resolved_size, instrument)}"
            return text if assessment.max_size is None else f"{text}  max {size_text(assessment.max_size, instrument)}"
        if field in {"limit_price", "child_limit"} and assessment.resolved_limit is not None:
            return f"= {price_text(assessment.resolved_limit, instrument)}"
        return ""

    def _draft(self) -> OrderDraft:
        order_type = TYPE_WORDS[self._choice("type")]
        shown = fields_of(order_type)
        return replace(
            self._start,
            side=Side(self._choice("side")),
            type=order_type,
            size=self._text("size"),
            limit_price=next((self._text(name) for name in ("limit_price", "child_limit") if name in shown), ""),
            stop_price=self._text("stop_price") if "stop_price" in shown else "",
            trigger_signal=TriggerSignal(self._choice("trigger_signal")),
            stop_loss=self._text("stop_loss") if "stop_loss" in shown else "",
            take_profit=self._text("take_profit") if "take_profit" in shown else "",
            deviation=self._text("deviation") if "deviation" in shown else "",
            deviation_unit=DeviationUnit(self._choice("deviation_unit")),
            reduce_only=self._choice("reduce_only") == "yes",
            client_order_id=self._order_id,
        )

    def _text(self, name: str) -> str:
        return self.query_one(f"#field-{name}", TextField).value

    def _choice(self, name: str) -> str:
        return self.query_one(f"#field-{name}", ChoiceField).value
