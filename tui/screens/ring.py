"""Rings outside the screen: the terminal's bell, and a notification of the desktop through the terminal.

Terminals take such notifications as escape sequences: OSC 9 (iTerm2, WezTerm, Windows Terminal, ghostty), OSC 777
(urxvt, foot, VTE) and OSC 99 (kitty). tmux swallows them unless they are wrapped, and passes the wrapped ones on only
with ``set -g allow-passthrough on``. Invariant: text from outside cannot end the sequence that it stands in, and a
storm of news rings a few times, not a hundred.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

from tui.widgets.format import printable

Desktop = Literal["off", "osc9", "osc777", "osc99"]

BELL = "\a"
LONGEST = 200
BURST, BURST_MS = 4, 10_000
_ESC, _END = "\x1b", "\x1b\\"


class Ringer:
    """At most ``BURST`` rings in ``BURST_MS``; the log has the rest."""

    def __init__(self, *, bell: bool, desktop: Desktop, in_tmux: bool) -> None:
        self._bell = bell
        self._desktop: Desktop = desktop
        self._in_tmux = in_tmux
        self._rung: deque[int] = deque(maxlen=BURST)

    def ring(self, title: str, text: str, now_ms: int) -> str:
        """What to write to the terminal, perhaps nothing."""
        if len(self._rung) == BURST and now_ms - self._rung[0] < BURST_MS:
            return ""
        self._rung.append(now_ms)
        return (BELL if self._bell else "") + notification(self._desktop, title, text, in_tmux=self._in_tmux)


def notification(desktop: Desktop, title: str, text: str, *, in_tmux: bool = False) -> str:
    title, text = (printable(part).replace(";", ",")[:LONGEST] for part in (title, text))
    match desktop:
        case "off":
            return ""
        case "osc9":
            sequence = f"{_ESC}]9;{title}: {text}{_END}"
        case "osc777":
            sequence = f"{_ESC}]777;notify;{title};{text}{_END}"
        case "osc99":
            sequence = f"{_ESC}]99;;{title}: {text}{_END}"
    return f"{_ESC}Ptmux;{sequence.replace(_ESC, _ESC * 2)}{_END}" if in_tmux else sequence
