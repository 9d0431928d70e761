"""What every act works with, as one value: the desk below, the app around, the one sender, the number format."""

from __future__ import annotations

from dataclasses import dataclass

from tui.screens.port import DeskPort
from tui.screens.sender import Sender
from tui.screens.stage import Stage
from tui.widgets.format import Format


@dataclass(frozen=True, slots=True)
class Tools:
    desk: DeskPort
    stage: Stage
    sender: Sender
    fmt: Format
