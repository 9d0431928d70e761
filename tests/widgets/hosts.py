"""A small app around one panel, and what it shows as text."""

from __future__ import annotations

from typing import Any

from textual.app import App, ComposeResult

from tests.scenes import RICH
from tui.model.view import View
from tui.widgets.messages import FocusContract
from tui.widgets.panel import Panel
from tui.widgets.theme import DEFAULT_THEME, THEMES


class PanelApp(App[None]):
    """Mounts ``panel`` over the whole screen and keeps what it says upwards."""

    def __init__(self, panel: Panel, view: View = RICH) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME
        self.panel, self.start = panel, view
        self.focused_contracts: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.panel

    def on_mount(self) -> None:
        self.panel.show(self.start)

    def on_focus_contract(self, message: FocusContract) -> None:
        self.focused_contracts.append(message.symbol)


def screen_text(app: App[Any]) -> list[str]:
    """The rows of the screen as the terminal shows them."""
    return [strip.text for strip in app.screen._compositor.render_strips()]
