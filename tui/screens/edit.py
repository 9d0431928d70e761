"""Edits one working order, held by its id: remaining size and prices. An untouched field stays as it is.

Invariant: the order at the top is the one that is edited, however the rows behind move; if it stops working, nothing
can be sent.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.content import Content

from tui.model.decimals import plain
from tui.model.describe import edit_line, one_line
from tui.model.draft import Assessment, EditAssessment
from tui.model.order import Order
from tui.screens.consequences import note_lines
from tui.screens.dialog import Dialog
from tui.screens.fields import Field, TextField
from tui.screens.preview import preview_body
from tui.screens.tools import Tools


class JudgedEdit(Struct, frozen=True):
    texts: tuple[str, str, str]
    assessment: EditAssessment


class EditForm(Dialog[JudgedEdit]):
    AUTO_FOCUS: ClassVar[str | None] = "#box Entry"

    def __init__(self, tools: Tools, order: Order) -> None:
        super().__init__(tools)
        self._order = order
        prices = (order.limit_price, order.stop_price)
        self._start = (plain(order.remaining), *("" if price is None else plain(price) for price in prices))

    def heading(self) -> str:
        return f"Edit {one_line(self._order, self.view.state.instruments.get(self._order.symbol))}"

    def fields(self) -> ComposeResult:
        names = (("limit_price", "price", 1), ("stop_price", "stop price", 2), ("size", "remaining", 0))
        for name, label, index in names:
            if self._start[index]:
                yield TextField(name, label, self._start[index])

    def judge(self) -> JudgedEdit:
        texts = self._texts()
        size, limit, stop = ("" if new == old else new for new, old in zip(texts, self._start, strict=True))
        return JudgedEdit(texts, self.tools.desk.assess_edit(self._now() or self._order, size, limit, stop))

    def is_fresh(self, verdict: JudgedEdit) -> bool:
        return verdict.texts == self._texts()

    def paint(self, verdict: JudgedEdit) -> Content:
        for field in self.query(Field):
            messages = [error.message for error in verdict.assessment.errors if error.field == field.name]
            field.note("; ".join(messages), error=bool(messages))
        edit = verdict.assessment
        judged = Assessment(None, warnings=edit.warnings, doubts=edit.doubts, preview=edit.preview)
        if edit.preview is None:
            return Content("\n").join(note_lines((), edit.warnings, edit.doubts))
        return preview_body(self.view, self._order.symbol, judged, self.app.size.height - 11, self.tools.fmt)

    def blocked(self, verdict: JudgedEdit) -> str:
        if self._now() is None:
            return "This order does not work any more"
        if verdict.assessment.errors:
            return "; ".join(error.message for error in verdict.assessment.errors)
        return "" if verdict.assessment.request is not None else "Nothing is changed yet"

    def doubts(self, verdict: JudgedEdit) -> tuple[str, ...]:
        return verdict.assessment.doubts

    def line(self, verdict: JudgedEdit) -> str:
        request = verdict.assessment.request
        instrument = self.view.state.instruments.get(self._order.symbol)
        return edit_line(request, self._now() or self._order, instrument) if request else ""

    def dispatch(self, verdict: JudgedEdit, *, accept_doubts: bool) -> bool:
        request = verdict.assessment.request
        return request is not None and self.tools.sender.edit(
            request, self._order, accept_doubts=accept_doubts, answered=self.answered
        )

    def _now(self) -> Order | None:
        return self.view.state.order(self._order.order_id)

    def _texts(self) -> tuple[str, str, str]:
        typed = {field.name: field.value for field in self.query(TextField)}
        return typed.get("size", ""), typed.get("limit_price", ""), typed.get("stop_price", "")
