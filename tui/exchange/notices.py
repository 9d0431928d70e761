"""What the venue tells all its clients: maintenance, settlements, a market in trouble.

Invariant: one notice reads the same on the feed and over REST but for the spelling. Source: Kraken docs, notifications.
"""

from typing import Any, Literal

from msgspec import Struct

from tui.wire.derivatives.times import to_iso


class Notice(Struct, frozen=True, kw_only=True):
    """``effective_ms`` venue time. Of high priority, ``market`` means post-only and ``maintenance`` a downtime."""

    number: int
    note: str
    type: Literal["market", "general", "new_feature", "bug_fix", "maintenance", "settlement"] = "general"
    priority: Literal["low", "medium", "high"] = "low"
    effective_ms: int
    expected_downtime_minutes: int | None = None

    def in_frame(self) -> dict[str, Any]:
        row = {
            "id": self.number,
            "type": self.type,
            "priority": self.priority,
            "note": self.note,
            "effective_time": self.effective_ms,
        }
        minutes = self.expected_downtime_minutes
        return row if minutes is None else {**row, "expected_downtime_minutes": minutes}

    def in_answer(self) -> dict[str, Any]:
        row = {
            "type": self.type,
            "priority": self.priority,
            "note": self.note,
            "effectiveTime": to_iso(self.effective_ms),
        }
        minutes = self.expected_downtime_minutes
        return row if minutes is None else {**row, "expectedDowntimeMinutes": minutes}
