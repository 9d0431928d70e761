"""The engine's state in one place, and the few helpers every part of it needs.

The parts (placement, execution, risk ...) are functions over a ``Core``. Invariant: within a step every
change is told through ``emit``; ``flush`` adds the coalesced notes at the end, so that a reader of the events
never sees a balance before the fill that made it.
"""

import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from tui.exchange.account import Account
from tui.exchange.blotter import Blotter
from tui.exchange.commands import UnknownSymbol
from tui.exchange.config import EngineConfig
from tui.exchange.crowd import Crowd
from tui.exchange.events import (
    AccountLogged,
    BalancesChanged,
    BookChanged,
    Event,
    MarksChanged,
    PositionsChanged,
    TradePrinted,
)
from tui.exchange.fees import tier_for
from tui.exchange.instruments import Instrument
from tui.exchange.margin import Claim
from tui.exchange.market import Market, Underlying
from tui.exchange.pools import Exposure, exposure, flex_account, inverse_wallet
from tui.exchange.positions import ZERO, Position
from tui.exchange.prices import Spots
from tui.exchange.views import FeeTier, FlexAccount, InverseWallet, PublicTrade


@dataclass(slots=True)
class Touched:
    """What a step changed and has not told yet."""

    positions: bool = False
    flex: bool = False
    wallets: bool = False
    marks: dict[str, None] = field(default_factory=dict)


class Core:
    """See the module. ``rng`` drives the market; ids have their own stream, so that trading does not bend
    the market's path other than through the book.
    """

    def __init__(self, config: EngineConfig, seed: int, generation: int, now_ms: int) -> None:
        self.config = config
        self.now_ms = now_ms
        self.generation = generation
        self.rng = Random(f"{seed}/{generation}/market")  # noqa: S311 - a game, not a secret
        self._id_rng = Random(f"{seed}/{generation}/ids")  # noqa: S311
        self.spots = Spots(self.rng)
        self.underlyings: dict[str, Underlying] = {}
        self.markets: dict[str, Market] = {}
        self.crowds: dict[str, Crowd] = {}
        self.events: list[Event] = []
        self.touched = Touched()
        self.account = Account(config, self.new_id, lambda entry: self.emit(AccountLogged(entry)))
        self.blotter = Blotter(self.emit, self.new_id)
        self.dead_man_ms: int | None = None
        self.revision = 0

    # --- plumbing ----------------------------------------------------------------------------------------

    def new_id(self) -> str:
        return str(uuid.UUID(int=self._id_rng.getrandbits(128), version=4))

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def touch(self, instrument: Instrument, *, positions: bool = False) -> None:
        """Note that this contract's wallet (and perhaps its position) changed."""
        self.revision += 1
        self.touched.positions |= positions
        if instrument.inverse:
            self.touched.wallets = True
        else:
            self.touched.flex = True

    def flush(self) -> tuple[Event, ...]:
        """End the step: book changes, then the notes; returns and forgets everything told."""
        for market in self.markets.values():
            self._flush_book(market)
        touched, self.touched = self.touched, Touched()
        if touched.positions:
            self.emit(PositionsChanged())
        if touched.flex or touched.wallets:
            self.emit(BalancesChanged(touched.flex, touched.wallets))
        if touched.marks:
            self.emit(MarksChanged(tuple(touched.marks)))
        events = tuple(self.events)
        self.events.clear()
        return events

    def _flush_book(self, market: Market) -> None:
        """Levels that are gone come first, so that whoever follows the changes one by one never sees it crossed."""
        book = market.book
        if not (book.bids.changed or book.asks.changed):
            return
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

    # --- finding things ----------------------------------------------------------------------------------

    def market(self, symbol: str) -> Market:
        """By the table's spelling. Raises ``UnknownSymbol``."""
        try:
            return self.markets[symbol]
        except KeyError:
            raise UnknownSymbol(symbol) from None

    def index(self, name: str) -> Decimal:
        return self.underlyings[name].index

    @property
    def tier(self) -> FeeTier:
        return tier_for(self.config.fee_tiers, self.account.turnover.total(self.now_ms))

    # --- public trades -----------------------------------------------------------------------------------

    def print_trade(
        self, market: Market, side: str, price: Decimal, size: Decimal, *, uid: str, kind: str = "fill"
    ) -> None:
        """Tell the world of a trade."""
        trade = PublicTrade(uid, market.instrument.symbol, side, price, size, self.now_ms, market.trade_seq + 1, kind)
        market.print_trade(trade)
        self.emit(TradePrinted(trade))

    # --- margin ------------------------------------------------------------------------------------------

    def claims(self, symbol: str, *, without: str | None = None) -> list[Claim]:
        """What resting orders of ``symbol`` could add; ``without`` leaves one order out."""
        return [
            Claim(order.side, order.remaining, order.limit_price)
            for order in self.blotter.live.values()
            if order.symbol == symbol
            and not order.is_trigger
            and not order.reduce_only
            and order.limit_price is not None
            and order.order_id != without
        ]

    def exposure_of(
        self, market: Market, position: Position | None, claims: list[Claim], **leverage: Decimal | None
    ) -> Exposure:
        """This contract's exposure with the given position and claims, at the present mark. Pass
        ``leverage`` to ask for another than the account's preference (None = cross).
        """
        symbol = market.instrument.symbol
        return exposure(
            market.instrument,
            position,
            market.mark,
            claims=claims,
            leverage=leverage.get("leverage", self.account.leverage.get(symbol)),
            pnl_currency=self.account.pnl_currency.get(symbol, "USD"),
            multiplier=self.config.extreme_volatility_multiplier,
        )

    def exposures(self, wallet: str, replacement: Exposure | None = None) -> list[Exposure]:
        """Exposures of a wallet's contracts that hold anything; ``replacement`` stands in for its own."""
        active = set(self.account.positions) | {order.symbol for order in self.blotter.live.values()}
        rows = []
        if replacement is not None:
            active.discard(replacement.instrument.symbol)
            rows.append(replacement)
        for symbol in sorted(active):
            market = self.markets[symbol]
            if market.instrument.wallet == wallet:
                rows.append(self.exposure_of(market, self.account.positions.get(symbol), self.claims(symbol)))
        return rows

    def flex(self, replacement: Exposure | None = None, paid: Decimal = ZERO) -> FlexAccount:
        """The multi-collateral wallet now, or as it would be with ``replacement`` and ``paid`` USD more."""
        balances = self.account.flex
        if paid:
            balances = balances | {"USD": balances.get("USD", ZERO) + paid}
        return flex_account(balances, self.exposures("flex", replacement), self.index)

    def wallet(self, name: str, replacement: Exposure | None = None, paid: Decimal = ZERO) -> InverseWallet:
        """The same for a coin wallet, in coin."""
        balance = self.account.wallets.get(name, ZERO) + paid
        return inverse_wallet(name, balance, self.exposures(name, replacement), self.index)
