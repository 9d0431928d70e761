"""Half a minute for somebody who sees the desk for the first time: five cards over the real thing.

Shown once, again at any time from the palette. Invariant: while a card stands, no key reaches the desk.
"""

from __future__ import annotations

from typing import NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.model.enums import Environment


class Card(NamedTuple):
    """``keys`` are pairs of a key and what it does."""

    title: str
    text: str
    keys: tuple[tuple[str, str], ...] = ()


def cards(environment: Environment) -> tuple[Card, ...]:
    paper = environment is Environment.PAPER
    where = (
        "PAPER in the top left corner: an exchange on this machine, with play money. Nothing here costs anything."
        if paper
        else f"{environment.upper()} in the top left corner says where your orders go."
    )
    return (
        Card("Where you are", f"{where} Beside it: the contract in hand, your key mode, and how old the data is."),
        Card(
            "An order in two keys",
            "The strip at the bottom shows the very order and what it would do. Only enter sends it.",
            (("b", "buy at the bid"), ("s", "sell at the offer"), ("enter", "send"), ("esc", "nothing is sent")),
        ),
        Card(
            "The ladder",
            "Arrows choose a price. What you do there, you do at that price.",
            (("L", "to the ladder"), ("b s", "place"), ("x", "pull"), ("enter", "pick up and put down")),
        ),
        Card(
            "Ways out",
            "They work on every screen, and say what they take before they take it.",
            (("f", "flatten"), ("X", "cancel many"), ("!", "panic: everything"), ("q", "quit")),
        ),
        Card(
            "The rest is one key away",
            "Every table filters with /, sorts with o, copies a row with y.",
            (("1-8", "screens"), ("t", "ticket"), (":", "type an order or an alert"), ("?", "all keys")),
        ),
    )


class Tour(ModalScreen[bool], inherit_bindings=False):
    """Answers True at its end and at ``esc``."""

    DEFAULT_CSS = """
    Tour {
        background: transparent;
        align: center middle;

        #card {
            width: 64;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 2;
            background: $surface;
            border: round $accent;
            border-title-style: bold;
        }
    }
    """

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._cards = cards(environment)
        self._place = 0

    def compose(self) -> ComposeResult:
        yield Static(id="card")

    def on_mount(self) -> None:
        self._paint()

    def on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key in {"escape", "q", "ctrl+c"}:
            self._place = len(self._cards)
        elif event.key in {"left", "backspace"}:
            self._place = max(0, self._place - 1)
        else:
            self._place += 1
        self._show()

    def on_click(self) -> None:
        self._place += 1
        self._show()

    def on_paste(self, event: events.Paste) -> None:
        event.stop()

    def _show(self) -> None:
        if self._place < len(self._cards):
            self._paint()
        elif self.is_current:
            self.dismiss(True)

    def _paint(self) -> None:
        card, last = self._cards[self._place], self._place == len(self._cards) - 1
        box = self.query_one("#card", Static)
        box.border_title = Content(f"{card.title} · {self._place + 1} of {len(self._cards)}")
        lines = [Content(""), Content(card.text), Content("")]
        lines += [Content.assemble((f"{key:>8}", "$accent bold"), f"  {does}") for key, does in card.keys]
        lines += [Content("")] if card.keys else []
        lines.append(Content.styled("any key: to the desk" if last else "any key: next · esc: to the desk", "$dim"))
        box.update(Content("\n").join(lines))
