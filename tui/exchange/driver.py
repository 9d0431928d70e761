"""What moves the markets: a crowd that is made up, or another venue that is mirrored.

The engine asks its driver to list and open the markets and then, with every tick, to bring them to the present; all
else (matching, margin, funding, triggers) is the same whoever drives. Invariant: a driver changes books, prices and
modes of markets, and accounts only by the executions that follow from them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tui.exchange.instruments import Instrument
from tui.exchange.market import Market
from tui.exchange.matching import Hit

if TYPE_CHECKING:  # a floor holds its driver
    from tui.exchange.floor import Floor
    from tui.exchange.mirror.news import News


class NotMovable(Exception):
    """Nobody here can move this price; the text says whose it is."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What outlives a restart: fair values in USD by coin, and the mood of the market."""

    prices: Mapping[str, float] = field(default_factory=dict)
    mood: float = 0.0


class Driver(Protocol):
    """Prices in USD, times in ms."""

    def contracts(self, now_ms: int) -> Sequence[Instrument]:
        """What is listed at ``now_ms``."""
        ...

    def enlist(
        self, floor: "Floor", contracts: Iterable[Instrument], levels: Levels, trade_seqs: Mapping[str, int]
    ) -> None:
        """Create the underlyings and the markets of ``contracts``, with empty books, at ``levels`` if that is for this
        driver to say. ``trade_seqs`` is how far their public trades were counted.
        """
        ...

    def open(self, floor: "Floor") -> None:
        """Accounts are seated and their orders are in the books: give the markets what past and depth there is."""
        ...

    def tick(self, floor: "Floor", elapsed_ms: int, news: Iterable["News"]) -> None:
        """Time has passed, and meanwhile ``news`` was heard from outside."""
        ...

    def jump(self, floor: "Floor", underlying: str, price: float) -> None:
        """The operator moves an underlying; what follows from it in the markets follows now. Raises ``NotMovable``."""
        ...

    def felt(self, market: Market, side: str, hits: Sequence[Hit]) -> None:
        """An account's order of ``side`` has taken ``hits`` from the book."""
        ...

    @property
    def levels(self) -> Levels: ...
