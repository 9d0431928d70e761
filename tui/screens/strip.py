"""The strip at the bottom: what would be done, in full, and the keys that do it.

Invariant: the value a key returns is part of the content on the screen, so what was read is what is sent, and ``enter``
and ``y`` count only after it stood there. A strip answers once; a paste never answers; every key it does not name is
swallowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.model.view import View
from tui.screens.seen import Seen

T = TypeVar("T")

REBUILD_EVERY_MS = 200
SENDING_KEYS = frozenset({"enter", "y"})


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """``key`` as Textual names it or the character itself; ``value`` is what the strip answers. Without a ``label`` the
    lines of the strip have named the key already.
    """

    key: str
    label: str
    value: T


@dataclass(frozen=True, slots=True)
class StripContent(Generic[T]):
    """``tone`` is a theme token for the border: paper, live, warn. No choices: only ``esc`` is left."""

    title: str
    lines: tuple[Content, ...]
    choices: tuple[Choice[T], ...] = ()
    tone: str = "paper"


class Strip(ModalScreen[T], inherit_bindings=False):
    """Shows ``build(view)`` again as the market moves, but not more often than anyone reads."""

    DEFAULT_CSS = """
    Strip {
        background: transparent;
        align: left bottom;

        #strip {
            width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            background: $surface;
            border: round $paper;
            border-title-style: bold;
            border-title-align: left;
            &.live { border: round $live; }
            &.warn { border: round $warn; }
        }
    }
    """
    AUTO_FOCUS: ClassVar[str | None] = ""

    def __init__(self, build: Callable[[View], StripContent[T]], view: View) -> None:
        super().__init__()
        self._build = build
        self._content = build(view)
        self._built_ms = view.now_ms
        self._answered = False
        self._seen = Seen()

    @property
    def content(self) -> StripContent[T]:
        """What stands on the screen now."""
        return self._content

    def compose(self) -> ComposeResult:
        yield Static(id="strip")

    def on_mount(self) -> None:
        self._paint()

    def show(self, view: View) -> None:
        """A new moment: rebuild what is shown, if it is old enough to matter."""
        if self._answered or view.now_ms - self._built_ms < REBUILD_EVERY_MS:
            return
        self._built_ms = view.now_ms
        content = self._build(view)
        if content != self._content:
            if content.choices != self._content.choices:
                self._seen.forget()
            self._content = content
            if self.is_mounted:
                self._paint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key in {"escape", "ctrl+c"}:
            self._answer(None)
            return
        if event.key in SENDING_KEYS and not self._seen.before(event):
            return
        for choice in self._content.choices:
            if choice.key in {event.key, event.character}:
                self._answer(choice.value)
                return

    def on_paste(self, event: events.Paste) -> None:
        event.stop()

    def _answer(self, value: T | None) -> None:
        if self._answered:
            return
        self._answered = True
        self.dismiss(value)

    def _paint(self) -> None:
        strip = self.query_one("#strip", Static)
        content = self._content
        strip.border_title = Content(content.title)
        strip.set_class(content.tone == "live", "live")
        strip.set_class(content.tone == "warn", "warn")
        strip.update(Content("\n").join([*content.lines, keys_line(content.choices)]))
        self.call_after_refresh(self._seen.painted)


def keys_line(choices: tuple[Choice[T], ...]) -> Content:
    """``enter send · t ticket · esc``: the keys bright, their words plain."""
    parts = [Content.assemble((choice.key, "$accent bold"), f" {choice.label}") for choice in choices if choice.label]
    parts.append(Content.assemble(("esc", "$accent bold"), " nothing is sent"))
    return Content(" · ").join(parts)


class TypedStrip(Strip[bool]):
    """Answers True only when ``word`` was typed, letter by letter, and ``enter`` pressed."""

    def __init__(self, word: str, build: Callable[[View], StripContent[bool]], view: View) -> None:
        super().__init__(build, view)
        self._word = word
        self._typed = ""

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key in {"escape", "ctrl+c"}:
            self._answer(None)
        elif event.key == "enter":
            if self._typed.upper() == self._word and self._seen.before(event):
                self._answer(True)
        elif event.key == "backspace":
            self._typed = self._typed[:-1]
        elif event.is_printable and event.character is not None:
            self._typed = (self._typed + event.character)[-len(self._word) :]
        self._paint()

    def _paint(self) -> None:
        super()._paint()
        line = Content.assemble(
            "type ", (self._word, "bold"), " and enter: ", (self._typed.upper() + "▁", "$accent bold"),
            "   ", ("esc", "$accent bold"), " nothing is sent",
        )  # fmt: skip
        self.query_one("#strip", Static).update(Content("\n").join([*self._content.lines, line]))
