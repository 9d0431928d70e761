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
from tui.model.draft import OrderDraft
from tui.screens.alert_line import DropAlert, SetAlert
from tui.screens.command import (
    FIRST_WORDS,
    GRAMMAR,
    CancelMany,
    Command,
    DoAct,
    PlaceOrder,
    SetLeverage,
    TakeInHand,
    contracts,
    parse_command,
)
from tui.screens.confirm import titled, tone
from tui.screens.fields import Entry
from tui.screens.seen import Seen
from tui.screens.stage import Stage
from tui.screens.typed_order import TypedError, complete
from tui.widgets.format import printable

LONGEST = 120
SHOWN = 8


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
            said = Content.styled(complaint(error) if event.value.strip() else GRAMMAR, "$dim")
        words = self._completions(event.value)
        if words:
            said += Content.assemble("\n", ("tab ", "$accent bold"), " · ".join(words[:SHOWN]))
        self._said.update(said)

    def _completions(self, text: str) -> tuple[str, ...]:
        return complete(text, contracts(self._stage.view), FIRST_WORDS) if text.strip() else ()

    def _complete(self) -> None:
        """The last word becomes the first of those it may be."""
        words = self._completions(self._entry.value)
        if words:
            head, _, _ = self._entry.value.rpartition(" ")
            self._entry.value = f"{head} {words[0]} ".lstrip()
            self._entry.cursor_position = len(self._entry.value)

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            if self._seen.before(event):
                self._answer()
        elif event.key == "tab":
            event.stop()
            event.prevent_default()
            self._complete()
        elif event.is_printable and event.character is not None and self.focused is None:
            self._entry.insert_text_at_cursor(event.character)  # typed before the line had the focus

    def _answer(self) -> None:
        try:
            command = parse_command(self._entry.value, self._stage.view)
        except ValueError as error:
            self._said.update(Content.styled(f"{complaint(error)} ✗", "$warn"))
            return
        self.dismiss(command)


def complaint(error: ValueError) -> str:
    """What is wrong, below the place where it is."""
    at = error.at if isinstance(error, TypedError) else 0
    text = printable(str(error))
    return f"{' ' * at}^ {text}" if isinstance(error, TypedError) else text


def said_of(command: Command) -> str:
    """What was understood, before any price or size is worked out."""
    match command:
        case PlaceOrder(draft):
            return said_of_order(draft)
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


def said_of_order(draft: OrderDraft) -> str:
    price = draft.limit_price or draft.stop_price
    parts = [f"{draft.side.upper()} {draft.size} {draft.symbol} {draft.type.replace('_', '-')}"]
    parts.append(f"@ {price}" if price else "")
    parts.append(f"to {draft.to_price} in {draft.count} orders" if draft.program == "scale" else "")
    parts.append("rising" if draft.rising else "")
    parts.append("reduce-only" if draft.reduce_only else "")
    exits = [f"{word} {text}" for word, text in (("target", draft.take_profit), ("stop", draft.stop_loss)) if text]
    parts.append(f"{'or' if draft.program == 'oco' else 'then'} {' and '.join(exits)}" if exits else "")
    parts.append("following the best price" if draft.program == "chase" else "")
    return " ".join(part for part in parts if part)
