"""The ``:`` line: one line of text, read while it is typed.

Invariant: ``enter`` answers the command that stands read below the line, or nothing; what cannot be read stays to be
mended.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.model.alert import one_line
from tui.screens.alert_line import DropAlert, SetAlert
from tui.screens.command import (
    GRAMMAR,
    CancelMany,
    Command,
    DoAct,
    PlaceOrder,
    SetLeverage,
    TakeInHand,
    parse_command,
)
from tui.screens.confirm import titled, tone
from tui.screens.fields import Entry
from tui.screens.seen import Seen
from tui.screens.stage import Stage
from tui.widgets.format import printable

LONGEST = 120


class CommandLine(ModalScreen[Command], inherit_bindings=False):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "dismiss", "Close")]
    DEFAULT_CSS = """
    CommandLine {
        background: transparent;
        align: left bottom;

        #line {
            width: 100%;
            height: auto;
            padding: 0 1;
            background: $surface;
            border: round $paper;
            border-title-style: bold;
            &.live { border: round $live; }
        }
        Entry { height: 1; border: none; padding: 0; background: $background; }
    }
    """

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._entry = Entry(compact=True, max_length=LONGEST)
        self._said = Static(Content.styled(GRAMMAR, "$dim"))
        self._seen = Seen()

    def compose(self) -> ComposeResult:
        view = self._stage.view
        box = Vertical(self._entry, self._said, id="line", classes=tone(view))
        box.border_title = Content(titled(view, f"Command on {view.focus}"))
        yield box

    def on_mount(self) -> None:
        self._entry.focus()
        self.call_after_refresh(self._seen.painted)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            said = Content.styled(said_of(parse_command(event.value, self._stage.view)), "bold")
        except ValueError as error:
            said = Content.styled(printable(str(error)) if event.value.strip() else GRAMMAR, "$dim")
        self._said.update(said)

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            if self._seen.before(event):
                self._answer()
        elif event.is_printable and event.character is not None and self.focused is None:
            self._entry.insert_text_at_cursor(event.character)  # typed before the line had the focus

    def _answer(self) -> None:
        try:
            command = parse_command(self._entry.value, self._stage.view)
        except ValueError as error:
            self._said.update(Content.styled(f"✗ {printable(str(error))}", "$warn"))
            return
        self.dismiss(command)


def said_of(command: Command) -> str:
    """What was understood, before any price or size is worked out."""
    match command:
        case PlaceOrder(draft):
            price = draft.limit_price or draft.stop_price
            at = f" @ {price}" if price else ""
            flag = " reduce-only" if draft.reduce_only else ""
            return f"{draft.side.upper()} {draft.size} {draft.symbol} {draft.type.replace('_', '-')}{at}{flag}"
        case CancelMany(key):
            return {"a": "cancel all here", "b": "cancel buys", "s": "cancel sells", "k": "cancel all but stops"}.get(
                key, "cancel all on every contract"
            )
        case SetLeverage(cap):
            return "leverage: cross" if cap is None else f"leverage: isolated, at most {cap:f} x"
        case SetAlert(alert):
            return f"tell me once: {one_line(alert)}"
        case DropAlert(number):
            return "drop all alerts" if number is None else f"drop alert {number}"
        case DoAct(name):
            return name
        case TakeInHand(symbol):
            return f"take {symbol} in hand"
