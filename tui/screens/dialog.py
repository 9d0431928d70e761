"""What the dialogs with fields share: judge while typing, send once, keep everything after a refusal.

Invariant: ``enter`` sends the verdict that stands painted at the foot, and only if it was made from the fields as they
are. The gate decides whether ``enter`` is alive; nothing typed is lost by any answer but an acceptance.
"""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.model.order import Outcome, Refused
from tui.model.view import View
from tui.screens.confirm import tone
from tui.screens.fields import FieldChanged
from tui.screens.gate import Gate, GateState
from tui.screens.outcome import refusal_words
from tui.screens.seen import Seen
from tui.screens.strip import Choice, Strip, StripContent
from tui.screens.tools import Tools
from tui.widgets.format import printable

V = TypeVar("V")

JUDGE_EVERY_MS = 250


class Dialog(ModalScreen[bool], Generic[V], inherit_bindings=False):
    """Closes with True when the act was sent and taken, with None when it was left by ``esc``.

    A subclass gives ``fields``, ``judge`` (fields -> verdict), ``paint`` (verdict -> notes and body), ``blocked`` (why
    it cannot be sent), ``doubts``, ``line`` (the very thing that would be sent) and ``dispatch``.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close", "Close, nothing is sent"),
        Binding("down,tab", "app.focus_next", "Next field"),
        Binding("up,shift+tab", "app.focus_previous", "Field before"),
    ]
    DEFAULT_CSS = """
    Dialog {
        background: transparent;
        align: center middle;

        #box {
            width: 78;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            background: $surface;
            border: round $paper;
            border-title-style: bold;
            &.live { border: round $live; }
        }
        #body { margin: 0; color: $foreground; }
        #foot { border-top: solid $rule; }
    }
    """

    def __init__(self, tools: Tools) -> None:
        super().__init__()
        self.tools = tools
        self.view = tools.stage.view
        self.gate = Gate()
        self._judged_ms = self.view.now_ms
        self._refusal = ""
        self._seen = Seen()
        self._verdict: V | None = None

    # --- for subclasses --------------------------------------------------------------------------------------------

    def heading(self) -> str:
        raise NotImplementedError

    def fields(self) -> ComposeResult:
        raise NotImplementedError

    def judge(self) -> V:
        raise NotImplementedError

    def paint(self, verdict: V) -> Content:
        """Write the notes beside the fields; returns the body."""
        raise NotImplementedError

    def blocked(self, verdict: V) -> str:
        """Why the verdict cannot be sent; empty if it can."""
        raise NotImplementedError

    def doubts(self, verdict: V) -> tuple[str, ...]:
        raise NotImplementedError

    def line(self, verdict: V) -> str:
        raise NotImplementedError

    def is_fresh(self, verdict: V) -> bool:
        """Whether the verdict was made from the fields as they are now."""
        raise NotImplementedError

    def dispatch(self, verdict: V, *, accept_doubts: bool) -> bool:
        """Hand the verdict's request to the sender, with ``self.answered``."""
        raise NotImplementedError

    # --- the shared course -----------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield from self.fields()
            yield Static(id="body")
            yield Static(id="foot")

    def on_mount(self) -> None:
        self._rejudge()
        self.call_after_refresh(self._seen.painted)

    def show(self, view: View) -> None:
        """A new moment: figures follow the market while the trader types."""
        self.view = view
        if self.is_mounted and view.now_ms - self._judged_ms >= JUDGE_EVERY_MS:
            self._rejudge()

    def on_field_changed(self, event: FieldChanged) -> None:
        event.stop()
        self.gate.changed()
        self._rejudge()

    def on_key(self, event: events.Key) -> None:
        """``enter`` counts once the dialog has stood on the screen, and after what was typed before it is painted."""
        if event.key == "enter":
            event.stop()
            if self._seen.before(event):
                self.call_after_refresh(self._send)

    def action_close(self) -> None:
        if self.gate.state is GateState.IN_FLIGHT:
            self.tools.stage.say(f"{self._line()}: already sent, its answer will be shown", "warning")
            self.dismiss(True)
        else:
            self.dismiss(None)

    def answered(self, outcome: Outcome | None) -> bool:
        """The sender's answer. True when it is shown here: a refusal, beside the fields it is about."""
        self.gate.answered(outcome)
        if not self.is_attached or not isinstance(outcome, Refused):
            if self.is_current_modal():
                self.dismiss(True)
            return False
        self._refusal = refusal_words(outcome)
        self._paint_foot()
        return True

    def is_current_modal(self) -> bool:
        return self.is_attached and self.app.screen is self

    def _send(self) -> None:
        verdict = self._verdict
        if verdict is None or not self.gate.is_open or not self.is_fresh(verdict):
            self._rejudge()
            return
        if self.blocked(verdict) or not self.tools.sender.may_send():
            return
        if doubts := self.doubts(verdict):
            self._ask_doubts(verdict, doubts)
        else:
            self._dispatch(verdict, accept_doubts=False)

    def _ask_doubts(self, verdict: V, doubts: tuple[str, ...]) -> None:
        lines = [Content.styled(self.line(verdict), "bold")]
        lines += [Content.assemble(("doubt: ", "$warn bold"), printable(doubt)) for doubt in doubts]
        choices = (Choice("y", "send in spite of the doubt", verdict),)
        content = StripContent("Doubts", tuple(lines), choices, "warn")
        self.tools.stage.ask(Strip(lambda _: content, self.view), lambda sure: self._dispatch(sure, accept_doubts=True))

    def _dispatch(self, verdict: V, *, accept_doubts: bool) -> None:
        if self.gate.is_open and self.dispatch(verdict, accept_doubts=accept_doubts):
            self.gate.sent()
            self._paint_foot()

    def _rejudge(self) -> None:
        self._judged_ms = self.view.now_ms
        self._verdict = verdict = self.judge()
        box = self.query_one("#box", Vertical)
        box.border_title = Content(f"{self.heading()} ── {self.view.state.environment.upper()}")
        box.set_class(tone(self.view) == "live", "live")
        self.query_one("#body", Static).update(self.paint(verdict))
        self._paint_foot()

    def _paint_foot(self) -> None:
        self.query_one("#foot", Static).update(self._foot())

    def _foot(self) -> Content:
        escape = Content.assemble(("esc", "$accent bold"), " nothing is sent")
        if self._verdict is None:
            return escape
        if self.gate.state is GateState.IN_FLIGHT:
            return Content.assemble(
                (self._line(), "bold"), "\nsent, waiting for the answer · ", ("esc", "$accent bold"), " close"
            )
        if self.gate.state is GateState.REFUSED:
            refusal = Content.styled(self._refusal, "$down bold")
            return Content("\n").join([refusal, Content("change a field to send again · ") + escape])
        if blocked := self.blocked(self._verdict):
            return Content("\n").join([Content.styled(f"cannot be sent: {blocked}", "$warn"), escape])
        if self.view.mode.name == "view":
            return Content("\n").join(
                [Content(self._line()), Content.styled("view mode: nothing can be sent · ", "$warn") + escape]
            )
        asks = " send, after a question about the doubt · " if self.doubts(self._verdict) else " send · "
        keys = Content.assemble(("enter", "$accent bold"), asks) + escape
        return Content("\n").join([Content.styled(self._line(), "bold"), keys])

    def _line(self) -> str:
        return "" if self._verdict is None else self.line(self._verdict)
