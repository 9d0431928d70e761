"""The keys of the current screen, from the same list that the bindings are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.screens.actions import ACTIONS, BY_ID, Group, keys_of
from tui.widgets.format import printable


class HelpRow(NamedTuple):
    group: str
    keys: str
    label: str
    help: str


def help_rows(active: Iterable[Binding], keymap: Mapping[str, str]) -> list[HelpRow]:
    """Every act under its present keys, then the screen's own keys that no act has."""
    rows = [
        HelpRow(group, " ".join(keys_of(action, keymap)), action.label, action.help)
        for group in Group
        for action in ACTIONS
        if action.group is group
    ]
    own: dict[str, list[str]] = {}
    for binding in active:
        if binding.id not in BY_ID and binding.description and not binding.system:
            own.setdefault(binding.description, []).append(binding.key)
    rows += [HelpRow("This screen", " ".join(keys), label, "") for label, keys in own.items()]
    return rows


class HelpScreen(ModalScreen[bool], inherit_bindings=False):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter,ctrl+c", "dismiss", "Close"),
    ]
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #keys {
            width: 84;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 1;
            background: $surface;
            border: round $rule;
            border-title-style: bold;
            border-title-color: $foreground;
        }
    }
    """

    def __init__(self, rows: list[HelpRow]) -> None:
        super().__init__()
        self._rows = rows

    def compose(self) -> ComposeResult:
        box = VerticalScroll(Static(_table(self._rows)), id="keys")
        box.border_title = Content("Keys · esc closes, arrows scroll")
        yield box


def _table(rows: list[HelpRow]) -> Content:
    lines: list[Content] = []
    group = ""
    for row in rows:
        if row.group != group:
            group = row.group
            lines.append(Content.styled(f"{chr(10) if lines else ''}{group}", "bold"))
        lines.append(
            Content.assemble((f" {printable(row.keys):<9}", "$accent bold"), f"{row.label:<22}", (row.help, "$dim"))
        )
    return Content("\n").join(lines)
