"""What widgets say upwards. Each message carries a value; none carries a widget to reach into."""

from __future__ import annotations

from textual.message import Message


class FocusContract(Message):
    """The trader picked a contract (``enter`` on a row): it becomes the one in hand."""

    def __init__(self, symbol: str) -> None:
        super().__init__()
        self.symbol = symbol


class LeftPrice(Message):
    """The cursor of the ladder left its price, or the ladder lost the keys: whatever was picked up is put back."""


class TableArranged(Message):
    """The trader sorted or filtered the table with this id."""

    def __init__(self, table: str) -> None:
        super().__init__()
        self.table = table


class AlertDropped(Message):
    """The trader wants no more to hear of this alert."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
