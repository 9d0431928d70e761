"""One-line fields of a dialog: a label, a value, and its error or meaning beside it.

Invariant: nothing typed or pasted into a field acts. ``enter`` belongs to the dialog; a pasted line break is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

MAX_TYPED = 40


class FieldChanged(Message):
    """The trader changed a field of the dialog this message reaches."""


class Entry(Input, inherit_bindings=False):
    """A text input whose editing keys are those no terminal takes; ``enter`` and the arrows up and down pass it by."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor_left", show=False),
        Binding("right", "cursor_right", show=False),
        Binding("home", "home", show=False),
        Binding("end", "end", show=False),
        Binding("shift+left", "cursor_left(True)", show=False),
        Binding("shift+right", "cursor_right(True)", show=False),
        Binding("backspace", "delete_left", show=False),
        Binding("delete", "delete_right", show=False),
        Binding("ctrl+w", "delete_left_word", show=False),
        Binding("ctrl+u", "delete_left_all", show=False),
        Binding("ctrl+k", "delete_right_all", show=False),
    ]

    def _on_paste(self, event: events.Paste) -> None:
        """Insert the printable part of the first line; the rest of a paste is not for an order."""
        event.stop()
        event.prevent_default()
        lines = event.text.strip().splitlines()
        clean = "".join(char for char in lines[0] if char.isprintable()) if lines else ""
        self.replace(clean[:MAX_TYPED], *sorted((self.selection.start, self.selection.end)))


class Field(Horizontal):
    """Base of the fields: ``name`` is the key of its error; ``note`` stands on the right."""

    DEFAULT_CSS = """
    Field {
        height: 1;
        .label { width: 13; color: $dim; }
        .note { width: 1fr; color: $dim; padding: 0 0 0 1; }
        Entry { width: 18; height: 1; border: none; padding: 0; background: $background; }
        Entry:focus { background: $cursor; color: $cursor-text; border: none; }
        .choices { width: auto; }
        .choices:focus { text-style: bold; }
        .label.-active { color: $accent; text-style: bold; }
    }
    """

    def __init__(self, name: str, label: str) -> None:
        super().__init__(id=f"field-{name}", name=name)
        self._label = Static(Content(label), classes="label")
        self._note = Static("", classes="note")

    def on_descendant_focus(self) -> None:
        self._label.add_class("-active")

    def on_descendant_blur(self) -> None:
        self._label.remove_class("-active")

    def note(self, text: str, *, error: bool = False) -> None:
        """Say something beside the field; an error is a word and a colour."""
        self._note.update(Content.styled(f"✗ {text}", "$down bold") if error and text else Content(text))


class TextField(Field):
    def __init__(self, name: str, label: str, value: str = "", hint: str = "") -> None:
        super().__init__(name, label)
        self.entry = Entry(value, placeholder=hint, compact=True, max_length=MAX_TYPED, select_on_focus=True)

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.entry
        yield self._note

    @property
    def value(self) -> str:
        return self.entry.value.strip()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(FieldChanged())


class Choices(Static, can_focus=True):
    """Options on one line, the chosen one in angle quotes; left and right (or space) choose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "choose(-1)", show=False),
        Binding("right,space", "choose(1)", show=False),
    ]

    def __init__(self, options: Sequence[str], chosen: int) -> None:
        super().__init__(classes="choices")
        self.options = options
        self.chosen = chosen

    def on_mount(self) -> None:
        self._paint()

    def action_choose(self, step: int) -> None:
        self.choose((self.chosen + step) % len(self.options))

    def choose(self, index: int) -> None:
        if index != self.chosen:
            self.chosen = index
            self._paint()
            self.post_message(FieldChanged())

    def _paint(self) -> None:
        parts = [
            Content.styled(f"‹{option}›", "$accent bold")  # noqa: RUF001 -- quotes that no option holds
            if index == self.chosen
            else Content(f" {option} ")
            for index, option in enumerate(self.options)
        ]
        self.update(Content("").join(parts))


class ChoiceField(Field):
    """``value`` is the text of the chosen option."""

    def __init__(self, name: str, label: str, options: Sequence[str], value: str) -> None:
        super().__init__(name, label)
        self.choices = Choices(tuple(options), options.index(value))

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.choices
        yield self._note

    @property
    def value(self) -> str:
        return self.choices.options[self.choices.chosen]
