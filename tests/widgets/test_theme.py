from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from tests.widgets.hosts import PanelApp, screen_text
from tui.widgets.ink import Ink, palette
from tui.widgets.positions import PositionsTable
from tui.widgets.theme import (
    DARK,
    LIGHT,
    SAFE,
    SAFE_LIGHT,
    SIXTEEN,
    THEMES,
    TOKENS,
    VARIABLE_DEFAULTS,
    theme_for,
)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_theme_defines_every_token(theme: Theme) -> None:
    assert set(TOKENS) <= set(theme.variables)
    assert set(VARIABLE_DEFAULTS) == set(TOKENS)


@pytest.mark.parametrize("theme", [DARK, LIGHT, SAFE, SAFE_LIGHT], ids=lambda theme: theme.name)
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


# What the three kinds of colour blindness make of linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.
BLINDNESS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


@pytest.mark.parametrize("theme", [SAFE, SAFE_LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize(("one", "other"), [("up", "down"), ("paper", "live")])
def test_safe_themes_keep_opposites_apart_for_the_colour_blind(theme: Theme, kind: str, one: str, other: str) -> None:
    seen = [_lab(_seen(Color.parse(theme.variables[name]), kind)) for name in (one, other)]
    distance = sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5
    assert distance >= 30, f"{distance:.0f}"  # CIE 1976; 2.3 is a just noticeable difference


def test_red_and_green_alone_would_not_do() -> None:
    seen = [_lab(_seen(Color.parse(name), "deuteranopia")) for name in ("#a0522d", "#556b2f")]
    assert sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5 < 30


def test_few_colours_mean_the_terminals_own_unless_a_theme_was_chosen() -> None:
    assert theme_for(DARK.name, "standard") == SIXTEEN.name
    assert theme_for(DARK.name, "truecolor") == DARK.name
    assert theme_for(LIGHT.name, "standard") == LIGHT.name
    assert theme_for(DARK.name, None) == DARK.name


def _seen(colour: Color, kind: str) -> tuple[float, ...]:
    linear = [_linear(part / 255) for part in colour.rgb]
    return tuple(
        min(1.0, max(0.0, sum(weight * part for weight, part in zip(row, linear, strict=True))))
        for row in BLINDNESS[kind]
    )


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _lab(linear: tuple[float, ...]) -> tuple[float, float, float]:
    """Linear sRGB to CIE L*a*b* under D65."""
    red, green, blue = linear
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
