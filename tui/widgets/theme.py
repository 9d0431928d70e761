"""Themes: the desk's colours as named tokens, so that no widget knows a colour.

Invariant: every theme defines every token of ``TOKENS``. ``up`` and ``down`` colour signed numbers only, and a sign or
an arrow always stands beside them; ``paper`` and ``live`` colour the frame, and the word always stands beside them.
"""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

TOKENS = (
    "up",  # a gain, a bid, a buy
    "down",  # a loss, an offer, a sell
    "warn",  # words that ask for attention
    "stale",  # numbers whose source is old
    "dim",  # labels and everything that is not a number to act on
    "bright",  # a number that changed just now
    "rule",  # title lines and separators
    "paper",  # the frame on the paper exchange
    "live",  # the frame on the live account
    "frame-text",  # text on the frame's colour
    "cursor",  # the inverse line
    "cursor-text",
)


def _theme(name: str, *, dark: bool, base: tuple[str, str, str, str], tokens: tuple[str, ...]) -> Theme:
    """``base``: background, surface, foreground, accent. ``tokens`` in the order of ``TOKENS``.

    Textual's own rules for a terminal's native colours need a few variables that only its ANSI themes define.
    """
    background, surface, foreground, accent = base
    variables = dict(zip(TOKENS, tokens, strict=True))
    ansi = background.startswith("ansi_")
    return Theme(
        name=name,
        primary=accent,
        accent=accent,
        background=background,
        surface=surface,
        panel=surface,
        foreground=foreground,
        success=variables["up"],
        error=variables["down"],
        warning=variables["warn"],
        dark=dark,
        ansi=ansi,
        variables={**BUILTIN_THEMES["ansi-dark"].variables, **variables} if ansi else variables,
    )


DARK = _theme(
    "kftui-dark",
    dark=True,
    base=("#11151c", "#1a202b", "#c9d1dc", "#6cb6ff"),
    tokens=(
        "#56c28a", "#f0736a", "#e8b339", "#5f6b7d", "#7d899b", "#ffffff",
        "#333d4d", "#7fb5e6", "#ff5d52", "#11151c", "#2d4a6e", "#ffffff",
    ),
)  # fmt: skip

LIGHT = _theme(
    "kftui-light",
    dark=False,
    base=("#fbfaf7", "#efede7", "#23272e", "#0b5fb0"),
    tokens=(
        "#0d7a46", "#c0281f", "#8a5a00", "#9aa0a8", "#6a717b", "#000000",
        "#cfccc4", "#0b5fb0", "#c0281f", "#ffffff", "#23507f", "#ffffff",
    ),
)  # fmt: skip

# Blue against orange stays apart for the common kinds of colour blindness (Okabe and Ito's palette).
SAFE = _theme(
    "kftui-safe",
    dark=True,
    base=("#11151c", "#1a202b", "#d3d9e2", "#c9b6f2"),
    tokens=(
        "#56b4e9", "#e69f00", "#f0e442", "#5f6b7d", "#7d899b", "#ffffff",
        "#333d4d", "#56b4e9", "#e8743b", "#11151c", "#3d3a66", "#ffffff",
    ),
)  # fmt: skip

SAFE_LIGHT = _theme(
    "kftui-safe-light",
    dark=False,
    base=("#fbfaf7", "#efede7", "#23272e", "#5b3fa0"),
    tokens=(
        "#005b9a", "#a34700", "#6b5a00", "#9aa0a8", "#6a717b", "#000000",
        "#cfccc4", "#005b9a", "#a8320f", "#ffffff", "#4a4580", "#ffffff",
    ),
)  # fmt: skip

SIXTEEN = _theme(
    "kftui-16",
    dark=True,
    base=("ansi_default", "ansi_default", "ansi_default", "ansi_bright_cyan"),
    tokens=(
        "ansi_green", "ansi_red", "ansi_yellow", "ansi_bright_black", "ansi_bright_black", "ansi_bright_white",
        "ansi_bright_black", "ansi_cyan", "ansi_bright_red", "ansi_black", "ansi_white", "ansi_black",
    ),
)  # fmt: skip

THEMES = (DARK, LIGHT, SAFE, SAFE_LIGHT, SIXTEEN)
DEFAULT_THEME = DARK.name
_FEW_COLOURS = frozenset({"standard", "windows"})


def theme_for(wanted: str, color_system: str | None) -> str:
    """The theme to begin with. On a terminal of sixteen colours the default one gives way to the terminal's own
    colours; a theme that the trader chose stays.
    """
    return SIXTEEN.name if wanted == DEFAULT_THEME and color_system in _FEW_COLOURS else wanted


VARIABLE_DEFAULTS: dict[str, str] = dict(DARK.variables)
"""For ``App.get_theme_variable_defaults``: keeps ``$up`` and the rest defined under themes that are not ours."""
