"""The exchange floor: time, prices and markets, which all accounts share, and who drives them.

The parts (clockwork, execution, listing ...) are functions over a ``Floor`` or over one account's ``Seat`` at it.
Invariant: within a step every change is told through ``emit``; ``flush`` adds the coalesced notes at the end, so that a
reader of the events never sees a balance before the fill that made it.
"""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Final

from tui.exchange.commands import UnknownSymbol
from tui.exchange.config import EngineConfig
from tui.exchange.driver import Driver
from tui.exchange.events import BookChanged, Event, MarksChanged, TickerChanged, Told, TradePrinted
from tui.exchange.market import Market, Underlying
from tui.exchange.views import PublicTrade

_UUID_4: Final = 4 << 76 | 0b10 << 62
_UUID_FREE: Final = (1 << 128) - 1 ^ (0b1111 << 76 | 0b11 << 62)
"""Version and variant of a random UUID (RFC 9562), and the bits beside them; ``uuid.UUID`` takes far longer."""

if TYPE_CHECKING:
    from tui.exchange.seat import Seat


class Floor:
    """See the module. ``rng`` is the market's; ids have their own stream, so that trading does not bend
    the market's path other than through the book. ``seats`` are the accounts by name; ``stirred`` those of them that
    this step has changed, ``unsaved`` those that changed since they were written down.
    """

    def __init__(self, config: EngineConfig, driver: Driver, seed: int, generation: int, now_ms: int) -> None:
        self.config = config
        self.driver = driver
        self.now_ms = now_ms
        self.generation = generation
        self.rng = Random(f"{seed}/{generation}/market")  # noqa: S311 - a game, not a secret
        self._id_rng = Random(f"{seed}/{generation}/ids")  # noqa: S311
        self.underlyings: dict[str, Underlying] = {}
        self.markets: dict[str, Market] = {}
        self.seats: dict[str, Seat] = {}
        self.stirred: dict[str, Seat] = {}
        self.unsaved: dict[str, Seat] = {}
        self.marked: dict[str, None] = {}
        self._told: list[Told] = []

    # --- telling -----------------------------------------------------------------------------------------

    def new_id(self) -> str:
        bits = self._id_rng.getrandbits(128) & _UUID_FREE | _UUID_4
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def emit(self, event: Event, account: str | None = None) -> None:
        """Tell everybody, or one account."""
        self._told.append(Told(event, account))

    def flush(self) -> tuple[Told, ...]:
        """End the step: book changes, then the notes; returns and forgets everything told."""
        for market in self.markets.values():
            if market.book.bids.changed or market.book.asks.changed:
                self._flush_book(market)
        for seat in self.stirred.values():
            seat.tell_notes()
        self.stirred.clear()
        if self.marked:
            self.emit(MarksChanged(tuple(self.marked)))
            self.marked.clear()
        told = tuple(self._told)
        self._told.clear()
        return told

    def _flush_book(self, market: Market) -> None:
        """Levels that are gone come first, so that whoever follows the changes one by one never sees it crossed."""
        book = market.book
        changed = [
            (name, tick, side.total(tick))
            for name, side in (("buy", book.bids), ("sell", book.asks))
            for tick in side.changed
        ]
        for name, tick, lots in sorted(changed, key=lambda level: level[2] > 0):
            book.seq += 1
            price, size = market.price(tick), market.size(lots)
            self.emit(BookChanged(market.instrument.symbol, name, price, size, book.seq, self.now_ms))
        book.bids.changed.clear()
        book.asks.changed.clear()

    def print_trade(
        self, market: Market, side: str, price: Decimal, size: Decimal, *, uid: str, kind: str = "fill"
    ) -> None:
        """Tell the world of a trade."""
        trade = PublicTrade(uid, market.instrument.symbol, side, price, size, self.now_ms, market.trade_seq + 1, kind)
        market.print_trade(trade)
        self.emit(TradePrinted(trade))

    @property
    def announced(self) -> Iterator[str]:
        """Whose tickers this step has told already."""
        return (event.symbol for event, _ in self._told if isinstance(event, TickerChanged))

    # --- finding -----------------------------------------------------------------------------------------

    def market(self, symbol: str) -> Market:
        """By the table's spelling. Raises ``UnknownSymbol``."""
        try:
            return self.markets[symbol]
        except KeyError:
            raise UnknownSymbol(symbol) from None

    def index(self, name: str) -> Decimal:
        return self.underlyings[name].index
