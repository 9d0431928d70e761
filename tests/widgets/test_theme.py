from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from tests.widgets.hosts import PanelApp, screen_text
from tui.widgets.ink import Ink, palette
from tui.widgets.positions import PositionsTable
from tui.widgets.theme import DARK, LIGHT, SAFE, SIXTEEN, THEMES, TOKENS, VARIABLE_DEFAULTS


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_theme_defines_every_token(theme: Theme) -> None:
    assert set(TOKENS) <= set(theme.variables)
    assert set(VARIABLE_DEFAULTS) == set(TOKENS)


@pytest.mark.parametrize("theme", [DARK, LIGHT, SAFE], ids=lambda theme: theme.name)
def test_what_must_be_read_can_be_read(theme: Theme) -> None:
    """Contrast against the background as WCAG counts it: 4.5 for text, 3 for what is meant to recede."""
    assert theme.background is not None
    ground = Color.parse(theme.background)
    for name in ("up", "down", "warn", "bright"):
        assert _contrast(Color.parse(theme.variables[name]), ground) >= 4.5, name
    assert _contrast(Color.parse(theme.variables["dim"]), ground) >= 4.5
    assert _contrast(Color.parse(theme.variables["cursor-text"]), Color.parse(theme.variables["cursor"])) >= 4.5
    for frame in ("paper", "live", "dim"):
        assert _contrast(Color.parse(theme.variables["frame-text"]), Color.parse(theme.variables[frame])) >= 4.5, frame


def test_inks_differ_where_meanings_differ() -> None:
    styles = palette(DARK.variables).styles
    assert len({styles[ink] for ink in (Ink.TEXT, Ink.DIM, Ink.UP, Ink.DOWN, Ink.WARN)}) == 5


def test_sixteen_colours_are_the_terminals_own() -> None:
    styles = palette({**SIXTEEN.variables, "background": "ansi_default", "foreground": "ansi_default"}).styles
    assert all(style.color is None or style.color.triplet is None for style in styles)


def test_a_foreign_theme_gets_our_tokens() -> None:
    assert palette({}).styles[Ink.UP].color == palette(DARK.variables).styles[Ink.UP].color


async def test_a_new_theme_repaints_what_is_on_the_screen() -> None:
    table = PositionsTable()
    app = PanelApp(table)
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        before = table.render_lines(table.size.region)[0]
        app.theme = LIGHT.name
        await pilot.pause()
        assert table.render_lines(table.size.region)[0] != before


async def test_without_colour_signs_and_arrows_still_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    table = PositionsTable()
    app = PanelApp(table)
    async with app.run_test(size=(120, 10)) as pilot:
        await pilot.pause()
        assert any("▲ +2,670.90" in row for row in screen_text(app))
        assert any("▼ -44.40" in row for row in screen_text(app))
        styles = [segment.style for segment in table.render_lines(table.size.region)[3] if segment.style]
        colours = [style.color.triplet for style in styles if style.color and style.color.triplet]
        assert colours
        assert all(colour.red == colour.green == colour.blue for colour in colours)


def _contrast(one: Color, other: Color) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour.normalized)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
