"""Whether a key was pressed after what it confirms stood on the screen.

Invariant: a key that sends an order counts only if it is younger than the paint of that order. So a burst of keys, such
as a paste that the terminal does not mark as one, opens a strip at most and never confirms it.
"""

from __future__ import annotations

from textual import events
from textual.message import Message


class Seen:
    """One painted thing. Times are those that the terminal's events carry."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def painted(self) -> None:
        """It stands on the screen now; call it after the refresh."""
        if self._since_s is None:
            self._since_s = Message().time

    def forget(self) -> None:
        """Something else will stand there with the next refresh."""
        self._since_s = None

    def before(self, key: events.Key) -> bool:
        return self._since_s is not None and key.time >= self._since_s
