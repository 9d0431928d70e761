"""Ink: what a piece of text means, and the terminal style a theme gives to that meaning.

Invariant: widgets speak in ``Ink``; only ``Palette`` knows colours, and it takes them from the theme's tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, auto
from functools import lru_cache
from typing import NamedTuple

from rich.style import Style
from textual.color import Color

from tui.widgets.theme import TOKENS, VARIABLE_DEFAULTS


class Ink(IntEnum):
    """Meanings. ``*_LOUD`` is the same meaning on a number that changed just now."""

    TEXT = 0
    DIM = auto()
    TITLE = auto()
    RULE = auto()
    ACCENT = auto()
    UP = auto()
    DOWN = auto()
    WARN = auto()
    STALE = auto()
    STRONG = auto()
    PAPER = auto()
    LIVE = auto()
    FRAME_PAPER = auto()
    FRAME_LIVE = auto()
    FRAME_STALE = auto()
    FRAME_REPLAY = auto()
    TEXT_LOUD = auto()
    UP_LOUD = auto()
    DOWN_LOUD = auto()
    BID_BAR = auto()
    ASK_BAR = auto()
    RULE_LIVE = auto()

    @property
    def loud(self) -> Ink:
        return _LOUD.get(self, self)


_LOUD = {Ink.TEXT: Ink.TEXT_LOUD, Ink.UP: Ink.UP_LOUD, Ink.DOWN: Ink.DOWN_LOUD, Ink.STRONG: Ink.TEXT_LOUD}

BAR_STRENGTH = 0.5
NEVER_STALE = (Ink.WARN, Ink.LIVE, Ink.RULE, Ink.RULE_LIVE)

Span = tuple[str, Ink]


class Line(NamedTuple):
    """One row of a panel: its spans, and whether it is the inverse line."""

    spans: tuple[Span, ...] = ()
    cursor: bool = False


BLANK = Line()


class Palette(NamedTuple):
    """Styles of one theme, by ink. ``stale`` is for rows of old numbers: only warnings keep their colour there.
    ``cursor`` and ``stale_cursor`` paint a whole row whatever its inks were.
    """

    styles: tuple[Style, ...]
    stale: tuple[Style, ...]
    cursor: Style
    stale_cursor: Style
    background: Color

    @property
    def text(self) -> Style:
        return self.styles[Ink.TEXT]


def palette(variables: Mapping[str, str]) -> Palette:
    """The palette of a theme, from ``App.theme_variables``. Missing tokens come from the default theme."""
    tokens = tuple(variables.get(name, VARIABLE_DEFAULTS[name]) for name in TOKENS)
    base = tuple(variables.get(name, "ansi_default") for name in ("background", "foreground", "accent"))
    return _palette(tokens, base)


@lru_cache(maxsize=16)
def _palette(tokens: tuple[str, ...], base: tuple[str, ...]) -> Palette:
    named = dict(zip(TOKENS, tokens, strict=True))
    background, foreground, accent = (Color.parse(value) for value in base)

    def style(colour: Color, *, bold: bool = False, on: Color = background) -> Style:
        return Style(color=colour.rich_color, bgcolor=on.rich_color, bold=bold)

    def token(name: str, *, bold: bool = False) -> Style:
        return style(Color.parse(named[name]), bold=bold)

    def frame(name: str) -> Style:
        return style(Color.parse(named["frame-text"]), bold=True, on=Color.parse(named[name]))

    def bar(name: str) -> Style:
        """A quiet version of a token, for areas; colours of the terminal itself cannot be mixed."""
        colour = Color.parse(named[name])
        return style(colour if background.ansi is not None else background.blend(colour, BAR_STRENGTH))

    by_ink = {
        Ink.TEXT: style(foreground),
        Ink.DIM: token("dim"),
        Ink.TITLE: style(foreground, bold=True),
        Ink.RULE: token("rule"),
        Ink.ACCENT: style(accent, bold=True),
        Ink.UP: token("up"),
        Ink.DOWN: token("down"),
        Ink.WARN: token("warn", bold=True),
        Ink.STALE: token("stale"),
        Ink.STRONG: style(foreground, bold=True),
        Ink.PAPER: token("paper", bold=True),
        Ink.LIVE: token("live", bold=True),
        Ink.FRAME_PAPER: frame("paper"),
        Ink.FRAME_LIVE: frame("live"),
        Ink.FRAME_STALE: frame("warn"),
        Ink.FRAME_REPLAY: frame("dim"),
        Ink.TEXT_LOUD: token("bright", bold=True),
        Ink.UP_LOUD: token("up", bold=True),
        Ink.DOWN_LOUD: token("down", bold=True),
        Ink.BID_BAR: bar("up"),
        Ink.ASK_BAR: bar("down"),
        Ink.RULE_LIVE: bar("live"),
    }
    cursor, cursor_text = Color.parse(named["cursor"]), Color.parse(named["cursor-text"])
    return Palette(
        styles=tuple(by_ink[ink] for ink in Ink),
        stale=tuple(by_ink[ink if ink in NEVER_STALE else Ink.STALE] for ink in Ink),
        cursor=style(cursor_text, bold=True, on=cursor),
        stale_cursor=style(cursor_text, on=cursor) + Style(italic=True),
        background=background,
    )
